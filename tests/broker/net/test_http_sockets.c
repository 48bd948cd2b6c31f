//  Kept connections: how many, how long, and what happens when the peer ends one.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/broker/net/client_world.h"

static void
s_run_one (world_t *world, bool reused)
{
    call_t call = { .status = 0 };
    assert_int_equal (world_run (world, &call), HTTP_END_OK);
    assert_int_equal (call.result.reused, reused);
    call_free (&call);
}

static void
test_connection_ended_while_idle_is_given_up (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = 4 });
    s_run_one (&world, false);
    assert_int_equal (http_client_idle (world.client), 1);
    peer_end (peer_last (world.peer));
    world_settle (&world);
    assert_int_equal (http_client_idle (world.client), 0);
    s_run_one (&world, false);
    assert_int_equal (peer_requests (world.peer), 2);
    world_close (&world);
}

static void
test_connection_ended_just_now_is_not_used (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = 4 });
    s_run_one (&world, false);
    peer_end (peer_last (world.peer)); //  the client's loop has not seen it
    s_run_one (&world, false);
    assert_int_equal (peer_requests (world.peer), 2);
    world_close (&world);
}

//  More of them than curl would try one after the other.
static void
test_connections_reset_while_idle_are_given_up (void **state)
{
    (void) state;
    enum {
        COUNT = 10
    };
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = COUNT });
    call_t calls[COUNT] = { { .status = 0 } };
    for (size_t i = 0; i < COUNT; i++)
        world_start (&world, &calls[i]);
    world_settle (&world);
    assert_int_equal (http_client_idle (world.client), COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        call_free (&calls[i]);
        peer_reset (peer_last (world.peer));
    }
    world_settle (&world);
    assert_int_equal (http_client_idle (world.client), 0);
    s_run_one (&world, false);
    assert_int_equal (peer_requests (world.peer), COUNT + 1);
    world_close (&world);
}

static void
test_bytes_that_nobody_asked_for_end_a_kept_connection (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = 4 });
    s_run_one (&world, false);
    peer_says (peer_last (world.peer), "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad");
    world_settle (&world);
    s_run_one (&world, false);
    assert_int_equal (peer_accepted (world.peer), 2);
    world_close (&world);
}

static void
test_kept_connections_are_closed_when_their_time_is_up (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, true, (http_client_conf_t) { .idle_max = 4, .idle_ms = 5000 });
    s_run_one (&world, false);
    world_pass (&world, 3000);
    s_run_one (&world, true);
    world_pass (&world, 4999);
    assert_int_equal (peer_open (world.peer), 1);
    assert_int_equal (http_client_idle (world.client), 1);
    world_pass (&world, 5000);
    assert_int_equal (peer_open (world.peer), 0);
    assert_int_equal (http_client_idle (world.client), 0);
    s_run_one (&world, false);
    world_close (&world);
}

static void
test_busy_connection_outlives_the_idle_time (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, true, (http_client_conf_t) { .idle_max = 4, .idle_ms = 5000 });
    s_run_one (&world, false);
    world.answer = NULL;
    call_t call = { .status = 0 };
    world_start (&world, &call);
    world_settle (&world);
    assert_int_equal (http_client_idle (world.client), 0);
    world_pass (&world, 60000);
    peer_says (peer_last (world.peer), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh");
    world_settle (&world);
    http_transfer_pause (call.transfer);
    world_pass (&world, 60000);
    peer_says (peer_last (world.peer), "i");
    world_pass (&world, 60000);
    assert_int_equal (http_client_idle (world.client), 0);
    http_transfer_resume (call.transfer);
    world_finish (&world, &call);
    assert_int_equal (call.result.end, HTTP_END_OK);
    assert_true (call.result.reused);
    assert_true (call_body_is (&call, "hi"));
    call_free (&call);
    world_close (&world);
}

static void
test_bound_on_idle_connections_leaves_running_ones_alone (void **state)
{
    (void) state;
    enum {
        COUNT = 6
    };
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = 2 });
    call_t held[COUNT] = { { .status = 0 } };
    const char *answer = world.answer;
    world.answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc";
    for (size_t i = 0; i < COUNT; i++)
        world_start (&world, &held[i]);
    world_settle (&world);
    world.answer = answer;
    for (int i = 0; i < 5; i++)
        s_run_one (&world, i > 0);
    assert_int_equal (peer_accepted (world.peer), COUNT + 1);
    assert_int_equal (http_client_running (world.client), COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal (held[i].ends, 0);
        http_transfer_cancel (&held[i].transfer);
        call_free (&held[i]);
    }
    world_settle (&world);
    assert_int_equal (peer_open (world.peer), 1);
    world_close (&world);
}

//  Answers that take many events, on many connections at once.
static void
test_healthy_connections_are_all_kept (void **state)
{
    (void) state;
    enum {
        COUNT = 48,
        BODY = 100000
    };
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = COUNT });
    br_buf_t answer;
    br_buf_init (&answer, 1 << 20);
    br_buf_addf (&answer, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%0*d", BODY, BODY,
                 7);
    world.answer = br_buf_text (&answer);
    for (int round = 0; round < 20; round++) {
        call_t calls[COUNT] = { { .status = 0 } };
        for (size_t i = 0; i < COUNT; i++)
            world_start (&world, &calls[i]);
        for (size_t i = 0; i < COUNT; i++) {
            world_finish (&world, &calls[i]);
            assert_int_equal (calls[i].body_bytes, BODY);
            call_free (&calls[i]);
        }
        assert_int_equal (http_client_idle (world.client), COUNT);
    }
    assert_int_equal (peer_accepted (world.peer), COUNT);
    br_buf_free (&answer);
    world_close (&world);
}

static void
test_no_idle_connections_when_none_are_wanted (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = 1 });
    http_client_destroy (&world.client);
    http_client_conf_t conf = { .idle_max = 0, .idle_ms = 1000 };
    world.client = http_client_new (world.loop, &conf, NULL);
    s_run_one (&world, false);
    world_settle (&world);
    assert_int_equal (peer_open (world.peer), 0);
    s_run_one (&world, false);
    world_close (&world);
}

//  A number that is closed and opened again must not inherit what was known of the old.
static void
test_descriptor_numbers_are_reused_safely (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, (http_client_conf_t) { .idle_max = 1 });
    for (int i = 0; i < 20; i++) {
        s_run_one (&world, false);
        peer_end (peer_last (world.peer));
        if (i % 2)
            world_settle (&world);
        int other = dup (0); //  takes the lowest free number
        call_t call = { .status = 0 };
        assert_int_equal (world_run (&world, &call), HTTP_END_OK);
        close (other);
        call_free (&call);
        peer_reset (peer_last (world.peer));
        if (i % 3)
            world_settle (&world);
    }
    world_close (&world);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_connection_ended_while_idle_is_given_up),
        cmocka_unit_test (test_connection_ended_just_now_is_not_used),
        cmocka_unit_test (test_connections_reset_while_idle_are_given_up),
        cmocka_unit_test (test_bytes_that_nobody_asked_for_end_a_kept_connection),
        cmocka_unit_test (test_kept_connections_are_closed_when_their_time_is_up),
        cmocka_unit_test (test_busy_connection_outlives_the_idle_time),
        cmocka_unit_test (test_bound_on_idle_connections_leaves_running_ones_alone),
        cmocka_unit_test (test_healthy_connections_are_all_kept),
        cmocka_unit_test (test_no_idle_connections_when_none_are_wanted),
        cmocka_unit_test (test_descriptor_numbers_are_reused_safely),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
