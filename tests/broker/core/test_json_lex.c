//  json_lex: tokens.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/json_lex.h"

static size_t
s_number (const char *text)
{
    return json_lex_number ((const uint8_t *) text,
                            (const uint8_t *) text + strlen (text));
}

static size_t
s_special (const char *text)
{
    return json_lex_special ((const uint8_t *) text,
                             (const uint8_t *) text + strlen (text));
}

static void
test_a_value_is_told_by_its_first_byte (void **state)
{
    (void) state;
    assert_int_equal (json_lex_type ('"'), JSON_STRING);
    assert_int_equal (json_lex_type ('{'), JSON_OBJECT);
    assert_int_equal (json_lex_type ('['), JSON_ARRAY);
    assert_int_equal (json_lex_type ('-'), JSON_NUMBER);
    assert_int_equal (json_lex_type ('7'), JSON_NUMBER);
    assert_int_equal (json_lex_type ('t'), JSON_BOOL);
    assert_int_equal (json_lex_type ('n'), JSON_NULL);
    assert_int_equal (json_lex_type ('+'), JSON_NONE);
    assert_int_equal (json_lex_type (0), JSON_NONE);
}

static void
test_numbers (void **state)
{
    (void) state;
    assert_int_equal (s_number ("-12.5e+3,"), 8);
    assert_int_equal (s_number ("01"), 1); //  the next digit is no part of it
    assert_int_equal (s_number ("-"), 0);
    assert_int_equal (s_number ("1."), 0);
    assert_int_equal (s_number ("1e"), 0);
    assert_int_equal (s_number ("1e400"), 5);
}

static void
test_literals (void **state)
{
    (void) state;
    const uint8_t *text = (const uint8_t *) "truefalsenullnul";
    assert_int_equal (json_lex_literal (text, text + 16), 4);
    assert_int_equal (json_lex_literal (text + 4, text + 16), 5);
    assert_int_equal (json_lex_literal (text + 9, text + 16), 4);
    assert_int_equal (json_lex_literal (text + 13, text + 16), 0);
}

static void
test_what_stops_plain_text (void **state)
{
    (void) state;
    static const char plain[] = "a long run of plain text, then\xc3\xa9";
    const uint8_t *at = (const uint8_t *) plain;
    const uint8_t *stop = json_lex_plain (at, at + sizeof plain - 1);
    assert_int_equal (stop - at, 30);
    assert_int_equal (s_special ("\xc3\xa9"), 2);
    assert_int_equal (s_special ("\xe2\x82\xac"), 3);
    assert_int_equal (s_special ("\\n"), 2);
    assert_int_equal (s_special ("\\u00e9"), 6);
    assert_int_equal (s_special ("\\u00g9"), 0);
    assert_int_equal (s_special ("\\x"), 0);
    assert_int_equal (s_special ("\\"), 0);
    assert_int_equal (s_special ("\x01"), 0);
    assert_int_equal (s_special ("\xff"), 0);
    assert_non_null (strstr (json_lex_fault ('\\'), "escape"));
    assert_non_null (strstr (json_lex_fault (1), "control"));
    assert_non_null (strstr (json_lex_fault (0xff), "UTF-8"));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_a_value_is_told_by_its_first_byte),
        cmocka_unit_test (test_numbers),
        cmocka_unit_test (test_literals),
        cmocka_unit_test (test_what_stops_plain_text),
    };
    return cmocka_run_group_tests_name ("json_lex", tests, NULL, NULL);
}
