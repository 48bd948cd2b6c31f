//  Times as people write them.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/when.h"

#define NOW UINT64_C (1750000000000) //  2025-06-15T15:06:40Z

static void
given_words_when_read_then_they_are_times (void **state)
{
    static const struct {
        const char *text;
        bool is_end;
        uint64_t ms;
    } rows[] = {
        { "2025-06-15", false, UINT64_C (1749945600000) },
        { "2025-06-15", true, UINT64_C (1750032000000) },
        { "2025-06-15T15:06:40Z", false, NOW },
        { "2025-06-15T15:06:40Z", true, NOW },
        { "today", false, UINT64_C (1749945600000) },
        { "yesterday", true, UINT64_C (1749945600000) },
        { "7d", false, NOW - UINT64_C (604800000) },
        { "24h", true, NOW - UINT64_C (86400000) },
        { "30m", false, NOW - 1800000 },
        { "90s", false, NOW - 90000 },
        { "0d", false, NOW },
        { "999999d", false, 0 },
    };
    (void) state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t ms = 1;
        assert_int_equal (cli_when (rows[i].text, NOW, rows[i].is_end, &ms), 0);
        assert_int_equal (ms, rows[i].ms);
    }
}

static void
given_other_words_when_read_then_they_are_refused (void **state)
{
    static const char *const rows[] = { "",          "d",          "7",
                                        "7w",        "7dd",        "-7d",
                                        "1000000d",  "2025-13-01", "2025-06-15 12",
                                        "15.6.2025", "tomorrow" };
    (void) state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t ms = 1;
        assert_int_equal (cli_when (rows[i], NOW, false, &ms), -1);
        assert_int_equal (ms, 1);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_words_when_read_then_they_are_times),
        cmocka_unit_test (given_other_words_when_read_then_they_are_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
