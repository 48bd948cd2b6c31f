//  metrics_export: requests to a collector, and what becomes of those that it refuses.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include <stdio.h>
#include <stdlib.h>

#include "actors/metrics/metrics.h"
#include "broker/core/ctx.h"
#include "tests/actors/metrics/calls.h"
#include "tests/actors/stage.h"
#include "tests/broker/net/peer.h"

#define ANSWER "HTTP/1.1 %s\r\nContent-Length: 2\r\n\r\n{}"
#define DEADLINE_TURNS 500

typedef struct {
    stage_t stage;
    br_addr_t metrics;
    peer_t *peer;
    const char *status; //  of answers
    unsigned traces;    //  requests, count
    unsigned figures;
    br_buf_t last; //  the newest request of spans
    uint64_t seq;
} world_t;

static void
s_on_request (void *arg, peer_conn_t *conn, br_buf_t *request)
{
    world_t *world = arg;
    char answer[128];
    bool is_traces = strncmp (br_buf_text (request), "POST /v1/traces ", 16) == 0;
    world->traces += is_traces;
    world->figures += !is_traces;
    if (is_traces) {
        br_buf_clear (&world->last);
        br_buf_add (&world->last, request->data, request->size);
    }
    snprintf (answer, sizeof answer, ANSWER, world->status);
    peer_says (conn, answer);
}

static void
s_conf (world_t *world, const char *slice)
{
    struct br_conf_try try = { .generation = 1, .slice = slice };
    struct br_conf_take take = { .generation = 1 };
    stage_send (&world->stage, "meter", world->metrics, BR_CONF_TRY, 0, 0, &try, NULL);
    stage_send (&world->stage, "meter", world->metrics, BR_CONF_TAKE, 0, 0, &take, NULL);
    stage_settle (&world->stage);
}

static int
s_setup (void **state)
{
    static world_t world;
    world = (world_t) { .status = "200 OK" };
    br_buf_init (&world.last, 16u << 20);
    stage_begin (&world.stage, &br_metrics_actor, true);
    world.metrics = stage_start (&world.stage, "metrics");
    stage_start (&world.stage, "meter");
    stage_start (&world.stage, "ingress");
    world.peer = peer_new (br_host_loop (world.stage.host), s_on_request, &world);
    char slice[256];
    snprintf (slice, sizeof slice,
              "{\"otlp\":{\"endpoint\":\"http://127.0.0.1:%u\",\"interval_ms\":10,"
              "\"headers\":{\"x-team\":\"seven\"}}}",
              peer_port (world.peer));
    s_conf (&world, slice);
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    br_host_end (world->stage.host, "metrics");
    peer_destroy (&world->peer);
    br_buf_free (&world->last);
    stage_end (&world->stage);
    return 0;
}

static void
s_call (world_t *world)
{
    struct br_call_metered call = calls_good ();
    call.seq = ++world->seq;
    stage_send (&world->stage, "meter", world->metrics, BR_CALL_METERED, 1, 0, &call,
                NULL);
    stage_settle (&world->stage);
}

//  Turns the loop until a count is reached.
static void
s_await (world_t *world, const unsigned *count, unsigned least)
{
    for (int i = 0; i < DEADLINE_TURNS && *count < least; i++)
        br_loop_turn (br_host_loop (world->stage.host), 20);
    assert_true (*count >= least);
}

static void
calls_and_figures_arrive (void **state)
{
    world_t *world = *state;
    s_call (world);
    s_call (world);
    s_await (world, &world->traces, 1);
    s_await (world, &world->figures, 1);
    const char *text = br_buf_text (&world->last);
    assert_non_null (strstr (text, "Content-Type: application/json"));
    assert_non_null (strstr (text, "x-team: seven"));
    assert_non_null (strstr (text, "\"gen_ai.request.model\""));
}

//  429 is tried again with the same spans.
static void
what_is_refused_for_now_comes_again (void **state)
{
    world_t *world = *state;
    world->status = "429 Too Many Requests";
    s_call (world);
    s_await (world, &world->traces, 1);
    char *first = strdup (strstr (br_buf_text (&world->last), "\r\n\r\n"));
    world->status = "200 OK";
    s_await (world, &world->traces, 2);
    assert_string_equal (strstr (br_buf_text (&world->last), "\r\n\r\n"), first);
    free (first);
}

//  400 will not become good: the next spans go.
static void
what_is_refused_for_good_is_dropped (void **state)
{
    world_t *world = *state;
    world->status = "400 Bad Request";
    s_call (world);
    s_await (world, &world->traces, 1);
    world->status = "200 OK";
    s_call (world);
    s_await (world, &world->traces, 2);
}

static void
a_stop_sends_what_is_left (void **state)
{
    world_t *world = *state;
    s_conf (world, "{}"); //  the collector is forgotten, and named again: a long interval
    char slice[128];
    snprintf (slice, sizeof slice,
              "{\"otlp\":{\"endpoint\":\"http://127.0.0.1:%u\",\"interval_ms\":60000}}",
              peer_port (world->peer));
    s_conf (world, slice);
    s_call (world);
    stage_stop (&world->stage, world->metrics, 5000);
    stage_await (&world->stage, "ingress", BR_SYS_STOPPED);
    assert_int_equal (world->traces, 1);
    assert_int_equal (world->figures, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (calls_and_figures_arrive),
        TEST (what_is_refused_for_now_comes_again),
        TEST (what_is_refused_for_good_is_dropped),
        TEST (a_stop_sends_what_is_left),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
