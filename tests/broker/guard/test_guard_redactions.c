//  guard_redactions: ranges that come in any order are told in theirs.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <stdio.h>

#include "broker/guard/guard_redactions.h"

static void
s_assert_told (const guard_redactions_t *ranges, const char *wanted)
{
    char text[200] = "";
    size_t count = 0, size = 0;
    const guard_range_t *told = guard_redactions_told (ranges, &count);
    for (size_t i = 0; i < count; i++)
        size += (size_t) snprintf (text + size, sizeof text - size, "%d-%d ",
                                   (int) told[i].from, (int) told[i].to);
    assert_string_equal (text, wanted);
}

static void
ranges_that_overlap_or_touch_are_one (void **state)
{
    (void) state;
    guard_redactions_t ranges = { .decided = 0 };
    guard_redactions_add (&ranges, 10, 14);
    guard_redactions_add (&ranges, 2, 5);
    guard_redactions_add (&ranges, 4, 6);
    guard_redactions_add (&ranges, 6, 8);
    guard_redactions_add (&ranges, 10, 12);
    guard_redactions_settle (&ranges, 20, false);
    s_assert_told (&ranges, "2-8 10-14 ");
    assert_int_equal (ranges.decided, 20);
    guard_redactions_free (&ranges);
}

static void
a_range_that_may_grow_is_not_told (void **state)
{
    (void) state;
    guard_redactions_t ranges = { .decided = 0 };
    guard_redactions_add (&ranges, 2, 5);
    guard_redactions_settle (&ranges, 5, false);
    s_assert_told (&ranges, "");
    assert_int_equal (ranges.decided, 2);
    guard_redactions_add (&ranges, 5, 7);
    guard_redactions_settle (&ranges, 8, false);
    s_assert_told (&ranges, "2-7 ");
    guard_redactions_add (&ranges, 8, 9);
    guard_redactions_settle (&ranges, 9, true);
    s_assert_told (&ranges, "2-7 8-9 ");
    guard_redactions_free (&ranges);
}

static void
a_range_grows_up_to_the_maximum (void **state)
{
    (void) state;
    guard_redactions_t ranges = { .decided = 0 };
    for (uint64_t at = 0; at < GUARD_HOLD_MAX + 4096; at += 1024) {
        guard_redactions_add (&ranges, at, at + 1024);
        guard_redactions_settle (&ranges, at + 1024, false);
    }
    s_assert_told (&ranges, "0-16384 ");
    assert_int_equal (ranges.decided, GUARD_HOLD_MAX);
    guard_redactions_settle (&ranges, 30000, false);
    s_assert_told (&ranges, "0-16384 16384-20480 ");
    guard_redactions_free (&ranges);
}

static void
what_is_dropped_is_gone (void **state)
{
    (void) state;
    guard_redactions_t ranges = { .decided = 0 };
    guard_redactions_add (&ranges, 1, 2);
    guard_redactions_add (&ranges, 4, 6);
    guard_redactions_settle (&ranges, 9, false);
    guard_redactions_drop (&ranges, 5);
    s_assert_told (&ranges, "4-6 ");
    guard_redactions_drop (&ranges, 6);
    s_assert_told (&ranges, "");
    guard_redactions_reset (&ranges);
    assert_int_equal (ranges.decided, 0);
    guard_redactions_free (&ranges);
}

//  ... but one that has waited for too long is, when nothing is undecided in it.
static void
a_range_that_has_waited_is_told (void **state)
{
    (void) state;
    guard_redactions_t ranges = { .decided = 0 };
    guard_redactions_add (&ranges, 2, 5);
    guard_redactions_settle (&ranges, 4, false);
    guard_redactions_expire (&ranges, 9);
    s_assert_told (&ranges, "");
    guard_redactions_settle (&ranges, 5, false);
    guard_redactions_expire (&ranges, 4);
    s_assert_told (&ranges, "");
    guard_redactions_expire (&ranges, 5);
    s_assert_told (&ranges, "2-5 ");
    assert_int_equal (ranges.decided, 5);
    guard_redactions_drop (&ranges, 5);
    guard_redactions_add (&ranges, 5, 7);
    guard_redactions_settle (&ranges, 8, false);
    s_assert_told (&ranges, "5-7 ");
    guard_redactions_free (&ranges);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (ranges_that_overlap_or_touch_are_one),
        cmocka_unit_test (a_range_that_may_grow_is_not_told),
        cmocka_unit_test (a_range_that_has_waited_is_told),
        cmocka_unit_test (a_range_grows_up_to_the_maximum),
        cmocka_unit_test (what_is_dropped_is_gone),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
