//  http_answer: streams: what is on the wire, what is told, slow readers, and cuts.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "tests/broker/net/http_world.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

static http_call_t *
s_stream (world_t *self, int fd)
{
    size_t calls = self->calls_size;
    world_says (self, fd, GET ("/stream"));
    world_until_calls (self, calls + 1);
    return self->calls[calls];
}

static void
test_chunks_are_framed_and_their_bytes_told (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    http_call_t *call = s_stream (self, fd);
    world_read (self, fd, "\r\n\r\n");
    assert_non_null (strstr (self->text, "Transfer-Encoding: chunked\r\n"));
    http_call_write (call, "", 0);
    http_call_write (call, "0123456789abcdef", 16);
    assert_int_equal (self->written, 0); //  told outside the call that wrote
    world_read (self, fd, "10\r\n0123456789abcdef\r\n");
    assert_int_equal (self->written, 16);
    http_call_write (call, "x", 1);
    world_read (self, fd, "1\r\nx\r\n");
    assert_int_equal (self->written, 17);
    assert_int_equal (http_call_pending (call), 0);
    http_call_end (call);
    world_read (self, fd, "0\r\n\r\n");
    assert_string_equal (self->text, "0\r\n\r\n");
    assert_string_equal (self->notes, "request /stream;ended;");
    close (fd);
}

typedef struct {
    http_call_t *call;
    size_t size; //  bytes to write; 0 = nothing
} pen_t;

static uint64_t
s_write_last (void *arg)
{
    pen_t *pen = arg;
    char *bytes = br_alloc (1, pen->size + 1);
    memset (bytes, 'x', pen->size);
    if (pen->size)
        http_call_write (pen->call, bytes, pen->size);
    free (bytes);
    pen->size = 0;
    return UINT64_MAX;
}

//  given an answer that is written behind all hooks, by who handles messages, and nothing
//  else that would turn the loop, then its bytes are told all the same: who sends them on
//  may wait for that
static void
test_many_bytes_are_told_though_nothing_else_happens (void **state)
{
    world_t *self = *state;
    br_loop_destroy (&self->loop);
    self->loop = br_loop_new (br_clock_real ());
    world_start (self);
    int fd = world_connect (self);
    pen_t pen = { .call = s_stream (self, fd) };
    world_read (self, fd, "\r\n\r\n");
    br_loop_hook_last (self->loop, s_write_last, &pen);
    pen.size = 20000;
    br_loop_turn (self->loop, UINT64_MAX); //  a wrong sleep would last for ever, or until
    br_loop_turn (self->loop, 0);          //  some timer
    assert_int_equal (self->written, 20000);
    http_call_end (pen.call);
    world_read (self, fd, "0\r\n\r\n");
    br_loop_hook_last (self->loop, NULL, NULL);
    close (fd);
}

//  given a client that reads slowly, what the kernel does not take is held and counted,
//  and all of it arrives, in order, once the client reads
static void
test_a_slow_reader_gets_everything (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    http_call_t *call = s_stream (self, fd);
    size_t given = 0;
    char line[1000];
    while (http_call_pending (call) < 300000) {
        memset (line, 'a' + (int) (given / sizeof line % 26), sizeof line);
        http_call_write (call, line, sizeof line);
        given += sizeof line;
    }
    world_settle (self);
    assert_int_equal (self->written + http_call_pending (call), given);
    http_call_end (call);
    size_t got = 0;
    size_t in_chunk = 0;
    bool complete = false;
    while (!complete) { //  a reader of chunks, one byte at a time
        br_loop_turn (self->loop, 0);
        ssize_t rc = recv (fd, self->text, 30011, MSG_DONTWAIT);
        for (ssize_t i = 0; i < rc; i++) {
            static char head[400];
            static size_t head_size;
            if (in_chunk) {
                assert_int_equal (self->text[i], 'a' + (int) (got / sizeof line % 26));
                got++;
                in_chunk--;
                continue;
            }
            assert_true (head_size < sizeof head - 1);
            head[head_size++] = self->text[i];
            head[head_size] = '\0';
            bool headers = !strncmp (head, "HTTP", 4);
            if (headers && !strstr (head, "\r\n\r\n"))
                continue;
            if (headers || (head_size == 2 && head[0] == '\r'))
                head_size = 0;
            else if (self->text[i] == '\n') {
                in_chunk = strtoul (head, NULL, 16);
                head_size = 0;
                complete = in_chunk == 0;
            }
        }
    }
    assert_int_equal (got, given);
    world_settle (self);
    assert_int_equal (self->written, given);
    assert_string_equal (self->notes, "request /stream;ended;");
    close (fd);
}

