//  http_server: requests as they come over the wire, connections that live on, addresses,
//  draining, and the end.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "tests/broker/net/http_world.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"
#define STREAMS 1000

static void
test_one_request_gets_one_answer (void **state)
{
    world_t *self = *state;
    world_start (self);
    world_ask (self, GET ("/now?beta=true&x=%20"), WORLD_BODY);
    assert_non_null (strstr (self->text, WORLD_OK));
    assert_non_null (strstr (self->text, "Content-Length: 5\r\n"));
    assert_non_null (strstr (self->text, "Content-Type: text/plain\r\n"));
    assert_string_equal (self->notes, "request /now;ended;");
    assert_int_equal (self->written, 5);
    assert_int_equal (http_server_open_calls (self->server), 0);
    assert_int_equal (http_server_open_connections (self->server), 0);
}

//  given a request, when it comes in two parts, cut at any byte, it is the same request
static void
test_a_request_may_be_split_anywhere (void **state)
{
    world_t *self = *state;
    world_start (self);
    static const char request[] =
        "POST /later?q=1 HTTP/1.1\r\nHost: h\r\nX-A: b c\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
        "3;x=y\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nT: r\r\n\r\n";
    int fd = world_connect (self);
    for (size_t cut = 1; cut < sizeof request - 1; cut++) {
        self->calls_size = 0;
        self->notes[0] = '\0';
        world_send (self, fd, request, cut);
        world_settle (self);
        assert_int_equal (self->calls_size, 0);
        world_send (self, fd, request + cut, sizeof request - 1 - cut);
        world_until_calls (self, 1);
        assert_int_equal (br_blob_size (self->body), 19);
        assert_memory_equal (br_blob_data (self->body), "abc0123456789abcdef", 19);
        assert_string_equal (http_call_query (self->calls[0]), "q=1");
        assert_non_null (strstr (self->fields, "X-A=b c;"));
        world_reply (self->calls[0], 200, WORLD_BODY);
        world_read (self, fd, WORLD_BODY);
    }
    assert_int_equal (self->refusals, 0);
    close (fd);
}

static void
test_three_requests_in_a_row_get_answers_in_order (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd, GET ("/a") GET ("/whole") GET ("/now") GET ("/b"));
    world_until_calls (self, 1);
    world_reply (self->calls[0], 200, "first");
    world_until_calls (self, 2);
    world_reply (self->calls[1], 200, "fourth");
    world_read (self, fd, "fourth");
    assert_int_equal (world_count (self->text, WORLD_OK), 4);
    assert_true (strstr (self->text, "first")
                 < strstr (self->text, "5\r\nhello\r\n0\r\n\r\n"));
    assert_string_equal (self->notes,
                         "request /a;ended;request /whole;ended;request /now;"
                         "ended;request /b;ended;");
    close (fd);
}

//  given one connection, when it carries a single answer, a stream, and a single one, and
//  then a stream whose client leaves, the next connection is served as if nothing had been
static void
test_a_connection_lives_on_after_each_kind_of_answer (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    for (int round = 0; round < 3; round++) {
        world_says (self, fd, GET ("/now"));
        world_read (self, fd, WORLD_BODY);
        self->calls_size = 0;
        world_says (self, fd, GET ("/stream"));
        world_until_calls (self, 1);
        http_call_write (self->calls[0], "one", 3);
        world_read (self, fd, "3\r\none\r\n");
        http_call_write (self->calls[0], "three", 5);
        http_call_end (self->calls[0]);
        world_read (self, fd, "5\r\nthree\r\n0\r\n\r\n");
    }
    self->notes[0] = '\0';
    world_says (self, fd, GET ("/stream"));
    world_until_calls (self, 2);
    http_call_write (self->calls[1], "x", 1);
    close (fd);
    world_until (self, "gone;");
    world_ask (self, GET ("/now"), WORLD_BODY);
    assert_string_equal (self->notes, "request /stream;gone;request /now;ended;");
    assert_int_equal (http_server_open_calls (self->server), 0);
}

