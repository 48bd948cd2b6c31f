//  metrics_log: what a call's line says, and that there is none below the level.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cJSON.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/metrics/metrics_log.h"
#include "broker/core/ctx.h"
#include "broker/proto/attribution.h"
#include "tests/actors/metrics/calls.h"

typedef struct {
    br_host_t *host;
    br_ctx_t *ctx;
    int pipes[2];
    char line[BR_LOG_LINE_MAX + 1];
} world_t;

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) reterr;
    return ctx;
}

static void
s_destroy (void **state_p)
{
    *state_p = NULL;
}

static const br_handler_row_t s_none[] = { { 0, NULL } };
static const br_actor_t s_watcher = { .name = "metrics",
                                      .about = "watches",
                                      .role = BR_ROLE_METRICS,
                                      .handlers = s_none,
                                      .create = s_create,
                                      .destroy = s_destroy };
static const br_actor_t *const s_kinds[] = { &s_watcher, NULL };

static void
s_begin (world_t *world, br_log_level_t level, br_log_format_t format)
{
    *world = (world_t) { .host = NULL };
    assert_int_equal (pipe2 (world->pipes, O_NONBLOCK), 0);
    br_host_conf_t conf = { .name = "control",
                            .actors = s_kinds,
                            .clock = br_clock_real () };
    conf.log = (br_log_t) { .fd = world->pipes[1], .level = level, .format = format };
    world->host = br_host_new (&conf, NULL);
    br_host_set_self (world->host, 1, 1);
    assert_true (br_addr_is_set (br_host_start (world->host, "metrics", NULL)));
    world->ctx = br_host_ctx (world->host, "metrics");
}

static void
s_end (world_t *world)
{
    br_host_destroy (&world->host);
    close (world->pipes[0]);
    close (world->pipes[1]);
}

//  The line of a call of an account's run; "" for none.
static const char *
s_line (world_t *world, struct br_call_metered call)
{
    br_buf_t bytes;
    br_attribution_t who;
    br_buf_init (&bytes, BR_ATTRIBUTION_MAX);
    br_attribution_init (&who);
    who.account = "acme";
    who.key = "0123456789abcdef";
    who.run = "run 7";
    assert_int_equal (br_attribution_write (&who, &bytes), 0);
    call.who = (br_bytes_t) { bytes.data, bytes.size };
    metrics_log_call (world->ctx, &call);
    br_buf_free (&bytes);
    ssize_t size = read (world->pipes[0], world->line, sizeof world->line - 1);
    world->line[size > 0 ? size : 0] = 0;
    return world->line;
}

static void
a_call_is_a_line_with_its_facts (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, BR_LOG_DEBUG, BR_LOG_TEXT);
    assert_non_null (strstr (
        s_line (&world, calls_good ()),
        " debug metrics: request finished request_id=req-1 route=smart provider=openai "
        "model=gpt-4o outcome=ok status=200 input_tokens=10 output_tokens=6 usage=told "
        "latency_ms=100 cost_usd=0.0000015 account=acme run=\"run 7\"\n"));
    assert_null (strstr (world.line, "0123456789abcdef"));
    s_end (&world);
}

//  Given no price, then the cost is unknown, and not 0; one that is free costs 0.
static void
an_unknown_cost_is_told_as_unknown (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, BR_LOG_DEBUG, BR_LOG_TEXT);
    struct br_call_metered call = calls_failed ();
    call.cost_known = 0;
    assert_non_null (strstr (s_line (&world, call), " cost_usd=unknown "));
    assert_non_null (strstr (world.line, " outcome=failed status=504 "));
    assert_non_null (strstr (world.line, " usage=estimated "));
    call.cost_known = 1;
    assert_non_null (strstr (s_line (&world, call), " cost_usd=0 "));
    s_end (&world);
}

static void
in_json_they_are_members (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, BR_LOG_TRACE, BR_LOG_JSON);
    cJSON *json = cJSON_Parse (s_line (&world, calls_good ()));
    assert_non_null (json);
    const cJSON *fields = cJSON_GetObjectItem (json, "fields");
    assert_string_equal (cJSON_GetObjectItem (json, "actor")->valuestring, "metrics");
    assert_string_equal (cJSON_GetObjectItem (json, "host")->valuestring, "control");
    assert_string_equal (cJSON_GetObjectItem (fields, "cost_usd")->valuestring,
                         "0.0000015");
    assert_int_equal (cJSON_GetObjectItem (fields, "latency_ms")->valuedouble, 100);
    assert_string_equal (cJSON_GetObjectItem (fields, "run")->valuestring, "run 7");
    cJSON_Delete (json);
    s_end (&world);
}

//  Given a route that looks like facts, then it is one fact.
static void
a_name_forges_no_fact (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, BR_LOG_DEBUG, BR_LOG_TEXT);
    struct br_call_metered call = calls_good ();
    call.route = "x cost_usd=0\nline";
    assert_non_null (strstr (s_line (&world, call), " route=\"x cost_usd=0?line\" "));
    s_end (&world);
}

static void
above_the_level_there_is_none (void **state)
{
    (void) state;
    world_t world;
    s_begin (&world, BR_LOG_INFO, BR_LOG_TEXT);
    assert_string_equal (s_line (&world, calls_good ()), "");
    s_end (&world);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_call_is_a_line_with_its_facts),
        cmocka_unit_test (an_unknown_cost_is_told_as_unknown),
        cmocka_unit_test (in_json_they_are_members),
        cmocka_unit_test (a_name_forges_no_fact),
        cmocka_unit_test (above_the_level_there_is_none),
    };
    return cmocka_run_group_tests_name ("metrics_log", tests, NULL, NULL);
}
