//  http_head_check: heads as the parser leaves them in memory. The shapes themselves are
//  tested over the wire in test_http_refuse; here it is facts, and memory bounds.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/net/http_head_check.h"

//  What the parser does to a head in memory: blanks of the line, colons and line ends
//  become zero bytes. The caller frees bytes.
static http_head_t
s_parsed (const char *text, size_t size)
{
    char *bytes = malloc (size);
    memcpy (bytes, text, size);
    char *target = memchr (bytes, ' ', size);
    *target++ = '\0';
    char *version = memchr (target, ' ', size - (size_t) (target - bytes));
    *version++ = '\0';
    http_head_t head = { .bytes = bytes,
                         .size = size,
                         .target = target,
                         .target_size = (size_t) (version - target) - 1,
                         .target_is_clean = true,
                         .version = version };
    char *colon = NULL;
    for (char *at = version; at < bytes + size; at++) {
        if (*at == '\r' || *at == '\n') {
            *at = '\0';
            colon = NULL;
        } else if (*at == ':' && !colon) {
            colon = at;
            *at = '\0';
        }
    }
    return head;
}

static int
s_check (const char *text, http_head_facts_t *facts, br_error_t *error)
{
    http_head_t head = s_parsed (text, strlen (text));
    int rc = http_head_check (&head, facts, error);
    free ((void *) (uintptr_t) head.bytes);
    return rc;
}

static void
test_facts_are_those_of_the_head (void **state)
{
    (void) state;
    http_head_facts_t facts;
    br_error_t error;
    assert_int_equal (s_check ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", &facts, &error), 0);
    assert_true (facts.http_11);
    assert_false (facts.chunked || facts.has_length);
    assert_int_equal (facts.fields, 1);
    assert_int_equal (s_check ("GET / HTTP/1.0\r\n\r\n", &facts, &error), 0);
    assert_false (facts.http_11);
    assert_int_equal (facts.fields, 0);
    assert_int_equal (s_check ("P / HTTP/1.1\r\nhOST: h\r\nconTENT-length:  0123\r\n"
                               "cookie: abc\r\nX: y\r\nCookie: de\r\n\r\n",
                               &facts, &error),
                      0);
    assert_true (facts.has_length);
    assert_int_equal (facts.length, 123);
    assert_int_equal (facts.cookie_bytes, 5);
    assert_int_equal (
        s_check ("P / HTTP/1.1\r\nHost: h\r\nTransfer-encoding: Chunked\r\n\r\n", &facts,
                 &error),
        0);
    assert_true (facts.chunked);
}

static void
test_the_first_field_over_the_bound_is_found (void **state)
{
    (void) state;
    static const char text[] = "GET / HTTP/1.1\r\nHost: h\r\nAb: 12345\r\nAbc: 12345\r\n"
                               "Abcd: 12345\r\n\r\n";
    http_head_t head = s_parsed (text, strlen (text));
    http_head_facts_t facts;
    assert_int_equal (http_head_check (&head, &facts, NULL), 0);
    assert_null (facts.large);
    head.field_max = 7;
    assert_int_equal (http_head_check (&head, &facts, NULL), 0);
    assert_int_equal (facts.large_size, 3);
    assert_memory_equal (facts.large, "Abc", 3);
    free ((void *) (uintptr_t) head.bytes);
}

static void
test_the_name_of_an_open_line_is_read_if_all_of_it_is_one (void **state)
{
    (void) state;
    assert_int_equal (http_head_name_size ("X-A: 12", 7), 3);
    assert_int_equal (http_head_name_size ("X-A", 3), 0);
    assert_int_equal (http_head_name_size ("X A: 12", 7), 0);
    assert_int_equal (http_head_name_size (": 12", 4), 0);
    assert_int_equal (http_head_name_size ("X-A: 1\0", 7), 0);
    assert_int_equal (http_head_name_size ("X-A: 1\r", 7), 0);
}

static void
test_errors_name_the_fault_and_no_value (void **state)
{
    (void) state;
    http_head_facts_t facts;
    br_error_t error;
    assert_int_equal (
        s_check ("GET / HTTP/1.1\r\nHost: h\r\nAuthorization: s3cret\x01\r\n\r\n", &facts,
                 &error),
        -1);
    assert_int_equal (error.code, BR_EINVALID);
    assert_non_null (strstr (error.text, "control characters"));
    assert_null (strstr (error.text, "s3cret"));
}

//  given a head whose memory ends at any byte, or has any byte changed, nothing outside is
//  read (the sanitizers watch), and a cut head is never taken for whole
static void
test_memory_bounds_hold_for_every_cut_and_flip (void **state)
{
    (void) state;
    static const char text[] = "POST /a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 12\r\n"
                               "Cookie: a=b\r\n\r\n";
    http_head_t whole = s_parsed (text, sizeof text - 1);
    size_t target = (size_t) (whole.target - whole.bytes);
    size_t version = (size_t) (whole.version - whole.bytes);
    for (size_t size = version + 8; size < whole.size; size++) {
        char *bytes = malloc (size);
        memcpy (bytes, whole.bytes, size);
        http_head_t head = whole;
        head.bytes = bytes;
        head.size = size;
        head.target = bytes + target;
        head.version = bytes + version;
        http_head_facts_t facts;
        assert_int_equal (http_head_check (&head, &facts, NULL), -1);
        free (bytes);
    }
    for (size_t at = 0; at < whole.size; at++)
        for (int flip = 0; flip < 256; flip += 5) {
            char *bytes = malloc (whole.size);
            memcpy (bytes, whole.bytes, whole.size);
            bytes[at] = (char) flip;
            http_head_t head = whole;
            head.bytes = bytes;
            head.target = bytes + target;
            head.version = bytes + version;
            http_head_facts_t facts;
            http_head_check (&head, &facts, NULL);
            free (bytes);
        }
    free ((void *) (uintptr_t) whole.bytes);
}

static void
test_targets_are_clean_or_not (void **state)
{
    (void) state;
    assert_true (http_head_target_is_clean ("/a/b?c=%20&d=[1]", 16));
    assert_true (http_head_target_is_clean ("*", 1));
    assert_false (http_head_target_is_clean ("/a b", 4));
    assert_false (http_head_target_is_clean ("/a\t", 3));
    assert_false (http_head_target_is_clean ("/\x7f", 2));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_facts_are_those_of_the_head),
        cmocka_unit_test (test_the_first_field_over_the_bound_is_found),
        cmocka_unit_test (test_the_name_of_an_open_line_is_read_if_all_of_it_is_one),
        cmocka_unit_test (test_errors_name_the_fault_and_no_value),
        cmocka_unit_test (test_memory_bounds_hold_for_every_cut_and_flip),
        cmocka_unit_test (test_targets_are_clean_or_not),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
