//  router_plan: what follows a failure.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/router/router_plan.h"

static const router_retry_t s_retry = { .attempts_max = 8,
                                        .retries = 2,
                                        .base_ms = 100,
                                        .max_ms = 1000,
                                        .retry_after_max_ms = 10000 };

//  a, b, c: three providers
static const br_candidate_t s_rows[] = {
    { .provider = "a", .endpoint = "", .model = "m" },
    { .provider = "b", .endpoint = "", .model = "m" },
    { .provider = "c", .endpoint = "", .model = "m" },
};

#define END (-1)
#define MS 1000000u

//  What a plan leads to: failures in, places out.
typedef struct {
    router_plan_t *plan;
    router_moment_t moment;
    unsigned place;    //  of the attempt that is under way
    uint64_t delay_ms; //  that stood before it
} world_t;

static world_t
s_world (const router_retry_t *retry, const br_candidate_t *rows, size_t count)
{
    world_t world = { .moment = { .now_ms = MS } };
    world.plan = router_plan_new (retry, rows, count, 7);
    return world;
}

//  The attempt fails. Returns the place of the next one, which starts when it may.
static int
s_fail_after (world_t *world, br_failure_t failure, uint64_t retry_after_ms)
{
    router_lost_t lost = { world->place, failure, retry_after_ms };
    router_step_t step;
    if (!router_plan_next (world->plan, &lost, &world->moment, &step))
        return END;
    world->place = step.place;
    world->delay_ms = step.delay_ms;
    world->moment.now_ms += step.delay_ms;
    return (int) step.place;
}

static int
s_fail (world_t *world, br_failure_t failure)
{
    return s_fail_after (world, failure, 0);
}

static void
a_flaw_is_tried_again_then_the_next (void **state)
{
    (void) state;
    world_t world = s_world (&s_retry, s_rows, 2);
    assert_int_equal (s_fail (&world, BR_FAILURE_SERVER), 0);
    assert_int_equal (s_fail (&world, BR_FAILURE_SERVER), 0);
    assert_int_equal (s_fail (&world, BR_FAILURE_SERVER), 1);
    assert_int_equal (world.delay_ms, 0);
    assert_int_equal (s_fail (&world, BR_FAILURE_SERVER), 1);
    assert_int_equal (s_fail (&world, BR_FAILURE_SERVER), 1);
    assert_int_equal (s_fail (&world, BR_FAILURE_SERVER), END);
    router_plan_destroy (&world.plan);
    router_plan_destroy (&world.plan);
}

static void
an_endpoint_that_has_opened_is_not_tried_again_at_once (void **state)
{
    (void) state;
    world_t world = s_world (&s_retry, s_rows, 2);
    world.moment.open = 1;
    assert_int_equal (s_fail (&world, BR_FAILURE_SERVER), 1);
    assert_int_equal (s_fail (&world, BR_FAILURE_OVERLOADED), 1);
    assert_int_equal (s_fail (&world, BR_FAILURE_OVERLOADED), 1);
    //  but when it is the last one
    assert_int_equal (s_fail (&world, BR_FAILURE_OVERLOADED), 0);
    router_plan_destroy (&world.plan);
}

static void
one_that_opens_during_the_back_off_is_left_for_another (void **state)
{
    (void) state;
    world_t world = s_world (&s_retry, s_rows, 2);
    assert_int_equal (s_fail (&world, BR_FAILURE_SERVER), 0);
    assert_int_equal (router_plan_aim (world.plan, 0, &world.moment), 0);
    world.moment.open = 1;
    assert_int_equal (router_plan_aim (world.plan, 0, &world.moment), 1);
    //  but not for one that is open, too, or wants its pause
    world.moment.open = 3;
    assert_int_equal (router_plan_aim (world.plan, 0, &world.moment), 0);
    world.moment.open = 1;
    world.place = 1;
    assert_int_equal (s_fail_after (&world, BR_FAILURE_RATE, 9000), 0);
    assert_int_equal (router_plan_aim (world.plan, 0, &world.moment), 0);
    router_plan_destroy (&world.plan);
}

