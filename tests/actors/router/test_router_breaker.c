//  router_breaker: what the breaker says, and what it is told.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/ctx.h"
#include "actors/router/router_breaker.h"
#include "tests/actors/router/inside.h"
#include "tests/actors/stage.h"

#define M "m"
#define LEASES(lease) (&(router_leases_t) { .endpoint = (lease) })

typedef struct {
    stage_t stage;
    router_endpoints_t *endpoints;
    router_breaker_t *breaker;
    unsigned a; //  number of an endpoint
} world_t;

static void
s_hear (void *arg, const br_msg_t *msg)
{
    world_t *world = arg;
    if (msg->verb == BR_BREAKER_STATE)
        router_breaker_on_state (world->breaker, msg);
    else
        router_breaker_on_told (world->breaker, msg);
}

static int
s_setup (void **state)
{
    static world_t world;
    stage_begin (&world.stage, &inside_actor, false);
    stage_start (&world.stage, "router");
    br_ctx_t *ctx = br_host_ctx (world.stage.host, "router");
    world.endpoints = router_endpoints_new ();
    world.breaker = router_breaker_new (ctx, world.endpoints);
    world.a = router_endpoints_number (world.endpoints, "a", "x");
    inside_listen (ctx, s_hear, &world);
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    router_breaker_destroy (&world->breaker);
    router_endpoints_destroy (&world->endpoints);
    stage_end (&world->stage);
    return 0;
}

//  The breaker says how a model at a/x does.
static void
s_say_of (world_t *world, const char *model, uint64_t version, br_breaker_t what,
          uint64_t for_ms, uint64_t lease)
{
    struct br_breaker_state state = { .provider = "a", .endpoint = "x" };
    state.model = model;
    state.version = version;
    state.state = what;
    state.for_ms = for_ms;
    state.lease = lease;
    stage_send (&world->stage, "breaker", br_host_ctx (world->stage.host, "router")->addr,
                BR_BREAKER_STATE, 0, 0, &state, NULL);
    stage_settle (&world->stage);
}

//  And a/x as a whole.
static void
s_say (world_t *world, uint64_t version, br_breaker_t what, uint64_t for_ms,
       uint64_t lease)
{
    s_say_of (world, "", version, what, for_ms, lease);
}

static const struct br_breaker_report *
s_report (world_t *world)
{
    const br_msg_t *msg = stage_last (&world->stage, "breaker", BR_BREAKER_REPORT);
    assert_non_null (msg);
    return br_msg_fields (msg);
}

static void
it_asks_each_second_until_all_is_told (void **state)
{
    world_t *world = *state;
    router_breaker_ask (world->breaker);
    stage_pass (&world->stage, 2500);
    //  when: there is a breaker at last
    stage_start (&world->stage, "breaker");
    stage_pass (&world->stage, 2000);
    assert_string_equal (stage_heard (&world->stage, "breaker"),
                         "breaker.ask#0 breaker.ask#0 ");
    stage_send (&world->stage, "breaker", br_host_ctx (world->stage.host, "router")->addr,
                BR_BREAKER_TOLD, 0, 0, NULL, NULL);
    stage_pass (&world->stage, 3000);
    assert_string_equal (stage_heard (&world->stage, "breaker"), "");
}

static void
the_newest_state_counts (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "breaker");
    assert_false (router_breaker_is_open (world->breaker, world->a, M));
    assert_string_equal (router_breaker_state (world->breaker, world->a), "closed");
    s_say (world, 5, BR_BREAKER_OPEN, 1000, 0);
    assert_true (router_breaker_is_open (world->breaker, world->a, M));
    assert_string_equal (router_breaker_state (world->breaker, world->a), "open");
    s_say (world, 4, BR_BREAKER_CLOSED, 0, 0);
    assert_true (router_breaker_is_open (world->breaker, world->a, M));
    s_say (world, 6, BR_BREAKER_CLOSED, 0, 0);
    assert_false (router_breaker_is_open (world->breaker, world->a, M));
    s_say (world, 7, (br_breaker_t) 99, 0, 0);
    assert_false (router_breaker_is_open (world->breaker, world->a, M));
}

static void
when_its_time_has_passed_a_call_asks_for_a_probe (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "breaker");
    router_breaker_want (world->breaker, world->a, M);
    s_say (world, 1, BR_BREAKER_OPEN, 1000, 0);
    router_breaker_want (world->breaker, world->a, M);
    stage_pass (&world->stage, 999);
    router_breaker_want (world->breaker, world->a, M);
    assert_string_equal (stage_heard (&world->stage, "breaker"), "");
    stage_pass (&world->stage, 1);
    //  when: many calls want it
    for (int i = 0; i < 10; i++)
        router_breaker_want (world->breaker, world->a, M);
    assert_string_equal (stage_heard (&world->stage, "breaker"), "breaker.probe#0 ");
    //  then: again in a second, without an answer
    stage_pass (&world->stage, ROUTER_BREAKER_TICK_MS);
    router_breaker_want (world->breaker, world->a, M);
    assert_string_equal (stage_heard (&world->stage, "breaker"), "breaker.probe#0 ");
}

