//  upstream_attempt: whole exchanges with a provider on a socket.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/failure.h"
#include "broker/core/pairs.h"
#include "actors/upstream/upstream_attempt.h"
#include "tests/actors/upstream/provider.h"

#define HEAD_JSON "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#define HEAD_SSE "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
#define STATUS(number) "HTTP/1.1 " number " X\r\nContent-Type: application/json\r\n"
#define KEY ",\"auth\":{\"type\":\"protocol\",\"api_key\":\"sk-secret-0001\"}"

static const char s_chunk[] =
    "data: "
    "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
static const char s_last[] =
    "data: "
    "{\"id\":\"c\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":"
    "{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\ndata: [DONE]\n\n";

static int
s_setup (void **state)
{
    static provider_t provider;
    provider_open (&provider, KEY);
    *state = &provider;
    return 0;
}

static int
s_teardown (void **state)
{
    provider_close (*state);
    return 0;
}

//  A whole answer with its length. "owned by the buffer"
static const char *
s_answer (br_buf_t *room, const char *head, const char *body)
{
    br_buf_init (room, 1u << 20);
    br_buf_addf (room, "%sContent-Length: %zu\r\n\r\n%s", head, strlen (body), body);
    return br_buf_text (room);
}

//  One exchange from start to end; compares what ingress and router heard.
static void
s_exchange (provider_t *provider, uint64_t stream, const char *head, const char *body,
            const char *ingress, const char *router)
{
    br_buf_t room;
    provider->answer = s_answer (&room, head, body);
    provider_start (provider, 1, stream);
    assert_string_equal (provider_finish (provider), router);
    assert_string_equal (stage_heard (&provider->stage, "ingress"), ingress);
    br_buf_free (&room);
}

static const char s_body[] = "{\"id\":\"c\",\"choices\":[{\"message\":{\"content\":"
                             "\"hi\"},\"finish_reason\":\"stop\"}],"
                             "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}";

static void
a_single_answer_goes_down_as_it_is (void **state)
{
    provider_t *provider = *state;
    s_exchange (provider, 0,
                HEAD_JSON "x-request-id: r7\r\nset-cookie: a=b\r\nopenai-version: 1\r\n",
                s_body, "reply.head#1 reply.end#1 ", "attempt.done#1 ");
    assert_string_equal (stage_bytes (&provider->stage, "ingress"), s_body);
    const br_msg_t *msg = stage_last (&provider->stage, "ingress", BR_REPLY_HEAD);
    const struct br_reply_head *head = br_msg_fields (msg);
    assert_int_equal (head->status, 200);
    assert_int_equal (head->seq, 0);
    assert_int_equal (head->upto, strlen (s_body));
    assert_string_equal (head->content_type, "application/json");
    assert_string_equal (head->provider, "acme");
    assert_string_equal (head->model, "m-1");
    assert_string_equal (br_pairs_get (head->headers, "x-request-id"), "r7");
    assert_string_equal (br_pairs_get (head->headers, "openai-version"), "1");
    assert_null (br_pairs_get (head->headers, "set-cookie"));
    assert_null (br_pairs_get (head->headers, "content-length"));
    msg = stage_last (&provider->stage, "router", BR_ATTEMPT_DONE);
    const struct br_attempt_done *done = br_msg_fields (msg);
    assert_int_equal (done->outcome, BR_OUTCOME_OK);
    assert_int_equal (done->status, 200);
    assert_int_equal (done->usage_known, 1);
    assert_int_equal (done->input_tokens, 3);
    assert_int_equal (done->output_tokens, 4);
    assert_true (done->first_us > 0);
}

static void
the_request_is_the_clients_with_another_model (void **state)
{
    provider_t *provider = *state;
    s_exchange (provider, 0, HEAD_JSON, s_body, "reply.head#1 reply.end#1 ",
                "attempt.done#1 ");
    const char *request = br_buf_text (&provider->request);
    assert_non_null (strstr (request, "POST /v1/chat/completions HTTP/1.1\r\n"));
    assert_non_null (strstr (request, "Authorization: Bearer sk-secret-0001\r\n"));
    assert_non_null (strstr (request, "accept: application/json\r\n"));
    assert_non_null (strstr (request, "user-agent: bitrouter/"));
    assert_string_equal (request + peer_body_offset (&provider->request),
                         "{\"model\":\"m-1\",\"x\":1}");
}

