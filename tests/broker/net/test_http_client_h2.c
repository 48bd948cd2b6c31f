//  The HTTP client with HTTP/2, against nginx, which passes each stream on to a peer in
//  this process as a connection of its own. Skipped where there is no nginx.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "tests/broker/net/client_world.h"
#include "tests/broker/net/peer_cert.h"

#define CALLS 20
#define TEMP_PATHS 5
#define HEAD(length) "HTTP/1.1 200 OK\r\nContent-Length: " length "\r\n\r\n"

typedef struct {
    world_t world;
    unsigned port;
    pid_t nginx; //  0 = none
    char folder[64];
    char cert_file[96];
    char key_file[96];
} h2_world_t;

//  ---- nginx

static const char *
s_program (void)
{
    static const char *const places[] = { "/usr/sbin/nginx", "/usr/local/sbin/nginx",
                                          "/usr/bin/nginx" };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (access (places[i], X_OK) == 0)
            return places[i];
    return NULL;
}

//  Requests over one connection are bounded; at the bound nginx says GOAWAY.
static void
s_write_conf (const h2_world_t *self, unsigned requests_max)
{
    char file[96];
    snprintf (file, sizeof file, "%s/nginx.conf", self->folder);
    FILE *out = fopen (file, "w");
    assert_non_null (out);
    fprintf (out,
             "daemon off; master_process off; worker_processes 1; pid %s/pid;\n"
             "error_log /dev/null crit; events { worker_connections 256; }\n"
             "http { access_log off;\n",
             self->folder);
    static const char *const paths[TEMP_PATHS] = { "client_body", "proxy", "fastcgi",
                                                   "uwsgi", "scgi" };
    for (int i = 0; i < TEMP_PATHS; i++)
        fprintf (out, "%s_temp_path %s/temp;\n", paths[i], self->folder);
    fprintf (out,
             "server { listen 127.0.0.1:%u ssl http2; keepalive_requests %u;\n"
             "ssl_certificate %s; ssl_certificate_key %s;\n"
             "location / { proxy_pass http://127.0.0.1:%u; proxy_http_version 1.1;\n"
             "proxy_buffering off; proxy_request_buffering off;\n"
             "add_header x-connection $connection always;\n"
             "add_header x-protocol $server_protocol always;\n"
             "add_trailer x-trailer late; } } }\n",
             self->port, requests_max, self->cert_file, self->key_file,
             peer_port (self->world.peer));
    fclose (out);
}

static bool
s_is_up (const h2_world_t *self)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons ((uint16_t) self->port),
                                   .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int rc = connect (fd, (const struct sockaddr *) &address, sizeof address);
    close (fd);
    return rc == 0;
}

static void
s_start_nginx (h2_world_t *self, unsigned requests_max)
{
    s_write_conf (self, requests_max);
    char conf[96];
    snprintf (conf, sizeof conf, "%s/nginx.conf", self->folder);
    self->nginx = fork ();
    assert_true (self->nginx >= 0);
    for (int i = 0; self->nginx && i < 2000 && !s_is_up (self); i++)
        usleep (5000); //  it says nothing when it listens
    if (self->nginx)
        return;
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    if (!freopen ("/dev/null", "w", stderr))
        _exit (126);
    execl (s_program (), "nginx", "-p", self->folder, "-c", conf, (char *) NULL);
    _exit (127);
}

static void
s_kill_nginx (h2_world_t *self)
{
    if (!self->nginx)
        return;
    kill (self->nginx, SIGKILL);
    waitpid (self->nginx, NULL, 0);
    self->nginx = 0;
}

//  ---- the world

//  A port that is free.
static void
s_choose_port (h2_world_t *self)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int fd = socket (AF_INET, SOCK_STREAM, 0);
    assert_int_equal (bind (fd, (struct sockaddr *) &address, size), 0);
    getsockname (fd, (struct sockaddr *) &address, &size);
    self->port = ntohs (address.sin_port);
    close (fd);
}

