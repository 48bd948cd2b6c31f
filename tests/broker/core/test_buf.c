//  buf: grows to its maximum and not a byte further.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/buf.h"

#define ROOMY 100000

static void
test_empty_buffer_is_empty_text (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, ROOMY);
    assert_int_equal (buf.size, 0);
    assert_string_equal (br_buf_text (&buf), "");
    assert_int_equal (br_buf_add (&buf, NULL, 0), 0);
    assert_string_equal (br_buf_text (&buf), "");
    br_buf_free (&buf);
}

static void
test_additions_follow_each_other (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, ROOMY);
    assert_int_equal (br_buf_add (&buf, "abc", 2), 0);
    assert_int_equal (br_buf_adds (&buf, "-text"), 0);
    assert_int_equal (br_buf_addc (&buf, '!'), 0);
    assert_int_equal (br_buf_addf (&buf, "%d%s", 42, "x"), 0);
    assert_string_equal (br_buf_text (&buf), "ab-text!42x");
    assert_int_equal (buf.size, 11);
    br_buf_free (&buf);
}

static void
test_content_survives_growth (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, ROOMY);
    for (int i = 0; i < 20000; i++)
        assert_int_equal (br_buf_addc (&buf, (char) ('a' + i % 26)), 0);
    assert_int_equal (buf.size, 20000);
    for (int i = 0; i < 20000; i++)
        assert_int_equal (buf.data[i], 'a' + i % 26);
    br_buf_free (&buf);
}

static void
test_maximum_is_reached_exactly (void **state)
{
    (void) state;
    //  Given a buffer with one byte left
    br_buf_t buf;
    br_buf_init (&buf, 5);
    assert_int_equal (br_buf_adds (&buf, "abcd"), 0);
    //  When two come, none is taken; when one comes, it is
    assert_int_equal (br_buf_adds (&buf, "ef"), -1);
    assert_true (buf.overflow);
    assert_string_equal (br_buf_text (&buf), "abcd");
    assert_int_equal (br_buf_addc (&buf, 'e'), 0);
    //  Then it is full for good, until it is emptied
    assert_int_equal (br_buf_addc (&buf, 'f'), -1);
    assert_int_equal (br_buf_addf (&buf, "%d", 1), -1);
    assert_string_equal (br_buf_text (&buf), "abcde");
    assert_true (buf.overflow);
    br_buf_clear (&buf);
    assert_false (buf.overflow);
    assert_int_equal (br_buf_adds (&buf, "again"), 0);
    br_buf_free (&buf);
}

static void
test_huge_addition_does_not_wrap (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, 100);
    br_buf_adds (&buf, "abc");
    assert_int_equal (br_buf_add (&buf, "x", SIZE_MAX), -1);
    assert_int_equal (br_buf_add (&buf, "x", SIZE_MAX - 3), -1);
    assert_string_equal (br_buf_text (&buf), "abc");
    br_buf_free (&buf);
}

static void
test_clear_keeps_and_free_gives_back_the_memory (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, ROOMY);
    br_buf_adds (&buf, "abc");
    br_buf_clear (&buf);
    assert_non_null (buf.data);
    assert_int_equal (buf.size, 0);
    br_buf_free (&buf);
    assert_null (buf.data);
    //  A freed buffer keeps its maximum and may be used again
    assert_int_equal (buf.max, ROOMY);
    assert_int_equal (br_buf_adds (&buf, "new"), 0);
    assert_string_equal (br_buf_text (&buf), "new");
    br_buf_free (&buf);
}

static void
test_json_text_is_escaped (void **state)
{
    (void) state;
    static const struct {
        const char *text;
        size_t size;
        const char *json;
    } rows[] = {
        { "", 0, "\"\"" },
        { "plain", 5, "\"plain\"" },
        { "a\"b\\c", 5, "\"a\\\"b\\\\c\"" },
        { "\n\r\t", 3, "\"\\n\\r\\t\"" },
        { "\b\f\x1f", 3, "\"\\u0008\\u000c\\u001f\"" },
        { "a\0b", 3, "\"a\\u0000b\"" },
        { "\x7f", 1, "\"\x7f\"" },
        { "\xc3\xa9\xf0\x9f\x98\x80", 6, "\"\xc3\xa9\xf0\x9f\x98\x80\"" },
        { "</script>", 9, "\"</script>\"" },
    };
    br_buf_t buf;
    br_buf_init (&buf, ROOMY);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        br_buf_clear (&buf);
        assert_int_equal (br_buf_add_json (&buf, rows[i].text, rows[i].size), 0);
        assert_string_equal (br_buf_text (&buf), rows[i].json);
    }
    br_buf_free (&buf);
}

