//  money: decimals to nano-USD and back, exactly.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/money.h"

static void
test_given_a_number_when_parsed_then_it_is_exact (void **state)
{
    (void) state;
    static const struct {
        const char *text;
        int64_t nusd;
    } rows[] = {
        { "0", 0 },
        { "3", 3000000000 },
        { "0.1", 100000000 },
        { ".5", 500000000 },
        { "5.", 5000000000 },
        { "+2", 2000000000 },
        { "1e-3", 1000000 },
        { "1E+3", 1000000000000 },
        { "0.000000001", 1 },
        { "1e-9", 1 },
        { "0.1000000000000", 100000000 },
        { "12.345678901", 12345678901 },
        { "1000000", 1000000000000000 },
        { "0.001e9", 1000000000000000 },
        { "10000000000e-10", 1000000000 },
        { "007", 7000000000 },
        { "0e999", 0 },
        { "99999.999999999", 99999999999999 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t nusd = -1;
        assert_int_equal (br_money_parse (rows[i].text, &nusd), 0);
        assert_true (nusd == rows[i].nusd);
    }
}

static void
test_given_what_is_no_amount_when_parsed_then_it_is_refused (void **state)
{
    (void) state;
    static const char *const texts[] = {
        "",
        ".",
        "+",
        "-1",
        "-0",
        "abc",
        "1x",
        "1e",
        "1e+",
        "1e-10",
        "0.0000000001",
        "1000000.000000001",
        "1000001",
        "1e7",
        "1 ",
        " 1",
        "1,5",
        "0x10",
        "inf",
        "nan",
        "1e99999999999",
        "1..2",
        "e5",
        "1e5.5",
        "9999999999999999999999",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t nusd = 77;
        assert_int_equal (br_money_parse (texts[i], &nusd), -1);
        assert_true (nusd == 77);
    }
    char text[5000];
    memset (text, '0', sizeof text);
    text[sizeof text - 1] = 0;
    int64_t nusd;
    assert_int_equal (br_money_parse (text, &nusd), -1);
}

static void
test_given_an_amount_when_printed_then_it_has_its_decimals (void **state)
{
    (void) state;
    static const struct {
        int64_t nusd;
        const char *text;
    } rows[] = {
        { 0, "0" },
        { 1, "0.000000001" },
        { 100000000, "0.1" },
        { 3000000000, "3" },
        { 10000000000, "10" },
        { 12345678901, "12.345678901" },
        { -1500000000, "-1.5" },
        { INT64_MAX, "9223372036.854775807" },
        { INT64_MIN, "-9223372036.854775808" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[BR_MONEY_TEXT_MAX];
        br_money_print (rows[i].nusd, text);
        assert_string_equal (text, rows[i].text);
        int64_t nusd = 0;
        if (rows[i].nusd >= 0 && rows[i].nusd < 1000000000000000) {
            assert_int_equal (br_money_parse (text, &nusd), 0);
            assert_true (nusd == rows[i].nusd);
        }
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_given_a_number_when_parsed_then_it_is_exact),
        cmocka_unit_test (test_given_what_is_no_amount_when_parsed_then_it_is_refused),
        cmocka_unit_test (test_given_an_amount_when_printed_then_it_has_its_decimals),
    };
    return cmocka_run_group_tests_name ("money", tests, NULL, NULL);
}