static void
a_stream_flows_from_its_first_frame (void **state)
{
    provider_t *provider = *state;
    provider->answer = HEAD_SSE "\r\n: keep-alive\n\n";
    provider_start (provider, 1, 1);
    provider_await_request (provider, 1);
    provider_turn (provider, 20);
    //  then: a comment is nothing yet
    assert_string_equal (stage_heard (&provider->stage, "ingress"), "");
    peer_says (peer_last (provider->peer), s_chunk);
    stage_await (&provider->stage, "ingress", BR_REPLY_HEAD);
    peer_says (peer_last (provider->peer), s_chunk);
    stage_await (&provider->stage, "ingress", BR_REPLY_DELTA);
    peer_says (peer_last (provider->peer), s_last);
    peer_end (peer_last (provider->peer));
    assert_string_equal (provider_finish (provider), "attempt.done#1 ");
    assert_string_equal (stage_heard (&provider->stage, "ingress"),
                         "reply.head#1 reply.delta#1 reply.delta#1 reply.end#1 ");
    const br_msg_t *msg = stage_last (&provider->stage, "ingress", BR_REPLY_END);
    const struct br_reply_end *end = br_msg_fields (msg);
    assert_int_equal (end->seq, 3);
    assert_int_equal (end->output_tokens, 4);
    msg = stage_last (&provider->stage, "ingress", BR_REPLY_DELTA);
    const struct br_reply_delta *delta = br_msg_fields (msg);
    assert_int_equal (delta->seq, 2);
    assert_int_equal (delta->upto, strlen (stage_bytes (&provider->stage, "ingress")));
}

//  ---- failures before the head

typedef struct {
    const char *name;
    uint64_t stream;
    const char *head;
    const char *body;
    br_code_t code;
    unsigned status;
    br_failure_t failure;
    const char *passed; //  body of attempt.fail; NULL = none
} failure_t;

static const failure_t s_failures[] = {
    { "400", 0, STATUS ("400"), "{\"error\":1}", BR_EINVALID, 400, BR_FAILURE_REQUEST,
      "{\"error\":1}" },
    { "a secret", 1, STATUS ("500"), "{\"error\":\"key sk-secret-0001 is bad\"}",
      BR_EUPBAD, 500, BR_FAILURE_SERVER, "{\"error\":\"key ************** is bad\"}" },
    { "401", 0, STATUS ("401"), "{\"error\":1}", BR_EUPAUTH, 401, BR_FAILURE_AUTH, NULL },
    { "404", 0, STATUS ("404"), "{}", BR_ENOTFOUND, 404, BR_FAILURE_UNKNOWN_MODEL, "{}" },
    { "429", 0, STATUS ("429") "Retry-After: 7\r\n", "{}", BR_EUPLIMIT, 429,
      BR_FAILURE_RATE, "{}" },
    { "an error page", 0, "HTTP/1.1 502 X\r\nContent-Type: text/html\r\n", "<html>",
      BR_EUPBAD, 502, BR_FAILURE_SERVER, NULL },
    { "a redirect", 0, "HTTP/1.1 302 X\r\nLocation: /\r\n", "", BR_EUPBAD, 302,
      BR_FAILURE_INVALID, NULL },
    { "a page as answer", 0, "HTTP/1.1 200 X\r\nContent-Type: text/html\r\n", "<html>",
      BR_EUPINVALID, 0, BR_FAILURE_INVALID, NULL },
    { "a page without its type", 1, HEAD_SSE, "\n <html>", BR_EUPINVALID, 0,
      BR_FAILURE_INVALID, NULL },
    { "nothing", 0, HEAD_JSON, "", BR_EUPINVALID, 0, BR_FAILURE_INVALID, NULL },
    { "an empty stream", 1, HEAD_SSE, ": hi\n\n", BR_EUPINVALID, 0, BR_FAILURE_INVALID,
      NULL },
    { "no JSON", 0, HEAD_JSON, "{\"a\":", BR_EUPINVALID, 0, BR_FAILURE_INVALID, NULL },
    { "a stream that begins with no JSON", 1, HEAD_SSE,
      "data: {\"id\":\"bro\n\ndata: [DONE]\n\n", BR_EUPINVALID, 0, BR_FAILURE_INVALID,
      NULL },
    { "words", 0, HEAD_JSON, "oops", BR_EUPINVALID, 0, BR_FAILURE_INVALID, NULL },
    { "an error inside of a success", 0, HEAD_JSON,
      "{\"error\":{\"type\":\"rate_limit_error\"}}", BR_EUPLIMIT, 0, BR_FAILURE_RATE,
      "{\"error\":{\"type\":\"rate_limit_error\"}}" },
    { "an error as the first frame", 1, HEAD_SSE,
      "data: {\"error\":{\"code\":503,\"message\":\"x\"}}\n\n", BR_EUPBAD, 0,
      BR_FAILURE_OVERLOADED, NULL },
};

