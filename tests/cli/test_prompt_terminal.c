//  A terminal is given back whatever happens: at the end, by a signal, in a stop.

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "cli/prompt_terminal.h"
#include "tests/cli/terminal.h"

static bool
s_echoes (const terminal_t *terminal)
{
    struct termios now;
    return tcgetattr (terminal->slave, &now) == 0 && now.c_lflag & ECHO;
}

static void
s_open (terminal_t **ret_terminal, cli_prompt_terminal_t **ret_self)
{
    *ret_terminal = terminal_new ();
    int slave = (*ret_terminal)->slave;
    *ret_self = cli_prompt_terminal_new (slave, slave, NULL);
    assert_non_null (*ret_self);
}

static void
given_a_terminal_when_it_is_taken_then_bytes_come_as_typed (void **state)
{
    (void) state;
    terminal_t *terminal;
    cli_prompt_terminal_t *self;
    s_open (&terminal, &self);
    assert_false (s_echoes (terminal));
    terminal_type (terminal, "a\003");
    assert_int_equal (cli_prompt_terminal_read (self, -1), 'a');
    assert_int_equal (cli_prompt_terminal_read (self, -1), 3);
    assert_int_equal (cli_prompt_terminal_read (self, 0), -1);
    assert_int_equal (cli_prompt_terminal_signal (self), 0);
    cli_prompt_terminal_destroy (&self);
    assert_null (self);
    assert_true (s_echoes (terminal));
    cli_prompt_terminal_destroy (&self);
    terminal_destroy (&terminal);
}

static void
given_kinds_of_terminals_then_only_those_that_can_tell_pastes (void **state)
{
    (void) state;
    static const struct {
        const char *term, *shown;
    } rows[] = {
        { "xterm", "\033[?2004h\033[?2004l" },
        { "dumb", "" },
        { "", "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        terminal_t *terminal;
        cli_prompt_terminal_t *self;
        setenv ("TERM", rows[i].term, 1);
        s_open (&terminal, &self);
        cli_prompt_terminal_destroy (&self);
        assert_string_equal (terminal_shown (terminal), rows[i].shown);
        terminal_destroy (&terminal);
    }
    setenv ("TERM", "dumb", 1);
}

//  A program that takes the terminal, gets a signal, and waits for a byte.
static pid_t
s_fork (terminal_t *terminal, int signal)
{
    pid_t child = fork ();
    assert_true (child >= 0);
    if (child)
        return child;
    (void) setpgid (0, 0); //  or nobody could let it go on, and it would not stop
    int slave = terminal->slave;
    cli_prompt_terminal_t *self = cli_prompt_terminal_new (slave, slave, NULL);
    raise (signal);
    int byte = cli_prompt_terminal_read (self, -1);
    bool is_good = !s_echoes (terminal)
                   && (byte == 'x' || cli_prompt_terminal_signal (self) == signal);
    cli_prompt_terminal_destroy (&self);
    _exit (is_good ? 0 : 1);
}

static void
given_a_signal_when_it_would_end_us_then_the_terminal_is_given_back_first (void **state)
{
    (void) state;
    static const int s_signals[] = { SIGTERM, SIGINT, SIGHUP };
    for (size_t i = 0; i < sizeof s_signals / sizeof *s_signals; i++) {
        int status = 0;
        terminal_t *terminal = terminal_new ();
        pid_t child = s_fork (terminal, s_signals[i]);
        assert_int_equal (waitpid (child, &status, 0), child);
        assert_true (WIFSIGNALED (status));
        assert_int_equal (WTERMSIG (status), s_signals[i]);
        assert_true (s_echoes (terminal));
        terminal_destroy (&terminal);
    }
}

static void
given_a_signal_that_is_ignored_then_it_stays_so (void **state)
{
    (void) state;
    int status = 0;
    terminal_t *terminal = terminal_new ();
    signal (SIGHUP, SIG_IGN);
    terminal_type (terminal, "x\n");
    pid_t child = s_fork (terminal, SIGHUP);
    signal (SIGHUP, SIG_DFL);
    assert_int_equal (waitpid (child, &status, 0), child);
    assert_true (WIFEXITED (status));
    assert_int_equal (WEXITSTATUS (status), 0);
    terminal_destroy (&terminal);
}

static void
given_a_stop_when_it_goes_on_then_the_terminal_is_taken_again (void **state)
{
    (void) state;
    int status = 0;
    terminal_t *terminal = terminal_new ();
    pid_t child = s_fork (terminal, SIGTSTP);
    assert_int_equal (waitpid (child, &status, WUNTRACED), child);
    assert_true (WIFSTOPPED (status));
    assert_true (s_echoes (terminal));
    terminal_type (terminal, "x\n");
    kill (child, SIGCONT);
    assert_int_equal (waitpid (child, &status, 0), child);
    assert_true (WIFEXITED (status));
    assert_int_equal (WEXITSTATUS (status), 0);
    assert_true (s_echoes (terminal));
    terminal_destroy (&terminal);
}

static void
given_no_terminal_then_none_is_taken (void **state)
{
    (void) state;
    int ends[2];
    br_error_t error = { .code = BR_OK };
    assert_int_equal (pipe (ends), 0);
    assert_null (cli_prompt_terminal_new (ends[0], ends[1], &error));
    assert_int_equal (error.code, BR_ESYSTEM);
    close (ends[0]);
    close (ends[1]);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_terminal_when_it_is_taken_then_bytes_come_as_typed),
        cmocka_unit_test (given_kinds_of_terminals_then_only_those_that_can_tell_pastes),
        cmocka_unit_test (
            given_a_signal_when_it_would_end_us_then_the_terminal_is_given_back_first),
        cmocka_unit_test (given_a_signal_that_is_ignored_then_it_stays_so),
        cmocka_unit_test (given_a_stop_when_it_goes_on_then_the_terminal_is_taken_again),
        cmocka_unit_test (given_no_terminal_then_none_is_taken),
    };
    setenv ("TERM", "dumb", 1);
    return cmocka_run_group_tests (tests, NULL, NULL);
}
