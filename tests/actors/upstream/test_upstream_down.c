//  upstream_down: what goes down, and when: whole exchanges with a provider on a socket
//  whose answers are translated and larger than the window.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/failure.h"
#include "broker/core/pairs.h"
#include "broker/proto/surface.h"
#include "actors/upstream/upstream_down.h"
#include "tests/actors/upstream/provider.h"

#define HEAD_JSON "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#define HEAD_SSE "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
#define CALL "{\"model\":\"gpt\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
#define STREAM_CALL                                                                      \
    "{\"model\":\"gpt\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":"   \
    "\"hi\"}]}"

static int
s_setup (void **state)
{
    static provider_t provider;
    provider_open (&provider,
                   ",\"auth\":{\"type\":\"protocol\",\"api_key\":\"sk-secret-0001\"},"
                   "\"protocols\":[{\"glob\":\"*\",\"protocol\":\"messages\"}]");
    provider.ask = CALL;
    *state = &provider;
    return 0;
}

static int
s_teardown (void **state)
{
    provider_close (*state);
    return 0;
}

//  A message with so many bytes of text. "caller frees"
static char *
s_message (size_t text_size)
{
    br_buf_t body;
    br_buf_init (&body, text_size + 4096);
    br_buf_adds (&body, "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","
                        "\"model\":\"m-1\",\"content\":[{\"type\":\"text\",\"text\":\"");
    for (size_t i = 0; i < text_size; i++)
        br_buf_addc (&body, 'x');
    br_buf_adds (&body, "\"}],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":3,"
                        "\"output_tokens\":4}}");
    br_buf_t answer;
    br_buf_init (&answer, text_size + 8192);
    br_buf_addf (&answer, "%sContent-Length: %zu\r\n\r\n%s", HEAD_JSON, body.size,
                 br_buf_text (&body));
    br_buf_free (&body);
    char *text = strdup (br_buf_text (&answer));
    br_buf_free (&answer);
    return text;
}

static uint64_t
s_upto (provider_t *provider)
{
    const br_msg_t *msg = stage_last (&provider->stage, "ingress", BR_REPLY_DELTA);
    return msg ? ((const struct br_reply_delta *) br_msg_fields (msg))->upto : 0;
}

static void
a_small_answer_goes_down_with_its_head (void **state)
{
    provider_t *provider = *state;
    char *answer = s_message (10);
    provider->answer = answer;
    provider_start (provider, 1, 0);
    assert_string_equal (provider_finish (provider), "attempt.done#1 ");
    assert_string_equal (stage_heard (&provider->stage, "ingress"),
                         "reply.head#1 reply.end#1 ");
    const char *bytes = stage_bytes (&provider->stage, "ingress");
    assert_non_null (strstr (bytes, "\"content\":\"xxxxxxxxxx\""));
    const br_msg_t *msg = stage_last (&provider->stage, "ingress", BR_REPLY_HEAD);
    const struct br_reply_head *head = br_msg_fields (msg);
    assert_int_equal (head->seq, 0);
    assert_int_equal (head->upto, strlen (bytes));
    assert_string_equal (head->content_type, "application/json");
    free (answer);
}

static void
what_does_not_fit_into_the_window_waits_for_credit (void **state)
{
    provider_t *provider = *state;
    char *answer = s_message (1u << 20);
    provider->answer = answer;
    provider_start (provider, 1, 0);
    stage_await (&provider->stage, "ingress", BR_REPLY_DELTA);
    provider_turn (provider, 50);
    //  then: the provider is done, and the window is full
    assert_in_range (s_upto (provider), BR_CREDIT_WINDOW,
                     BR_CREDIT_WINDOW + BR_CREDIT_PIECE);
    assert_string_equal (stage_heard (&provider->stage, "router"), "");
    struct br_reply_credit credit = { .upto = 600000 };
    stage_send (&provider->stage, "ingress", provider->upstream, BR_REPLY_CREDIT, 1, 1,
                &credit, NULL);
    stage_settle (&provider->stage);
    assert_in_range (s_upto (provider), 600000, 600000 + BR_CREDIT_PIECE);
    assert_null (stage_last (&provider->stage, "ingress", BR_REPLY_END));
    credit.upto = 4u << 20;
    stage_send (&provider->stage, "ingress", provider->upstream, BR_REPLY_CREDIT, 1, 1,
                &credit, NULL);
    assert_string_equal (provider_finish (provider), "attempt.done#1 ");
    assert_non_null (stage_last (&provider->stage, "ingress", BR_REPLY_END));
    assert_int_equal (s_upto (provider),
                      strlen (stage_bytes (&provider->stage, "ingress")));
    free (answer);
}

