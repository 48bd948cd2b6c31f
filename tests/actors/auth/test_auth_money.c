//  auth_money: what is granted, what waits, what is refused, and what brings it back.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "tests/actors/auth/auth_world.h"

static int
s_setup (void **state)
{
    static auth_world_t world;
    auth_world_begin (&world);
    stage_start (&world.stage, "meter");
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    auth_world_end (*state);
    return 0;
}

//  The first use of the budget, after which the ledger has told.
static void
s_know (auth_world_t *world, uint64_t seq, uint64_t nusd)
{
    assert_null (auth_world_ask (world, 1));
    auth_world_spend (world, seq, nusd, 0);
}

static void
the_first_use_asks_the_ledger (void **state)
{
    auth_world_t *world = *state;
    assert_null (auth_world_ask (world, 1));
    assert_null (auth_world_ask (world, 2));
    assert_string_equal (stage_heard (&world->stage, "meter"), "spend.ask#0 ");
    const struct br_spend_ask *ask = br_msg_fields (
        stage_last (&world->stage, "meter", BR_SPEND_ASK));
    assert_string_equal (ask->account, "acc");
    assert_string_equal (ask->key, "k");
    assert_int_equal (ask->since_ms, 1000000);
    auth_world_spend (world, 5, 85, 0);
    assert_int_equal (auth_world_answers (world), 1); //  the other one waits, for a tick
    assert_int_equal (auth_world_told (world, NULL)->code, BR_OK);
    assert_int_equal (auth_world_told (world, NULL)->held_nusd, 10);
    assert_int_equal (auth_world_told (world, NULL)->left_nusd, 5);
}

static void
an_accounts_budget_counts_all_of_its_credentials (void **state)
{
    auth_world_t *world = *state;
    world->ask.budget_scope = BR_BUDGET_ACCOUNT;
    s_know (world, 0, 0);
    const struct br_spend_ask *ask = br_msg_fields (
        stage_last (&world->stage, "meter", BR_SPEND_ASK));
    assert_string_equal (ask->key, "");
    assert_int_equal (ask->since_ms, 0);
    auth_world_meter (world, 1, 1, 9, BR_OUTCOME_OK);
    world->ask.key = "other";
    assert_int_equal (auth_world_ask (world, 2)->left_nusd, 81);
}

//  One key counts all there ever was, another one the last hour, of the same account.
static void
what_is_held_over_another_range_is_held (void **state)
{
    auth_world_t *world = *state;
    world->ask.budget_scope = BR_BUDGET_ACCOUNT;
    world->ask.wait_ms = 1000;
    world->ask.fixed_nusd = 60;
    s_know (world, 0, 0);
    world->ask.key = "other";
    world->ask.budget_range = BR_BUDGET_DURATION;
    world->ask.budget_extent = 3600;
    assert_null (auth_world_ask (world, 2));
    auth_world_spend (world, 0, 0, 0);
    stage_pass (&world->stage, 100);
    assert_int_equal (auth_world_answers (world), 0);
    auth_world_meter (world, 1, 1, 40, BR_OUTCOME_OK);
    uint64_t call;
    assert_int_equal (auth_world_told (world, &call)->code, BR_OK);
    assert_int_equal (call, 2);
}

static void
what_nobody_knows_the_cost_of_has_cost_what_it_held (void **state)
{
    auth_world_t *world = *state;
    s_know (world, 0, 0);
    assert_int_equal (auth_world_ask (world, 2)->left_nusd, 80);
    assert_int_equal (auth_world_ask (world, 3)->left_nusd, 70);
    world->cost_unknown = true;
    auth_world_meter (world, 1, 1, 0, BR_OUTCOME_OK);
    auth_world_meter (world, 2, 2, 0, BR_OUTCOME_CANCELLED);
    auth_world_meter (world, 3, 3, 0, BR_OUTCOME_FAILED);
    auth_world_meter (world, 9, 4, 0, BR_OUTCOME_OK); //  a call that held nothing
    assert_int_equal (auth_world_ask (world, 4)->left_nusd, 70);
}

