//  guard_utf8: characters that are not cut.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/guard/guard_utf8.h"

//  "é" is 2 bytes, "€" 3, "😀" 4; the last byte fits nowhere.
static const uint8_t s_bytes[] = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\x80";

static void
given_an_offset_in_a_character_when_rounded_then_it_is_at_its_ends (void **state)
{
    (void) state;
    static const size_t downs[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11 };
    static const size_t ups[] = { 0, 1, 3, 3, 6, 6, 6, 10, 10, 10, 10, 11 };
    size_t size = sizeof s_bytes - 1;
    for (size_t at = 0; at <= size; at++) {
        assert_int_equal (guard_utf8_down (s_bytes, size, at), downs[at]);
        assert_int_equal (guard_utf8_up (s_bytes, size, at), ups[at]);
    }
}

static void
given_a_character_that_is_cut_when_measured_then_it_does_not_count (void **state)
{
    (void) state;
    static const size_t wholes[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11 };
    for (size_t size = 0; size < sizeof s_bytes; size++)
        assert_int_equal (guard_utf8_whole (s_bytes, size), wholes[size]);
}

static void
given_characters_when_written_then_they_are_utf8 (void **state)
{
    (void) state;
    static const struct {
        uint32_t character;
        const char *bytes;
    } rows[] = { { 'a', "a" },
                 { 0xE9, "\xC3\xA9" },
                 { 0x20AC, "\xE2\x82\xAC" },
                 { 0xD83D, "\xED\xA0\xBD" },
                 { 0x1F600, "\xF0\x9F\x98\x80" } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t out[GUARD_UTF8_MAX];
        size_t size = guard_utf8_write (rows[i].character, out);
        assert_int_equal (size, strlen (rows[i].bytes));
        assert_memory_equal (out, rows[i].bytes, size);
    }
}

static void
given_halves_of_a_pair_when_joined_then_they_are_their_character (void **state)
{
    (void) state;
    static const uint8_t high[] = "x\xED\xA0\xBD";
    static const uint8_t low[] = "\xED\xB8\x80";
    uint8_t out[GUARD_UTF8_MAX];
    assert_int_equal (guard_utf8_half (high, 4), GUARD_UTF8_HALF);
    assert_int_equal (guard_utf8_half (high, 3), 0);
    assert_int_equal (guard_utf8_half (high, 0), 0);
    assert_int_equal (guard_utf8_half (low, 3), 0);
    assert_true (guard_utf8_join (high + 1, low, 3, out));
    assert_memory_equal (out, "\xF0\x9F\x98\x80", 4);
    assert_false (guard_utf8_join (high + 1, low, 2, out));
    assert_false (guard_utf8_join (high + 1, high + 1, 3, out));
    assert_false (guard_utf8_join (high + 1, (const uint8_t *) "abc", 3, out));
}

static void
given_bytes_when_asked_then_it_is_known_how_many_are_utf8 (void **state)
{
    (void) state;
    static const struct {
        const char *bytes;
        size_t valid;
    } rows[] = {
        { "", 0 },
        { "abc", 3 },
        { "h\xC3\xA9", 3 },
        { "a\xFF"
          "b",
          1 },
        { "\xE2\x82\xAC", 3 },
        { "a\xE2\x82", 1 },
        { "\xED\xA0\x80", 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal (
            guard_utf8_valid ((const uint8_t *) rows[i].bytes, strlen (rows[i].bytes)),
            rows[i].valid);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_an_offset_in_a_character_when_rounded_then_it_is_at_its_ends),
        cmocka_unit_test (
            given_a_character_that_is_cut_when_measured_then_it_does_not_count),
        cmocka_unit_test (given_characters_when_written_then_they_are_utf8),
        cmocka_unit_test (
            given_halves_of_a_pair_when_joined_then_they_are_their_character),
        cmocka_unit_test (given_bytes_when_asked_then_it_is_known_how_many_are_utf8),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
