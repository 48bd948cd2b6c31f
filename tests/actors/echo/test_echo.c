//  echo: the transcript of a call, on a real host.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/ctx.h"
#include "broker/core/failure.h"
#include "broker/core/slip.h"
#include "actors/echo/echo.h"

//  ---- the other roles: they note what comes, and the bytes of the answer

typedef struct {
    char notes[1024];
    br_buf_t bytes;
    uint64_t elsewhere_us; //  of the last head
} peer_t;

static void *
s_peer_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) ctx;
    (void) reterr;
    peer_t *peer = BR_NEW (peer_t);
    br_buf_init (&peer->bytes, 1u << 20);
    return peer;
}

static void
s_peer_destroy (void **state_p)
{
    peer_t *peer = *state_p;
    br_buf_free (&peer->bytes);
    free (peer);
    *state_p = NULL;
}

static void
s_note (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    peer_t *peer = state;
    strcat (peer->notes, br_verb_name (msg->verb));
    if (msg->verb == BR_ATTEMPT_DONE) {
        const struct br_attempt_done *done = br_msg_fields (msg);
        strcat (peer->notes, ":");
        strcat (peer->notes, br_outcome_name ((unsigned) done->outcome));
    }
    if (msg->verb == BR_ATTEMPT_FAIL) {
        const struct br_attempt_fail *fail = br_msg_fields (msg);
        strcat (peer->notes, ":");
        strcat (peer->notes, br_failure_label (br_failure_of (fail->failure)));
    }
    if (msg->verb == BR_REPLY_HEAD) {
        const struct br_reply_head *head = br_msg_fields (msg);
        peer->elsewhere_us = head->elsewhere_us;
    }
    strcat (peer->notes, " ");
    br_buf_add (&peer->bytes, br_blob_data (msg->body), br_blob_size (msg->body));
}

static const br_handler_row_t s_router_rows[] = { { BR_ATTEMPT_DONE, s_note },
                                                  { BR_ATTEMPT_FAIL, s_note },
                                                  { BR_ADMIN_ANSWER, s_note },
                                                  { 0, NULL } };
static const br_actor_t s_router = { .name = "router",
                                     .about = "test",
                                     .role = BR_ROLE_ROUTER,
                                     .handlers = s_router_rows,
                                     .create = s_peer_create,
                                     .destroy = s_peer_destroy };
static const br_handler_row_t s_ingress_rows[] = { { BR_REPLY_HEAD, s_note },
                                                   { BR_REPLY_DELTA, s_note },
                                                   { BR_REPLY_END, s_note },
                                                   { BR_REPLY_ERROR, s_note },
                                                   { 0, NULL } };
static const br_actor_t s_ingress = { .name = "ingress",
                                      .about = "test",
                                      .role = BR_ROLE_INGRESS,
                                      .handlers = s_ingress_rows,
                                      .create = s_peer_create,
                                      .destroy = s_peer_destroy };

static const br_actor_t *const s_kinds[] = { &s_router, &s_ingress, &br_echo_actor,
                                             NULL };

typedef struct {
    uint64_t now_ns;
    br_host_t *host;
    br_addr_t ingress;
    br_addr_t echo;
} world_t;

static peer_t *
s_peer_of (br_host_t *host, const char *name)
{
    return br_host_ctx (host, name)->state;
}

static int
s_setup (void **state)
{
    static world_t world;
    world = (world_t) { .now_ns = 1000000000 };
    br_host_conf_t conf = { .name = "test", .actors = s_kinds, .log = { .fd = -1 } };
    conf.clock = br_clock_manual (&world.now_ns);
    world.host = br_host_new (&conf, NULL);
    br_host_set_self (world.host, 1, 1);
    world.ingress = br_host_start (world.host, "ingress", NULL);
    br_host_start (world.host, "router", NULL);
    world.echo = br_host_start (world.host, "echo", NULL);
    *state = &world;
    return !br_addr_is_set (world.echo);
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    br_host_destroy (&world->host);
    return 0;
}

