//  router_choose: orders and turns.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "actors/router/router_choose.h"

//  Views of candidates that differ in nothing but their names.
static void
s_views (router_view_t *ret_views, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ret_views[i] = (router_view_t) { .weight = 1, .fits = true };
        ret_views[i].name = (i + 1) * 0x9e3779b97f4a7c15u;
    }
}

//  The order as text: "0 1 2".
static void
s_order (router_strategy_t strategy, const router_view_t *views, size_t count,
         uint64_t turn, uint64_t affinity, const char *expected)
{
    uint8_t order[ROUTER_CHOICE_MAX];
    char text[1024] = "";
    router_choose (strategy, views, count, turn, affinity, order);
    for (size_t i = 0; i < count; i++)
        snprintf (text + strlen (text), 8, i ? " %u" : "%u", order[i]);
    assert_string_equal (text, expected);
}

static void
priority_keeps_the_declared_order (void **state)
{
    (void) state;
    router_view_t views[3];
    s_views (views, 3);
    views[1].weight = 9;
    for (uint64_t turn = 0; turn < 5; turn++)
        s_order (ROUTER_PRIORITY, views, 3, turn, turn * 77, "0 1 2");
}

static void
equal_weights_rotate_in_the_declared_order (void **state)
{
    (void) state;
    static const char *const expected[] = { "0 1 2", "1 2 0", "2 0 1", "0 1 2" };
    router_view_t views[3];
    s_views (views, 3);
    for (size_t i = 0; i < 3; i++)
        views[i].weight = 5;
    for (uint64_t turn = 0; turn < 4; turn++)
        s_order (ROUTER_LOAD_BALANCE, views, 3, turn, 0, expected[turn]);
}