static void
a_spent_budget_is_refused_at_once (void **state)
{
    auth_world_t *world = *state;
    world->ask.wait_ms = 30000;
    s_know (world, 3, 91);
    const struct br_budget_told *told = auth_world_told (world, NULL);
    assert_int_equal (told->code, BR_EBUDGET);
    assert_int_equal (told->left_nusd, 9);
    assert_int_equal (told->retry_ms, 0);
    assert_non_null (strstr (told->error, "it does not reset"));
    //  then: the event is raised once a second
    assert_int_equal (auth_world_ask (world, 2)->code, BR_EBUDGET);
    stage_pass (&world->stage, 10);
    const char *events = br_buf_text (&world->stage.events);
    const char *event = strstr (events, "budget.reached");
    assert_non_null (event);
    assert_non_null (strstr (event, "\"account\":\"acc\",\"key\":\"k\",\"scope\":"
                                    "\"session\",\"range\":\"all\",\"limit_nusd\":100,"
                                    "\"spent_nusd\":91,\"held_nusd\":0,\"reset_ms\":0"));
    assert_null (strstr (event + 1, "budget.reached"));
}

//  ---- waiting

//  An answer that a guardrail blocked was given by the provider.
static void
what_a_guardrail_blocked_is_spent (void **state)
{
    auth_world_t *world = *state;
    world->ask.fixed_nusd = 60;
    s_know (world, 0, 0);
    world->code = BR_EUPGUARD;
    auth_world_meter (world, 1, 1, 40, BR_OUTCOME_FAILED);
    world->code = BR_OK;
    world->ask.fixed_nusd = 0;
    assert_int_equal (auth_world_ask (world, 2)->left_nusd, 60);
}

static void
what_waits_goes_when_others_have_settled (void **state)
{
    auth_world_t *world = *state;
    uint64_t call;
    world->ask.wait_ms = 1000;
    world->ask.fixed_nusd = 60;
    s_know (world, 0, 0);
    assert_null (auth_world_ask (world, 2));
    assert_null (auth_world_ask (world, 3));
    auth_world_meter (world, 1, 1, 40, BR_OUTCOME_OK);
    assert_int_equal (auth_world_answers (world), 1);
    assert_int_equal (auth_world_told (world, &call)->code, BR_OK);
    assert_int_equal (call, 2);
    //  then: a failed call costs nothing, whatever its row says
    auth_world_meter (world, 2, 2, 60, BR_OUTCOME_FAILED);
    assert_int_equal (auth_world_told (world, &call)->code, BR_OK);
    assert_int_equal (call, 3);
    assert_int_equal (auth_world_told (world, &call)->left_nusd, 0);
    //  then: a row that comes again counts once
    auth_world_meter (world, 1, 1, 40, BR_OUTCOME_OK);
    auth_world_meter (world, 3, 3, 60, BR_OUTCOME_OK);
    world->ask.fixed_nusd = 0;
    assert_int_equal (auth_world_ask (world, 4)->left_nusd, 0);
}

static void
what_waits_too_long_is_refused (void **state)
{
    auth_world_t *world = *state;
    world->ask.wait_ms = 500;
    world->ask.fixed_nusd = 60;
    s_know (world, 0, 0);
    assert_null (auth_world_ask (world, 2));
    stage_pass (&world->stage, 400);
    assert_int_equal (auth_world_answers (world), 0);
    stage_pass (&world->stage, 200);
    assert_int_equal (auth_world_answers (world), 1);
    assert_int_equal (auth_world_told (world, NULL)->code, BR_EBUDGET);
    assert_non_null (
        strstr (auth_world_told (world, NULL)->error, "have not settled in"));
}

static void
who_never_fits_does_not_wait_behind_others (void **state)
{
    auth_world_t *world = *state;
    world->ask.wait_ms = 500;
    world->ask.fixed_nusd = 60;
    s_know (world, 0, 0);
    assert_null (auth_world_ask (world, 2));
    world->ask.fixed_nusd = 101;
    assert_int_equal (auth_world_ask (world, 3)->code, BR_EBUDGET);
}

static void
who_has_no_time_does_not_wait (void **state)
{
    auth_world_t *world = *state;
    world->ask.fixed_nusd = 60;
    s_know (world, 0, 0);
    assert_int_equal (auth_world_ask (world, 2)->code, BR_EBUDGET);
    assert_int_equal (auth_world_told (world, NULL)->left_nusd, 40);
}