static void
failures_before_the_head_are_the_routers (void **state)
{
    provider_t *provider = *state;
    for (size_t i = 0; i < sizeof s_failures / sizeof *s_failures; i++) {
        const failure_t *row = &s_failures[i];
        s_exchange (provider, row->stream, row->head, row->body, "", "attempt.fail#1 ");
        const br_msg_t *msg = stage_last (&provider->stage, "router", BR_ATTEMPT_FAIL);
        const struct br_attempt_fail *fail = br_msg_fields (msg);
        assert_int_equal (fail->code, row->code);
        assert_int_equal (fail->status, row->status);
        assert_int_equal (fail->failure, row->failure);
        assert_true (fail->waited_us > 0);
        assert_int_equal (br_blob_size (msg->body),
                          row->passed ? strlen (row->passed) : 0);
        if (row->passed)
            assert_memory_equal (br_blob_data (msg->body), row->passed,
                                 strlen (row->passed));
        assert_null (strstr (fail->error, "sk-secret"));
        if (row->status == 429)
            assert_int_equal (fail->retry_after_ms, 7000);
        if (row->status == 429)
            assert_string_equal (br_pairs_get (fail->headers, "retry-after"), "7");
    }
}

static void
a_large_error_body_is_not_passed_on (void **state)
{
    provider_t *provider = *state;
    char *body = malloc (100001);
    memset (body, ' ', 100000);
    body[0] = '{';
    body[99999] = '}';
    body[100000] = 0;
    s_exchange (provider, 0, STATUS ("500"), body, "", "attempt.fail#1 ");
    assert_null (stage_last (&provider->stage, "router", BR_ATTEMPT_FAIL)->body);
    free (body);
}

static void
what_cannot_be_reached_may_be_tried_elsewhere (void **state)
{
    provider_t *provider = *state;
    provider_conf (provider, "{\"api_base\":\"http://127.0.0.1:1\"}");
    stage_heard (&provider->stage, "router");
    provider_start (provider, 1, 0);
    assert_string_equal (provider_finish (provider), "attempt.fail#1 ");
    assert_int_equal (provider_failure (provider)->code, BR_EUPBAD);
    assert_int_equal (provider_failure (provider)->failure, BR_FAILURE_CONNECT);
}

static void
a_cut_before_the_first_frame_may_be_tried_elsewhere (void **state)
{
    provider_t *provider = *state;
    provider->hang_up = true;
    provider->answer = HEAD_SSE "Content-Length: 500\r\n\r\n: hi\n\n";
    provider_start (provider, 1, 1);
    assert_string_equal (provider_finish (provider), "attempt.fail#1 ");
    assert_int_equal (provider_failure (provider)->code, BR_EUPCUT);
    assert_int_equal (provider_failure (provider)->failure, BR_FAILURE_CUT);
}

//  ---- what a provider says of another try

static void
s_advice (provider_t *provider, const char *head, const char *body, br_failure_t failure,
          uint64_t retry_after_ms)
{
    s_exchange (provider, 0, head, body, "", "attempt.fail#1 ");
    assert_int_equal (provider_failure (provider)->failure, failure);
    assert_int_equal (provider_failure (provider)->retry_after_ms, retry_after_ms);
}