static size_t
s_resident_pages (void)
{
    size_t pages = 0;
    FILE *file = fopen ("/proc/self/statm", "r");
    assert_non_null (file);
    assert_int_equal (fscanf (file, "%*u %zu", &pages), 1);
    fclose (file);
    return pages;
}

//  given streams whose connections have large buffers, when they last, the memory goes;
//  and they end as ever, and their connections serve the next request
static void
test_a_stream_that_lasts_costs_no_buffer (void **state)
{
    world_t *self = *state;
    self->conf.header_max = 1u << 20;
    world_start (self);
    int fds[10];
    for (size_t i = 0; i < 10; i++) {
        fds[i] = world_connect (self);
        world_says (self, fds[i], "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n");
        world_until_calls (self, i + 1);
        http_call_write (self->calls[i], "one", 3);
        world_read (self, fds[i], "3\r\none\r\n");
    }
    size_t before = s_resident_pages ();
    world_wait (self, 3000);
    size_t saved = before - s_resident_pages ();
    assert_in_range (saved * (size_t) sysconf (_SC_PAGESIZE), 4u << 20, 12u << 20);
    for (size_t i = 0; i < 10; i++) {
        http_call_write (self->calls[i], "two", 3);
        http_call_end (self->calls[i]);
        world_read (self, fds[i], "3\r\ntwo\r\n0\r\n\r\n");
        world_says (self, fds[i], "GET /now HTTP/1.1\r\nHost: h\r\n\r\n");
        world_read (self, fds[i], WORLD_BODY);
        close (fds[i]);
    }
}

static void
test_a_stream_that_holds_too_much_is_given_up (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    http_call_t *call = s_stream (self, fd);
    char *much = br_alloc (1, 1u << 20);
    for (int i = 0; i < 40; i++)
        http_call_write (call, much, 1u << 20);
    free (much);
    world_until (self, "gone;");
    world_settle (self);
    assert_int_equal (http_server_open_connections (self->server), 0);
    close (fd);
}

static void
test_a_cut_has_no_last_chunk_but_all_that_was_written (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    http_call_t *call = s_stream (self, fd);
    char *much = br_alloc (1, 900000);
    memset (much, 'x', 900000);
    http_call_write (call, much, 900000);
    http_call_cut (call);
    free (much);
    size_t got = 0;
    for (bool end = false; !end;) {
        br_loop_turn (self->loop, 0);
        ssize_t rc = recv (fd, self->text, 100000, MSG_DONTWAIT);
        end = rc == 0;
        for (ssize_t i = 0; i < rc; i++)
            got += self->text[i] == 'x';
        if (rc > 4)
            assert_memory_not_equal (self->text + rc - 5, "0\r\n\r\n", 5);
    }
    assert_int_equal (got, 900000);
    close (fd);
    world_settle (self);
    assert_string_equal (self->notes, "request /stream;ended;");
    assert_int_equal (http_server_open_connections (self->server), 0);
}

//  given an older connection that stays, when younger ones are cut or end by closing,
//  they are closed even if their clients do not react
static void
test_closed_connections_are_not_forgotten (void **state)
{
    world_t *self = *state;
    world_start (self);
    int older = world_connect (self);
    world_says (self, older, GET ("/now"));
    world_read (self, older, WORLD_BODY);
    int cut = world_connect (self);
    http_call_t *call = s_stream (self, cut);
    world_settle (self);
    http_call_cut (call);
    int plain = world_connect (self);
    world_says (self, plain, "GET /whole HTTP/1.0\r\n\r\n");
    world_read (self, plain, NULL);
    world_read (self, cut, NULL);
    world_settle (self);
    assert_int_equal (http_server_open_connections (self->server), 1);
    world_says (self, older, GET ("/now"));
    world_read (self, older, WORLD_BODY);
    close (older);
    close (cut);
    close (plain);
}

static void
test_everything_may_be_said_before_the_head_is_out (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd, GET ("/later"));
    world_until_calls (self, 1);
    http_call_open (self->calls[0], 201, NULL, 0);
    http_call_write (self->calls[0], "ab", 2);
    http_call_write (self->calls[0], "cd", 2);
    http_call_end (self->calls[0]);
    world_read (self, fd, "0\r\n\r\n");
    assert_non_null (strstr (self->text, "HTTP/1.1 201 Created\r\n"));
    assert_non_null (strstr (self->text, "\r\n\r\n4\r\nabcd\r\n0\r\n\r\n"));
    world_says (self, fd, GET ("/later"));
    world_until_calls (self, 2);
    http_call_open (self->calls[1], 200, NULL, 0);
    http_call_write (self->calls[1], "ab", 2);
    http_call_cut (self->calls[1]);
    world_read (self, fd, NULL);
    assert_non_null (strstr (self->text, "\r\n\r\n2\r\nab\r\n"));
    assert_int_equal (world_count (self->notes, "ended;"), 2);
    close (fd);
}

