//  name_set: order, folders, and who is meant.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include <stdlib.h>
#include <string.h>

#include "broker/identity/name_set.h"
#include "tests/broker/identity/folder.h"

static br_name_set_t *
s_set (const char *const *names)
{
    br_name_set_t *set = br_name_set_new ();
    for (; *names; names++)
        assert_int_equal (br_name_set_add (set, *names), 0);
    return set;
}

static void
names_are_in_order_and_stand_once (void **state)
{
    (void) state;
    static const char *const s_names[] = { "c", "a", "b", "a", "", NULL };
    br_name_set_t *set = s_set (s_names);
    assert_int_equal (br_name_set_count (set), 4);
    assert_string_equal (br_name_set_at (set, 0), "");
    assert_string_equal (br_name_set_at (set, 3), "c");
    assert_null (br_name_set_at (set, 4));
    assert_true (br_name_set_has (set, "b"));
    assert_false (br_name_set_has (set, "d"));
    br_name_set_add (set, "d");
    assert_true (br_name_set_has (set, "d"));
    br_name_set_destroy (&set);
    assert_null (set);
    br_name_set_destroy (&set);
}

static void
many_names_are_found (void **state)
{
    (void) state;
    br_name_set_t *set = br_name_set_new ();
    assert_false (br_name_set_has (set, "1"));
    for (int i = 0; i < 1000; i++) {
        char *name = br_strf ("%d", i * 7919 % 1000);
        br_name_set_add (set, name);
        free (name);
    }
    assert_int_equal (br_name_set_count (set), 1000);
    for (int i = 0; i < 1000; i++) {
        char *name = br_strf ("%d", i);
        assert_true (br_name_set_has (set, name));
        free (name);
    }
    br_name_set_destroy (&set);
}

static void
a_folder_has_names (void **state)
{
    folder_write (*state, "b.jwt", "");
    folder_write (*state, "a.jwt", "");
    folder_write (*state, ".draft.jwt", "");
    folder_write (*state, ".jwt", "");
    folder_write (*state, "c.txt", "");
    br_name_set_t *set = br_name_set_new ();
    assert_int_equal (br_name_set_read (set, *state, ".jwt", NULL), 0);
    assert_int_equal (br_name_set_count (set), 2);
    assert_string_equal (br_name_set_at (set, 0), "a");
    br_name_set_destroy (&set);
    set = br_name_set_new ();
    assert_int_equal (br_name_set_read (set, *state, "", NULL), 0);
    assert_int_equal (br_name_set_count (set), 3);
    br_name_set_destroy (&set);
}

static void
no_folder_is_empty_and_a_file_is_an_error (void **state)
{
    br_error_t error = { .code = BR_OK };
    char *path = br_strf ("%s/x", (char *) *state);
    br_name_set_t *set = br_name_set_new ();
    assert_int_equal (br_name_set_read (set, path, "", &error), 0);
    assert_int_equal (br_name_set_count (set), 0);
    folder_write (*state, "x", "");
    assert_int_equal (br_name_set_read (set, path, "", &error), -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    br_name_set_destroy (&set);
    free (path);
}

static void
s_finds (br_name_set_t *set, const char *id, const char *wanted, const char *reason)
{
    br_error_t error = { .code = BR_OK };
    const char *found = br_name_set_find (set, id, "account", &error);
    if (wanted) {
        assert_string_equal (found, wanted);
        return;
    }
    assert_null (found);
    assert_int_equal (error.code, BR_ENOTFOUND);
    assert_string_equal (error.text, reason);
}

static void
a_name_is_found_by_index_and_beginning (void **state)
{
    (void) state;
    static const char *const s_names[] = { "abc", "abd", "abde", "x", NULL };
    br_name_set_t *set = s_set (s_names);
    s_finds (set, "0", "abc", NULL);
    s_finds (set, "3", "x", NULL);
    s_finds (set, "abc", "abc", NULL);
    s_finds (set, "abd", "abd", NULL);
    s_finds (set, "x", "x", NULL);
    s_finds (set, "4", NULL, "Index 4 out of range (0..4)");
    s_finds (set, "99999999999999999999", NULL,
             "Index 99999999999999999999 out of range (0..4)");
    s_finds (set, "ab", NULL,
             "Ambiguous prefix \"ab\" — matches 3 accounts. Use a longer prefix.");
    s_finds (set, "xy", NULL, "No account matching prefix \"xy\"");
    s_finds (set, "", NULL, "No account matching prefix \"\"");
    br_name_set_destroy (&set);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, folder_setup, folder_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (names_are_in_order_and_stand_once),
        cmocka_unit_test (many_names_are_found),
        TEST (a_folder_has_names),
        TEST (no_folder_is_empty_and_a_file_is_an_error),
        cmocka_unit_test (a_name_is_found_by_index_and_beginning),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