static void
overload_goes_to_the_next_at_once_and_comes_back (void **state)
{
    (void) state;
    static const int expected[] = { 1, 2, 0, 1, 2, 0, 1, END };
    world_t world = s_world (&s_retry, s_rows, 3);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_int_equal (s_fail (&world, BR_FAILURE_OVERLOADED), expected[i]);
    router_plan_destroy (&world.plan);
}

static void
attempts_are_bounded (void **state)
{
    (void) state;
    router_retry_t retry = s_retry;
    retry.attempts_max = 2;
    world_t world = s_world (&retry, s_rows, 3);
    assert_int_equal (s_fail (&world, BR_FAILURE_TIMEOUT), 1);
    assert_int_equal (s_fail (&world, BR_FAILURE_TIMEOUT), END);
    router_plan_destroy (&world.plan);
    retry.attempts_max = 1;
    world = s_world (&retry, s_rows, 3);
    assert_int_equal (s_fail (&world, BR_FAILURE_TIMEOUT), END);
    router_plan_destroy (&world.plan);
}

static void
without_retries_each_is_asked_once (void **state)
{
    (void) state;
    router_retry_t retry = s_retry;
    retry.retries = 0;
    world_t world = s_world (&retry, s_rows, 2);
    assert_int_equal (s_fail (&world, BR_FAILURE_SERVER), 1);
    assert_int_equal (s_fail (&world, BR_FAILURE_SERVER), END);
    router_plan_destroy (&world.plan);
}

static void
a_refused_key_is_out_for_all_of_its_models (void **state)
{
    (void) state;
    static const br_candidate_t rows[] = {
        { .provider = "a", .endpoint = "", .model = "m" },
        { .provider = "a", .endpoint = "", .model = "n" },
        { .provider = "a", .endpoint = "second", .model = "m" },
    };
    world_t world = s_world (&s_retry, rows, 3);
    assert_int_equal (s_fail (&world, BR_FAILURE_CREDIT), 2);
    assert_int_equal (s_fail (&world, BR_FAILURE_AUTH), END);
    router_plan_destroy (&world.plan);
}

static void
an_unknown_model_is_out_alone (void **state)
{
    (void) state;
    static const br_candidate_t rows[] = {
        { .provider = "a", .endpoint = "", .model = "m" },
        { .provider = "a", .endpoint = "", .model = "m" },
        { .provider = "a", .endpoint = "", .model = "n" },
    };
    world_t world = s_world (&s_retry, rows, 3);
    assert_int_equal (s_fail (&world, BR_FAILURE_UNKNOWN_MODEL), 2);
    assert_int_equal (s_fail (&world, BR_FAILURE_UNFIT), END);
    router_plan_destroy (&world.plan);
}

static void
a_request_without_sense_ends_it (void **state)
{
    (void) state;
    static const br_failure_t ends[] = { BR_FAILURE_REQUEST, BR_FAILURE_POLICY,
                                         BR_FAILURE_CLIENT_TIME, BR_FAILURE_CANCELLED };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        world_t world = s_world (&s_retry, s_rows, 3);
        assert_int_equal (s_fail (&world, ends[i]), END);
        router_plan_destroy (&world.plan);
    }
}

//  Windows of three candidates, and who follows when the first one's is too small.
static void
s_window (uint64_t first, uint64_t second, uint64_t third, int expected)
{
    br_candidate_t rows[3];
    memcpy (rows, s_rows, sizeof rows);
    rows[0].context = first;
    rows[1].context = second;
    rows[2].context = third;
    world_t world = s_world (&s_retry, rows, 3);
    assert_int_equal (s_fail (&world, BR_FAILURE_CONTEXT), expected);
    router_plan_destroy (&world.plan);
}

static void
an_overflow_goes_to_a_larger_window (void **state)
{
    (void) state;
    s_window (8000, 8000, 16000, 2);
    s_window (8000, 4000, 0, 2);
    s_window (8000, 9000, 16000, 1);
    s_window (8000, 8000, 8000, END);
    s_window (0, 0, 0, END);
    s_window (0, 0, 16000, 2);
}

