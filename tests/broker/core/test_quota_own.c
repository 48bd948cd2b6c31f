//  quota: keys that have limits of their own.

#include "tests/broker/core/quota_fixture.h"

static uint64_t
s_take_own (world_t *world, uint64_t requests, told_t *told)
{
    const quota_own_t own = { .requests = requests };
    return quota_take (world->quota, QUOTA_CALLER, "a", &own, &s_one, s_on_verdict, told);
}

static void
what_nothing_limits_is_asked_for_with_limits_of_its_own (void **state)
{
    world_t *world = *state;
    told_t told = { .times = 0 };
    struct br_limit_grant grant = { .limited = 0 };
    s_take (world, "a", &s_one, &told);
    s_answer (world, &grant);
    assert_int_equal (told.times, 1);
    assert_int_not_equal (s_take_own (world, 5, &told), 0);
    assert_int_equal (s_asked (world)->own_requests, 5);
    assert_int_equal (s_asked (world)->own_tokens, 0);
    s_lend (world, 1, 1);
    assert_int_equal (told.times, 2);
    assert_true (told.verdict.limited);
    s_take (world, "a", &s_one, &told); //  without them it is asked anew
    assert_int_equal (s_asked (world)->own_requests, 0);
}

static void
own_limits_that_stay_are_not_asked_for_again (void **state)
{
    world_t *world = *state;
    told_t told = { .times = 0 };
    s_take_own (world, 5, &told);
    s_lend (world, 2, 2);
    assert_int_equal (s_take_own (world, 5, &told), 0);
    assert_int_equal (told.times, 2);
}

//  Given a question under way, when other limits come, then its answer does not say that
//  nothing limits the key.
static void
an_answer_about_other_own_limits_is_asked_again (void **state)
{
    world_t *world = *state;
    told_t first = { .times = 0 };
    told_t second = { .times = 0 };
    struct br_limit_grant grant = { .limited = 0 };
    s_take (world, "a", &s_one, &first);
    s_take_own (world, 7, &second);
    uint64_t ticket = s_asked (world)->ticket;
    s_answer (world, &grant);
    assert_int_equal (first.times, 0);
    assert_int_not_equal (s_asked (world)->ticket, ticket);
    assert_int_equal (s_asked (world)->own_requests, 7);
    s_lend (world, 2, 2);
    assert_int_equal (first.times, 1);
    assert_int_equal (second.times, 1);
    assert_true (second.verdict.limited);
}

static void
a_refusal_of_other_own_limits_does_not_count (void **state)
{
    world_t *world = *state;
    told_t told = { .times = 0 };
    s_take_own (world, 1, &told);
    s_deny (world, "requests", 60000);
    assert_false (told.verdict.granted);
    assert_int_not_equal (s_take_own (world, 9, &told), 0);
    s_lend (world, 1, 1);
    assert_true (told.verdict.granted);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (what_nothing_limits_is_asked_for_with_limits_of_its_own,
              s_setup_with_owner),
        TEST (own_limits_that_stay_are_not_asked_for_again, s_setup_with_owner),
        TEST (an_answer_about_other_own_limits_is_asked_again, s_setup_with_owner),
        TEST (a_refusal_of_other_own_limits_does_not_count, s_setup_with_owner),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