static void
what_waits_is_given_up_with_a_cancel (void **state)
{
    provider_t *provider = *state;
    char *answer = s_message (1u << 20);
    provider->answer = answer;
    provider_start (provider, 1, 0);
    stage_await (&provider->stage, "ingress", BR_REPLY_DELTA);
    provider_turn (provider, 20);
    stage_send (&provider->stage, "ingress", provider->upstream, BR_ATTEMPT_CANCEL, 1, 1,
                NULL, NULL);
    assert_string_equal (provider_finish (provider), "attempt.done#1 ");
    const br_msg_t *msg = stage_last (&provider->stage, "router", BR_ATTEMPT_DONE);
    const struct br_attempt_done *done = br_msg_fields (msg);
    assert_int_equal (done->outcome, BR_OUTCOME_CANCELLED);
    assert_int_equal (done->output_tokens, 4);
    free (answer);
}

#define START                                                                            \
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":"       \
    "\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m-1\","           \
    "\"content\":[],\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n"            \
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"   \
    "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
#define PIECE                                                                            \
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"   \
    "\"delta\":{\"type\":\"text_delta\",\"text\":\"one\"}}\n\n"
#define STOP                                                                             \
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n" \
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{"                \
    "\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":4}}\n\n"                 \
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
#define OVERLOADED                                                                       \
    "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","  \
    "\"message\":\"x\"}}\n\n"

static void
s_stream (provider_t *provider, const char *head, const char *first, const char *last)
{
    br_buf_t answer;
    br_buf_init (&answer, 1u << 16);
    br_buf_addf (&answer, "%sContent-Length: %zu\r\n\r\n%s%s", head,
                 strlen (first) + strlen (last), first, last);
    provider->answer = br_buf_text (&answer);
    provider->ask = STREAM_CALL;
    provider_start (provider, 1, 1);
    provider_finish (provider);
    br_buf_free (&answer);
}

static void
a_translated_stream_ends_as_the_client_expects (void **state)
{
    provider_t *provider = *state;
    s_stream (provider, HEAD_SSE, START PIECE PIECE, STOP);
    const char *bytes = stage_bytes (&provider->stage, "ingress");
    assert_non_null (strstr (bytes, "\"content\":\"one\""));
    assert_non_null (strstr (bytes, "data: [DONE]"));
    const char *request = br_buf_text (&provider->request);
    assert_non_null (strstr (request, "POST /v1/messages HTTP/1.1\r\n"));
    assert_non_null (strstr (request, "x-api-key: sk-secret-0001\r\n"));
    assert_non_null (strstr (request, "anthropic-version: 2023-06-01\r\n"));
    assert_non_null (strstr (request, "\"stream\":true"));
    const br_msg_t *msg = stage_last (&provider->stage, "ingress", BR_REPLY_HEAD);
    assert_string_equal (
        ((const struct br_reply_head *) br_msg_fields (msg))->content_type,
        "text/event-stream");
    msg = stage_last (&provider->stage, "router", BR_ATTEMPT_DONE);
    const struct br_attempt_done *done = br_msg_fields (msg);
    assert_int_equal (done->outcome, BR_OUTCOME_OK);
    assert_int_equal (done->output_tokens, 4);
}

static void
a_translated_stream_that_is_cut_is_an_error (void **state)
{
    provider_t *provider = *state;
    s_stream (provider, HEAD_SSE, START PIECE PIECE, "");
    const br_msg_t *msg = stage_last (&provider->stage, "ingress", BR_REPLY_ERROR);
    assert_non_null (msg);
    assert_int_equal (((const struct br_reply_error *) br_msg_fields (msg))->code,
                      BR_EUPCUT);
    assert_null (strstr (stage_bytes (&provider->stage, "ingress"), "[DONE]"));
}

