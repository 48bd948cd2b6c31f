//  breaker: who is told what, and who may try.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/ctx.h"
#include "actors/breaker/breaker.h"
#include "actors/breaker/breaker_table.h"
#include "tests/actors/stage.h"

typedef struct {
    stage_t stage;
    br_addr_t breaker;
    br_ctx_t *ctx;
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    stage_begin (&world.stage, &br_breaker_actor, false);
    world.breaker = stage_start (&world.stage, "breaker");
    world.ctx = br_host_ctx (world.stage.host, "breaker");
    stage_start (&world.stage, "router");
    stage_start (&world.stage, "router/2");
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    stage_end (&world->stage);
    return 0;
}

static void
s_report (world_t *world, const char *router, struct br_breaker_report report)
{
    if (!report.provider)
        report.provider = "p";
    report.endpoint = "eu";
    report.error = "it did not answer";
    stage_send (&world->stage, router, world->breaker, BR_BREAKER_REPORT, 0, 0, &report,
                NULL);
    stage_settle (&world->stage);
}

static void
s_open (world_t *world)
{
    for (int i = 0; i < 5; i++)
        s_report (world, "router",
                  (struct br_breaker_report) { .failure = BR_FAILURE_CONNECT });
}

static void
s_ask (world_t *world, const char *router)
{
    stage_send (&world->stage, router, world->breaker, BR_BREAKER_ASK, 0, 0, NULL, NULL);
    stage_settle (&world->stage);
}

static void
s_probe (world_t *world, const char *router, const char *provider)
{
    struct br_breaker_probe probe = { .provider = provider, .endpoint = "eu" };
    stage_send (&world->stage, router, world->breaker, BR_BREAKER_PROBE, 0, 0, &probe,
                NULL);
    stage_settle (&world->stage);
}

static const struct br_breaker_state *
s_state (world_t *world, const char *router)
{
    const br_msg_t *msg = stage_last (&world->stage, router, BR_BREAKER_STATE);
    return msg ? br_msg_fields (msg) : NULL;
}

//  Both have asked, an endpoint is open, and its time has passed. Returns the lease of the
//  first, who tries it.
static uint64_t
s_try (world_t *world)
{
    s_ask (world, "router");
    s_ask (world, "router/2");
    s_open (world);
    stage_pass (&world->stage, 15000);
    s_probe (world, "router", "p");
    stage_heard (&world->stage, "router");
    stage_heard (&world->stage, "router/2");
    return s_state (world, "router")->lease;
}

//  ---- who is told

static void
a_router_that_asks_is_told_all_states (void **state)
{
    world_t *world = *state;
    s_ask (world, "router");
    assert_string_equal (stage_heard (&world->stage, "router"), "breaker.told#0 ");
    s_open (world);
    stage_pass (&world->stage, 1000);
    s_ask (world, "router/2");
    assert_string_equal (stage_heard (&world->stage, "router/2"),
                         "breaker.state#0 breaker.told#0 ");
    const struct br_breaker_state *told = s_state (world, "router/2");
    assert_string_equal (told->provider, "p");
    assert_string_equal (told->endpoint, "eu");
    assert_int_equal (told->state, BR_BREAKER_OPEN);
    assert_int_equal (told->for_ms, 14000);
    assert_int_equal (told->lease, 0);
    assert_string_equal (told->reason, "connect");
}

static void
all_who_have_asked_or_reported_are_told_of_a_change (void **state)
{
    world_t *world = *state;
    s_open (world);
    assert_string_equal (stage_heard (&world->stage, "router"), "breaker.state#0 ");
    assert_string_equal (stage_heard (&world->stage, "router/2"), ""); //  it is not known
    s_report (world, "router/2", (struct br_breaker_report) { .good = 3 });
    s_report (world, "router",
              (struct br_breaker_report) { .provider = "q", .failure = BR_FAILURE_AUTH });
    assert_string_equal (stage_heard (&world->stage, "router"), "breaker.state#0 ");
    assert_string_equal (stage_heard (&world->stage, "router/2"), "breaker.state#0 ");
    assert_int_equal (s_state (world, "router/2")->for_ms, 300000);
    assert_string_equal (s_state (world, "router/2")->reason, "auth");
}

