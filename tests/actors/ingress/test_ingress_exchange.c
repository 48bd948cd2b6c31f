//  ingress_exchange: calls through real sockets, with the peers played by the test.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/pairs.h"
#include "broker/core/slip.h"
#include "broker/proto/candidates.h"
#include "broker/proto/surface.h"
#include "tests/actors/ingress/world.h"

#define BODY "{\"model\":\"smart\",\"messages\":[]}"
#define STREAM "{\"model\":\"smart\",\"stream\":true,\"messages\":[]}"
#define SSE "text/event-stream"

static int
s_setup (void **state)
{
    *state = world_new (WORLD_SLICE ("\"pass_headers\":[\"x-mock\",\"Authorization\"],"));
    return 0;
}

//  A client that has posted a body, and the id of its call.
static int
s_call (world_t *world, const char *body, br_id_t *ret_id)
{
    int fd = world_connect (world);
    world_post (world, fd, "", body);
    const br_msg_t *open = world_expect (world, BR_CALL_OPEN);
    assert_non_null (open);
    *ret_id = open->call;
    return fd;
}

static void
a_request_is_opened_with_all_that_routing_needs (void **state)
{
    world_t *world = *state;
    int fd = world_connect (world);
    world_post (world, fd,
                "x-bitrouter-request-id: mine\r\nUser-Agent: t/1\r\nCookie: secret\r\n"
                "Authorization: Bearer secret\r\nX-Mock: slow\r\nX-Other: no\r\n",
                STREAM);
    const br_msg_t *msg = world_expect (world, BR_CALL_OPEN);
    assert_non_null (msg);
    assert_true (br_addr_is (msg->to, world_router));
    const struct br_call_open *open = br_msg_fields (msg);
    assert_string_equal (open->request_id, "mine");
    assert_string_equal (open->model, "smart");
    assert_string_equal (open->strategy, "priority");
    assert_int_equal (open->generation, 7);
    assert_int_equal (open->surface, BR_SURFACE_CHAT);
    assert_int_equal (open->stream, 1);
    assert_memory_equal (&STREAM[open->model_at], "\"smart\"", open->model_size);
    assert_int_equal (br_blob_size (msg->body), strlen (STREAM));
    assert_string_equal (br_pairs_get (open->headers, "user-agent"), "t/1");
    assert_string_equal (br_pairs_get (open->headers, "x-mock"), "slow");
    assert_null (br_pairs_get (open->headers, "cookie"));
    assert_null (br_pairs_get (open->headers, "authorization"));
    assert_null (br_pairs_get (open->headers, "x-other"));
    assert_string_equal (br_pairs_get (open->headers, "x-bitrouter-hops"), "1");
    br_candidate_t rows[4];
    assert_int_equal (br_candidates_read (open->candidates, rows, 4), 1);
    assert_string_equal (rows[0].endpoint, "openai#0");
    br_slip_t slip;
    assert_int_equal (br_slip_decode (open->slip, &slip), 0);
    assert_true (br_addr_is (slip.up[0], world_router));
    assert_true (br_addr_is (slip.down[0], br_ctx_self (world->ctx)));
    close (fd);
}

//  A call that another bitrouter has passed on is counted, and one that goes in circles ends.
static void
a_call_tells_how_often_it_was_passed_on (void **state)
{
    world_t *world = *state;
    int fd = world_connect (world);
    world_post (world, fd, "X-Bitrouter-Hops: 3\r\n", BODY);
    const br_msg_t *msg = world_expect (world, BR_CALL_OPEN);
    assert_non_null (msg);
    const struct br_call_open *open = br_msg_fields (msg);
    assert_string_equal (br_pairs_get (open->headers, "x-bitrouter-hops"), "4");
    close (fd);
    size_t opened = world_count (world, BR_CALL_OPEN);
    fd = world_connect (world);
    world_post (world, fd, "X-Bitrouter-Hops: 4\r\n", BODY);
    const char *got = world_read (world, fd, "leads back to it");
    world_has (got, "HTTP/1.1 400");
    assert_int_equal (world_count (world, BR_CALL_OPEN), opened);
    close (fd);
}

