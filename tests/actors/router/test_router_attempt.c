//  router_attempt: what an attempt takes, and what its end says of the endpoint. Shares of
//  limits are in test_router_hold.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/core/ctx.h"
#include "actors/router/router_attempt.h"
#include "tests/actors/router/inside.h"
#include "tests/actors/stage.h"

typedef struct {
    stage_t stage;
    router_env_t env;
    router_attempt_t attempt;
} world_t;

static const br_candidate_t s_row = { .provider = "a", .endpoint = "", .model = "m" };

static int
s_setup (void **state)
{
    static world_t world;
    memset (&world, 0, sizeof world);
    stage_begin (&world.stage, &inside_actor, false);
    stage_start (&world.stage, "router");
    stage_start (&world.stage, "breaker");
    world.env.ctx = br_host_ctx (world.stage.host, "router");
    world.env.endpoints = router_endpoints_new ();
    world.env.health = router_health_new ();
    world.env.breaker = router_breaker_new (world.env.ctx, world.env.endpoints);
    world.env.rules = router_rules_new ();
    world.attempt.asked = &s_row;
    world.attempt.endpoint = router_endpoints_number (world.env.endpoints, "a", "");
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    router_rules_destroy (&world->env.rules);
    router_breaker_destroy (&world->env.breaker);
    router_health_destroy (&world->env.health);
    router_endpoints_destroy (&world->env.endpoints);
    stage_end (&world->stage);
    return 0;
}

//  Counts of good and bad ends, and attempts under way: "1 0 0".
static void
s_counts (world_t *world, uint64_t ok, uint64_t fail, uint64_t under_way)
{
    router_health_row_t row = router_health_row (world->env.health, 0);
    assert_int_equal (row.ok, ok);
    assert_int_equal (row.fail, fail);
    assert_int_equal (row.under_way, under_way);
}

static void
a_good_end_counts_once (void **state)
{
    world_t *world = *state;
    router_failure_t failure;
    int rc = router_attempt_prepare (&world->attempt, &world->env, 5, NULL, NULL,
                                     &failure);
    assert_int_equal (rc, 0);
    router_attempt_start (&world->attempt, &world->env);
    s_counts (world, 0, 0, 1);
    router_end_t end = { .outcome = BR_OUTCOME_OK, .first_us = 700 };
    router_attempt_done (&world->attempt, &world->env, &end);
    router_attempt_done (&world->attempt, &world->env, &end);
    router_attempt_lost (&world->attempt, &world->env);
    s_counts (world, 1, 0, 0);
    assert_int_equal (
        router_health_first_us (world->env.health, 0, br_ctx_now_us (world->env.ctx)),
        700);
    stage_pass (&world->stage, 1000);
    assert_string_equal (stage_heard (&world->stage, "breaker"),
                         "breaker.report#0 breaker.ask#0 ");
}

//  What an attempt.fail leads to: its count as a failure, and a report or none.
static void
s_fails (world_t *world, br_failure_t kind, uint64_t fail, const char *heard)
{
    router_failure_t failure = { .failure = kind, .text = "" };
    router_attempt_start (&world->attempt, &world->env);
    router_attempt_failed (&world->attempt, &world->env, &failure);
    s_counts (world, 0, fail, 0);
    assert_string_equal (stage_heard (&world->stage, "breaker"), heard);
}

static void
only_the_endpoints_own_failures_count (void **state)
{
    world_t *world = *state;
    s_fails (world, BR_FAILURE_SERVER, 1, "breaker.report#0 ");
    s_fails (world, BR_FAILURE_RATE, 2, "breaker.report#0 ");
    s_fails (world, BR_FAILURE_AUTH, 3, "breaker.report#0 ");
    s_fails (world, BR_FAILURE_REQUEST, 3, "");
    s_fails (world, BR_FAILURE_CANCELLED, 3, "");
    s_fails (world, BR_FAILURE_GONE, 3, "");
}

