//  router: whole calls on a host, the other roles played by peers.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/failure.h"
#include "broker/core/pairs.h"
#include "broker/proto/candidates.h"
#include "actors/router/router.h"
#include "actors/router/router_settle.h"
#include "tests/actors/stage.h"

typedef struct {
    stage_t stage;
    br_addr_t router;
    const char *providers; //  of the calls that are opened: "ab"
    bool continues;        //  others may go on with their answers
} world_t;

//  The router uses a slice.
static void
s_use (world_t *world, const char *slice)
{
    struct br_conf_try conf = { .generation = 1, .slice = slice };
    struct br_conf_take take = { .generation = 1 };
    stage_send (&world->stage, "meter", world->router, BR_CONF_TRY, 0, 0, &conf, NULL);
    stage_send (&world->stage, "meter", world->router, BR_CONF_TAKE, 0, 0, &take, NULL);
    assert_string_equal (stage_heard (&world->stage, "meter"),
                         "conf.accept#0 conf.taken#0 ");
}

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
    world.continues = false;
    s_use (&world, "{\"retries\":0}");
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
        br_candidate_t row = { .provider = provider, .actor = actor, .model = "m" };
        row.endpoint = "";
        if (*at == 'f')
            row.actor = "far/away";
        br_candidates_add (&candidates, &row);
    }
    struct br_call_open open = { .slip = stage_slip (&world->stage), .model = "gpt" };
    open.candidates = (br_bytes_t) { candidates.data, candidates.size };
    open.strategy = "priority";
    open.stream = open.continues = world->continues;
    br_blob_t *body = br_blob_new ("{}", 2);
    stage_send (&world->stage, "ingress", world->router, BR_CALL_OPEN, number, 0, &open,
                body);
    br_blob_destroy (&body);
    br_buf_free (&candidates);
    stage_settle (&world->stage);
}

