//  guard_edits: ranges of a JSON text that are replaced.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/guard/guard_edits.h"

#define OUT_MAX 64 //  bytes

static void
given_edits_when_written_then_all_else_is_as_it_was (void **state)
{
    (void) state;
    guard_edits_t edits;
    guard_edits_init (&edits);
    br_buf_t out;
    br_buf_init (&out, OUT_MAX);
    guard_edits_put (&edits, 5, 2, BR_TEXT (""));
    br_buf_t *made = guard_edits_begin (&edits, 1, 1);
    br_buf_adds (made, "one");
    guard_edits_end (&edits);
    assert_int_equal (guard_edits_count (&edits), 2);
    assert_int_equal (guard_edits_write (&edits, BR_TEXT ("0123456789"), &out, NULL), 0);
    assert_string_equal (br_buf_text (&out), "0one234789");
    assert_int_equal (guard_edits_moved (&edits, 0), 0);
    assert_int_equal (guard_edits_moved (&edits, 2), 4);
    assert_int_equal (guard_edits_moved (&edits, 9), 9);
    guard_edits_clear (&edits);
    assert_int_equal (guard_edits_count (&edits), 0);
    br_buf_free (&out);
    guard_edits_free (&edits);
}

static void
given_an_edit_when_dropped_then_the_text_stays_there (void **state)
{
    (void) state;
    guard_edits_t edits;
    guard_edits_init (&edits);
    br_buf_t out;
    br_buf_init (&out, 100);
    guard_edits_put (&edits, 1, 1, BR_TEXT ("one"));
    guard_edits_put (&edits, 3, 1, BR_TEXT ("three"));
    guard_edits_put (&edits, 5, 1, BR_TEXT ("five"));
    guard_edits_drop (&edits, 3);
    guard_edits_drop (&edits, 4);
    assert_int_equal (guard_edits_count (&edits), 2);
    guard_edits_put (&edits, 3, 2, BR_TEXT ("3"));
    assert_int_equal (guard_edits_write (&edits, BR_TEXT ("0123456"), &out, NULL), 0);
    assert_string_equal (br_buf_text (&out), "0one23five6");
    br_buf_free (&out);
    guard_edits_free (&edits);
}

static void
given_no_room_or_no_such_range_when_written_then_it_fails (void **state)
{
    (void) state;
    guard_edits_t edits;
    guard_edits_init (&edits);
    br_buf_t out;
    br_buf_init (&out, 4);
    br_error_t error = { 0 };
    guard_edits_put (&edits, 1, 1, BR_TEXT ("four"));
    assert_int_equal (guard_edits_write (&edits, BR_TEXT ("012"), &out, &error), -1);
    assert_int_equal (error.code, BR_ETOOBIG);
    assert_int_equal (guard_edits_write (&edits, BR_TEXT ("0"), &out, &error), -1);
    assert_int_equal (error.code, BR_EINVALID);
    br_buf_free (&out);
    guard_edits_free (&edits);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_edits_when_written_then_all_else_is_as_it_was),
        cmocka_unit_test (given_an_edit_when_dropped_then_the_text_stays_there),
        cmocka_unit_test (given_no_room_or_no_such_range_when_written_then_it_fails),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
