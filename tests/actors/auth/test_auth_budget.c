//  auth_budget: what fits, what waits, what never fits; and that the limit is never passed,
//  whatever the order.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "actors/auth/auth_budget.h"

static void
s_begin (auth_budget_t *budget, br_budget_range_t range, uint64_t extent)
{
    *budget = (auth_budget_t) { .range = range, .extent = extent };
    auth_spend_init (&budget->spend, extent * 1000);
}

static void
s_know (auth_budget_t *budget, uint64_t nusd, uint64_t rounds)
{
    auth_spend_asked (&budget->spend, 0);
    assert_true (auth_spend_told (&budget->spend, 0, nusd, rounds));
}

#define WANT(...) ((auth_want_t) { __VA_ARGS__ })

static auth_verdict_t
s_judge (auth_budget_t *budget, auth_want_t want, uint64_t *ret_tokens)
{
    *ret_tokens = UINT64_MAX;
    return auth_budget_judge (budget, &want, 1, ret_tokens);
}

static void
the_worst_case_is_rounded_up (void **state)
{
    (void) state;
    auth_want_t want = { .fixed_nusd = 10, .output_rate = 1 };
    assert_int_equal (auth_want_nusd (&want, 0), 10);
    assert_int_equal (auth_want_nusd (&want, 1), 11);
    assert_int_equal (auth_want_nusd (&want, 1000000), 11);
    assert_int_equal (auth_want_nusd (&want, 1000001), 12);
    want.output_rate = UINT64_MAX;
    assert_true (auth_want_nusd (&want, UINT64_MAX) == UINT64_MAX);
}

static void
nobody_is_judged_before_the_ledger_has_told (void **state)
{
    (void) state;
    auth_budget_t budget;
    uint64_t tokens;
    s_begin (&budget, BR_BUDGET_ALL, 0);
    assert_int_equal (s_judge (&budget, WANT (.limit_nusd = 5), &tokens), AUTH_WAITS);
    s_know (&budget, 3, 0);
    assert_int_equal (s_judge (&budget, WANT (.limit_nusd = 5), &tokens), AUTH_FITS);
    auth_spend_free (&budget.spend);
}

static void
what_is_spent_and_held_is_taken_off (void **state)
{
    (void) state;
    auth_budget_t budget;
    uint64_t tokens;
    s_begin (&budget, BR_BUDGET_ALL, 0);
    s_know (&budget, 40, 0);
    auth_want_t want = { .limit_nusd = 100, .fixed_nusd = 30 };
    assert_int_equal (s_judge (&budget, want, &tokens), AUTH_FITS);
    auth_call_t a = { .budget = &budget };
    auth_budget_hold (&budget, &a, 30);
    assert_int_equal (auth_budget_left (&budget, 100, 1), 30);
    assert_int_equal (s_judge (&budget, want, &tokens), AUTH_FITS);
    want.fixed_nusd = 31;
    assert_int_equal (s_judge (&budget, want, &tokens), AUTH_WAITS);
    want.fixed_nusd = 61;
    assert_int_equal (s_judge (&budget, want, &tokens), AUTH_NEVER);
    //  then: what costs nothing is no matter of money
    want = WANT (.limit_nusd = 40);
    assert_int_equal (s_judge (&budget, want, &tokens), AUTH_FITS);
    auth_budget_leave (&budget, &a);
    assert_int_equal (auth_budget_left (&budget, 100, 1), 60);
    auth_budget_leave (&budget, &a); //  once
    assert_true (auth_budget_is_idle (&budget));
    auth_spend_free (&budget.spend);
}

