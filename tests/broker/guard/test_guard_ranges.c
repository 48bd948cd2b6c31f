//  guard_ranges: ranges that are united.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>

#include "broker/guard/guard_ranges.h"

#define WIDTH 40 //  bytes of the text that ranges lie in

//  Held against a row of booleans: two ranges that touch are one.
static void
given_ranges_in_any_order_when_added_then_they_are_united (void **state)
{
    (void) state;
    uint32_t seed = 7;
    for (size_t round = 0; round < 2000; round++) {
        bool covered[2 * WIDTH + 2] = { false };
        guard_ranges_t ranges;
        guard_ranges_init (&ranges);
        for (size_t i = 0; i < 8; i++) {
            seed = seed * 1103515245u + 12345u;
            size_t from = seed >> 16 & 31;
            size_t to = from + 1 + (seed >> 24 & 7);
            guard_ranges_add (&ranges, from, to);
            for (size_t at = 2 * from; at <= 2 * to; at++)
                covered[at] = true;
        }
        size_t at = 0;
        for (size_t count = guard_ranges_count (&ranges); count; count--) {
            const guard_range_t *range = guard_ranges_behind (&ranges, at / 2);
            while (at < 2 * range->from)
                assert_false (covered[at++]);
            while (at <= 2 * range->to)
                assert_true (covered[at++]);
        }
        while (at < 2 * WIDTH)
            assert_false (covered[at++]);
        guard_ranges_free (&ranges);
    }
}

static void
given_an_offset_when_asked_then_the_range_that_ends_behind_it_is_found (void **state)
{
    (void) state;
    guard_ranges_t ranges;
    guard_ranges_init (&ranges);
    assert_null (guard_ranges_behind (&ranges, 0));
    guard_ranges_add (&ranges, 2, 4);
    guard_ranges_add (&ranges, 6, 8);
    assert_int_equal (guard_ranges_behind (&ranges, 3)->from, 2);
    assert_int_equal (guard_ranges_behind (&ranges, 4)->from, 6);
    assert_null (guard_ranges_behind (&ranges, 8));
    guard_ranges_drop (&ranges, 5);
    assert_int_equal (guard_ranges_behind (&ranges, 0)->from, 6);
    guard_ranges_clear (&ranges);
    assert_int_equal (guard_ranges_count (&ranges), 0);
    guard_ranges_free (&ranges);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_ranges_in_any_order_when_added_then_they_are_united),
        cmocka_unit_test (
            given_an_offset_when_asked_then_the_range_that_ends_behind_it_is_found),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
