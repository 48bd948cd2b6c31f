//  Requests are read whole, whatever pieces they come in.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bench/mock_request.h"

#define POST "POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n"

//  Feeds text byte by byte; the result of the last byte, or the first -1.
static int
s_feed (mock_request_t *request, br_buf_t *input, const char *text)
{
    br_buf_init (input, 1 << 20);
    mock_request_init (request);
    int rc = 0;
    for (const char *c = text; *c && rc == 0; c++) {
        br_buf_add (input, c, 1);
        rc = mock_request_parse (request, input);
    }
    return rc;
}

static void
s_free (mock_request_t *request, br_buf_t *input)
{
    mock_request_free (request);
    br_buf_free (input);
}

static void
body_with_a_length (void **state)
{
    (void) state;
    mock_request_t request;
    br_buf_t input;
    assert_int_equal (s_feed (&request, &input,
                              POST "X-Mock: stall\r\ncontent-length: 13\r\n\r\n"
                                   "{\"model\":\"a\"}"),
                      1);
    assert_string_equal (request.method, "POST");
    assert_string_equal (request.path, "/v1/chat/completions");
    assert_string_equal (request.script, "stall");
    assert_string_equal (request.peek.model, "a");
    assert_int_equal (request.body_size, 13);
    assert_int_equal (request.used, input.size);
    assert_true (request.keep_alive);
    s_free (&request, &input);
}

static void
headers_of_the_mock_become_its_script (void **state)
{
    (void) state;
    mock_request_t request;
    br_buf_t input;
    assert_int_equal (s_feed (&request, &input,
                              POST "X-Mock-Gap-Us: 5\r\nx-mock: status=500\r\n"
                                   "x-mock-error-after: 2\r\n"
                                   "anthropic-version: 2023-06-01\r\n\r\n"),
                      1);
    assert_string_equal (request.script, "gap_us=5;status=500;error_after=2");
    assert_string_equal (request.version, "2023-06-01");
    s_free (&request, &input);
}

static void
body_in_chunks (void **state)
{
    (void) state;
    mock_request_t request;
    br_buf_t input;
    assert_int_equal (s_feed (&request, &input,
                              POST
                              "transfer-encoding: chunked\r\nexpect: 100-continue\r\n"
                              "connection: close\r\n\r\n"
                              "a;x=1\r\n{\"model\":\"\r\n3\r\nb\"}\r\n0\r\nt: 1\r\n\r\n"),
                      1);
    assert_int_equal (request.body_size, 13);
    assert_memory_equal (request.body, "{\"model\":\"b\"}", 13);
    assert_string_equal (request.peek.model, "b");
    assert_int_equal (request.used, input.size);
    assert_true (request.expects);
    assert_false (request.keep_alive);
    s_free (&request, &input);
}

static void
what_follows_stays (void **state)
{
    (void) state;
    mock_request_t request;
    br_buf_t input;
    br_buf_init (&input, 1 << 20);
    mock_request_init (&request);
    br_buf_adds (&input, "GET /a HTTP/1.0\r\n\r\nGET /b HTTP/1.1\r\n\r\n");
    assert_int_equal (mock_request_parse (&request, &input), 1);
    assert_string_equal (request.path, "/a");
    assert_false (request.keep_alive);
    assert_int_equal (request.used, 19);
    s_free (&request, &input);
}

static void
nonsense_is_refused (void **state)
{
    (void) state;
    static const char *texts[] = {
        "\r\n\r\n",
        "hello\r\n\r\n",
        "POST /\r\n\r\n",
        POST "content-length: 99999999999\r\n\r\n",
        POST "transfer-encoding: chunked\r\n\r\nzz\r\n",
        POST "transfer-encoding: chunked\r\n\r\nfffffffffffffff\r\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        mock_request_t request;
        br_buf_t input;
        assert_int_equal (s_feed (&request, &input, texts[i]), -1);
        s_free (&request, &input);
    }
}

static void
credentials_are_masked (void **state)
{
    (void) state;
    char masked[64];
    mock_request_mask (masked, sizeof masked, "Bearer sk-abcdef123456");
    assert_string_equal (masked, "Bearer ***3456");
    mock_request_mask (masked, sizeof masked, "sk-abcdef123456");
    assert_string_equal (masked, "***3456");
    mock_request_mask (masked, sizeof masked, "Bearer short");
    assert_string_equal (masked, "Bearer ***");
    mock_request_mask (masked, sizeof masked, "");
    assert_string_equal (masked, "***");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (body_with_a_length),
        cmocka_unit_test (headers_of_the_mock_become_its_script),
        cmocka_unit_test (body_in_chunks),
        cmocka_unit_test (what_follows_stays),
        cmocka_unit_test (nonsense_is_refused),
        cmocka_unit_test (credentials_are_masked),
    };
    return cmocka_run_group_tests_name ("mock_request", tests, NULL, NULL);
}
