//  http_refuse: requests that two servers might read differently, that are too large, or
//  too many. Each gets an answer in the handler's words, and its connection closes.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "tests/broker/net/http_world.h"

#define H "Host: h\r\n"
#define POST "POST /now HTTP/1.1\r\n" H

typedef struct {
    const char *name;
    const char *bytes;
    size_t size; //  bytes
} shape_t;

#define SHAPE(name, bytes)                                                               \
    {                                                                                    \
        name, bytes, sizeof (bytes) - 1                                                  \
    }

//  Each is followed by a request that must not be served: it may be a smuggled one.
static const shape_t s_smuggling[] = {
    SHAPE ("both lengths",
           POST "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"),
    SHAPE ("two lengths", POST "Content-Length: 1\r\nContent-Length: 2\r\n\r\na"),
    SHAPE ("two equal lengths", POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\na"),
    SHAPE ("length list", POST "Content-Length: 1, 1\r\n\r\na"),
    SHAPE ("signed length", POST "Content-Length: +1\r\n\r\na"),
    SHAPE ("hexadecimal length", POST "Content-Length: 0x1\r\n\r\na"),
    SHAPE ("huge length", POST "Content-Length: 99999999999999999999999\r\n\r\na"),
    SHAPE ("unknown coding", POST "Transfer-Encoding: gzip\r\n\r\n"),
    SHAPE ("coding list", POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    SHAPE ("coding with a tail", POST "Transfer-Encoding: chunked;x\r\n\r\n0\r\n\r\n"),
    SHAPE ("coding with a blank", POST "Transfer-Encoding: chunked \r\n\r\n0\r\n\r\n"),
    SHAPE ("vertical tab coding", POST "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n"),
    SHAPE ("two codings",
           POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n"),
    SHAPE ("coding under 1.0",
           "POST /now HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    SHAPE ("no host", "GET /now HTTP/1.1\r\n\r\n"),
    SHAPE ("two hosts", "GET /now HTTP/1.1\r\n" H "host: i\r\n\r\n"),
    SHAPE ("blank before colon", "GET /now HTTP/1.1\r\nHost : h\r\n\r\n"),
    SHAPE ("tab before colon", POST "Content-Length\t: 1\r\n\r\na"),
    SHAPE ("blank in a name", "GET /now HTTP/1.1\r\n" H "X Y: 1\r\n\r\n"),
    SHAPE ("empty name", "GET /now HTTP/1.1\r\n" H ": 1\r\n\r\n"),
    SHAPE ("folded field", "GET /now HTTP/1.1\r\n" H "X: a\r\n b: c\r\n\r\n"),
    SHAPE ("folded without colon", "GET /now HTTP/1.1\r\n" H "X: a\r\n b\r\n\r\n"),
    SHAPE ("folded first field", "GET /now HTTP/1.1\r\n Host: h\r\n\r\n"),
    SHAPE ("folded coding", POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
    SHAPE ("control in a value", "GET /now HTTP/1.1\r\n" H "X: a\001b\r\n\r\n"),
    SHAPE ("delete in a value", "GET /now HTTP/1.1\r\n" H "X: a\177b\r\n\r\n"),
    SHAPE ("lone CR in a value", "GET /now HTTP/1.1\r\n" H "X: a\rb\r\n\r\n"),
    SHAPE ("zero in a value", "GET /now HTTP/1.1\r\n" H "X: a\0b\r\n\r\n"),
    SHAPE ("zero in a name", "GET /now HTTP/1.1\r\n" H "X\0: b\r\n\r\n"),
    SHAPE ("bare LF in fields", "GET /now HTTP/1.1\r\n" H "X: a\nY: b\r\n\r\n"),
    SHAPE ("bare LF behind the line", "GET /now HTTP/1.1\n" H "\r\n"),
    SHAPE ("bare LF at the end", "GET /now HTTP/1.1\r\n" H "\n"),
    SHAPE ("bare LF before the end", "GET /now HTTP/1.1\r\nHost: h\n\r\n"),
    SHAPE ("two blanks", "GET  /now HTTP/1.1\r\n" H "\r\n"),
    SHAPE ("blank in the path", "GET /now now HTTP/1.1\r\n" H "\r\n"),
    SHAPE ("tab in the path", "GET /now\tHTTP/1.1 HTTP/1.1\r\n" H "\r\n"),
    SHAPE ("control in the query", "GET /now?a=\001 HTTP/1.1\r\n" H "\r\n"),
    SHAPE ("no token for a method", "G(T /now HTTP/1.1\r\n" H "\r\n"),
    SHAPE ("no version", "GET /now\r\n" H "\r\n"),
    SHAPE ("old version", "GET /now HTTP/0.9\r\n" H "\r\n"),
    SHAPE ("new version", "GET /now HTTP/2.0\r\n" H "\r\n"),
    SHAPE ("no colon", "GET /now HTTP/1.1\r\n" H "what\r\n\r\n"),
    SHAPE ("no chunk size", POST "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"),
    SHAPE ("chunk without end", POST "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n"),
};

static void
test_doubtful_requests_are_refused_and_close (void **state)
{
    world_t *self = *state;
    world_start (self);
    static const char smuggled[] = "GET /later HTTP/1.1\r\nHost: h\r\n\r\n";
    for (size_t i = 0; i < sizeof s_smuggling / sizeof *s_smuggling; i++) {
        const shape_t *shape = &s_smuggling[i];
        size_t refusals = self->refusals;
        int fd = world_connect (self);
        world_send (self, fd, shape->bytes, shape->size);
        world_send (self, fd, smuggled, sizeof smuggled - 1);
        world_read (self, fd, NULL);
        close (fd);
        world_settle (self);
        if (strncmp (self->text, "HTTP/1.1 4", 10)
            && strncmp (self->text, "HTTP/1.1 505", 12))
            fail_msg ("%s: %s", shape->name, self->text);
        if (self->calls_size || strstr (self->notes, "request"))
            fail_msg ("%s was served", shape->name);
        print_message ("%-26s %s\n", shape->name,
                       self->refusals > refusals ? self->refused.text
                                                 : "by libmicrohttpd");
    }
    assert_int_equal (http_server_open_connections (self->server), 0);
}

static void
test_odd_but_clear_requests_are_served (void **state)
{
    static const char *const requests[] = {
        "\r\n\r\nGET /now HTTP/1.1\r\n" H "\r\n",
        "GET /now HTTP/1.1\r\nHOST:h\r\n\r\n",
        "GET /now HTTP/1.1\r\n" H "X:\t a\tb \r\nY:\r\nZ: \xc3\xa4\r\n\r\n",
        "GET /now?a=%01&&=+ HTTP/1.1\r\n" H "Cookie: a=b; c\r\nCookie: d=\"e\"\r\n\r\n",
        "POST /now HTTP/1.1\r\n" H
        "transfer-encoding: CHUNKED\r\n\r\n1\r\na\r\n0\r\n\r\n",
        "POST /now HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n",
        "M-SEARCH /now HTTP/1.1\r\n" H "\r\n",
        "GET /now HTTP/1.0\r\n\r\n",
    };
    world_t *self = *state;
    world_start (self);
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        world_ask (self, requests[i], WORLD_BODY);
        if (strncmp (self->text, WORLD_OK, strlen (WORLD_OK)))
            fail_msg ("%s: %s", requests[i], self->text);
    }
}

//  ---- size

static void
s_send_header (world_t *self, int fd, size_t size)
{
    char *text = br_alloc (1, size + 1);
    int at = snprintf (text, size, "GET /now HTTP/1.1\r\n" H "X: ");
    memset (text + at, 'x', size - (size_t) at);
    memcpy (text + size - 4, "\r\n\r\n", 4);
    world_send (self, fd, text, size);
    free (text);
}

static void
test_a_header_at_its_limit_passes_and_one_byte_more_does_not (void **state)
{
    world_t *self = *state;
    static const size_t limits[] = { 1024, 4096, 8192, 16384, 65536 };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        self->conf.header_max = limits[i];
        world_start (self);
        int fd = world_connect (self);
        s_send_header (self, fd, limits[i]);
        world_read (self, fd, WORLD_BODY);
        assert_non_null (strstr (self->text, WORLD_OK));
        s_send_header (self, fd, limits[i] + 1);
        world_read (self, fd, NULL);
        assert_non_null (strstr (self->text, "HTTP/1.1 431 "));
        assert_int_equal (self->refused.code, BR_EHEADERS);
        close (fd);
        fd = world_connect (self);
        s_send_header (self, fd, limits[i] * 3 + 20000);
        world_read (self, fd, NULL);
        assert_non_null (strstr (self->text, "HTTP/1.1 431 "));
        close (fd);
        http_server_destroy (&self->server);
    }
}

//  given ever more fields, each of a few bytes, the server refuses at some number, and
//  before it no request finds the memory too full to be read or answered
static void
test_many_small_fields_never_wedge_the_reader (void **state)
{
    world_t *self = *state;
    world_start (self);
    size_t served = 0;
    char text[8192];
    for (int fields = 0; fields < 160; fields++) {
        int at = sprintf (text, "POST /now HTTP/1.1\r\n" H "Content-Length: 900\r\n");
        for (int i = 0; i < fields; i++)
            at += sprintf (text + at, "A:%d\r\n", i % 10);
        at += sprintf (text + at, "\r\n%900s", "");
        int fd = world_connect (self);
        world_send (self, fd, text, (size_t) at);
        world_read (self, fd, "\r\n\r\n");
        if (!strncmp (self->text, WORLD_OK, strlen (WORLD_OK)))
            served++;
        else
            assert_non_null (strstr (self->text, " 431 "));
        close (fd);
    }
    assert_in_range (served, 20, 100);
}

//  One field of this size, whose name says so, behind others or in front of them.
static void
s_ask_large (world_t *self, size_t size, bool first)
{
    char *value = br_alloc (size + 1, 1);
    memset (value, 'v', size);
    char *text = br_strf (
        "GET /now HTTP/1.1\r\n%s%s%s" H "X-One: 1\r\nX-Two: 2\r\n%s%s%s\r\n",
        first ? "X-Large: " : "", first ? value : "", first ? "\r\n" : "",
        first ? "" : "X-Large: ", first ? "" : value, first ? "" : "\r\n");
    self->notes[0] = '\0';
    int fd = world_connect (self);
    world_send (self, fd, text, strlen (text));
    world_read (self, fd, NULL);
    close (fd);
    free (text);
    free (value);
    world_settle (self);
}

//  given a field over the bound, however far, the answer is the handler's and names it
static void
test_a_field_that_is_too_large_is_refused_by_name (void **state)
{
    world_t *self = *state;
    static const size_t sizes[] = { 8300,  10000, 11900,  12100,
                                    12200, 12500, 100000, 1000000 };
    self->conf.header_max = 8192;
    world_start (self);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        s_ask_large (self, sizes[i], false);
        assert_string_equal (self->notes, "refuse EINVALID;");
        assert_string_equal (self->refused.text,
                             "the header X-Large is larger than 8192 bytes");
        assert_non_null (strstr (self->text, "HTTP/1.1 400 "));
        assert_null (strstr (self->text, "<html>"));
        assert_int_equal (http_server_open_connections (self->server), 0);
    }
}

//  given one before all others, libmicrohttpd does not tell where it lies
static void
test_a_large_field_that_cannot_be_named_is_refused_all_the_same (void **state)
{
    world_t *self = *state;
    self->conf.header_max = 8192;
    world_start (self);
    s_ask_large (self, 100000, true);
    assert_string_equal (self->notes, "refuse EHEADERS;");
    assert_non_null (strstr (self->text, "HTTP/1.1 431 "));
    assert_null (strstr (self->text, "<html>"));
}

//  given a head that comes in small parts on a connection that has served before
static void
test_a_head_that_grows_slowly_is_refused_too (void **state)
{
    world_t *self = *state;
    self->conf.header_max = 8192;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd, "GET /now HTTP/1.1\r\n" H "\r\n");
    world_read (self, fd, WORLD_BODY);
    world_says (self, fd, "GET /now HTTP/1.1\r\n" H "A: 1\r\nB: 2\r\nX-Slow: ");
    char part[500];
    memset (part, 'v', sizeof part);
    for (int i = 0; i < 60; i++) {
        world_send (self, fd, part, sizeof part);
        world_settle (self);
    }
    world_read (self, fd, NULL);
    assert_non_null (strstr (self->text, "HTTP/1.1 400 "));
    assert_null (strstr (self->text, "<html>"));
    assert_non_null (strstr (self->refused.text, "X-Slow"));
    close (fd);
}

//  given two heads under way, nobody knows which of them is too large
static void
test_another_head_under_way_is_left_alone (void **state)
{
    world_t *self = *state;
    self->conf.header_max = 8192;
    world_start (self);
    int other = world_connect (self);
    world_says (self, other, "GET /now HTTP/1.1\r\n" H);
    world_settle (self);
    s_ask_large (self, 100000, false);
    assert_non_null (strstr (self->text, "HTTP/1.1 431 "));
    world_says (self, other, "\r\n");
    world_read (self, other, WORLD_BODY);
    assert_non_null (strstr (self->text, WORLD_OK));
    close (other);
}

//  given fields behind chunks that fill the memory, who is still sending a head is not
//  taken for the one who sends them
static void
test_large_fields_behind_chunks_hurt_nobody_else (void **state)
{
    world_t *self = *state;
    self->conf.header_max = 8192;
    world_start (self);
    int other = world_connect (self);
    world_says (self, other, "GET /now HTTP/1.1\r\n" H);
    world_settle (self);
    int fd = world_connect (self);
    world_says (self, fd, POST "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: ");
    char part[20000];
    memset (part, 'v', sizeof part);
    world_send (self, fd, part, sizeof part);
    world_read (self, fd, NULL);
    assert_non_null (strstr (self->text, "HTTP/1.1 431 "));
    close (fd);
    world_says (self, other, "\r\n");
    world_read (self, other, WORLD_BODY);
    assert_non_null (strstr (self->text, WORLD_OK));
    close (other);
}

//  given empty lines that push a head to the end of the memory
static void
test_a_head_behind_many_empty_lines_is_refused_unnamed_or_named (void **state)
{
    world_t *self = *state;
    self->conf.header_max = 8192;
    world_start (self);
    for (size_t lines = 5000; lines < 6144; lines += 13) {
        char *text = br_alloc (lines * 2 + 20000, 1);
        for (size_t i = 0; i < lines; i++)
            memcpy (text + i * 2, "\r\n", 2);
        size_t size = lines * 2;
        size += (size_t) sprintf (text + size,
                                  "GET /now HTTP/1.1\r\n" H "A: 1\r\nB: 2\r\n"
                                  "X-Large: ");
        memset (text + size, 'v', 14000);
        int fd = world_connect (self);
        world_send (self, fd, text, size + 14000);
        world_read (self, fd, NULL);
        assert_true (strstr (self->text, " 431 ") || strstr (self->text, " 414 ")
                     || strstr (self->refused.text, "header X-Large is larger"));
        close (fd);
        free (text);
        world_settle (self);
    }
}

static void
test_a_body_is_refused_at_its_announced_length (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd, POST "Content-Length: 100001\r\nExpect: 100-continue\r\n\r\n");
    world_read (self, fd, NULL);
    assert_non_null (strstr (self->text, "HTTP/1.1 413 "));
    assert_null (strstr (self->text, "100 Continue"));
    assert_string_equal (self->notes, "refuse ETOOBIG;");
    close (fd);
}

