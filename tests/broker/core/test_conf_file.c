//  conf_file: whole files, never overwritten.

#include "tests/broker/core/conf_fixture.h"
#include <sys/stat.h>
#include <unistd.h>

//  A new directory. "caller frees"
static char *
s_folder (void)
{
    char *path = br_strdup ("/tmp/br_conf_XXXXXX");
    assert_non_null (mkdtemp (path));
    return path;
}

static void
s_remove (char *folder)
{
    char *command = br_strf ("rm -rf '%s'", folder);
    assert_int_equal (system (command), 0);
    free (command);
    free (folder);
}

static void
s_write (const char *folder, const char *name, const char *text)
{
    char *path = br_strf ("%s/%s", folder, name);
    assert_int_equal (br_conf_file_create (path, text, 0600, NULL), 0);
    free (path);
}

static void
test_created_once_and_read_back (void **state)
{
    (void) state;
    char *folder = s_folder ();
    s_write (folder, "a", "first");
    s_write (folder, "a", "second");
    char *path = br_strf ("%s/a", folder);
    size_t size = 0;
    char *text = br_conf_file_read (path, 100, &size, NULL);
    assert_string_equal (text, "first");
    assert_int_equal (size, 5);
    struct stat info;
    assert_int_equal (stat (path, &info), 0);
    assert_int_equal (info.st_mode & 0777, 0600);
    br_error_t error = { BR_OK, "" };
    assert_null (br_conf_file_read (path, 4, &size, &error));
    assert_int_equal (error.code, BR_ETOOBIG);
    free (text);
    free (path);
    s_remove (folder);
}

static void
test_missing_and_wrong_places_are_errors (void **state)
{
    (void) state;
    br_error_t error = { BR_OK, "" };
    size_t size = 0;
    assert_null (br_conf_file_read ("/nowhere/x", 10, &size, &error));
    assert_int_equal (error.code, BR_ENOTFOUND);
    assert_null (br_conf_file_read ("/", 10, &size, &error));
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_int_equal (br_conf_file_create ("/nowhere/x", "", 0600, &error), -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_int_equal (br_conf_file_mkdir ("/nowhere/x", 0700, &error), -1);
    assert_int_equal (br_conf_file_mkdir ("/dev/null", 0700, &error), -1);
    assert_int_equal (br_conf_file_mkdir ("/tmp", 0700, &error), 0);
    assert_true (br_conf_file_is_dir ("/"));
    assert_false (br_conf_file_is_dir ("/dev/null"));
    assert_true (br_conf_file_exists ("/dev/null"));
    assert_false (br_conf_file_exists ("/nowhere"));
}

static void
test_full_disk_is_an_error (void **state)
{
    (void) state;
    br_error_t error = { BR_OK, "" };
    if (!br_conf_file_exists ("/dev/full"))
        skip ();
    char *folder = s_folder ();
    char *path = br_strf ("%s/full", folder);
    assert_int_equal (symlink ("/dev/full", path), 0);
    //  O_EXCL does not follow a link: what exists is left alone.
    assert_int_equal (br_conf_file_create (path, "x", 0600, &error), 0);
    free (path);
    s_remove (folder);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_created_once_and_read_back),
        cmocka_unit_test (test_missing_and_wrong_places_are_errors),
        cmocka_unit_test (test_full_disk_is_an_error),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
