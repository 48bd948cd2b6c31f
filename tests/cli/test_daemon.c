//  daemon: whoever holds the pid file's lock is the server, whatever number stands in it.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "cli/daemon.h"

static char s_folder[64], s_path[128];

static int
s_begin (void **state)
{
    (void) state;
    strcpy (s_folder, "/tmp/bitrouter-run-XXXXXX");
    assert_non_null (mkdtemp (s_folder));
    snprintf (s_path, sizeof s_path, "%s/bitrouter.pid", s_folder);
    return 0;
}

static int
s_end (void **state)
{
    (void) state;
    unlink (s_path);
    return rmdir (s_folder);
}

//  A pid file with a text; the descriptor is the caller's.
static int
s_pid_file (const char *text)
{
    int fd = open (s_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true (fd >= 0);
    assert_int_equal (write (fd, text, strlen (text)), strlen (text));
    return fd;
}

static void
test_given_no_file_then_nobody_runs (void **state)
{
    (void) state;
    pid_t pid = 1;
    assert_int_equal (cli_daemon_look (s_folder, &pid), CLI_DAEMON_NONE);
    assert_int_equal (pid, 0);
    assert_int_equal (cli_daemon_wait_gone (s_folder, 0), 0);
}

static void
test_given_a_lock_then_its_holder_runs (void **state)
{
    (void) state;
    pid_t pid;
    int fd = s_pid_file ("4711\n");
    assert_int_equal (flock (fd, LOCK_EX | LOCK_NB), 0);
    assert_int_equal (cli_daemon_look (s_folder, &pid), CLI_DAEMON_RUNNING);
    assert_int_equal (pid, 4711);
    cli_daemon_clean (s_folder);
    assert_int_equal (access (s_path, F_OK), 0);
    assert_int_equal (cli_daemon_wait_gone (s_folder, 0), -1);
    close (fd);
    assert_int_equal (cli_daemon_wait_gone (s_folder, 0), 0);
}

//  The number is that of this test, which is alive, and no server.
static void
test_given_the_number_of_another_program_then_it_is_stale (void **state)
{
    (void) state;
    pid_t pid;
    char text[32];
    snprintf (text, sizeof text, "%d\n", (int) getpid ());
    close (s_pid_file (text));
    assert_int_equal (cli_daemon_look (s_folder, &pid), CLI_DAEMON_STALE);
    assert_int_equal (pid, getpid ());
    cli_daemon_clean (s_folder);
    assert_int_equal (access (s_path, F_OK), -1);
}

static void
test_given_nonsense_then_there_is_no_number (void **state)
{
    (void) state;
    const char *const texts[] = { "", "x\n", "-5\n", "99999999999999999999\n" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        pid_t pid = 1;
        close (s_pid_file (texts[i]));
        assert_int_equal (cli_daemon_look (s_folder, &pid), CLI_DAEMON_STALE);
        assert_int_equal (pid, 0);
    }
}

static void
test_given_nobody_then_stop_says_so_and_cleans (void **state)
{
    (void) state;
    br_error_t error;
    const cli_t cli = { .json = false };
    close (s_pid_file ("4711\n"));
    assert_int_equal (cli_daemon_stop (&cli, s_folder, true, &error), -1);
    assert_int_equal (error.code, BR_ENOTFOUND);
    assert_string_equal (error.text, "daemon is not running");
    assert_int_equal (access (s_path, F_OK), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_begin, s_end)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_given_no_file_then_nobody_runs),
        TEST (test_given_a_lock_then_its_holder_runs),
        TEST (test_given_the_number_of_another_program_then_it_is_stale),
        TEST (test_given_nonsense_then_there_is_no_number),
        TEST (test_given_nobody_then_stop_says_so_and_cleans),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
