//  What single JSON values say.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "broker/core/json_value.h"

typedef struct {
    const char *json;
    const char *text; //  NULL = refused
} string_case_t;

static const string_case_t s_strings[] = {
    { "\"\"", "" },
    { "\"plain\"", "plain" },
    { "\"a\\\"b\\\\c\\/d\"", "a\"b\\c/d" },
    { "\"\\b\\f\\n\\r\\t\"", "\b\f\n\r\t" },
    { "\"mod\\u0065l\"", "model" },
    { "\"\\u00E9\\u20ac\"", "\xc3\xa9\xe2\x82\xac" },
    { "\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80" },
    { "\"\xc3\xa9\xf0\x9f\x98\x80\"", "\xc3\xa9\xf0\x9f\x98\x80" },
    { "\"\\ud83d\"", NULL },        //  high surrogate alone
    { "\"\\ude00\"", NULL },        //  low surrogate alone
    { "\"\\ud83d\\u0041\"", NULL }, //  high one before no surrogate
    { "\"\\ud83dx\"", NULL },
    { "\"\\u12g4\"", NULL },
    { "\"\\u12\"", NULL },
    { "\"\\x\"", NULL },
    { "\"\\\"", NULL },
    { "\"a\nb\"", NULL },
    { "\"\xc0\x80\"", NULL },         //  overlong
    { "\"\xed\xa0\x80\"", NULL },     //  surrogate in UTF-8
    { "\"\xf4\x90\x80\x80\"", NULL }, //  over U+10FFFF
    { "\"\xe2\x82\"", NULL },
    { "\"\xff\"", NULL },
    { "\"a\"b\"", NULL },
    { "\"", NULL },
    { "", NULL },
    { "12", NULL },
};

static void
strings_are_unescaped_or_refused (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_strings / sizeof s_strings[0]; i++) {
        const string_case_t *row = &s_strings[i];
        br_error_t error = { 0 };
        br_buf_t out;
        br_buf_init (&out, 100);
        char text[100];
        int rc = json_string (row->json, strlen (row->json), &out, &error);
        assert_int_equal (rc, row->text ? 0 : -1);
        assert_int_equal (json_text (row->json, strlen (row->json), text, 100), rc);
        if (row->text) {
            assert_string_equal (br_buf_text (&out), row->text);
            assert_string_equal (text, row->text);
            assert_true (json_string_is (row->json, strlen (row->json), row->text));
        } else {
            assert_int_equal (error.code, BR_EINVALID);
            assert_string_equal (text, "");
        }
        assert_false (json_string_is (row->json, strlen (row->json), "other"));
        br_buf_free (&out);
    }
}

static void
a_zero_byte_is_kept_in_a_buffer_and_refused_in_a_c_string (void **state)
{
    (void) state;
    const char *json = "\"x\\u0000y\"";
    br_buf_t out;
    br_buf_init (&out, 100);
    char text[10];
    assert_int_equal (json_string (json, strlen (json), &out, NULL), 0);
    assert_int_equal (out.size, 3);
    assert_memory_equal (out.data, "x\0y", 3);
    assert_int_equal (json_text (json, strlen (json), text, sizeof text), -1);
    assert_false (json_string_is (json, strlen (json), "x"));
    br_buf_free (&out);
}

static void
a_string_over_the_bound_is_too_big (void **state)
{
    (void) state;
    br_error_t error = { 0 };
    br_buf_t out;
    br_buf_init (&out, 3);
    char text[4];
    assert_int_equal (json_string ("\"abcd\"", 6, &out, &error), -1);
    assert_int_equal (error.code, BR_ETOOBIG);
    assert_int_equal (json_text ("\"abcd\"", 6, text, sizeof text), -1);
    assert_int_equal (json_text ("\"abc\"", 5, text, sizeof text), 0);
    br_buf_free (&out);
}

static void
a_comparison_needs_the_whole_text (void **state)
{
    (void) state;
    assert_true (json_string_is ("\"model\"", 7, "model"));
    assert_false (json_string_is ("\"model\"", 7, "mode"));
    assert_false (json_string_is ("\"mode\"", 6, "model"));
    assert_false (json_string_is ("model", 5, "model"));
}

typedef struct {
    const char *json;
    int rc;
    int64_t number;
} integer_case_t;

static const integer_case_t s_integers[] = {
    { "0", 0, 0 },
    { "-0", 0, 0 },
    { "42", 0, 42 },
    { "-7", 0, -7 },
    { "12.0", 0, 12 },
    { "9223372036854775807", 0, INT64_MAX },
    { "-9223372036854775808", 0, INT64_MIN },
    { "9223372036854775808", -1, 0 },
    { "-9223372036854775809", -1, 0 },
    { "99999999999999999999999", -1, 0 },
    { "1.5", -1, 0 },
    { "1.", -1, 0 },
    { "1e3", -1, 0 },
    { "01", -1, 0 },
    { "-", -1, 0 },
    { "", -1, 0 },
    { "\"1\"", -1, 0 },
    { "null", -1, 0 },
};

static void
integers_are_exact_or_refused (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_integers / sizeof s_integers[0]; i++) {
        const integer_case_t *row = &s_integers[i];
        int64_t number = 99;
        assert_int_equal (json_integer (row->json, strlen (row->json), &number, NULL),
                          row->rc);
        assert_true (number == (row->rc ? 99 : row->number));
    }
}

static void
booleans_are_two_words (void **state)
{
    (void) state;
    bool yes = false;
    assert_int_equal (json_bool ("true", 4, &yes, NULL), 0);
    assert_true (yes);
    assert_int_equal (json_bool ("false", 5, &yes, NULL), 0);
    assert_false (yes);
    assert_int_equal (json_bool ("null", 4, &yes, NULL), -1);
    assert_int_equal (json_bool ("True", 4, &yes, NULL), -1);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (strings_are_unescaped_or_refused),
        cmocka_unit_test (a_zero_byte_is_kept_in_a_buffer_and_refused_in_a_c_string),
        cmocka_unit_test (a_string_over_the_bound_is_too_big),
        cmocka_unit_test (a_comparison_needs_the_whole_text),
        cmocka_unit_test (integers_are_exact_or_refused),
        cmocka_unit_test (booleans_are_two_words),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
