//  tui_list: lines with columns.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "tui/tui_list.h"

static const tui_column_t s_columns[] = {
    { "NAME", 6, 1, 0, false },
    { "COUNT", 6, 0, 0, true },
    { "MORE", 10, 0, 1, false },
    { 0 },
};

static void
s_add (tui_list_t *list, const char *name, double count)
{
    char text[32];
    snprintf (text, sizeof text, "%.0f", count);
    tui_list_row (list, TUI_PLAIN, name);
    tui_list_text (list, name);
    tui_list_value (list, count, text);
    tui_list_textf (list, "more-%s", name);
}

static int
s_setup (void **state)
{
    tui_list_t *list = tui_list_new ();
    tui_list_begin (list, s_columns);
    s_add (list, "beta", 9);
    s_add (list, "Alpha", 10);
    s_add (list, "gamma", 2);
    *state = list;
    return 0;
}

static int
s_teardown (void **state)
{
    tui_list_t *list = *state;
    tui_list_destroy (&list);
    return 0;
}

static void
numbers_are_sorted_as_numbers_and_words_without_case (void **state)
{
    tui_list_t *list = *state;
    tui_list_arrange (list, "", 1, true);
    assert_string_equal (tui_list_key (list, 0), "Alpha");
    assert_string_equal (tui_list_key (list, 2), "gamma");
    tui_list_arrange (list, "", 0, false);
    assert_string_equal (tui_list_key (list, 0), "Alpha");
    assert_string_equal (tui_list_key (list, 1), "beta");
    tui_list_arrange (list, "", TUI_UNSORTED, false);
    assert_string_equal (tui_list_key (list, 0), "beta");
}

static void
a_filter_looks_into_all_cells (void **state)
{
    tui_list_t *list = *state;
    tui_list_arrange (list, "MORE-G", TUI_UNSORTED, false);
    assert_int_equal (tui_list_count (list), 1);
    assert_int_equal (tui_list_total (list), 3);
    assert_string_equal (tui_list_key (list, 0), "gamma");
    assert_int_equal (tui_list_find (list, "gamma"), 0);
    assert_int_equal (tui_list_find (list, "beta"), 1);
    assert_string_equal (tui_list_cell (list, 0, 1), "2");
    assert_string_equal (tui_list_cell (list, 7, 1), "");
    assert_string_equal (tui_list_key (list, 7), "");
}

static void
s_assert_drawn (const tui_list_t *list, int width, int y, const char *expected)
{
    tui_cells_t *cells = tui_cells_new (width, 4);
    tui_window_t window = { .area = { 0, 0, width, 4 }, .chosen = 1, .sort = 1 };
    tui_list_draw (list, cells, &window);
    char *text = tui_cells_text (cells, y);
    assert_string_equal (text, expected);
    assert_int_equal (tui_cells_row (cells, 2)[0].style, TUI_CHOSEN);
    free (text);
    tui_cells_destroy (&cells);
}

static void
given_little_room_when_drawn_then_columns_go_by_rank (void **state)
{
    tui_list_t *list = *state;
    tui_list_arrange (list, "", TUI_UNSORTED, false);
    s_assert_drawn (list, 24, 0, "NAME   COUNT▲ MORE");
    s_assert_drawn (list, 24, 1, "beta        9 more-beta");
    s_assert_drawn (list, 23, 1, "beta                  9");
    s_assert_drawn (list, 5, 1, "beta");
}

static void
given_a_long_text_when_wrapped_then_it_goes_on_below (void **state)
{
    tui_list_t *list = *state;
    tui_list_begin (list, s_columns);
    tui_list_row (list, TUI_PLAIN, "a");
    tui_list_text (list, "name");
    tui_list_text (list, "1");
    tui_list_text (list, "seven words that are long enough, andonethatisverylongindeed");
    s_add (list, "b", 2);
    tui_list_wrap (list, 20);
    tui_list_arrange (list, "", TUI_UNSORTED, false);
    static const char *const lines[] = { "seven words that ", "are long enough, ",
                                         "andonethatisverylong", "indeed", "more-b" };
    assert_int_equal (tui_list_count (list), 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal (tui_list_cell (list, i, 2), lines[i]);
    assert_string_equal (tui_list_cell (list, 1, 0), "");
    assert_string_equal (tui_list_key (list, 0), "a");
    assert_string_not_equal (tui_list_key (list, 1), tui_list_key (list, 2));
}

static void
given_more_lines_than_the_bound_when_added_then_there_are_no_more (void **state)
{
    tui_list_t *list = *state;
    char name[32];
    for (int i = 0; i < TUI_LIST_MAX + 10; i++) {
        snprintf (name, sizeof name, "%d", i);
        s_add (list, name, i);
    }
    tui_list_look (list, TUI_BAD);
    tui_list_arrange (list, "", 1, false);
    assert_int_equal (tui_list_count (list), TUI_LIST_MAX);
    tui_list_begin (list, s_columns);
    assert_int_equal (tui_list_count (list), 0);
    assert_int_equal (tui_list_columns (list), 3);
    assert_string_equal (tui_list_column (list, 2)->title, "MORE");
}

int
main (void)
{
#define S_TEST(function) cmocka_unit_test_setup_teardown (function, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        S_TEST (numbers_are_sorted_as_numbers_and_words_without_case),
        S_TEST (a_filter_looks_into_all_cells),
        S_TEST (given_little_room_when_drawn_then_columns_go_by_rank),
        S_TEST (given_a_long_text_when_wrapped_then_it_goes_on_below),
        S_TEST (given_more_lines_than_the_bound_when_added_then_there_are_no_more),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
