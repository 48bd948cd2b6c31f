//  world: the surroundings of an ingress under test.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "actors/auth/auth.h"
#include "actors/ingress/ingress.h"
#include "broker/core/alloc.h"
#include "broker/core/ctx.h"
#include "tests/actors/ingress/world.h"

#define TURNS 20
#define PATIENCE 20000 //  turns to wait for what must come

const br_addr_t world_router = { WORLD_ROUTER_HOST, 1, 1 };
const br_addr_t world_upstream = { WORLD_UPSTREAM_HOST, 1, 1 };
const br_addr_t world_meter = { WORLD_METER_HOST, 1, 1 };
const br_addr_t world_broker = { WORLD_BROKER_HOST, 1, 1 };
const br_addr_t world_limits = { WORLD_LIMITS_HOST, 1, 1 };
const br_addr_t world_keys = { WORLD_KEYS_HOST, 1, 1 };
const br_addr_t world_auth = { WORLD_AUTH_HOST, 1, 1 };
const br_addr_t world_metrics = { WORLD_METRICS_HOST, 1, 1 };
const br_addr_t world_guard = { WORLD_GUARD_HOST, 1, 1 };

//  ---- the rest of the world

static int
s_send (void *arg, br_msg_t **msg_p, br_error_t *reterr)
{
    world_t *self = arg;
    if (self->refuses)
        return br_error_set (reterr, BR_EGONE, "the test refuses");
    assert_true (self->sent_count < WORLD_SENT_MAX);
    self->sent[self->sent_count++] = *msg_p;
    *msg_p = NULL;
    return 0;
}

static br_addr_t
s_find (void *arg, const char *name)
{
    const world_t *self = arg;
    if (strcmp (name, "router") == 0 && !self->no_router)
        return world_router;
    if (strcmp (name, "meter") == 0 && !self->no_meter)
        return world_meter;
    if (strcmp (name, "limits") == 0 && self->has_limits)
        return world_limits;
    if (strcmp (name, "idempotency") == 0 && self->has_keys)
        return world_keys;
    if (strcmp (name, "auth") == 0 && self->has_auth)
        return world_auth;
    if (strcmp (name, "metrics") == 0 && self->has_metrics)
        return world_metrics;
    if (strcmp (name, "broker") == 0)
        return world_broker;
    if (strcmp (name, "guard") == 0 && self->has_guard)
        return world_guard;
    return (br_addr_t) { 0, 0, 0 };
}

static br_role_t
s_role (void *arg, br_addr_t addr)
{
    (void) arg;
    static const br_role_t roles[] = {
        [WORLD_ROUTER_HOST] = BR_ROLE_ROUTER, [WORLD_UPSTREAM_HOST] = BR_ROLE_UPSTREAM,
        [WORLD_METER_HOST] = BR_ROLE_METER,   [WORLD_BROKER_HOST] = BR_ROLE_BROKER,
        [WORLD_LIMITS_HOST] = BR_ROLE_LIMITS, [WORLD_KEYS_HOST] = BR_ROLE_IDEMPOTENCY,
        [WORLD_AUTH_HOST] = BR_ROLE_AUTH,     [WORLD_METRICS_HOST] = BR_ROLE_METRICS,
        [WORLD_GUARD_HOST] = BR_ROLE_GUARD
    };
    return addr.host >= 2 && addr.host <= WORLD_GUARD_HOST ? roles[addr.host]
                                                           : BR_ROLE_COUNT;
}

static const char *
s_name (void *arg, br_addr_t addr)
{
    (void) arg;
    (void) addr;
    return NULL;
}

static void
s_events (void *arg, br_buf_t *lines)
{
    (void) arg;
    br_buf_clear (lines);
}

static void
s_message (void *arg, const br_msg_t *msg)
{
    world_t *self = arg;
    br_msg_t *copy = br_msg_new (msg->verb, msg->call, msg->attempt, br_msg_fields (msg),
                                 msg->body);
    assert_true (self->sent_count < WORLD_SENT_MAX);
    self->sent[self->sent_count++] = copy;
}