static void
s_connect (h2_world_t *self)
{
    world_t *world = &self->world;
    http_client_destroy (&world->client);
    http_client_conf_t conf = {
        .idle_max = 8, .idle_ms = 60000, .http2 = true, .ca_file = self->cert_file
    };
    br_error_t error;
    world->client = http_client_new (world->loop, &conf, &error);
    assert_non_null (world->client);
    snprintf (world->url, sizeof world->url, "https://127.0.0.1:%u/v1/x?key=sk-secret",
              self->port);
    world->answer = NULL;
}

static int
s_setup (void **state)
{
    h2_world_t *self = BR_NEW (h2_world_t);
    snprintf (self->folder, sizeof self->folder, "/tmp/test-h2-XXXXXX");
    assert_non_null (mkdtemp (self->folder));
    snprintf (self->cert_file, sizeof self->cert_file, "%s/cert.pem", self->folder);
    snprintf (self->key_file, sizeof self->key_file, "%s/key.pem", self->folder);
    peer_cert_write (self->cert_file, self->key_file);
    world_open (&self->world, false, (http_client_conf_t) { .idle_max = 1 });
    s_choose_port (self);
    s_connect (self);
    *state = self;
    return 0;
}

static int
s_teardown (void **state)
{
    h2_world_t *self = *state;
    s_kill_nginx (self);
    world_close (&self->world);
    static const char *const files[] = { "cert.pem", "key.pem", "nginx.conf", "pid" };
    char file[96];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf (file, sizeof file, "%s/%s", self->folder, files[i]);
        unlink (file);
    }
    snprintf (file, sizeof file, "%s/temp", self->folder);
    rmdir (file);
    rmdir (self->folder);
    free (self);
    return 0;
}

static void
s_begin (h2_world_t *self, unsigned requests_max)
{
    if (!s_program ())
        skip ();
    s_start_nginx (self, requests_max);
}

//  Turns until the peer has so many requests, ever.
static void
s_until_requests (world_t *world, unsigned count)
{
    for (int i = 0; i < 2000 && peer_requests (world->peer) < count; i++)
        br_loop_turn (world->loop, 10);
    assert_int_equal (peer_requests (world->peer), count);
}

//  Starts a call. Returns the peer's side of it.
static peer_conn_t *
s_ask (h2_world_t *self, call_t *call)
{
    unsigned requests = peer_requests (self->world.peer);
    world_start (&self->world, call);
    s_until_requests (&self->world, requests + 1);
    return peer_last (self->world.peer);
}

//  What nginx says of the connection, read when the head comes.
typedef struct {
    call_t call;
    char connection[32];
    char protocol[32];
    bool trailer;
} told_t;

static void
s_note_head (call_t *call)
{
    told_t *told = (told_t *) (void *) call;
    const char *connection = http_transfer_header (call->transfer, "x-connection");
    const char *protocol = http_transfer_header (call->transfer, "x-protocol");
    snprintf (told->connection, sizeof told->connection, "%s",
              connection ? connection : "");
    snprintf (told->protocol, sizeof told->protocol, "%s", protocol ? protocol : "");
}

static void
s_note_done (call_t *call)
{
    told_t *told = (told_t *) (void *) call;
    told->trailer = http_transfer_header (call->transfer, "x-trailer") != NULL;
}

static told_t
s_told (void)
{
    return (told_t) { .call = { .on_head = s_note_head, .on_done = s_note_done } };
}

//  ---- tests

//  given twenty calls at the same time, they share one connection, and answers in the
//  opposite order find their calls
static void
test_many_calls_share_a_connection (void **state)
{
    h2_world_t *self = *state;
    s_begin (self, 1000);
    told_t told[CALLS];
    peer_conn_t *conns[CALLS];
    for (int i = 0; i < CALLS; i++) {
        told[i] = s_told ();
        conns[i] = s_ask (self, &told[i].call);
    }
    assert_non_null (strstr (br_buf_text (&self->world.request), "Bearer sk-secret"));
    for (int i = CALLS; i--;) {
        char text[96];
        snprintf (text, sizeof text, HEAD ("2") "%02d", i);
        peer_says (conns[i], text);
    }
    for (int i = 0; i < CALLS; i++) {
        char text[8];
        snprintf (text, sizeof text, "%02d", i);
        world_finish (&self->world, &told[i].call);
        assert_int_equal (told[i].call.result.end, HTTP_END_OK);
        assert_true (call_body_is (&told[i].call, text));
        assert_string_equal (told[i].protocol, "HTTP/2.0");
        assert_string_equal (told[i].connection, told[0].connection);
        assert_int_equal (told[i].call.heads, 1);
        call_free (&told[i].call);
    }
}

