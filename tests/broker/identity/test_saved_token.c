//  saved_token: kept, read, removed and revoked.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include <stdlib.h>
#include <string.h>

#include "broker/identity/saved_token.h"
#include "tests/broker/identity/folder.h"

static void
a_token_is_kept_under_its_label (void **state)
{
    char *path;
    assert_int_equal (br_saved_token_write (*state, "p", "b", "t.o.k", &path, NULL), 0);
    char *wanted = br_strf ("%s/p/tokens/b.jwt", (char *) *state);
    assert_string_equal (path, wanted);
    free (wanted);
    free (path);
    assert_int_equal (br_saved_token_write (*state, "p", "a", "x", &path, NULL), 0);
    free (path);
    assert_int_equal (br_saved_token_write (*state, "p", "a", "y", &path, NULL), 0);
    free (path);
    br_name_set_t *labels = br_saved_tokens (*state, "p", NULL);
    assert_int_equal (br_name_set_count (labels), 2);
    assert_string_equal (br_name_set_at (labels, 0), "a");
    br_name_set_destroy (&labels);
    char *token = br_saved_token_read (*state, "p", "a", NULL);
    assert_string_equal (token, "y");
    free (token);
    assert_int_equal (folder_mode (*state, "p/tokens/a.jwt"), 0600);
    assert_int_equal (br_saved_token_remove (*state, "p", "a", NULL), 0);
    br_error_t error = { .code = BR_OK };
    assert_null (br_saved_token_read (*state, "p", "a", &error));
    assert_int_equal (error.code, BR_ENOTFOUND);
}

static void
a_label_cannot_leave_its_folder (void **state)
{
    char *path = NULL;
    br_error_t error = { .code = BR_OK };
    assert_int_equal (br_saved_token_write (*state, "p", "../a", "x", &path, &error), -1);
    assert_int_equal (error.code, BR_EINVALID);
    assert_null (path);
    br_name_set_t *labels = br_saved_tokens (*state, "p", NULL);
    assert_int_equal (br_name_set_count (labels), 0);
    br_name_set_destroy (&labels);
}

static void
a_mark_is_made_once_and_again (void **state)
{
    assert_int_equal (br_saved_token_revoke (*state, "abc", NULL), 0);
    assert_int_equal (br_saved_token_revoke (*state, "abc", NULL), 0);
    assert_true (folder_has (*state, "revoked/abc"));
}

static void
given_a_file_for_a_folder_then_it_is_an_error (void **state)
{
    br_error_t error = { .code = BR_OK };
    folder_write (*state, "revoked", "");
    folder_write (*state, "p", "");
    assert_int_equal (br_saved_token_revoke (*state, "abc", &error), -1);
    assert_int_equal (error.code, BR_ESYSTEM);
    assert_null (br_saved_tokens (*state, "p", &error));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, folder_setup, folder_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_token_is_kept_under_its_label),
        TEST (a_label_cannot_leave_its_folder),
        TEST (a_mark_is_made_once_and_again),
        TEST (given_a_file_for_a_folder_then_it_is_an_error),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
