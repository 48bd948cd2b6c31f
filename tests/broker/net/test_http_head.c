//  The header block of an answer, line by line.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/net/http_head.h"

//  Adds lines up to the first that does not end with "go on".
static http_head_step_t
s_add_lines (http_head_t *head, const char *const *lines)
{
    http_head_step_t step = HTTP_HEAD_MORE;
    for (size_t i = 0; lines[i] && step == HTTP_HEAD_MORE; i++)
        step = http_head_add (head, lines[i], strlen (lines[i]));
    return step;
}

static void
test_fields_are_found_by_name (void **state)
{
    (void) state;
    static const char *const lines[] = { "HTTP/1.1 201 Created\r\n",
                                         "A: 1\r\n",
                                         "b:  two words \t\r\n",
                                         "C:\r\n",
                                         "D : x\n",
                                         "a: again\r\n",
                                         "\r\n",
                                         NULL };
    http_head_t head;
    http_head_init (&head);
    assert_int_equal (s_add_lines (&head, lines), HTTP_HEAD_COMPLETE);
    assert_true (head.complete);
    assert_int_equal (head.status, 201);
    assert_string_equal (http_head_find (&head, "a"), "1");
    assert_string_equal (http_head_find (&head, "B"), "two words");
    assert_string_equal (http_head_find (&head, "c"), "");
    assert_string_equal (http_head_find (&head, "D"), "x");
    assert_null (http_head_find (&head, "1"));
    assert_null (http_head_find (&head, ""));
    http_head_free (&head);
}

static void
test_empty_block_has_no_fields (void **state)
{
    (void) state;
    http_head_t head;
    http_head_init (&head);
    assert_null (http_head_find (&head, "A"));
    static const char *const lines[] = { "HTTP/2 204 \r\n", "\r\n", NULL };
    assert_int_equal (s_add_lines (&head, lines), HTTP_HEAD_COMPLETE);
    assert_null (http_head_find (&head, "A"));
    http_head_free (&head);
}

static void
test_folded_lines_are_joined (void **state)
{
    (void) state;
    static const char *const lines[] = { "HTTP/1.1 200 OK\r\n", "A: one\r\n", "  two\r\n",
                                         "\tthree\r\n",         "\r\n",       NULL };
    http_head_t head;
    http_head_init (&head);
    assert_int_equal (s_add_lines (&head, lines), HTTP_HEAD_COMPLETE);
    assert_string_equal (http_head_find (&head, "A"), "one two three");
    http_head_free (&head);
}

static void
test_early_blocks_are_thrown_away (void **state)
{
    (void) state;
    static const char *const lines[] = { "HTTP/1.1 100 Continue\r\n",
                                         "A: 1\r\n",
                                         "\r\n",
                                         "HTTP/1.1 103 Hints\r\n",
                                         "\r\n",
                                         "HTTP/1.1 200 OK\r\n",
                                         "B: 2\r\n",
                                         "\r\n",
                                         NULL };
    http_head_t head;
    http_head_init (&head);
    assert_int_equal (s_add_lines (&head, lines), HTTP_HEAD_COMPLETE);
    assert_int_equal (head.status, 200);
    assert_null (http_head_find (&head, "A"));
    assert_string_equal (http_head_find (&head, "B"), "2");
    http_head_clear (&head);
    assert_int_equal (head.status, 0);
    assert_null (http_head_find (&head, "B"));
    http_head_free (&head);
}

static void
test_what_is_no_header_is_refused (void **state)
{
    (void) state;
    static const char *const first[] = { "",
                                         "\r\n",
                                         "HTTP/1.1",
                                         "HTTP/1.1 20",
                                         "X 2x0 a",
                                         "HTTP/1.1 101 Switch",
                                         "HTTP/1.1 099 x" };
    http_head_t head;
    http_head_init (&head);
    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
        assert_int_equal (http_head_add (&head, first[i], strlen (first[i])),
                          HTTP_HEAD_BAD);
    assert_int_equal (http_head_add (&head, "HTTP/1.1 200", 12), HTTP_HEAD_MORE);
    assert_int_equal (http_head_add (&head, " fold of nothing", 16), HTTP_HEAD_BAD);
    assert_int_equal (http_head_add (&head, "no colon", 8), HTTP_HEAD_BAD);
    assert_int_equal (http_head_add (&head, ": no name", 9), HTTP_HEAD_BAD);
    assert_int_equal (http_head_add (&head, "A: \0b", 5), HTTP_HEAD_BAD);
    http_head_free (&head);
}

static void
test_block_is_bounded (void **state)
{
    (void) state;
    http_head_t head;
    http_head_init (&head);
    http_head_add (&head, "HTTP/1.1 200", 12);
    char line[1000];
    memset (line, 'x', sizeof line);
    line[1] = ':';
    http_head_step_t step = HTTP_HEAD_MORE;
    size_t count = 0;
    while (step == HTTP_HEAD_MORE && ++count < 1000)
        step = http_head_add (&head, line, sizeof line);
    assert_int_equal (step, HTTP_HEAD_TOO_BIG);
    assert_in_range (count, 60, 70);
    http_head_free (&head);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_fields_are_found_by_name),
        cmocka_unit_test (test_empty_block_has_no_fields),
        cmocka_unit_test (test_folded_lines_are_joined),
        cmocka_unit_test (test_early_blocks_are_thrown_away),
        cmocka_unit_test (test_what_is_no_header_is_refused),
        cmocka_unit_test (test_block_is_bounded),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
