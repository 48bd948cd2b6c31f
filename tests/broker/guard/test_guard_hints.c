//  guard_hints: what hints say, and the places in them.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "broker/guard/guard_hints.h"

static unsigned
s_kind (const guard_hints_t *hints, char byte)
{
    return guard_hints_classes (hints)[(unsigned char) byte];
}

//  Whether the only hint is in front of a text; ret_hint: what was read of it.
static bool
s_begins (const char *hint, bool caseless, const char *text, guard_hint_t *ret_hint)
{
    guard_hints_t *hints = guard_hints_new ();
    assert_int_equal (guard_hints_add (hints, 3, hint, caseless, NULL), 0);
    guard_hints_close (hints);
    size_t count = 0;
    const uint32_t *starts = guard_hints_starts (hints, s_kind (hints, *text), &count);
    bool goes_on = count > 0, ends = false;
    for (uint32_t place = goes_on ? starts[0] : 0; goes_on && !ends; place++) {
        ends = guard_hints_ends (hints, place, ret_hint);
        goes_on = guard_hints_goes_on (hints, place, s_kind (hints, *++text));
    }
    guard_hints_destroy (&hints);
    guard_hints_destroy (&hints);
    return ends;
}

static void
a_hint_goes_from_place_to_place (void **state)
{
    (void) state;
    guard_hint_t hint;
    assert_true (s_begins ("ab", false, "abc", &hint));
    assert_int_equal (hint.pattern, 3);
    assert_int_equal (hint.size, 2);
    assert_false (s_begins ("ab", false, "ac", &hint));
    assert_int_equal (hint.size, 1);
    assert_false (s_begins ("ab", false, "Ab", &hint));
    assert_true (s_begins ("aB-", true, "Ab-", &hint));
    assert_true (s_begins ("\\w\\d\\\\", false, "_5\\", &hint));
    assert_false (s_begins ("\\w\\d", false, "-5", &hint));
    assert_true (s_begins ("\xe2\x80", true, "\xe2\x80", &hint));
}

static void
an_exact_digit_beside_any_digit_is_any_digit (void **state)
{
    (void) state;
    guard_hint_t hint;
    assert_true (s_begins ("3\\d-", false, "47-", &hint));
    assert_false (s_begins ("3\\w-", false, "47-", &hint));
}

static void
only_the_first_bytes_are_looked_for (void **state)
{
    (void) state;
    guard_hint_t hint;
    assert_true (s_begins ("0123456789abcdefXYZ", false, "0123456789abcdef", &hint));
    assert_int_equal (hint.size, GUARD_HINT_BYTES);
}

static void
bytes_that_no_hint_tells_apart_are_one_class (void **state)
{
    (void) state;
    guard_hints_t *hints = guard_hints_new ();
    guard_hints_close (hints);
    assert_int_equal (guard_hints_width (hints), 1);
    guard_hints_destroy (&hints);
    hints = guard_hints_new ();
    guard_hints_add (hints, 0, "\\d7", false, NULL);
    guard_hints_add (hints, 1, "a", true, NULL);
    guard_hints_close (hints);
    assert_int_equal (guard_hints_width (hints), 3);
    assert_int_equal (s_kind (hints, 'a'), s_kind (hints, 'A'));
    assert_int_equal (s_kind (hints, '0'), s_kind (hints, '7'));
    assert_int_equal (s_kind (hints, 'z'), s_kind (hints, '\0'));
    assert_int_not_equal (s_kind (hints, 'a'), s_kind (hints, '0'));
    guard_hints_destroy (&hints);
}

//  Given a byte for each class there can be, then they have their own numbers.
static void
all_bytes_may_be_told_apart (void **state)
{
    (void) state;
    guard_hints_t *hints = guard_hints_new ();
    for (int byte = 1; byte < 256; byte++) {
        char hint[3] = { (char) byte, byte == '\\' ? '\\' : '\0' };
        assert_int_equal (guard_hints_add (hints, 0, hint, false, NULL), 0);
    }
    guard_hints_close (hints);
    assert_int_equal (guard_hints_width (hints), 256);
    for (unsigned byte = 1; byte < 256; byte++) {
        size_t count = 0;
        guard_hints_starts (hints, guard_hints_classes (hints)[byte], &count);
        assert_int_equal (count, 1);
    }
    guard_hints_destroy (&hints);
}

static void
a_hint_that_is_not_understood_is_an_error (void **state)
{
    (void) state;
    char longest[GUARD_HINT_MAX + 2];
    memset (longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    const char *const faults[] = { "", "\\", "\\s", "ab\\b", longest };
    guard_hints_t *hints = guard_hints_new ();
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        br_error_t error = { .code = BR_OK };
        assert_int_equal (guard_hints_add (hints, 0, faults[i], false, &error), -1);
        assert_int_equal (error.code, BR_ECONFIG);
    }
    assert_int_equal (guard_hints_add (hints, 0, longest + 1, false, NULL), 0);
    guard_hints_destroy (&hints);
}

static void
there_is_a_maximum_of_hints (void **state)
{
    (void) state;
    guard_hints_t *hints = guard_hints_new ();
    for (int i = 0; i < GUARD_HINTS_MAX; i++)
        assert_int_equal (guard_hints_add (hints, 0, "a", false, NULL), 0);
    assert_int_equal (guard_hints_add (hints, 0, "a", false, NULL), -1);
    guard_hints_close (hints);
    guard_hints_destroy (&hints);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_hint_goes_from_place_to_place),
        cmocka_unit_test (an_exact_digit_beside_any_digit_is_any_digit),
        cmocka_unit_test (only_the_first_bytes_are_looked_for),
        cmocka_unit_test (bytes_that_no_hint_tells_apart_are_one_class),
        cmocka_unit_test (all_bytes_may_be_told_apart),
        cmocka_unit_test (a_hint_that_is_not_understood_is_an_error),
        cmocka_unit_test (there_is_a_maximum_of_hints),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