//  Firsts of one whole run of turns, from any start.
static void
s_shares (const unsigned *weights, size_t count, uint64_t start)
{
    unsigned firsts[256] = { 0 };
    uint64_t total = 0;
    uint8_t order[256];
    router_view_t views[256];
    s_views (views, count);
    for (size_t i = 0; i < count; i++) {
        views[i].weight = weights[i];
        total += weights[i];
    }
    for (uint64_t turn = start; turn < start + total; turn++) {
        router_choose (ROUTER_LOAD_BALANCE, views, count, turn, 0, order);
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
    uint8_t order[3];
    router_view_t views[3];
    s_views (views, 3);
    views[0].weight = views[1].weight = 5;
    views[2].weight = 2;
    int run = 0;
    int longest = 0;
    uint8_t last = 9;
    for (uint64_t turn = 0; turn < 48; turn++) {
        router_choose (ROUTER_LOAD_BALANCE, views, 3, turn, 0, order);
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
    uint8_t order[2];
    router_view_t views[2];
    s_views (views, 2);
    views[0].weight = 0xffffffffu;
    router_choose (ROUTER_LOAD_BALANCE, views, 2, UINT64_MAX, 0, order);
    assert_int_equal (order[0] + order[1], 1);
    router_choose (ROUTER_LOAD_BALANCE, views, 2, 0, 5, order);
    assert_int_equal (order[0] + order[1], 1);
}

static void
names_of_strategies_are_known (void **state)
{
    (void) state;
    assert_int_equal (router_strategy_of ("load_balance"), ROUTER_LOAD_BALANCE);
    assert_int_equal (router_strategy_of ("priority"), ROUTER_PRIORITY);
    assert_int_equal (router_strategy_of ("least_latency"), ROUTER_LEAST_LATENCY);
    assert_int_equal (router_strategy_of ("least_busy"), ROUTER_LEAST_BUSY);
    assert_int_equal (router_strategy_of ("cheapest"), ROUTER_CHEAPEST);
    assert_int_equal (router_strategy_of ("?"), ROUTER_PRIORITY);
}

static void
the_least_comes_first (void **state)
{
    (void) state;
    router_view_t views[4];
    s_views (views, 4);
    for (size_t i = 0; i < 4; i++) {
        views[i].first_us = (uint64_t[]) { 900, 0, 300, 900 }[i];
        views[i].under_way = (uint64_t[]) { 2, 1, 2, 0 }[i];
        views[i].price_nusd = (uint64_t[]) { 70, 0, 5, 70 }[i];
    }
    //  one that was never measured is measured; a price that is unknown may be any
    s_order (ROUTER_LEAST_LATENCY, views, 4, 0, 99, "1 2 0 3");
    s_order (ROUTER_LEAST_BUSY, views, 4, 0, 99, "3 1 0 2");
    s_order (ROUTER_CHEAPEST, views, 4, 0, 99, "2 0 3 1");
}

static void
keys_of_a_pool_take_turns_inside_their_place (void **state)
{
    (void) state;
    router_view_t views[5];
    s_views (views, 5);
    views[1].pool = views[2].pool = views[4].pool = 7;
    s_order (ROUTER_PRIORITY, views, 5, 0, 0, "0 1 2 4 3");
    s_order (ROUTER_PRIORITY, views, 5, 1, 0, "0 2 4 1 3");
    s_order (ROUTER_PRIORITY, views, 5, 2, 0, "0 4 1 2 3");
    //  each key is a candidate of its own for turns, and its pool follows it
    s_order (ROUTER_LOAD_BALANCE, views, 5, 2, 0, "2 4 1 3 0");
    s_order (ROUTER_LOAD_BALANCE, views, 5, 3, 0, "3 4 1 2 0");
    views[2].price_nusd = 1;
    s_order (ROUTER_CHEAPEST, views, 5, 0, 0, "2 0 1 4 3");
}

static void
a_conversation_meets_the_same_candidate_again (void **state)
{
    (void) state;
    router_view_t views[4];
    uint8_t order[4];
    unsigned firsts[4] = { 0 };
    s_views (views, 4);
    for (uint64_t affinity = 1; affinity <= 400; affinity++) {
        uint8_t again[4];
        router_choose (ROUTER_LOAD_BALANCE, views, 4, affinity, affinity, order);
        router_choose (ROUTER_LOAD_BALANCE, views, 4, affinity + 1, affinity, again);
        assert_memory_equal (order, again, 4);
        firsts[order[0]]++;
        //  when: its candidate is out of use, then: the next one of its own order follows
        views[order[0]].open = true;
        router_choose (ROUTER_LOAD_BALANCE, views, 4, 0, affinity, again);
        assert_memory_equal (again, order + 1, 3);
        assert_int_equal (again[3], order[0]);
        views[order[0]].open = false;
    }
    for (size_t i = 0; i < 4; i++)
        assert_in_range (firsts[i], 60, 140);
}

static void
a_conversation_keeps_its_key_of_a_pool (void **state)
{
    (void) state;
    router_view_t views[4];
    uint8_t order[4];
    unsigned firsts[4] = { 0 };
    s_views (views, 4);
    views[1].pool = views[2].pool = views[3].pool = 1;
    for (uint64_t affinity = 1; affinity <= 300; affinity++) {
        router_choose (ROUTER_PRIORITY, views, 4, affinity, affinity, order);
        assert_int_equal (order[0], 0);
        firsts[order[1]]++;
    }
    for (size_t i = 1; i < 4; i++)
        assert_in_range (firsts[i], 60, 140);
}

static void
what_does_not_fit_or_is_out_of_use_comes_last (void **state)
{
    (void) state;
    router_view_t views[4];
    s_views (views, 4);
    views[0].fits = false;
    s_order (ROUTER_PRIORITY, views, 4, 0, 0, "1 2 3 0");
    views[1].open = true;
    s_order (ROUTER_PRIORITY, views, 4, 0, 0, "2 3 1 0");
    views[2].fits = false;
    views[2].open = true;
    s_order (ROUTER_PRIORITY, views, 4, 0, 0, "3 1 0 2");
    //  when nobody has what it needs, or all are out of use, the order stays
    for (size_t i = 0; i < 4; i++) {
        views[i].fits = false;
        views[i].open = true;
    }
    s_order (ROUTER_PRIORITY, views, 4, 0, 0, "0 1 2 3");
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
        cmocka_unit_test (the_least_comes_first),
        cmocka_unit_test (keys_of_a_pool_take_turns_inside_their_place),
        cmocka_unit_test (a_conversation_meets_the_same_candidate_again),
        cmocka_unit_test (a_conversation_keeps_its_key_of_a_pool),
        cmocka_unit_test (what_does_not_fit_or_is_out_of_use_comes_last),
        cmocka_unit_test (each_route_has_its_own_turns),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
