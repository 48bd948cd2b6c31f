//  tui: the whole view in a terminal, without a server.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tui/pty.h"
#include "tui/tui.h"

static int
s_run (void)
{
    const br_tui_conf_t conf = { .run_dir = "/tmp/there-is-no-server-here",
                                 .pane = "home" };
    return br_tui_run (&conf);
}

static void
given_no_terminal_when_run_then_it_fails_with_a_reason (void **state)
{
    (void) state;
    br_error_t error;
    int input = dup (STDIN_FILENO);
    int fds[2];
    assert_int_equal (pipe (fds), 0);
    dup2 (fds[0], STDIN_FILENO);
    assert_int_equal (br_tui_check (&error), -1);
    assert_true (*error.text);
    assert_int_equal (s_run (), 1);
    dup2 (input, STDIN_FILENO);
    close (input);
    close (fds[0]);
    close (fds[1]);
}

#ifdef BR_WITH_TUI
static pty_t s_pty;

static void
given_the_first_view_when_q_is_pressed_then_the_terminal_is_as_it_was (void **state)
{
    (void) state;
    pty_begin (&s_pty, "xterm-256color", 80, 24, s_run);
    assert_true (pty_await (&s_pty, "stopped"));
    assert_true (pty_await (&s_pty, "q to quit"));
    pty_type (&s_pty, "8");
    assert_true (pty_await (&s_pty, "Nothing to tell"));
    pty_type (&s_pty, "q");
    pty_end (&s_pty);
    assert_true (WIFEXITED (s_pty.status));
    assert_int_equal (WEXITSTATUS (s_pty.status), 0);
    assert_non_null (strstr (s_pty.text, "\033[?1049l"));
}

static void
given_a_signal_to_end_when_it_comes_then_the_terminal_is_as_it_was (void **state)
{
    (void) state;
    static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        pty_begin (&s_pty, "xterm", 80, 24, s_run);
        assert_true (pty_await (&s_pty, "q to quit"));
        kill (s_pty.pid, numbers[i]);
        pty_end (&s_pty);
        assert_true (WIFEXITED (s_pty.status));
        assert_non_null (strstr (s_pty.text, "\033[?1049l"));
    }
}

static void
given_a_crash_when_it_comes_then_the_terminal_is_as_it_was (void **state)
{
    (void) state;
    pty_begin (&s_pty, "xterm", 80, 24, s_run);
    assert_true (pty_await (&s_pty, "q to quit"));
    kill (s_pty.pid, SIGABRT);
    pty_end (&s_pty);
    assert_true (WIFSIGNALED (s_pty.status));
    assert_int_equal (WTERMSIG (s_pty.status), SIGABRT);
    assert_non_null (strstr (s_pty.text, "\033[?1049l"));
}

static void
given_ctrl_c_when_pressed_then_it_ends (void **state)
{
    (void) state;
    pty_begin (&s_pty, "xterm", 60, 16, s_run);
    assert_true (pty_await (&s_pty, "q to quit"));
    pty_type (&s_pty, "\x03");
    pty_end (&s_pty);
    assert_true (WIFEXITED (s_pty.status));
    assert_int_equal (WEXITSTATUS (s_pty.status), 0);
}
#endif

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_no_terminal_when_run_then_it_fails_with_a_reason),
#ifdef BR_WITH_TUI
        cmocka_unit_test (
            given_the_first_view_when_q_is_pressed_then_the_terminal_is_as_it_was),
        cmocka_unit_test (
            given_a_signal_to_end_when_it_comes_then_the_terminal_is_as_it_was),
        cmocka_unit_test (given_a_crash_when_it_comes_then_the_terminal_is_as_it_was),
        cmocka_unit_test (given_ctrl_c_when_pressed_then_it_ends),
#endif
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
