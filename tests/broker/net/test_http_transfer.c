//  What the handler of a transfer may do to it: read headers, pause, resume, cancel,
//  start others.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/core/alloc.h"
#include "tests/broker/net/client_world.h"

#define MB (1u << 20)

static const http_client_conf_t s_conf = { .idle_max = 4 };

//  An answer whose head says size bytes; the body is up to the test.
static void
s_promise (world_t *world, br_buf_t *answer, size_t size)
{
    br_buf_init (answer, 1024);
    br_buf_addf (answer, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", size);
    world->answer = br_buf_text (answer);
}

static void
s_pour (world_t *world, size_t size)
{
    char *bytes = br_alloc (1, size);
    memset (bytes, 'x', size);
    peer_send (peer_last (world->peer), bytes, size);
    free (bytes);
}

static void
s_collect (void *arg, const char *name, const char *value)
{
    br_buf_addf (arg, "%s=%s;", name, value);
}

static void
s_look_at_headers (call_t *call)
{
    const http_transfer_t *transfer = call->transfer;
    assert_string_equal (http_transfer_header (transfer, "content-TYPE"), "text/plain");
    assert_string_equal (http_transfer_header (transfer, "X-Twice"), "1");
    assert_string_equal (http_transfer_header (transfer, "X-Empty"), "");
    assert_null (http_transfer_header (transfer, "X-Early"));
    br_buf_t all;
    br_buf_init (&all, 1024);
    http_transfer_each_header (transfer, s_collect, &all);
    assert_string_equal (br_buf_text (&all),
                         "Content-Type=text/plain;X-Twice=1;X-Twice=2;"
                         "X-Empty=;Content-Length=0;");
    br_buf_free (&all);
}

static void
test_headers_are_readable_from_head_to_done (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, s_conf);
    world.answer = "HTTP/1.1 103 Early\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\n"
                   "Content-Type: text/plain\r\nX-Twice: 1\r\nX-Twice: 2\r\nX-Empty:\r\n"
                   "Content-Length: 0\r\n\r\n";
    call_t call = { .on_head = s_look_at_headers, .on_done = s_look_at_headers };
    assert_int_equal (world_run (&world, &call), HTTP_END_OK);
    assert_int_equal (call.heads, 1);
    call_free (&call);
    world_close (&world);
}

//  ---- pause and resume

static void
s_pause (call_t *call)
{
    http_transfer_pause (call->transfer);
}

static void
test_pause_holds_the_provider_back (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, s_conf);
    br_buf_t answer;
    s_promise (&world, &answer, 64 * MB);
    call_t call = { .on_data = s_pause };
    world_start (&world, &call);
    world_settle (&world);
    s_pour (&world, 64 * MB);
    world_settle (&world);
    assert_in_range (call.body_bytes, 1, 65536);
    assert_true (peer_unsent (peer_last (world.peer)) > 32 * MB);
    call.on_data = NULL;
    uint64_t before = call.body_bytes;
    http_transfer_resume (call.transfer);
    assert_int_equal (call.body_bytes, before); //  from a later turn only
    world_finish (&world, &call);
    assert_int_equal (call.result.end, HTTP_END_OK);
    assert_int_equal (call.body_bytes, 64 * MB);
    br_buf_free (&answer);
    call_free (&call);
    world_close (&world);
}

static void
s_pause_and_resume (call_t *call)
{
    http_transfer_pause (call->transfer);
    http_transfer_resume (call->transfer);
}

