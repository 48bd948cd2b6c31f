//  ingress: configuration, admin commands, stop.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors/ingress/ingress.h"
#include "broker/core/alloc.h"
#include "broker/core/ctx.h"
#include "tests/actors/ingress/world.h"

#define STREAM "{\"model\":\"smart\",\"stream\":true}"

static bool
s_is_stopped (world_t *world)
{
    world_turn (world);
    return world->ctx->stopped;
}

static void
s_stop (world_t *world)
{
    struct br_sys_stop stop = { .drain_ms = 10000 };
    world_send (world, world_broker, BR_SYS_STOP, (br_id_t) { 0, 0 }, 0, &stop, NULL);
}

static void
without_a_slice_it_does_not_listen (void **state)
{
    (void) state;
    world_t *world = world_new (NULL);
    char *calls = br_ingress_actor.admin (world->ctx->state, "calls", "{}");
    assert_string_equal (calls, "{\"open_calls\":0,\"open_connections\":0,\"settles\":0,"
                                "\"unguarded\":0,\"unchecked\":0,"
                                "\"listen\":[]}");
    free (calls);
    char *routes = br_ingress_actor.admin (world->ctx->state, "routes", "{}");
    assert_string_equal (routes, "[]");
    free (routes);
    br_error_t error;
    assert_int_equal (br_ingress_actor.conf_take (world->ctx->state, 1, &error), -1);
    world_destroy (&world);
}

static void
a_bad_slice_leaves_the_old_one_in_use (void **state)
{
    world_t *world = *state;
    br_error_t error;
    assert_int_equal (world_configure (world, "{\"listen\":1}", &error), -1);
    assert_int_equal (error.code, BR_ECONFIG);
    char *routes = br_ingress_actor.admin (world->ctx->state, "routes", "{}");
    world_has (routes, "\"name\":\"smart\"");
    free (routes);
}

static void
a_new_slice_replaces_routes_but_not_addresses (void **state)
{
    world_t *world = *state;
    assert_int_equal (
        world_configure (world,
                         "{\"listen\":[\"127.0.0.1:1\"],\"providers\":{\"a\":"
                         "{\"actor\":\"echo\",\"models\":{\"m\":{}}}}}",
                         NULL),
        0);
    const char *got = world_ask (
        world, "GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: "
               "close\r\n\r\n");
    world_has (got, "\"id\":\"a:m\"");
    assert_null (strstr (got, "smart"));
}

static void
a_port_that_is_taken_refuses_the_slice (void **state)
{
    world_t *world = *state;
    world_t *other = world_new (NULL);
    char *slice = br_strf ("{\"listen\":[\"127.0.0.1:%u\"],\"listen_given\":true}",
                           world->port);
    br_error_t error;
    assert_int_equal (world_configure (other, slice, &error), -1);
    assert_int_equal (error.code, BR_ECONFIG);
    free (slice);
    assert_int_equal (world_configure (other, WORLD_SLICE (""), &error), 0);
    world_destroy (&other);
}

static void
open_calls_are_counted (void **state)
{
    world_t *world = *state;
    int fd = world_connect (world);
    world_post (world, fd, "", STREAM);
    assert_non_null (world_expect (world, BR_CALL_OPEN));
    char *calls = br_ingress_actor.admin (world->ctx->state, "calls", "{}");
    world_has (calls, "{\"open_calls\":1,\"open_connections\":1,");
    free (calls);
    assert_null (br_ingress_actor.admin (world->ctx->state, "dance", "{}"));
    close (fd);
}

static void
ids_count_upwards (void **state)
{
    world_t *world = *state;
    br_id_t ids[2];
    for (size_t i = 0; i < 2; i++) {
        int fd = world_connect (world);
        world_post (world, fd, "", STREAM);
        const br_msg_t *open = world_expect (world, BR_CALL_OPEN);
        assert_non_null (open);
        ids[i] = open->call;
        close (fd);
        world_turn (world);
    }
    assert_true (ids[0].hi == ids[1].hi && ids[0].lo < ids[1].lo);
    assert_in_range (br_ctx_unix_ms (world->ctx) - (ids[0].hi >> 16), 0, 600000);
}

static void
a_stop_with_nothing_open_is_done_at_once (void **state)
{
    world_t *world = *state;
    s_stop (world);
    assert_true (s_is_stopped (world));
}

static void
a_stop_waits_for_open_calls (void **state)
{
    world_t *world = *state;
    int fd = world_connect (world);
    world_post (world, fd, "", STREAM);
    const br_msg_t *open = world_expect (world, BR_CALL_OPEN);
    assert_non_null (open);
    br_id_t id = open->call;
    s_stop (world);
    assert_false (s_is_stopped (world));
    world_head (world, id, "text/event-stream", "data: 1\n\n");
    world_end (world, id, 1);
    world_has (world_read_all (world, fd), "data: 1\n\n");
    assert_true (s_is_stopped (world));
    close (fd);
}

