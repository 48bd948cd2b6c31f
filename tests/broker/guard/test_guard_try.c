//  guard_try: one pattern on the bytes that are there.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/guard/guard_try.h"

typedef struct {
    guard_pattern_t pattern;
    guard_try_t *tries;
    guard_match_t match;
    uint64_t work;
} world_t;

static void
s_begin (world_t *world, const char *regex)
{
    *world = (world_t) { .tries = guard_try_new () };
    assert_int_equal (guard_pattern_compile (&world->pattern, regex, false, NULL), 0);
}

static guard_outcome_t
s_run (world_t *world, const char *text, size_t from, size_t to, bool is_end)
{
    return guard_try_run (world->tries, &world->pattern, (const uint8_t *) text,
                          strlen (text), from, to, is_end, &world->work, &world->match);
}

static void
s_end (world_t *world)
{
    guard_try_destroy (&world->tries);
    guard_try_destroy (&world->tries);
    guard_pattern_free (&world->pattern);
}

static void
a_match_that_does_not_look_at_the_end_is_found (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, "a(b+)");
    assert_int_equal (s_run (&world, "xabbx", 0, 5, false), GUARD_TRY_FOUND);
    assert_int_equal (world.match.from, 1);
    assert_int_equal (world.match.to, 4);
    assert_true (world.match.has_group);
    assert_int_equal (world.match.group_from, 2);
    assert_int_equal (s_run (&world, "xxx", 0, 3, false), GUARD_TRY_NONE);
    s_end (&world);
}

static void
one_that_does_is_under_way_unless_it_is_the_end (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, "ab+\\b");
    assert_int_equal (s_run (&world, "xabb", 0, 4, false), GUARD_TRY_UNDER_WAY);
    assert_int_equal (world.match.start, 1);
    assert_int_equal (s_run (&world, "xabb", 0, 4, true), GUARD_TRY_FOUND);
    assert_int_equal (s_run (&world, "xa", 0, 2, true), GUARD_TRY_NONE);
    s_end (&world);
}

static void
only_starts_in_the_span_count (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, "ab");
    assert_int_equal (s_run (&world, "xxxab", 0, 3, true), GUARD_TRY_NONE);
    assert_int_equal (s_run (&world, "xxxab", 0, 4, true), GUARD_TRY_FOUND);
    assert_int_equal (s_run (&world, "abxab", 1, 100, true), GUARD_TRY_FOUND);
    assert_int_equal (world.match.from, 3);
    s_end (&world);
}

static void
the_limit_is_met_where_the_match_begins (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, "(?:x+x+)+y");
    const char *text = "x-.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-";
    assert_int_equal (s_run (&world, text, 0, 39, false), GUARD_TRY_LIMIT);
    assert_int_equal (world.match.start, 3);
    assert_int_equal (s_run (&world, text, 3, 4, false), GUARD_TRY_LIMIT);
    assert_int_equal (world.match.start, 3);
    assert_int_equal (s_run (&world, text, 2, 3, false), GUARD_TRY_NONE);
    s_end (&world);
}

static void
a_start_that_takes_longer_is_tried_to_its_end (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, "(?:[a-z]+)+[0-9]!");
    const char *text = "abcdefghijklmn! abcdefghijklmn1!";
    assert_int_equal (s_run (&world, text, 0, 32, true), GUARD_TRY_FOUND);
    assert_int_equal (world.match.from, 16);
    assert_int_equal (world.match.to, 32);
    assert_true (world.work > 0);
    s_end (&world);
}

//  Each start is under its limit, and there are many.
static void
too_many_long_starts_of_a_text_are_over_the_limit (void **state)
{
    (void) state;
    world_t world;
    static char text[200001];
    s_begin (&world, "(?:[a-z]+)+[0-9]!");
    for (size_t i = 0; i + 16 <= 200000; i += 16)
        memcpy (text + i, "abcdefghijklmn! ", 16);
    size_t size = strlen (text);
    assert_int_equal (s_run (&world, text, 0, size, true), GUARD_TRY_LIMIT);
    assert_true (world.match.start > 0);
    assert_true (world.match.start < size);
    size_t from = world.match.start + 100;
    assert_int_equal (s_run (&world, text, from, size, true), GUARD_TRY_LIMIT);
    assert_int_equal (world.match.start, from);
    s_end (&world);
}

static void
a_regex_that_needs_more_stack_gets_it (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, "(?:(?:a|ab)(?:c|bcd)?)+z");
    char text[6002];
    memset (text, 'a', 6000);
    strcpy (text + 6000, "z");
    assert_int_equal (s_run (&world, text, 0, 1, true), GUARD_TRY_FOUND);
    s_end (&world);
}

static void
a_pursuit_goes_on_to_the_end_of_the_match (void **state)
{
    (void) state;
    world_t world;
    size_t to = 0;
    s_begin (&world, "<[^>]*>");
    guard_pursuit_t *pursuit = guard_pursuit_new (&world.pattern,
                                                  (const uint8_t *) "a<bb", 4, 1);
    assert_non_null (pursuit);
    assert_int_equal (
        guard_pursuit_run (pursuit, (const uint8_t *) "..bbb", 5, 2, false, &to),
        GUARD_TRY_UNDER_WAY);
    assert_int_equal (
        guard_pursuit_run (pursuit, (const uint8_t *) "bb>cc", 5, 0, false, &to),
        GUARD_TRY_FOUND);
    assert_int_equal (to, 3);
    guard_pursuit_destroy (&pursuit);
    guard_pursuit_destroy (&pursuit);
    assert_null (guard_pursuit_new (&world.pattern, (const uint8_t *) "a<b>", 4, 1));
    s_end (&world);
}

static void
a_pursuit_ends_where_the_pattern_lets_go (void **state)
{
    (void) state;
    world_t world;
    size_t to = 0;
    s_begin (&world, "ab{1,9}c");
    guard_pursuit_t *pursuit = guard_pursuit_new (&world.pattern, (const uint8_t *) "abb",
                                                  3, 0);
    assert_non_null (pursuit);
    assert_int_equal (
        guard_pursuit_run (pursuit, (const uint8_t *) "bbx", 3, 0, false, &to),
        GUARD_TRY_NONE);
    guard_pursuit_destroy (&pursuit);
    s_end (&world);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_match_that_does_not_look_at_the_end_is_found),
        cmocka_unit_test (one_that_does_is_under_way_unless_it_is_the_end),
        cmocka_unit_test (only_starts_in_the_span_count),
        cmocka_unit_test (the_limit_is_met_where_the_match_begins),
        cmocka_unit_test (a_start_that_takes_longer_is_tried_to_its_end),
        cmocka_unit_test (too_many_long_starts_of_a_text_are_over_the_limit),
        cmocka_unit_test (a_regex_that_needs_more_stack_gets_it),
        cmocka_unit_test (a_pursuit_goes_on_to_the_end_of_the_match),
        cmocka_unit_test (a_pursuit_ends_where_the_pattern_lets_go),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