static void
a_providers_advice_is_followed (void **state)
{
    provider_t *provider = *state;
    s_advice (provider, STATUS ("500") "x-should-retry: false\r\n", "{}",
              BR_FAILURE_REFUSED, 0);
    s_advice (provider, STATUS ("400") "x-should-retry: true\r\n", "{}",
              BR_FAILURE_CONFLICT, 0);
    s_advice (provider, STATUS ("529") "retry-after-ms: 40\r\nx-should-retry: true\r\n",
              "{}", BR_FAILURE_OVERLOADED, 40);
    s_advice (provider,
              STATUS ("429") "x-ratelimit-remaining-requests: 0\r\n"
                             "x-ratelimit-reset-requests: 1m30s\r\n",
              "{}", BR_FAILURE_RATE, 90000);
    const struct br_attempt_fail *fail = provider_failure (provider);
    assert_string_equal (br_pairs_get (fail->headers, "x-ratelimit-reset-requests"),
                         "1m30s");
    //  limits are not the reason of other failures
    s_advice (provider,
              STATUS ("500") "x-ratelimit-remaining-requests: 0\r\n"
                             "x-ratelimit-reset-requests: 1m30s\r\n",
              "{}", BR_FAILURE_SERVER, 0);
    //  what concerns the credential passes no headers
    s_advice (provider, STATUS ("402") "retry-after: 5\r\n", "{}", BR_FAILURE_CREDIT,
              5000);
    assert_int_equal (provider_failure (provider)->headers.size, 0);
}

//  An answer that is cut may talk of errors all the same.
static void
words_of_an_answer_are_not_those_of_its_end (void **state)
{
    provider_t *provider = *state;
    provider->hang_up = true;
    provider->answer = HEAD_JSON "Content-Length: 500\r\n\r\n{\"detail\":\"insufficient "
                                 "balance\"}";
    provider_start (provider, 1, 0);
    assert_string_equal (provider_finish (provider), "attempt.fail#1 ");
    assert_int_equal (provider_failure (provider)->failure, BR_FAILURE_CUT);
}

static void
the_words_of_an_error_in_a_stream_are_read (void **state)
{
    provider_t *provider = *state;
    s_exchange (provider, 1, HEAD_SSE,
                "data: {\"error\":{\"type\":\"invalid_request_error\",\"message\":\"Your "
                "credit balance is too low\"}}\n\n",
                "", "attempt.fail#1 ");
    assert_int_equal (provider_failure (provider)->failure, BR_FAILURE_CREDIT);
    assert_int_equal (provider_failure (provider)->code, BR_EUPCREDIT);
}

//  ---- failures after the head

static void
a_stream_that_ends_too_early_is_an_error (void **state)
{
    provider_t *provider = *state;
    s_exchange (provider, 1, HEAD_SSE, s_chunk, "reply.head#1 reply.error#1 ",
                "attempt.done#1 ");
    const br_msg_t *msg = stage_last (&provider->stage, "ingress", BR_REPLY_ERROR);
    const struct br_reply_error *error = br_msg_fields (msg);
    assert_int_equal (error->code, BR_EUPCUT);
    assert_int_equal (error->seq, 1);
    assert_true (error->elsewhere_us > 0);
    msg = stage_last (&provider->stage, "router", BR_ATTEMPT_DONE);
    const struct br_attempt_done *done = br_msg_fields (msg);
    assert_int_equal (done->outcome, BR_OUTCOME_FAILED);
    assert_int_equal (done->code, BR_EUPCUT);
    assert_int_equal (done->failure, BR_FAILURE_CUT);
}

static void
a_bad_end_behind_the_last_word_is_none (void **state)
{
    provider_t *provider = *state;
    br_buf_t room;
    br_buf_init (&room, 1u << 16);
    br_buf_addf (&room, "%sContent-Length: 5000\r\n\r\n%s%s", HEAD_SSE, s_chunk, s_last);
    provider->answer = br_buf_text (&room);
    provider->hang_up = true;
    provider_start (provider, 1, 1);
    provider_finish (provider);
    const br_msg_t *msg = stage_last (&provider->stage, "router", BR_ATTEMPT_DONE);
    const struct br_attempt_done *done = br_msg_fields (msg);
    assert_int_equal (done->outcome, BR_OUTCOME_OK);
    br_buf_free (&room);
}

static void
an_error_in_the_middle_has_gone_down_and_counts (void **state)
{
    provider_t *provider = *state;
    br_buf_t body;
    br_buf_init (&body, 1u << 16);
    br_buf_addf (&body, "%sdata: {\"error\":{\"type\":\"overloaded\"}}\n\n", s_chunk);
    s_exchange (provider, 1, HEAD_SSE, br_buf_text (&body), "reply.head#1 reply.end#1 ",
                "attempt.done#1 ");
    const br_msg_t *msg = stage_last (&provider->stage, "router", BR_ATTEMPT_DONE);
    const struct br_attempt_done *done = br_msg_fields (msg);
    assert_int_equal (done->outcome, BR_OUTCOME_FAILED);
    assert_int_equal (done->failure, BR_FAILURE_OVERLOADED);
    br_buf_free (&body);
}

