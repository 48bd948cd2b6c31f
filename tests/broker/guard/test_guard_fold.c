//  guard_fold: names without case and marks.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "broker/guard/guard_fold.h"

static void
s_check (const char *text, guard_fold_t fold, bool is_glob, const char *expected)
{
    char *folded = guard_fold_new (text, fold, is_glob);
    assert_string_equal (folded, expected);
    free (folded);
}

static void
given_a_name_when_folded_then_case_and_marks_are_alike (void **state)
{
    (void) state;
    s_check ("Delete-Repo", GUARD_FOLD_CASE, false, "delete_repo");
    s_check ("delete  _ repo_", GUARD_FOLD_CASE, false, "delete_repo_");
    s_check ("__a", GUARD_FOLD_CASE, false, "a");
    s_check ("mcp__a/b.c:d--e", GUARD_FOLD_CASE, false, "mcp/a/b/c/d_e");
    s_check ("a-__-b", GUARD_FOLD_CASE, false, "a/b");
    s_check ("", GUARD_FOLD_CASE, false, "");
    s_check ("...", GUARD_FOLD_CASE, false, "");
    s_check ("L\xC3\xB6sche", GUARD_FOLD_CASE, false, "l\xC3\xB6sche");
}

static void
given_humps_when_folded_by_them_then_words_are_joined (void **state)
{
    (void) state;
    s_check ("deleteRepo", GUARD_FOLD_CASE, false, "deleterepo");
    s_check ("deleteRepo", GUARD_FOLD_CAMEL, false, "delete_repo");
    s_check ("getHTTPResponse2All", GUARD_FOLD_CAMEL, false, "get_http_response2_all");
    s_check ("DELETE_REPO", GUARD_FOLD_CAMEL, false, "delete_repo");
    s_check ("A", GUARD_FOLD_CAMEL, false, "a");
}

static void
given_a_glob_when_folded_then_stars_stay_and_nothing_parts (void **state)
{
    (void) state;
    s_check ("Delete-*__X", GUARD_FOLD_CASE, true, "delete_*_x");
    s_check ("a*", GUARD_FOLD_CASE, false, "a_");
}

static void
given_a_glob_then_a_star_is_any_bytes (void **state)
{
    (void) state;
    assert_true (guard_fold_fits ("a*b*", "axxbb", false));
    assert_true (guard_fold_fits ("*", "", false));
    assert_false (guard_fold_fits ("a*b", "abc", false));
    assert_false (guard_fold_fits ("", "a", false));
    assert_true (guard_fold_fits ("a_b", "a/b", true));
    assert_false (guard_fold_fits ("a_b", "a/b", false));
}

static void
given_texts_then_separators_are_known (void **state)
{
    (void) state;
    assert_int_equal (guard_fold_separator ("__a"), 2);
    assert_int_equal (guard_fold_separator (":a"), 1);
    assert_int_equal (guard_fold_separator ("_a"), 0);
    assert_int_equal (guard_fold_separator (""), 0);
    assert_true (guard_fold_is_letter ('9'));
    assert_true (guard_fold_is_letter ((char) 0xC3));
    assert_false (guard_fold_is_letter ('-'));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_name_when_folded_then_case_and_marks_are_alike),
        cmocka_unit_test (given_humps_when_folded_by_them_then_words_are_joined),
        cmocka_unit_test (given_a_glob_when_folded_then_stars_stay_and_nothing_parts),
        cmocka_unit_test (given_a_glob_then_a_star_is_any_bytes),
        cmocka_unit_test (given_texts_then_separators_are_known),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
