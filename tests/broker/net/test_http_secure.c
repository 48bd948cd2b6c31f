//  http_secure: the server with TLS: the same promises as without, kept another way.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "tests/broker/net/secure_world.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"
#define GET_10(path) "GET " path " HTTP/1.0\r\nHost: h\r\n\r\n"

static http_call_t *
s_call (secure_world_t *self, secure_client_t *client, const char *request)
{
    size_t calls = self->world->calls_size;
    secure_says (self, client, request);
    world_until_calls (self->world, calls + 1);
    return self->world->calls[calls];
}

//  ---- requests and single answers

static void
s_two_requests (secure_world_t *self, const char *priorities)
{
    secure_client_t client = secure_connect (self, priorities);
    for (int i = 0; i < 2; i++) {
        secure_says (self, &client, GET ("/now"));
        secure_read (self, &client, WORLD_BODY);
        assert_non_null (strstr (self->world->text, WORLD_OK));
    }
    secure_close (&client);
    world_settle (self->world);
    assert_int_equal (http_server_open_connections (self->world->server), 0);
}

static void
test_a_connection_serves_many_requests_with_either_version (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    s_two_requests (self, TLS_12);
    s_two_requests (self, TLS_13);
}

static void
test_older_versions_are_refused (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t client = secure_open (self, "NORMAL:-VERS-ALL:+VERS-TLS1.1");
    assert_false (secure_greet (self, &client));
    secure_close (&client);
    world_settle (self->world);
    assert_int_equal (http_server_open_connections (self->world->server), 0);
}

static void
test_http_1_1_is_agreed_on (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t client = secure_open (self, TLS_13);
    const gnutls_datum_t offers[] = { { (unsigned char *) "h2", 2 },
                                      { (unsigned char *) "http/1.1", 8 } };
    gnutls_alpn_set_protocols (client.session, offers, 2, 0);
    assert_true (secure_greet (self, &client));
    gnutls_datum_t chosen;
    assert_int_equal (gnutls_alpn_get_selected_protocol (client.session, &chosen), 0);
    assert_int_equal (chosen.size, 8);
    assert_memory_equal (chosen.data, "http/1.1", 8);
    secure_close (&client);
}

//  given a head that fills libmicrohttpd's memory, the answer is the handler's here too
static void
test_a_head_that_is_too_large_is_refused_in_our_words (void **state)
{
    secure_world_t *self = *state;
    self->world->conf.header_max = 8192;
    world_start (self->world);
    secure_client_t client = secure_connect (self, TLS_13);
    char *value = br_alloc (14001, 1);
    memset (value, 'v', 14000);
    char *text = br_strf ("GET /now HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 2\r\nX-Large: %s",
                          value);
    secure_says (self, &client, text);
    secure_read (self, &client, NULL);
    assert_int_equal (client.error, 0);
    assert_non_null (strstr (self->world->text, "HTTP/1.1 400 "));
    assert_non_null (strstr (self->world->refused.text, "X-Large"));
    free (text);
    free (value);
    secure_close (&client);
}

static void
test_requests_that_come_together_are_answered_in_order (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t client = secure_connect (self, TLS_13);
    http_call_t *first = s_call (self, &client, GET ("/a") GET ("/b"));
    world_reply (first, 200, "first");
    secure_read (self, &client, "first");
    world_until_calls (self->world, 2);
    world_reply (self->world->calls[1], 200, "second");
    secure_read (self, &client, "second");
    secure_close (&client);
}

//  given a request that comes byte by byte, a record each, it is read like any other
static void
test_a_request_in_small_records_is_read (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t client = secure_connect (self, TLS_13);
    const char
        *request = "POST /now HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
    for (const char *at = request; *at; at++) {
        char one[] = { *at, '\0' };
        secure_says (self, &client, one);
    }
    secure_read (self, &client, WORLD_OK);
    assert_int_equal (br_blob_size (self->world->body), 5);
    secure_close (&client);
}

