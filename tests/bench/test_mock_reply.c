//  Answers have the size that was asked for, and end as the script says.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bench/mock_reply.h"

static const mock_shelf_t s_shelf = { .models = "mock" };

static mock_request_t
s_request (bool is_stream)
{
    mock_request_t request;
    mock_request_init (&request);
    snprintf (request.method, sizeof request.method, "POST");
    snprintf (request.path, sizeof request.path, "/v1/chat/completions?a=b");
    snprintf (request.peek.model, sizeof request.peek.model, "gpt");
    request.peek.stream = is_stream;
    request.keep_alive = true;
    return request;
}

static void
plain_answer_has_its_size (void **state)
{
    (void) state;
    mock_request_t request = s_request (false);
    mock_script_t script;
    mock_script_init (&script);
    script.size = 1000;
    mock_reply_t *reply = mock_reply_new (&script, &request, &s_shelf);
    br_buf_t piece;
    br_buf_init (&piece, 1 << 20);
    assert_false (mock_reply_is_chunked (reply));
    assert_false (mock_reply_next (reply, &piece, 1));
    assert_int_equal (piece.size, 1000);
    assert_non_null (strstr (br_buf_text (&piece), "\"model\":\"gpt\""));
    br_buf_free (&piece);
    mock_reply_destroy (&reply);
    assert_null (reply);
}

static void
stream_ends_with_its_mark (void **state)
{
    (void) state;
    mock_request_t request = s_request (true);
    mock_script_t script;
    mock_script_init (&script);
    mock_reply_t *reply = mock_reply_new (&script, &request, &s_shelf);
    br_buf_t piece;
    br_buf_init (&piece, 1 << 20);
    for (int i = 0; i < script.chunks; i++) {
        br_buf_clear (&piece);
        assert_true (mock_reply_next (reply, &piece, 42));
        assert_int_equal (piece.size, i ? 190 : 203); //  the first one names the role
        assert_non_null (strstr (br_buf_text (&piece), "\"@0000000000000042 "));
    }
    br_buf_clear (&piece);
    assert_false (mock_reply_next (reply, &piece, 42));
    assert_non_null (strstr (br_buf_text (&piece), "data: [DONE]\n\n"));
    assert_int_equal (mock_reply_count (reply), script.chunks + 1);
    br_buf_free (&piece);
    mock_reply_destroy (&reply);
}

static void
refusal_says_why (void **state)
{
    (void) state;
    mock_request_t request = s_request (true);
    mock_script_t script;
    mock_script_init (&script);
    mock_reply_t *reply = mock_reply_new (&script, &request, &s_shelf);
    mock_reply_refuse (reply, 400, "be\"cause");
    br_buf_t bytes;
    br_buf_init (&bytes, 1 << 20);
    assert_false (mock_reply_next (reply, &bytes, 0));
    assert_non_null (strstr (br_buf_text (&bytes), "be\\\"cause"));
    br_buf_clear (&bytes);
    mock_reply_head (reply, &bytes, 7);
    assert_int_equal (strncmp (br_buf_text (&bytes), "HTTP/1.1 400 ", 13), 0);
    assert_non_null (strstr (br_buf_text (&bytes), "content-length: 7\r\n"));
    br_buf_free (&bytes);
    mock_reply_destroy (&reply);
}

static void
models_are_listed (void **state)
{
    (void) state;
    mock_request_t request = s_request (false);
    snprintf (request.method, sizeof request.method, "GET");
    snprintf (request.path, sizeof request.path, "/v1/models");
    mock_script_t script;
    mock_script_init (&script);
    mock_shelf_t two = { .models = "a,b" };
    mock_reply_t *reply = mock_reply_new (&script, &request, &two);
    br_buf_t piece;
    br_buf_init (&piece, 1 << 20);
    assert_false (mock_reply_next (reply, &piece, 0));
    assert_non_null (strstr (br_buf_text (&piece), "{\"id\":\"a\","));
    assert_non_null (strstr (br_buf_text (&piece), ",{\"id\":\"b\","));
    br_buf_free (&piece);
    mock_reply_destroy (&reply);
}

