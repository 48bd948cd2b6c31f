//  Amounts as people read them: exact, whatever their size.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/ledger/ledger_usd.h"

static void
given_amounts_when_written_then_no_digit_is_lost (void **state)
{
    static const struct {
        int64_t nusd;
        const char *text;
    } rows[] = {
        { 0, "0.00" },
        { 1, "0.000000001" },
        { 10000000, "0.01" },
        { 12500000000, "12.50" },
        { 123456789, "0.123456789" },
        { 1000000000, "1.00" },
        { -1500000000, "-1.50" },
        { INT64_MAX, "9223372036.854775807" },
        { INT64_MIN, "-9223372036.854775808" },
    };
    (void) state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[LEDGER_USD];
        assert_string_equal (ledger_usd (rows[i].nusd, text), rows[i].text);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_amounts_when_written_then_no_digit_is_lost),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
