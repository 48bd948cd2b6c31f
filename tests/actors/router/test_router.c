//  router: whole calls on a host, the other roles played by peers.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/pairs.h"
#include "broker/proto/candidates.h"
#include "actors/router/router.h"
#include "actors/router/router_settle.h"
#include "tests/actors/stage.h"

typedef struct {
    stage_t stage;
    br_addr_t router;
    const char *providers; //  of the calls that are opened: "ab"
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    stage_begin (&world.stage, &br_router_actor, false);
    world.router = stage_start (&world.stage, "router");
    stage_start (&world.stage, "meter");
    stage_start (&world.stage, "upstream/a");
    stage_start (&world.stage, "upstream/b");
    world.providers = "ab";
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    stage_end (&world->stage);
    return 0;
}

static void
s_open (world_t *world, uint64_t number)
{
    br_buf_t candidates;
    br_buf_init (&candidates, BR_PAIRS_MAX);
    for (const char *at = world->providers; *at; at++) {
        char provider[] = { *at, 0 };
        char actor[] = { 'u', 'p', 's', 't', 'r', 'e', 'a', 'm', '/', *at, 0 };
        br_candidate_t row = { provider, actor, "m", "", 1 };
        if (*at == 'f')
            row.actor = "far/away";
        br_candidates_add (&candidates, &row);
    }
    struct br_call_open open = { .slip = stage_slip (&world->stage), .model = "gpt" };
    open.candidates = (br_bytes_t) { candidates.data, candidates.size };
    open.strategy = "priority";
    br_blob_t *body = br_blob_new ("{}", 2);
    stage_send (&world->stage, "ingress", world->router, BR_CALL_OPEN, number, 0, &open,
                body);
    br_blob_destroy (&body);
    br_buf_free (&candidates);
    stage_settle (&world->stage);
}

static void
s_fail (world_t *world, const char *from, uint32_t attempt, br_code_t code,
        uint64_t status, uint64_t retry)
{
    struct br_attempt_fail fail = { .code = code, .status = status, .retry = retry };
    fail.error = "it failed";
    fail.content_type = "application/json";
    fail.headers = (br_bytes_t) { (const uint8_t *) "retry-after\0"
                                                    "7",
                                  14 };
    br_blob_t *body = br_blob_new ("{\"error\":1}", 11);
    stage_send (&world->stage, from, world->router, BR_ATTEMPT_FAIL, 1, attempt, &fail,
                body);
    br_blob_destroy (&body);
    stage_settle (&world->stage);
}

static void
s_plain (world_t *world, const char *from, br_verb_t verb, uint32_t attempt)
{
    stage_send (&world->stage, from, world->router, verb, 1, attempt, NULL, NULL);
    stage_settle (&world->stage);
}

static void
s_hears (world_t *world, const char *name, const char *expected)
{
    assert_string_equal (stage_heard (&world->stage, name), expected);
}

//  The end that the meter is told.
static void
s_settled (world_t *world, br_outcome_t outcome, br_code_t code)
{
    stage_pass (&world->stage, ROUTER_TICK_MS);
    const br_msg_t *msg = stage_last (&world->stage, "meter", BR_CALL_SETTLE);
    assert_non_null (msg);
    const struct br_call_settle *settle = br_msg_fields (msg);
    assert_int_equal (settle->outcome, outcome);
    assert_int_equal (settle->code, code);
}

static void
a_call_is_tried_answered_and_settled (void **state)
{
    world_t *world = *state;
    s_open (world, 1);
    s_hears (world, "upstream/a", "attempt.start#1 ");
    struct br_attempt_done done = { .outcome = BR_OUTCOME_OK, .output_tokens = 5 };
    stage_send (&world->stage, "upstream/a", world->router, BR_ATTEMPT_DONE, 1, 1, &done,
                NULL);
    s_settled (world, BR_OUTCOME_OK, BR_OK);
    s_hears (world, "meter", "call.settle#1 ");
    s_plain (world, "meter", BR_CALL_SETTLED, 0);
    stage_pass (&world->stage, 2000);
    s_hears (world, "meter", "");
}

static void
failures_move_on_and_the_last_one_goes_down (void **state)
{
    world_t *world = *state;
    s_open (world, 1);
    s_fail (world, "upstream/a", 1, BR_ETIMEOUT, 0, 1);
    s_hears (world, "upstream/b", "attempt.start#2 ");
    s_fail (world, "upstream/b", 2, BR_EUPLIMIT, 429, 1);
    s_hears (world, "ingress", "reply.error#3 ");
    const br_msg_t *msg = stage_last (&world->stage, "ingress", BR_REPLY_ERROR);
    const struct br_reply_error *error = br_msg_fields (msg);
    assert_int_equal (error->code, BR_EUPLIMIT);
    assert_int_equal (error->status, 429);
    assert_int_equal (error->attempts, 2);
    assert_string_equal (error->content_type, "application/json");
    assert_string_equal (br_pairs_get (error->headers, "Retry-After"), "7");
    assert_memory_equal (br_blob_data (msg->body), "{\"error\":1}", 11);
    s_settled (world, BR_OUTCOME_FAILED, BR_EUPLIMIT);
}