static void
test_http_1_0_closes_or_keeps_as_asked (void **state)
{
    world_t *self = *state;
    world_start (self);
    world_ask (self, "GET /now HTTP/1.0\r\n\r\n", NULL);
    assert_non_null (strstr (self->text, WORLD_BODY));
    world_ask (self, "GET /now HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", WORLD_BODY);
    assert_non_null (strstr (self->text, "Connection: Keep-Alive\r\n"));
    world_ask (self, "GET /whole HTTP/1.0\r\n\r\n", NULL);
    assert_null (strstr (self->text, "chunked"));
    assert_non_null (strstr (self->text, "\r\n\r\nhello"));
    assert_int_equal (world_count (self->notes, "ended;"), 3);
    world_ask (self, "GET /now HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", NULL);
    assert_non_null (strstr (self->text, "Connection: close\r\n"));
}

static void
test_expect_100_continue_is_answered_first (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd,
                "POST /now HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
                "Expect: 100-continue\r\n\r\n");
    world_read (self, fd, "HTTP/1.1 100 Continue\r\n\r\n");
    world_says (self, fd, "abc");
    world_read (self, fd, WORLD_BODY);
    assert_int_equal (br_blob_size (self->body), 3);
    close (fd);
}

static void
test_a_thousand_streams_at_once (void **state)
{
    world_t *self = *state;
    struct rlimit limit = { 0 };
    getrlimit (RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit (RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < 2 * STREAMS + 100)
        skip ();
    world_start (self);
    int *fds = br_alloc (STREAMS, sizeof *fds);
    for (size_t i = 0; i < STREAMS; i++) {
        fds[i] = world_connect (self);
        world_says (self, fds[i], GET ("/stream"));
    }
    world_until_calls (self, STREAMS);
    assert_int_equal (http_server_open_calls (self->server), STREAMS);
    assert_int_equal (http_server_open_connections (self->server), STREAMS);
    for (int event = 0; event < 3; event++) {
        for (size_t i = 0; i < STREAMS; i++)
            http_call_write (self->calls[i], "data: x\n\n", 9);
        br_loop_turn (self->loop, 0);
    }
    for (size_t i = 0; i < STREAMS; i++)
        http_call_end (self->calls[i]);
    for (size_t i = 0; i < STREAMS; i++) {
        world_read (self, fds[i], "0\r\n\r\n");
        size_t sent = 27; //  in any chunks
        assert_int_equal (world_count (self->text, "data: x\n\n") * 9, sent);
        close (fds[i]);
    }
    world_settle (self);
    assert_int_equal (http_server_open_calls (self->server), 0);
    free (fds);
}

//  ---- addresses

static int
s_connect_6 (uint16_t port)
{
    int fd = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in6 address = { .sin6_family = AF_INET6,
                                    .sin6_port = htons (port),
                                    .sin6_addr = in6addr_loopback };
    if (fd >= 0 && connect (fd, (const struct sockaddr *) &address, sizeof address)) {
        close (fd);
        return -1;
    }
    return fd;
}

static void
test_peers_are_named (void **state)
{
    world_t *self = *state;
    self->listen[0] = "localhost:0";
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd, GET ("/later"));
    world_until_calls (self, 1);
    assert_memory_equal (http_call_peer (self->calls[0]), "127.0.0.1:", 10);
    close (fd);
    fd = s_connect_6 (http_server_port (self->server, 0));
    if (fd < 0)
        skip (); //  no IPv6 here
    world_says (self, fd, GET ("/later"));
    world_until_calls (self, 2);
    assert_memory_equal (http_call_peer (self->calls[1]), "[::1]:", 6);
    close (fd);
}