static void
test_a_large_body_and_a_large_answer_pass (void **state)
{
    secure_world_t *self = *state;
    self->world->reply_bytes = 900000;
    world_start (self->world);
    secure_client_t client = secure_connect (self, TLS_13);
    char *text = br_alloc (1, 100001);
    memset (text, 'b', 100000);
    secure_says (self, &client,
                 "POST /now HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
    secure_says (self, &client, text);
    secure_read (self, &client, "\r\n\r\n");
    assert_int_equal (br_blob_size (self->world->body), 100000);
    const char *head_end = strstr (self->world->text, "\r\n\r\n") + 4;
    size_t got = self->world->text_size - (size_t) (head_end - self->world->text);
    while (got < 900000) {
        br_loop_turn (self->world->loop, 0);
        ssize_t rc = secure_take (&client, self->world->text, WORLD_TEXT_MAX);
        assert_true (rc > 0 || !gnutls_error_is_fatal ((int) rc));
        got += rc > 0 ? (size_t) rc : 0;
    }
    assert_int_equal (got, 900000);
    world_until (self->world, "ended;");
    free (text);
    secure_close (&client);
}

static void
test_head_has_no_body_and_continue_is_said (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t client = secure_connect (self, TLS_13);
    secure_says (self, &client, "HEAD /now HTTP/1.1\r\nHost: h\r\n\r\n");
    secure_read (self, &client, "\r\n\r\n");
    assert_null (strstr (self->world->text, WORLD_BODY));
    secure_says (self, &client,
                 "POST /now HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                 "Content-Length: 2\r\n\r\n");
    secure_read (self, &client, "100 Continue\r\n\r\n");
    secure_says (self, &client, "{}");
    secure_read (self, &client, WORLD_BODY);
    secure_close (&client);
}

//  ---- refusals

static void
test_a_body_that_is_too_large_is_refused_in_words (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t client = secure_connect (self, TLS_13);
    secure_says (self, &client,
                 "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100001\r\n\r\n");
    secure_read (self, &client, NULL);
    assert_non_null (strstr (self->world->text, "HTTP/1.1 413 "));
    assert_int_equal (client.error, 0); //  it closed with a word
    secure_close (&client);

    client = secure_connect (self, TLS_13);
    secure_says (self, &client,
                 "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    char chunk[20001];
    memset (chunk, 'x', 20000);
    chunk[20000] = '\0';
    for (int i = 0; i < 6; i++) {
        secure_says (self, &client, "4e20\r\n");
        secure_says (self, &client, chunk);
        secure_says (self, &client, "\r\n");
    }
    secure_read (self, &client, "is larger than 100000 bytes");
    assert_non_null (strstr (self->world->text, "HTTP/1.1 413 "));
    secure_close (&client);
    assert_int_equal (self->world->refusals, 2);
}

static void
test_a_doubtful_head_is_refused (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t client = secure_connect (self, TLS_12);
    secure_says (self, &client,
                 "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n");
    secure_read (self, &client, NULL);
    assert_non_null (strstr (self->world->text, "HTTP/1.1 400 "));
    secure_close (&client);
}

static void
test_a_client_without_tls_is_closed (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    world_ask (self->world, GET ("/now"), NULL);
    assert_null (strstr (self->world->text, "HTTP/1.1"));
    assert_string_equal (self->world->notes, "");
}

//  ---- limits

static void
test_a_handshake_that_stops_is_given_up (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t client = secure_open (self, TLS_13);
    assert_int_not_equal (gnutls_handshake (client.session), 0); //  its first word only
    world_settle (self->world);
    assert_int_equal (http_server_open_connections (self->world->server), 1);
    world_wait (self->world, 4000);
    assert_int_equal (http_server_open_connections (self->world->server), 0);
    secure_close (&client);
}

//  given a handshake without a request, the connection is idle, not slow; and when its
//  time is over the client is told so
static void
test_a_connection_without_a_request_is_idle (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t client = secure_connect (self, TLS_13);
    world_wait (self->world, 6000);
    assert_int_equal (self->world->refusals, 0);
    secure_says (self, &client, GET ("/now"));
    secure_read (self, &client, WORLD_BODY);
    world_wait (self->world, 12000);
    secure_read (self, &client, NULL);
    assert_int_equal (client.error, 0);
    assert_int_equal (self->world->text_size, 0);
    secure_close (&client);
}

static void
test_a_header_that_stops_is_refused (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t client = secure_connect (self, TLS_13);
    secure_says (self, &client, "GET /now HTTP/1.1\r\nHos");
    world_wait (self->world, 4000);
    secure_read (self, &client, NULL);
    assert_non_null (strstr (self->world->text, "HTTP/1.1 400 "));
    secure_close (&client);
}

static void
test_a_client_that_takes_nothing_is_given_up (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t client = secure_connect (self, TLS_13);
    http_call_t *call = s_call (self, &client, GET ("/stream"));
    char line[1000];
    memset (line, 'x', sizeof line);
    while (http_call_pending (call) < 300000) {
        http_call_write (call, line, sizeof line);
        br_loop_turn (self->world->loop, 0);
    }
    world_wait (self->world, 8000);
    assert_string_equal (self->world->notes, "request /stream;gone;");
    assert_int_equal (http_server_open_connections (self->world->server), 0);
    secure_close (&client);
}

//  ---- streams

static void
test_a_stream_is_framed_told_and_ended_and_the_connection_kept (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t client = secure_connect (self, TLS_13);
    http_call_t *call = s_call (self, &client, GET ("/stream"));
    secure_read (self, &client, "\r\n\r\n");
    assert_non_null (strstr (self->world->text, "Transfer-Encoding: chunked\r\n"));
    http_call_write (call, "", 0);
    http_call_write (call, "0123456789abcdef", 16);
    assert_int_equal (self->world->written, 0); //  told outside the call that wrote
    assert_int_equal (http_call_pending (call), 16);
    secure_read (self, &client, "10\r\n0123456789abcdef\r\n");
    world_settle (self->world);
    assert_int_equal (self->world->written, 16);
    assert_int_equal (http_call_pending (call), 0);
    http_call_write (call, "x", 1);
    secure_read (self, &client, "1\r\nx\r\n");
    http_call_write (call, "yz", 2);
    http_call_end (call);
    secure_read (self, &client, "2\r\nyz\r\n0\r\n\r\n");
    world_until (self->world, "ended;");
    assert_int_equal (self->world->written, 19);
    secure_says (self, &client, GET ("/whole"));
    secure_read (self, &client, "5\r\nhello\r\n0\r\n\r\n");
    secure_close (&client);
}

static void
test_a_stream_may_have_a_trailer (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t client = secure_connect (self, TLS_13);
    for (int i = 0; i < 2; i++) {
        http_call_t *call = s_call (self, &client, GET ("/stream"));
        http_call_write (call, "yz", 2);
        if (i)
            secure_read (self, &client, "2\r\nyz\r\n");
        http_call_set_trailer (call, "x-proof", "a.b.c");
        http_call_end (call);
        secure_read (self, &client, "0\r\nx-proof: a.b.c\r\n\r\n");
    }
    secure_close (&client);
}

//  Drops heads of chunks and line ends: what is left are the letters of the body.
static size_t
s_count_letters (const char *text, ssize_t size, char letter)
{
    size_t count = 0;
    for (ssize_t i = 0; i < size; i++)
        count += text[i] == letter;
    return count;
}

static void
test_a_slow_reader_gets_everything (void **state)
{
    secure_world_t *self = *state;
    world_t *world = self->world;
    world_start (world);
    secure_client_t client = secure_connect (self, TLS_13);
    http_call_t *call = s_call (self, &client, GET ("/stream"));
    secure_read (self, &client, "\r\n\r\n");
    char line[1000];
    memset (line, 'z', sizeof line);
    size_t given = 0;
    while (http_call_pending (call) < 300000) {
        http_call_write (call, line, sizeof line);
        given += sizeof line;
        br_loop_turn (world->loop, 0);
    }
    world_settle (world);
    assert_int_equal (world->written + http_call_pending (call), given);
    assert_true (world->written > 0);
    http_call_end (call);
    size_t got = 0;
    bool complete = false;
    while (!complete) {
        br_loop_turn (world->loop, 0);
        ssize_t rc = secure_take (&client, world->text, WORLD_TEXT_MAX);
        assert_true (rc > 0 || !gnutls_error_is_fatal ((int) rc));
        got += s_count_letters (world->text, rc, 'z');
        complete = rc >= 5 && memcmp (world->text + rc - 5, "0\r\n\r\n", 5) == 0;
    }
    assert_int_equal (got, given);
    world_until (world, "ended;");
    assert_int_equal (world->written, given);
    secure_close (&client);
}

static void
test_a_stream_that_holds_too_much_is_given_up (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t client = secure_connect (self, TLS_13);
    http_call_t *call = s_call (self, &client, GET ("/stream"));
    char *block = br_alloc (1, 1u << 20);
    for (int i = 0; i < 16; i++)
        http_call_write (call, block, 1u << 20);
    world_until (self->world, "gone;");
    world_settle (self->world);
    assert_int_equal (http_server_open_connections (self->world->server), 0);
    free (block);
    secure_close (&client);
}

//  given a stream that is cut, what was written arrives, then the connection closes with
//  neither a last chunk nor a word of TLS
static void
test_a_cut_stream_is_seen_as_cut (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    const char *requests[] = { GET ("/stream"), GET_10 ("/stream") };
    for (size_t i = 0; i < 2; i++) {
        secure_client_t client = secure_connect (self, TLS_13);
        http_call_t *call = s_call (self, &client, requests[i]);
        http_call_write (call, "half", 4);
        http_call_cut (call);
        secure_read (self, &client, NULL);
        assert_non_null (strstr (self->world->text, "half"));
        assert_null (strstr (self->world->text, "0\r\n\r\n"));
        assert_int_equal (client.error, GNUTLS_E_PREMATURE_TERMINATION);
        secure_close (&client);
    }
    assert_string_equal (self->world->notes,
                         "request /stream;ended;request /stream;ended;");
    assert_int_equal (http_server_open_connections (self->world->server), 0);
}

static void
test_a_stream_of_http_1_0_ends_with_a_word (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t client = secure_connect (self, TLS_13);
    http_call_t *call = s_call (self, &client, GET_10 ("/stream"));
    char line[3000];
    memset (line, 'z', sizeof line);
    for (int i = 0; i < 10; i++) {
        http_call_write (call, line, sizeof line);
        world_settle (self->world);
    }
    assert_int_equal (self->world->written, 30000);
    http_call_end (call);
    secure_read (self, &client, NULL);
    assert_int_equal (client.error, 0);
    const char *body = strstr (self->world->text, "\r\n\r\n") + 4;
    assert_int_equal (strlen (body), 30000);
    assert_int_equal (s_count_letters (body, 30000, 'z'), 30000);
    secure_close (&client);
}

static void
test_a_stream_for_head_has_no_body (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t client = secure_connect (self, TLS_13);
    http_call_t *call = s_call (self, &client,
                                "HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    http_call_write (call, "unseen", 6);
    http_call_end (call);
    secure_read (self, &client, NULL);
    assert_null (strstr (self->world->text, "unseen"));
    secure_close (&client);
}

//  ---- clients that leave

static void
test_a_client_that_closes_is_gone (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t client = secure_connect (self, TLS_13);
    s_call (self, &client, GET ("/wait"));
    secure_close (&client);
    world_until (self->world, "gone;");
    client = secure_connect (self, TLS_13);
    s_call (self, &client, GET ("/stream"));
    gnutls_bye (client.session, GNUTLS_SHUT_WR);
    secure_close (&client);
    world_settle (self->world);
    assert_string_equal (self->world->notes, "request /wait;gone;request /stream;gone;");
    assert_int_equal (http_server_open_connections (self->world->server), 0);
}

//  given a client that says goodbye and keeps the connection open, it is gone as well
static void
test_a_client_that_says_goodbye_is_gone (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    const char *versions[] = { TLS_12, TLS_13 };
    const char *paths[] = { GET ("/wait"), GET ("/stream") };
    for (size_t i = 0; i < 4; i++) {
        self->world->notes[0] = '\0';
        secure_client_t client = secure_connect (self, versions[i / 2]);
        s_call (self, &client, paths[i % 2]);
        world_settle (self->world);
        assert_null (strstr (self->world->notes, "gone;"));
        gnutls_bye (client.session, GNUTLS_SHUT_WR);
        world_settle (self->world);
        assert_non_null (strstr (self->world->notes, "gone;"));
        secure_close (&client);
    }
}

//  given an empty line or a whole request behind one that waits, the client is still there
static void
test_a_client_that_says_more_is_not_gone (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    const char *versions[] = { TLS_12, TLS_13 };
    for (size_t i = 0; i < 2; i++) {
        secure_client_t client = secure_connect (self, versions[i]);
        http_call_t *call = s_call (self, &client, GET ("/wait"));
        secure_says (self, &client, "\r\n");
        world_settle (self->world);
        secure_says (self, &client, GET ("/now"));
        world_settle (self->world);
        assert_null (strstr (self->world->notes, "gone;"));
        world_reply (call, 200, "late");
        secure_read (self, &client, WORLD_BODY);
        assert_non_null (strstr (self->world->text, "late"));
        secure_close (&client);
    }
}

static void
test_a_client_that_resets_is_gone_while_bytes_are_held (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t client = secure_connect (self, TLS_13);
    http_call_t *call = s_call (self, &client, GET ("/stream"));
    char line[1000] = { 0 };
    while (http_call_pending (call) < 300000) {
        http_call_write (call, line, sizeof line);
        br_loop_turn (self->world->loop, 0);
    }
    struct linger now = { .l_onoff = 1 };
    setsockopt (client.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    secure_close (&client);
    world_until (self->world, "gone;");
    world_settle (self->world);
    assert_int_equal (http_server_open_connections (self->world->server), 0);
}

//  ---- the server's end

static void
test_a_drained_server_ends_what_is_open (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t client = secure_connect (self, TLS_13);
    secure_client_t idle = secure_connect (self, TLS_13);
    secure_says (self, &idle, GET ("/now"));
    secure_read (self, &idle, WORLD_BODY);
    http_call_t *call = s_call (self, &client, GET ("/stream"));
    http_server_drain (self->world->server);
    http_call_write (call, "on", 2);
    secure_read (self, &client, "2\r\non\r\n");
    world_wait (self->world, 2000);
    secure_read (self, &idle, NULL);
    assert_int_equal (idle.error, 0);
    http_call_end (call);
    secure_read (self, &client, "0\r\n\r\n");
    secure_close (&idle);
    secure_close (&client);
}

static void
test_a_server_goes_with_everything_open (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t clients[5];
    for (size_t i = 0; i < 3; i++)
        clients[i] = secure_connect (self, TLS_13);
    s_call (self, &clients[0], GET ("/stream"));
    s_call (self, &clients[1], GET ("/wait"));
    secure_says (self, &clients[2], "GET /half");
    clients[3] = secure_open (self, TLS_13);
    gnutls_handshake (clients[3].session);
    clients[4] = secure_open (self, TLS_13);
    world_settle (self->world);
    http_server_destroy (&self->world->server);
    for (size_t i = 0; i < 5; i++)
        secure_close (&clients[i]);
}

//  given more streams than one libmicrohttpd holds, each gets what it is written
static void
test_many_streams_go_on_side_by_side (void **state)
{
    secure_world_t *self = *state;
    world_start (self->world);
    secure_client_t clients[100];
    for (size_t i = 0; i < 100; i++) {
        clients[i] = secure_connect (self, TLS_13);
        s_call (self, &clients[i], GET ("/stream"));
    }
    for (int round = 0; round < 3; round++)
        for (size_t i = 0; i < 100; i++)
            http_call_write (self->world->calls[i], "word ", 5);
    for (size_t i = 0; i < 100; i++) {
        http_call_end (self->world->calls[i]);
        secure_read (self, &clients[i], "0\r\n\r\n");
        assert_int_equal (
            s_count_letters (self->world->text, (ssize_t) self->world->text_size, 'w'),
            3);
        secure_close (&clients[i]);
    }
    world_settle (self->world);
    assert_int_equal (world_count (self->world->notes, "ended;"), 100);
}

#define ROW(name) cmocka_unit_test_setup_teardown (name, secure_setup, secure_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        ROW (test_a_connection_serves_many_requests_with_either_version),
        ROW (test_older_versions_are_refused),
        ROW (test_http_1_1_is_agreed_on),
        ROW (test_a_head_that_is_too_large_is_refused_in_our_words),
        ROW (test_requests_that_come_together_are_answered_in_order),
        ROW (test_a_request_in_small_records_is_read),
        ROW (test_a_large_body_and_a_large_answer_pass),
        ROW (test_head_has_no_body_and_continue_is_said),
        ROW (test_a_body_that_is_too_large_is_refused_in_words),
        ROW (test_a_doubtful_head_is_refused),
        ROW (test_a_client_without_tls_is_closed),
        ROW (test_a_handshake_that_stops_is_given_up),
        ROW (test_a_connection_without_a_request_is_idle),
        ROW (test_a_header_that_stops_is_refused),
        ROW (test_a_client_that_takes_nothing_is_given_up),
        ROW (test_a_stream_is_framed_told_and_ended_and_the_connection_kept),
        ROW (test_a_stream_may_have_a_trailer),
        ROW (test_a_slow_reader_gets_everything),
        ROW (test_a_stream_that_holds_too_much_is_given_up),
        ROW (test_a_cut_stream_is_seen_as_cut),
        ROW (test_a_stream_of_http_1_0_ends_with_a_word),
        ROW (test_a_stream_for_head_has_no_body),
        ROW (test_a_client_that_closes_is_gone),
        ROW (test_a_client_that_says_goodbye_is_gone),
        ROW (test_a_client_that_says_more_is_not_gone),
        ROW (test_a_client_that_resets_is_gone_while_bytes_are_held),
        ROW (test_a_drained_server_ends_what_is_open),
        ROW (test_a_server_goes_with_everything_open),
        ROW (test_many_streams_go_on_side_by_side),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
