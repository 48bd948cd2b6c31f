//  upstream_attempt: how long it waits for a provider on a socket, by a clock that only
//  the test moves.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/failure.h"
#include "tests/actors/upstream/provider.h"

#define HEAD_JSON "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
#define HEAD_SSE "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
#define PING ": ping\n\n"
#define BODY                                                                             \
    "{\"choices\":[{\"message\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}"
#define CHUNK "data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"
#define LAST                                                                             \
    "data: {\"id\":\"c\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"   \
    "data: [DONE]\n\n"

static int
s_setup (void **state)
{
    static provider_t provider;
    provider_open_still (&provider, ",\"timeouts\":{\"connect_ms\":500,\"first_byte_ms\":"
                                    "2000,\"idle_ms\":1000,\"total_ms\":9000}");
    *state = &provider;
    return 0;
}

static int
s_teardown (void **state)
{
    provider_close (*state);
    return 0;
}

//  Starts an attempt; the provider has its request, and its answer is on the way.
static void
s_start (provider_t *provider, const char *answer, struct br_attempt_start start)
{
    provider->answer = answer;
    provider_start_with (provider, 1, start);
    provider_await_request (provider, 1);
    provider_turn (provider, 10);
}

static void
s_says (provider_t *provider, const char *text)
{
    peer_says (peer_last (provider->peer), text);
    provider_turn (provider, 10);
}

//  Nothing has happened before this many ms have passed, and then the attempt fails.
static const struct br_attempt_fail *
s_fails_after (provider_t *provider, uint64_t ms)
{
    stage_pass (&provider->stage, ms - 1);
    assert_string_equal (stage_heard (&provider->stage, "router"), "");
    stage_pass (&provider->stage, 2);
    assert_string_equal (provider_finish (provider), "attempt.fail#1 ");
    assert_string_equal (stage_heard (&provider->stage, "ingress"), "");
    provider_turn (provider, 10);
    assert_int_equal (peer_open (provider->peer), 0);
    return provider_failure (provider);
}

static const struct br_attempt_done *
s_done (provider_t *provider)
{
    assert_string_equal (provider_finish (provider), "attempt.done#1 ");
    return br_msg_fields (stage_last (&provider->stage, "router", BR_ATTEMPT_DONE));
}

static void
given_silence_then_the_providers_bound_counts_against_it (void **state)
{
    provider_t *provider = *state;
    s_start (provider, NULL, (struct br_attempt_start) { .model = NULL });
    const struct br_attempt_fail *fail = s_fails_after (provider, 2000);
    assert_int_equal (fail->code, BR_ETIMEOUT);
    assert_int_equal (fail->failure, BR_FAILURE_TIMEOUT);
    assert_in_range (fail->waited_us, 2000000, 2001000);
    assert_string_equal (fail->error,
                         "provider acme did not begin its answer in 2 s; the limit is "
                         "providers.acme.timeouts.first_byte_secs or "
                         "x-bitrouter-first-byte-timeout");
}

static void
given_silence_then_the_clients_bound_takes_its_place (void **state)
{
    provider_t *provider = *state;
    s_start (provider, NULL, (struct br_attempt_start) { .first_byte_ms = 300 });
    assert_int_equal (s_fails_after (provider, 300)->failure, BR_FAILURE_IMPATIENT);
}

static void
given_a_patient_client_then_the_providers_bound_does_not_hold (void **state)
{
    provider_t *provider = *state;
    s_start (provider, NULL, (struct br_attempt_start) { .first_byte_ms = 5000 });
    assert_int_equal (s_fails_after (provider, 5000)->failure, BR_FAILURE_TIMEOUT);
}

static void
given_the_clients_whole_time_when_it_passes_then_it_is_over (void **state)
{
    provider_t *provider = *state;
    s_start (provider, NULL, (struct br_attempt_start) { .timeout_ms = 700 });
    const struct br_attempt_fail *fail = s_fails_after (provider, 700);
    assert_int_equal (fail->failure, BR_FAILURE_CLIENT_TIME);
    assert_int_equal (fail->code, BR_ETIMEOUT);
    assert_non_null (strstr (fail->error, "did not finish in 0.7 s"));
}

static void
given_a_head_and_pings_then_a_slow_first_token_is_late (void **state)
{
    provider_t *provider = *state;
    s_start (provider, HEAD_SSE PING, (struct br_attempt_start) { .stream = 1 });
    stage_pass (&provider->stage, 900);
    s_says (provider, PING);
    stage_pass (&provider->stage, 900);
    s_says (provider, PING);
    const struct br_attempt_fail *fail = s_fails_after (provider, 200);
    assert_int_equal (fail->failure, BR_FAILURE_TIMEOUT);
    assert_in_range (fail->waited_us, 2000000, 2001000);
    assert_non_null (strstr (fail->error, "did not begin its answer in 2 s"));
}

static void
given_a_first_token_in_time_then_the_bound_is_gone (void **state)
{
    provider_t *provider = *state;
    s_start (provider, HEAD_SSE,
             (struct br_attempt_start) { .stream = 1, .elsewhere_us = 5000 });
    stage_pass (&provider->stage, 900);
    s_says (provider, PING);
    stage_pass (&provider->stage, 900);
    s_says (provider, CHUNK);
    const br_msg_t *msg = provider_await (provider, "ingress", BR_REPLY_HEAD);
    //  then: all of that wait was the provider's
    const struct br_reply_head *head = br_msg_fields (msg);
    assert_int_equal (head->elsewhere_us, 5000 + 1800000);
    stage_pass (&provider->stage, 900);
    s_says (provider, LAST);
    peer_end (peer_last (provider->peer));
    const struct br_attempt_done *done = s_done (provider);
    assert_int_equal (done->outcome, BR_OUTCOME_OK);
    assert_int_equal (done->failure, BR_FAILURE_NONE);
    assert_in_range (done->first_us, 1, 1000);
}

