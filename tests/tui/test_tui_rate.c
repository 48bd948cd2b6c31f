//  tui_rate: how much came in each span of time.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tui/tui_rate.h"

static void
spans_up_to_now_are_told_from_the_oldest (void **state)
{
    (void) state;
    tui_rate_t rate = { .slot_ms = 1000 };
    uint64_t values[TUI_RATE_SLOTS];
    tui_rate_add (&rate, 1000000, 3);
    tui_rate_add (&rate, 1000999, 4);
    tui_rate_add (&rate, 1002000, 5);
    tui_rate_read (&rate, 1003000, values);
    assert_int_equal (values[TUI_RATE_SLOTS - 4], 7);
    assert_int_equal (values[TUI_RATE_SLOTS - 3], 0);
    assert_int_equal (values[TUI_RATE_SLOTS - 2], 5);
    assert_int_equal (values[TUI_RATE_SLOTS - 1], 0);
    assert_int_equal (tui_rate_sum (&rate, 1003000, 3), 12);
    assert_int_equal (tui_rate_sum (&rate, 1003000, 1), 5);
}

static void
given_a_long_silence_when_read_then_all_is_nothing (void **state)
{
    (void) state;
    tui_rate_t rate = { .slot_ms = 1000 };
    uint64_t values[TUI_RATE_SLOTS];
    tui_rate_add (&rate, 1000000, 3);
    tui_rate_add (&rate, 900000000, 1);
    tui_rate_add (&rate, 1000000, 100);
    tui_rate_read (&rate, 900000000, values);
    for (unsigned i = 0; i + 1 < TUI_RATE_SLOTS; i++)
        assert_int_equal (values[i], 0);
    assert_int_equal (values[TUI_RATE_SLOTS - 1], 1);
}

static void
bars_are_scaled_to_the_greatest (void **state)
{
    (void) state;
    tui_rate_t rate = { .slot_ms = 1000 };
    char bars[64];
    tui_rate_add (&rate, 1000000, 100);
    tui_rate_add (&rate, 1002000, 1);
    tui_rate_bars (&rate, 1002000, 3, bars, sizeof bars);
    assert_string_equal (bars, "█ ▁");
    tui_rate_bars (&rate, 1002000, 3, bars, 5);
    assert_string_equal (bars, "█");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (spans_up_to_now_are_told_from_the_oldest),
        cmocka_unit_test (given_a_long_silence_when_read_then_all_is_nothing),
        cmocka_unit_test (bars_are_scaled_to_the_greatest),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