static void
an_answer_that_breaks_off_counts_as_what_it_was (void **state)
{
    world_t *world = *state;
    router_end_t end = { .outcome = BR_OUTCOME_FAILED, .failure = BR_FAILURE_CUT };
    router_attempt_start (&world->attempt, &world->env);
    router_attempt_done (&world->attempt, &world->env, &end);
    s_counts (world, 0, 1, 0);
    assert_string_equal (stage_heard (&world->stage, "breaker"), "breaker.report#0 ");
    //  when: its client has left
    end.outcome = BR_OUTCOME_CANCELLED;
    router_attempt_start (&world->attempt, &world->env);
    router_attempt_done (&world->attempt, &world->env, &end);
    s_counts (world, 0, 1, 0);
    assert_string_equal (stage_heard (&world->stage, "breaker"), "");
}

static void
one_that_may_be_gone_on_with_counts_alike (void **state)
{
    world_t *world = *state;
    router_failure_t failure = { .failure = BR_FAILURE_CUT, .text = "cut" };
    router_end_t end = { .outcome = BR_OUTCOME_FAILED, .first_us = 7 };
    router_attempt_start (&world->attempt, &world->env);
    router_attempt_broken (&world->attempt, &world->env, &failure, &end);
    s_counts (world, 0, 1, 0);
    assert_string_equal (stage_heard (&world->stage, "breaker"), "breaker.report#0 ");
    router_attempt_lost (&world->attempt, &world->env);
    s_counts (world, 0, 1, 0);
}

static void
s_on_state (void *arg, const br_msg_t *msg)
{
    router_breaker_on_state (arg, msg);
}

static void
a_probe_is_good_when_its_answer_begins (void **state)
{
    world_t *world = *state;
    inside_listen (world->env.ctx, s_on_state, world->env.breaker);
    struct br_breaker_state news = { .provider = "a", .version = 1, .lease = 77 };
    news.state = BR_BREAKER_HALF_OPEN;
    stage_send (&world->stage, "breaker", world->env.ctx->addr, BR_BREAKER_STATE, 0, 0,
                &news, NULL);
    stage_settle (&world->stage);
    router_attempt_begun (&world->attempt, &world->env); //  nothing is under way
    router_attempt_start (&world->attempt, &world->env);
    assert_string_equal (stage_heard (&world->stage, "breaker"), "");
    router_attempt_begun (&world->attempt, &world->env);
    router_attempt_begun (&world->attempt, &world->env);
    assert_string_equal (stage_heard (&world->stage, "breaker"), "breaker.report#0 ");
    const struct br_breaker_report *report = br_msg_fields (
        stage_last (&world->stage, "breaker", BR_BREAKER_REPORT));
    assert_int_equal (report->lease, 77);
    assert_int_equal (report->failure, BR_FAILURE_NONE);
    //  then: its end counts by itself
    s_counts (world, 0, 0, 1);
    router_failure_t failure = { .failure = BR_FAILURE_CUT, .text = "" };
    router_attempt_failed (&world->attempt, &world->env, &failure);
    s_counts (world, 0, 1, 0);
    stage_settle (&world->stage);
    report = br_msg_fields (stage_last (&world->stage, "breaker", BR_BREAKER_REPORT));
    assert_int_equal (report->lease, 0);
    assert_int_equal (report->failure, BR_FAILURE_CUT);
}

static void
a_403_takes_one_model_out_and_a_401_the_key (void **state)
{
    world_t *world = *state;
    router_failure_t failure = { .failure = BR_FAILURE_AUTH, .status = 403, .text = "" };
    static const struct {
        unsigned status;
        const char *model;
    } rows[] = { { 403, "m" }, { 401, "" } };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        failure.status = rows[i].status;
        router_attempt_start (&world->attempt, &world->env);
        router_attempt_failed (&world->attempt, &world->env, &failure);
        stage_settle (&world->stage);
        const struct br_breaker_report *report = br_msg_fields (
            stage_last (&world->stage, "breaker", BR_BREAKER_REPORT));
        assert_string_equal (report->model, rows[i].model);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_good_end_counts_once),
        TEST (only_the_endpoints_own_failures_count),
        TEST (an_answer_that_breaks_off_counts_as_what_it_was),
        TEST (one_that_may_be_gone_on_with_counts_alike),
        TEST (a_probe_is_good_when_its_answer_begins),
        TEST (a_403_takes_one_model_out_and_a_401_the_key),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
