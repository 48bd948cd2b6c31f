//  Which versions are newer. What is asked and told is in test_update.sh.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/update.h"

static void
given_versions_then_numbers_decide_and_only_releases_count (void **state)
{
    static const struct {
        const char *latest, *current;
        bool newer;
    } rows[] = {
        { "v0.2.0", "0.1.9", true },     { "0.1.10", "0.1.9", true },
        { "1.0.0", "0.9.9", true },      { "0.1.0", "0.1.0", false },
        { "0.1.0", "0.1.1", false },     { "0.9.9", "1.0.0", false },
        { "0.2.0-rc1", "0.1.0", false }, { "0.2.0", "0.1.0-dev", false },
        { "0.2", "0.1.0", false },       { "", "0.1.0", false },
        { "vv1.0.0", "0.1.0", false },   { "1.0.0.0", "0.1.0", false },
        { "-1.0.0", "0.1.0", false },    { "1.0.0\033", "0.1.0", false },
    };
    (void) state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true (cli_update_is_newer (rows[i].latest, rows[i].current)
                     == rows[i].newer);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_versions_then_numbers_decide_and_only_releases_count),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