static void
a_stop_has_an_end (void **state)
{
    world_t *world = *state;
    int fds[2];
    for (size_t i = 0; i < 2; i++) {
        fds[i] = world_connect (world);
        world_post (world, fds[i], "", STREAM);
    }
    const br_msg_t *open = world_expect (world, BR_CALL_OPEN);
    assert_non_null (open);
    world_head (world, open->call, "text/event-stream", "data: 1\n\n");
    s_stop (world);
    world_wait (world, 10000);
    const char *got = world_read_all (world, fds[0]);
    world_has (got, "data: 1");
    world_has (got, "bitrouter is stopping");
    got = world_read_all (world, fds[1]);
    world_has (got, "HTTP/1.1 503");
    world_has (got, "bitrouter is stopping");
    assert_int_equal (world_count (world, BR_CALL_CANCEL), 2);
    assert_true (s_is_stopped (world));
    close (fds[0]);
    close (fds[1]);
}

static void
a_notice_keeps_the_doors_open_for_a_while (void **state)
{
    (void) state;
    world_t *world = world_new (WORLD_SLICE ("\"drain_notice_ms\":3000,"));
    s_stop (world);
    assert_false (s_is_stopped (world));
    //  calls are served still
    int fd = world_connect (world);
    world_post (world, fd, "", STREAM);
    const br_msg_t *open = world_expect (world, BR_CALL_OPEN);
    assert_non_null (open);
    world_wait (world, 3000);
    //  the doors are closed; what is open goes on
    assert_false (s_is_stopped (world));
    world_head (world, open->call, "text/event-stream", "data: 1\n\n");
    world_end (world, open->call, 1);
    world_has (world_read_all (world, fd), "data: 1\n\n");
    assert_true (s_is_stopped (world));
    close (fd);
    world_destroy (&world);
}

static void
a_notice_is_part_of_the_time_to_drain (void **state)
{
    (void) state;
    world_t *world = world_new (WORLD_SLICE ("\"drain_notice_ms\":60000,"));
    int fd = world_connect (world);
    world_post (world, fd, "", STREAM);
    assert_non_null (world_expect (world, BR_CALL_OPEN));
    s_stop (world);
    world_wait (world, 10000);
    world_turn (world);
    world_has (world_read_all (world, fd), "bitrouter is stopping");
    assert_true (s_is_stopped (world));
    close (fd);
    world_destroy (&world);
}

static void
a_stop_answers_health_on_connections_that_are_kept (void **state)
{
    world_t *world = *state;
    int busy = world_connect (world);
    world_post (world, busy, "", STREAM);
    assert_non_null (world_expect (world, BR_CALL_OPEN));
    int kept = world_connect (world);
    world_turn (world);
    s_stop (world);
    world_write (world, kept, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    world_has (world_read_all (world, kept), "HTTP/1.1 200");
    close (kept);
    close (busy);
}

static void
a_stop_waits_for_settles_too (void **state)
{
    world_t *world = *state;
    int fd = world_connect (world);
    world_post (world, fd, "", STREAM);
    const br_msg_t *open = world_expect (world, BR_CALL_OPEN);
    assert_non_null (open);
    br_id_t id = open->call;
    world_head (world, id, "text/event-stream", "data: 1\n\n");
    br_host_gone (world->host, WORLD_ROUTER_HOST, 1);
    world_end (world, id, 1);
    world_read (world, fd, "0\r\n\r\n");
    s_stop (world);
    assert_false (s_is_stopped (world));
    world_send (world, world_meter, BR_CALL_SETTLED, id, 0, NULL, NULL);
    assert_true (s_is_stopped (world));
    close (fd);
}

static void
words_for_nobody_are_stopped_at_their_source (void **state)
{
    world_t *world = *state;
    br_id_t id = { 5, 5 };
    world_delta (world, id, 3, "x");
    assert_non_null (world_expect (world, BR_ATTEMPT_CANCEL));
    world_end (world, id, 4);
    assert_int_equal (world_count (world, BR_ATTEMPT_CANCEL), 1);
    world_send (world, world_router, BR_CALL_FENCE, id, 1, NULL, NULL);
    assert_non_null (world_expect (world, BR_CALL_FENCED));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, world_setup, world_teardown)
        cmocka_unit_test (without_a_slice_it_does_not_listen),
        TEST (a_bad_slice_leaves_the_old_one_in_use),
        TEST (a_new_slice_replaces_routes_but_not_addresses),
        TEST (a_port_that_is_taken_refuses_the_slice),
        TEST (open_calls_are_counted),
        TEST (ids_count_upwards),
        TEST (a_stop_with_nothing_open_is_done_at_once),
        TEST (a_stop_waits_for_open_calls),
        TEST (a_stop_has_an_end),
        cmocka_unit_test (a_notice_keeps_the_doors_open_for_a_while),
        cmocka_unit_test (a_notice_is_part_of_the_time_to_drain),
        TEST (a_stop_answers_health_on_connections_that_are_kept),
        TEST (a_stop_waits_for_settles_too),
        TEST (words_for_nobody_are_stopped_at_their_source),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