//  given a client that sends its whole body before it reads, it still finds the refusal
static void
test_a_refusal_survives_a_client_that_goes_on_sending (void **state)
{
    world_t *self = *state;
    world_start (self);
    size_t size = 3u << 20;
    char *bytes = br_alloc (1, size);
    int fd = world_connect (self);
    world_says (self, fd, POST "Content-Length: 3145728\r\n\r\n");
    world_send (self, fd, bytes, size);
    world_read (self, fd, NULL);
    assert_non_null (strstr (self->text, "HTTP/1.1 413 "));
    assert_non_null (strstr (self->text, "larger than 100000 bytes"));
    close (fd);
    free (bytes);
}

static void
test_a_chunked_body_is_refused_while_it_is_read (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd, POST "Transfer-Encoding: chunked\r\n\r\n");
    char chunk[1008];
    int size = snprintf (chunk, sizeof chunk, "3e8\r\n%1000s\r\n", "");
    for (int i = 0; i < 100; i++)
        world_send (self, fd, chunk, (size_t) size);
    world_settle (self);
    assert_string_equal (self->notes, "");
    world_send (self, fd, chunk, (size_t) size);
    world_read (self, fd, NULL);
    assert_non_null (strstr (self->text, "HTTP/1.1 413 "));
    assert_non_null (strstr (self->text, "Connection: close\r\n"));
    assert_string_equal (self->notes, "refuse ETOOBIG;");
    close (fd);
}

int
main (void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown (fn, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        WORLD_TEST (test_doubtful_requests_are_refused_and_close),
        WORLD_TEST (test_odd_but_clear_requests_are_served),
        WORLD_TEST (test_a_header_at_its_limit_passes_and_one_byte_more_does_not),
        WORLD_TEST (test_many_small_fields_never_wedge_the_reader),
        WORLD_TEST (test_a_field_that_is_too_large_is_refused_by_name),
        WORLD_TEST (test_a_large_field_that_cannot_be_named_is_refused_all_the_same),
        WORLD_TEST (test_a_head_that_grows_slowly_is_refused_too),
        WORLD_TEST (test_another_head_under_way_is_left_alone),
        WORLD_TEST (test_large_fields_behind_chunks_hurt_nobody_else),
        WORLD_TEST (test_a_head_behind_many_empty_lines_is_refused_unnamed_or_named),
        WORLD_TEST (test_a_body_is_refused_at_its_announced_length),
        WORLD_TEST (test_a_refusal_survives_a_client_that_goes_on_sending),
        WORLD_TEST (test_a_chunked_body_is_refused_while_it_is_read),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
