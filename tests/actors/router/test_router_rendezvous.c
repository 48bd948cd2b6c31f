//  router_rendezvous: whom a conversation meets.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "actors/router/router_rendezvous.h"

#define CONVERSATIONS 20000

//  The i-th conversation's hash.
static uint64_t
s_affinity (uint64_t i)
{
    return (i + 1) * 0x9e3779b97f4a7c15u;
}

static unsigned
s_winner (uint64_t affinity, const unsigned *weights, unsigned count)
{
    static const char *const names[] = { "a", "b", "c", "d" };
    unsigned best = 0;
    double most = 0;
    for (unsigned i = 0; i < count; i++) {
        uint64_t name = router_rendezvous_name (names[i], "", "m");
        double score = router_rendezvous_score (affinity, name, weights[i]);
        assert_true (score > 0);
        if (score <= most)
            continue;
        most = score;
        best = i;
    }
    return best;
}

static void
names_are_told_apart (void **state)
{
    (void) state;
    uint64_t name = router_rendezvous_name ("a", "b", "c");
    assert_true (name == router_rendezvous_name ("a", "b", "c"));
    assert_true (name != router_rendezvous_name ("ab", "", "c"));
    assert_true (name != router_rendezvous_name ("a", "bc", ""));
}

static void
each_candidate_gets_its_share (void **state)
{
    (void) state;
    static const unsigned weights[] = { 1, 2, 5 };
    unsigned won[3] = { 0 };
    for (uint64_t i = 0; i < CONVERSATIONS; i++)
        won[s_winner (s_affinity (i), weights, 3)]++;
    for (unsigned i = 0; i < 3; i++) {
        unsigned share = CONVERSATIONS * weights[i] / 8;
        assert_in_range (won[i], share * 93 / 100, share * 107 / 100);
    }
}

static void
when_one_goes_only_its_own_conversations_move (void **state)
{
    (void) state;
    static const unsigned weights[] = { 1, 1, 1, 1 };
    for (uint64_t i = 0; i < CONVERSATIONS; i++) {
        unsigned before = s_winner (s_affinity (i), weights, 4);
        if (before != 3)
            assert_int_equal (s_winner (s_affinity (i), weights, 3), before);
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (names_are_told_apart),
        cmocka_unit_test (each_candidate_gets_its_share),
        cmocka_unit_test (when_one_goes_only_its_own_conversations_move),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