//  The router starts an attempt; the host works until nothing is left.
static void
s_start (world_t *world, uint64_t stream, const br_slip_t *slip)
{
    br_buf_t bytes;
    br_buf_init (&bytes, BR_SLIP_BYTES_MAX);
    if (slip)
        br_slip_encode (slip, &bytes);
    struct br_attempt_start start = { .stream = stream, .model = "echo-1" };
    start.elsewhere_us = 40;
    start.slip = (br_bytes_t) { bytes.data, bytes.size };
    const char
        *text = "{\"messages\":[{\"role\":\"user\",\"content\":\"good morning\"}]}";
    br_blob_t *body = br_blob_new (text, strlen (text));
    br_ctx_send (br_host_ctx (world->host, "router"), world->echo, BR_ATTEMPT_START,
                 (br_id_t) { 1, 2 }, 1, &start, body);
    br_blob_destroy (&body);
    br_buf_free (&bytes);
    while (br_host_work (world->host))
        ;
}

static void
a_single_answer_comes_down_the_slip (void **state)
{
    world_t *world = *state;
    br_slip_t slip = { .down = { world->ingress }, .down_size = 1 };
    s_start (world, 0, &slip);
    peer_t *ingress = s_peer_of (world->host, "ingress");
    assert_string_equal (ingress->notes, "reply.head reply.delta reply.end ");
    assert_int_equal (ingress->elsewhere_us, 40);
    assert_non_null (
        strstr (br_buf_text (&ingress->bytes), "\"content\":\"good morning\""));
    assert_string_equal (s_peer_of (world->host, "router")->notes, "attempt.done:ok ");
}

static void
a_stream_comes_word_by_word (void **state)
{
    world_t *world = *state;
    br_slip_t slip = { .down = { world->ingress }, .down_size = 1 };
    s_start (world, 1, &slip);
    peer_t *ingress = s_peer_of (world->host, "ingress");
    assert_string_equal (ingress->notes,
                         "reply.head reply.delta reply.delta reply.delta reply.delta "
                         "reply.end ");
    assert_non_null (strstr (br_buf_text (&ingress->bytes), "data: [DONE]\n\n"));
}

static void
a_closed_way_down_ends_as_cancelled (void **state)
{
    world_t *world = *state;
    br_slip_t slip = { .down = { { .host = 7, .life = 1, .actor = 1 } }, .down_size = 1 };
    s_start (world, 1, &slip);
    assert_string_equal (s_peer_of (world->host, "router")->notes,
                         "attempt.done:cancelled ");
}

static void
a_malformed_slip_fails_the_attempt (void **state)
{
    world_t *world = *state;
    s_start (world, 0, NULL);
    assert_string_equal (s_peer_of (world->host, "router")->notes,
                         "attempt.fail:request ");
    assert_string_equal (s_peer_of (world->host, "ingress")->notes, "");
}

static void
cancel_and_credit_are_heard_and_admin_counts (void **state)
{
    world_t *world = *state;
    br_ctx_t *router = br_host_ctx (world->host, "router");
    struct br_admin_ask ask = { .command = "upstreams" };
    br_ctx_send (router, world->echo, BR_ATTEMPT_CANCEL, (br_id_t) { 1, 2 }, 1, NULL,
                 NULL);
    br_ctx_send (router, world->echo, BR_REPLY_CREDIT, (br_id_t) { 1, 2 }, 1, NULL, NULL);
    br_ctx_send (router, world->echo, BR_ADMIN_ASK, (br_id_t) { 0, 0 }, 0, &ask, NULL);
    ask.command = "other";
    br_ctx_send (router, world->echo, BR_ADMIN_ASK, (br_id_t) { 0, 0 }, 0, &ask, NULL);
    while (br_host_work (world->host))
        ;
    assert_string_equal (s_peer_of (world->host, "router")->notes,
                         "admin.answer admin.answer ");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (a_single_answer_comes_down_the_slip, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (a_stream_comes_word_by_word, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (a_closed_way_down_ends_as_cancelled, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (a_malformed_slip_fails_the_attempt, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (cancel_and_credit_are_heard_and_admin_counts,
                                         s_setup, s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
