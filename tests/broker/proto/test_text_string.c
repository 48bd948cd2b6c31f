//  text_string: the inside of a JSON string as text, and back.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/proto/text_string.h"

#define OUT_MAX 4096 //  bytes

static const struct {
    const char *raw;
    const char *text;
    const char *again; //  NULL = raw
} s_rows[] = {
    { "", "", NULL },
    { "plain", "plain", NULL },
    { "a\\nb\\tc\\r\\b\\f", "a\nb\tc\r\b\f", NULL },
    { "\\\"\\\\\\/", "\"\\/", "\\\"\\\\/" },
    { "\\u0041\\u00e9\\u20ac", "A\xc3\xa9\xe2\x82\xac", "A\xc3\xa9\xe2\x82\xac" },
    { "\\ud83d\\ude00x", "\xf0\x9f\x98\x80x", "\xf0\x9f\x98\x80x" },
    { "\\uD83D", "\xed\xa0\xbd", "\\ud83d" },
    { "\\ude00\\ud83d\\n", "\xed\xb8\x80\xed\xa0\xbd\n", "\\ude00\\ud83d\\n" },
    { "\\ud83d\\u0041",
      "\xed\xa0\xbd"
      "A",
      "\\ud83dA" },
    { "\\ud83d\\ud83d\\ude00", "\xed\xa0\xbd\xf0\x9f\x98\x80",
      "\\ud83d\xf0\x9f\x98\x80" },
    { "\\u0001\\u001f", "\x01\x1f", NULL },
    { "\\q\\u12g4\\", "\\q\\u12g4\\", "\\\\q\\\\u12g4\\\\" },
    { "\\u12", "\\u12", "\\\\u12" },
    { "\xe2\x82\xac \xed\x95\x9c", "\xe2\x82\xac \xed\x95\x9c", NULL },
};
#define ROWS (sizeof s_rows / sizeof s_rows[0])

static void
s_read (text_string_t *self, const char *raw, size_t cut, size_t cut2, br_buf_t *out)
{
    size_t size = strlen (raw);
    text_string_reset (self);
    br_buf_clear (out);
    assert_int_equal (text_string_push (self, raw, cut, out), 0);
    assert_int_equal (text_string_push (self, raw + cut, cut2 - cut, out), 0);
    assert_int_equal (text_string_push (self, raw + cut2, size - cut2, out), 0);
    assert_int_equal (text_string_end (self, out), 0);
    assert_int_equal (self->raw, size);
    assert_int_equal (self->text, out->size);
}

static void
given_escapes_when_cut_anywhere_then_the_text_is_the_same (void **state)
{
    (void) state;
    text_string_t string;
    br_buf_t out;
    br_buf_init (&out, OUT_MAX);
    text_string_init (&string);
    for (size_t i = 0; i < ROWS; i++) {
        size_t size = strlen (s_rows[i].raw);
        for (size_t cut = 0; cut <= size; cut++)
            for (size_t cut2 = cut; cut2 <= size; cut2++) {
                s_read (&string, s_rows[i].raw, cut, cut2, &out);
                assert_string_equal (br_buf_text (&out), s_rows[i].text);
            }
    }
    text_string_free (&string);
    br_buf_free (&out);
}

static void
given_texts_when_written_then_what_is_read_again_is_the_same (void **state)
{
    (void) state;
    br_buf_t out;
    br_buf_t again;
    text_string_t string;
    br_buf_init (&out, OUT_MAX);
    br_buf_init (&again, OUT_MAX);
    text_string_init (&string);
    for (size_t i = 0; i < ROWS; i++) {
        const char *text = s_rows[i].text;
        br_buf_clear (&out);
        assert_int_equal (text_string_write (text, strlen (text), &out), 0);
        assert_string_equal (br_buf_text (&out),
                             s_rows[i].again ? s_rows[i].again : s_rows[i].raw);
        s_read (&string, br_buf_text (&out), 0, 0, &again);
        assert_string_equal (br_buf_text (&again), text);
    }
    text_string_free (&string);
    br_buf_free (&again);
    br_buf_free (&out);
}

static void
given_offsets_of_the_text_when_asked_then_whole_escapes_are_told (void **state)
{
    (void) state;
    static const uint64_t from[] = { 0, 1, 1, 1, 1, 13, 14, 16 };
    static const uint64_t to[] = { 0, 1, 13, 13, 13, 13, 14, 16 };
    text_string_t string;
    br_buf_t out;
    br_buf_init (&out, OUT_MAX);
    text_string_init (&string);
    s_read (&string, "a\\ud83d\\ude00b\\n", 3, 9, &out);
    for (uint64_t i = 0; i <= string.text; i++) {
        assert_int_equal (text_string_raw (&string, i), from[i]);
        assert_int_equal (text_string_raw_end (&string, i), to[i]);
    }
    text_string_free (&string);
    br_buf_free (&out);
}

static void
given_a_map_when_its_front_is_dropped_then_the_rest_stays_right (void **state)
{
    (void) state;
    static const char raw[] = "\\n\\u0041bc\\t\\ud83d\\ude00\\u00e9-\\\"x";
    text_string_t all;
    text_string_t less;
    br_buf_t out;
    br_buf_init (&out, OUT_MAX);
    text_string_init (&all);
    text_string_init (&less);
    s_read (&all, raw, 0, 0, &out);
    for (uint64_t drop = 0; drop <= all.text; drop++) {
        s_read (&less, raw, 0, 0, &out);
        text_string_drop (&less, drop / 2);
        text_string_drop (&less, drop);
        for (uint64_t i = drop; i <= all.text; i++) {
            assert_int_equal (text_string_raw (&less, i), text_string_raw (&all, i));
            if (i > drop)
                assert_int_equal (text_string_raw_end (&less, i),
                                  text_string_raw_end (&all, i));
        }
    }
    text_string_free (&less);
    text_string_free (&all);
    br_buf_free (&out);
}

static void
given_no_room_when_read_or_written_then_it_is_told (void **state)
{
    (void) state;
    text_string_t string;
    br_buf_t out;
    br_buf_init (&out, 3);
    text_string_init (&string);
    assert_int_equal (text_string_push (&string, "abcd", 4, &out), -1);
    assert_int_equal (text_string_write ("\n\n", 2, &out), -1);
    text_string_free (&string);
    br_buf_free (&out);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_escapes_when_cut_anywhere_then_the_text_is_the_same),
        cmocka_unit_test (given_texts_when_written_then_what_is_read_again_is_the_same),
        cmocka_unit_test (
            given_offsets_of_the_text_when_asked_then_whole_escapes_are_told),
        cmocka_unit_test (
            given_a_map_when_its_front_is_dropped_then_the_rest_stays_right),
        cmocka_unit_test (given_no_room_when_read_or_written_then_it_is_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
