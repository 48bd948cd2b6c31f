//  upstream_usage: what is told counts, and an estimate stands in for the rest.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "actors/upstream/upstream_usage.h"

static void
what_was_told_wins (void **state)
{
    (void) state;
    br_usage_t told = { .known = true, .input = 7, .output = 2, .audio_input = 1 };
    br_usage_t usage = upstream_usage_of (&told, 100, 1000);
    assert_memory_equal (&usage, &told, sizeof told);
}

static void
without_a_word_both_are_estimated (void **state)
{
    (void) state;
    br_usage_t usage = upstream_usage_of (&(br_usage_t) { 0 }, 100, 9);
    assert_false (usage.known);
    assert_int_equal (usage.input, 100);
    assert_int_equal (usage.output, 3);
}

static void
of_a_beginning_the_input_counts (void **state)
{
    (void) state;
    br_usage_t told = { .known = true, .open = true, .input = 7, .output = 2 };
    told.cache_read = 5;
    br_usage_t usage = upstream_usage_of (&told, 100, 40);
    assert_false (usage.known);
    assert_false (usage.open);
    assert_int_equal (usage.input, 7);
    assert_int_equal (usage.cache_read, 5);
    assert_int_equal (usage.output, 10);
    //  then: never less than was told
    assert_int_equal (upstream_usage_of (&told, 100, 1).output, 2);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (what_was_told_wins),
        cmocka_unit_test (without_a_word_both_are_estimated),
        cmocka_unit_test (of_a_beginning_the_input_counts),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
