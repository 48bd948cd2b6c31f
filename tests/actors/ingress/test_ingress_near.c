//  ingress_near: distances, and the nearest few.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/ingress/ingress_near.h"

static void
distances_are_those_of_levenshtein (void **state)
{
    (void) state;
    assert_int_equal (ingress_near_distance ("kitten", "sitting", 5), 3);
    assert_int_equal (ingress_near_distance ("", "abc", 5), 3);
    assert_int_equal (ingress_near_distance ("GPT-4o", "gpt-4o", 2), 0);
    assert_int_equal (ingress_near_distance ("abc", "xyz", 2), 3);
    assert_int_equal (ingress_near_distance ("a", "abcdefgh", 3), 4);
}

static void
names_too_long_are_never_near (void **state)
{
    (void) state;
    char name[INGRESS_NEAR_NAME_MAX + 2];
    memset (name, 'a', sizeof name);
    name[sizeof name - 1] = 0;
    assert_int_equal (ingress_near_distance (name, name, 4), 5);
}

static void
the_nearest_three_are_kept_in_order (void **state)
{
    (void) state;
    const char *names[] = {
        "gpt-4o-mini", "gpt-4", "gpt-4o", "gpt-4.1", "claude", "gpt-5"
    };
    ingress_near_t near;
    ingress_near_init (&near, "gpt-4oo");
    near.distance_max = 2;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ingress_near_try (&near, names[i]);
    assert_int_equal (near.count, 3);
    assert_string_equal (near.found[0], "gpt-4o");
    assert_int_equal (near.distances[0], 1);
    assert_string_equal (near.found[1], "gpt-4");
    assert_string_equal (near.found[2], "gpt-4.1");
    ingress_near_try (&near, "gpt-4oo");
    assert_string_equal (near.found[0], "gpt-4oo");
    assert_string_equal (near.found[2], "gpt-4");
}

static void
a_short_name_allows_little (void **state)
{
    (void) state;
    ingress_near_t near;
    ingress_near_init (&near, "abc");
    ingress_near_try (&near, "xyz");
    ingress_near_try (&near, "abx");
    assert_int_equal (near.count, 1);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (distances_are_those_of_levenshtein),
        cmocka_unit_test (names_too_long_are_never_near),
        cmocka_unit_test (the_nearest_three_are_kept_in_order),
        cmocka_unit_test (a_short_name_allows_little),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
