//  .env files: what is merged, what stays, and what no line can hold.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "broker/core/conf_env.h"
#include "broker/core/conf_file.h"
#include "cli/env_file.h"

static const char s_folder[] = "/tmp/test_env_file.XXXXXX";

static int
s_make (void **state)
{
    char *folder = strdup (s_folder);
    assert_non_null (mkdtemp (folder));
    *state = folder;
    return 0;
}

static int
s_remove (void **state)
{
    char command[256];
    snprintf (command, sizeof command, "rm -rf '%s'", (char *) *state);
    int rc = system (command);
    free (*state);
    return rc;
}

static const char *
s_path (void **state, const char *name)
{
    static char path[256];
    snprintf (path, sizeof path, "%s/%s", (char *) *state, name);
    return path;
}

static void
s_given (const char *path, const char *text)
{
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    fputs (text, file);
    assert_int_equal (fclose (file), 0);
}

static void
s_put (const char *path, const char *name, const char *value)
{
    cli_env_file_t *file = cli_env_file_new (path, NULL);
    assert_non_null (file);
    assert_int_equal (cli_env_file_put (file, name, value, NULL), 0);
    assert_int_equal (cli_env_file_save (file, NULL), 0);
    cli_env_file_destroy (&file);
    assert_null (file);
}

static void
s_holds (const char *path, const char *wanted)
{
    size_t size;
    char *text = br_conf_file_read (path, 65536, &size, NULL);
    assert_non_null (text);
    assert_string_equal (text, wanted);
    free (text);
}

static void
given_no_file_when_a_value_is_put_then_it_is_made_for_nobody_else (void **state)
{
    const char *path = s_path (state, ".env");
    s_put (path, "A_KEY", "sk-1");
    s_holds (path, "A_KEY=sk-1\n");
    struct stat status;
    assert_int_equal (stat (path, &status), 0);
    assert_int_equal (status.st_mode & 0777, 0600);
}

static void
given_other_lines_when_a_value_is_put_then_they_stay (void **state)
{
    const char *path = s_path (state, ".env");
    s_given (path,
             "#  mine\n#A_KEY=old\n\nOTHER=1\n export A_KEY = x\nA_KEYS=2\nno line\n"
             "A_KEY=y\nlast=3");
    assert_int_equal (chmod (path, 0644), 0);
    s_put (path, "A_KEY", "new");
    s_holds (path, "#  mine\n#A_KEY=old\n\nOTHER=1\nA_KEY=new\nA_KEYS=2\nno line\n"
                   "last=3\n");
    s_put (path, "B", "");
    s_holds (path, "#  mine\n#A_KEY=old\n\nOTHER=1\nA_KEY=new\nA_KEYS=2\nno line\n"
                   "last=3\nB=\n");
    struct stat status;
    assert_int_equal (stat (path, &status), 0);
    assert_int_equal (status.st_mode & 0777, 0600);
}

static void
given_a_link_when_saved_then_what_it_leads_to_is_written (void **state)
{
    char real[256];
    snprintf (real, sizeof real, "%s", s_path (state, "real"));
    s_given (real, "A=1\n");
    const char *path = s_path (state, ".env");
    assert_int_equal (symlink (real, path), 0);
    s_put (path, "A", "2");
    s_holds (real, "A=2\n");
    struct stat status;
    assert_int_equal (lstat (path, &status), 0);
    assert_true (S_ISLNK (status.st_mode));
}

static void
given_any_value_when_read_back_then_it_is_the_same (void **state)
{
    static const char *const values[] = {
        "sk-1", "\"quoted\"", "'single'", "a#b=c", "with space", "${NOT}", "\"", "ends'"
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const char *path = s_path (state, ".env");
        s_put (path, "A", values[i]);
        br_conf_env_t *env = br_conf_env_new (NULL);
        assert_int_equal (br_conf_env_read (env, path, true, NULL, NULL), 0);
        assert_string_equal (br_conf_env_get (env, "A"), values[i]);
        br_conf_env_destroy (&env);
    }
}

static void
given_a_value_that_no_line_can_hold_then_it_is_refused_without_a_word_of_it (void **state)
{
    static const char *const values[] = { "secret\nB=2", "secret\r",   " secret",
                                          "secret ",     "sec\033ret", NULL };
    cli_env_file_t *file = cli_env_file_new (s_path (state, ".env"), NULL);
    for (size_t i = 0; values[i]; i++) {
        br_error_t error = { .code = BR_OK };
        assert_int_equal (cli_env_file_put (file, "A", values[i], &error), -1);
        assert_int_equal (error.code, BR_EINVALID);
        assert_null (strstr (error.text, "ret"));
    }
    char *big = malloc (CLI_ENV_VALUE_MAX + 2);
    memset (big, 'x', CLI_ENV_VALUE_MAX + 1);
    big[CLI_ENV_VALUE_MAX + 1] = 0;
    assert_int_equal (cli_env_file_put (file, "A", big, NULL), -1);
    free (big);
    cli_env_file_destroy (&file);
}

static void
given_a_folder_that_is_no_folder_then_nothing_is_written (void **state)
{
    s_given (s_path (state, "file"), "x\n");
    br_error_t error = { .code = BR_OK };
    assert_int_equal (cli_env_file_replace (s_path (state, "file/.env"), "A=1\n", &error),
                      -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    s_holds (s_path (state, "file"), "x\n");
}

#define WITH(test) cmocka_unit_test_setup_teardown (test, s_make, s_remove)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        WITH (given_no_file_when_a_value_is_put_then_it_is_made_for_nobody_else),
        WITH (given_other_lines_when_a_value_is_put_then_they_stay),
        WITH (given_a_link_when_saved_then_what_it_leads_to_is_written),
        WITH (given_any_value_when_read_back_then_it_is_the_same),
        WITH (
            given_a_value_that_no_line_can_hold_then_it_is_refused_without_a_word_of_it),
        WITH (given_a_folder_that_is_no_folder_then_nothing_is_written),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