static void
test_pause_and_resume_at_each_piece_loses_nothing (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, s_conf);
    br_buf_t answer;
    s_promise (&world, &answer, 4 * MB);
    call_t call = { .on_data = s_pause };
    world_start (&world, &call);
    world_settle (&world);
    s_pour (&world, 4 * MB);
    while (call.transfer) {
        http_transfer_resume (call.transfer);
        br_loop_turn (world.loop, 1);
    }
    assert_int_equal (call.result.end, HTTP_END_OK);
    assert_int_equal (call.body_bytes, 4 * MB);
    call_free (&call);
    call.on_data = s_pause_and_resume;
    world_start (&world, &call);
    world_settle (&world);
    s_pour (&world, 4 * MB);
    world_finish (&world, &call);
    assert_int_equal (call.body_bytes, 4 * MB);
    br_buf_free (&answer);
    call_free (&call);
    world_close (&world);
}

static void
test_pause_before_the_head_holds_the_body_only (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, s_conf);
    call_t call = { .status = 0 };
    world_start (&world, &call);
    http_transfer_pause (call.transfer);
    world_settle (&world);
    assert_int_equal (call.heads, 1);
    assert_int_equal (call.body_bytes, 0);
    assert_int_equal (call.ends, 0);
    http_transfer_resume (call.transfer);
    world_finish (&world, &call);
    assert_true (call_body_is (&call, "hi"));
    call_free (&call);
    world_close (&world);
}

static void
test_paused_call_hears_of_the_end_after_resume (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, s_conf);
    world.answer = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc";
    world.hang_up = true;
    call_t call = { .on_head = s_pause };
    world_start (&world, &call);
    world_settle (&world);
    assert_int_equal (call.ends, 0);
    http_transfer_resume (call.transfer);
    world_finish (&world, &call);
    assert_int_equal (call.result.end, HTTP_END_CUT);
    assert_true (call_body_is (&call, "abc"));
    call_free (&call);
    world_close (&world);
}

//  ---- cancel

static void
s_cancel (call_t *call)
{
    http_transfer_cancel (&call->transfer);
    assert_null (call->transfer);
}

static void
test_cancel_closes_the_connection_at_once (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, s_conf);
    world.answer = NULL;
    call_t call = { .status = 0 };
    world_start (&world, &call);
    world_settle (&world);
    assert_int_equal (peer_open (world.peer), 1);
    s_cancel (&call);
    assert_int_equal (http_client_running (world.client), 0);
    world_settle (&world);
    assert_int_equal (peer_open (world.peer), 0);
    assert_int_equal (call.ends, 0);
    call_free (&call);
    world_close (&world);
}

static void
test_cancel_of_a_paused_call_closes_too (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, s_conf);
    br_buf_t answer;
    s_promise (&world, &answer, 8 * MB);
    call_t call = { .on_data = s_pause };
    world_start (&world, &call);
    world_settle (&world);
    s_pour (&world, 8 * MB);
    world_settle (&world);
    http_transfer_resume (call.transfer);
    s_cancel (&call);
    world_settle (&world);
    assert_int_equal (peer_open (world.peer), 0);
    assert_int_equal (http_client_idle (world.client), 0);
    br_buf_free (&answer);
    call_free (&call);
    world_close (&world);
}

static void
test_cancel_is_legal_in_each_callback (void **state)
{
    (void) state;
    for (int place = 0; place < 3; place++) {
        world_t world;
        world_open (&world, false, s_conf);
        call_t call = { .status = 0 };
        if (place == 0)
            call.on_head = s_cancel;
        if (place == 1)
            call.on_data = s_cancel;
        if (place == 2)
            call.on_done = s_cancel;
        world_start (&world, &call);
        world_settle (&world);
        assert_null (call.transfer);
        assert_int_equal (call.heads, 1);
        assert_int_equal (call.body_bytes, place == 0 ? 0 : 2);
        assert_int_equal (call.ends, place == 2);
        assert_int_equal (http_client_running (world.client), 0);
        assert_int_equal (peer_open (world.peer), place == 2);
        call_free (&call);
        call_t next = { .status = 0 };
        assert_int_equal (world_run (&world, &next), HTTP_END_OK);
        call_free (&next);
        world_close (&world);
    }
}