static void
a_lease_is_for_one_attempt (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "breaker");
    s_say (world, 1, BR_BREAKER_HALF_OPEN, 0, 77);
    assert_false (router_breaker_is_open (world->breaker, world->a, M));
    assert_int_equal (router_breaker_start (world->breaker, world->a, M).endpoint, 77);
    assert_true (router_breaker_is_open (world->breaker, world->a, M));
    assert_int_equal (router_breaker_start (world->breaker, world->a, M).endpoint, 0);
    //  when: it is told again
    s_say (world, 1, BR_BREAKER_HALF_OPEN, 0, 77);
    assert_true (router_breaker_is_open (world->breaker, world->a, M));
    //  then: its end is told at once
    router_breaker_good (world->breaker, world->a, M, LEASES (77));
    stage_settle (&world->stage);
    assert_int_equal (s_report (world)->lease, 77);
    assert_int_equal (s_report (world)->good, 1);
    assert_int_equal (s_report (world)->failure, BR_FAILURE_NONE);
}

static void
a_lease_that_tells_nothing_is_free (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "breaker");
    router_breaker_neither (world->breaker, world->a, M, LEASES (0));
    assert_string_equal (stage_heard (&world->stage, "breaker"), "");
    router_breaker_neither (world->breaker, world->a, M, LEASES (5));
    stage_settle (&world->stage);
    assert_int_equal (s_report (world)->lease, 5);
    assert_int_equal (s_report (world)->good, 0);
    assert_int_equal (br_failure_mark (br_failure_of (s_report (world)->failure)),
                      BR_MARK_CLEAN);
    assert_true (s_report (world)->failure != BR_FAILURE_NONE);
}

static void
a_lease_that_no_attempt_takes_goes_back_after_a_second (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "breaker");
    stage_send (&world->stage, "breaker", br_host_ctx (world->stage.host, "router")->addr,
                BR_BREAKER_TOLD, 0, 0, NULL, NULL);
    s_say (world, 1, BR_BREAKER_HALF_OPEN, 0, 77);
    stage_pass (&world->stage, ROUTER_BREAKER_KEEP_MS - 100);
    assert_false (router_breaker_is_open (world->breaker, world->a, M));
    assert_null (stage_last (&world->stage, "breaker", BR_BREAKER_REPORT));
    stage_pass (&world->stage, 101);
    assert_int_equal (s_report (world)->lease, 77);
    assert_int_equal (s_report (world)->failure, BR_FAILURE_CANCELLED);
    assert_true (router_breaker_is_open (world->breaker, world->a, M));
    s_say (world, 1, BR_BREAKER_HALF_OPEN, 0, 77); //  it is told again
    assert_true (router_breaker_is_open (world->breaker, world->a, M));
    //  when: no attempt takes the next one either, it stays for twice as long
    s_say (world, 2, BR_BREAKER_HALF_OPEN, 0, 78);
    stage_pass (&world->stage, 2 * ROUTER_BREAKER_KEEP_MS - 100);
    assert_false (router_breaker_is_open (world->breaker, world->a, M));
    stage_pass (&world->stage, 1100);
    assert_int_equal (s_report (world)->lease, 78);
    //  when: one takes it, then it is not given back, and the next one is as the first
    s_say (world, 3, BR_BREAKER_HALF_OPEN, 0, 79);
    assert_int_equal (router_breaker_start (world->breaker, world->a, M).endpoint, 79);
    stage_pass (&world->stage, 9000);
    assert_int_equal (s_report (world)->lease, 78);
    s_say (world, 4, BR_BREAKER_HALF_OPEN, 0, 80);
    stage_pass (&world->stage, ROUTER_BREAKER_KEEP_MS + 1);
    assert_int_equal (s_report (world)->lease, 80);
}

static void
a_probe_whose_answer_has_begun_is_told_at_once (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "breaker");
    s_say (world, 1, BR_BREAKER_HALF_OPEN, 0, 77);
    s_say_of (world, M, 2, BR_BREAKER_HALF_OPEN, 0, 78);
    router_leases_t leases = router_breaker_start (world->breaker, world->a, M);
    assert_int_equal (leases.endpoint, 77);
    assert_int_equal (leases.model, 78);
    router_breaker_begun (world->breaker, world->a, M, &leases);
    assert_string_equal (stage_heard (&world->stage, "breaker"),
                         "breaker.report#0 breaker.report#0 ");
    assert_int_equal (s_report (world)->lease, 78);
    assert_string_equal (s_report (world)->model, M);
    assert_int_equal (s_report (world)->failure, BR_FAILURE_NONE);
    router_breaker_begun (world->breaker, world->a, M, LEASES (0));
    assert_string_equal (stage_heard (&world->stage, "breaker"), "");
}

