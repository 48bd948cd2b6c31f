//  upstream_broken: answers that break off behind their first words, as router and client
//  hear of them, and attempts that go on with them: whole exchanges on a socket.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/ctx.h"
#include "broker/core/failure.h"
#include "actors/upstream/upstream_broken.h"
#include "actors/upstream/upstream_down.h"
#include "tests/actors/upstream/provider.h"

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
#define START                                                                            \
    "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"          \
    "\"role\":\"assistant\",\"content\":\"\"}}],\"usage\":{\"prompt_tokens\":3,"         \
    "\"completion_tokens\":1}}\n\n"
#define TEXT(text)                                                                       \
    "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" text       \
    "\"}}]}\n\n"
#define CALL                                                                             \
    "data: "                                                                             \
    "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":"     \
    "0,\"id\":\"t\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":"   \
    "\"{}\"}}]}}]}\n\n"
#define END                                                                              \
    "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"      \
    "\"stop\"}]}\n\ndata: [DONE]\n\n"
#define ERROR "data: {\"error\":{\"message\":\"x\",\"type\":\"overloaded_error\"}}\n\n"

static const char s_ask[] = "{\"model\":\"gpt\",\"stream\":true,\"messages\":[{\"role\":"
                            "\"user\",\"content\":\"hi\"}]}";

static int
s_setup (void **state)
{
    static provider_t provider;
    provider_open (&provider, ",\"auth\":{\"type\":\"none\"}");
    provider.ask = s_ask;
    provider.hang_up = true;
    *state = &provider;
    return 0;
}

static int
s_teardown (void **state)
{
    provider_close (*state);
    return 0;
}

static void
s_start (provider_t *provider, const char *answer)
{
    provider->answer = answer;
    provider_start_with (provider, 1,
                         (struct br_attempt_start) { .stream = 1, .continues = 1 });
}

static void
s_hears (provider_t *provider, const char *router, const char *ingress)
{
    assert_string_equal (provider_finish (provider), router);
    assert_string_equal (stage_heard (&provider->stage, "ingress"), ingress);
}

static bool
s_was_told (provider_t *provider, const char *text)
{
    return strstr (stage_bytes (&provider->stage, "ingress"), text) != NULL;
}

static void
an_answer_that_is_cut_breaks_off (void **state)
{
    provider_t *provider = *state;
    s_start (provider, HEAD START TEXT ("one") TEXT ("two"));
    s_hears (provider, "attempt.broken#1 ", "reply.head#1 reply.broken#1 ");
    const br_msg_t *msg = stage_last (&provider->stage, "router", BR_ATTEMPT_BROKEN);
    const struct br_attempt_broken *broken = br_msg_fields (msg);
    assert_int_equal (broken->failure, BR_FAILURE_CUT);
    assert_int_equal (broken->code, BR_EUPCUT);
    assert_int_equal (broken->usage_known, 1);
    assert_int_equal (broken->input_tokens, 3);
    assert_true (broken->first_us > 0);
    assert_non_null (strstr (broken->error, "acme"));
    assert_non_null (
        memmem (br_blob_data (msg->body), br_blob_size (msg->body), "onetwo", 6));
    msg = stage_last (&provider->stage, "ingress", BR_REPLY_BROKEN);
    const struct br_reply_broken *down = br_msg_fields (msg);
    assert_int_equal (down->seq, 1);
    assert_int_equal (down->code, BR_EUPCUT);
    assert_true (s_was_told (provider, "two"));
    assert_false (s_was_told (provider, "error"));
}

static void
it_does_not_where_nobody_asked_for_more (void **state)
{
    provider_t *provider = *state;
    provider->answer = HEAD START TEXT ("one");
    provider_start (provider, 1, 1);
    s_hears (provider, "attempt.done#1 ", "reply.head#1 reply.error#1 ");
}

static void
it_does_not_behind_a_call_of_a_tool (void **state)
{
    provider_t *provider = *state;
    s_start (provider, HEAD START TEXT ("one") CALL);
    s_hears (provider, "attempt.done#1 ", "reply.head#1 reply.error#1 ");
}

#define ASKED "\"stream_options\":{\"include_usage\":true}"

//  What the provider was sent has the client's bytes, with another model, and asks for usage.
static void
s_passes (provider_t *provider, const char *ask, const char *sent)
{
    provider->ask = ask;
    s_start (provider, HEAD START TEXT ("one"));
    s_hears (provider, "attempt.done#1 ", "reply.head#1 reply.error#1 ");
    assert_string_equal (
        br_buf_text (&provider->request) + peer_body_offset (&provider->request), sent);
    assert_string_equal (stage_bytes (&provider->stage, "ingress"), START TEXT ("one"));
}

