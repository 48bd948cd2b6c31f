//  breaker_endpoint: when it opens, for how long, who may try it, and when it closes.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "actors/breaker/breaker_endpoint.h"

#define NOW 1000000u //  milliseconds
#define LEASE 77

static const br_addr_t s_router = { 3, 8, 2 };

typedef struct {
    breaker_settings_t settings;
    breaker_endpoint_t endpoint;
    uint64_t now_ms;
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    world = (world_t) { .settings = breaker_settings_default (), .now_ms = NOW };
    *state = &world;
    return 0;
}

static bool
s_report (world_t *world, breaker_report_t report)
{
    return breaker_endpoint_report (&world->endpoint, &world->settings, &report,
                                    world->now_ms);
}

static bool
s_fail (world_t *world, br_failure_t failure)
{
    return s_report (world, (breaker_report_t) { .failure = failure });
}

static bool
s_good (world_t *world, uint64_t count)
{
    return s_report (world, (breaker_report_t) { .good = count });
}

//  The end of the probe.
static bool
s_end (world_t *world, br_failure_t failure)
{
    return s_report (world, (breaker_report_t) { .failure = failure, .lease = LEASE });
}

static bool
s_probe (world_t *world)
{
    return breaker_endpoint_probe (&world->endpoint, LEASE, s_router, world->now_ms);
}

static uint64_t
s_for_ms (const world_t *world)
{
    return breaker_endpoint_for_ms (&world->endpoint, world->now_ms);
}

#define assert_state(world, expected, ms)                                                \
    do {                                                                                 \
        assert_int_equal ((world)->endpoint.state, BR_BREAKER_##expected);               \
        assert_int_equal (s_for_ms (world), ms);                                         \
    } while (0)

//  Opens it by failures in a row.
static void
s_open (world_t *world)
{
    for (int i = 0; i < 5; i++)
        s_fail (world, BR_FAILURE_SERVER);
    assert_state (world, OPEN, 15000);
}

//  Waits until its time has passed, and tries.
static void
s_try (world_t *world)
{
    world->now_ms += s_for_ms (world);
    assert_true (s_probe (world));
    assert_state (world, HALF_OPEN, 0);
}

//  ---- opening

static void
failures_in_a_row_open_it (void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 4; i++)
        assert_false (s_fail (world, BR_FAILURE_CONNECT));
    s_good (world, 1); //  then they count anew
    for (int i = 0; i < 4; i++)
        assert_false (s_fail (world, BR_FAILURE_CONNECT));
    assert_true (s_fail (world, BR_FAILURE_TIMEOUT));
    assert_state (world, OPEN, 15000);
    assert_string_equal (world->endpoint.reason, "timeout");
    world->now_ms += 14999;
    assert_state (world, OPEN, 1);
    world->now_ms += 2;
    assert_state (world, OPEN, 0);
}

static void
a_share_of_failures_opens_it (void **state)
{
    world_t *world = *state;
    world->settings.failures = 0;
    for (int i = 0; i < 9; i++) {
        assert_false (s_good (world, 1));
        assert_false (s_fail (world, BR_FAILURE_SERVER));
    }
    assert_false (s_good (world, 1)); //  19 outcomes
    assert_true (s_fail (world, BR_FAILURE_SERVER));
    assert_state (world, OPEN, 15000);
}

static void
what_is_older_than_the_window_does_not_count (void **state)
{
    world_t *world = *state;
    uint64_t good, bad;
    world->settings.failures = 0;
    for (int i = 0; i < 19; i++)
        assert_false (s_fail (world, BR_FAILURE_SERVER));
    world->now_ms += 31000;
    assert_false (s_fail (world, BR_FAILURE_SERVER));
    breaker_endpoint_count (&world->endpoint, &world->settings, world->now_ms, &good,
                            &bad);
    assert_int_equal (bad, 1);
    s_good (world, 30);
    world->now_ms += 29000;
    for (int i = 0; i < 28; i++)
        assert_false (s_fail (world, BR_FAILURE_SERVER));
    assert_true (s_fail (world, BR_FAILURE_SERVER));
}

static void
failures_that_say_nothing_of_it_do_not_count (void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 100; i++) {
        assert_false (s_fail (world, BR_FAILURE_REQUEST));
        assert_false (s_fail (world, BR_FAILURE_CANCELLED));
        assert_false (s_fail (world, BR_FAILURE_GONE));
    }
    assert_state (world, CLOSED, 0);
}

static void
a_refused_key_opens_it_at_once_and_for_long (void **state)
{
    world_t *world = *state;
    assert_true (s_fail (world, BR_FAILURE_AUTH));
    assert_state (world, OPEN, 300000);
    assert_string_equal (world->endpoint.reason, "auth");
    s_try (world);
    assert_true (s_end (world, BR_FAILURE_CREDIT));
    assert_state (world, OPEN, 300000);
    assert_string_equal (world->endpoint.reason, "credit");
}