//  ---- models

//  How an attempt at "m" of a/x failed; returns the model that it was told of.
static const char *
s_fail (world_t *world, br_failure_t failure, unsigned status)
{
    router_bad_t bad = { .failure = failure, .status = status, .error = "" };
    router_breaker_bad (world->breaker, world->a, M, LEASES (0), &bad);
    stage_settle (&world->stage);
    return s_report (world)->model;
}

static void
limits_and_403_are_told_of_the_model_alone (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "breaker");
    assert_string_equal (s_fail (world, BR_FAILURE_RATE, 429), M);
    assert_string_equal (s_fail (world, BR_FAILURE_RATE, 0), M);
    assert_string_equal (s_fail (world, BR_FAILURE_AUTH, 403), M);
    assert_string_equal (s_fail (world, BR_FAILURE_AUTH, 401), "");
    assert_string_equal (s_fail (world, BR_FAILURE_CREDIT, 403), "");
    assert_string_equal (s_fail (world, BR_FAILURE_CREDIT, 429), "");
    assert_string_equal (s_fail (world, BR_FAILURE_SERVER, 500), "");
    assert_string_equal (s_fail (world, BR_FAILURE_TIMEOUT, 0), "");
}

static void
a_candidate_is_out_of_use_with_its_model_or_its_endpoint (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "breaker");
    s_say_of (world, M, 1, BR_BREAKER_OPEN, 1000, 0);
    assert_true (router_breaker_is_open (world->breaker, world->a, M));
    assert_false (router_breaker_is_open (world->breaker, world->a, "other"));
    assert_string_equal (router_breaker_state (world->breaker, world->a), "closed");
    s_say (world, 2, BR_BREAKER_OPEN, 3000, 0);
    assert_true (router_breaker_is_open (world->breaker, world->a, "other"));
    s_say_of (world, M, 3, BR_BREAKER_CLOSED, 0, 0);
    assert_true (router_breaker_is_open (world->breaker, world->a, M));
    s_say (world, 4, BR_BREAKER_CLOSED, 0, 0);
    assert_false (router_breaker_is_open (world->breaker, world->a, M));
    //  given: both are open, then it is too early for one
    s_say (world, 5, BR_BREAKER_OPEN, 0, 0);
    s_say_of (world, M, 6, BR_BREAKER_OPEN, 1000, 0);
    stage_heard (&world->stage, "breaker");
    assert_false (router_breaker_want (world->breaker, world->a, M));
    assert_string_equal (stage_heard (&world->stage, "breaker"), "");
    stage_pass (&world->stage, 1001);
    stage_heard (&world->stage, "breaker");
    assert_true (router_breaker_want (world->breaker, world->a, M));
    assert_string_equal (stage_heard (&world->stage, "breaker"),
                         "breaker.probe#0 breaker.probe#0 ");
    const br_msg_t *msg = stage_last (&world->stage, "breaker", BR_BREAKER_PROBE);
    assert_string_equal (((const struct br_breaker_probe *) br_msg_fields (msg))->model,
                         M);
}

static void
good_answers_are_told_of_a_model_that_has_failed (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "breaker");
    router_breaker_good (world->breaker, world->a, M, LEASES (0));
    stage_pass (&world->stage, 1000);
    assert_string_equal (s_report (world)->model, "");
    s_fail (world, BR_FAILURE_RATE, 429);
    router_breaker_good (world->breaker, world->a, M, LEASES (0));
    stage_pass (&world->stage, 1000);
    assert_string_equal (s_report (world)->model, M);
    assert_int_equal (s_report (world)->good, 1);
    //  then: it is well, and is not told of any more
    router_breaker_good (world->breaker, world->a, M, LEASES (0));
    stage_pass (&world->stage, 1000);
    assert_string_equal (s_report (world)->model, "");
    assert_int_equal (s_report (world)->good, 1);
    //  given: it is out of use, then its good answers are told each time
    s_say_of (world, M, 1, BR_BREAKER_OPEN, 90000, 0);
    for (int i = 0; i < 2; i++) {
        s_fail (world, BR_FAILURE_SERVER, 500);
        router_breaker_good (world->breaker, world->a, M, LEASES (0));
        stage_pass (&world->stage, 1000);
        assert_string_equal (s_report (world)->model, M);
    }
}