static void
what_nobody_could_go_on_with_passes (void **state)
{
    s_passes (*state,
              "{\"model\":\"gpt\",\"stream\":true,\"n\":2,\"messages\":[{\"role\":"
              "\"user\",\"content\":\"hi\"}]}",
              "{\"model\":\"m-1\",\"stream\":true,\"n\":2,\"messages\":[{\"role\":"
              "\"user\",\"content\":\"hi\"}]," ASKED "}");
}

static void
what_cannot_be_translated_passes (void **state)
{
    s_passes (*state, "{\"model\":\"gpt\",\"messages\":7}",
              "{\"model\":\"m-1\",\"messages\":7," ASKED "}");
}

static void
before_its_first_word_it_fails (void **state)
{
    provider_t *provider = *state;
    s_start (provider, HEAD START);
    s_hears (provider, "attempt.fail#1 ", "");
}

static void
an_error_behind_data_breaks_off_untold (void **state)
{
    provider_t *provider = *state;
    s_start (provider, HEAD START TEXT ("one") ERROR);
    s_hears (provider, "attempt.broken#1 ", "reply.head#1 reply.broken#1 ");
    const br_msg_t *msg = stage_last (&provider->stage, "router", BR_ATTEMPT_BROKEN);
    assert_int_equal (((const struct br_attempt_broken *) br_msg_fields (msg))->failure,
                      BR_FAILURE_OVERLOADED);
    assert_false (s_was_told (provider, "error"));
}

static void
an_error_later_breaks_off_at_once (void **state)
{
    provider_t *provider = *state;
    provider->hang_up = false;
    s_start (provider, HEAD START TEXT ("one"));
    provider_await (provider, "ingress", BR_REPLY_HEAD);
    peer_says (peer_last (provider->peer), ERROR);
    s_hears (provider, "attempt.broken#1 ", "reply.head#1 reply.broken#1 ");
}

static void
a_whole_answer_does_not_break_off (void **state)
{
    provider_t *provider = *state;
    s_start (provider, HEAD START TEXT ("one") END);
    assert_string_equal (provider_finish (provider), "attempt.done#1 ");
    const br_msg_t *msg = stage_last (&provider->stage, "router", BR_ATTEMPT_DONE);
    assert_int_equal (((const struct br_attempt_done *) br_msg_fields (msg))->outcome,
                      BR_OUTCOME_OK);
    assert_true (s_was_told (provider, "[DONE]"));
}

//  ---- going on

//  The first answer breaks off; a second attempt has its state. "destroy it"
static br_blob_t *
s_break_off (provider_t *provider, const char *answer)
{
    s_start (provider, answer);
    assert_string_equal (provider_finish (provider), "attempt.broken#1 ");
    stage_heard (&provider->stage, "ingress");
    return br_blob_ref (stage_last (&provider->stage, "router", BR_ATTEMPT_BROKEN)->body);
}

static void
s_go_on (provider_t *provider, br_blob_t *told, const char *answer)
{
    struct br_attempt_start start = { .stream = 1, .continues = 1 };
    start.resume = (br_bytes_t) { br_blob_data (told), br_blob_size (told) };
    provider->answer = answer;
    provider_start_with (provider, 2, start);
}

static void
another_attempt_goes_on_from_there (void **state)
{
    provider_t *provider = *state;
    br_blob_t *told = s_break_off (provider, HEAD START TEXT ("one"));
    s_go_on (provider, told, HEAD START TEXT (" two") END);
    br_blob_destroy (&told);
    assert_string_equal (provider_finish (provider), "attempt.done#1 ");
    assert_non_null (strstr (br_buf_text (&provider->request),
                             "{\"role\":\"assistant\",\"content\":\"one\"}"));
    const char *bytes = stage_bytes (&provider->stage, "ingress");
    const char *role = strstr (bytes, "\"role\"");
    assert_non_null (role);
    assert_null (strstr (role + 1, "\"role\"")); //  one start
    assert_non_null (strstr (bytes, "\"content\":\" two\""));
}

static void
what_goes_on_may_break_off_too (void **state)
{
    provider_t *provider = *state;
    br_blob_t *told = s_break_off (provider, HEAD START TEXT ("one"));
    s_go_on (provider, told, HEAD START TEXT (" two"));
    br_blob_destroy (&told);
    assert_string_equal (provider_finish (provider), "attempt.broken#1 ");
    const br_msg_t *msg = stage_last (&provider->stage, "router", BR_ATTEMPT_BROKEN);
    assert_non_null (
        memmem (br_blob_data (msg->body), br_blob_size (msg->body), "one two", 7));
}