static void
a_provider_without_an_actor_is_skipped (void **state)
{
    world_t *world = *state;
    world->providers = "xb";
    s_open (world, 1);
    s_hears (world, "upstream/b", "attempt.start#2 ");
}

static void
a_lost_ingress_cancels_the_attempt (void **state)
{
    world_t *world = *state;
    s_open (world, 1);
    //  when: the host of all is gone
    br_host_gone (world->stage.host, 1, 1);
    stage_settle (&world->stage);
    s_hears (world, "upstream/a", "attempt.start#1 attempt.cancel#1 ");
    s_settled (world, BR_OUTCOME_CANCELLED, BR_ECANCELLED);
}

static void
a_lost_upstream_is_fenced (void **state)
{
    world_t *world = *state;
    world->providers = "fb";
    s_open (world, 1);
    assert_string_equal (br_buf_text (&world->stage.far), "attempt.start#1 ");
    br_host_gone (world->stage.host, 2, 1);
    s_hears (world, "ingress", "call.fence#1 ");
    s_hears (world, "upstream/b", "");
    s_plain (world, "ingress", BR_CALL_FENCED, 1);
    s_hears (world, "upstream/b", "attempt.start#2 ");
}

static void
a_committed_answer_that_was_lost_is_a_failure (void **state)
{
    world_t *world = *state;
    world->providers = "fb";
    s_open (world, 1);
    s_plain (world, "ingress", BR_CALL_COMMIT, 1);
    br_host_gone (world->stage.host, 2, 1);
    stage_settle (&world->stage);
    s_plain (world, "ingress", BR_CALL_COMMITTED, 1);
    s_settled (world, BR_OUTCOME_FAILED, BR_EGONE);
    s_hears (world, "upstream/b", "");
}

//  The end of an answer may be lost with its host when attempt.done was not.
static void
an_ended_answer_of_a_lost_upstream_is_fenced_too (void **state)
{
    world_t *world = *state;
    s_open (world, 1);
    s_plain (world, "upstream/a", BR_ATTEMPT_DONE, 1);
    s_hears (world, "ingress", "");
    br_host_gone (world->stage.host, 1, 1);
    stage_settle (&world->stage);
    s_hears (world, "ingress", "call.fence#1 ");
    //  when: ingress has not got it all
    s_plain (world, "ingress", BR_CALL_FENCED, 1);
    s_hears (world, "ingress", "reply.error#2 ");
    const br_msg_t *msg = stage_last (&world->stage, "ingress", BR_REPLY_ERROR);
    const struct br_reply_error *error = br_msg_fields (msg);
    assert_int_equal (error->code, BR_EGONE);
    assert_int_equal (error->attempts, 1);
    //  then: that is said once, and the settle stays what it was
    s_plain (world, "ingress", BR_CALL_FENCED, 1);
    s_hears (world, "ingress", "");
    s_settled (world, BR_OUTCOME_OK, BR_OK);
}

static void
a_host_that_takes_no_message_counts_as_gone (void **state)
{
    world_t *world = *state;
    world->providers = "fb";
    world->stage.far_gone = true;
    s_open (world, 1);
    s_hears (world, "upstream/b", "attempt.start#2 ");
}

static void
a_cancel_reaches_the_upstream (void **state)
{
    world_t *world = *state;
    s_open (world, 1);
    s_plain (world, "ingress", BR_CALL_COMMIT, 1);
    s_plain (world, "ingress", BR_CALL_CANCEL, 0);
    s_hears (world, "upstream/a", "attempt.start#1 attempt.cancel#1 ");
    struct br_attempt_done done = { .outcome = BR_OUTCOME_CANCELLED, .output_tokens = 5 };
    stage_send (&world->stage, "upstream/a", world->router, BR_ATTEMPT_DONE, 1, 1, &done,
                NULL);
    s_settled (world, BR_OUTCOME_CANCELLED, BR_ECANCELLED);
}

static void
an_open_that_makes_no_sense_is_answered_and_settled (void **state)
{
    world_t *world = *state;
    struct br_call_open open = { .slip = stage_slip (&world->stage), .model = "gpt" };
    open.candidates = (br_bytes_t) { (const uint8_t *) "x", 1 };
    stage_send (&world->stage, "ingress", world->router, BR_CALL_OPEN, 1, 0, &open, NULL);
    s_hears (world, "ingress", "reply.error#1 ");
    s_settled (world, BR_OUTCOME_FAILED, BR_EINTERNAL);
}