static void
a_drop_gives_back_what_was_held (void **state)
{
    auth_world_t *world = *state;
    uint64_t call;
    world->ask.wait_ms = 500;
    world->ask.fixed_nusd = 60;
    s_know (world, 0, 0);
    assert_null (auth_world_ask (world, 2));
    assert_null (auth_world_ask (world, 3));
    stage_send (&world->stage, "ingress", world->auth, BR_BUDGET_DROP, 2, 0, NULL, NULL);
    stage_send (&world->stage, "router", world->auth, BR_BUDGET_DROP, 1, 0, NULL, NULL);
    assert_int_equal (auth_world_answers (world), 0); //  only who has asked may drop
    stage_send (&world->stage, "ingress", world->auth, BR_BUDGET_DROP, 1, 0, NULL, NULL);
    assert_int_equal (auth_world_answers (world), 1);
    auth_world_told (world, &call);
    assert_int_equal (call, 3);
    stage_send (&world->stage, "ingress", world->auth, BR_BUDGET_DROP, 77, 0, NULL, NULL);
    stage_settle (&world->stage);
}

static void
exactly_fifty_of_two_hundred_are_granted (void **state)
{
    auth_world_t *world = *state;
    world->ask.budget_nusd = 500;
    world->ask.wait_ms = 60000;
    int granted = 0;
    int refused = 0;
    bool known = false;
    for (uint64_t call = 1; call <= 200; call++) {
        const struct br_budget_told *told = auth_world_ask (world, call);
        granted += told && told->code == BR_OK;
        if (call == 20) {
            auth_world_spend (world, 0, 0, 0);
            granted += auth_world_answers (world);
            known = true;
        }
        assert_true (known || granted == 0);
    }
    assert_int_equal (granted, 50);
    for (uint64_t call = 1; call <= 50; call++) {
        auth_world_meter (world, call, call, 10, BR_OUTCOME_OK);
        int answers = auth_world_answers (world);
        assert_true (!answers || auth_world_told (world, NULL)->code == BR_EBUDGET);
        refused += answers;
    }
    assert_int_equal (refused, 150);
}

//  Calls that cost 10 at the worst, of which 10 would fit.
typedef struct {
    uint64_t open[1000]; //  that were granted and have not ended
    size_t opens;
    uint64_t asked; //  calls, count
    uint64_t spent;
    uint64_t seq;
    bool is_spent; //  one was refused
} model_t;

//  Notes the calls that were answered: until the first refusal all of them were granted. The
//  attempt is the number of the call.
static void
s_note (auth_world_t *world, model_t *model)
{
    const char *at = strstr (stage_heard (&world->stage, "ingress"), "budget.told#");
    for (; at; at = strstr (at + 1, "budget.told#"))
        model->open[model->opens++] = strtoull (at + 12, NULL, 10);
    const struct br_budget_told *told = auth_world_told (world, NULL);
    model->is_spent = told && told->code != BR_OK;
}

static void
s_shown (auth_world_t *world, const model_t *model)
{
    char *text = auth_world_admin (world, "budgets");
    cJSON *json = cJSON_Parse (text);
    const cJSON *row = cJSON_GetArrayItem (json, 0);
    double spent = cJSON_GetNumberValue (cJSON_GetObjectItem (row, "spent_nusd"));
    double held = cJSON_GetNumberValue (cJSON_GetObjectItem (row, "held_nusd"));
    assert_int_equal ((int) spent, model->spent);
    if (!model->is_spent)
        assert_int_equal ((int) held, 10 * model->opens);
    assert_true (spent + held <= 100);
    cJSON_Delete (json);
    free (text);
}

static void
s_ask_one (auth_world_t *world, model_t *model)
{
    model->asked++;
    stage_send (&world->stage, "ingress", world->auth, BR_BUDGET_ASK, model->asked,
                (uint32_t) model->asked, &world->ask, NULL);
}

static void
s_end_one (auth_world_t *world, model_t *model)
{
    size_t place = (size_t) rand () % model->opens;
    uint64_t call = model->open[place];
    model->open[place] = model->open[--model->opens];
    if (rand () % 4 == 0) {
        stage_send (&world->stage, "ingress", world->auth, BR_BUDGET_DROP, call, 0, NULL,
                    NULL);
        return;
    }
    bool has_failed = rand () % 4 == 0;
    uint64_t cost = (uint64_t) rand () % 11;
    model->spent += has_failed ? 0 : cost;
    auth_world_meter (world, call, ++model->seq, cost,
                      has_failed ? BR_OUTCOME_FAILED : BR_OUTCOME_OK);
    if (rand () % 3 == 0)
        auth_world_meter (world, call, model->seq, cost, BR_OUTCOME_OK); //  again
    if (rand () % 5)
        return;
    model->seq += 2; //  a row is missed, and the ledger is asked
    auth_world_meter (world, 9000, model->seq, 0, BR_OUTCOME_FAILED);
    s_ask_one (world, model);
    auth_world_spend (world, model->seq, model->spent, 0);
}

