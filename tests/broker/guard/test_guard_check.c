//  guard_check: what passes and what does not, by check.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/guard/guard_check.h"

static bool
s_passes (const char *check, const char *text, const char *group)
{
    guard_check_t checks[GUARD_CHECKS_MAX];
    int count = guard_check_read (check, checks, NULL);
    assert_true (count > 0);
    for (int i = 0; i < count; i++)
        if (!guard_check_passes (&checks[i], text, strlen (text), group,
                                 group ? strlen (group) : 0))
            return false;
    return true;
}

static const struct {
    const char *check;
    const char *text;
    bool passes;
} s_rows[] = {
    { "luhn", "4111 1111 1111 1111", true },
    { "luhn", "4111-1111-1111-1112", false },
    { "luhn", "378282246310005", true },
    { "luhn", "0000000000000000", false },
    { "luhn", "42", false },
    { "luhn", "41111111111111111111111111111111111111", false },
    { "mod97", "DE89 3704 0044 0532 0130 00", true },
    { "mod97", "GB82WEST12345698765432", true },
    { "mod97", "gb82west12345698765432", true },
    { "mod97", "NL91ABNA0417164300", true },
    { "mod97", "GB82WEST12345698765433", false },
    { "mod97", "DE8937040044053201300", false }, //  of no German length
    { "mod97", "ZZ89370400440532013000", false },
    { "mod97", "", false },
    { "ssn", "536-90-4399", true },
    { "ssn", "000-12-3456", false },
    { "ssn", "666-12-3456", false },
    { "ssn", "900-12-3456", false },
    { "ssn", "536-00-4399", false },
    { "ssn", "536-90-0000", false },
    { "ssn", "123-45-6789", false },
    { "ssn", "536-90-439", false },
    { "phone", "(415) 555-2671", true },
    { "phone", "1-415-555-2671", true },
    { "phone", "+49 30 901820", true },
    { "phone", "415-555-267", false },
    { "phone", "+1234567890123456", false },
    { "phone", "000-000-0000", false },
    { "ipv4_public", "93.184.216.34", true },
    { "ipv4_public", "10.0.0.7", true },
    { "ipv4_public", "127.0.0.1", false },
    { "ipv4_public", "0.0.0.0", false },
    { "ipv4_public", "255.255.255.255", false },
    { "ipv4_public", "1.2.3.256", false },
    { "ipv4_public", "1.2.3.04", false },
    { "ipv4_public", "1.2.3", false },
    { "ipv4_public", "1.2.3.4.5", false },
    { "mixed", "abc1", true },
    { "mixed", "abcd", false },
    { "mixed", "1234", false },
    { "not_base64", "short+/=", true },
    { "entropy:3.0", "aaaaaaaaaaaaaaaa", false },
    { "entropy:3.0", "abcdefgh", true },
    { "entropy:3.1", "abcdefgh", false },
    { "entropy:0", "", false },
    { "mixed+entropy:2", "abcd1234", true },
    { "mixed+entropy:2", "abcdefgh", false },
};

static void
matches_pass_or_do_not (void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof s_rows / sizeof *s_rows; i++)
        if (s_passes (s_rows[i].check, s_rows[i].text, NULL) != s_rows[i].passes)
            fail_msg ("%s: %s", s_rows[i].check, s_rows[i].text);
}

static void
a_long_run_of_base64_is_data (void **state)
{
    (void) state;
    char text[201];
    memset (text, 'A', 200);
    text[200] = '\0';
    assert_false (s_passes ("not_base64", text, NULL));
    text[100] = ' ';
    assert_true (s_passes ("not_base64", text, NULL));
}

static void
letters_are_those_of_the_group_where_there_is_one (void **state)
{
    (void) state;
    assert_false (s_passes ("entropy:3", "key = aaaaaaaaaa", "aaaaaaaaaa"));
    assert_true (s_passes ("entropy:2", "aaaaaaaaaaaaaaaaaaaaaaaaaaabcd", "abcd"));
    assert_true (s_passes ("luhn", "4111111111111111", "1"));
}

static void
no_name_is_no_check (void **state)
{
    (void) state;
    guard_check_t checks[GUARD_CHECKS_MAX];
    assert_int_equal (guard_check_read ("", checks, NULL), 0);
    assert_int_equal (guard_check_read (NULL, checks, NULL), 0);
    guard_check_t none = { .kind = 0 };
    assert_true (guard_check_passes (&none, "x", 1, NULL, 0));
}

static void
a_name_that_nobody_knows_is_an_error (void **state)
{
    (void) state;
    static const char *const names[] = {
        "lun",       "luhn:3",      "entropy",     "entropy:",
        "entropy:x", "entropy:9",   "entropy:-1",  "entropy:3+",
        "+",         "luhn++mixed", "entropy:nan", "mixed+mixed+mixed+mixed+mixed"
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        guard_check_t checks[GUARD_CHECKS_MAX];
        br_error_t error = { .code = BR_OK };
        if (guard_check_read (names[i], checks, &error) != -1)
            fail_msg ("%s", names[i]);
        assert_int_equal (error.code, BR_ECONFIG);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (matches_pass_or_do_not),
        cmocka_unit_test (a_long_run_of_base64_is_data),
        cmocka_unit_test (letters_are_those_of_the_group_where_there_is_one),
        cmocka_unit_test (no_name_is_no_check),
        cmocka_unit_test (a_name_that_nobody_knows_is_an_error),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
