//  http_chunks: frames on a socket pair that takes as much as the test lets it.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/net/http_chunks.h"

typedef struct {
    int fds[2]; //  writer, reader
    http_chunks_t chunks;
    char text[4096];
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    memset (&world, 0, sizeof world);
    http_chunks_init (&world.chunks, true);
    *state = &world;
    return socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, world.fds);
}

static int
s_teardown (void **state)
{
    world_t *self = *state;
    http_chunks_free (&self->chunks);
    close (self->fds[0]);
    if (self->fds[1] >= 0)
        close (self->fds[1]);
    return 0;
}

static const char *
s_read (world_t *self)
{
    ssize_t rc = recv (self->fds[1], self->text, sizeof self->text - 1, MSG_DONTWAIT);
    self->text[rc > 0 ? rc : 0] = '\0';
    return self->text;
}

static void
test_each_write_is_a_chunk (void **state)
{
    world_t *self = *state;
    http_chunks_write (&self->chunks, self->fds[0], "hello", 5);
    http_chunks_write (&self->chunks, self->fds[0], "", 0);
    http_chunks_write (&self->chunks, self->fds[0], "0123456789abcdefg", 17);
    assert_string_equal (s_read (self), "5\r\nhello\r\n11\r\n0123456789abcdefg\r\n");
    assert_true (http_chunks_is_empty (&self->chunks));
    assert_int_equal (self->chunks.taken, 22);
}

static void
test_what_is_held_leaves_as_one_chunk (void **state)
{
    world_t *self = *state;
    http_chunks_write (&self->chunks, -1, "ab", 2);
    http_chunks_write (&self->chunks, -1, "cd", 2);
    assert_false (http_chunks_is_empty (&self->chunks));
    assert_int_equal (self->chunks.taken, 0);
    http_chunks_flush (&self->chunks, self->fds[0]);
    assert_string_equal (s_read (self), "4\r\nabcd\r\n");
    assert_null (self->chunks.held.data);
}

static void
test_unframed_bytes_are_plain (void **state)
{
    world_t *self = *state;
    http_chunks_init (&self->chunks, false);
    http_chunks_write (&self->chunks, -1, "ab", 2);
    http_chunks_flush (&self->chunks, self->fds[0]);
    http_chunks_write (&self->chunks, self->fds[0], "cd", 2);
    assert_string_equal (s_read (self), "abcd");
    assert_int_equal (self->chunks.taken, 4);
}

static size_t
s_hex (const char *text)
{
    return strtoul (text, NULL, 16);
}

//  given a TCP-like socket that takes a few bytes at a time, every split of head, body and
//  tail gives the same bytes, and taken never runs ahead of them
static void
test_partial_writes_resume_at_any_byte (void **state)
{
    world_t *self = *state;
    static char big[300000];
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (char) ('a' + i % 23);
    int small = 1;
    setsockopt (self->fds[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    size_t given = 0;
    size_t got = 0;
    size_t left = 0; //  of the chunk that is read
    char head[32] = "";
    for (int round = 0; round < 20000 && (given < sizeof big || got < given); round++) {
        size_t size = (size_t) round % 1733 + 1;
        if (size > sizeof big - given)
            size = sizeof big - given;
        http_chunks_write (&self->chunks, self->fds[0], big + given, size);
        given += size;
        http_chunks_flush (&self->chunks, self->fds[0]);
        assert_int_equal (self->chunks.taken + self->chunks.held.size, given);
        ssize_t rc = recv (self->fds[1], self->text, (size_t) round % 977 + 1,
                           MSG_DONTWAIT);
        for (ssize_t i = 0; i < rc; i++) {
            if (left) {
                assert_int_equal (self->text[i], big[got]);
                got++;
                left--;
                continue;
            }
            size_t at = strlen (head);
            assert_true (at < sizeof head - 1);
            head[at] = self->text[i];
            head[at + 1] = '\0';
            if (!strcmp (head, "\r\n"))
                head[0] = '\0';
            else if (self->text[i] == '\n') {
                left = s_hex (head);
                head[0] = '\0';
                assert_true (left > 0);
            }
        }
        assert_true (got <= self->chunks.taken);
    }
    assert_int_equal (given, sizeof big);
    assert_int_equal (got, given);
}

static void
test_a_closed_reader_breaks_it (void **state)
{
    world_t *self = *state;
    close (self->fds[1]);
    self->fds[1] = -1;
    http_chunks_write (&self->chunks, self->fds[0], "x", 1);
    assert_true (self->chunks.broken);
    http_chunks_write (&self->chunks, self->fds[0], "x", 1);
    assert_int_equal (self->chunks.taken, 0);
}

static void
test_the_bound_breaks_it (void **state)
{
    world_t *self = *state;
    static char big[HTTP_CHUNKS_HELD_MAX / 2];
    http_chunks_write (&self->chunks, -1, big, sizeof big);
    http_chunks_write (&self->chunks, -1, big, sizeof big);
    assert_false (self->chunks.broken);
    http_chunks_write (&self->chunks, -1, big, 1);
    assert_true (self->chunks.broken);
}

//  given somebody else who sends, what is held stays so until it is told as sent
static void
test_what_others_send_is_held_until_it_left (void **state)
{
    world_t *self = *state;
    char bytes[8];
    assert_int_equal (http_chunks_peek (&self->chunks, bytes, sizeof bytes), 0);
    http_chunks_write (&self->chunks, -1, "abcdef", 6);
    assert_int_equal (http_chunks_peek (&self->chunks, bytes, 4), 4);
    assert_memory_equal (bytes, "abcd", 4);
    http_chunks_sent (&self->chunks, 0);
    assert_int_equal (self->chunks.held.size, 6);
    http_chunks_sent (&self->chunks, 4);
    assert_int_equal (self->chunks.taken, 4);
    assert_int_equal (http_chunks_peek (&self->chunks, bytes, sizeof bytes), 2);
    assert_memory_equal (bytes, "ef", 2);
    http_chunks_sent (&self->chunks, 6);
    assert_true (http_chunks_is_empty (&self->chunks));
}

int
main (void)
{
#define CHUNK_TEST(fn) cmocka_unit_test_setup_teardown (fn, s_setup, s_teardown)
    const struct CMUnitTest tests[] = {
        CHUNK_TEST (test_each_write_is_a_chunk),
        CHUNK_TEST (test_what_is_held_leaves_as_one_chunk),
        CHUNK_TEST (test_unframed_bytes_are_plain),
        CHUNK_TEST (test_partial_writes_resume_at_any_byte),
        CHUNK_TEST (test_a_closed_reader_breaks_it),
        CHUNK_TEST (test_the_bound_breaks_it),
        CHUNK_TEST (test_what_others_send_is_held_until_it_left),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
