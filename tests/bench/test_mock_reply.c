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
        cmocka_unit_test (a_stream_breaks_where_it_was_told),
    };
    return cmocka_run_group_tests_name ("mock_reply", tests, NULL, NULL);
}
