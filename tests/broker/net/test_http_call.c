//  http_call: what a handler can read of a request.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "tests/broker/net/http_world.h"

static void
test_the_parts_of_a_request_are_as_they_were_sent (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd,
                "PATCH /v1/a%2Fb+c?x=%20+y&z&=?q HTTP/1.1\r\nHost: h\r\n"
                "X-One: 1\r\nx-two:\t 2 3\r\nX-One: again\r\n\r\n");
    world_until_calls (self, 1);
    http_call_t *call = self->calls[0];
    assert_string_equal (http_call_method (call), "PATCH");
    assert_string_equal (http_call_path (call), "/v1/a%2Fb+c");
    assert_string_equal (http_call_query (call), "x=%20+y&z&=?q");
    assert_string_equal (http_call_header (call, "X-TWO"), "2 3");
    assert_null (http_call_header (call, "x-three"));
    assert_null (http_call_body (call));
    assert_string_equal (self->fields, "Host=h;X-One=1;x-two=2 3;X-One=again;");
    int owner = 0;
    assert_null (http_call_owner (call));
    http_call_set_owner (call, &owner);
    assert_ptr_equal (http_call_owner (call), &owner);
    close (fd);
}

static void
test_an_empty_query_is_not_a_missing_one (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd,
                "GET /a? HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n");
    world_until_calls (self, 1);
    assert_string_equal (http_call_query (self->calls[0]), "");
    world_reply (self->calls[0], 200, "");
    world_until_calls (self, 2);
    assert_null (http_call_query (self->calls[1]));
    close (fd);
}

//  given bodies of sizes around each growth of the buffer, sent with and without a length,
//  they arrive byte for byte
static void
test_bodies_arrive_whole (void **state)
{
    world_t *self = *state;
    world_start (self);
    static const size_t sizes[] = { 1, 16383, 16384, 16385, 32769, 65537, 100000 };
    char *bytes = br_alloc (1, 100000);
    for (size_t i = 0; i < 100000; i++)
        bytes[i] = (char) (i * 31 >> 3);
    int fd = world_connect (self);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int chunked = 0; chunked < 2; chunked++) {
            char head[200];
            snprintf (
                head, sizeof head,
                chunked ? "POST /now HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
                          "chunked\r\n\r\n%zx\r\n"
                        : "POST /now HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n",
                sizes[i]);
            world_says (self, fd, head);
            world_send (self, fd, bytes, sizes[i]);
            if (chunked)
                world_says (self, fd, "\r\n0\r\n\r\n");
            world_read (self, fd, WORLD_BODY);
            assert_int_equal (br_blob_size (self->body), sizes[i]);
            assert_memory_equal (br_blob_data (self->body), bytes, sizes[i]);
        }
    free (bytes);
    close (fd);
}

static void
test_a_body_outlives_its_call (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd,
                "POST /now HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
    world_read (self, fd, WORLD_BODY);
    close (fd);
    world_settle (self);
    http_server_destroy (&self->server);
    assert_memory_equal (br_blob_data (self->body), "abc", 3);
}

//  given a call with a body, when the handler takes that, the call has none any more, and
//  the answer goes on as ever
static void
test_a_body_can_be_taken (void **state)
{
    world_t *self = *state;
    world_start (self);
    int fd = world_connect (self);
    world_says (self, fd,
                "POST /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
    world_until_calls (self, 1);
    br_blob_destroy (&self->body);
    br_blob_t *body = http_call_take_body (self->calls[0]);
    assert_memory_equal (br_blob_data (body), "abc", 3);
    br_blob_destroy (&body); //  the last reference
    assert_null (http_call_body (self->calls[0]));
    assert_null (http_call_take_body (self->calls[0]));
    http_call_end (self->calls[0]);
    world_read (self, fd, "0\r\n\r\n");
    close (fd);
}

int
main (void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown (fn, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        WORLD_TEST (test_the_parts_of_a_request_are_as_they_were_sent),
        WORLD_TEST (test_an_empty_query_is_not_a_missing_one),
        WORLD_TEST (test_bodies_arrive_whole),
        WORLD_TEST (test_a_body_outlives_its_call),
        WORLD_TEST (test_a_body_can_be_taken),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