//  ---- window and cancel

static void
credit_pauses_and_resumes (void **state)
{
    provider_t *provider = *state;
    provider->answer = HEAD_SSE "\r\n";
    provider_start (provider, 1, 1);
    provider_await_request (provider, 1);
    peer_conn_t *conn = peer_last (provider->peer);
    //  when: a megabyte of frames comes, and no credit
    char *frame = malloc (65536);
    size_t start = strlen (s_chunk);
    memcpy (frame, s_chunk, start);
    memset (frame + start, ':', 65536 - start);
    frame[65535] = '\n';
    for (int i = 0; i < 16; i++)
        peer_send (conn, frame, 65536);
    provider_turn (provider, 100);
    const br_msg_t *msg = stage_last (&provider->stage, "ingress", BR_REPLY_DELTA);
    uint64_t upto = ((const struct br_reply_delta *) br_msg_fields (msg))->upto;
    assert_in_range (upto, BR_CREDIT_WINDOW, BR_CREDIT_WINDOW + 65536);
    //  then: with credit all comes
    struct br_reply_credit credit = { .upto = 4u << 20 };
    stage_send (&provider->stage, "ingress", provider->upstream, BR_REPLY_CREDIT, 1, 1,
                &credit, NULL);
    peer_says (conn, "\n\n");
    peer_says (conn, s_last);
    peer_end (conn);
    assert_string_equal (provider_finish (provider), "attempt.done#1 ");
    msg = stage_last (&provider->stage, "ingress", BR_REPLY_DELTA);
    upto = ((const struct br_reply_delta *) br_msg_fields (msg))->upto;
    assert_int_equal (upto, 16 * 65536 + 2 + strlen (s_last));
    free (frame);
}

static void
a_cancel_closes_the_connection_and_tells_the_usage (void **state)
{
    provider_t *provider = *state;
    provider->answer = HEAD_SSE "\r\n";
    provider_start (provider, 1, 1);
    provider_await_request (provider, 1);
    peer_says (peer_last (provider->peer), s_last);
    stage_await (&provider->stage, "ingress", BR_REPLY_HEAD);
    stage_send (&provider->stage, "ingress", provider->upstream, BR_ATTEMPT_CANCEL, 1, 9,
                NULL, NULL); //  unknown
    stage_send (&provider->stage, "ingress", provider->upstream, BR_ATTEMPT_CANCEL, 1, 1,
                NULL, NULL);
    assert_string_equal (provider_finish (provider), "attempt.done#1 ");
    const br_msg_t *msg = stage_last (&provider->stage, "router", BR_ATTEMPT_DONE);
    const struct br_attempt_done *done = br_msg_fields (msg);
    assert_int_equal (done->outcome, BR_OUTCOME_CANCELLED);
    assert_int_equal (done->failure, BR_FAILURE_NONE);
    assert_int_equal (done->output_tokens, 4);
    provider_turn (provider, 20);
    assert_int_equal (peer_open (provider->peer), 0);
}

static void
our_key_in_a_stream_goes_down_masked (void **state)
{
    provider_t *provider = *state;
    provider->answer = HEAD_SSE "\r\n";
    provider_start (provider, 1, 1);
    provider_await_request (provider, 1);
    peer_says (peer_last (provider->peer), s_chunk);
    stage_await (&provider->stage, "ingress", BR_REPLY_HEAD);
    peer_says (peer_last (provider->peer),
               "data: {\"error\":{\"message\":\"key sk-secret");
    provider_turn (provider, 10);
    peer_says (peer_last (provider->peer), "-0001 bad\"}}\n\n");
    peer_says (peer_last (provider->peer), s_last);
    peer_end (peer_last (provider->peer));
    provider_finish (provider);
    const char *bytes = stage_bytes (&provider->stage, "ingress");
    assert_non_null (strstr (bytes, "\"key ************** bad\""));
    assert_null (strstr (bytes, "sk-"));
}