static void
s_fail (world_t *world, const char *from, uint32_t attempt, br_code_t code,
        uint64_t status, br_failure_t failure)
{
    struct br_attempt_fail fail = { .code = code, .status = status, .failure = failure };
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
    s_fail (world, "upstream/a", 1, BR_ETIMEOUT, 0, BR_FAILURE_TIMEOUT);
    s_hears (world, "upstream/b", "attempt.start#2 ");
    s_fail (world, "upstream/b", 2, BR_EUPLIMIT, 429, BR_FAILURE_RATE);
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
between_two_attempts_a_call_waits (void **state)
{
    world_t *world = *state;
    s_use (world, "{\"retries\":1}");
    s_open (world, 1);
    s_fail (world, "upstream/a", 1, BR_EUPBAD, 500, BR_FAILURE_SERVER);
    stage_pass (&world->stage, 260);
    s_hears (world, "upstream/a", "attempt.start#1 attempt.start#2 ");
    //  when: it is cancelled in front of the next one
    s_fail (world, "upstream/a", 2, BR_EUPBAD, 503, BR_FAILURE_OVERLOADED);
    s_hears (world, "upstream/b", "attempt.start#3 ");
    //  a host of our own that is gone is never asked again at once: no chance is in it
    s_fail (world, "upstream/b", 3, BR_EGONE, 0, BR_FAILURE_GONE);
    s_plain (world, "ingress", BR_CALL_CANCEL, 0);
    s_settled (world, BR_OUTCOME_CANCELLED, BR_ECANCELLED);
    stage_pass (&world->stage, 1000);
    s_hears (world, "upstream/b", "");
    s_hears (world, "ingress", "");
}

static void
what_the_breaker_says_counts_for_the_next_call (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "breaker");
    stage_pass (&world->stage, 1000);
    s_hears (world, "breaker", "breaker.ask#0 ");
    struct br_breaker_state open = { .provider = "a", .version = 1, .for_ms = 60000 };
    open.state = BR_BREAKER_OPEN;
    stage_send (&world->stage, "breaker", world->router, BR_BREAKER_STATE, 0, 0, &open,
                NULL);
    stage_send (&world->stage, "breaker", world->router, BR_BREAKER_TOLD, 0, 0, NULL,
                NULL);
    s_open (world, 1);
    s_hears (world, "upstream/b", "attempt.start#1 ");
    //  and the last one left is asked, open or not
    s_fail (world, "upstream/b", 1, BR_EUPBAD, 500, BR_FAILURE_SERVER);
    s_hears (world, "upstream/a", "attempt.start#2 ");
    s_hears (world, "breaker", "breaker.report#0 ");
    stage_pass (&world->stage, 3000);
    s_hears (world, "breaker", "");
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
    s_fail (world, "upstream/a", 1, BR_EUPBAD, 500, BR_FAILURE_SERVER);
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
    struct br_conf_try conf = { .generation = 2, .slice = "{\"attempts_max\":0}" };
    stage_send (&world->stage, "meter", world->router, BR_CONF_TRY, 0, 0, &conf, NULL);
    s_hears (world, "meter", "conf.refuse#0 ");
    s_use (world, "{\"attempts_max\":1}");
    s_open (world, 1);
    s_fail (world, "upstream/a", 1, BR_EUPBAD, 0, BR_FAILURE_INVALID);
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
    s_fail (world, "upstream/a", 1, BR_EUPBAD, 0, BR_FAILURE_INVALID);
    assert_string_equal (s_ask (world, "health"),
                         "[{\"provider\":\"a\",\"endpoint\":\"\",\"state\":\"closed\","
                         "\"ok\":0,\"fail\":1,\"under_way\":0,\"first_ms\":0.0},"
                         "{\"provider\":\"b\",\"endpoint\":\"\",\"state\":\"closed\","
                         "\"ok\":0,\"fail\":0,\"under_way\":1,\"first_ms\":0.0}]");
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

static void
s_break_off (world_t *world, uint32_t attempt, const char *told)
{
    struct br_attempt_broken broken = { .code = BR_EUPCUT, .failure = BR_FAILURE_CUT };
    broken.error = "it broke off";
    broken.usage_known = 1;
    broken.input_tokens = 10;
    broken.output_tokens = 5;
    br_blob_t *body = br_blob_new (told, strlen (told));
    stage_send (&world->stage, "upstream/a", world->router, BR_ATTEMPT_BROKEN, 1, attempt,
                &broken, body);
    br_blob_destroy (&body);
    stage_settle (&world->stage);
}

static const struct br_attempt_start *
s_started (world_t *world, const char *name)
{
    const br_msg_t *msg = stage_last (&world->stage, name, BR_ATTEMPT_START);
    assert_non_null (msg);
    assert_int_equal (br_blob_size (msg->body), 2);
    return br_msg_fields (msg);
}

static void
another_attempt_goes_on_with_what_broke_off (void **state)
{
    world_t *world = *state;
    world->continues = true;
    s_open (world, 1);
    assert_int_equal (s_started (world, "upstream/a")->continues, 1);
    assert_int_equal (s_started (world, "upstream/a")->resume.size, 0);
    s_plain (world, "ingress", BR_CALL_COMMIT, 1);
    s_break_off (world, 1, "so far");
    s_hears (world, "upstream/b", "");
    s_plain (world, "ingress", BR_CALL_JOINED, 1);
    s_hears (world, "upstream/b", "attempt.start#2 ");
    const struct br_attempt_start *start = s_started (world, "upstream/b");
    assert_int_equal (start->resume.size, 6);
    assert_memory_equal (start->resume.data, "so far", 6);
    struct br_attempt_done done = { .outcome = BR_OUTCOME_OK, .usage_known = 1 };
    done.input_tokens = 12;
    done.output_tokens = 7;
    stage_send (&world->stage, "upstream/b", world->router, BR_ATTEMPT_DONE, 1, 2, &done,
                NULL);
    s_settled (world, BR_OUTCOME_OK, BR_OK);
    const br_msg_t *msg = stage_last (&world->stage, "meter", BR_CALL_SETTLE);
    const struct br_call_settle *settle = br_msg_fields (msg);
    assert_string_equal (settle->provider, "b");
    assert_int_equal (settle->attempts, 2);
    assert_int_equal (settle->input_tokens, 22);
    assert_int_equal (settle->output_tokens, 12);
}

static void
when_nobody_goes_on_the_client_is_told (void **state)
{
    world_t *world = *state;
    world->continues = true;
    world->providers = "a";
    s_open (world, 1);
    s_plain (world, "ingress", BR_CALL_COMMIT, 1);
    s_plain (world, "ingress", BR_CALL_JOINED, 1);
    s_break_off (world, 1, "so far");
    s_hears (world, "ingress", "reply.error#2 ");
    const br_msg_t *msg = stage_last (&world->stage, "ingress", BR_REPLY_ERROR);
    const struct br_reply_error *error = br_msg_fields (msg);
    assert_int_equal (error->code, BR_EUPCUT);
    assert_null (msg->body);
    s_settled (world, BR_OUTCOME_FAILED, BR_EUPCUT);
    msg = stage_last (&world->stage, "meter", BR_CALL_SETTLE);
    assert_int_equal (((const struct br_call_settle *) br_msg_fields (msg))->status, 200);
}

static void
a_state_whose_words_were_lost_is_not_gone_on_with (void **state)
{
    world_t *world = *state;
    world->continues = true;
    s_open (world, 1);
    s_break_off (world, 1, "so far");
    s_plain (world, "ingress", BR_CALL_FENCED, 1);
    assert_int_equal (s_started (world, "upstream/b")->resume.size, 0);
}

static void
s_say (world_t *world, struct br_breaker_state news)
{
    news.provider = "a";
    news.endpoint = "";
    stage_send (&world->stage, "breaker", world->router, BR_BREAKER_STATE, 0, 0, &news,
                NULL);
    stage_settle (&world->stage);
}

static void
a_model_that_is_out_of_use_is_passed_by (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "breaker");
    struct br_breaker_state news = { .model = "other", .version = 1, .for_ms = 90000 };
    news.state = BR_BREAKER_OPEN;
    s_say (world, news);
    s_open (world, 1);
    s_hears (world, "upstream/a", "attempt.start#1 ");
    news.model = "m";
    s_say (world, news);
    s_open (world, 2);
    s_hears (world, "upstream/a", "");
    s_hears (world, "upstream/b", "attempt.start#1 ");
}

