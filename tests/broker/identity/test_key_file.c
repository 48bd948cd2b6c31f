//  key_file: private files, written whole.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include <stdlib.h>
#include <string.h>

#include "broker/identity/key_file.h"
#include "tests/broker/identity/folder.h"

static void
s_folder_is (const char *home, const char *name)
{
    char *folder = br_key_file_folder (home);
    char *wanted = br_strf ("%s/%s", home, name);
    assert_string_equal (folder, wanted);
    free (wanted);
    free (folder);
}

static void
the_older_folder_counts_where_it_alone_is (void **state)
{
    s_folder_is (*state, ".keys");
    folder_make (*state, "keys");
    s_folder_is (*state, "keys");
    folder_make (*state, ".keys");
    s_folder_is (*state, ".keys");
}

static void
some_names_are_none (void **state)
{
    (void) state;
    assert_true (br_key_file_is_name ("a.B-c_9"));
    assert_false (br_key_file_is_name (""));
    assert_false (br_key_file_is_name ("."));
    assert_false (br_key_file_is_name ("../a"));
    assert_false (br_key_file_is_name ("a/b"));
    assert_false (br_key_file_is_name ("a b"));
    assert_false (br_key_file_is_name ("\xc3\xa9"));
    char name[66];
    memset (name, 'a', sizeof name);
    name[65] = 0;
    assert_false (br_key_file_is_name (name));
    name[64] = 0;
    assert_true (br_key_file_is_name (name));
}

static void
s_holds (const char *folder, const char *name, const char *wanted)
{
    size_t size;
    char *text = br_key_file_read (folder, name, 100, &size, NULL);
    assert_string_equal (text, wanted);
    assert_int_equal (size, strlen (wanted));
    free (text);
}

static void
a_file_is_private_and_replaced_whole (void **state)
{
    char *folder = br_strf ("%s/.keys", (char *) *state);
    assert_int_equal (br_key_file_write (folder, "a/b/c", "first, long", NULL), 0);
    s_holds (folder, "a/b/c", "first, long");
    assert_int_equal (br_key_file_write (folder, "a/b/c", "then", NULL), 0);
    s_holds (folder, "a/b/c", "then");
    assert_int_equal (folder_mode (*state, ".keys"), 0700);
    assert_int_equal (folder_mode (*state, ".keys/a/b"), 0700);
    assert_int_equal (folder_mode (*state, ".keys/a/b/c"), 0600);
    assert_int_equal (br_key_file_write (folder, "a/d", "", NULL), 0);
    s_holds (folder, "a/d", "");
    assert_int_equal (br_key_file_remove (folder, "a/d", NULL), 0);
    br_error_t error = { .code = BR_OK };
    assert_int_equal (br_key_file_remove (folder, "a/d", &error), -1);
    assert_int_equal (error.code, BR_ENOTFOUND);
    free (folder);
}

static void
given_a_failure_then_nothing_is_left_behind (void **state)
{
    br_error_t error = { .code = BR_OK };
    size_t size;
    folder_make (*state, "x");
    assert_int_equal (br_key_file_write (*state, "x", "text", &error), -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    folder_write (*state, "file", "");
    assert_int_equal (br_key_file_write (*state, "file/y", "text", &error), -1);
    assert_int_equal (br_key_file_remove (*state, "x", &error), -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_null (br_key_file_read (*state, "none", 10, &size, &error));
    assert_int_equal (error.code, BR_ENOTFOUND);
    char *path = br_strf ("%s/x", (char *) *state);
    assert_int_equal (rmdir (path), 0);
    free (path);
    path = br_strf ("%s/file", (char *) *state);
    assert_int_equal (unlink (path), 0);
    free (path);
    assert_int_equal (rmdir (*state), 0); //  no draft lies about
    assert_int_equal (mkdir (*state, 0700), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, folder_setup, folder_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (the_older_folder_counts_where_it_alone_is),
        cmocka_unit_test (some_names_are_none),
        TEST (a_file_is_private_and_replaced_whole),
        TEST (given_a_failure_then_nothing_is_left_behind),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
