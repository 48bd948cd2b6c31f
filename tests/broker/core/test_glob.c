//  glob: what a star covers, and which names of a model count.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include <stdlib.h>
#include <string.h>

#include "broker/core/glob.h"

static void
a_star_stands_for_anything (void **state)
{
    (void) state;
    static const struct {
        const char *glob;
        const char *text;
        bool fits;
    } s_rows[] = {
        { "", "", true },
        { "", "a", false },
        { "*", "", true },
        { "*", "a/b:c", true },
        { "**", "a", true },
        { "openai:*", "openai:gpt-4o", true },
        { "openai:*", "openai:", true },
        { "openai:*", "openai/gpt-4o", false },
        { "*:gpt-*", "openai:gpt-4o", true },
        { "*o", "gpt-4o", true },
        { "*4", "gpt-4o", false },
        { "a*b", "ab", true },
        { "a*b", "aXb", true },
        { "ab*b", "ab", false }, //  the beginning and the end may not overlap
        { "ab*ba", "aba", false },
        { "a*a", "a", false },
        { "a*bc", "abcbc", true },
        { "a*b*c", "axxbyybzc", true },
        { "a*b*c", "axxcyyb", false },
        { "gpt-4", "gpt-4o", false },
        { "gpt-4?", "gpt-4o", false },
        { "[a]", "a", false },
        { "A", "a", false },
    };
    for (size_t i = 0; i < sizeof s_rows / sizeof *s_rows; i++)
        if (br_glob_fits (s_rows[i].glob, s_rows[i].text) != s_rows[i].fits)
            fail_msg ("%s and %s", s_rows[i].glob, s_rows[i].text);
}

//  Many stars must not take time that grows without bound.
static void
given_many_stars_then_it_still_ends (void **state)
{
    (void) state;
    char text[8192];
    memset (text, 'a', sizeof text);
    text[sizeof text - 1] = 0;
    assert_false (br_glob_fits ("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*ab", text));
}

static void
an_empty_list_permits_all (void **state)
{
    (void) state;
    char *none[] = { NULL };
    assert_true (br_globs_permit (NULL, "a"));
    assert_true (br_globs_permit (none, "a"));
    assert_true (br_globs_permit_model (none, NULL, NULL, NULL));
}

static void
one_glob_that_fits_is_enough (void **state)
{
    (void) state;
    char *globs[] = { (char[]) { "a*" }, (char[]) { "b" }, NULL };
    assert_true (br_globs_permit (globs, "abc"));
    assert_true (br_globs_permit (globs, "b"));
    assert_false (br_globs_permit (globs, "bc"));
}

static void
a_model_has_three_names (void **state)
{
    (void) state;
    char *colon[] = { (char[]) { "openai:*" }, NULL };
    char *slash[] = { (char[]) { "openai/gpt-*" }, NULL };
    char *plain[] = { (char[]) { "fast" }, NULL };
    assert_true (br_globs_permit_model (colon, "fast", "openai", "gpt-4o"));
    assert_true (br_globs_permit_model (slash, "fast", "openai", "gpt-4o"));
    assert_true (br_globs_permit_model (plain, "fast", "openai", "gpt-4o"));
    assert_true (br_globs_permit_model (plain, "fast", NULL, NULL));
    assert_false (br_globs_permit_model (colon, "fast", "anthropic", "claude"));
    assert_false (br_globs_permit_model (slash, "fast", "openai", "o3"));
    assert_false (br_globs_permit_model (plain, "faster", "fast", "fast"));
    assert_false (br_globs_permit_model (colon, NULL, NULL, NULL));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_star_stands_for_anything),
        cmocka_unit_test (given_many_stars_then_it_still_ends),
        cmocka_unit_test (an_empty_list_permits_all),
        cmocka_unit_test (one_glob_that_fits_is_enough),
        cmocka_unit_test (a_model_has_three_names),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