static void
a_large_single_answer_flows_before_its_end (void **state)
{
    provider_t *provider = *state;
    br_buf_t body;
    br_buf_init (&body, 1u << 20);
    br_buf_adds (&body, "{\"choices\":[],\"x\":\"");
    for (int i = 0; i < 20000; i++)
        br_buf_adds (&body, "12345678");
    br_buf_adds (&body, "\"}");
    br_buf_t room;
    provider->answer = s_answer (&room, HEAD_JSON, br_buf_text (&body));
    provider_start (provider, 1, 0);
    stage_await (&provider->stage, "ingress", BR_REPLY_HEAD);
    struct br_reply_credit credit = { .upto = 1u << 20 };
    stage_send (&provider->stage, "ingress", provider->upstream, BR_REPLY_CREDIT, 1, 1,
                &credit, NULL);
    assert_string_equal (provider_finish (provider), "attempt.done#1 ");
    assert_non_null (stage_last (&provider->stage, "ingress", BR_REPLY_DELTA));
    assert_string_equal (stage_bytes (&provider->stage, "ingress"), br_buf_text (&body));
    br_buf_free (&body);
    br_buf_free (&room);
}

//  ---- hosts that are gone

//  ---- what it has cost where nobody says

static void
s_cancel (provider_t *provider)
{
    stage_send (&provider->stage, "ingress", provider->upstream, BR_ATTEMPT_CANCEL, 1, 1,
                NULL, NULL);
    assert_string_equal (provider_finish (provider), "attempt.done#1 ");
}

static void
s_assert_estimated (provider_t *provider, uint64_t output)
{
    const br_msg_t *msg = stage_last (&provider->stage, "router", BR_ATTEMPT_DONE);
    const struct br_attempt_done *done = br_msg_fields (msg);
    assert_int_equal (done->usage_known, 0);
    assert_int_equal (done->input_tokens, 6); // {"model":"gpt","x":1}
    assert_int_equal (done->output_tokens, output);
}

static void
a_cancel_without_usage_tells_an_estimate (void **state)
{
    provider_t *provider = *state;
    provider->answer = HEAD_SSE "\r\n";
    provider_start (provider, 1, 1);
    provider_await_request (provider, 1);
    for (size_t i = 0; i < 5; i++)
        peer_says (peer_last (provider->peer), s_chunk);
    stage_await (&provider->stage, "ingress", BR_REPLY_HEAD);
    provider_turn (provider, 50);
    s_cancel (provider);
    s_assert_estimated (provider, 2);
}

static void
a_cancel_before_the_answer_has_used_the_input (void **state)
{
    provider_t *provider = *state;
    provider_start (provider, 1, 1);
    provider_await_request (provider, 1);
    s_cancel (provider);
    s_assert_estimated (provider, 0);
}

static void
a_cancel_before_the_request_has_left_has_used_nothing (void **state)
{
    provider_t *provider = *state;
    provider_start (provider, 1, 1);
    stage_send (&provider->stage, "ingress", provider->upstream, BR_ATTEMPT_CANCEL, 1, 1,
                NULL, NULL);
    stage_settle (&provider->stage);
    const br_msg_t *msg = stage_last (&provider->stage, "router", BR_ATTEMPT_DONE);
    assert_non_null (msg);
    const struct br_attempt_done *done = br_msg_fields (msg);
    assert_int_equal (done->usage_known, 1); //  that is sure
    assert_int_equal (done->input_tokens, 0);
}

static void
a_success_without_usage_is_estimated_on_both_ways (void **state)
{
    provider_t *provider = *state;
    s_exchange (provider, 0, HEAD_JSON,
                "{\"id\":\"c\",\"choices\":[{\"message\":{\"content\":\"hello\"},"
                "\"finish_reason\":\"stop\"}]}",
                "reply.head#1 reply.end#1 ", "attempt.done#1 ");
    s_assert_estimated (provider, 2);
    const br_msg_t *msg = stage_last (&provider->stage, "ingress", BR_REPLY_END);
    const struct br_reply_end *end = br_msg_fields (msg);
    assert_int_equal (end->usage_known, 0);
    assert_int_equal (end->input_tokens, 6);
    assert_int_equal (end->output_tokens, 2);
}

static void
an_answer_that_is_cut_has_cost_what_was_told (void **state)
{
    provider_t *provider = *state;
    provider->answer = HEAD_SSE "\r\n";
    provider_start (provider, 1, 1);
    provider_await_request (provider, 1);
    peer_says (peer_last (provider->peer), s_chunk);
    stage_await (&provider->stage, "ingress", BR_REPLY_HEAD);
    peer_end (peer_last (provider->peer));
    assert_string_equal (provider_finish (provider), "attempt.done#1 ");
    s_assert_estimated (provider, 1);
}