static void
output_is_cut_to_what_there_is_room_for (void **state)
{
    (void) state;
    auth_budget_t budget;
    uint64_t tokens;
    s_begin (&budget, BR_BUDGET_ALL, 0);
    s_know (&budget, 0, 0);
    auth_want_t want = { .limit_nusd = 1000, .fixed_nusd = 100 };
    want.output_rate = 3000000; //  3 nano-USD a token
    want.output_tokens = 300;
    want.output_least = 16;
    assert_int_equal (s_judge (&budget, want, &tokens), AUTH_FITS);
    assert_int_equal (tokens, 300);
    want.output_tokens = 400;
    assert_int_equal (s_judge (&budget, want, &tokens), AUTH_FITS);
    assert_int_equal (tokens, 300);
    assert_true (auth_want_nusd (&want, tokens) <= 1000);
    //  then: a client that chose its bound gets that or nothing
    want.output_least = 400;
    assert_int_equal (s_judge (&budget, want, &tokens), AUTH_NEVER);
    //  then: less than the least waits for what is held
    auth_call_t a = { .budget = &budget };
    auth_budget_hold (&budget, &a, 853);
    want.output_least = 16;
    assert_int_equal (s_judge (&budget, want, &tokens), AUTH_WAITS);
    auth_budget_leave (&budget, &a);
    auth_budget_hold (&budget, &a, 852);
    assert_int_equal (s_judge (&budget, want, &tokens), AUTH_FITS);
    assert_int_equal (tokens, 16);
    auth_spend_free (&budget.spend);
}

static void
a_held_call_is_a_round (void **state)
{
    (void) state;
    auth_budget_t budget;
    uint64_t tokens;
    s_begin (&budget, BR_BUDGET_ROUNDS, 0);
    s_know (&budget, 0, 8);
    auth_want_t want = { .limit_nusd = 100, .limit_rounds = 10 };
    auth_call_t a = { .budget = &budget };
    auth_call_t b = { .budget = &budget };
    auth_budget_hold (&budget, &a, 1);
    assert_int_equal (s_judge (&budget, want, &tokens), AUTH_FITS);
    auth_budget_hold (&budget, &b, 1);
    assert_int_equal (s_judge (&budget, want, &tokens), AUTH_WAITS);
    auth_spend_add (&budget.spend, 1, 1, 1, 1);
    auth_spend_add (&budget.spend, 2, 1, 1, 1);
    assert_int_equal (s_judge (&budget, want, &tokens), AUTH_NEVER);
    auth_spend_free (&budget.spend);
}

static void
while_the_ledger_is_asked_again_nobody_is_refused (void **state)
{
    (void) state;
    auth_budget_t budget;
    uint64_t tokens;
    s_begin (&budget, BR_BUDGET_DURATION, 10);
    s_know (&budget, 100, 0);
    auth_want_t want = { .limit_nusd = 100, .fixed_nusd = 1 };
    assert_int_equal (s_judge (&budget, want, &tokens), AUTH_NEVER);
    assert_int_equal (auth_budget_reset_ms (&budget, &want, 1), 9999);
    auth_spend_asked (&budget.spend, 2000);
    assert_int_equal (s_judge (&budget, want, &tokens), AUTH_WAITS);
    want.fixed_nusd = 101; //  more than it ever has
    assert_int_equal (auth_budget_reset_ms (&budget, &want, 1), 0);
    auth_spend_free (&budget.spend);
}

static void
those_that_wait_keep_their_order (void **state)
{
    (void) state;
    auth_budget_t budget;
    s_begin (&budget, BR_BUDGET_ALL, 0);
    auth_call_t calls[3] = { { .budget = &budget }, { .budget = &budget } };
    for (int i = 0; i < 3; i++)
        auth_budget_queue (&budget, &calls[i]);
    assert_int_equal (budget.waiting, 3);
    auth_budget_leave (&budget, &calls[1]);
    assert_ptr_equal (budget.first, &calls[0]);
    assert_ptr_equal (budget.first->next, &calls[2]);
    auth_budget_leave (&budget, &calls[0]);
    assert_ptr_equal (budget.first, &calls[2]);
    auth_budget_leave (&budget, &calls[2]);
    assert_null (budget.first);
    assert_null (budget.last);
    assert_true (auth_budget_is_idle (&budget));
}

//  ---- any order

#define CALLS 200
#define WORST 1000u

typedef struct {
    auth_budget_t budget;
    auth_call_t calls[CALLS];
    uint64_t costs[CALLS];
    size_t open[CALLS]; //  granted and not settled
    size_t opens;
    uint64_t spent; //  the model's
    uint64_t seq;
    size_t granted;
    size_t refused;
} model_t;