static void
a_stream_comes_down_with_its_headers (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, STREAM, &id);
    world_head (world, id, SSE, "data: 1\n\n");
    const char *got = world_read (world, fd, "data: 1\n\n");
    world_has (got, "HTTP/1.1 200");
    world_has (got, "content-type: text/event-stream");
    world_has (got, "x-bitrouter-provider: openai");
    world_has (got, "x-bitrouter-model: gpt-4o");
    world_has (got, "x-bitrouter-attempts: 1");
    char text[BR_ID_TEXT];
    world_has (got, br_id_text (id, text));
    assert_non_null (world_expect (world, BR_CALL_COMMIT));
    world_delta (world, id, 1, "data: [DONE]\n\n");
    world_end (world, id, 2);
    world_has (world_read (world, fd, "0\r\n\r\n"), "data: [DONE]");
    assert_int_equal (world_count (world, BR_CALL_CANCEL), 0);
    close (fd);
}

static void
a_single_answer_has_a_length_and_keeps_the_connection (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, BODY, &id);
    world_head (world, id, "application/json", "{\"a\":1}");
    world_end (world, id, 1);
    const char *got = world_read (world, fd, "{\"a\":1}");
    world_has (got, "content-length: 7");
    assert_int_equal (world_count (world, BR_CALL_COMMIT), 0);
    world_post (world, fd, "", BODY);
    const br_msg_t *again = world_expect (world, BR_CALL_OPEN);
    assert_non_null (again);
    assert_false (br_id_is (again->call, id));
    close (fd);
}

static void
a_client_that_leaves_cancels_its_call (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, STREAM, &id);
    world_head (world, id, SSE, "data: 1\n\n");
    close (fd);
    const br_msg_t *cancel = world_expect (world, BR_CALL_CANCEL);
    assert_non_null (cancel);
    assert_true (br_id_is (cancel->call, id));
    world_delta (world, id, 1, "data: 2\n\n");
    const br_msg_t *stop = world_expect (world, BR_ATTEMPT_CANCEL);
    assert_non_null (stop);
    assert_true (br_addr_is (stop->to, world_upstream));
    world_send (world, world_router, BR_CALL_FENCE, id, 1, NULL, NULL);
    assert_non_null (world_expect (world, BR_CALL_FENCED));
}

static void
a_large_body_is_walked_in_slices (void **state)
{
    world_t *world = *state;
    size_t size = 300000;
    char *body = br_alloc (size + 100, 1);
    strcpy (body, "{\"model\":\"smart\",\"x\":\"");
    size_t at = strlen (body);
    memset (body + at, 'y', size);
    strcpy (body + at + size, "\"}");
    int fd = world_connect (world);
    world_post (world, fd, "", body);
    const br_msg_t *open = world_expect (world, BR_CALL_OPEN);
    assert_non_null (open);
    assert_int_equal (br_blob_size (open->body), strlen (body));

    body[strlen (body) - 1] = ']';
    close (fd);
    fd = world_connect (world);
    world_post (world, fd, "", body);
    world_has (world_read (world, fd, "}}"), "HTTP/1.1 400");
    close (fd);

    //  one whose client leaves on the way
    fd = world_connect (world);
    body[strlen (body) - 1] = '}';
    world_post (world, fd, "", body);
    close (fd);
    world_turn (world);
    free (body);
}

static void
what_cannot_be_read_is_refused (void **state)
{
    world_t *world = *state;
    static const struct {
        const char *body;
        const char *answer;
        const char *text;
    } rows[] = {
        { "{\"messages\":[]}", "HTTP/1.1 400", "invalid_request" },
        { "nonsense", "HTTP/1.1 400", "invalid_request" },
        { "", "HTTP/1.1 400", "invalid_request" },
        { "{\"model\":\"smatr\"}", "HTTP/1.1 404", "'smart'" },
        { "{\"model\":\"anthropic:x\"}", "HTTP/1.1 404", "set ANTHROPIC_API_KEY" },
    };
    int fd = world_connect (world);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_post (world, fd, "x-bitrouter-request-id: r1\r\n", rows[i].body);
        const char *got = world_read (world, fd, "}}");
        world_has (got, rows[i].answer);
        world_has (got, rows[i].text);
        world_has (got, "x-bitrouter-request-id: r1");
    }
    assert_int_equal (world_count (world, BR_CALL_OPEN), 0);
    close (fd);
}

