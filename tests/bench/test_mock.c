//  Runs test_mock.sh, which tells the mock provider each thing that it can be told, and
//  looks at what curl gets.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cmocka.h>

static void
mock_does_as_it_is_told (void **state)
{
    (void) state;
    const char *source = getenv ("BR_SOURCE_DIR");
    const char *build = getenv ("BR_BUILD_DIR");
    char command[4096];
    snprintf (command, sizeof command,
              "MOCK='%s/bench/mock' sh '%s/tests/bench/test_mock.sh'",
              build ? build : ".", source ? source : ".");
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
        cmocka_unit_test (mock_does_as_it_is_told),
    };
    return cmocka_run_group_tests_name ("mock", tests, NULL, NULL);
}
