//  http_conn: clients that leave, that are slow, and that are too many.

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "tests/broker/net/http_world.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

//  ---- leaving

static void
test_a_client_that_leaves_while_the_handler_works_is_gone (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd, GET ("/later"));
    world_until_calls (self, 1);
    close (fd);
    world_until (self, "gone;");
    world_settle (self);
    assert_string_equal (self->notes, "request /later;gone;");
    assert_int_equal (http_server_open_connections (self->server), 0);
    assert_int_equal (http_server_open_calls (self->server), 0);
}

static void
test_a_half_close_counts_as_leaving_a_stream_that_is_silent (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd, GET ("/stream"));
    world_until_calls (self, 1);
    world_read (self, fd, "\r\n\r\n");
    shutdown (fd, SHUT_WR);
    world_until (self, "gone;");
    world_read (self, fd, NULL);
    assert_null (strstr (self->text, "0\r\n\r\n"));
    close (fd);
}

static void
test_a_reset_is_seen_in_a_silent_stream (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd, GET ("/stream"));
    world_until_calls (self, 1);
    world_settle (self);
    struct linger now = { .l_onoff = 1 };
    setsockopt (fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close (fd);
    world_until (self, "gone;");
    world_settle (self);
    assert_int_equal (http_server_open_connections (self->server), 0);
}

//  given a stream with the next requests waiting unread behind it, they do not look like
//  the client's leaving, nor hide it
static void
test_pipelined_requests_do_not_hide_the_leaving (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd, GET ("/stream") GET ("/now"));
    world_until_calls (self, 1);
    world_says (self, fd, GET ("/now") GET ("/now"));
    world_settle (self);
    assert_string_equal (self->notes, "request /stream;");
    http_call_write (self->calls[0], "abc", 3);
    world_read (self, fd, "3\r\nabc\r\n");
    shutdown (fd, SHUT_WR);
    world_until (self, "gone;");
    world_settle (self);
    assert_string_equal (self->notes, "request /stream;gone;");
    assert_int_equal (http_server_open_connections (self->server), 0);
    close (fd);
}

static void
test_a_request_with_its_half_close_is_answered_at_once_or_gone (void **state)
{
    world_t *self = *state;
    world_start (self);
    static const char *const paths[] = { GET ("/now"), GET ("/later"), GET ("/stream") };
    for (size_t i = 0; i < 3; i++) {
        self->notes[0] = '\0';
        int fd = world_connect (self);
        send (fd, paths[i], strlen (paths[i]), MSG_NOSIGNAL);
        shutdown (fd, SHUT_WR);
        world_read (self, fd, NULL);
        close (fd);
        world_settle (self);
        assert_int_equal (http_server_open_calls (self->server), 0);
        assert_int_equal (world_count (self->notes, "request"), 1);
        assert_int_equal (
            world_count (self->notes, "gone;") + world_count (self->notes, "ended;"), 1);
    }
}

//  given a client that closes when it has seen what it wanted, just before the last chunk,
//  the answer was complete
static void
test_leaving_after_the_end_is_no_loss (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd, GET ("/stream"));
    world_until_calls (self, 1);
    world_read (self, fd, "\r\n\r\n");
    http_call_write (self->calls[0], "data: [DONE]\n\n", 14);
    http_call_end (self->calls[0]);
    recv (fd, self->text, WORLD_TEXT_MAX, 0);
    close (fd);
    world_settle (self);
    assert_string_equal (self->notes, "request /stream;ended;");
}

//  ---- slowness

static void
test_a_header_that_trickles_is_refused (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd, "GET /now HTTP/1.1\r\n");
    for (int i = 0; i < 12 && !self->refusals; i++) {
        world_says (self, fd, "X: y\r\n");
        world_wait (self, 300);
    }
    assert_int_equal (self->refused.code, BR_EINVALID);
    world_read (self, fd, NULL);
    assert_non_null (strstr (self->text, "HTTP/1.1 400 "));
    assert_int_equal (http_server_open_connections (self->server), 0);
    close (fd);
}

static void
test_a_second_header_that_trickles_is_refused_too (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd, GET ("/now"));
    world_read (self, fd, WORLD_BODY);
    world_wait (self, 1000);
    for (int i = 0; i < 20 && !self->refusals; i++) {
        world_says (self, fd, "G");
        world_wait (self, 300);
    }
    assert_int_equal (self->refusals, 1);
    world_read (self, fd, NULL);
    close (fd);
}

static void
test_a_body_that_stops_is_refused_but_one_that_trickles_is_read (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd, "POST /now HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n");
    for (int i = 0; i < 8; i++) {
        world_wait (self, 1000);
        world_says (self, fd, "x");
    }
    assert_int_equal (self->refusals, 0);
    world_wait (self, 3000);
    assert_int_equal (self->refusals, 1);
    world_read (self, fd, NULL);
    assert_non_null (strstr (self->text, "HTTP/1.1 400 "));
    assert_string_equal (self->notes, "refuse EINVALID;");
    close (fd);
}