static void
a_probe_is_told_of_when_its_answer_begins (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "breaker");
    struct br_breaker_state news = { .version = 1, .lease = 77 };
    news.state = BR_BREAKER_HALF_OPEN;
    s_say (world, news);
    s_open (world, 1);
    s_hears (world, "upstream/a", "attempt.start#1 ");
    assert_null (stage_last (&world->stage, "breaker", BR_BREAKER_REPORT));
    s_plain (world, "ingress", BR_CALL_COMMIT, 1);
    const br_msg_t *msg = stage_last (&world->stage, "breaker", BR_BREAKER_REPORT);
    assert_non_null (msg);
    assert_int_equal (((const struct br_breaker_report *) br_msg_fields (msg))->lease,
                      77);
}

static void
a_new_slice_asks_the_limits_anew (void **state)
{
    world_t *world = *state;
    static const char slice[] = "{\"limited_providers\":[{\"provider\":\"a\",\"glob\":"
                                "\"*\"}]}";
    stage_start (&world->stage, "limits");
    s_use (world, slice);
    s_open (world, 1);
    s_hears (world, "limits", "limit.ask#0 ");
    const br_msg_t *msg = stage_last (&world->stage, "limits", BR_LIMIT_ASK);
    struct br_limit_grant grant = { .limited = 0 };
    grant.ticket = ((const struct br_limit_ask *) br_msg_fields (msg))->ticket;
    stage_send (&world->stage, "limits", world->router, BR_LIMIT_GRANT, 0, 0, &grant,
                NULL);
    stage_settle (&world->stage);
    s_open (world, 2);
    s_hears (world, "limits", "");
    s_use (world, slice);
    s_open (world, 3);
    s_hears (world, "limits", "limit.ask#0 ");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_call_is_tried_answered_and_settled),
        TEST (another_attempt_goes_on_with_what_broke_off),
        TEST (when_nobody_goes_on_the_client_is_told),
        TEST (a_state_whose_words_were_lost_is_not_gone_on_with),
        TEST (failures_move_on_and_the_last_one_goes_down),
        TEST (a_provider_without_an_actor_is_skipped),
        TEST (a_lost_ingress_cancels_the_attempt),
        TEST (a_lost_upstream_is_fenced),
        TEST (a_committed_answer_that_was_lost_is_a_failure),
        TEST (an_ended_answer_of_a_lost_upstream_is_fenced_too),
        TEST (a_host_that_takes_no_message_counts_as_gone),
        TEST (a_cancel_reaches_the_upstream),
        TEST (between_two_attempts_a_call_waits),
        TEST (what_the_breaker_says_counts_for_the_next_call),
        TEST (a_model_that_is_out_of_use_is_passed_by),
        TEST (a_probe_is_told_of_when_its_answer_begins),
        TEST (a_new_slice_asks_the_limits_anew),
        TEST (an_open_that_makes_no_sense_is_answered_and_settled),
        TEST (messages_of_unknown_calls_change_nothing),
        TEST (the_configuration_bounds_the_attempts),
        TEST (the_operator_sees_health_and_calls),
        TEST (a_stop_waits_for_calls_and_settles_then_cancels),
        TEST (a_stop_without_a_meter_ends_too),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