static void
all_kinds_of_tokens_are_told (void **state)
{
    provider_t *provider = *state;
    s_exchange (provider, 0, HEAD_JSON,
                "{\"id\":\"c\",\"choices\":[{\"message\":{\"content\":\"hi\"},"
                "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":30,"
                "\"completion_tokens\":40,\"prompt_tokens_details\":{\"audio_tokens\":5},"
                "\"completion_tokens_details\":{\"audio_tokens\":6}}}",
                "reply.head#1 reply.end#1 ", "attempt.done#1 ");
    const br_msg_t *msg = stage_last (&provider->stage, "router", BR_ATTEMPT_DONE);
    const struct br_attempt_done *done = br_msg_fields (msg);
    assert_int_equal (done->audio_input_tokens, 5);
    assert_int_equal (done->audio_output_tokens, 6);
    msg = stage_last (&provider->stage, "ingress", BR_REPLY_END);
    const struct br_reply_end *end = br_msg_fields (msg);
    assert_int_equal (end->audio_input_tokens, 5);
    assert_int_equal (end->audio_output_tokens, 6);
}

static void
without_ingress_the_transfer_is_cancelled (void **state)
{
    provider_t *provider = *state;
    provider->answer = HEAD_SSE "\r\n";
    provider_start (provider, 1, 1);
    provider_await_request (provider, 1);
    br_host_end (provider->stage.host, "ingress");
    peer_says (peer_last (provider->peer), s_chunk);
    assert_string_equal (provider_finish (provider), "attempt.done#1 ");
    const br_msg_t *msg = stage_last (&provider->stage, "router", BR_ATTEMPT_DONE);
    assert_int_equal (((const struct br_attempt_done *) br_msg_fields (msg))->outcome,
                      BR_OUTCOME_CANCELLED);
}

static void
without_a_router_a_failure_goes_down (void **state)
{
    provider_t *provider = *state;
    provider->hang_up = true;
    provider_start (provider, 1, 1);
    stage_settle (&provider->stage);
    br_host_end (provider->stage.host, "router");
    stage_await (&provider->stage, "ingress", BR_REPLY_ERROR);
    assert_string_equal (stage_heard (&provider->stage, "ingress"), "reply.error#1 ");
    stage_start (&provider->stage, "router");
}

static void
when_all_hosts_are_gone_the_attempt_ends (void **state)
{
    provider_t *provider = *state;
    provider_start (provider, 1, 1);
    provider_await_request (provider, 1);
    br_host_gone (provider->stage.host, 1, 1);
    stage_settle (&provider->stage);
    provider_turn (provider, 20);
    assert_int_equal (peer_open (provider->peer), 0);
    assert_string_equal (stage_heard (&provider->stage, "router"), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_single_answer_goes_down_as_it_is),
        TEST (the_request_is_the_clients_with_another_model),
        TEST (a_stream_flows_from_its_first_frame),
        TEST (failures_before_the_head_are_the_routers),
        TEST (a_large_error_body_is_not_passed_on),
        TEST (what_cannot_be_reached_may_be_tried_elsewhere),
        TEST (a_cut_before_the_first_frame_may_be_tried_elsewhere),
        TEST (a_providers_advice_is_followed),
        TEST (the_words_of_an_error_in_a_stream_are_read),
        TEST (words_of_an_answer_are_not_those_of_its_end),
        TEST (a_stream_that_ends_too_early_is_an_error),
        TEST (a_bad_end_behind_the_last_word_is_none),
        TEST (an_error_in_the_middle_has_gone_down_and_counts),
        TEST (credit_pauses_and_resumes),
        TEST (a_cancel_closes_the_connection_and_tells_the_usage),
        TEST (a_cancel_without_usage_tells_an_estimate),
        TEST (a_cancel_before_the_answer_has_used_the_input),
        TEST (a_cancel_before_the_request_has_left_has_used_nothing),
        TEST (a_success_without_usage_is_estimated_on_both_ways),
        TEST (an_answer_that_is_cut_has_cost_what_was_told),
        TEST (all_kinds_of_tokens_are_told),
        TEST (our_key_in_a_stream_goes_down_masked),
        TEST (a_large_single_answer_flows_before_its_end),
        TEST (without_ingress_the_transfer_is_cancelled),
        TEST (without_a_router_a_failure_goes_down),
        TEST (when_all_hosts_are_gone_the_attempt_ends),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
