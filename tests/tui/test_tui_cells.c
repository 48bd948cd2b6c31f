//  tui_cells: a picture of a terminal.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "tui/tui_cells.h"

static void
s_assert_row (const tui_cells_t *cells, int y, const char *expected)
{
    char *text = tui_cells_text (cells, y);
    assert_string_equal (text, expected);
    free (text);
}

static void
given_a_text_that_is_too_long_when_put_then_its_end_is_marked (void **state)
{
    (void) state;
    tui_cells_t *cells = tui_cells_new (10, 3);
    assert_int_equal (tui_cells_put (cells, 0, 0, 10, TUI_PLAIN, "0123456789"), 10);
    assert_int_equal (tui_cells_put (cells, 0, 1, 5, TUI_PLAIN, "0123456789"), 5);
    assert_int_equal (tui_cells_put (cells, 8, 2, 50, TUI_PLAIN, "abc"), 2);
    s_assert_row (cells, 0, "0123456789");
    s_assert_row (cells, 1, "0123…");
    s_assert_row (cells, 2, "        a…");
    tui_cells_destroy (&cells);
}

static void
given_a_wide_character_at_the_edge_when_put_then_it_is_not_cut_in_halves (void **state)
{
    (void) state;
    tui_cells_t *cells = tui_cells_new (4, 2);
    tui_cells_put (cells, 0, 0, 4, TUI_PLAIN, "日本");
    tui_cells_put (cells, 0, 1, 4, TUI_PLAIN, "日本語");
    s_assert_row (cells, 0, "日本");
    s_assert_row (cells, 1, "日 …");
    tui_cells_destroy (&cells);
}

static void
what_lies_outside_of_the_picture_is_left_out (void **state)
{
    (void) state;
    tui_cells_t *cells = tui_cells_new (0, -5);
    assert_int_equal (tui_cells_width (cells), 1);
    assert_int_equal (tui_cells_height (cells), 1);
    assert_int_equal (tui_cells_put (cells, -1, 0, 9, TUI_PLAIN, "a"), 0);
    tui_cells_put (cells, 0, 7, 9, TUI_PLAIN, "a");
    tui_cells_fill (cells, (tui_area_t) { -3, -3, 9, 9 }, TUI_BAR, 'x');
    s_assert_row (cells, 0, "x");
    tui_cells_destroy (&cells);
}

static void
bars_are_as_high_as_their_values (void **state)
{
    (void) state;
    static const uint64_t values[] = { 9, 0, 1, 4, 8 };
    tui_cells_t *cells = tui_cells_new (4, 1);
    tui_cells_bars (cells, (tui_area_t) { 0, 0, 4, 1 }, values, 5);
    s_assert_row (cells, 0, " ▁▄█");
    tui_cells_destroy (&cells);
}

static void
a_copy_has_size_and_cells_of_the_other (void **state)
{
    (void) state;
    tui_cells_t *cells = tui_cells_new (4, 1), *other = tui_cells_new (9, 2);
    tui_cells_putf (other, 0, 1, 9, TUI_PLAIN, "%d", 42);
    tui_cells_restyle (other, (tui_area_t) { 0, 1, 1, 1 }, TUI_BAD);
    tui_cells_copy (cells, other);
    s_assert_row (cells, 1, "42");
    assert_int_equal (tui_cells_row (cells, 1)[0].style, TUI_BAD);
    assert_int_equal (tui_cells_row (cells, 1)[1].style, TUI_PLAIN);
    tui_cells_destroy (&cells);
    tui_cells_destroy (&other);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_text_that_is_too_long_when_put_then_its_end_is_marked),
        cmocka_unit_test (
            given_a_wide_character_at_the_edge_when_put_then_it_is_not_cut_in_halves),
        cmocka_unit_test (what_lies_outside_of_the_picture_is_left_out),
        cmocka_unit_test (bars_are_as_high_as_their_values),
        cmocka_unit_test (a_copy_has_size_and_cells_of_the_other),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
