//  upstream_request: what reaches the provider.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/pairs.h"
#include "broker/proto/surface.h"
#include "actors/upstream/upstream_request.h"
#include "tests/broker/net/peer.h"

typedef struct {
    br_loop_t *loop;
    peer_t *peer;
    http_client_t *client;
    upstream_table_t *table;
    br_buf_t request; //  that the peer got
    br_buf_t headers; //  pairs of the client
    bool done;
} world_t;

static void
s_on_request (void *arg, peer_conn_t *conn, br_buf_t *request)
{
    world_t *world = arg;
    br_buf_add (&world->request, request->data, request->size);
    peer_says (conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

static int
s_setup (void **state)
{
    static world_t world;
    memset (&world, 0, sizeof world);
    br_buf_init (&world.request, 1u << 20);
    br_buf_init (&world.headers, BR_PAIRS_MAX);
    world.loop = br_loop_new (br_clock_real ());
    world.peer = peer_new (world.loop, s_on_request, &world);
    char slice[512];
    snprintf (slice, sizeof slice,
              "{\"api_base\":\"http://127.0.0.1:%u\",\"auth\":{\"type\":\"bearer\","
              "\"api_key\":\"k\"},\"default_headers\":{\"x-org\":\"o\"},"
              "\"timeouts\":{\"total_ms\":5000}}",
              peer_port (world.peer));
    world.table = upstream_table_new (slice, NULL);
    world.client = http_client_new (world.loop, upstream_table_link (world.table), NULL);
    *state = &world;
    return !world.client;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    http_client_destroy (&world->client);
    upstream_table_destroy (&world->table);
    peer_destroy (&world->peer);
    br_loop_destroy (&world->loop);
    br_buf_free (&world->request);
    br_buf_free (&world->headers);
    return 0;
}

static void
s_on_head (void *arg, http_transfer_t *transfer, unsigned status)
{
    (void) arg;
    (void) transfer;
    (void) status;
}

static void
s_on_data (void *arg, http_transfer_t *transfer, const uint8_t *bytes, size_t size)
{
    (void) arg;
    (void) transfer;
    (void) bytes;
    (void) size;
}

static void
s_on_done (void *arg, http_transfer_t *transfer, const http_result_t *result)
{
    (void) transfer;
    world_t *world = arg;
    assert_int_equal (result->end, HTTP_END_OK);
    world->done = true;
}

static const http_client_handler_t s_handler = { s_on_head, s_on_data, s_on_done };

//  Starts a request, asked in this surface; when it starts, what the peer got is in
//  world->request. own: the body that was written for the provider, or NULL
static int
s_ask_as (world_t *world, struct br_attempt_start start, const char *text,
          br_surface_t surface, br_blob_t *own, br_error_t *reterr)
{
    start.surface = start.surface ? start.surface : BR_SURFACE_CHAT;
    start.headers = (br_bytes_t) { world->headers.data, world->headers.size };
    br_blob_t *body = br_blob_new (text, strlen (text));
    br_msg_t *msg = br_msg_new (BR_ATTEMPT_START, (br_id_t) { 1, 1 }, 1, &start, body);
    upstream_ask_t ask = { upstream_table_find (world->table, ""), surface, own };
    http_transfer_t *transfer = upstream_request_start (
        world->client, upstream_table_bounds (world->table), &ask, msg, &s_handler, world,
        reterr);
    br_msg_destroy (&msg);
    br_blob_destroy (&body);
    for (int i = 0; transfer && !world->done && i < 200; i++)
        br_loop_turn (world->loop, 50);
    return transfer ? 0 : -1;
}

static int
s_ask (world_t *world, struct br_attempt_start start, const char *text,
       br_error_t *reterr)
{
    return s_ask_as (world, start, text, BR_SURFACE_CHAT, NULL, reterr);
}

static bool
s_has (world_t *world, const char *text)
{
    return strstr (br_buf_text (&world->request), text) != NULL;
}

static const char *
s_body (world_t *world)
{
    return br_buf_text (&world->request) + peer_body_offset (&world->request);
}

static void
the_model_is_replaced_in_its_place (void **state)
{
    world_t *world = *state;
    struct br_attempt_start start = { .model = "a\"b", .model_at = 5, .model_size = 3 };
    assert_int_equal (s_ask (world, start, "{\"m\":\"x\",\"y\":[]}", NULL), 0);
    assert_string_equal (s_body (world), "{\"m\":\"a\\\"b\",\"y\":[]}");
    assert_true (s_has (world, "POST /chat/completions HTTP/1.1\r\n"));
    assert_true (s_has (world, "content-type: application/json\r\n"));
}

static void
a_body_without_a_model_stays_as_it_is (void **state)
{
    world_t *world = *state;
    struct br_attempt_start start = { .model = "m", .stream = 1, .query = "beta=true" };
    assert_int_equal (s_ask (world, start, "{\"y\":1}", NULL), 0);
    assert_string_equal (s_body (world), "{\"y\":1}");
    assert_true (s_has (world, "POST /chat/completions?beta=true HTTP/1.1\r\n"));
    assert_true (s_has (world, "accept: text/event-stream\r\n"));
}

static void
clients_headers_pass_but_never_ours (void **state)
{
    world_t *world = *state;
    static const char *const pairs[][2] = {
        { "User-Agent", "sdk/1" },
        { "x-stainless-lang", "js" },
        { "x-bitrouter-hops", "2" }, //  a bitrouter may stand near
        { "Authorization", "Bearer x" },
        { "Cookie", "a=b" },
        { "X-Org", "mine" },
        { "x-bad", "a\r\nInjected: 1" },
        { "Host", "elsewhere" },
        { "bad name", "1" },
        { "", "1" },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        br_pairs_add (&world->headers, pairs[i][0], pairs[i][1]);
    struct br_attempt_start start = { .model = "m" };
    assert_int_equal (s_ask (world, start, "{}", NULL), 0);
    assert_true (s_has (world, "User-Agent: sdk/1\r\n"));
    assert_false (s_has (world, "user-agent: bitrouter"));
    assert_true (s_has (world, "x-stainless-lang: js\r\n"));
    assert_true (s_has (world, "x-bitrouter-hops: 2\r\n"));
    assert_true (s_has (world, "Authorization: Bearer k\r\n"));
    assert_false (s_has (world, "Bearer x"));
    assert_false (s_has (world, "Cookie"));
    assert_true (s_has (world, "x-org: o\r\n"));
    assert_false (s_has (world, "mine"));
    assert_false (s_has (world, "Injected"));
    assert_false (s_has (world, "elsewhere"));
}

static void
our_trace_takes_the_place_of_the_clients (void **state)
{
    world_t *world = *state;
    br_pairs_add (&world->headers, "Traceparent", "00-old-old-01");
    br_pairs_add (&world->headers, "tracestate", "a=b");
    struct br_attempt_start start = { .model = "m", .trace = "00-1-2-01" };
    assert_int_equal (s_ask (world, start, "{}", NULL), 0);
    assert_true (s_has (world, "traceparent: 00-1-2-01\r\n"));
    assert_true (s_has (world, "tracestate: a=b\r\n"));
    assert_false (s_has (world, "old"));
}

static void
without_a_trace_the_clients_passes (void **state)
{
    world_t *world = *state;
    br_pairs_add (&world->headers, "traceparent", "00-old-old-01");
    struct br_attempt_start start = { .model = "m" };
    assert_int_equal (s_ask (world, start, "{}", NULL), 0);
    assert_true (s_has (world, "traceparent: 00-old-old-01\r\n"));
}

static void
what_makes_no_sense_is_refused (void **state)
{
    world_t *world = *state;
    br_error_t error;
    struct br_attempt_start start = { .model = "m", .model_at = 3 };
    assert_int_equal (s_ask (world, start, "{}", &error), -1);
    assert_int_equal (error.code, BR_EINVALID);
    start = (struct br_attempt_start) { .model = "m", .model_at = 1, .model_size = 2 };
    assert_int_equal (s_ask (world, start, "{}", &error), -1);
    start = (struct br_attempt_start) { .model = "m", .query = "a b" };
    assert_int_equal (s_ask (world, start, "{}", &error), -1);
    char *query = calloc (1, 9000);
    memset (query, 'q', 8999);
    start = (struct br_attempt_start) { .model = "m", .query = query };
    assert_int_equal (s_ask (world, start, "{}", &error), -1);
    free (query);
}

static void
a_forms_field_is_replaced_without_quotes (void **state)
{
    world_t *world = *state;
    struct br_attempt_start start = { .surface = BR_SURFACE_TRANSCRIPTIONS,
                                      .model = "w-2",
                                      .model_at = 2,
                                      .model_size = 3,
                                      .model_bare = 1,
                                      .content_type = "multipart/form-data; boundary=b" };
    assert_int_equal (
        s_ask_as (world, start, "--old--", BR_SURFACE_TRANSCRIPTIONS, NULL, NULL), 0);
    assert_string_equal (s_body (world), "--w-2--");
    assert_true (s_has (world, "POST /audio/transcriptions HTTP/1.1\r\n"));
    assert_true (s_has (world, "content-type: multipart/form-data; boundary=b\r\n"));
    assert_false (s_has (world, "application/json"));
    assert_true (s_has (world, "accept: */*\r\n"));
}

static void
a_model_in_a_path_is_escaped (void **state)
{
    world_t *world = *state;
    struct br_attempt_start start = { .surface = BR_SURFACE_GOOGLE_STREAM,
                                      .model = "models/a/b c:d",
                                      .stream = 1,
                                      .query = "alt=sse" };
    assert_int_equal (s_ask_as (world, start, "{}", BR_SURFACE_GOOGLE_STREAM, NULL, NULL),
                      0);
    assert_true (s_has (
        world,
        "POST /v1beta/models/a/b%20c%3Ad:streamGenerateContent?alt=sse HTTP/1.1\r\n"));
}

static void
a_model_never_becomes_another_path (void **state)
{
    world_t *world = *state;
    static const char *const bad[] = {
        "..", "../x", "a/../b", "a/.", "models/", "a/..."
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct br_attempt_start start = { .surface = BR_SURFACE_GOOGLE, .model = bad[i] };
        br_error_t error;
        assert_int_equal (s_ask_as (world, start, "{}", BR_SURFACE_GOOGLE, NULL, &error),
                          -1);
        assert_int_equal (error.code, BR_EINVALID);
    }
}

static void
an_object_is_asked_for_with_its_own_method (void **state)
{
    world_t *world = *state;
    struct br_attempt_start start = { .surface = BR_SURFACE_RESPONSE_DELETE,
                                      .model = "m",
                                      .object = "resp_1" };
    assert_int_equal (s_ask_as (world, start, "", BR_SURFACE_RESPONSE_DELETE, NULL, NULL),
                      0);
    assert_true (s_has (world, "DELETE /responses/resp_1 HTTP/1.1\r\n"));
    assert_false (s_has (world, "content-type"));
}

static void
a_translated_call_takes_only_what_the_provider_understands (void **state)
{
    world_t *world = *state;
    static const char *const pairs[][2] = {
        { "user-agent", "sdk/1" },     { "openai-organization", "o" },
        { "x-stainless-lang", "js" },  { "idempotency-key", "i" },
        { "traceparent", "00-1-2-3" }, { "x-own", "1" },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        br_pairs_add (&world->headers, pairs[i][0], pairs[i][1]);
    struct br_attempt_start start = { .model = "m", .query = "beta=true" };
    br_blob_t *own = br_blob_new ("{\"max_tokens\":1}", 16);
    assert_int_equal (
        s_ask_as (world, start, "{\"x\":1}", BR_SURFACE_MESSAGES, own, NULL), 0);
    br_blob_destroy (&own);
    assert_string_equal (s_body (world), "{\"max_tokens\":1}");
    assert_true (s_has (world, "POST /v1/messages HTTP/1.1\r\n"));
    assert_true (s_has (world, "anthropic-version: 2023-06-01\r\n"));
    assert_true (s_has (world, "user-agent: sdk/1\r\n"));
    assert_true (s_has (world, "traceparent: 00-1-2-3\r\n"));
    assert_true (s_has (world, "x-own: 1\r\n"));
    assert_false (s_has (world, "openai-organization"));
    assert_false (s_has (world, "x-stainless"));
    assert_false (s_has (world, "idempotency-key"));
}

static void
a_translated_stream_of_google_is_asked_for_events (void **state)
{
    world_t *world = *state;
    struct br_attempt_start start = { .model = "g", .stream = 1, .query = "beta=true" };
    br_blob_t *own = br_blob_new ("{}", 2);
    assert_int_equal (s_ask_as (world, start, "{}", BR_SURFACE_GOOGLE_STREAM, own, NULL),
                      0);
    br_blob_destroy (&own);
    assert_true (s_has (
        world, "POST /v1beta/models/g:streamGenerateContent?alt=sse HTTP/1.1\r\n"));
}

static void
a_clients_version_of_messages_stays (void **state)
{
    world_t *world = *state;
    br_pairs_add (&world->headers, "anthropic-version", "2024-01-01");
    br_pairs_add (&world->headers, "anthropic-beta", "b-1");
    struct br_attempt_start start = { .surface = BR_SURFACE_MESSAGES, .model = "m" };
    assert_int_equal (s_ask_as (world, start, "{}", BR_SURFACE_MESSAGES, NULL, NULL), 0);
    assert_true (s_has (world, "anthropic-version: 2024-01-01\r\n"));
    assert_true (s_has (world, "anthropic-beta: b-1\r\n"));
    assert_false (s_has (world, "2023-06-01"));
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (the_model_is_replaced_in_its_place),
        TEST (a_body_without_a_model_stays_as_it_is),
        TEST (clients_headers_pass_but_never_ours),
        TEST (our_trace_takes_the_place_of_the_clients),
        TEST (without_a_trace_the_clients_passes),
        TEST (what_makes_no_sense_is_refused),
        TEST (a_forms_field_is_replaced_without_quotes),
        TEST (a_model_in_a_path_is_escaped),
        TEST (a_model_never_becomes_another_path),
        TEST (an_object_is_asked_for_with_its_own_method),
        TEST (a_translated_call_takes_only_what_the_provider_understands),
        TEST (a_translated_stream_of_google_is_asked_for_events),
        TEST (a_clients_version_of_messages_stays),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