static void
given_a_single_answer_then_only_its_head_is_the_first_byte (void **state)
{
    provider_t *provider = *state;
    s_start (provider, HEAD_JSON, (struct br_attempt_start) { .stream = 0 });
    for (int i = 0; i < 3; i++) {
        stage_pass (&provider->stage, 900);
        s_says (provider, "\n");
    }
    s_says (provider, BODY);
    peer_end (peer_last (provider->peer));
    assert_int_equal (s_done (provider)->outcome, BR_OUTCOME_OK);
}

static void
given_pings_in_the_middle_then_the_stream_is_alive (void **state)
{
    provider_t *provider = *state;
    s_start (provider, HEAD_SSE CHUNK, (struct br_attempt_start) { .stream = 1 });
    for (int i = 0; i < 5; i++) {
        stage_pass (&provider->stage, 900);
        s_says (provider, PING);
    }
    s_says (provider, LAST);
    peer_end (peer_last (provider->peer));
    assert_int_equal (s_done (provider)->outcome, BR_OUTCOME_OK);
}

//  A stall behind the head; what ingress and router hear of it.
static void
s_stall (provider_t *provider, uint64_t idle_ms, uint64_t ms, br_failure_t failure,
         const char *text)
{
    struct br_attempt_start start = { .stream = 1, .idle_ms = idle_ms };
    start.elsewhere_us = 7000000;
    s_start (provider, HEAD_SSE CHUNK, start);
    provider_await (provider, "ingress", BR_REPLY_HEAD);
    stage_pass (&provider->stage, ms - 1);
    assert_string_equal (stage_heard (&provider->stage, "router"), "");
    stage_pass (&provider->stage, 2);
    const struct br_attempt_done *done = s_done (provider);
    assert_int_equal (done->outcome, BR_OUTCOME_FAILED);
    assert_int_equal (done->failure, failure);
    assert_string_equal (stage_heard (&provider->stage, "ingress"),
                         "reply.head#1 reply.error#1 ");
    const struct br_reply_error *error = br_msg_fields (
        stage_last (&provider->stage, "ingress", BR_REPLY_ERROR));
    assert_int_equal (error->code, BR_ETIMEOUT);
    assert_string_equal (error->error, text);
    assert_in_range (error->elsewhere_us, 7000000 + ms * 1000, 7000000 + ms * 1000 + 999);
    provider_turn (provider, 10);
    assert_int_equal (peer_open (provider->peer), 0);
}

static void
given_a_stall_in_the_middle_then_the_stream_ends_with_an_error (void **state)
{
    s_stall (
        *state, 0, 1000, BR_FAILURE_TIMEOUT,
        "provider acme fell silent for 1 s in the middle of its answer; the limit is "
        "providers.acme.timeouts.idle_secs or x-bitrouter-idle-timeout");
}

static void
given_a_stall_when_the_client_is_in_a_hurry_then_it_is_told_so (void **state)
{
    s_stall (
        *state, 150, 150, BR_FAILURE_IMPATIENT,
        "provider acme fell silent for 0.15 s in the middle of its answer; the limit "
        "is providers.acme.timeouts.idle_secs or x-bitrouter-idle-timeout");
}

static void
given_a_cancel_while_it_waits_then_nothing_fires_later (void **state)
{
    provider_t *provider = *state;
    s_start (provider, HEAD_SSE PING, (struct br_attempt_start) { .stream = 1 });
    stage_pass (&provider->stage, 100);
    stage_send (&provider->stage, "router", provider->upstream, BR_ATTEMPT_CANCEL, 1, 1,
                NULL, NULL);
    const struct br_attempt_done *done = s_done (provider);
    assert_int_equal (done->outcome, BR_OUTCOME_CANCELLED);
    assert_int_equal (done->failure, BR_FAILURE_NONE);
    provider_turn (provider, 10);
    assert_int_equal (peer_open (provider->peer), 0);
    stage_pass (&provider->stage, 10000);
    assert_string_equal (stage_heard (&provider->stage, "router"), "");
}

static void
given_no_router_then_a_late_first_token_is_told_down_the_slip (void **state)
{
    provider_t *provider = *state;
    s_start (provider, HEAD_SSE PING,
             (struct br_attempt_start) { .stream = 1, .first_byte_ms = 100 });
    br_host_end (provider->stage.host, "router");
    stage_pass (&provider->stage, 101);
    provider_await (provider, "ingress", BR_REPLY_ERROR);
    assert_string_equal (stage_heard (&provider->stage, "ingress"), "reply.error#1 ");
    stage_start (&provider->stage, "router");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (given_silence_then_the_providers_bound_counts_against_it),
        TEST (given_silence_then_the_clients_bound_takes_its_place),
        TEST (given_a_patient_client_then_the_providers_bound_does_not_hold),
        TEST (given_the_clients_whole_time_when_it_passes_then_it_is_over),
        TEST (given_a_head_and_pings_then_a_slow_first_token_is_late),
        TEST (given_a_first_token_in_time_then_the_bound_is_gone),
        TEST (given_a_single_answer_then_only_its_head_is_the_first_byte),
        TEST (given_pings_in_the_middle_then_the_stream_is_alive),
        TEST (given_a_stall_in_the_middle_then_the_stream_ends_with_an_error),
        TEST (given_a_stall_when_the_client_is_in_a_hurry_then_it_is_told_so),
        TEST (given_a_cancel_while_it_waits_then_nothing_fires_later),
        TEST (given_no_router_then_a_late_first_token_is_told_down_the_slip),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