static void
test_idle_connections_close_in_time (void **state)
{
    world_t *self = *state;
    world_start (self);
    int used = world_connect (self);
    world_says (self, used, GET ("/now"));
    world_read (self, used, WORLD_BODY);
    int fresh = world_connect (self);
    world_wait (self, 9000);
    assert_int_equal (http_server_open_connections (self->server), 2);
    world_wait (self, 2000);
    assert_int_equal (http_server_open_connections (self->server), 0);
    world_read (self, used, NULL);
    world_read (self, fresh, NULL);
    assert_int_equal (self->text_size, 0);
    assert_int_equal (self->refusals, 0);
    close (used);
    close (fresh);
}

static void
test_a_handler_may_take_its_time (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd, GET ("/later"));
    world_until_calls (self, 1);
    world_wait (self, 60000);
    world_reply (self->calls[0], 200, WORLD_BODY);
    world_read (self, fd, WORLD_BODY);
    world_says (self, fd, GET ("/stream"));
    world_until_calls (self, 2);
    world_read (self, fd, "\r\n\r\n");
    world_wait (self, 60000);
    http_call_end (self->calls[1]);
    world_read (self, fd, "0\r\n\r\n");
    assert_int_equal (world_count (self->notes, "ended;"), 2);
    close (fd);
}

//  given a client that reads nothing, of a stream or of a large single answer, it is gone
//  once stall_ms are over, and not before
static void
test_a_client_that_takes_nothing_is_gone (void **state)
{
    world_t *self = *state;
    self->reply_bytes = 32u << 20;
    world_start (self);
    int fds[2] = { world_connect (self), world_connect (self) };
    world_says (self, fds[0], GET ("/stream"));
    world_until_calls (self, 1);
    char *much = br_alloc (1, 7u << 20);
    http_call_write (self->calls[0], much, 7u << 20);
    free (much);
    world_says (self, fds[1], GET ("/now"));
    world_until (self, "/now;");
    world_wait (self, 3900);
    assert_int_equal (world_count (self->notes, "gone;"), 0);
    assert_true (http_call_pending (self->calls[0]) > 0);
    world_wait (self, 2500);
    assert_int_equal (world_count (self->notes, "gone;"), 2);
    assert_int_equal (http_server_open_connections (self->server), 0);
    close (fds[0]);
    close (fds[1]);
}

//  ---- number

//  given as many connections as are allowed, one more is refused in words; and given many
//  more, all are served or refused once there is room
static void
test_connections_over_the_limit_are_refused (void **state)
{
    world_t *self = *state;
    self->conf.connections_max = 2;
    world_start (self);
    int fds[2];
    for (size_t i = 0; i < 2; i++) {
        fds[i] = world_connect (self);
        world_says (self, fds[i], GET ("/later"));
    }
    world_until_calls (self, 2);
    world_ask (self, GET ("/now"), NULL);
    assert_non_null (strstr (self->text, "HTTP/1.1 503 "));
    assert_int_equal (self->refused.code, BR_EBUSY);
    enum {
        MANY = 100
    };
    int many[MANY];
    for (size_t i = 0; i < MANY; i++)
        many[i] = world_connect (self);
    world_settle (self);
    assert_in_range (http_server_open_connections (self->server), 3, MANY);
    for (size_t i = 0; i < 2; i++)
        close (fds[i]);
    for (size_t i = 0; i < MANY; i++) {
        world_says (self, many[i], GET ("/now"));
        world_read (self, many[i], "\r\n\r\n");
        close (many[i]);
    }
    world_settle (self);
    assert_int_equal (http_server_open_connections (self->server), 0);
    world_ask (self, GET ("/now"), WORLD_BODY);
}

int
main (void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown (fn, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        WORLD_TEST (test_a_client_that_leaves_while_the_handler_works_is_gone),
        WORLD_TEST (test_a_half_close_counts_as_leaving_a_stream_that_is_silent),
        WORLD_TEST (test_a_reset_is_seen_in_a_silent_stream),
        WORLD_TEST (test_pipelined_requests_do_not_hide_the_leaving),
        WORLD_TEST (test_a_request_with_its_half_close_is_answered_at_once_or_gone),
        WORLD_TEST (test_leaving_after_the_end_is_no_loss),
        WORLD_TEST (test_a_header_that_trickles_is_refused),
        WORLD_TEST (test_a_second_header_that_trickles_is_refused_too),
        WORLD_TEST (test_a_body_that_stops_is_refused_but_one_that_trickles_is_read),
        WORLD_TEST (test_idle_connections_close_in_time),
        WORLD_TEST (test_a_handler_may_take_its_time),
        WORLD_TEST (test_a_client_that_takes_nothing_is_gone),
        WORLD_TEST (test_connections_over_the_limit_are_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