//  Whatever stands around it, and however far from the start.
static void
test_json_text_is_escaped_at_every_place (void **state)
{
    (void) state;
    static const struct {
        const char *text, *json;
    } rows[] = { { "\n", "\\n" },       { "\"", "\\\"" },           { "\\", "\\\\" },
                 { "\x1f", "\\u001f" }, { "\xc3\xa9", "\xc3\xa9" }, { "\x7f", "\x7f" } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int place = 0; place < 40; place++) {
            char text[64], json[80];
            br_buf_t buf;
            br_buf_init (&buf, 200);
            int size = snprintf (text, sizeof text, "%.*s%s%.*s", place,
                                 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", rows[i].text,
                                 place % 5, "\xc3\xa9zz");
            snprintf (json, sizeof json, "\"%.*s%s%.*s\"", place,
                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", rows[i].json, place % 5,
                      "\xc3\xa9zz");
            assert_int_equal (br_buf_add_json (&buf, text, (size_t) size), 0);
            assert_string_equal (br_buf_text (&buf), json);
            br_buf_free (&buf);
        }
}

static void
test_json_text_fits_or_is_left_out (void **state)
{
    (void) state;
    const char text[] = "a\nb\"c"; //  nine bytes with quotes
    for (size_t max = 0; max < 12; max++) {
        br_buf_t buf;
        br_buf_init (&buf, max + 1);
        br_buf_addc (&buf, '[');
        int rc = br_buf_add_json (&buf, text, 5);
        assert_int_equal (rc, max < 9 ? -1 : 0);
        assert_string_equal (br_buf_text (&buf), max < 9 ? "[" : "[\"a\\nb\\\"c\"");
        assert_int_equal (buf.overflow, max < 9);
        br_buf_free (&buf);
    }
}

static void
test_shift_removes_from_the_front (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, 8);
    br_buf_adds (&buf, "abcdefgh");
    br_buf_shift (&buf, 0);
    assert_string_equal (br_buf_text (&buf), "abcdefgh");
    br_buf_shift (&buf, 3);
    assert_string_equal (br_buf_text (&buf), "defgh");
    //  The room is there again
    assert_int_equal (br_buf_adds (&buf, "ijk"), 0);
    assert_string_equal (br_buf_text (&buf), "defghijk");
    br_buf_shift (&buf, 8);
    assert_int_equal (buf.size, 0);
    assert_string_equal (br_buf_text (&buf), "");
    br_buf_free (&buf);
}

static void
test_take_hands_the_memory_over (void **state)
{
    (void) state;
    br_buf_t buf;
    br_buf_init (&buf, ROOMY);
    size_t size = 99;
    assert_null (br_buf_take (&buf, &size));
    assert_int_equal (size, 0);
    br_buf_adds (&buf, "abc");
    uint8_t *bytes = br_buf_take (&buf, &size);
    assert_int_equal (size, 3);
    assert_memory_equal (bytes, "abc", 3);
    assert_null (buf.data);
    br_buf_adds (&buf, "other");
    assert_memory_equal (bytes, "abc", 3);
    free (bytes);
    br_buf_free (&buf);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_empty_buffer_is_empty_text),
        cmocka_unit_test (test_additions_follow_each_other),
        cmocka_unit_test (test_content_survives_growth),
        cmocka_unit_test (test_maximum_is_reached_exactly),
        cmocka_unit_test (test_huge_addition_does_not_wrap),
        cmocka_unit_test (test_clear_keeps_and_free_gives_back_the_memory),
        cmocka_unit_test (test_json_text_is_escaped),
        cmocka_unit_test (test_json_text_is_escaped_at_every_place),
        cmocka_unit_test (test_json_text_fits_or_is_left_out),
        cmocka_unit_test (test_shift_removes_from_the_front),
        cmocka_unit_test (test_take_hands_the_memory_over),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
