//  splice: ranges of a text that are replaced.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/proto/splice.h"

#define OUT_MAX 64 //  bytes

static void
given_ranges_in_any_order_when_written_then_the_rest_is_as_it_was (void **state)
{
    (void) state;
    br_buf_t out;
    br_buf_init (&out, OUT_MAX);
    br_splice_t *splice = br_splice_new (BR_TEXT ("0123456789"));
    br_splice_put (splice, 8, 2, BR_TEXT_NONE);
    br_splice_put (splice, 2, 3, BR_TEXT ("abcd"));
    br_splice_put (splice, 0, 0, BR_TEXT ("<"));
    br_splice_put (splice, 5, 1, BR_TEXT ("e"));
    assert_int_equal (br_splice_count (splice), 4);
    assert_int_equal (br_splice_write (splice, &out, NULL), 0);
    assert_string_equal (br_buf_text (&out), "<01abcde67");
    br_splice_destroy (&splice);
    br_buf_free (&out);
}

static void
given_a_range_in_another_when_written_then_the_outer_one_counts (void **state)
{
    (void) state;
    br_buf_t out;
    br_buf_init (&out, OUT_MAX);
    br_splice_t *splice = br_splice_new (BR_TEXT ("0123456789"));
    br_splice_put (splice, 4, 1, BR_TEXT ("x"));
    br_splice_put (splice, 3, 4, BR_TEXT_NONE);
    br_splice_put (splice, 3, 2, BR_TEXT ("y"));
    br_splice_put (splice, 3, 0, BR_TEXT ("+"));
    assert_int_equal (br_splice_write (splice, &out, NULL), 0);
    assert_string_equal (br_buf_text (&out), "012+789");
    br_splice_destroy (&splice);
    br_buf_free (&out);
}

static void
given_nothing_when_written_then_it_is_a_copy (void **state)
{
    (void) state;
    br_buf_t out;
    br_buf_init (&out, OUT_MAX);
    br_splice_t *splice = br_splice_new (BR_TEXT ("abc"));
    assert_int_equal (br_splice_write (splice, &out, NULL), 0);
    assert_string_equal (br_buf_text (&out), "abc");
    br_splice_destroy (&splice);
    br_splice_destroy (&splice);
    br_buf_free (&out);
}

static void
given_ranges_that_make_no_sense_when_written_then_they_are_refused (void **state)
{
    (void) state;
    static const struct {
        size_t at, size, at2, size2;
    } rows[] = {
        { 4, 0, 0, 0 },        { 2, 2, 0, 0 }, { 0, SIZE_MAX, 0, 0 },
        { SIZE_MAX, 1, 0, 0 }, { 0, 2, 1, 2 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_error_t error;
        br_buf_t out;
        br_buf_init (&out, OUT_MAX);
        br_splice_t *splice = br_splice_new (BR_TEXT ("abc"));
        br_splice_put (splice, rows[i].at, rows[i].size, BR_TEXT ("x"));
        br_splice_put (splice, rows[i].at2, rows[i].size2, BR_TEXT_NONE);
        assert_int_equal (br_splice_write (splice, &out, &error), -1);
        assert_int_equal (error.code, BR_EINVALID);
        br_splice_destroy (&splice);
        br_buf_free (&out);
    }
}

static void
given_no_room_when_written_then_it_is_told (void **state)
{
    (void) state;
    br_error_t error;
    br_buf_t out;
    br_buf_init (&out, 4);
    br_splice_t *splice = br_splice_new (BR_TEXT ("abc"));
    br_splice_put (splice, 1, 0, BR_TEXT ("xyz"));
    assert_int_equal (br_splice_write (splice, &out, &error), -1);
    assert_int_equal (error.code, BR_ETOOBIG);
    br_splice_destroy (&splice);
    br_buf_free (&out);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_ranges_in_any_order_when_written_then_the_rest_is_as_it_was),
        cmocka_unit_test (
            given_a_range_in_another_when_written_then_the_outer_one_counts),
        cmocka_unit_test (given_nothing_when_written_then_it_is_a_copy),
        cmocka_unit_test (
            given_ranges_that_make_no_sense_when_written_then_they_are_refused),
        cmocka_unit_test (given_no_room_when_written_then_it_is_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
