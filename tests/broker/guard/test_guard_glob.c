//  guard_glob: a name of a list, exactly and folded.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/guard/guard_glob.h"

static void
given_a_glob_then_it_fits_byte_by_byte (void **state)
{
    (void) state;
    guard_glob_t *glob = guard_glob_new ("Get_*");
    assert_true (guard_glob_fits (glob, "Get_a"));
    assert_false (guard_glob_fits (glob, "get_a"));
    assert_false (guard_glob_fits (glob, "Get-a"));
    assert_true (guard_glob_has_star (glob));
    assert_false (guard_glob_is_all (glob));
    guard_glob_destroy (&glob);
    assert_null (glob);
    guard_glob_destroy (&glob);
    guard_glob_destroy (NULL);
}

static void
given_a_glob_then_it_fits_folded_names (void **state)
{
    (void) state;
    guard_glob_t *glob = guard_glob_new ("getAll-*");
    assert_true (guard_glob_fits_folded (glob, GUARD_FOLD_CASE, "getall_x"));
    assert_true (guard_glob_fits_folded (glob, GUARD_FOLD_CAMEL, "get_all/x"));
    //  words need no marks between them, but for the one beside the star
    assert_true (guard_glob_fits_folded (glob, GUARD_FOLD_CASE, "get_all_x"));
    assert_false (guard_glob_fits_folded (glob, GUARD_FOLD_CASE, "getallx"));
    guard_glob_destroy (&glob);
}

static void
given_stars_alone_then_it_names_nothing (void **state)
{
    (void) state;
    guard_glob_t *all = guard_glob_new ("**"), *one = guard_glob_new ("a");
    assert_true (guard_glob_is_all (all));
    assert_false (guard_glob_has_star (one));
    guard_glob_destroy (&one);
    guard_glob_destroy (&all);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_glob_then_it_fits_byte_by_byte),
        cmocka_unit_test (given_a_glob_then_it_fits_folded_names),
        cmocka_unit_test (given_stars_alone_then_it_names_nothing),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