static void
a_failure_of_the_one_sets_the_lease_of_the_other_free (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "breaker");
    router_leases_t leases = { .endpoint = 5, .model = 6 };
    router_bad_t bad = { .failure = BR_FAILURE_RATE, .status = 429, .error = "" };
    router_breaker_bad (world->breaker, world->a, M, &leases, &bad);
    assert_string_equal (stage_heard (&world->stage, "breaker"),
                         "breaker.report#0 breaker.report#0 ");
    assert_int_equal (s_report (world)->lease, 5);
    assert_string_equal (s_report (world)->model, "");
    assert_int_equal (s_report (world)->failure, BR_FAILURE_CANCELLED);
    bad.failure = BR_FAILURE_CONNECT;
    router_breaker_bad (world->breaker, world->a, M, &leases, &bad);
    stage_settle (&world->stage);
    assert_int_equal (s_report (world)->lease, 6);
    assert_string_equal (s_report (world)->model, M);
    assert_int_equal (s_report (world)->failure, BR_FAILURE_CANCELLED);
}

static void
failures_are_told_at_once_and_good_answers_each_second (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "breaker");
    router_breaker_good (world->breaker, world->a, M, LEASES (0));
    router_breaker_good (world->breaker, world->a, M, LEASES (0));
    assert_string_equal (stage_heard (&world->stage, "breaker"), "");
    router_breaker_bad (world->breaker, world->a, M, LEASES (0),
                        &(router_bad_t) { BR_FAILURE_OVERLOADED, 503, 900, "slow down" });
    stage_settle (&world->stage);
    assert_string_equal (s_report (world)->provider, "a");
    assert_string_equal (s_report (world)->endpoint, "x");
    assert_int_equal (s_report (world)->good, 2);
    assert_int_equal (s_report (world)->failure, BR_FAILURE_OVERLOADED);
    assert_int_equal (s_report (world)->retry_after_ms, 900);
    assert_string_equal (s_report (world)->error, "slow down");
    stage_heard (&world->stage, "breaker");
    router_breaker_good (world->breaker, world->a, M, LEASES (0));
    router_breaker_good (world->breaker, 1023, M, LEASES (0)); //  nobody's
    stage_send (&world->stage, "breaker", br_host_ctx (world->stage.host, "router")->addr,
                BR_BREAKER_TOLD, 0, 0, NULL, NULL);
    stage_pass (&world->stage, 3000);
    assert_string_equal (stage_heard (&world->stage, "breaker"), "breaker.report#0 ");
    assert_int_equal (s_report (world)->good, 1);
}

static void
what_a_lost_breaker_said_is_forgotten (void **state)
{
    world_t *world = *state;
    stage_start (&world->stage, "breaker");
    s_say (world, 100, BR_BREAKER_OPEN, 1000, 0);
    struct br_sys_gone other = { .host = 9, .life = 1 };
    router_breaker_gone (world->breaker, &other);
    assert_true (router_breaker_is_open (world->breaker, world->a, M));
    struct br_sys_gone gone = { .host = 1, .life = 1 };
    router_breaker_gone (world->breaker, &gone);
    assert_false (router_breaker_is_open (world->breaker, world->a, M));
    assert_string_equal (stage_heard (&world->stage, "breaker"), "breaker.ask#0 ");
    //  then: the next one begins anew
    s_say (world, 1, BR_BREAKER_OPEN, 1000, 0);
    assert_true (router_breaker_is_open (world->breaker, world->a, M));
}

static void
endpoints_without_a_number_are_in_use (void **state)
{
    world_t *world = *state;
    unsigned none = ROUTER_ENDPOINTS_MAX;
    assert_false (router_breaker_is_open (world->breaker, none, M));
    assert_int_equal (router_breaker_start (world->breaker, none, M).endpoint, 0);
    assert_string_equal (router_breaker_state (world->breaker, none), "closed");
    router_breaker_want (world->breaker, none, M);
    router_breaker_good (world->breaker, none, M, LEASES (1));
    router_breaker_bad (world->breaker, none, M, LEASES (1),
                        &(router_bad_t) { BR_FAILURE_DNS, 0, 0, "" });
    router_breaker_neither (world->breaker, none, M, LEASES (1));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (it_asks_each_second_until_all_is_told),
        TEST (the_newest_state_counts),
        TEST (when_its_time_has_passed_a_call_asks_for_a_probe),
        TEST (a_lease_is_for_one_attempt),
        TEST (a_lease_that_tells_nothing_is_free),
        TEST (a_lease_that_no_attempt_takes_goes_back_after_a_second),
        TEST (a_probe_whose_answer_has_begun_is_told_at_once),
        TEST (limits_and_403_are_told_of_the_model_alone),
        TEST (a_candidate_is_out_of_use_with_its_model_or_its_endpoint),
        TEST (good_answers_are_told_of_a_model_that_has_failed),
        TEST (a_failure_of_the_one_sets_the_lease_of_the_other_free),
        TEST (failures_are_told_at_once_and_good_answers_each_second),
        TEST (what_a_lost_breaker_said_is_forgotten),
        TEST (endpoints_without_a_number_are_in_use),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