static const br_remote_t s_remote = { s_send,   s_find,    s_role, s_name,
                                      s_events, s_message, NULL,   NULL };
static const br_actor_t *const s_actors[] = { &br_ingress_actor, &br_auth_actor, NULL };

//  ---- the world itself

static uint16_t
s_port (world_t *self)
{
    char *calls = br_ingress_actor.admin (self->ctx->state, "calls", "{}");
    const char *listen = strstr (calls, "\"listen\":[\"");
    const char *colon = listen ? strchr (listen + 11, ':') : NULL;
    unsigned port = colon ? (unsigned) strtoul (colon + 1, NULL, 10) : 0;
    free (calls);
    return (uint16_t) port;
}

world_t *
world_new (const char *slice)
{
    world_t *self = BR_NEW (world_t);
    self->now_ns = 1000000000000u;
    br_buf_init (&self->got, 64u << 20);
    br_host_conf_t conf = { .name = "test",
                            .clock = br_clock_manual (&self->now_ns),
                            .actors = s_actors,
                            .log = { .fd = -1, .level = BR_LOG_LEVELS } };
    conf.kept = self->kept = br_kept_new ();
    self->host = br_host_new (&conf, NULL);
    br_host_set_self (self->host, 1, 1);
    br_host_set_remote (self->host, &s_remote, self);
    br_addr_t ingress = br_host_start (self->host, "ingress", NULL);
    assert_true (br_addr_is_set (ingress));
    self->ctx = br_host_ctx (self->host, "ingress");
    if (slice) {
        br_error_t error = { .text = "" };
        int rc = world_configure (self, slice, &error);
        if (rc)
            fail_msg ("%s", error.text);
        self->port = s_port (self);
    }
    return self;
}

void
world_destroy (world_t **self_p)
{
    world_t *self = *self_p;
    br_host_destroy (&self->host);
    br_kept_destroy (&self->kept);
    for (size_t i = 0; i < self->sent_count; i++)
        br_msg_destroy (&self->sent[i]);
    br_buf_free (&self->got);
    free (self);
    *self_p = NULL;
}

int
world_setup (void **state)
{
    *state = world_new (WORLD_SLICE (""));
    return 0;
}

int
world_teardown (void **state)
{
    world_t *world = *state;
    world_destroy (&world);
    return 0;
}

void
world_has (const char *text, const char *part)
{
    if (!strcasestr (text, part))
        fail_msg ("'%s' is not in:\n%s", part, text);
}

int
world_configure (world_t *self, const char *slice, br_error_t *reterr)
{
    int rc = br_ingress_actor.conf_try (self->ctx->state, slice, reterr);
    if (rc == 0)
        rc = br_ingress_actor.conf_take (self->ctx->state, 7, reterr);
    return rc;
}

void
world_start_auth (world_t *self, const char *slice)
{
    br_error_t error = { .text = "" };
    assert_true (br_addr_is_set (br_host_start (self->host, "auth", NULL)));
    void *state = br_host_ctx (self->host, "auth")->state;
    int rc = br_auth_actor.conf_try (state, slice, &error);
    if (rc == 0)
        rc = br_auth_actor.conf_take (state, 7, &error);
    if (rc)
        fail_msg ("%s", error.text);
    world_turn (self);
}

void
world_turn (world_t *self)
{
    for (int i = 0; i < TURNS; i++)
        br_loop_turn (br_host_loop (self->host), 0);
}

void
world_wait (world_t *self, uint64_t more_ms)
{
    self->now_ns += more_ms * 1000000u;
    world_turn (self);
}

//  ---- the bus

