//  tui_crash: a crash gives the terminal back, and stays a crash.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tui/tui_crash.h"

//  A child that raises a signal behind the arming; what it wrote, and how it ended.
static int
s_crash (int number, bool disarmed, char *ret_text, size_t room)
{
    int fds[2];
    assert_int_equal (pipe (fds), 0);
    pid_t pid = fork ();
    if (pid == 0) {
        const struct rlimit no_core = { 0, 0 };
        const struct termios modes = { .c_lflag = 0 };
        setrlimit (RLIMIT_CORE, &no_core);
        signal (number, SIG_DFL);
        dup2 (fds[1], STDOUT_FILENO);
        tui_crash_arm (&modes, "way back");
        if (disarmed)
            tui_crash_disarm ();
        raise (number);
        _exit (0);
    }
    close (fds[1]);
    ssize_t size = read (fds[0], ret_text, room - 1);
    ret_text[size > 0 ? size : 0] = 0;
    close (fds[0]);
    int status = 0;
    waitpid (pid, &status, 0);
    return status;
}

static void
given_a_crash_when_it_comes_then_the_way_back_is_written_first (void **state)
{
    (void) state;
    static const int numbers[] = { SIGSEGV, SIGABRT, SIGQUIT };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char text[64];
        int status = s_crash (numbers[i], false, text, sizeof text);
        assert_string_equal (text, "way back");
        assert_true (WIFSIGNALED (status));
        assert_int_equal (WTERMSIG (status), numbers[i]);
    }
}

static void
given_that_it_was_disarmed_when_a_crash_comes_then_nothing_is_written (void **state)
{
    (void) state;
    char text[64];
    int status = s_crash (SIGABRT, true, text, sizeof text);
    assert_string_equal (text, "");
    assert_true (WIFSIGNALED (status));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_crash_when_it_comes_then_the_way_back_is_written_first),
        cmocka_unit_test (
            given_that_it_was_disarmed_when_a_crash_comes_then_nothing_is_written),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
