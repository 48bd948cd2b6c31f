//  auth_ledger: questions to the meter, and rows without a gap.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "actors/auth/auth_ledger.h"
#include "tests/actors/auth/auth_world.h"

typedef struct {
    auth_world_t auth;
    auth_budgets_t *budgets;
    auth_ledger_t *ledger;
    auth_budget_t *budget;
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    auth_world_begin (&world.auth);
    stage_start (&world.auth.stage, "meter");
    world.budgets = auth_budgets_new ();
    world.ledger = auth_ledger_new (br_host_ctx (world.auth.stage.host, "auth"),
                                    world.budgets);
    auth_scope_t scope = { .account = "acc", .key = "k", .issued_s = 77 };
    world.budget = auth_budgets_get (world.budgets, &scope, 1);
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    auth_ledger_destroy (&world->ledger);
    auth_budgets_destroy (&world->budgets);
    auth_world_end (&world->auth);
    return 0;
}

//  The meter's answer to the newest question.
static auth_budget_t *
s_tell (world_t *world, uint64_t seq, uint64_t nusd, br_error_t *reterr)
{
    const struct br_spend_ask *ask = br_msg_fields (
        stage_last (&world->auth.stage, "meter", BR_SPEND_ASK));
    struct br_spend_told told = { .ticket = ask->ticket, .seq = seq, .nusd = nusd };
    br_msg_t *msg = br_msg_new (BR_SPEND_TOLD, (br_id_t) { 0, 0 }, 0, &told, NULL);
    auth_budget_t *budget = auth_ledger_told (world->ledger, msg, reterr);
    br_msg_destroy (&msg);
    return budget;
}

static void
a_question_is_asked_once (void **state)
{
    world_t *world = *state;
    br_error_t error;
    assert_int_equal (auth_ledger_ask (world->ledger, world->budget, &error), 0);
    assert_int_equal (auth_ledger_ask (world->ledger, world->budget, &error), 0);
    assert_string_equal (stage_heard (&world->auth.stage, "meter"), "spend.ask#0 ");
    assert_int_equal (auth_ledger_questions (world->ledger), 1);
    assert_ptr_equal (s_tell (world, 3, 9, &error), world->budget);
    assert_int_equal (error.code, BR_OK);
    assert_int_equal (auth_ledger_questions (world->ledger), 0);
    assert_int_equal (auth_spend_nusd (&world->budget->spend, 1), 9);
    assert_null (s_tell (world, 3, 9, &error)); //  nobody asks any more
}

static void
a_question_that_is_given_up_gets_no_answer (void **state)
{
    world_t *world = *state;
    br_error_t error;
    auth_ledger_ask (world->ledger, world->budget, &error);
    auth_ledger_give_up (world->ledger, world->budget);
    assert_null (s_tell (world, 3, 9, &error));
    assert_false (world->budget->spend.is_known);
    br_host_end (world->auth.stage.host, "meter");
    assert_int_equal (auth_ledger_ask (world->ledger, world->budget, &error), -1);
    assert_int_equal (error.code, BR_EGONE);
}

static void
rows_come_without_a_gap_or_nothing_is_known (void **state)
{
    world_t *world = *state;
    br_error_t error;
    br_addr_t meter = { 3, 1, 1 };
    auth_ledger_ask (world->ledger, world->budget, &error);
    s_tell (world, 3, 9, &error);
    assert_true (auth_ledger_metered (world->ledger, meter, 2)); //  again
    assert_true (auth_ledger_metered (world->ledger, meter, 4));
    assert_true (world->budget->spend.is_known);
    assert_false (auth_ledger_metered (world->ledger, meter, 6));
    assert_false (world->budget->spend.is_known);
    //  then: the same with another meter, and when its host is gone
    auth_ledger_ask (world->ledger, world->budget, &error);
    s_tell (world, 6, 9, &error);
    meter.life = 2;
    assert_false (auth_ledger_metered (world->ledger, meter, 7));
    assert_false (world->budget->spend.is_known);
    auth_ledger_ask (world->ledger, world->budget, &error);
    assert_false (auth_ledger_gone (world->ledger, 3, 1));
    assert_true (auth_ledger_gone (world->ledger, 3, 2));
    assert_int_equal (auth_ledger_questions (world->ledger), 0);
    assert_true (auth_ledger_metered (world->ledger, meter, 1));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_question_is_asked_once),
        TEST (a_question_that_is_given_up_gets_no_answer),
        TEST (rows_come_without_a_gap_or_nothing_is_known),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