static void
test_cancel_before_the_first_turn (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, false, s_conf);
    call_t call = { .status = 0 };
    world_start (&world, &call);
    s_cancel (&call);
    world_settle (&world);
    assert_int_equal (call.heads, 0);
    assert_int_equal (peer_requests (world.peer), 0);
    call_free (&call);
    world_close (&world);
}

//  ---- calls that meet calls

typedef struct {
    call_t call;
    call_t other;
} pair_t;

static call_t *
s_other_of (call_t *call)
{
    return &((pair_t *) call)->other;
}

static void
s_cancel_other (call_t *call)
{
    http_transfer_cancel (&s_other_of (call)->transfer);
}

static void
s_start_other (call_t *call)
{
    call_t *other = s_other_of (call);
    if (!other->transfer && !other->ends)
        world_start (call->world, other);
}

static void
s_start_and_cancel_other (call_t *call)
{
    s_start_other (call);
    s_cancel_other (call);
}

static void
s_run_pair (call_fn *on_head, call_fn *on_data, call_fn *on_done, unsigned other_ends)
{
    world_t world;
    world_open (&world, false, s_conf);
    pair_t pair = { .call = {
                        .on_head = on_head, .on_data = on_data, .on_done = on_done } };
    assert_int_equal (world_run (&world, &pair.call), HTTP_END_OK);
    world_settle (&world);
    assert_int_equal (pair.other.ends, other_ends);
    assert_int_equal (http_client_running (world.client), 0);
    call_free (&pair.call);
    call_free (&pair.other);
    world_close (&world);
}

static void
test_others_can_be_started_from_callbacks (void **state)
{
    (void) state;
    s_run_pair (s_start_other, NULL, NULL, 1);
    s_run_pair (NULL, s_start_other, NULL, 1);
    s_run_pair (NULL, NULL, s_start_other, 1);
    s_run_pair (s_start_and_cancel_other, NULL, NULL, 0);
    s_run_pair (NULL, s_start_and_cancel_other, NULL, 0);
    s_run_pair (NULL, NULL, s_start_and_cancel_other, 0);
    s_run_pair (s_start_other, NULL, s_cancel_other, 0);
}

static void
test_others_can_be_cancelled_from_callbacks (void **state)
{
    (void) state;
    for (int place = 0; place < 3; place++) {
        world_t world;
        world_open (&world, false, s_conf);
        pair_t pair = { .call = { .status = 0 } };
        if (place == 0)
            pair.call.on_head = s_cancel_other;
        if (place == 1)
            pair.call.on_data = s_cancel_other;
        if (place == 2)
            pair.call.on_done = s_cancel_other;
        world.answer = NULL;
        world_start (&world, &pair.other);
        world_settle (&world);
        world.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
        assert_int_equal (world_run (&world, &pair.call), HTTP_END_OK);
        world_settle (&world);
        assert_null (pair.other.transfer);
        assert_int_equal (pair.other.ends, 0);
        assert_int_equal (peer_open (world.peer), 1);
        call_free (&pair.call);
        call_free (&pair.other);
        world_close (&world);
    }
}

//  ---- deadlines, under a clock that the test moves

static void
test_silent_provider_runs_into_the_first_byte_bound (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, true, s_conf);
    world.answer = NULL;
    world.draft.connect_ms = 100;
    world.draft.first_byte_ms = 3000;
    world.draft.idle_ms = 500;
    call_t call = { .status = 0 };
    world_start (&world, &call);
    world_settle (&world);
    world_pass (&world, 2999);
    assert_int_equal (call.ends, 0);
    world_pass (&world, 1);
    assert_int_equal (call.ends, 1);
    assert_int_equal (call.result.end, HTTP_END_TIMEOUT_FIRST);
    assert_int_equal (call.result.total_us, 3000000);
    assert_true (call.result.sent);
    assert_int_equal (peer_open (world.peer), 0);
    call_free (&call);
    world_close (&world);
}

