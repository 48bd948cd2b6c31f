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
    assert_int_equal (guard_fold_mark ("9"), 0);
    assert_int_equal (guard_fold_mark (""), 0);
    assert_int_equal (guard_fold_mark ("\xC3\xB6"), 0);
    assert_int_equal (guard_fold_mark ("-"), 1);
    assert_int_equal (guard_fold_mark ("\xC2\xA0"), 2);
    assert_int_equal (guard_fold_mark ("\xE2\x80\x8B"), 3);
    assert_int_equal (guard_fold_mark ("\xF3\xA0\x80\xA1"), 4);
    assert_int_equal (guard_fold_mark ("\xE2\x80"), 0); //  cut
    assert_int_equal (guard_fold_mark ("\x80"), 0);
}

static void
given_what_stands_behind_a_name_then_it_is_not_of_it (void **state)
{
    (void) state;
    static const struct {
        const char *name;
        size_t end;
    } rows[] = {
        { "drop", 4 },         { "drop \n", 4 },    { "drop()", 4 },
        { "drop:0", 4 },       { "drop_:1:22", 4 }, { "drop<|channel|>x:3", 4 },
        { "drop\xC2\xA0", 4 }, { "drop2", 5 },      { "a:b2", 4 },
        { ":0", 2 },           { "<|x|>drop", 9 },  { "", 0 },
        { "__", 0 },           { "<|", 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (guard_fold_end (rows[i].name) != rows[i].end)
            fail_msg ("%s", rows[i].name);
}

static void
given_words_without_marks_then_they_fit (void **state)
{
    (void) state;
    assert_true (guard_fold_fits ("delete_repo", "deleterepo", true));
    assert_true (guard_fold_fits ("deleterepo", "delete_repo", true));
    assert_true (guard_fold_fits ("a_b_c*", "ab_cd", true));
    assert_true (guard_fold_fits ("*delete_repo", "x_deleterepo", true));
    assert_false (guard_fold_fits ("delete_*", "deleted", true));
    assert_false (guard_fold_fits ("*_repo", "undorepo", true));
    assert_false (guard_fold_fits ("deleterepo", "delete/repo", true));
    assert_false (guard_fold_fits ("delete_repo", "deleterepo", false));
    char text[] = "a_b/c";
    guard_fold_unmark (text);
    assert_string_equal (text, "abc");
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
        cmocka_unit_test (given_what_stands_behind_a_name_then_it_is_not_of_it),
        cmocka_unit_test (given_words_without_marks_then_they_fit),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