static void
test_head_gets_no_body_of_either_kind (void **state)
{
    world_t *self = *state;
    world_start (self);
    world_ask (self, "HEAD /now HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", NULL);
    assert_non_null (strstr (self->text, "Content-Length: 5\r\n"));
    assert_null (strstr (self->text, WORLD_BODY));
    world_ask (self, "HEAD /whole HTTP/1.1\r\nHost: h\r\n\r\n", NULL);
    assert_string_equal (self->text + self->text_size - 4, "\r\n\r\n");
    int fd = world_connect (self);
    world_says (self, fd, "HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    world_until_calls (self, 1);
    world_settle (self);
    http_call_write (self->calls[0], "x", 1);
    world_settle (self);
    http_call_end (self->calls[0]);
    world_read (self, fd, NULL);
    assert_string_equal (self->text + self->text_size - 4, "\r\n\r\n");
    close (fd);
    world_ask (self, "HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n", "");
    assert_int_equal (world_count (self->notes, "ended;"), 3);
    assert_int_equal (world_count (self->notes, "gone;"), 1);
    fd = world_connect (self);
    world_says (self, fd, "HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n");
    world_until_calls (self, 3);
    http_call_cut (self->calls[2]);
    world_read (self, fd, NULL);
    close (fd);
}

static void
test_http_1_0_gets_plain_bytes (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd, "GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    world_until_calls (self, 1);
    http_call_write (self->calls[0], "abc", 3);
    world_read (self, fd, "\r\n\r\nabc");
    http_call_write (self->calls[0], "def", 3);
    http_call_end (self->calls[0]);
    world_read (self, fd, NULL);
    assert_string_equal (self->text, "def");
    assert_string_equal (self->notes, "request /stream;ended;");
    assert_int_equal (self->written, 6);
    close (fd);
}

//  given fields that are ours to set, or would break the head, they are left out
static void
test_a_handler_cannot_break_the_framing (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd, GET ("/later"));
    world_until_calls (self, 1);
    static const http_header_t headers[] = {
        { "content-length", "99" }, { "Transfer-Encoding", "chunked" },
        { "Connection", "close" },  { "X-Split", "a\r\nX-Injected: b" },
        { "X-Empty", "" },          { "X-Good", "yes" },
    };
    http_call_reply (self->calls[0], 7, headers, 6, NULL);
    world_read (self, fd, "\r\n\r\n");
    assert_non_null (strstr (self->text, "HTTP/1.1 502 "));
    assert_non_null (strstr (self->text, "X-Good: yes\r\n"));
    assert_non_null (strstr (self->text, "Content-Length: 0\r\n"));
    assert_null (strstr (self->text, "99"));
    assert_null (strstr (self->text, "chunked"));
    assert_null (strstr (self->text, "close"));
    assert_null (strstr (self->text, "Injected"));
    close (fd);
}

static void
test_a_large_single_answer_arrives_whole (void **state)
{
    world_t *self = *state;
    self->reply_bytes = 900000;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd, GET ("/now"));
    size_t got = 0;
    while (got < 900000) {
        br_loop_turn (self->loop, 0);
        ssize_t rc = recv (fd, self->text, WORLD_TEXT_MAX, MSG_DONTWAIT);
        for (ssize_t i = 0; i < rc; i++)
            got += self->text[i] == '\0';
    }
    world_settle (self);
    assert_int_equal (self->written, 900000);
    assert_string_equal (self->notes, "request /now;ended;");
    close (fd);
}

//  ---- trailers

//  Opens /wait with an announced trailer, and sets it.
static http_call_t *
s_trailed (world_t *self, int fd, const char *version, const char *value)
{
    char text[100];
    size_t calls = self->calls_size;
    snprintf (text, sizeof text, "GET /wait %s\r\nHost: h\r\n\r\n", version);
    world_says (self, fd, text);
    world_until_calls (self, calls + 1);
    http_call_t *call = self->calls[calls];
    http_call_announce_trailer (call, "x-proof");
    http_call_open (call, 200, NULL, 0);
    http_call_write (call, WORLD_BODY, 5);
    http_call_set_trailer (call, "x-proof", "an older one");
    http_call_set_trailer (call, "x-proof", value);
    return call;
}

static void
test_a_trailer_follows_the_body (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    for (int i = 0; i < 2; i++) { //  and the connection lives on
        http_call_t *call = s_trailed (self, fd, "HTTP/1.1", "a.b.c");
        assert_true (http_call_takes_trailer (call));
        if (i)
            world_settle (self);
        http_call_end (call);
        world_read (self, fd, "0\r\nx-proof: a.b.c\r\n\r\n");
        assert_non_null (strstr (self->text, "\r\nTrailer: x-proof\r\n"));
        assert_non_null (strstr (self->text, "5\r\nhello\r\n"));
    }
    world_says (self, fd, GET ("/now"));
    world_read (self, fd, WORLD_BODY);
    assert_non_null (strstr (self->notes, "ended;request /wait;ended;"));
    close (fd);
}