static void
a_state_that_makes_no_sense_is_refused (void **state)
{
    provider_t *provider = *state;
    br_blob_t *nonsense = br_blob_new ("{}", 2);
    s_go_on (provider, nonsense, HEAD);
    br_blob_destroy (&nonsense);
    s_hears (provider, "attempt.fail#1 ", "");
    assert_int_equal (provider_failure (provider)->failure, BR_FAILURE_REQUEST);
    assert_int_equal (peer_requests (provider->peer), 0);
}

//  ---- what is in the way

//  More than the window has room for, then a cut. "free it"
static char *
s_long_answer (void)
{
    br_buf_t answer;
    br_buf_init (&answer, 4u << 20);
    br_buf_adds (&answer, HEAD START);
    for (unsigned i = 0; i < 4000; i++)
        br_buf_adds (&answer, TEXT ("0123456789"));
    size_t size;
    br_buf_text (&answer);
    return (char *) br_buf_take (&answer, &size);
}

static void
what_waits_for_credit_goes_first (void **state)
{
    provider_t *provider = *state;
    char *answer = s_long_answer ();
    s_start (provider, answer);
    provider_await (provider, "ingress", BR_REPLY_DELTA);
    provider_turn (provider, 100);
    assert_string_equal (stage_heard (&provider->stage, "router"), "");
    assert_null (stage_last (&provider->stage, "ingress", BR_REPLY_BROKEN));
    struct br_reply_credit credit = { .upto = 8u << 20 };
    stage_send (&provider->stage, "ingress", provider->upstream, BR_REPLY_CREDIT, 1, 1,
                &credit, NULL);
    assert_string_equal (provider_finish (provider), "attempt.broken#1 ");
    assert_non_null (stage_last (&provider->stage, "ingress", BR_REPLY_BROKEN));
    unsigned words = 0;
    for (const char *at = stage_bytes (&provider->stage, "ingress"); at && *at; words++) {
        at = strstr (at, "0123456789");
        at = at ? at + 10 : NULL;
    }
    assert_in_range (words, 4000, 4001);
    free (answer);
}

static void
a_cancel_ends_what_waits_for_credit (void **state)
{
    provider_t *provider = *state;
    char *answer = s_long_answer ();
    s_start (provider, answer);
    provider_await (provider, "ingress", BR_REPLY_DELTA);
    provider_turn (provider, 100);
    stage_send (&provider->stage, "ingress", provider->upstream, BR_ATTEMPT_CANCEL, 1, 1,
                NULL, NULL);
    assert_string_equal (provider_finish (provider), "attempt.done#1 ");
    free (answer);
}

static void
without_a_router_it_is_the_end (void **state)
{
    provider_t *provider = *state;
    provider->hang_up = false;
    s_start (provider, HEAD START TEXT ("one"));
    provider_await (provider, "ingress", BR_REPLY_HEAD);
    br_host_end (provider->stage.host, "router");
    peer_says (peer_last (provider->peer), ERROR);
    provider_await (provider, "ingress", BR_REPLY_ERROR);
    assert_null (stage_last (&provider->stage, "ingress", BR_REPLY_BROKEN));
}

static void
a_host_that_stops_lets_others_go_on (void **state)
{
    provider_t *provider = *state;
    provider->hang_up = false;
    s_start (provider, HEAD START TEXT ("one"));
    provider_await (provider, "ingress", BR_REPLY_HEAD);
    stage_stop (&provider->stage, provider->upstream, 0);
    assert_string_equal (provider_finish (provider), "attempt.broken#1 ");
    const br_msg_t *msg = stage_last (&provider->stage, "router", BR_ATTEMPT_BROKEN);
    assert_int_equal (((const struct br_attempt_broken *) br_msg_fields (msg))->failure,
                      BR_FAILURE_GONE);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)
        TEST (an_answer_that_is_cut_breaks_off),
        TEST (it_does_not_where_nobody_asked_for_more),
        TEST (it_does_not_behind_a_call_of_a_tool),
        TEST (what_nobody_could_go_on_with_passes),
        TEST (what_cannot_be_translated_passes),
        TEST (before_its_first_word_it_fails),
        TEST (an_error_behind_data_breaks_off_untold),
        TEST (an_error_later_breaks_off_at_once),
        TEST (a_whole_answer_does_not_break_off),
        TEST (another_attempt_goes_on_from_there),
        TEST (what_goes_on_may_break_off_too),
        TEST (a_state_that_makes_no_sense_is_refused),
        TEST (what_waits_for_credit_goes_first),
        TEST (a_cancel_ends_what_waits_for_credit),
        TEST (without_a_router_it_is_the_end),
        TEST (a_host_that_stops_lets_others_go_on),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