//  given trailers behind the body, the answer is complete and the head what it was
static void
test_trailers_are_ignored (void **state)
{
    h2_world_t *self = *state;
    s_begin (self, 1000);
    told_t told = s_told ();
    peer_says (s_ask (self, &told.call), HEAD ("2") "hi");
    world_finish (&self->world, &told.call);
    assert_int_equal (told.call.result.end, HTTP_END_OK);
    assert_int_equal (told.call.heads, 1);
    assert_true (call_body_is (&told.call, "hi"));
    assert_false (told.trailer);
    call_free (&told.call);
}

static world_t *
s_peer_has (world_t *world, unsigned open)
{
    for (int i = 0; i < 2000 && peer_open (world->peer) != open; i++)
        br_loop_turn (world->loop, 10);
    assert_int_equal (peer_open (world->peer), open);
    return world;
}

//  given one of three streams that is cancelled, the provider hears of it, and the others
//  go on over the same connection
static void
test_a_cancelled_stream_leaves_the_others (void **state)
{
    h2_world_t *self = *state;
    s_begin (self, 1000);
    told_t told[4];
    peer_conn_t *conns[4];
    for (int i = 0; i < 3; i++) {
        told[i] = s_told ();
        conns[i] = s_ask (self, &told[i].call);
        peer_says (conns[i], HEAD ("4") "ab");
    }
    for (int i = 0; i < 3; i++)
        while (told[i].call.body_bytes < 2)
            br_loop_turn (self->world.loop, 10);
    http_transfer_cancel (&told[1].call.transfer);
    s_peer_has (&self->world, 2);
    told[3] = s_told ();
    conns[3] = s_ask (self, &told[3].call);
    peer_says (conns[3], HEAD ("4") "ab");
    for (int i = 0; i < 4; i++) {
        if (i != 1) {
            peer_says (conns[i], "cd");
            world_finish (&self->world, &told[i].call);
            assert_int_equal (told[i].call.result.end, HTTP_END_OK);
            assert_true (call_body_is (&told[i].call, "abcd"));
            assert_string_equal (told[i].connection, told[0].connection);
        }
        call_free (&told[i].call);
    }
    assert_int_equal (told[1].call.ends, 0);
}

//  given the only stream of a connection, the provider hears that it is cancelled all the
//  same, and the next call is answered
static void
test_a_cancelled_stream_that_is_alone_closes_its_connection (void **state)
{
    h2_world_t *self = *state;
    s_begin (self, 1000);
    told_t told = s_told ();
    s_ask (self, &told.call);
    http_transfer_cancel (&told.call.transfer);
    s_peer_has (&self->world, 0);
    call_free (&told.call);
    for (int i = 0; i < 2; i++) {
        told = s_told ();
        peer_says (s_ask (self, &told.call), HEAD ("2") "hi");
        world_finish (&self->world, &told.call);
        assert_int_equal (told.call.result.end, HTTP_END_OK);
        assert_int_equal (told.call.result.reused, i);
        call_free (&told.call);
    }
}

