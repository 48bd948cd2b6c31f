//  metrics: what is counted, once, and who is told.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "actors/metrics/metrics.h"
#include "broker/core/ctx.h"
#include "broker/core/failure.h"
#include "tests/actors/metrics/calls.h"
#include "tests/actors/stage.h"

typedef struct {
    stage_t stage;
    br_addr_t metrics;
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    stage_begin (&world.stage, &br_metrics_actor, false);
    stage_start (&world.stage, "breaker");
    world.metrics = stage_start (&world.stage, "metrics");
    stage_start (&world.stage, "meter");
    stage_start (&world.stage, "ingress");
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
s_call (world_t *world, uint64_t seq)
{
    struct br_call_metered call = calls_good ();
    call.seq = seq;
    stage_send (&world->stage, "meter", world->metrics, BR_CALL_METERED, 1, 0, &call,
                NULL);
    stage_settle (&world->stage);
}

//  The figures that ingress is told. "owned by the stage"
static const char *
s_ask (world_t *world, const char *form)
{
    struct br_metrics_ask ask = { .ticket = 7, .form = form };
    stage_send (&world->stage, "ingress", world->metrics, BR_METRICS_ASK, 0, 0, &ask,
                NULL);
    stage_settle (&world->stage);
    const br_msg_t *msg = stage_last (&world->stage, "ingress", BR_METRICS_TOLD);
    assert_non_null (msg);
    const struct br_metrics_told *told = br_msg_fields (msg);
    assert_int_equal (told->ticket, 7);
    return stage_bytes (&world->stage, "ingress");
}

static void
a_row_counts_once (void **state)
{
    world_t *world = *state;
    s_call (world, 1);
    s_call (world, 2);
    s_call (world, 2); //  its settle was asked again
    s_call (world, 1);
    assert_non_null (strstr (s_ask (world, "json"), "\"total_requests\":2"));
}

static void
the_other_form_is_text_for_prometheus (void **state)
{
    world_t *world = *state;
    s_call (world, 1);
    const char *text = s_ask (world, "prometheus");
    assert_non_null (strstr (text, "bitrouter_calls_total"));
    const br_msg_t *msg = stage_last (&world->stage, "ingress", BR_METRICS_TOLD);
    const struct br_metrics_told *told = br_msg_fields (msg);
    assert_non_null (strstr (told->content_type, "version=0.0.4"));
}

//  The owner is asked at the start, and what it tells is shown.
static void
endpoints_out_of_use_are_shown (void **state)
{
    world_t *world = *state;
    stage_pass (&world->stage, 10);
    assert_string_equal (stage_heard (&world->stage, "breaker"), "breaker.ask#0 ");
    struct br_breaker_state told = { .provider = "acme", .endpoint = "", .model = "" };
    told.state = BR_BREAKER_OPEN;
    told.version = 1;
    told.reason = "";
    stage_send (&world->stage, "breaker", world->metrics, BR_BREAKER_STATE, 0, 0, &told,
                NULL);
    stage_settle (&world->stage);
    assert_non_null (strstr (s_ask (world, "prometheus"),
                             "bitrouter_breaker_state{provider=\"acme\""));
}

static void
without_a_collector_it_stops_at_once (void **state)
{
    world_t *world = *state;
    stage_stop (&world->stage, world->metrics, 1000);
    stage_settle (&world->stage);
    assert_string_equal (stage_heard (&world->stage, "ingress"), "sys.stopped#0 ");
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (a_row_counts_once),
        TEST (the_other_form_is_text_for_prometheus),
        TEST (endpoints_out_of_use_are_shown),
        TEST (without_a_collector_it_stops_at_once),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