static void
test_an_address_that_is_taken_is_named (void **state)
{
    world_t *self = *state;
    world_start (self);
    char taken[64];
    snprintf (taken, sizeof taken, "127.0.0.1:%u", http_server_port (self->server, 0));
    const char *listen[] = { taken, NULL };
    http_server_conf_t conf = self->conf;
    conf.listen = listen;
    static const http_server_handler_t handler = { 0 };
    br_error_t error = { 0 };
    assert_null (http_server_new (self->loop, &conf, &handler, NULL, &error));
    assert_int_equal (error.code, BR_ECONFIG);
    assert_non_null (strstr (error.text, taken));
    assert_int_equal (http_server_port (self->server, 1), 0);
}

//  ---- the end

//  given a connection in the backlog and one with an open stream, when the server drains,
//  both are served to their end, and both close
static void
test_draining_serves_what_is_there (void **state)
{
    world_t *self = *state;
    world_start (self);
    int stream = world_connect (self);
    world_says (self, stream, GET ("/stream"));
    world_until_calls (self, 1);
    int idle = world_connect (self);
    world_says (self, idle, GET ("/now"));
    world_read (self, idle, WORLD_BODY);
    int waiting = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons (http_server_port (self->server, 0)),
                                   .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
    assert_int_equal (
        connect (waiting, (const struct sockaddr *) &address, sizeof address), 0);
    http_server_drain (self->server);
    int late = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal (connect (late, (const struct sockaddr *) &address, sizeof address),
                      -1);
    close (late);
    world_says (self, waiting, GET ("/now"));
    world_read (self, waiting, NULL);
    assert_non_null (strstr (self->text, "Connection: close\r\n"));
    assert_non_null (strstr (self->text, WORLD_BODY));
    world_wait (self, 1500);
    world_read (self, idle, NULL);
    assert_int_equal (http_server_open_connections (self->server), 1);
    http_call_write (self->calls[0], "end", 3);
    http_call_end (self->calls[0]);
    world_read (self, stream, "3\r\nend\r\n0\r\n\r\n");
    world_wait (self, 1500);
    assert_int_equal (http_server_open_connections (self->server), 0);
    close (stream);
    close (idle);
    close (waiting);
}

//  given calls in every stage, when the server is destroyed, nothing is told or leaked
static void
test_destroy_cuts_everything_silently (void **state)
{
    world_t *self = *state;
    world_start (self);
    static const char *const requests[] = {
        GET ("/later"),
        GET ("/stream"),
        "GET /half HTTP/1.1\r\nHo",
        "POST /later HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc",
        "",
    };
    int fds[5];
    for (size_t i = 0; i < 5; i++) {
        fds[i] = world_connect (self);
        world_says (self, fds[i], requests[i]);
    }
    world_until_calls (self, 2);
    world_settle (self);
    http_call_t *stream = http_call_method (self->calls[0])
                                  && !strcmp (http_call_path (self->calls[0]), "/stream")
                              ? self->calls[0]
                              : self->calls[1];
    char *much = br_alloc (1, 4u << 20);
    http_call_write (stream, much, 4u << 20);
    free (much);
    self->notes[0] = '\0';
    http_server_destroy (&self->server);
    assert_null (self->server);
    assert_string_equal (self->notes, "");
    for (size_t i = 0; i < 5; i++)
        close (fds[i]);
    world_settle (self);
}

int
main (void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown (fn, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        WORLD_TEST (test_one_request_gets_one_answer),
        WORLD_TEST (test_a_request_may_be_split_anywhere),
        WORLD_TEST (test_three_requests_in_a_row_get_answers_in_order),
        WORLD_TEST (test_a_connection_lives_on_after_each_kind_of_answer),
        WORLD_TEST (test_http_1_0_closes_or_keeps_as_asked),
        WORLD_TEST (test_expect_100_continue_is_answered_first),
        WORLD_TEST (test_a_thousand_streams_at_once),
        WORLD_TEST (test_peers_are_named),
        WORLD_TEST (test_an_address_that_is_taken_is_named),
        WORLD_TEST (test_draining_serves_what_is_there),
        WORLD_TEST (test_destroy_cuts_everything_silently),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
