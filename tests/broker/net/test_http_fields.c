//  The header lines of a request, as curl takes them.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/core/buf.h"
#include "broker/net/http_fields.h"

static void
s_expect (http_fields_t *fields, const char *const *lines, const char *expected)
{
    assert_int_equal (http_fields_set (fields, lines, NULL), 0);
    br_buf_t all;
    br_buf_init (&all, 1 << 20);
    for (const struct curl_slist *at = fields->list; at; at = at->next)
        br_buf_addf (&all, "%s|", at->data);
    assert_string_equal (br_buf_text (&all), expected);
    br_buf_free (&all);
}

static void
test_lines_get_what_keeps_curl_quiet (void **state)
{
    (void) state;
    http_fields_t fields = { .room = 0 };
    s_expect (&fields, NULL, "Content-Type:|Expect:|Accept-Encoding: gzip, deflate|");
    static const char *const one[] = { "X-A: 1", NULL };
    s_expect (&fields, one,
              "Content-Type:|Expect:|Accept-Encoding: gzip, deflate\r\nX-A: 1|");
    http_fields_free (&fields);
}

static void
test_lines_that_curl_looks_for_stay_apart (void **state)
{
    (void) state;
    static const char *const lines[] = { "X-A: 1",
                                         "content-length: 3",
                                         "X-B: 2",
                                         "Host: h",
                                         "transfer-encoding: chunked",
                                         "accept: */*",
                                         "authorization: Bearer x",
                                         "X-A: 3",
                                         NULL };
    http_fields_t fields = { .room = 0 };
    s_expect (&fields, lines,
              "content-length: 3|Host: h|transfer-encoding: chunked|accept: */*|"
              "authorization: Bearer x|Content-Type:|Expect:|"
              "Accept-Encoding: gzip, deflate\r\nX-A: 1\r\nX-B: 2\r\nX-A: 3|");
    http_fields_free (&fields);
}

static void
test_own_lines_yield_to_those_of_the_request (void **state)
{
    (void) state;
    static const char *const lines[] = { "content-type: text/plain",
                                         "ACCEPT-ENCODING: identity", NULL };
    http_fields_t fields = { .room = 0 };
    s_expect (&fields, lines,
              "content-type: text/plain|ACCEPT-ENCODING: identity|Expect:|");
    static const char *const more[] = { "X-B: 1",
                                        "accept-encoding:", "expect: 100-continue",
                                        "X-C: 1", NULL };
    s_expect (&fields, more,
              "accept-encoding;|expect: 100-continue|Content-Type:|X-B: 1\r\nX-C: 1|");
    http_fields_free (&fields);
}

static void
test_empty_values_are_sent_empty (void **state)
{
    (void) state;
    static const char *const lines[] = { "A:", "B:  ", "C: :", NULL };
    http_fields_t fields = { .room = 0 };
    s_expect (&fields, lines,
              "A;|B;|Content-Type:|Expect:|Accept-Encoding: gzip, deflate\r\nC: :|");
    http_fields_free (&fields);
}

static void
test_lines_that_would_split_the_head_are_refused (void **state)
{
    (void) state;
    static const char *const bad[] = { "",       ":",        ": x",
                                       "name",   "na me: x", "A: b\r\nC: d",
                                       "A: b\n", "A\r: b" };
    http_fields_t fields = { .room = 0 };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *const lines[] = { "Good: 1", bad[i], NULL };
        br_error_t error;
        assert_int_equal (http_fields_set (&fields, lines, &error), -1);
        assert_int_equal (error.code, BR_EINVALID);
    }
    http_fields_free (&fields);
}

static void
test_lines_are_bounded_and_memory_is_reused (void **state)
{
    (void) state;
    char *line = malloc (HTTP_FIELDS_MAX + 1);
    memset (line, 'x', HTTP_FIELDS_MAX);
    line[1] = ':';
    line[HTTP_FIELDS_MAX] = 0;
    const char *const lines[] = { line, NULL };
    http_fields_t fields = { .room = 0 };
    assert_int_equal (http_fields_set (&fields, lines, NULL), -1);
    line[HTTP_FIELDS_MAX / 2] = 0;
    assert_int_equal (http_fields_set (&fields, lines, NULL), 0);
    http_fields_clear (&fields);
    assert_null (fields.list); //  too much to keep
    static const char *const few[] = { "A: 1", NULL };
    assert_int_equal (http_fields_set (&fields, few, NULL), 0);
    const struct curl_slist *list = fields.list;
    http_fields_clear (&fields);
    assert_int_equal (http_fields_set (&fields, few, NULL), 0);
    assert_ptr_equal (fields.list, list);
    http_fields_free (&fields);
    free (line);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_lines_get_what_keeps_curl_quiet),
        cmocka_unit_test (test_lines_that_curl_looks_for_stay_apart),
        cmocka_unit_test (test_own_lines_yield_to_those_of_the_request),
        cmocka_unit_test (test_empty_values_are_sent_empty),
        cmocka_unit_test (test_lines_that_would_split_the_head_are_refused),
        cmocka_unit_test (test_lines_are_bounded_and_memory_is_reused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