static void
behind_an_overflow_smaller_ones_stay_out (void **state)
{
    (void) state;
    br_candidate_t rows[3];
    memcpy (rows, s_rows, sizeof rows);
    rows[0].context = 8000;
    rows[1].context = 8000;
    rows[2].context = 16000;
    world_t world = s_world (&s_retry, rows, 3);
    assert_int_equal (s_fail (&world, BR_FAILURE_CONTEXT), 2);
    assert_int_equal (s_fail (&world, BR_FAILURE_TIMEOUT), 2);
    router_plan_destroy (&world.plan);
}

static void
back_offs_are_random_and_bounded (void **state)
{
    (void) state;
    static const uint64_t bounds[] = { 100, 200, 400, 800, 1000, 1000 };
    router_retry_t retry = s_retry;
    retry.retries = retry.attempts_max = 32;
    uint64_t most[6] = { 0 };
    for (uint64_t seed = 0; seed < 300; seed++) {
        world_t world = s_world (&retry, s_rows, 1);
        router_plan_destroy (&world.plan);
        world.plan = router_plan_new (&retry, s_rows, 1, seed * 12345);
        for (size_t i = 0; i < 6; i++) {
            assert_int_equal (s_fail (&world, BR_FAILURE_RESET), 0);
            assert_true (world.delay_ms <= bounds[i]);
            most[i] = world.delay_ms > most[i] ? world.delay_ms : most[i];
        }
        router_plan_destroy (&world.plan);
    }
    for (size_t i = 0; i < 6; i++)
        assert_true (most[i] > bounds[i] * 9 / 10);
}

static void
what_a_provider_asks_for_is_the_least_wait (void **state)
{
    (void) state;
    world_t world = s_world (&s_retry, s_rows, 2);
    //  given: another one is there
    assert_int_equal (s_fail_after (&world, BR_FAILURE_SERVER, 4000), 1);
    assert_int_equal (world.delay_ms, 0);
    //  when: only those that say when are left, who is ready first comes first
    assert_int_equal (s_fail_after (&world, BR_FAILURE_RATE, 2000), 1);
    assert_int_equal (world.delay_ms, 2000);
    assert_int_equal (s_fail_after (&world, BR_FAILURE_RATE, 9000), 0);
    assert_int_equal (world.delay_ms, 2000);
    router_plan_destroy (&world.plan);
}

static void
a_wait_that_is_too_long_is_not_waited_for (void **state)
{
    (void) state;
    world_t world = s_world (&s_retry, s_rows, 1);
    assert_int_equal (s_fail_after (&world, BR_FAILURE_RATE, 10000), 0);
    assert_int_equal (s_fail_after (&world, BR_FAILURE_RATE, 10001), END);
    router_plan_destroy (&world.plan);
    //  but who can be asked is
    world = s_world (&s_retry, s_rows, 2);
    assert_int_equal (s_fail_after (&world, BR_FAILURE_RATE, 60000), 1);
    assert_int_equal (s_fail (&world, BR_FAILURE_TIMEOUT), 1);
    router_plan_destroy (&world.plan);
}

static void
the_clients_own_time_bounds_waits (void **state)
{
    (void) state;
    world_t world = s_world (&s_retry, s_rows, 1);
    world.moment.is_bounded = true;
    world.moment.left_ms = 40;
    for (int i = 0; i < 2; i++) {
        assert_int_equal (s_fail (&world, BR_FAILURE_RESET), 0);
        assert_true (world.delay_ms <= 20);
    }
    router_plan_destroy (&world.plan);
    world = s_world (&s_retry, s_rows, 1);
    world.moment.is_bounded = true;
    world.moment.left_ms = 2000;
    assert_int_equal (s_fail_after (&world, BR_FAILURE_RATE, 2000), END);
    router_plan_destroy (&world.plan);
}

static void
given_a_lost_host_of_our_own_then_it_is_waited_for_beyond_the_retries (void **state)
{
    (void) state;
    world_t world = s_world (&s_retry, s_rows, 1);
    for (unsigned i = 1; i < s_retry.attempts_max; i++) {
        assert_int_equal (s_fail (&world, BR_FAILURE_GONE), 0);
        assert_true (world.delay_ms >= 50);
    }
    assert_int_equal (s_fail (&world, BR_FAILURE_GONE), END);
    router_plan_destroy (&world.plan);
}