static void
messages_of_unknown_calls_change_nothing (void **state)
{
    world_t *world = *state;
    s_fail (world, "upstream/a", 1, BR_EUPBAD, 500, 1);
    s_plain (world, "upstream/a", BR_ATTEMPT_DONE, 1);
    s_plain (world, "ingress", BR_CALL_CANCEL, 0);
    s_plain (world, "meter", BR_CALL_SETTLED, 0);
    stage_pass (&world->stage, 2000);
    s_hears (world, "ingress", "");
    s_hears (world, "meter", "");
}

static void
the_configuration_bounds_the_attempts (void **state)
{
    world_t *world = *state;
    static const char *const bad[] = { "", "[]", "{\"attempts_max\":0}",
                                       "{\"attempts_max\":\"2\"}",
                                       "{\"attempts_max\":33}" };
    struct br_conf_try conf = { .generation = 1 };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        conf.slice = bad[i];
        stage_send (&world->stage, "meter", world->router, BR_CONF_TRY, 0, 0, &conf,
                    NULL);
        s_hears (world, "meter", "conf.refuse#0 ");
    }
    conf.slice = "{\"attempts_max\":1}";
    stage_send (&world->stage, "meter", world->router, BR_CONF_TRY, 0, 0, &conf, NULL);
    struct br_conf_take take = { .generation = 1 };
    stage_send (&world->stage, "meter", world->router, BR_CONF_TAKE, 0, 0, &take, NULL);
    s_hears (world, "meter", "conf.accept#0 conf.taken#0 ");
    s_open (world, 1);
    s_fail (world, "upstream/a", 1, BR_EUPBAD, 0, 1);
    s_hears (world, "ingress", "reply.error#2 ");
}

static const char *
s_ask (world_t *world, const char *command)
{
    struct br_admin_ask ask = { .command = command };
    stage_send (&world->stage, "meter", world->router, BR_ADMIN_ASK, 0, 0, &ask, NULL);
    const br_msg_t *msg = stage_last (&world->stage, "meter", BR_ADMIN_ANSWER);
    return ((const struct br_admin_answer *) br_msg_fields (msg))->answer;
}

static void
the_operator_sees_health_and_calls (void **state)
{
    world_t *world = *state;
    s_open (world, 1);
    s_fail (world, "upstream/a", 1, BR_EUPBAD, 0, 1);
    assert_string_equal (s_ask (world, "health"),
                         "[{\"provider\":\"a\",\"endpoint\":\"\",\"ok\":0,\"fail\":1}]");
    assert_string_equal (s_ask (world, "routing"), "{\"open\":1,\"unsettled\":0}");
    assert_string_equal (s_ask (world, "spend"), "null");
}

static void
a_stop_waits_for_calls_and_settles_then_cancels (void **state)
{
    world_t *world = *state;
    s_open (world, 1);
    stage_stop (&world->stage, world->router, 100);
    stage_pass (&world->stage, 99);
    s_hears (world, "upstream/a", "attempt.start#1 ");
    stage_pass (&world->stage, 30);
    s_hears (world, "upstream/a", "attempt.cancel#1 ");
    s_hears (world, "ingress", "");
    struct br_attempt_done done = { .outcome = BR_OUTCOME_CANCELLED };
    stage_send (&world->stage, "upstream/a", world->router, BR_ATTEMPT_DONE, 1, 1, &done,
                NULL);
    stage_pass (&world->stage, 30);
    s_plain (world, "meter", BR_CALL_SETTLED, 0);
    stage_pass (&world->stage, 30);
    s_hears (world, "ingress", "sys.stopped#0 ");
}

static void
a_stop_without_a_meter_ends_too (void **state)
{
    world_t *world = *state;
    br_host_end (world->stage.host, "meter");
    s_open (world, 1);
    stage_stop (&world->stage, world->router, 0);
    stage_pass (&world->stage, 1100);
    s_hears (world, "ingress", "sys.stopped#0 ");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_call_is_tried_answered_and_settled),
        TEST (failures_move_on_and_the_last_one_goes_down),
        TEST (a_provider_without_an_actor_is_skipped),
        TEST (a_lost_ingress_cancels_the_attempt),
        TEST (a_lost_upstream_is_fenced),
        TEST (a_committed_answer_that_was_lost_is_a_failure),
        TEST (an_ended_answer_of_a_lost_upstream_is_fenced_too),
        TEST (a_host_that_takes_no_message_counts_as_gone),
        TEST (a_cancel_reaches_the_upstream),
        TEST (an_open_that_makes_no_sense_is_answered_and_settled),
        TEST (messages_of_unknown_calls_change_nothing),
        TEST (the_configuration_bounds_the_attempts),
        TEST (the_operator_sees_health_and_calls),
        TEST (a_stop_waits_for_calls_and_settles_then_cancels),
        TEST (a_stop_without_a_meter_ends_too),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