//  ---- limits of the provider

static breaker_report_t
s_limit (uint64_t retry_after_ms)
{
    return (breaker_report_t) { .failure = BR_FAILURE_RATE,
                                .retry_after_ms = retry_after_ms };
}

static void
a_retry_after_is_kept (void **state)
{
    world_t *world = *state;
    assert_true (s_report (world, s_limit (7000)));
    assert_state (world, OPEN, 7000);
    assert_string_equal (world->endpoint.reason, "rate");
    //  then: a later, shorter one does not shorten it, a longer one lengthens it
    world->now_ms += 1000;
    assert_false (s_report (world, s_limit (2000)));
    assert_state (world, OPEN, 6000);
    assert_true (s_report (world, s_limit (9000)));
    assert_state (world, OPEN, 9000);
    assert_true (s_report (world, s_limit (99000000))); //  no longer than the most
    assert_state (world, OPEN, 300000);
}

static void
a_limit_without_one_must_repeat (void **state)
{
    world_t *world = *state;
    for (int i = 0; i < 4; i++)
        assert_false (s_report (world, s_limit (0)));
    s_good (world, 1);
    for (int i = 0; i < 4; i++)
        assert_false (s_report (world, s_limit (0)));
    assert_true (s_report (world, s_limit (0)));
    assert_state (world, OPEN, 15000);
    assert_string_equal (world->endpoint.reason, "rate");
}

static void
a_probe_that_is_limited_waits_as_told (void **state)
{
    world_t *world = *state;
    s_open (world);
    s_try (world);
    breaker_report_t report = s_limit (1234);
    report.lease = LEASE;
    assert_true (s_report (world, report));
    assert_state (world, OPEN, 1234);
    s_try (world);
    report.retry_after_ms = 0;
    assert_true (s_report (world, report));
    assert_state (world, OPEN, 30000);
}

//  ---- trying

static void
one_probe_at_a_time_decides (void **state)
{
    world_t *world = *state;
    assert_false (s_probe (world)); //  it is in use
    s_open (world);
    assert_false (s_probe (world)); //  not yet
    s_try (world);
    assert_false (s_probe (world)); //  another one tries
    assert_true (s_end (world, BR_FAILURE_NONE));
    assert_state (world, CLOSED, 0);
    assert_false (s_fail (world, BR_FAILURE_SERVER)); //  it counts anew
}

static void
each_failed_probe_doubles_the_time_up_to_the_most (void **state)
{
    world_t *world = *state;
    static const uint64_t expected[] = { 30000, 60000, 120000, 240000, 300000, 300000 };
    s_open (world);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        s_try (world);
        assert_true (s_end (world, BR_FAILURE_CONNECT));
        assert_state (world, OPEN, expected[i]);
    }
    s_try (world);
    s_end (world, BR_FAILURE_NONE);
    s_open (world); //  for as long as the first time
}

static void
calls_that_were_under_way_change_nothing (void **state)
{
    world_t *world = *state;
    s_open (world);
    assert_false (s_good (world, 9));
    assert_false (s_fail (world, BR_FAILURE_SERVER));
    assert_false (s_fail (world, BR_FAILURE_AUTH));
    assert_state (world, OPEN, 15000);
    s_try (world);
    assert_false (s_good (world, 9));
    assert_false (s_fail (world, BR_FAILURE_SERVER));
    assert_false (s_report (world, s_limit (9000)));
    breaker_report_t old = { .good = 1, .lease = LEASE - 1 }; //  of another probe
    assert_false (s_report (world, old));
    assert_state (world, HALF_OPEN, 0);
}

static void
a_probe_that_says_nothing_leaves_it_to_the_next (void **state)
{
    world_t *world = *state;
    s_open (world);
    s_try (world);
    assert_true (s_end (world, BR_FAILURE_CANCELLED));
    assert_state (world, OPEN, 0);
    assert_true (s_probe (world));
    assert_true (s_end (world, BR_FAILURE_SERVER));
    assert_state (world, OPEN, 30000); //  the doubling goes on
}

static void
a_lease_without_an_end_is_free_again (void **state)
{
    world_t *world = *state;
    s_open (world);
    s_try (world);
    world->now_ms += BREAKER_LEASE_MS - 1;
    assert_false (breaker_endpoint_expire (&world->endpoint, world->now_ms));
    world->now_ms++;
    assert_true (breaker_endpoint_expire (&world->endpoint, world->now_ms));
    assert_false (breaker_endpoint_expire (&world->endpoint, world->now_ms));
    assert_state (world, OPEN, 0);
    assert_false (s_end (world, BR_FAILURE_CANCELLED)); //  too late
    assert_state (world, OPEN, 0);
    assert_true (s_probe (world));
}

