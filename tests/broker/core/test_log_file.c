//  log_file: what was renamed is opened again under its name; what is no file stays.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/core/log_file.h"

static char s_folder[64], s_path[128], s_moved[128];
static int s_stdout, s_stderr; //  of the test itself

static int
s_begin (void **state)
{
    (void) state;
    strcpy (s_folder, "/tmp/bitrouter-log-XXXXXX");
    assert_non_null (mkdtemp (s_folder));
    snprintf (s_path, sizeof s_path, "%s/err.log", s_folder);
    snprintf (s_moved, sizeof s_moved, "%s/err.log.1", s_folder);
    s_stdout = dup (STDOUT_FILENO);
    s_stderr = dup (STDERR_FILENO);
    return 0;
}

//  Whatever the test did, the next one speaks to the right place.
static int
s_end (void **state)
{
    (void) state;
    dup2 (s_stdout, STDOUT_FILENO);
    dup2 (s_stderr, STDERR_FILENO);
    close (s_stdout);
    close (s_stderr);
    chmod (s_folder, 0700);
    unlink (s_path);
    unlink (s_moved);
    rmdir (s_folder);
    return 0;
}

static void
s_stderr_to (const char *path)
{
    int fd = open (path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    assert_true (fd >= 0 && dup2 (fd, STDERR_FILENO) == STDERR_FILENO);
    close (fd);
}

static off_t
s_size (const char *path)
{
    struct stat found;
    return stat (path, &found) == 0 ? found.st_size : -1;
}

static void
test_given_a_renamed_file_then_lines_go_to_a_new_one (void **state)
{
    (void) state;
    br_error_t error = { .code = BR_OK };
    s_stderr_to (s_path);
    br_log_file_t *files = br_log_file_new ();
    assert_int_equal (write (STDERR_FILENO, "old\n", 4), 4);
    assert_int_equal (rename (s_path, s_moved), 0);
    assert_int_equal (br_log_file_reopen (files, &error), 0);
    assert_int_equal (write (STDERR_FILENO, "newer\n", 6), 6);
    assert_int_equal (s_size (s_moved), 4);
    assert_int_equal (s_size (s_path), 6);
    br_log_file_destroy (&files);
    assert_null (files);
}

static void
test_given_no_rename_then_nothing_is_lost (void **state)
{
    (void) state;
    s_stderr_to (s_path);
    br_log_file_t *files = br_log_file_new ();
    assert_int_equal (write (STDERR_FILENO, "a\n", 2), 2);
    assert_int_equal (br_log_file_reopen (files, NULL), 0);
    assert_int_equal (write (STDERR_FILENO, "b\n", 2), 2);
    assert_int_equal (s_size (s_path), 4);
    br_log_file_destroy (&files);
}

static void
test_given_a_pipe_then_it_stays_as_it_is (void **state)
{
    (void) state;
    int pipes[2];
    char byte;
    assert_int_equal (pipe (pipes), 0);
    assert_int_equal (dup2 (pipes[1], STDERR_FILENO), STDERR_FILENO);
    br_log_file_t *files = br_log_file_new ();
    assert_int_equal (br_log_file_reopen (files, NULL), 0);
    assert_int_equal (write (STDERR_FILENO, "x", 1), 1);
    assert_int_equal (read (pipes[0], &byte, 1), 1);
    br_log_file_destroy (&files);
    close (pipes[0]);
    close (pipes[1]);
}

static void
test_given_a_path_that_cannot_be_opened_then_the_old_file_stays (void **state)
{
    (void) state;
    br_error_t error = { .code = BR_OK };
    s_stderr_to (s_path);
    br_log_file_t *files = br_log_file_new ();
    assert_int_equal (rename (s_path, s_moved), 0);
    assert_int_equal (mkdir (s_path, 0700), 0); //  a folder has taken the name
    assert_int_equal (br_log_file_reopen (files, &error), -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_non_null (strstr (error.text, s_path));
    assert_int_equal (write (STDERR_FILENO, "kept\n", 5), 5);
    assert_int_equal (s_size (s_moved), 5);
    assert_int_equal (rmdir (s_path), 0);
    br_log_file_destroy (&files);
    br_log_file_destroy (&files);
    br_log_file_destroy (NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (
            test_given_a_renamed_file_then_lines_go_to_a_new_one, s_begin, s_end),
        cmocka_unit_test_setup_teardown (test_given_no_rename_then_nothing_is_lost,
                                         s_begin, s_end),
        cmocka_unit_test_setup_teardown (test_given_a_pipe_then_it_stays_as_it_is,
                                         s_begin, s_end),
        cmocka_unit_test_setup_teardown (
            test_given_a_path_that_cannot_be_opened_then_the_old_file_stays, s_begin,
            s_end),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
