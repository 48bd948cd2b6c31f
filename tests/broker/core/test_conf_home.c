//  conf_home: the order of homes, and the first files.

#include "tests/broker/core/conf_fixture.h"
#include <sys/stat.h>
#include <unistd.h>

#include "broker/core/conf_home.h"

//  The home for a set of flags and an environment, in a current directory.
static char *
s_home (const char *folder, const char *home_dir, const char *const *environ_v)
{
    char *before = getcwd (NULL, 0);
    assert_int_equal (chdir (folder), 0);
    br_conf_flags_t flags = { .home_dir = home_dir };
    br_conf_home_t home;
    br_conf_words_t *warnings = br_conf_words_new ();
    br_error_t error = { BR_OK, "" };
    assert_int_equal (br_conf_home_find (&home, &flags, environ_v, warnings, &error), 0);
    char *text = br_strdup (home.home);
    br_conf_home_clear (&home);
    br_conf_words_destroy (&warnings);
    assert_int_equal (chdir (before), 0);
    free (before);
    return text;
}

static void
test_order_is_flag_folder_variable_default (void **state)
{
    (void) state;
    char *folder = fixture_folder ();
    char *work = br_strf ("%s/work", folder);
    char *named = br_strf ("%s/named", folder);
    char *flag = br_strf ("%s/flag", folder);
    char *user = br_strf ("HOME=%s", folder);
    char *variable = br_strf ("BITROUTER_HOME=%s", named);
    const char *const environ_v[] = { user, variable, NULL };
    assert_int_equal (mkdir (work, 0700) | mkdir (named, 0700) | mkdir (flag, 0700), 0);
    char *home = s_home (work, NULL, environ_v);
    assert_string_equal (home, named);
    free (home);
    fixture_write (work, "bitrouter.yaml", "");
    home = s_home (work, NULL, environ_v);
    assert_string_equal (home, work);
    free (home);
    home = s_home (work, flag, environ_v);
    assert_string_equal (home, flag);
    free (home);
    assert_int_equal (rmdir (named), 0);
    home = s_home (folder, NULL, environ_v);
    char *expected = br_strf ("%s/.bitrouter", folder);
    assert_string_equal (home, expected);
    free (expected);
    free (home);
    free (variable);
    free (user);
    free (flag);
    free (named);
    free (work);
    fixture_remove (folder);
}

static void
test_scaffold_makes_what_is_missing_only (void **state)
{
    (void) state;
    char *folder = fixture_folder ();
    fixture_write (folder, ".env", "KEPT=1\n");
    assert_int_equal (br_conf_home_scaffold (folder, NULL), 0);
    static const char *const names[] = { "run",  "logs",       "bitrouter.yaml",
                                         ".env", ".gitignore", "README.md" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = br_strf ("%s/%s", folder, names[i]);
        assert_true (br_conf_file_exists (path));
        free (path);
    }
    char *path = br_strf ("%s/.env", folder);
    size_t size = 0;
    char *text = br_conf_file_read (path, 1000, &size, NULL);
    assert_string_equal (text, "KEPT=1\n");
    free (text);
    free (path);
    fixture_remove (folder);
}

static void
test_first_files_are_comments_and_private (void **state)
{
    (void) state;
    char *folder = fixture_folder ();
    assert_int_equal (br_conf_home_scaffold (folder, NULL), 0);
    char *path = br_strf ("%s/bitrouter.yaml", folder);
    size_t size = 0;
    char *text = br_conf_file_read (path, 10000, &size, NULL);
    assert_null (strstr (text, "listen"));
    br_conf_node_t *tree = br_conf_yaml_parse ("t", text, size, NULL);
    assert_int_equal (tree->count, 0);
    br_conf_node_destroy (&tree);
    free (text);
    free (path);
    path = br_strf ("%s/.env", folder);
    struct stat info;
    assert_int_equal (stat (path, &info), 0);
    assert_int_equal (info.st_mode & 0777, 0600);
    free (path);
    fixture_remove (folder);
}

static void
test_home_is_located_without_a_trace (void **state)
{
    (void) state;
    char *folder = fixture_folder ();
    char *path = br_strf ("%s/home", folder);
    br_conf_flags_t flags = { .home_dir = path };
    br_conf_home_t home;
    assert_int_equal (br_conf_home_locate (&home, &flags, NULL, NULL), 0);
    assert_string_equal (home.home, path);
    assert_false (home.has_config);
    assert_false (br_conf_file_exists (path));
    br_conf_home_clear (&home);
    free (path);
    fixture_remove (folder);
}

static void
test_given_a_home_that_is_a_file_then_that_is_said (void **state)
{
    (void) state;
    br_error_t error;
    br_conf_flags_t flags = { .home_dir = "/dev/null" };
    br_conf_home_t home;
    const char *const none[] = { NULL };
    assert_int_equal (br_conf_home_find (&home, &flags, none, NULL, &error), -1);
    assert_int_equal (error.code, BR_ECONFIG);
    assert_string_equal (error.text,
                         "the home /dev/null is no folder; give another with --home-dir");
}

static void
test_home_that_cannot_be_made_is_a_warning (void **state)
{
    (void) state;
    br_conf_flags_t flags = { .home_dir = "/dev/null/x" };
    br_conf_home_t home;
    br_conf_words_t *warnings = br_conf_words_new ();
    const char *const none[] = { NULL };
    assert_int_equal (br_conf_home_find (&home, &flags, none, warnings, NULL), 0);
    assert_int_equal (br_conf_words_count (warnings), 1);
    assert_false (home.has_config);
    br_conf_home_clear (&home);
    br_conf_words_destroy (&warnings);
}

static void
test_flags_move_paths (void **state)
{
    (void) state;
    br_conf_flags_t flags = { .home_dir = "/tmp",
                              .config_file = "/etc/b.yaml",
                              .env_file = "/etc/b.env",
                              .run_dir = "/run/b",
                              .logs_dir = "/var/log/b" };
    br_conf_home_t home;
    br_conf_words_t *warnings = br_conf_words_new ();
    const char *const none[] = { NULL };
    assert_int_equal (br_conf_home_find (&home, &flags, none, warnings, NULL), 0);
    assert_string_equal (home.config_file, "/etc/b.yaml");
    assert_string_equal (home.env_file, "/etc/b.env");
    assert_string_equal (home.run_dir, "/run/b");
    assert_string_equal (home.logs_dir, "/var/log/b");
    assert_true (home.config_is_own && home.env_is_own);
    br_conf_home_clear (&home);
    br_conf_words_destroy (&warnings);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_order_is_flag_folder_variable_default),
        cmocka_unit_test (test_scaffold_makes_what_is_missing_only),
        cmocka_unit_test (test_first_files_are_comments_and_private),
        cmocka_unit_test (test_home_is_located_without_a_trace),
        cmocka_unit_test (test_given_a_home_that_is_a_file_then_that_is_said),
        cmocka_unit_test (test_home_that_cannot_be_made_is_a_warning),
        cmocka_unit_test (test_flags_move_paths),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