static void
an_error_of_the_provider_passes_with_its_headers (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, BODY, &id);
    br_buf_t headers;
    br_buf_init (&headers, 1000);
    br_pairs_add (&headers, "retry-after", "20");
    br_pairs_add (&headers, "Content-Length", "9999");
    struct br_reply_error error = { .code = BR_EUPLIMIT, .status = 429, .attempts = 2 };
    error.content_type = "application/problem+json";
    error.headers = (br_bytes_t) { headers.data, headers.size };
    world_send (world, world_router, BR_REPLY_ERROR, id, 3, &error,
                "{\"their\":\"words\"}");
    br_buf_free (&headers);
    const char *got = world_read (world, fd, "words\"}");
    world_has (got, "HTTP/1.1 429");
    world_has (got, "retry-after: 20");
    world_has (got, "x-bitrouter-attempts: 2");
    world_has (got, "content-type: application/problem+json");
    world_has (got, "content-length: 17");
    close (fd);
}

static void
a_broken_stream_ends_with_an_error_and_no_last_chunk (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, STREAM, &id);
    world_head (world, id, SSE, "data: 1\n\n");
    struct br_reply_error error = { .seq = 1, .code = BR_EUPCUT, .error = "it broke" };
    world_send (world, world_upstream, BR_REPLY_ERROR, id, 1, &error, NULL);
    const char *got = world_read_all (world, fd);
    world_has (got, "it broke");
    assert_null (strstr (got, "\r\n0\r\n"));
    assert_null (strstr (got, "[DONE]"));
    close (fd);
}

static void
silence_is_broken_by_a_comment (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, STREAM, &id);
    world_head (world, id, SSE, "data: 1\n\n");
    world_read (world, fd, "data: 1\n\n");
    world_wait (world, 14000);
    world_delta (world, id, 1, "data: 2\n\n");
    world_wait (world, 2000);
    const char *got = world_read (world, fd, "data: 2\n\n");
    assert_null (strstr (got, "keep-alive"));
    world_wait (world, 13000);
    world_has (world_read (world, fd, "keep-alive\n"), "\r\n: keep-alive\n\r\n");
    world_wait (world, 15000);
    world_has (world_read (world, fd, "keep-alive\n"), ": keep-alive\n");
    close (fd);
}

static void
credit_flows_back_to_who_answers (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, STREAM, &id);
    world_head (world, id, SSE, "data: 1\n\n");
    char *body = br_alloc (70010, 1);
    memset (body, 'x', 70000);
    memcpy (body + 70000, "\n\n", 2);
    struct br_reply_delta delta = { .seq = 1, .upto = 70009 };
    world_send (world, world_upstream, BR_REPLY_DELTA, id, 1, &delta, body);
    free (body);
    world_read (world, fd, "xx\n\n");
    const br_msg_t *credit = world_expect (world, BR_REPLY_CREDIT);
    assert_non_null (credit);
    assert_true (br_addr_is (credit->to, world_upstream));
    close (fd);
}

static void
without_a_router_it_fails_at_once (void **state)
{
    world_t *world = *state;
    world->no_router = true;
    int fd = world_connect (world);
    world_post (world, fd, "", BODY);
    world_has (world_read (world, fd, "}}"), "peer_gone");
    world->no_router = false;
    world->refuses = true;
    world_post (world, fd, "", BODY);
    world_has (world_read (world, fd, "}}"), "peer_gone");
    close (fd);
}

static void
a_router_that_dies_fails_what_is_not_committed (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, STREAM, &id);
    br_host_gone (world->host, WORLD_METER_HOST, 1);
    br_host_gone (world->host, WORLD_ROUTER_HOST, 1);
    const char *got = world_read (world, fd, "}}");
    world_has (got, "HTTP/1.1 503");
    world_has (got, "peer_gone");
    close (fd);
}