static void
given_a_lost_host_and_another_then_the_other_is_asked_at_once (void **state)
{
    (void) state;
    world_t world = s_world (&s_retry, s_rows, 2);
    assert_int_equal (s_fail (&world, BR_FAILURE_GONE), 1);
    assert_int_equal (world.delay_ms, 0);
    assert_int_not_equal (s_fail (&world, BR_FAILURE_GONE), END);
    assert_true (world.delay_ms >= 50);
    router_plan_destroy (&world.plan);
}

static void
given_few_attempts_then_who_was_not_asked_goes_before_who_failed (void **state)
{
    (void) state;
    router_retry_t retry = s_retry;
    retry.attempts_max = 4;
    world_t world = s_world (&retry, s_rows, 3);
    assert_int_equal (s_fail (&world, BR_FAILURE_SERVER), 0); //  one is to spare
    assert_int_equal (s_fail (&world, BR_FAILURE_SERVER), 1);
    assert_int_equal (s_fail (&world, BR_FAILURE_SERVER), 2);
    router_plan_destroy (&world.plan);
}

static void
given_a_host_that_nobody_reaches_then_its_other_keys_come_last (void **state)
{
    (void) state;
    static const br_candidate_t rows[] = {
        { .provider = "a", .endpoint = "1", .model = "m" },
        { .provider = "a", .endpoint = "2", .model = "m" },
        { .provider = "b", .endpoint = "", .model = "m" },
    };
    world_t world = s_world (&s_retry, rows, 3);
    assert_int_equal (s_fail (&world, BR_FAILURE_CONNECT), 2);
    assert_int_equal (s_fail (&world, BR_FAILURE_CONNECT), 1);
    router_plan_destroy (&world.plan);
}

static void
given_our_own_limit_then_it_holds_for_all_keys_and_costs_no_attempt (void **state)
{
    (void) state;
    static const br_candidate_t rows[] = {
        { .provider = "a", .endpoint = "1", .model = "m" },
        { .provider = "a", .endpoint = "2", .model = "m" },
        { .provider = "b", .endpoint = "", .model = "m" },
    };
    router_retry_t retry = s_retry;
    retry.attempts_max = 1;
    world_t world = s_world (&retry, rows, 3);
    assert_int_equal (s_fail_after (&world, BR_FAILURE_LIMITED, 60000), 2);
    assert_int_equal (s_fail (&world, BR_FAILURE_SERVER), END);
    router_plan_destroy (&world.plan);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_flaw_is_tried_again_then_the_next),
        cmocka_unit_test (an_endpoint_that_has_opened_is_not_tried_again_at_once),
        cmocka_unit_test (one_that_opens_during_the_back_off_is_left_for_another),
        cmocka_unit_test (overload_goes_to_the_next_at_once_and_comes_back),
        cmocka_unit_test (attempts_are_bounded),
        cmocka_unit_test (without_retries_each_is_asked_once),
        cmocka_unit_test (a_refused_key_is_out_for_all_of_its_models),
        cmocka_unit_test (an_unknown_model_is_out_alone),
        cmocka_unit_test (a_request_without_sense_ends_it),
        cmocka_unit_test (an_overflow_goes_to_a_larger_window),
        cmocka_unit_test (behind_an_overflow_smaller_ones_stay_out),
        cmocka_unit_test (back_offs_are_random_and_bounded),
        cmocka_unit_test (what_a_provider_asks_for_is_the_least_wait),
        cmocka_unit_test (a_wait_that_is_too_long_is_not_waited_for),
        cmocka_unit_test (the_clients_own_time_bounds_waits),
        cmocka_unit_test (
            given_a_lost_host_of_our_own_then_it_is_waited_for_beyond_the_retries),
        cmocka_unit_test (given_a_lost_host_and_another_then_the_other_is_asked_at_once),
        cmocka_unit_test (
            given_few_attempts_then_who_was_not_asked_goes_before_who_failed),
        cmocka_unit_test (given_a_host_that_nobody_reaches_then_its_other_keys_come_last),
        cmocka_unit_test (
            given_our_own_limit_then_it_holds_for_all_keys_and_costs_no_attempt),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