static void
s_play (auth_world_t *world)
{
    model_t model = { .seq = 10, .asked = 1 };
    s_know (world, model.seq, 0);
    stage_heard (&world->stage, "ingress");
    model.open[model.opens++] = 1;
    world->ask.wait_ms = 1000;
    while (!model.is_spent && model.asked < 900) {
        if (model.opens && rand () % 2)
            s_end_one (world, &model);
        else
            s_ask_one (world, &model);
        s_note (world, &model);
        s_shown (world, &model);
    }
    assert_true (model.is_spent);
    assert_true (model.spent > 90);
}

//  Given words in any order, some again and some missed, then what is spent and held is never
//  over the limit, and nobody is refused while there is room.
static void
in_any_order_the_limit_holds (void **state)
{
    auth_world_t *world = *state;
    for (unsigned seed = 1; seed <= 20; seed++) {
        srand (seed);
        s_play (world);
        auth_world_end (world);
        auth_world_begin (world);
        stage_start (&world->stage, "meter");
    }
}

//  ---- ranges

static void
rounds_end_a_budget_too (void **state)
{
    auth_world_t *world = *state;
    world->ask.budget_range = BR_BUDGET_ROUNDS;
    world->ask.budget_extent = 2;
    world->ask.wait_ms = 500;
    s_know (world, 0, 0);
    assert_int_equal (auth_world_ask (world, 2)->code, BR_OK);
    assert_null (auth_world_ask (world, 3));
    auth_world_meter (world, 1, 1, 1, BR_OUTCOME_CANCELLED);
    assert_int_equal (auth_world_answers (world), 1); //  that was no round
    auth_world_meter (world, 2, 2, 1, BR_OUTCOME_OK);
    assert_null (auth_world_ask (world, 4));
    auth_world_meter (world, 3, 3, 1, BR_OUTCOME_OK);
    assert_int_equal (auth_world_told (world, NULL)->code, BR_EBUDGET);
    assert_non_null (strstr (auth_world_told (world, NULL)->error, "2 of 2 rounds"));
}

static void
a_window_resets (void **state)
{
    auth_world_t *world = *state;
    world->ask.budget_range = BR_BUDGET_DURATION;
    world->ask.budget_extent = 10;
    s_know (world, 0, 0);
    auth_world_meter (world, 1, 1, 95, BR_OUTCOME_OK);
    stage_pass (&world->stage, 4000);
    const struct br_budget_told *told = auth_world_ask (world, 2);
    assert_int_equal (told->code, BR_EBUDGET);
    assert_int_equal (told->retry_ms, 6000);
    stage_pass (&world->stage, 6000);
    assert_int_equal (auth_world_ask (world, 3)->code, BR_OK);
    assert_string_equal (stage_heard (&world->stage, "meter"), "spend.ask#0 ");
}

//  Given spending from before the first use, then the ledger is asked again when that is in
//  the way.
static void
a_window_of_old_spending_is_asked_again (void **state)
{
    auth_world_t *world = *state;
    world->ask.budget_range = BR_BUDGET_DURATION;
    world->ask.budget_extent = 100;
    s_know (world, 7, 95);
    assert_int_equal (auth_world_told (world, NULL)->code, BR_EBUDGET);
    assert_int_equal (auth_world_ask (world, 2)->code, BR_EBUDGET);
    stage_pass (&world->stage, AUTH_REFRESH_MS);
    assert_null (auth_world_ask (world, 3));
    auth_world_spend (world, 7, 50, 0);
    assert_int_equal (auth_world_told (world, NULL)->code, BR_OK);
    assert_int_equal (auth_world_told (world, NULL)->left_nusd, 40);
}

//  ---- the ledger

static void
a_ledger_that_is_silent_refuses (void **state)
{
    auth_world_t *world = *state;
    assert_null (auth_world_ask (world, 1));
    stage_pass (&world->stage, 4900);
    assert_int_equal (auth_world_answers (world), 0);
    stage_pass (&world->stage, 200);
    assert_int_equal (auth_world_answers (world), 1);
    const struct br_budget_told *told = auth_world_told (world, NULL);
    assert_int_equal (br_code_status (told->code), 503);
    assert_non_null (strstr (told->error, "ledger cannot be read"));
    //  then: the next one asks again
    assert_null (auth_world_ask (world, 2));
    auth_world_spend (world, 1, 0, 0);
    assert_int_equal (auth_world_answers (world), 1);
}