static void
s_pump (model_t *model, uint64_t limit)
{
    auth_budget_t *budget = &model->budget;
    while (budget->first) {
        auth_call_t *call = budget->first;
        uint64_t tokens;
        auth_verdict_t verdict = auth_budget_judge (budget, &call->want, 1, &tokens);
        if (verdict == AUTH_WAITS)
            return;
        auth_budget_leave (budget, call);
        if (verdict == AUTH_NEVER) {
            model->refused++;
            continue;
        }
        auth_budget_hold (budget, call, auth_want_nusd (&call->want, tokens));
        model->open[model->opens++] = (size_t) (call - model->calls);
        model->granted++;
        assert_true (model->spent + budget->held_nusd <= limit);
    }
}

//  When a row is told again, and the sum of the ledger comes in between, it counts once.
static void
s_settle (model_t *model, size_t place)
{
    size_t i = model->open[place];
    model->open[place] = model->open[--model->opens];
    auth_spend_t *spend = &model->budget.spend;
    model->spent += model->costs[i];
    model->seq++;
    if (rand () % 5 == 0)
        auth_spend_asked (spend, 1);
    auth_spend_add (spend, model->seq, model->costs[i], 1, 1);
    if (rand () % 3 == 0)
        auth_spend_add (spend, model->seq, model->costs[i], 1, 1);
    auth_budget_leave (&model->budget, &model->calls[i]);
    if (spend->is_asked && rand () % 2)
        assert_true (auth_spend_told (spend, model->seq, model->spent, 0));
    assert_int_equal (auth_spend_nusd (spend, 1), model->spent);
}

static void
s_play (model_t *model, uint64_t limit, bool is_dearest)
{
    memset (model, 0, sizeof *model);
    s_begin (&model->budget, BR_BUDGET_ALL, 0);
    s_know (&model->budget, 0, 0);
    for (size_t asked = 0; asked < CALLS || model->opens;) {
        if (asked < CALLS && (!model->opens || rand () % 2)) {
            auth_call_t *call = &model->calls[asked];
            call->budget = &model->budget;
            call->want = WANT (.limit_nusd = limit, .fixed_nusd = WORST);
            model->costs[asked] = is_dearest ? WORST : WORST / 10;
            auth_budget_queue (&model->budget, call);
            asked++;
        } else
            s_settle (model, (size_t) rand () % model->opens);
        s_pump (model, limit);
    }
    if (model->budget.spend.is_asked) {
        assert_true (auth_spend_told (&model->budget.spend, model->seq, model->spent, 0));
        s_pump (model, limit);
    }
    while (model->opens) {
        s_settle (model, 0);
        s_pump (model, limit);
    }
    auth_spend_free (&model->budget.spend);
}

static void
in_any_order_exactly_fifty_of_two_hundred_are_granted (void **state)
{
    (void) state;
    static model_t model;
    for (unsigned seed = 1; seed <= 300; seed++) {
        srand (seed);
        s_play (&model, 50 * WORST, true);
        if (model.budget.waiting)
            fail_msg ("seed %u: %zu wait for ever", seed, model.budget.waiting);
        assert_int_equal (model.granted, 50);
        assert_int_equal (model.refused, 150);
        assert_int_equal (model.spent, 50 * WORST);
    }
}

//  Given calls that cost a tenth of what they hold, then those that wait fill the budget to
//  within one worst case.
static void
cheap_calls_fill_a_budget_and_never_pass_it (void **state)
{
    (void) state;
    static model_t model;
    for (unsigned seed = 1; seed <= 300; seed++) {
        srand (seed);
        s_play (&model, 10 * WORST, false);
        assert_true (model.spent <= 10 * WORST);
        assert_true (model.spent + WORST > 10 * WORST);
        assert_int_equal (model.granted + model.refused, CALLS);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (the_worst_case_is_rounded_up),
        cmocka_unit_test (nobody_is_judged_before_the_ledger_has_told),
        cmocka_unit_test (what_is_spent_and_held_is_taken_off),
        cmocka_unit_test (output_is_cut_to_what_there_is_room_for),
        cmocka_unit_test (a_held_call_is_a_round),
        cmocka_unit_test (while_the_ledger_is_asked_again_nobody_is_refused),
        cmocka_unit_test (those_that_wait_keep_their_order),
        cmocka_unit_test (in_any_order_exactly_fifty_of_two_hundred_are_granted),
        cmocka_unit_test (cheap_calls_fill_a_budget_and_never_pass_it),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