static void
nonsense_before_the_head_is_the_routers (void **state)
{
    provider_t *provider = *state;
    s_stream (provider, HEAD_SSE, START PIECE PIECE, "data: {\"broken\n\n" PIECE STOP);
    assert_int_equal (provider_failure (provider)->code, BR_EUPINVALID);
    assert_string_equal (stage_heard (&provider->stage, "ingress"), "");
}

static void
nonsense_after_the_head_is_an_error (void **state)
{
    provider_t *provider = *state;
    provider->ask = STREAM_CALL;
    provider->answer = HEAD_SSE "\r\n" START PIECE PIECE;
    provider_start (provider, 1, 1);
    stage_await (&provider->stage, "ingress", BR_REPLY_HEAD);
    peer_says (peer_last (provider->peer), "data: {\"broken\n\n" PIECE);
    provider_finish (provider);
    const br_msg_t *msg = stage_last (&provider->stage, "ingress", BR_REPLY_ERROR);
    assert_non_null (msg);
    assert_int_equal (((const struct br_reply_error *) br_msg_fields (msg))->code,
                      BR_EUPINVALID);
}

static void
an_error_before_the_first_frame_is_the_routers (void **state)
{
    provider_t *provider = *state;
    s_stream (provider, HEAD_SSE, OVERLOADED, "");
    assert_string_equal (stage_heard (&provider->stage, "ingress"), "");
    assert_int_equal (provider_failure (provider)->failure, BR_FAILURE_OVERLOADED);
    assert_null (stage_last (&provider->stage, "router", BR_ATTEMPT_FAIL)->body);
}

static void
an_error_status_is_told_in_words (void **state)
{
    provider_t *provider = *state;
    s_stream (provider,
              "HTTP/1.1 529 X\r\nContent-Type: application/json\r\nretry-after: 7\r\n",
              "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",",
              "\"message\":\"busy, sk-secret-0001\"}}");
    const struct br_attempt_fail *fail = provider_failure (provider);
    assert_int_equal (fail->code, BR_EUNAVAILABLE);
    assert_int_equal (fail->status, 503);
    assert_string_equal (fail->error,
                         "provider acme is overloaded: busy, **************");
    assert_string_equal (br_pairs_get (fail->headers, "retry-after"), "7");
    assert_int_equal (fail->failure, BR_FAILURE_OVERLOADED);
    assert_int_equal (fail->retry_after_ms, 7000);
    assert_null (stage_last (&provider->stage, "router", BR_ATTEMPT_FAIL)->body);
}

static void
what_is_lost_on_the_way_is_told (void **state)
{
    provider_t *provider = *state;
    char *answer = s_message (10);
    provider->answer = answer;
    provider->ask = "{\"model\":\"gpt\",\"logit_bias\":{\"1\":1},\"messages\":[{\"role\":"
                    "\"user\",\"content\":\"hi\"}]}";
    provider_start (provider, 1, 0);
    provider_finish (provider);
    const br_msg_t *msg = stage_last (&provider->stage, "ingress", BR_REPLY_HEAD);
    const struct br_reply_head *head = br_msg_fields (msg);
    assert_string_equal (br_pairs_get (head->headers, "x-bitrouter-warnings"),
                         "dropped logit_bias");
    free (answer);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_small_answer_goes_down_with_its_head),
        TEST (what_does_not_fit_into_the_window_waits_for_credit),
        TEST (what_waits_is_given_up_with_a_cancel),
        TEST (a_translated_stream_ends_as_the_client_expects),
        TEST (a_translated_stream_that_is_cut_is_an_error),
        TEST (nonsense_before_the_head_is_the_routers),
        TEST (nonsense_after_the_head_is_an_error),
        TEST (an_error_before_the_first_frame_is_the_routers),
        TEST (an_error_status_is_told_in_words),
        TEST (what_is_lost_on_the_way_is_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