static void
versions_grow_with_each_change (void **state)
{
    world_t *world = *state;
    uint64_t lease = s_try (world);
    uint64_t version = s_state (world, "router/2")->version;
    assert_true (version > 0);
    s_report (world, "router", (struct br_breaker_report) { .lease = lease });
    assert_true (s_state (world, "router/2")->version > version);
}

//  ---- probes

static void
one_router_gets_a_lease_and_the_others_hear_of_it (void **state)
{
    world_t *world = *state;
    s_ask (world, "router");
    s_ask (world, "router/2");
    s_open (world);
    stage_heard (&world->stage, "router");
    stage_heard (&world->stage, "router/2");
    s_probe (world, "router/2", "p"); //  too early: it is told how long still
    assert_string_equal (stage_heard (&world->stage, "router/2"), "breaker.state#0 ");
    assert_int_equal (s_state (world, "router/2")->lease, 0);
    stage_pass (&world->stage, 15000);
    s_probe (world, "router", "p");
    assert_string_equal (stage_heard (&world->stage, "router"), "breaker.state#0 ");
    assert_string_equal (stage_heard (&world->stage, "router/2"), "breaker.state#0 ");
    assert_int_not_equal (s_state (world, "router")->lease, 0);
    assert_int_equal (s_state (world, "router")->state, BR_BREAKER_HALF_OPEN);
    assert_int_equal (s_state (world, "router/2")->lease, 0);
    //  then: who asks while another one tries hears nothing
    s_probe (world, "router/2", "p");
    assert_string_equal (stage_heard (&world->stage, "router/2"), "");
}

static void
a_good_probe_brings_it_back (void **state)
{
    world_t *world = *state;
    uint64_t lease = s_try (world);
    s_report (world, "router", (struct br_breaker_report) { .lease = lease });
    assert_int_equal (s_state (world, "router/2")->state, BR_BREAKER_CLOSED);
    assert_string_equal (s_state (world, "router/2")->reason, "");
    assert_int_equal (s_state (world, "router")->lease, 0);
    s_ask (world, "router/2");
    assert_string_equal (stage_heard (&world->stage, "router/2"),
                         "breaker.state#0 breaker.told#0 "); //  the change alone
}

static void
a_failed_probe_opens_it_for_twice_as_long (void **state)
{
    world_t *world = *state;
    struct br_breaker_report report = { .failure = BR_FAILURE_TIMEOUT };
    report.lease = s_try (world);
    s_report (world, "router", report);
    assert_int_equal (s_state (world, "router/2")->state, BR_BREAKER_OPEN);
    assert_int_equal (s_state (world, "router/2")->for_ms, 30000);
}

static void
a_lease_that_nobody_reports_is_free_again (void **state)
{
    world_t *world = *state;
    uint64_t lease = s_try (world);
    stage_pass (&world->stage, BREAKER_LEASE_MS + 1000);
    assert_int_equal (s_state (world, "router/2")->state, BR_BREAKER_OPEN);
    assert_int_equal (s_state (world, "router/2")->for_ms, 0);
    s_probe (world, "router/2", "p");
    assert_int_not_equal (s_state (world, "router/2")->lease, 0);
    assert_int_not_equal (s_state (world, "router/2")->lease, lease);
}

//  A probe of a router on another host.
static void
s_far_probe (world_t *world)
{
    struct br_breaker_probe probe = { .provider = "p", .endpoint = "eu" };
    br_msg_t *msg = br_msg_new (BR_BREAKER_PROBE, (br_id_t) { 0, 0 }, 0, &probe, NULL);
    msg->from = (br_addr_t) { 2, 1, 1 };
    msg->to = world->breaker;
    assert_int_equal (br_host_post (world->stage.host, &msg, NULL), 0);
    stage_settle (&world->stage);
}

static void
so_is_the_lease_of_a_host_that_is_gone (void **state)
{
    world_t *world = *state;
    s_open (world);
    stage_pass (&world->stage, 15000);
    s_far_probe (world);
    assert_string_equal (br_buf_text (&world->stage.far), "breaker.state#0 ");
    assert_int_equal (s_state (world, "router")->state, BR_BREAKER_HALF_OPEN);
    br_host_gone (world->stage.host, 2, 1);
    stage_settle (&world->stage);
    assert_int_equal (s_state (world, "router")->state, BR_BREAKER_OPEN);
    s_probe (world, "router", "p");
    assert_int_not_equal (s_state (world, "router")->lease, 0);
    //  then: nothing more is sent there
    assert_string_equal (br_buf_text (&world->stage.far), "breaker.state#0 ");
}

