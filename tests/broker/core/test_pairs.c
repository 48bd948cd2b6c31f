//  pairs: what is added is read back in order; half a pair is none.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/pairs.h"

static br_bytes_t
s_bytes (const br_buf_t *buf)
{
    return (br_bytes_t) { buf->data, buf->size };
}

static void
test_pairs_are_walked_in_order (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, BR_PAIRS_MAX);
    assert_int_equal (br_pairs_add (&buf, "Accept", "a/b"), 0);
    assert_int_equal (br_pairs_add (&buf, "", ""), 0);
    assert_int_equal (br_pairs_add (&buf, "accept", "c"), 0);
    size_t cursor = 0;
    const char *name, *value;
    assert_true (br_pairs_next (s_bytes (&buf), &cursor, &name, &value));
    assert_string_equal (name, "Accept");
    assert_string_equal (value, "a/b");
    assert_true (br_pairs_next (s_bytes (&buf), &cursor, &name, &value));
    assert_string_equal (name, "");
    assert_string_equal (value, "");
    assert_true (br_pairs_next (s_bytes (&buf), &cursor, &name, &value));
    assert_string_equal (value, "c");
    assert_false (br_pairs_next (s_bytes (&buf), &cursor, &name, &value));
    assert_int_equal (cursor, buf.size);
    br_buf_free (&buf);
}

static void
test_get_finds_the_first_in_any_case (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, BR_PAIRS_MAX);
    br_pairs_add (&buf, "X-One", "1");
    br_pairs_add (&buf, "Two", "2");
    br_pairs_add (&buf, "x-one", "3");
    assert_string_equal (br_pairs_get (s_bytes (&buf), "x-ONE"), "1");
    assert_string_equal (br_pairs_get (s_bytes (&buf), "two"), "2");
    assert_null (br_pairs_get (s_bytes (&buf), "2"));
    assert_null (br_pairs_get ((br_bytes_t) { NULL, 0 }, "two"));
    br_buf_free (&buf);
}

//  Each prefix of a list gives its whole pairs and then ends, without a look beyond.
static void
test_a_cut_list_gives_whole_pairs_alone (void **state)
{
    (void) state;
    static const uint8_t bytes[] = "name\0value\0n\0v";
    for (size_t size = 0; size <= sizeof bytes; size++) {
        uint8_t *copy = malloc (size ? size : 1);
        memcpy (copy, bytes, size);
        br_bytes_t pairs = { copy, size };
        size_t cursor = 0, count = 0;
        const char *name = NULL, *value = NULL;
        while (br_pairs_next (pairs, &cursor, &name, &value))
            count++;
        assert_int_equal (count, (size >= 11) + (size >= 15));
        assert_true (cursor <= size);
        assert_null (br_pairs_get (pairs, "nobody"));
        free (copy);
    }
}

static void
test_what_does_not_fit_leaves_nothing (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, 16);
    assert_int_equal (br_pairs_add (&buf, "a", "b"), 0);
    assert_int_equal (br_pairs_add (&buf, "name", "long value"), -1);
    assert_int_equal (buf.size, 4);
    assert_true (buf.overflow);
    assert_string_equal (br_pairs_get (s_bytes (&buf), "a"), "b");
    br_buf_free (&buf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_pairs_are_walked_in_order),
        cmocka_unit_test (test_get_finds_the_first_in_any_case),
        cmocka_unit_test (test_a_cut_list_gives_whole_pairs_alone),
        cmocka_unit_test (test_what_does_not_fit_leaves_nothing),
    };
    return cmocka_run_group_tests_name ("pairs", tests, NULL, NULL);
}