static void
a_committed_call_settles_itself_without_a_router (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, STREAM, &id);
    world_head (world, id, SSE, "data: 1\n\n");
    br_host_gone (world->host, WORLD_ROUTER_HOST, 1);
    world_end (world, id, 1);
    world_has (world_read (world, fd, "0\r\n\r\n"), "0\r\n\r\n");
    const br_msg_t *msg = world_expect (world, BR_CALL_SETTLE);
    assert_non_null (msg);
    assert_true (br_addr_is (msg->to, world_meter));
    const struct br_call_settle *settle = br_msg_fields (msg);
    assert_int_equal (settle->outcome, BR_OUTCOME_OK);
    assert_int_equal (settle->output_tokens, 5);
    assert_string_equal (settle->provider, "openai");
    assert_string_equal (settle->route, "smart");
    assert_int_equal (settle->status, 200);
    world_send (world, world_meter, BR_CALL_SETTLED, id, 0, NULL, NULL);
    close (fd);
}

static void
a_fence_after_the_end_hears_that_it_was_answered (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, STREAM, &id);
    world_head (world, id, SSE, "data: 1\n\n");
    world_end (world, id, 1);
    world_read (world, fd, "0\r\n\r\n");
    world_send (world, world_router, BR_CALL_FENCE, id, 1, NULL, NULL);
    assert_non_null (world_expect (world, BR_CALL_COMMITTED));
    close (fd);
}

static void
a_fence_before_the_commit_lets_another_attempt_in (void **state)
{
    world_t *world = *state;
    br_id_t id;
    int fd = s_call (world, STREAM, &id);
    world_send (world, world_router, BR_CALL_FENCE, id, 1, NULL, NULL);
    const br_msg_t *fenced = world_expect (world, BR_CALL_FENCED);
    assert_non_null (fenced);
    assert_int_equal (fenced->attempt, 1);
    world_head (world, id, SSE, "data: late\n\n");
    assert_non_null (world_expect (world, BR_ATTEMPT_CANCEL));
    struct br_reply_head head = { .status = 200, .content_type = SSE };
    world_send (world, world_upstream, BR_REPLY_HEAD, id, 2, &head, "data: 2\n\n");
    const char *got = world_read (world, fd, "data: 2\n\n");
    assert_null (strstr (got, "late"));
    world_has (got, "x-bitrouter-attempts: 2");
    close (fd);
}

static void
a_single_answer_may_be_finished_without_its_client (void **state)
{
    (void) state;
    world_t *world = world_new (WORLD_SLICE ("\"finish_unattended\":true,"));
    br_id_t id;
    close (s_call (world, BODY, &id));
    world_turn (world);
    assert_int_equal (world_count (world, BR_CALL_CANCEL), 0);
    world_head (world, id, "application/json", "{\"a\":1}");
    world_end (world, id, 1);
    assert_int_equal (world_count (world, BR_CALL_CANCEL), 0);
    assert_int_equal (world_count (world, BR_ATTEMPT_CANCEL), 0);
    //  it is over and forgotten
    world_delta (world, id, 2, "x");
    assert_int_equal (world_count (world, BR_ATTEMPT_CANCEL), 1);
    //  a stream is cancelled all the same
    close (s_call (world, STREAM, &id));
    assert_non_null (world_expect (world, BR_CALL_CANCEL));
    world_destroy (&world);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, world_teardown)
        TEST (a_request_is_opened_with_all_that_routing_needs),
        TEST (a_call_tells_how_often_it_was_passed_on),
        TEST (a_stream_comes_down_with_its_headers),
        TEST (a_single_answer_has_a_length_and_keeps_the_connection),
        TEST (a_client_that_leaves_cancels_its_call),
        TEST (a_large_body_is_walked_in_slices),
        TEST (what_cannot_be_read_is_refused),
        TEST (an_error_of_the_provider_passes_with_its_headers),
        TEST (a_broken_stream_ends_with_an_error_and_no_last_chunk),
        TEST (silence_is_broken_by_a_comment),
        TEST (credit_flows_back_to_who_answers),
        TEST (without_a_router_it_fails_at_once),
        TEST (a_router_that_dies_fails_what_is_not_committed),
        TEST (a_committed_call_settles_itself_without_a_router),
        TEST (a_fence_after_the_end_hears_that_it_was_answered),
        TEST (a_fence_before_the_commit_lets_another_attempt_in),
        cmocka_unit_test (a_single_answer_may_be_finished_without_its_client),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