static void
a_ledger_without_a_sum_refuses (void **state)
{
    auth_world_t *world = *state;
    assert_null (auth_world_ask (world, 1));
    const struct br_spend_ask *ask = br_msg_fields (
        stage_last (&world->stage, "meter", BR_SPEND_ASK));
    struct br_spend_told told = { .ticket = ask->ticket, .code = BR_ESYSTEM };
    told.error = "disk";
    stage_send (&world->stage, "meter", world->auth, BR_SPEND_TOLD, 0, 0, &told, NULL);
    assert_int_equal (auth_world_answers (world), 1);
    assert_int_equal (br_code_status (auth_world_told (world, NULL)->code), 503);
    stage_send (&world->stage, "meter", world->auth, BR_SPEND_TOLD, 0, 0, &told, NULL);
    stage_settle (&world->stage); //  an answer to nobody
}

static void
without_a_meter_calls_are_refused (void **state)
{
    auth_world_t *world = *state;
    br_host_end (world->stage.host, "meter");
    assert_int_equal (br_code_status (auth_world_ask (world, 1)->code), 503);
}

//  Given a row that was missed, then the ledger is asked before anybody is granted.
static void
a_gap_in_the_rows_asks_the_ledger_again (void **state)
{
    auth_world_t *world = *state;
    s_know (world, 5, 0);
    auth_world_meter (world, 1, 6, 1, BR_OUTCOME_OK);
    assert_int_equal (auth_world_ask (world, 2)->left_nusd, 89);
    auth_world_meter (world, 99, 8, 1, BR_OUTCOME_OK);
    assert_null (auth_world_ask (world, 3));
    auth_world_spend (world, 8, 70, 0);
    assert_int_equal (auth_world_told (world, NULL)->code, BR_OK);
    assert_int_equal (auth_world_told (world, NULL)->left_nusd, 10);
}

//  ---- holds that are told again, hosts that are gone

static void
s_hold (auth_world_t *world, uint64_t call, uint64_t nusd)
{
    struct br_budget_hold hold = { .account = "acc", .key = "k", .issued_s = 1000 };
    hold.budget_nusd = 100;
    hold.held_nusd = nusd;
    stage_send (&world->stage, "ingress", world->auth, BR_BUDGET_HOLD, call, 0, &hold,
                NULL);
    stage_settle (&world->stage);
}

static void
holds_are_told_again (void **state)
{
    auth_world_t *world = *state;
    s_hold (world, 50, 60);
    s_hold (world, 50, 60); //  again: once
    s_know (world, 0, 0);
    assert_int_equal (auth_world_told (world, NULL)->left_nusd, 30);
    auth_world_meter (world, 50, 1, 5, BR_OUTCOME_OK);
    assert_int_equal (auth_world_ask (world, 2)->left_nusd, 75);
    //  then: what is told of a call that was metered comes late
    s_hold (world, 50, 60);
    assert_int_equal (auth_world_ask (world, 3)->left_nusd, 65);
}

static void
a_hold_that_nobody_ends_comes_back (void **state)
{
    auth_world_t *world = *state;
    s_hold (world, 50, 60);
    s_know (world, 0, 0);
    stage_pass (&world->stage, AUTH_DOUBTFUL_MS + 2000);
    assert_int_equal (auth_world_ask (world, 2)->left_nusd, 80); //  that of 1 stays
}

static void
a_call_that_is_lost_holds_until_it_is_settled (void **state)
{
    auth_world_t *world = *state;
    s_know (world, 0, 0);
    auth_world_meter (world, 1, 1, 0, BR_OUTCOME_LOST);
    assert_int_equal (auth_world_ask (world, 2)->left_nusd, 80);
    auth_world_meter (world, 1, 2, 5, BR_OUTCOME_OK);
    assert_int_equal (auth_world_ask (world, 3)->left_nusd, 75);
    //  then: one that nobody settles does not hold for ever
    auth_world_meter (world, 3, 3, 0, BR_OUTCOME_LOST);
    stage_pass (&world->stage, AUTH_DOUBTFUL_MS + 2000);
    assert_int_equal (auth_world_ask (world, 4)->left_nusd, 75);
}

