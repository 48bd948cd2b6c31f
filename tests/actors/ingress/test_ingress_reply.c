//  ingress_reply: heads as a client reads them.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actors/ingress/ingress_reply.h"
#include "broker/core/alloc.h"
#include "broker/core/pairs.h"
#include "tests/actors/ingress/world.h"

//  A server of the test's own, which answers with what is set.
typedef struct {
    world_t *world;
    http_server_t *server;
    void (*answer) (const ingress_guest_t *guest);
    const char *origin;
    br_protocol_t wire;
} door_t;

static void
s_on_request (void *arg, http_call_t *http)
{
    const door_t *door = arg;
    ingress_guest_t guest = { .http = http, .request_id = "id-1" };
    guest.origin = door->origin;
    guest.wire = door->wire;
    door->answer (&guest);
}

static void
s_on_refuse (void *arg, http_call_t *http, const br_error_t *error)
{
    (void) error;
    s_on_request (arg, http);
}

static void
s_on_over (void *arg, http_call_t *http)
{
    (void) arg;
    (void) http;
}

static void
s_on_written (void *arg, http_call_t *http, uint64_t body_bytes)
{
    (void) arg;
    (void) http;
    (void) body_bytes;
}

static const http_server_handler_t s_handler = { s_on_request, s_on_refuse, s_on_over,
                                                 s_on_written, s_on_over };

//  What a client reads of the answer.
static void
s_answer (void (*answer) (const ingress_guest_t *guest), const char *origin,
          void (*check) (const char *got))
{
    door_t door = { .world = world_new (NULL), .answer = answer, .origin = origin };
    const char *listen[] = { "127.0.0.1:0", NULL };
    http_server_conf_t conf = { .listen = listen,
                                .body_max = 1000,
                                .header_max = 10000,
                                .connections_max = 10,
                                .request_ms = 1000,
                                .idle_ms = 1000,
                                .stall_ms = 1000 };
    door.server = http_server_new (br_host_loop (door.world->host), &conf, &s_handler,
                                   &door, NULL);
    assert_non_null (door.server);
    door.world->port = http_server_port (door.server, 0);
    check (world_ask (door.world,
                      "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    http_server_destroy (&door.server);
    world_destroy (&door.world);
}

static void
s_answer_whole (const ingress_guest_t *guest)
{
    br_buf_t pairs;
    br_buf_init (&pairs, 65536);
    br_pairs_add (&pairs, "x-ratelimit-limit", "7");
    br_pairs_add (&pairs, "Content-Type", "text/evil");
    br_pairs_add (&pairs, "X-Bitrouter-Provider", "evil");
    br_pairs_add (&pairs, "X-Bitrouter-Warnings", "dropped top_k");
    br_pairs_add (&pairs, "Access-Control-Allow-Origin", "*");
    for (int i = 0; i < INGRESS_HEADERS_MAX; i++)
        br_pairs_add (&pairs, "x-many", "m");
    ingress_head_t head = { .status = 201,
                            .content_type = "text/plain",
                            .headers = { pairs.data, pairs.size },
                            .provider = "openai",
                            .model = "gpt",
                            .attempts = 4 };
    br_blob_t *body = br_blob_new ("hello", 5);
    ingress_reply_whole (guest, &head, body);
    br_blob_destroy (&body);
    br_buf_free (&pairs);
}

static void
s_check_whole (const char *got)
{
    world_has (got, "HTTP/1.1 201");
    world_has (got, "content-type: text/plain");
    world_has (got, "x-ratelimit-limit: 7");
    world_has (got, "x-bitrouter-request-id: id-1");
    world_has (got, "x-bitrouter-provider: openai");
    world_has (got, "x-bitrouter-model: gpt");
    world_has (got, "x-bitrouter-attempts: 4");
    world_has (got, "x-bitrouter-warnings: dropped top_k");
    world_has (got, "\r\n\r\nhello");
    assert_null (strstr (got, "evil"));
    assert_null (strcasestr (got, "access-control"));
}

static void
a_whole_answer_has_their_headers_and_ours (void **state)
{
    (void) state;
    s_answer (s_answer_whole, NULL, s_check_whole);
}

static void
s_answer_open (const ingress_guest_t *guest)
{
    ingress_head_t head = {
        .status = 200, .content_type = "", .provider = "", .model = ""
    };
    ingress_reply_open (guest, &head);
    http_call_write (guest->http, "hello", 5);
    http_call_end (guest->http);
}

static void
s_check_open (const char *got)
{
    world_has (got, "HTTP/1.1 200");
    world_has (got, "5\r\nhello\r\n");
    world_has (got, "access-control-allow-origin: https://a");
    assert_null (strcasestr (got, "x-bitrouter-provider"));
    assert_null (strcasestr (got, "x-bitrouter-attempts"));
    assert_null (strcasestr (got, "content-type"));
}

static void
what_is_not_known_is_left_out (void **state)
{
    (void) state;
    s_answer (s_answer_open, "https://a", s_check_open);
}

static void
s_answer_busy (const ingress_guest_t *guest)
{
    br_error_t error;
    br_error_set (&error, BR_EBUSY, "too \"much\"");
    ingress_reply_error (guest, &error, NULL);
}

static void
s_check_busy (const char *got)
{
    world_has (got, "HTTP/1.1 503");
    world_has (got, "retry-after: 1");
    world_has (got, "{\"error\":{\"message\":\"too \\\"much\\\"\",");
}

static void
an_error_has_what_its_code_demands (void **state)
{
    (void) state;
    s_answer (s_answer_busy, NULL, s_check_busy);
}

static void
s_answer_preflight (const ingress_guest_t *guest)
{
    ingress_reply_preflight (guest);
}

static void
s_check_preflight (const char *got)
{
    world_has (got, "HTTP/1.1 204");
    world_has (got, "access-control-allow-origin: https://a");
    assert_null (strcasestr (got, "access-control-allow-headers"));
}

static void
a_preflight_has_no_body (void **state)
{
    (void) state;
    s_answer (s_answer_preflight, "https://a", s_check_preflight);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_whole_answer_has_their_headers_and_ours),
        cmocka_unit_test (what_is_not_known_is_left_out),
        cmocka_unit_test (an_error_has_what_its_code_demands),
        cmocka_unit_test (a_preflight_has_no_body),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