static void
an_endpoint_that_is_not_known_is_in_use (void **state)
{
    world_t *world = *state;
    s_probe (world, "router", "unknown");
    assert_string_equal (s_state (world, "router")->provider, "unknown");
    assert_int_equal (s_state (world, "router")->state, BR_BREAKER_CLOSED);
    assert_true (s_state (world, "router")->version > 0);
}

static void
numbers_that_make_no_sense_do_no_harm (void **state)
{
    world_t *world = *state;
    struct br_breaker_report report = { .failure = UINT64_MAX, .good = UINT64_MAX };
    report.retry_after_ms = UINT64_MAX;
    report.lease = UINT64_MAX;
    for (int i = 0; i < 9; i++)
        s_report (world, "router", report);
    report.failure = BR_FAILURE_RATE;
    s_report (world, "router", report);
    assert_int_equal (s_state (world, "router")->for_ms, 300000);
}

//  ---- models

static void
a_model_goes_out_of_use_by_itself (void **state)
{
    world_t *world = *state;
    struct br_breaker_report report = { .model = "m", .failure = BR_FAILURE_RATE };
    report.retry_after_ms = 7000;
    s_report (world, "router", report);
    assert_string_equal (s_state (world, "router")->endpoint, "eu");
    assert_string_equal (s_state (world, "router")->model, "m");
    assert_int_equal (s_state (world, "router")->for_ms, 7000);
    char *text = br_breaker_actor.admin (world->ctx->state, "breakers", "{}");
    assert_string_equal (text, "[{\"provider\":\"p\",\"endpoint\":\"eu\",\"model\":\"m\","
                               "\"state\":\"open\",\"reason\":\"rate\",\"for_ms\":7000,"
                               "\"good\":0,\"bad\":0}]");
    free (text);
    //  then: answers of the endpoint are not the model's
    s_report (world, "router", (struct br_breaker_report) { .good = 3 });
    s_ask (world, "router/2");
    assert_string_equal (stage_heard (&world->stage, "router/2"),
                         "breaker.state#0 breaker.told#0 ");
    assert_string_equal (s_state (world, "router/2")->model, "m");
    //  when: it is tried
    stage_pass (&world->stage, 7000);
    struct br_breaker_probe probe = { .provider = "p", .endpoint = "eu", .model = "m" };
    stage_send (&world->stage, "router/2", world->breaker, BR_BREAKER_PROBE, 0, 0, &probe,
                NULL);
    stage_settle (&world->stage);
    report = (struct br_breaker_report) { .model = "m", .good = 1 };
    report.lease = s_state (world, "router/2")->lease;
    assert_int_not_equal (report.lease, 0);
    s_report (world, "router/2", report);
    assert_string_equal (s_state (world, "router")->model, "m");
    assert_int_equal (s_state (world, "router")->state, BR_BREAKER_CLOSED);
    stage_pass (&world->stage, 100);
    assert_non_null (strstr (br_buf_text (&world->stage.events), "\"model\":\"m\""));
}

//  A router that does not use its lease gives it back.
static void
a_lease_that_comes_back_is_for_the_next_who_asks (void **state)
{
    world_t *world = *state;
    struct br_breaker_report report = { .failure = BR_FAILURE_CANCELLED };
    report.lease = s_try (world);
    s_report (world, "router", report);
    assert_int_equal (s_state (world, "router/2")->state, BR_BREAKER_OPEN);
    assert_int_equal (s_state (world, "router/2")->for_ms, 0);
    s_probe (world, "router/2", "p");
    assert_true (s_state (world, "router/2")->lease > report.lease);
}

//  ---- configuration, events, questions

static void
s_configure (world_t *world, const char *slice, const char *expected)
{
    struct br_conf_try try = { .generation = 1, .slice = slice };
    struct br_conf_take take = { .generation = 1 };
    stage_heard (&world->stage, "router");
    stage_send (&world->stage, "router", world->breaker, BR_CONF_TRY, 0, 0, &try, NULL);
    stage_send (&world->stage, "router", world->breaker, BR_CONF_TAKE, 0, 0, &take, NULL);
    assert_string_equal (stage_heard (&world->stage, "router"), expected);
}