static void
test_a_trailer_that_was_not_announced_or_does_not_come (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    http_call_t *call = s_stream (self, fd);
    http_call_set_trailer (call, "x-proof", "1");
    http_call_end (call);
    world_read (self, fd, "0\r\nx-proof: 1\r\n\r\n");
    call = s_stream (self, fd);
    http_call_set_trailer (call, "x-proof", "two\r\nlines: 2");
    http_call_set_trailer (call, "x-proof", "");
    http_call_end (call);
    world_read (self, fd, "\r\n0\r\n\r\n");
    close (fd);
}

static void
test_http_1_0_and_heads_take_none (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    http_call_t *call = s_trailed (self, fd, "HTTP/1.0", "1");
    assert_false (http_call_takes_trailer (call));
    http_call_end (call);
    world_read (self, fd, NULL);
    assert_null (strcasestr (self->text, "trailer"));
    assert_string_equal (strstr (self->text, "\r\n\r\n"), "\r\n\r\nhello");
    close (fd);
    fd = world_connect (self);
    size_t calls = self->calls_size;
    world_says (self, fd, "HEAD /wait HTTP/1.1\r\nHost: h\r\n\r\n");
    world_until_calls (self, calls + 1);
    call = self->calls[calls];
    http_call_announce_trailer (call, "x-proof");
    http_call_open (call, 200, NULL, 0);
    assert_false (http_call_takes_trailer (call));
    http_call_set_trailer (call, "x-proof", "1");
    http_call_end (call);
    world_read (self, fd, "\r\n\r\n");
    assert_null (strcasestr (self->text, "x-proof"));
    close (fd);
}

static void
test_a_cut_answer_has_no_trailer (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    http_call_t *call = s_trailed (self, fd, "HTTP/1.1", "1");
    http_call_cut (call);
    world_read (self, fd, NULL);
    assert_null (strstr (self->text, "x-proof: 1"));
    assert_null (strstr (self->text, "\r\n0\r\n"));
    close (fd);
}

//  Given a trailer that the memory of the connection has no room for, then the answer ends
//  well without it; one byte less of what there is, and it comes.
static void
test_a_trailer_without_room_is_left_out (void **state)
{
    world_t *self = *state;
    world_start (self);
    size_t size = self->conf.header_max + 8192;
    size_t least = 0;
    char *value = br_alloc (size + 1, 1);
    while (least + 1 < size) { //  to the byte: it never costs the end
        size_t middle = (least + size) / 2;
        memset (value, 'x', middle);
        value[middle] = 0;
        int fd = world_connect (self);
        http_call_end (s_trailed (self, fd, "HTTP/1.1\r\nConnection: close", value));
        world_read (self, fd, NULL);
        assert_non_null (strstr (self->text, "\r\n0\r\n"));
        assert_string_equal (self->text + self->text_size - 4, "\r\n\r\n");
        bool is_there = strstr (self->text, "x-proof: x") != NULL;
        least = is_there ? middle : least;
        size = is_there ? size : middle;
        close (fd);
    }
    free (value);
    assert_true (least > 2048);
    assert_null (strstr (self->notes, "gone"));
}

int
main (void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown (fn, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        WORLD_TEST (test_chunks_are_framed_and_their_bytes_told),
        WORLD_TEST (test_a_slow_reader_gets_everything),
        WORLD_TEST (test_a_stream_that_lasts_costs_no_buffer),
        WORLD_TEST (test_a_stream_that_holds_too_much_is_given_up),
        WORLD_TEST (test_many_bytes_are_told_though_nothing_else_happens),
        WORLD_TEST (test_a_cut_has_no_last_chunk_but_all_that_was_written),
        WORLD_TEST (test_closed_connections_are_not_forgotten),
        WORLD_TEST (test_everything_may_be_said_before_the_head_is_out),
        WORLD_TEST (test_head_gets_no_body_of_either_kind),
        WORLD_TEST (test_http_1_0_gets_plain_bytes),
        WORLD_TEST (test_a_handler_cannot_break_the_framing),
        WORLD_TEST (test_a_large_single_answer_arrives_whole),
        WORLD_TEST (test_a_trailer_follows_the_body),
        WORLD_TEST (test_a_trailer_that_was_not_announced_or_does_not_come),
        WORLD_TEST (test_http_1_0_and_heads_take_none),
        WORLD_TEST (test_a_cut_answer_has_no_trailer),
        WORLD_TEST (test_a_trailer_without_room_is_left_out),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
