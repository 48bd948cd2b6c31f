//  What was received can be read back, the newest first of all, the oldest is forgotten.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bench/mock_recall.h"

static void
s_add (mock_recall_t *recall, const char *body)
{
    static const char head[] =
        "POST /v1/x HTTP/1.1\r\nHost: a\r\nX-Two:  1\r\nx-two: 2\r\n"
        "no colon\r\n\r\n";
    mock_request_t request;
    mock_request_init (&request);
    snprintf (request.method, sizeof request.method, "POST");
    snprintf (request.path, sizeof request.path, "/v1/x");
    request.head_size = sizeof head - 1;
    request.body = (const uint8_t *) body;
    request.body_size = strlen (body);
    mock_recall_add (recall, &request, (const uint8_t *) head);
    mock_request_free (&request);
}

static void
the_last_one_is_told_in_full (void **state)
{
    (void) state;
    mock_recall_t *recall = mock_recall_new (2);
    br_buf_t text;
    br_buf_init (&text, 1 << 16);
    assert_int_equal (mock_recall_last (recall, &text), -1);
    s_add (recall, "{\"a\":\n1}");
    assert_int_equal (mock_recall_last (recall, &text), 0);
    assert_string_equal (br_buf_text (&text),
                         "{\"method\":\"POST\",\"path\":\"/v1/x\",\"model\":\"\","
                         "\"body\":\"{\\\"a\\\":\\n1}\","
                         "\"headers\":{\"host\":\"a\",\"x-two\":\"1, 2\"}}");
    br_buf_free (&text);
    mock_recall_destroy (&recall);
    assert_null (recall);
}

static void
the_oldest_one_is_forgotten (void **state)
{
    (void) state;
    mock_recall_t *recall = mock_recall_new (2);
    br_buf_t text;
    br_buf_init (&text, 1 << 16);
    for (int i = 0; i < 3; i++)
        s_add (recall, (const char *[]) { "one", "two", "three" }[i]);
    mock_recall_all (recall, &text);
    assert_null (strstr (br_buf_text (&text), "\"one\""));
    const char *second = strstr (br_buf_text (&text), "\"two\"");
    assert_non_null (second);
    assert_non_null (strstr (second, "\"three\""));
    mock_recall_forget (recall);
    br_buf_clear (&text);
    mock_recall_all (recall, &text);
    assert_string_equal (br_buf_text (&text), "[]");
    br_buf_free (&text);
    mock_recall_destroy (&recall);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (the_last_one_is_told_in_full),
        cmocka_unit_test (the_oldest_one_is_forgotten),
    };
    return cmocka_run_group_tests_name ("mock_recall", tests, NULL, NULL);
}