static bool
s_probe_as (world_t *world, uint64_t lease)
{
    return breaker_endpoint_probe (&world->endpoint, lease, s_router, world->now_ms);
}

static void
a_good_probe_closes_it_though_its_lease_has_ended (void **state)
{
    world_t *world = *state;
    s_open (world);
    s_try (world);
    world->now_ms += BREAKER_LEASE_MS;
    assert_true (breaker_endpoint_expire (&world->endpoint, world->now_ms));
    assert_true (s_end (world, BR_FAILURE_NONE));
    assert_state (world, CLOSED, 0);
    //  given: the next one tries, and the one after it, when the first is told
    s_open (world);
    world->now_ms += 15000;
    assert_true (s_probe_as (world, LEASE + 5));
    world->now_ms += BREAKER_LEASE_MS;
    assert_true (s_probe_as (world, LEASE + 9));
    assert_true (s_report (world, (breaker_report_t) { .good = 1, .lease = LEASE + 5 }));
    assert_state (world, CLOSED, 0);
    //  then: leases of before it was closed, or of nobody, close nothing
    s_open (world);
    assert_false (s_report (world, (breaker_report_t) { .lease = LEASE + 9 }));
    world->now_ms += 15000;
    assert_true (s_probe_as (world, LEASE + 20));
    assert_false (s_report (world, (breaker_report_t) { .lease = LEASE + 9 }));
    assert_false (s_report (world, (breaker_report_t) { .lease = LEASE + 21 }));
    assert_state (world, HALF_OPEN, 0);
}

static void
without_rules_nothing_opens_it (void **state)
{
    world_t *world = *state;
    world->settings.failures = 0;
    assert_true (s_fail (world, BR_FAILURE_AUTH)); //  a share is still a rule
    assert_true (breaker_endpoint_close (&world->endpoint));
    assert_false (breaker_endpoint_close (&world->endpoint));
    world->settings.error_percent = 0;
    for (int i = 0; i < 100; i++) {
        assert_false (s_fail (world, BR_FAILURE_SERVER));
        assert_false (s_fail (world, BR_FAILURE_AUTH));
        assert_false (s_fail (world, BR_FAILURE_CREDIT));
        assert_false (s_report (world, (breaker_report_t) { .failure = BR_FAILURE_RATE,
                                                            .retry_after_ms = 7000 }));
    }
    assert_state (world, CLOSED, 0);
}

static void
so_is_the_lease_of_a_host_that_is_gone (void **state)
{
    world_t *world = *state;
    assert_false (breaker_endpoint_gone (&world->endpoint, 3, 8));
    s_open (world);
    s_try (world);
    assert_false (breaker_endpoint_gone (&world->endpoint, 3, 7));
    assert_false (breaker_endpoint_gone (&world->endpoint, 2, 8));
    assert_true (breaker_endpoint_gone (&world->endpoint, 3, 8));
    assert_state (world, OPEN, 0);
}

static void
great_numbers_are_counted_to_a_bound (void **state)
{
    world_t *world = *state;
    uint64_t good, bad;
    s_good (world, UINT64_MAX);
    s_good (world, UINT64_MAX);
    s_fail (world, BR_FAILURE_SERVER);
    breaker_endpoint_count (&world->endpoint, &world->settings, world->now_ms, &good,
                            &bad);
    assert_int_equal (good, UINT32_MAX);
    assert_int_equal (bad, 1);
    assert_string_equal (breaker_state_name (BR_BREAKER_HALF_OPEN), "half-open");
}

#define TEST(name) cmocka_unit_test_setup (name, s_setup)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (failures_in_a_row_open_it),
        TEST (a_share_of_failures_opens_it),
        TEST (what_is_older_than_the_window_does_not_count),
        TEST (failures_that_say_nothing_of_it_do_not_count),
        TEST (a_refused_key_opens_it_at_once_and_for_long),
        TEST (a_retry_after_is_kept),
        TEST (a_limit_without_one_must_repeat),
        TEST (a_probe_that_is_limited_waits_as_told),
        TEST (one_probe_at_a_time_decides),
        TEST (each_failed_probe_doubles_the_time_up_to_the_most),
        TEST (calls_that_were_under_way_change_nothing),
        TEST (a_probe_that_says_nothing_leaves_it_to_the_next),
        TEST (a_lease_without_an_end_is_free_again),
        TEST (so_is_the_lease_of_a_host_that_is_gone),
        TEST (a_good_probe_closes_it_though_its_lease_has_ended),
        TEST (without_rules_nothing_opens_it),
        TEST (great_numbers_are_counted_to_a_bound),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