//  given a stream whose provider says no more, its own bound ends it and nothing else
static void
test_a_stalled_stream_ends_alone (void **state)
{
    h2_world_t *self = *state;
    s_begin (self, 1000);
    told_t stalled = s_told ();
    told_t lively = s_told ();
    self->world.draft.idle_ms = 200;
    peer_conn_t *conn = s_ask (self, &stalled.call);
    peer_says (conn, HEAD ("4") "ab");
    self->world.draft.idle_ms = 0;
    conn = s_ask (self, &lively.call);
    peer_says (conn, HEAD ("4") "ab");
    world_finish (&self->world, &stalled.call);
    assert_int_equal (stalled.call.result.end, HTTP_END_TIMEOUT_IDLE);
    assert_int_equal (lively.call.ends, 0);
    peer_says (conn, "cd");
    world_finish (&self->world, &lively.call);
    assert_int_equal (lively.call.result.end, HTTP_END_OK);
    assert_string_equal (lively.connection, stalled.connection);
    call_free (&stalled.call);
    call_free (&lively.call);
}

static void
s_pause (call_t *call)
{
    http_transfer_pause (call->transfer);
}

//  given a stream that its reader has paused, with far more to come than curl has room
//  for, the others are not held up; and it is complete once the reader goes on
static void
test_a_paused_stream_holds_up_no_other (void **state)
{
    h2_world_t *self = *state;
    s_begin (self, 1000);
    size_t size = 3000000;
    char *bytes = br_alloc (1, size);
    told_t paused = s_told ();
    paused.call.on_data = s_pause;
    peer_conn_t *conn = s_ask (self, &paused.call);
    peer_says (conn, HEAD ("3000000") "ab");
    while (!paused.call.body_bytes)
        br_loop_turn (self->world.loop, 10);
    peer_send (conn, bytes, size - 2);
    for (int i = 0; i < 10; i++) {
        told_t told = s_told ();
        peer_says (s_ask (self, &told.call), HEAD ("2") "hi");
        world_finish (&self->world, &told.call);
        assert_int_equal (told.call.result.end, HTTP_END_OK);
        assert_string_equal (told.connection, paused.connection);
        call_free (&told.call);
    }
    world_settle (&self->world);
    assert_int_equal (paused.call.body_bytes, 2);
    assert_int_equal (paused.call.ends, 0);
    http_transfer_resume (paused.call.transfer); //  each piece pauses it again
    world_settle (&self->world);
    assert_in_range (paused.call.body_bytes, 3, 70000);
    paused.call.on_data = NULL;
    http_transfer_resume (paused.call.transfer);
    world_finish (&self->world, &paused.call);
    assert_int_equal (paused.call.result.end, HTTP_END_OK);
    assert_int_equal (paused.call.body_bytes, size);
    call_free (&paused.call);
    free (bytes);
}

//  given answers that are complete while their readers have paused, one is cancelled and
//  one handed out, both without curl
static void
test_a_paused_stream_may_end_meanwhile (void **state)
{
    h2_world_t *self = *state;
    s_begin (self, 1000);
    told_t told[3];
    for (int i = 0; i < 3; i++) {
        told[i] = s_told ();
        told[i].call.on_data = s_pause;
        peer_conn_t *conn = s_ask (self, &told[i].call);
        peer_says (conn, HEAD ("4") "ab");
        while (!told[i].call.body_bytes)
            br_loop_turn (self->world.loop, 10);
        peer_says (conn, "cd");
    }
    s_peer_has (&self->world, 0);
    world_settle (&self->world);
    http_transfer_cancel (&told[1].call.transfer);
    http_transfer_resume (told[0].call.transfer);
    world_finish (&self->world, &told[0].call);
    assert_int_equal (told[0].call.result.end, HTTP_END_OK);
    assert_true (call_body_is (&told[0].call, "abcd"));
    assert_int_equal (told[1].call.ends, 0);
    assert_int_equal (http_client_running (self->world.client), 1);
    http_client_destroy (&self->world.client); //  the last one goes with it
    for (int i = 0; i < 3; i++)
        call_free (&told[i].call);
}

