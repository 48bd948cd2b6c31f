//  router_choose: orders and turns.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "actors/router/router_choose.h"

static void
priority_keeps_the_declared_order (void **state)
{
    (void) state;
    unsigned weights[] = { 1, 9, 1 };
    uint8_t order[3];
    for (uint64_t turn = 0; turn < 5; turn++) {
        router_choose (ROUTER_PRIORITY, weights, 3, turn, order);
        assert_memory_equal (order, "\0\1\2", 3);
    }
}

static void
equal_weights_rotate_in_the_declared_order (void **state)
{
    (void) state;
    unsigned weights[] = { 5, 5, 5 };
    uint8_t order[3];
    static const char *const expected[] = { "\0\1\2", "\1\2\0", "\2\0\1", "\0\1\2" };
    for (uint64_t turn = 0; turn < 4; turn++) {
        router_choose (ROUTER_LOAD_BALANCE, weights, 3, turn, order);
        assert_memory_equal (order, expected[turn], 3);
    }
}

//  Firsts of one whole run of turns, from any start.
static void
s_shares (const unsigned *weights, size_t count, uint64_t start)
{
    unsigned firsts[256] = { 0 };
    uint64_t total = 0;
    uint8_t order[256];
    for (size_t i = 0; i < count; i++)
        total += weights[i];
    for (uint64_t turn = start; turn < start + total; turn++) {
        router_choose (ROUTER_LOAD_BALANCE, weights, count, turn, order);
        firsts[order[0]]++;
        unsigned seen[256] = { 0 };
        for (size_t i = 0; i < count; i++)
            assert_int_equal (seen[order[i]]++, 0);
    }
    for (size_t i = 0; i < count; i++)
        assert_int_equal (firsts[i], weights[i]);
}

static void
a_run_of_turns_gives_each_its_share (void **state)
{
    (void) state;
    s_shares ((unsigned[]) { 1 }, 1, 7);
    s_shares ((unsigned[]) { 3, 1 }, 2, 123456789);
    s_shares ((unsigned[]) { 5, 1, 1 }, 3, 2);
    s_shares ((unsigned[]) { 7, 2, 30, 1 }, 4, 1000003);
    unsigned many[32];
    for (unsigned i = 0; i < 32; i++)
        many[i] = i + 1;
    s_shares (many, 32, 99);
}

static void
a_heavy_candidate_does_not_come_in_one_block (void **state)
{
    (void) state;
    unsigned weights[] = { 5, 5, 2 };
    uint8_t order[3];
    int run = 0;
    int longest = 0;
    uint8_t last = 9;
    for (uint64_t turn = 0; turn < 48; turn++) {
        router_choose (ROUTER_LOAD_BALANCE, weights, 3, turn, order);
        run = order[0] == last ? run + 1 : 1;
        last = order[0];
        longest = run > longest ? run : longest;
    }
    assert_in_range (longest, 1, 2);
}

static void
huge_weights_are_bounded (void **state)
{
    (void) state;
    unsigned weights[] = { 0xffffffffu, 1 };
    uint8_t order[2];
    router_choose (ROUTER_LOAD_BALANCE, weights, 2, UINT64_MAX, order);
    assert_int_equal (order[0] + order[1], 1);
}

static void
names_of_strategies_are_known (void **state)
{
    (void) state;
    assert_int_equal (router_strategy_of ("load_balance"), ROUTER_LOAD_BALANCE);
    assert_int_equal (router_strategy_of ("priority"), ROUTER_PRIORITY);
    assert_int_equal (router_strategy_of ("?"), ROUTER_PRIORITY);
}

static void
each_route_has_its_own_turns (void **state)
{
    (void) state;
    router_turns_t *turns = router_turns_new (20);
    assert_int_equal (router_turns_next (turns, "a"), 10);
    assert_int_equal (router_turns_next (turns, "b"), 10);
    assert_int_equal (router_turns_next (turns, "a"), 11);
    //  when: there are more routes than slots
    char name[16];
    for (int i = 0; i < 5000; i++) {
        snprintf (name, sizeof name, "r%d", i);
        router_turns_next (turns, name);
    }
    //  then: some share a counter, and none goes back
    assert_true (router_turns_next (turns, "b") >= 11);
    router_turns_destroy (&turns);
    router_turns_destroy (&turns);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (priority_keeps_the_declared_order),
        cmocka_unit_test (equal_weights_rotate_in_the_declared_order),
        cmocka_unit_test (a_run_of_turns_gives_each_its_share),
        cmocka_unit_test (a_heavy_candidate_does_not_come_in_one_block),
        cmocka_unit_test (huge_weights_are_bounded),
        cmocka_unit_test (names_of_strategies_are_known),
        cmocka_unit_test (each_route_has_its_own_turns),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