static void
digest_is_sha256 (void **state)
{
    (void) state;
    char hex[65];
    mock_reply_digest (hex, (const uint8_t *) "abc", 3);
    assert_string_equal (
        hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

//  Pieces of a stream until its end, as one text.
static void
s_read (mock_reply_t *reply, br_buf_t *text)
{
    br_buf_init (text, 1 << 20);
    while (mock_reply_next (reply, text, 42))
        continue;
}

static void
errors_speak_the_protocol_of_the_path (void **state)
{
    (void) state;
    static const char *const rows[][2] = {
        { "/v1/chat/completions", "{\"error\":{\"message\":\"too many requests\"" },
        { "/v1/responses", "\"code\":\"rate_limit_exceeded\"" },
        { "/v1/messages",
          "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\"" },
        { "/v1beta/models/x:generateContent", "\"status\":\"RESOURCE_EXHAUSTED\"" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        mock_request_t request = s_request (false);
        snprintf (request.path, sizeof request.path, "%s", rows[i][0]);
        mock_script_t script;
        mock_script_init (&script);
        script.status = 429;
        mock_reply_t *reply = mock_reply_new (&script, &request, &s_shelf);
        br_buf_t text;
        s_read (reply, &text);
        assert_int_equal (mock_reply_status (reply), 429);
        assert_non_null (strstr (br_buf_text (&text), rows[i][1]));
        br_buf_free (&text);
        mock_reply_destroy (&reply);
    }
}

typedef struct {
    const char *path;
    const char *key;   //  of the script, set to 1
    int status;        //  of the script
    const char *words; //  that the answer has
} cause_row_t;

static void
an_error_has_the_reason_that_it_was_told (void **state)
{
    (void) state;
    static const cause_row_t rows[] = {
        { "/v1/chat/completions", "context", 400, "context_length_exceeded" },
        { "/v1/responses", "context", 400, "context window" },
        { "/v1/messages", "context", 400, "prompt is too long" },
        { "/v1beta/models/m:generateContent", "context", 400, "input token count" },
        { "/v1/chat/completions", "policy", 400, "content_policy_violation" },
        { "/v1/chat/completions", "credit", 429, "\"type\":\"insufficient_quota\"" },
        { "/v1/messages", "credit", 400, "credit balance is too low" },
        { "/v1beta/models/m:generateContent", "credit", 429, "\"code\":429" },
        { "/v1/chat/completions", "mistyped", 200, "content-type: text/plain" },
        { "/v1/chat/completions", "should_retry", 500, "x-should-retry: true" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        mock_request_t request = s_request (false);
        snprintf (request.path, sizeof request.path, "%s", rows[i].path);
        mock_script_t script;
        mock_script_init (&script);
        script.status = rows[i].status;
        assert_int_equal (mock_script_set (&script, rows[i].key, NULL), 0);
        mock_reply_t *reply = mock_reply_new (&script, &request, &s_shelf);
        br_buf_t text;
        s_read (reply, &text);
        mock_reply_head (reply, &text, text.size);
        assert_int_equal (mock_reply_status (reply), rows[i].status);
        assert_non_null (strstr (br_buf_text (&text), rows[i].words));
        br_buf_free (&text);
        mock_reply_destroy (&reply);
    }
}

static void
a_limit_may_keep_its_end_to_itself (void **state)
{
    (void) state;
    static const char *const paths[] = { "/v1/messages",
                                         "/v1beta/models/m:generateContent" };
    for (size_t i = 0; i < 4; i++) {
        mock_request_t request = s_request (false);
        snprintf (request.path, sizeof request.path, "%s", paths[i / 2]);
        mock_script_t script;
        mock_script_init (&script);
        script.status = 429;
        script.retry_after_s = 7;
        script.no_retry_after = i % 2;
        mock_reply_t *reply = mock_reply_new (&script, &request, &s_shelf);
        br_buf_t text;
        s_read (reply, &text);
        mock_reply_head (reply, &text, text.size);
        const char *told = i / 2 ? "\"retryDelay\":\"7s\"" : "retry-after: 7";
        assert_int_equal (strstr (br_buf_text (&text), told) != NULL, i % 2 == 0);
        br_buf_free (&text);
        mock_reply_destroy (&reply);
    }
}

static void
a_conversation_has_a_broken_event_where_it_was_told (void **state)
{
    (void) state;
    mock_request_t request = s_request (true);
    static const uint8_t body[] = "{\"model\":\"mock\",\"stream\":true,\"messages\":"
                                  "[{\"role\":\"user\",\"content\":\"q\"}]}";
    request.body = body;
    request.body_size = sizeof body - 1;
    snprintf (request.peek.model, sizeof request.peek.model, "mock");
    mock_script_t script;
    mock_script_init (&script);
    script.tools = 1;
    script.bad_chunk = 1;
    mock_reply_t *reply = mock_reply_new (&script, &request, &s_shelf);
    br_buf_t text;
    s_read (reply, &text);
    assert_non_null (strstr (br_buf_text (&text), "\"content\":\"bro\n\ndata: {"));
    assert_non_null (strstr (br_buf_text (&text), "[DONE]"));
    br_buf_free (&text);
    mock_reply_destroy (&reply);
}

static void
a_greeting_is_for_any_model_and_tools (void **state)
{
    (void) state;
    static const uint8_t body[] = "{\"model\":\"gpt-4o\",\"stream\":true,\"unknown\":1,"
                                  "\"tools\":[{\"type\":\"custom\"}]}";
    mock_request_t request = s_request (true);
    request.body = body;
    request.body_size = sizeof body - 1;
    snprintf (request.peek.model, sizeof request.peek.model, "gpt-4o");
    mock_script_t script;
    mock_script_init (&script);
    script.greet = 1;
    mock_reply_t *reply = mock_reply_new (&script, &request, &s_shelf);
    assert_int_equal (mock_reply_status (reply), 200);
    br_buf_t text;
    s_read (reply, &text);
    assert_non_null (strstr (br_buf_text (&text), "Hello,"));
    assert_null (strstr (br_buf_text (&text), "multiply"));
    assert_non_null (strstr (br_buf_text (&text), "[DONE]"));
    br_buf_free (&text);
    mock_reply_destroy (&reply);
}

static void
a_stream_breaks_where_it_was_told (void **state)
{
    (void) state;
    mock_request_t request = s_request (true);
    mock_script_t script;
    mock_script_init (&script);
    script.chunks = 9;
    script.error_after = 2;
    mock_reply_t *reply = mock_reply_new (&script, &request, &s_shelf);
    br_buf_t text;
    s_read (reply, &text);
    assert_int_equal (mock_reply_count (reply), 3);
    assert_non_null (strstr (br_buf_text (&text), "\n\ndata: {\"error\":{"));
    assert_null (strstr (br_buf_text (&text), "[DONE]"));
    br_buf_free (&text);
    mock_reply_destroy (&reply);
    script.error_after = -1;
    script.end_after = 2;
    reply = mock_reply_new (&script, &request, &s_shelf);
    s_read (reply, &text);
    assert_int_equal (text.size, 203 + 190);
    br_buf_free (&text);
    mock_reply_destroy (&reply);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (plain_answer_has_its_size),
        cmocka_unit_test (stream_ends_with_its_mark),
        cmocka_unit_test (refusal_says_why),
        cmocka_unit_test (models_are_listed),
        cmocka_unit_test (digest_is_sha256),
        cmocka_unit_test (errors_speak_the_protocol_of_the_path),
        cmocka_unit_test (an_error_has_the_reason_that_it_was_told),
        cmocka_unit_test (a_limit_may_keep_its_end_to_itself),
        cmocka_unit_test (a_conversation_has_a_broken_event_where_it_was_told),
        cmocka_unit_test (a_greeting_is_for_any_model_and_tools),
        cmocka_unit_test (a_stream_breaks_where_it_was_told),
    };
    return cmocka_run_group_tests_name ("mock_reply", tests, NULL, NULL);
}
