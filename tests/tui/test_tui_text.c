//  tui_text: what a terminal may show.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "tui/tui_text.h"

static void
given_what_a_terminal_would_obey_when_copied_then_it_is_harmless (void **state)
{
    (void) state;
    char text[64];
    tui_text_copy (text, sizeof text, "a\033[31mb\nc\x7f");
    assert_string_equal (text, "a?[31mb?c?");
    tui_text_copy (text, sizeof text, "x\u202ey\xc2\x85z");
    assert_string_equal (text, "x?y?z");
}

static void
given_bytes_that_are_no_utf8_when_copied_then_each_is_a_question_mark (void **state)
{
    (void) state;
    static const char *const bad[] = { "\xff", "\xc0\x80", "\xed\xa0\x80", "\xf8\x88",
                                       "\xc3" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[64];
        tui_text_copy (text, sizeof text, bad[i]);
        assert_int_equal (strspn (text, "?"), strlen (text));
        assert_true (*text);
    }
}

static void
given_little_room_when_copied_then_characters_stay_whole (void **state)
{
    (void) state;
    char text[4];
    tui_text_copy (text, sizeof text, "aéé");
    assert_string_equal (text, "aé");
    tui_text_copy (text, 1, "abc");
    assert_string_equal (text, "");
    tui_text_copy (text, sizeof text, NULL);
    assert_string_equal (text, "");
}

static void
wide_characters_take_two_columns_and_marks_none (void **state)
{
    (void) state;
    assert_int_equal (tui_text_columns ("abc"), 3);
    assert_int_equal (tui_text_columns ("日本"), 4);
    assert_int_equal (tui_text_columns ("e\u0301"), 1);
}

static void
every_character_is_written_as_it_was_read (void **state)
{
    (void) state;
    static const char text[] = "a\u00e9\u20ac\U00010348";
    const char *at = text;
    char copy[sizeof text];
    size_t size = 0;
    for (uint32_t code = tui_text_next (&at); code; code = tui_text_next (&at))
        size += tui_text_put (code, copy + size);
    copy[size] = 0;
    assert_string_equal (copy, text);
}

static void
numbers_are_short (void **state)
{
    (void) state;
    char word[TUI_WORD];
    assert_string_equal (tui_text_count (0, word), "0");
    assert_string_equal (tui_text_count (9999, word), "9999");
    assert_string_equal (tui_text_count (12345, word), "12.3k");
    assert_string_equal (tui_text_count (4560000, word), "4.56M");
    tui_text_count (UINT64_MAX, word);
    assert_in_range (strlen (word), 1, 6);
    assert_string_equal (tui_text_money (0, word), "$0");
    assert_string_equal (tui_text_money (1, word), "<$0.000001");
    assert_string_equal (tui_text_money (123000, word), "$0.000123");
    assert_string_equal (tui_text_money (12350000000, word), "$12.35");
    assert_string_equal (tui_text_money (-2000000000, word), "-$2.00");
    tui_text_money (INT64_MIN, word);
    assert_in_range (strlen (word), 1, TUI_WORD - 1);
}

static void
spans_of_time_fit_their_length (void **state)
{
    (void) state;
    char word[TUI_WORD];
    assert_string_equal (tui_text_span (12, word), "12 ms");
    assert_string_equal (tui_text_span (3450, word), "3.4 s");
    assert_string_equal (tui_text_span (312000, word), "5m 12s");
    assert_string_equal (tui_text_span (3720000, word), "1h 02m");
    assert_string_equal (tui_text_span (90000000, word), "1d 01h");
    tui_text_span (UINT64_MAX, word);
    assert_in_range (strlen (word), 1, TUI_WORD - 1);
    assert_int_equal (strlen (tui_text_clock (1750000000000, word)), 8);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_what_a_terminal_would_obey_when_copied_then_it_is_harmless),
        cmocka_unit_test (
            given_bytes_that_are_no_utf8_when_copied_then_each_is_a_question_mark),
        cmocka_unit_test (given_little_room_when_copied_then_characters_stay_whole),
        cmocka_unit_test (wide_characters_take_two_columns_and_marks_none),
        cmocka_unit_test (every_character_is_written_as_it_was_read),
        cmocka_unit_test (numbers_are_short),
        cmocka_unit_test (spans_of_time_fit_their_length),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
