//  meter_news: what auth and metrics hear of rows, and what they may ask.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/ctx.h"
#include "broker/proto/attribution.h"
#include "broker/proto/tries.h"
#include "actors/meter/meter.h"
#include "tests/actors/meter/meter_world.h"

//  A settle of somebody, whose first attempt was charged for, too.
static void
s_settle_coded (world_t *world, uint64_t lo, const char *account, unsigned outcome,
                br_code_t code)
{
    br_buf_t who, tries;
    br_attribution_t attribution;
    br_attribution_init (&attribution);
    attribution.account = account;
    attribution.key = "key-1";
    br_buf_init (&who, BR_ATTRIBUTION_MAX);
    br_buf_init (&tries, 4096);
    br_attribution_write (&attribution, &who);
    br_try_t row = {
        .attempt = 1, .provider = "openai", .endpoint = "", .model = "gpt-4o"
    };
    row.usage.output = 10;
    br_tries_add (&tries, &row);
    row.attempt = 2;
    row.usage.output = 100;
    br_tries_add (&tries, &row);
    struct br_call_settle settle = scratch_settle ();
    settle.outcome = outcome;
    settle.code = code;
    settle.attempts = 2;
    settle.who = (br_bytes_t) { who.data, who.size };
    settle.tries = (br_bytes_t) { tries.data, tries.size };
    br_ctx_send (br_host_ctx (world->host, "router"), world->meter, BR_CALL_SETTLE,
                 (br_id_t) { 1, lo }, 1, &settle, NULL);
    world_pass (world, 0);
    br_buf_free (&who);
    br_buf_free (&tries);
}

static void
s_settle_of (world_t *world, uint64_t lo, const char *account, unsigned outcome)
{
    s_settle_coded (world, lo, account, outcome, BR_OK);
}

//  The provider has given it: who asked for it owes it.
static void
an_answer_that_a_guardrail_blocked_is_owed (void **state)
{
    world_t *world = *state;
    s_settle_coded (world, 1, "acme", BR_OUTCOME_FAILED, BR_EUPGUARD);
    s_settle_coded (world, 2, "acme", BR_OUTCOME_FAILED, BR_EUPCUT);
    world_pass (world, METER_TICK_MS);
    assert_string_equal (world->auth->notes,
                         "1 call 1 acme failed cost 3500000 operator 3600000;"
                         "2 call 2 acme failed cost 0 operator 3600000;");
}

static void
auth_and_metrics_are_told_of_each_row_in_order (void **state)
{
    world_t *world = *state;
    struct br_call_intent intent = scratch_intent ();
    s_settle_of (world, 1, "acme", BR_OUTCOME_OK);
    s_settle_of (world, 2, "acme", BR_OUTCOME_FAILED);
    assert_string_equal (world->auth->notes, "");
    world_pass (world, METER_TICK_MS);
    assert_string_equal (world->auth->notes,
                         "1 call 1 acme ok cost 3500000 operator 3600000;"
                         "2 call 2 acme failed cost 0 operator 3600000;");
    assert_string_equal (world->metrics->notes, world->auth->notes);
    //  one that is asked again comes again, as it was
    world->auth->notes[0] = '\0';
    s_settle_of (world, 1, "other", BR_OUTCOME_FAILED);
    world_pass (world, METER_TICK_MS);
    assert_non_null (strstr (world->auth->notes, "1 call 1 "));
    assert_non_null (strstr (world->auth->notes, "cost 3500000 operator 3600000;"));
    //  and one that is lost
    world->auth->notes[0] = '\0';
    world_arrive (world, 7, BR_CALL_INTENT, 3, &intent);
    world_pass (world, METER_TICK_MS);
    br_host_gone (world->host, 7, 1);
    world_pass (world, 0);
    world_pass (world, 1000);
    assert_string_equal (world->auth->notes, "3 call 3  lost cost unknown operator 0;");
}

static void
what_was_spent_is_told_up_to_a_seq (void **state)
{
    world_t *world = *state;
    s_settle_of (world, 1, "acme", BR_OUTCOME_OK);
    s_settle_of (world, 2, "acme", BR_OUTCOME_FAILED);
    s_settle_of (world, 3, "other", BR_OUTCOME_OK);
    assert_string_equal (world_spent (world, "acme", ""),
                         "ticket 5 code 0 seq 0 nusd 0 rounds 0");
    world_pass (world, METER_TICK_MS);
    assert_string_equal (world_spent (world, "acme", ""),
                         "ticket 5 code 0 seq 3 nusd 3500000 rounds 1");
    assert_string_equal (world_spent (world, "acme", "key-1"),
                         "ticket 5 code 0 seq 3 nusd 3500000 rounds 1");
    assert_string_equal (world_spent (world, "acme", "key-2"),
                         "ticket 5 code 0 seq 3 nusd 0 rounds 0");
}

static void
without_a_ledger_the_question_is_answered_with_why (void **state)
{
    world_t *world = *state;
    assert_non_null (strstr (world_spent (world, "acme", ""), "no ledger is open yet"));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (auth_and_metrics_are_told_of_each_row_in_order,
                                         world_setup, world_teardown),
        cmocka_unit_test_setup_teardown (an_answer_that_a_guardrail_blocked_is_owed,
                                         world_setup, world_teardown),
        cmocka_unit_test_setup_teardown (what_was_spent_is_told_up_to_a_seq, world_setup,
                                         world_teardown),
        cmocka_unit_test_setup_teardown (
            without_a_ledger_the_question_is_answered_with_why, world_setup_bare,
            world_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