const br_msg_t *
world_expect (world_t *self, br_verb_t verb)
{
    for (int i = 0; i < PATIENCE; i++) {
        while (self->seen < self->sent_count)
            if (self->sent[self->seen++]->verb == verb)
                return self->sent[self->seen - 1];
        br_loop_turn (br_host_loop (self->host), 0);
    }
    return NULL;
}

size_t
world_count (const world_t *self, br_verb_t verb)
{
    size_t count = 0;
    for (size_t i = 0; i < self->sent_count; i++)
        count += self->sent[i]->verb == verb;
    return count;
}

void
world_send (world_t *self, br_addr_t from, br_verb_t verb, br_id_t call, uint32_t attempt,
            const void *fields, const char *body)
{
    br_blob_t *blob = body ? br_blob_new (body, strlen (body)) : NULL;
    br_msg_t *msg = br_msg_new (verb, call, attempt, fields, blob);
    br_blob_destroy (&blob);
    msg->from = from;
    msg->to = br_ctx_self (self->ctx);
    br_host_arrived (self->host, &msg);
    assert_null (msg);
    world_turn (self);
}

void
world_head (world_t *self, br_id_t call, const char *content_type, const char *body)
{
    struct br_reply_head head = { .status = 200, .content_type = content_type };
    head.provider = "openai";
    head.model = "gpt-4o";
    head.upto = body ? strlen (body) : 0;
    world_send (self, world_upstream, BR_REPLY_HEAD, call, 1, &head, body);
}

void
world_delta (world_t *self, br_id_t call, uint64_t seq, const char *body)
{
    struct br_reply_delta delta = { .seq = seq };
    world_send (self, world_upstream, BR_REPLY_DELTA, call, 1, &delta, body);
}

void
world_end (world_t *self, br_id_t call, uint64_t seq)
{
    struct br_reply_end end = { .seq = seq, .usage_known = 1, .output_tokens = 5 };
    world_send (self, world_upstream, BR_REPLY_END, call, 1, &end, NULL);
}

//  ---- clients

int
world_connect (world_t *self)
{
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons (self->port) };
    to.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    assert_int_equal (connect (fd, (const struct sockaddr *) &to, sizeof to), 0);
    assert_int_equal (fcntl (fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

void
world_write (world_t *self, int fd, const char *text)
{
    size_t size = strlen (text);
    for (int i = 0; size && i < PATIENCE; i++) {
        ssize_t rc = send (fd, text, size, MSG_NOSIGNAL);
        if (rc > 0) {
            text += rc;
            size -= (size_t) rc;
        }
        br_loop_turn (br_host_loop (self->host), 0);
    }
    world_turn (self);
}

void
world_post (world_t *self, int fd, const char *headers, const char *body)
{
    char *text = br_strf ("POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                          "Content-Length: %zu\r\n%s\r\n%s",
                          strlen (body), headers, body);
    world_write (self, fd, text);
    free (text);
}

//  Reads until text is there (NULL: never) or the other side closed.
static const char *
s_read (world_t *self, int fd, const char *text)
{
    br_buf_clear (&self->got);
    for (int i = 0; i < PATIENCE; i++) {
        char room[16384];
        ssize_t rc = recv (fd, room, sizeof room, 0);
        if (rc == 0 || (rc < 0 && errno == ECONNRESET))
            break;
        if (rc > 0)
            br_buf_add (&self->got, room, (size_t) rc);
        if (rc > 0 && text && strstr (br_buf_text (&self->got), text))
            break;
        br_loop_turn (br_host_loop (self->host), 0);
    }
    return br_buf_text (&self->got);
}

const char *
world_read (world_t *self, int fd, const char *text)
{
    return s_read (self, fd, text);
}

const char *
world_read_all (world_t *self, int fd)
{
    return s_read (self, fd, NULL);
}

const char *
world_ask (world_t *self, const char *request)
{
    int fd = world_connect (self);
    world_write (self, fd, request);
    const char *answer = s_read (self, fd, NULL);
    close (fd);
    return answer;
}