static void
a_new_slice_keeps_states (void **state)
{
    world_t *world = *state;
    s_open (world);
    s_configure (world, "{\"failures\":1,\"window_ms\":1000}",
                 "conf.accept#0 conf.taken#0 ");
    s_ask (world, "router");
    assert_string_equal (stage_heard (&world->stage, "router"),
                         "breaker.state#0 breaker.told#0 ");
    s_report (
        world, "router",
        (struct br_breaker_report) { .provider = "q", .failure = BR_FAILURE_SERVER });
    assert_string_equal (s_state (world, "router")->provider, "q");
    s_configure (world, "{\"failures\":\"x\"}", "conf.refuse#0 conf.taken#0 ");
}

static void
where_no_rule_is_left_all_are_in_use (void **state)
{
    world_t *world = *state;
    s_open (world);
    s_configure (world, "{\"failures\":0,\"error_percent\":0}",
                 "conf.accept#0 breaker.state#0 conf.taken#0 ");
    assert_int_equal (s_state (world, "router")->state, BR_BREAKER_CLOSED);
    s_report (world, "router",
              (struct br_breaker_report) { .failure = BR_FAILURE_CREDIT });
    assert_string_equal (stage_heard (&world->stage, "router"), "");
}

static void
changes_are_events (void **state)
{
    world_t *world = *state;
    uint64_t lease = s_try (world);
    s_report (world, "router", (struct br_breaker_report) { .lease = lease });
    stage_pass (&world->stage, 100);
    const char *events = br_buf_text (&world->stage.events);
    assert_non_null (strstr (
        events, "\"provider\":\"p\",\"endpoint\":\"eu\",\"model\":"
                "\"\",\"state\":\"open\",\"reason\":\"connect\",\"for_ms\":15000"));
    assert_non_null (strstr (events, "\"state\":\"half-open\""));
    assert_non_null (strstr (events, "\"state\":\"closed\""));
}

static void
the_operator_sees_those_that_failed (void **state)
{
    world_t *world = *state;
    s_report (world, "router",
              (struct br_breaker_report) { .provider = "fine", .good = 9 });
    s_report (world, "router", (struct br_breaker_report) { .good = 2 });
    s_open (world);
    char *text = br_breaker_actor.admin (world->ctx->state, "breakers", "{}");
    assert_string_equal (text,
                         "[{\"provider\":\"p\",\"endpoint\":\"eu\",\"model\":\"\","
                         "\"state\":\"open\",\"reason\":\"connect\",\"for_ms\":15000,"
                         "\"good\":2,\"bad\":5}]");
    free (text);
    assert_null (br_breaker_actor.admin (world->ctx->state, "limits", "{}"));
}

static void
past_the_bound_a_new_one_is_not_watched (void **state)
{
    world_t *world = *state;
    char name[16];
    struct br_breaker_report report = { .failure = BR_FAILURE_AUTH, .provider = name };
    for (int i = 0; i <= BREAKER_ENDPOINTS_MAX; i++) {
        snprintf (name, sizeof name, "%d", i);
        s_report (world, "router", report);
    }
    snprintf (name, sizeof name, "%d", BREAKER_ENDPOINTS_MAX - 1);
    assert_string_equal (s_state (world, "router")->provider, name);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_router_that_asks_is_told_all_states),
        TEST (all_who_have_asked_or_reported_are_told_of_a_change),
        TEST (versions_grow_with_each_change),
        TEST (one_router_gets_a_lease_and_the_others_hear_of_it),
        TEST (a_good_probe_brings_it_back),
        TEST (a_failed_probe_opens_it_for_twice_as_long),
        TEST (a_lease_that_nobody_reports_is_free_again),
        TEST (so_is_the_lease_of_a_host_that_is_gone),
        TEST (a_model_goes_out_of_use_by_itself),
        TEST (a_lease_that_comes_back_is_for_the_next_who_asks),
        TEST (an_endpoint_that_is_not_known_is_in_use),
        TEST (numbers_that_make_no_sense_do_no_harm),
        TEST (a_new_slice_keeps_states),
        TEST (where_no_rule_is_left_all_are_in_use),
        TEST (changes_are_events),
        TEST (the_operator_sees_those_that_failed),
        TEST (past_the_bound_a_new_one_is_not_watched),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
