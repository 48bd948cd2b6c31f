//  streams: those of the three that are closed are opened, for nobody's use.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/streams.h"

//  The exit status of a child that does nothing but this.
static int
s_in_child (bool (*fn) (void))
{
    int status;
    pid_t pid = fork ();
    if (pid == 0)
        _exit (fn () ? 0 : 1);
    assert_int_equal (waitpid (pid, &status, 0), pid);
    return WIFEXITED (status) ? WEXITSTATUS (status) : -1;
}

static bool
s_hold_all (void)
{
    char byte = 'x';
    close (0);
    close (1);
    close (2);
    if (cli_streams_hold ())
        return false;
    bool writes = write (1, &byte, 1) == 1 || write (2, &byte, 1) == 1;
    return read (0, &byte, 1) == 0 && !writes && errno == EBADF
           && open ("/dev/null", O_RDONLY) > 2;
}

static void
test_given_all_are_closed_then_no_file_takes_their_numbers (void **state)
{
    (void) state;
    assert_int_equal (s_in_child (s_hold_all), 0);
}

static bool
s_hold_one (void)
{
    char byte = 'x';
    int ends[2];
    if (pipe (ends) || dup2 (ends[1], 2) < 0)
        return false;
    close (1);
    return cli_streams_hold () == 0 && write (2, &byte, 1) == 1
           && write (1, &byte, 1) < 0;
}

static void
test_given_one_is_closed_then_the_others_are_left_alone (void **state)
{
    (void) state;
    assert_int_equal (s_in_child (s_hold_one), 0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_given_all_are_closed_then_no_file_takes_their_numbers),
        cmocka_unit_test (test_given_one_is_closed_then_the_others_are_left_alone),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