//  given an answer that stops short, its stream is cut and the others are not
static void
test_a_reset_stream_is_cut_alone (void **state)
{
    h2_world_t *self = *state;
    s_begin (self, 1000);
    told_t cut = s_told ();
    told_t whole = s_told ();
    peer_conn_t *cut_conn = s_ask (self, &cut.call);
    peer_conn_t *whole_conn = s_ask (self, &whole.call);
    peer_says (cut_conn, HEAD ("4") "ab");
    peer_says (whole_conn, HEAD ("4") "ab");
    while (cut.call.body_bytes < 2)
        br_loop_turn (self->world.loop, 10);
    peer_end (cut_conn);
    s_peer_has (&self->world, 1);
    peer_says (whole_conn, "c"); //  nginx 1.22 resets with the next words only
    world_finish (&self->world, &cut.call);
    assert_int_equal (cut.call.result.end, HTTP_END_CUT);
    assert_true (cut.call.result.sent);
    assert_int_equal (whole.call.ends, 0);
    peer_says (whole_conn, "d");
    world_finish (&self->world, &whole.call);
    assert_int_equal (whole.call.result.end, HTTP_END_OK);
    assert_string_equal (whole.connection, cut.connection);
    call_free (&cut.call);
    call_free (&whole.call);
}

//  given a server that says GOAWAY after some requests, those under way are completed, and
//  new ones go over a new connection
static void
test_goaway_moves_new_calls_to_a_new_connection (void **state)
{
    h2_world_t *self = *state;
    s_begin (self, 3);
    told_t first = s_told ();
    peer_conn_t *conn = s_ask (self, &first.call);
    peer_says (conn, HEAD ("4") "ab");
    char last[32] = "";
    unsigned connections = 0;
    for (int i = 0; i < 9; i++) {
        told_t told = s_told ();
        peer_says (s_ask (self, &told.call), HEAD ("2") "hi");
        world_finish (&self->world, &told.call);
        assert_int_equal (told.call.result.end, HTTP_END_OK);
        connections += strcmp (told.connection, last) != 0;
        strcpy (last, told.connection);
        call_free (&told.call);
    }
    assert_in_range (connections, 3, 5);
    peer_says (conn, "cd");
    world_finish (&self->world, &first.call);
    assert_int_equal (first.call.result.end, HTTP_END_OK);
    assert_true (call_body_is (&first.call, "abcd"));
    assert_string_not_equal (first.connection, last);
    call_free (&first.call);
}

//  given a connection that breaks, each of its streams fails, those with an answer as cut,
//  the others as reset; the next call gets a new connection
static void
test_a_lost_connection_fails_its_streams_and_no_more (void **state)
{
    h2_world_t *self = *state;
    s_begin (self, 1000);
    told_t told[4];
    for (int i = 0; i < 4; i++) {
        told[i] = s_told ();
        peer_conn_t *conn = s_ask (self, &told[i].call);
        if (i < 2)
            peer_says (conn, HEAD ("4") "ab");
    }
    for (int i = 0; i < 2; i++)
        while (told[i].call.body_bytes < 2)
            br_loop_turn (self->world.loop, 10);
    s_kill_nginx (self);
    for (int i = 0; i < 4; i++) {
        world_finish (&self->world, &told[i].call);
        assert_int_equal (told[i].call.result.end, i < 2 ? HTTP_END_CUT : HTTP_END_RESET);
        assert_true (told[i].call.result.sent);
        call_free (&told[i].call);
    }
    s_start_nginx (self, 1000);
    told_t next = s_told ();
    peer_says (s_ask (self, &next.call), HEAD ("2") "hi");
    world_finish (&self->world, &next.call);
    assert_int_equal (next.call.result.end, HTTP_END_OK);
    assert_false (next.call.result.reused);
    call_free (&next.call);
}

#define ROW(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        ROW (test_many_calls_share_a_connection),
        ROW (test_trailers_are_ignored),
        ROW (test_a_cancelled_stream_leaves_the_others),
        ROW (test_a_cancelled_stream_that_is_alone_closes_its_connection),
        ROW (test_a_stalled_stream_ends_alone),
        ROW (test_a_paused_stream_holds_up_no_other),
        ROW (test_a_paused_stream_may_end_meanwhile),
        ROW (test_a_reset_stream_is_cut_alone),
        ROW (test_goaway_moves_new_calls_to_a_new_connection),
        ROW (test_a_lost_connection_fails_its_streams_and_no_more),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
