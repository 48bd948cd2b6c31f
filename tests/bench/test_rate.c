//  Runs test_rate.sh, which lets the load generator loose on the mock provider and
//  compares what it counts with what happened.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cmocka.h>

static void
rate_counts_what_happened (void **state)
{
    (void) state;
    const char *source = getenv ("BR_SOURCE_DIR");
    const char *build = getenv ("BR_BUILD_DIR");
    char command[8192];
    build = build ? build : ".";
    snprintf (
        command, sizeof command,
        "MOCK='%s/bench/mock' RATE='%s/bench/rate' sh '%s/tests/bench/test_rate.sh'",
        build, build, source ? source : ".");
    int status = system (command);
    assert_true (WIFEXITED (status));
    if (WEXITSTATUS (status) == 77)
        skip ();
    assert_int_equal (WEXITSTATUS (status), 0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (rate_counts_what_happened),
    };
    return cmocka_run_group_tests_name ("rate", tests, NULL, NULL);
}
