//  watch: once without it, and as often as the arguments say with it.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <sys/wait.h>

#include "cli/command.h"
#include "cli/watch.h"
#include "tests/cli/terminal.h"

#define WORDS(...)                                                                       \
    char *argv[] = { __VA_ARGS__, NULL };                                                \
    int argc = sizeof argv / sizeof *argv - 1

typedef struct {
    int shown;
    int rc;
} s_page_t;

static int
s_show (void *arg)
{
    s_page_t *page = arg;
    page->shown++;
    return page->rc;
}

static void
test_given_no_watch_then_it_is_shown_once (void **state)
{
    (void) state;
    cli_watch_t watch;
    s_page_t page = { .rc = 7 };
    WORDS ("status");
    assert_int_equal (cli_watch_take ("status", &argc, argv, &watch), CLI_OK);
    assert_int_equal (cli_watch_run (&watch, s_show, &page), 7);
    assert_int_equal (page.shown, 1);
}

static void
test_given_a_count_then_it_ends (void **state)
{
    (void) state;
    cli_watch_t watch;
    s_page_t page = { .rc = CLI_OK };
    WORDS ("status", "--watch", "--count", "1");
    assert_int_equal (cli_watch_take ("status", &argc, argv, &watch), CLI_OK);
    assert_int_equal (argc, 1);
    assert_int_equal (cli_watch_run (&watch, s_show, &page), CLI_OK);
    assert_int_equal (page.shown, 1);
}

static void
test_given_a_first_failure_then_it_does_not_go_on (void **state)
{
    (void) state;
    const cli_watch_t watch = { .on = true };
    s_page_t page = { .rc = CLI_FAILED };
    assert_int_equal (cli_watch_run (&watch, s_show, &page), CLI_FAILED);
    assert_int_equal (page.shown, 1);
}

static void
test_given_a_wrong_count_then_it_is_refused (void **state)
{
    (void) state;
    const char *const wrong[] = { "0", "x", "1x", "", "9999999999" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cli_watch_t watch;
        char value[16];
        snprintf (value, sizeof value, "%s", wrong[i]);
        WORDS ("status", "--watch", "--count", value);
        assert_int_equal (cli_watch_take ("status", &argc, argv, &watch), CLI_USAGE);
    }
    cli_watch_t watch;
    WORDS ("status", "--count", "2");
    assert_int_equal (cli_watch_take ("status", &argc, argv, &watch), CLI_USAGE);
}

//  What is shown once on a terminal of that kind. "owned by the terminal"
static const char *
s_on_terminal (terminal_t *terminal, const char *term)
{
    int status;
    pid_t pid = fork ();
    if (pid == 0) {
        cli_watch_t watch = { .on = true, .count = 1 };
        s_page_t page = { .rc = CLI_OK };
        dup2 (terminal->slave, STDOUT_FILENO);
        setenv ("TERM", term, 1);
        _exit (cli_watch_run (&watch, s_show, &page));
    }
    assert_int_equal (waitpid (pid, &status, 0), pid);
    assert_int_equal (status, 0);
    return terminal_shown (terminal);
}

static void
test_given_a_terminal_then_only_one_that_can_is_painted_over (void **state)
{
    (void) state;
    terminal_t *terminal = terminal_new ();
    assert_non_null (strstr (s_on_terminal (terminal, "xterm"), "\033[H"));
    assert_null (strchr (s_on_terminal (terminal, "dumb"), '\033'));
    assert_null (strchr (s_on_terminal (terminal, ""), '\033'));
    terminal_destroy (&terminal);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_given_no_watch_then_it_is_shown_once),
        cmocka_unit_test (test_given_a_count_then_it_ends),
        cmocka_unit_test (test_given_a_first_failure_then_it_does_not_go_on),
        cmocka_unit_test (test_given_a_wrong_count_then_it_is_refused),
        cmocka_unit_test (test_given_a_terminal_then_only_one_that_can_is_painted_over),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