static void
holds_of_a_host_that_is_gone_come_back (void **state)
{
    auth_world_t *world = *state;
    s_know (world, 0, 0);
    world->ask.budget_nusd = 30;
    br_msg_t *msg = br_msg_new (BR_BUDGET_ASK, (br_id_t) { 9, 9 }, 0, &world->ask, NULL);
    msg->from = (br_addr_t) { 2, 1, 1 };
    msg->to = world->auth;
    assert_int_equal (br_host_post (world->stage.host, &msg, NULL), 0);
    stage_settle (&world->stage);
    assert_non_null (strstr (br_buf_text (&world->stage.far), "budget.told"));
    assert_int_equal (auth_world_ask (world, 2)->left_nusd, 0);
    br_host_gone (world->stage.host, 2, 9); //  another life
    br_host_gone (world->stage.host, 2, 1);
    world->ask.wait_ms = 60000;
    assert_null (auth_world_ask (world, 3));
    stage_pass (&world->stage, AUTH_GRACE_MS - 1000);
    assert_int_equal (auth_world_answers (world), 0);
    stage_pass (&world->stage, 2100);
    assert_int_equal (auth_world_answers (world), 1);
    assert_int_equal (auth_world_told (world, NULL)->code, BR_OK);
}

static void
an_answer_that_nobody_gets_holds_nothing (void **state)
{
    auth_world_t *world = *state;
    s_know (world, 0, 0);
    world->stage.far_gone = true;
    br_msg_t *msg = br_msg_new (BR_BUDGET_ASK, (br_id_t) { 9, 9 }, 0, &world->ask, NULL);
    msg->from = (br_addr_t) { 2, 1, 1 };
    msg->to = world->auth;
    assert_int_equal (br_host_post (world->stage.host, &msg, NULL), 0);
    assert_int_equal (auth_world_ask (world, 2)->left_nusd, 80);
}

static void
a_question_that_is_asked_again_counts_once (void **state)
{
    auth_world_t *world = *state;
    s_know (world, 0, 0);
    assert_int_equal (auth_world_ask (world, 2)->left_nusd, 80);
    assert_int_equal (auth_world_ask (world, 2)->left_nusd, 80);
    //  then: what makes no sense is refused
    world->ask.budget_range = 77;
    assert_true (auth_world_ask (world, 3)->code != BR_OK);
}

static void
the_operator_sees_budgets (void **state)
{
    auth_world_t *world = *state;
    s_know (world, 4, 20);
    char *text = auth_world_admin (world, "budgets");
    assert_non_null (
        strstr (text, "\"limit_nusd\":100,\"spent_nusd\":20,\"held_nusd\":10"));
    assert_true (text[0] == '[' && text[strlen (text) - 1] == ']');
    free (text);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (the_first_use_asks_the_ledger),
        TEST (an_accounts_budget_counts_all_of_its_credentials),
        TEST (what_is_held_over_another_range_is_held),
        TEST (what_nobody_knows_the_cost_of_has_cost_what_it_held),
        TEST (a_spent_budget_is_refused_at_once),
        TEST (what_a_guardrail_blocked_is_spent),
        TEST (what_waits_goes_when_others_have_settled),
        TEST (what_waits_too_long_is_refused),
        TEST (who_never_fits_does_not_wait_behind_others),
        TEST (who_has_no_time_does_not_wait),
        TEST (a_drop_gives_back_what_was_held),
        TEST (exactly_fifty_of_two_hundred_are_granted),
        TEST (in_any_order_the_limit_holds),
        TEST (rounds_end_a_budget_too),
        TEST (a_window_resets),
        TEST (a_window_of_old_spending_is_asked_again),
        TEST (a_ledger_that_is_silent_refuses),
        TEST (a_ledger_without_a_sum_refuses),
        TEST (without_a_meter_calls_are_refused),
        TEST (a_gap_in_the_rows_asks_the_ledger_again),
        TEST (holds_are_told_again),
        TEST (a_hold_that_nobody_ends_comes_back),
        TEST (a_call_that_is_lost_holds_until_it_is_settled),
        TEST (holds_of_a_host_that_is_gone_come_back),
        TEST (an_answer_that_nobody_gets_holds_nothing),
        TEST (a_question_that_is_asked_again_counts_once),
        TEST (the_operator_sees_budgets),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