static void
test_stalled_answer_runs_into_the_idle_bound (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, true, s_conf);
    world.answer = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc";
    world.draft.first_byte_ms = 50;
    world.draft.idle_ms = 1000;
    call_t call = { .status = 0 };
    world_start (&world, &call);
    world_settle (&world);
    world_pass (&world, 999);
    peer_says (peer_last (world.peer), "d");
    world_settle (&world);
    world_pass (&world, 999);
    assert_int_equal (call.ends, 0);
    world_pass (&world, 1);
    assert_int_equal (call.result.end, HTTP_END_TIMEOUT_IDLE);
    assert_int_equal (call.result.body_bytes, 4);
    assert_int_equal (peer_open (world.peer), 0);
    call_free (&call);
    world_close (&world);
}

static void
test_idle_bound_stands_still_while_paused (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, true, s_conf);
    world.answer = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc";
    world.draft.idle_ms = 1000;
    call_t call = { .on_head = s_pause };
    world_start (&world, &call);
    world_settle (&world);
    world_pass (&world, 100000);
    assert_int_equal (call.ends, 0);
    http_transfer_resume (call.transfer);
    world_pass (&world, 999);
    assert_true (call_body_is (&call, "abc"));
    assert_int_equal (call.ends, 0);
    world_pass (&world, 1000);
    assert_int_equal (call.result.end, HTTP_END_TIMEOUT_IDLE);
    call_free (&call);
    world_close (&world);
}

static void
test_total_bound_holds_even_while_paused (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, true, s_conf);
    world.answer = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc";
    world.draft.total_ms = 5000;
    call_t call = { .on_head = s_pause };
    world_start (&world, &call);
    world_settle (&world);
    world_pass (&world, 4999);
    assert_int_equal (call.ends, 0);
    world_pass (&world, 1);
    assert_int_equal (call.result.end, HTTP_END_TIMEOUT_TOTAL);
    call_free (&call);
    world_close (&world);
}

static void
test_handshake_counts_as_connecting (void **state)
{
    (void) state;
    world_t world;
    world_open (&world, true, s_conf);
    memmove (world.url + 5, world.url + 4, strlen (world.url + 4) + 1);
    memcpy (world.url, "https", 5); //  to a peer that does not speak TLS
    world.draft.connect_ms = 700;
    world.draft.first_byte_ms = 5000;
    call_t call = { .status = 0 };
    world_start (&world, &call);
    world_settle (&world);
    world_pass (&world, 699);
    assert_int_equal (call.ends, 0);
    world_pass (&world, 1);
    assert_int_equal (call.result.end, HTTP_END_TIMEOUT_CONNECT);
    assert_false (call.result.sent);
    call_free (&call);
    world_close (&world);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_headers_are_readable_from_head_to_done),
        cmocka_unit_test (test_pause_holds_the_provider_back),
        cmocka_unit_test (test_pause_and_resume_at_each_piece_loses_nothing),
        cmocka_unit_test (test_pause_before_the_head_holds_the_body_only),
        cmocka_unit_test (test_paused_call_hears_of_the_end_after_resume),
        cmocka_unit_test (test_cancel_closes_the_connection_at_once),
        cmocka_unit_test (test_cancel_of_a_paused_call_closes_too),
        cmocka_unit_test (test_cancel_is_legal_in_each_callback),
        cmocka_unit_test (test_cancel_before_the_first_turn),
        cmocka_unit_test (test_others_can_be_started_from_callbacks),
        cmocka_unit_test (test_others_can_be_cancelled_from_callbacks),
        cmocka_unit_test (test_silent_provider_runs_into_the_first_byte_bound),
        cmocka_unit_test (test_stalled_answer_runs_into_the_idle_bound),
        cmocka_unit_test (test_idle_bound_stands_still_while_paused),
        cmocka_unit_test (test_total_bound_holds_even_while_paused),
        cmocka_unit_test (test_handshake_counts_as_connecting),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
