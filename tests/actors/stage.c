//  stage: a host with one actor under test and peers that note what they hear.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/ctx.h"
#include "broker/core/slip.h"
#include "tests/actors/stage.h"

#define MS 1000000u

typedef struct {
    br_buf_t heard;
    br_buf_t shown; //  what stage_heard returned last
    br_buf_t bytes;
    br_msg_t *last[BR_VERB_COUNT];
} peer_t;

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) ctx;
    (void) reterr;
    peer_t *self = BR_NEW (peer_t);
    br_buf_init (&self->heard, 1u << 20);
    br_buf_init (&self->shown, 1u << 20);
    br_buf_init (&self->bytes, 64u << 20);
    return self;
}

static void
s_destroy (void **state_p)
{
    peer_t *self = *state_p;
    for (int i = 0; i < BR_VERB_COUNT; i++)
        br_msg_destroy (&self->last[i]);
    br_buf_free (&self->heard);
    br_buf_free (&self->shown);
    br_buf_free (&self->bytes);
    free (self);
    *state_p = NULL;
}

static void
s_hear (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    peer_t *self = state;
    br_buf_addf (&self->heard, "%s#%u ", br_verb_name (msg->verb), msg->attempt);
    br_buf_add (&self->bytes, br_blob_data (msg->body), br_blob_size (msg->body));
    br_msg_destroy (&self->last[msg->verb]);
    self->last[msg->verb] = br_msg_new (msg->verb, msg->call, msg->attempt,
                                        br_msg_fields (msg), msg->body);
}

#define PEER(label, id, ...)                                                             \
    static const br_handler_row_t s_##label##_rows[] = { __VA_ARGS__, { 0, NULL } };     \
    static const br_actor_t s_##label = { .name = #label,                                \
                                          .about = "a peer",                             \
                                          .role = BR_ROLE_##id,                          \
                                          .handlers = s_##label##_rows,                  \
                                          .create = s_create,                            \
                                          .destroy = s_destroy }

PEER (ingress, INGRESS, { BR_CALL_FENCE, s_hear }, { BR_REPLY_HEAD, s_hear },
      { BR_REPLY_DELTA, s_hear }, { BR_REPLY_END, s_hear }, { BR_REPLY_ERROR, s_hear },
      { BR_REPLY_BROKEN, s_hear }, { BR_CALL_SETTLED, s_hear },
      { BR_LIMIT_GRANT, s_hear }, { BR_IDEM_GO, s_hear }, { BR_IDEM_REFUSE, s_hear },
      { BR_AUTH_TOLD, s_hear }, { BR_AUTH_CHANGED, s_hear }, { BR_BUDGET_TOLD, s_hear },
      { BR_OBJECT_TOLD, s_hear }, { BR_METRICS_TOLD, s_hear },
      { BR_SYS_STOPPED, s_hear });
PEER (guard, GUARD, { BR_REPLY_HEAD, s_hear }, { BR_REPLY_DELTA, s_hear },
      { BR_REPLY_END, s_hear }, { BR_REPLY_ERROR, s_hear }, { BR_REPLY_BROKEN, s_hear },
      { BR_GUARD_LOOK, s_hear }, { BR_GUARD_END, s_hear });
PEER (router, ROUTER, { BR_CALL_OPEN, s_hear }, { BR_CALL_CANCEL, s_hear },
      { BR_ATTEMPT_FAIL, s_hear }, { BR_ATTEMPT_DONE, s_hear },
      { BR_ATTEMPT_BROKEN, s_hear }, { BR_BREAKER_STATE, s_hear },
      { BR_BREAKER_TOLD, s_hear }, { BR_LIMIT_GRANT, s_hear },
      { BR_ADMIN_ANSWER, s_hear }, { BR_CONF_ACCEPT, s_hear }, { BR_CONF_REFUSE, s_hear },
      { BR_CONF_TAKEN, s_hear });
PEER (meter, METER, { BR_CALL_INTENT, s_hear }, { BR_CALL_SETTLE, s_hear },
      { BR_SPEND_ASK, s_hear }, { BR_ADMIN_ANSWER, s_hear }, { BR_CONF_ACCEPT, s_hear },
      { BR_CONF_REFUSE, s_hear }, { BR_CONF_TAKEN, s_hear });
PEER (upstream, UPSTREAM, { BR_ATTEMPT_START, s_hear }, { BR_ATTEMPT_CANCEL, s_hear },
      { BR_REPLY_CREDIT, s_hear });

PEER (breaker, BREAKER, { BR_BREAKER_ASK, s_hear }, { BR_BREAKER_REPORT, s_hear },
      { BR_BREAKER_PROBE, s_hear });
PEER (limits, LIMITS, { BR_LIMIT_ASK, s_hear }, { BR_LIMIT_RETURN, s_hear });
PEER (idempotency, IDEMPOTENCY, { BR_IDEM_CLAIM, s_hear }, { BR_IDEM_HEAD, s_hear },
      { BR_IDEM_PART, s_hear }, { BR_IDEM_END, s_hear }, { BR_IDEM_LEAVE, s_hear },
      { BR_REPLY_CREDIT, s_hear });
PEER (auth, AUTH, { BR_AUTH_ASK, s_hear }, { BR_BUDGET_ASK, s_hear },
      { BR_BUDGET_HOLD, s_hear }, { BR_BUDGET_DROP, s_hear }, { BR_CALL_METERED, s_hear },
      { BR_SPEND_TOLD, s_hear });
PEER (metrics, METRICS, { BR_GUARD_FOUND, s_hear });

//  ---- the rest of the world: events are kept; host 2 has the actors named "far/..."

static int
s_send (void *arg, br_msg_t **msg_p, br_error_t *reterr)
{
    stage_t *self = arg;
    if ((*msg_p)->to.host != 2 || self->far_gone)
        return br_error_set (reterr, BR_EGONE, "there is no such host");
    br_buf_addf (&self->far, "%s#%u ", br_verb_name ((*msg_p)->verb), (*msg_p)->attempt);
    br_msg_destroy (msg_p);
    return 0;
}

static br_addr_t
s_find (void *arg, const char *name)
{
    (void) arg;
    bool is_far = strncmp (name, "far/", 4) == 0;
    return (br_addr_t) { .host = is_far ? 2 : 0, .life = 1, .actor = 1 };
}

static br_role_t
s_role (void *arg, br_addr_t addr)
{
    (void) arg;
    (void) addr;
    return BR_ROLE_COUNT;
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
    stage_t *self = arg;
    br_buf_add (&self->events, lines->data, lines->size);
    br_buf_clear (lines);
}

static void
s_message (void *arg, const br_msg_t *msg)
{
    (void) arg;
    (void) msg;
}

static const br_remote_t s_remote = { .send = s_send,
                                      .find = s_find,
                                      .role = s_role,
                                      .name = s_name,
                                      .events = s_events,
                                      .message = s_message };

//  ---- the stage

void
stage_begin (stage_t *self, const br_actor_t *actor, bool real)
{
    *self = (stage_t) { .now_ns = 1000 * (uint64_t) MS };
    const br_actor_t *peers[] = { &s_ingress,  &s_guard,   &s_router, &s_meter,
                                  &s_upstream, &s_breaker, &s_limits, &s_idempotency,
                                  &s_auth,     &s_metrics };
    size_t used = 0;
    self->kinds[used++] = actor;
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++)
        if (strcmp (peers[i]->name, actor->name) != 0)
            self->kinds[used++] = peers[i];
    br_buf_init (&self->events, 4u << 20);
    br_buf_init (&self->far, 1u << 20);
    br_host_conf_t conf = { .name = "stage", .actors = self->kinds, .log = { .fd = -1 } };
    conf.clock = real ? br_clock_real () : br_clock_manual (&self->now_ns);
    conf.kept = self->kept = br_kept_new ();
    self->host = br_host_new (&conf, NULL);
    br_host_set_self (self->host, 1, 1);
    br_host_set_remote (self->host, &s_remote, self);
    br_host_watch (self->host, true, false);
    stage_start (self, "ingress");
}

void
stage_end (stage_t *self)
{
    br_host_destroy (&self->host);
    br_kept_destroy (&self->kept);
    br_buf_free (&self->events);
    br_buf_free (&self->far);
}

br_addr_t
stage_start (stage_t *self, const char *name)
{
    br_error_t error = { .code = BR_OK };
    br_addr_t addr = br_host_start (self->host, name, &error);
    if (!br_addr_is_set (addr))
        fail_msg ("%s: %s", name, error.text);
    return addr;
}

void
stage_settle (stage_t *self)
{
    while (br_host_work (self->host))
        ;
}

void
stage_pass (stage_t *self, uint64_t ms)
{
    stage_settle (self);
    for (uint64_t i = 0; i < ms; i++) {
        self->now_ns += MS;
        br_loop_turn (br_host_loop (self->host), 0);
        stage_settle (self);
    }
}

const br_msg_t *
stage_await (stage_t *self, const char *name, br_verb_t verb)
{
    uint64_t end_ns = br_loop_now_ns (br_host_loop (self->host)) + 5000 * (uint64_t) MS;
    const br_msg_t *msg = stage_last (self, name, verb);
    while (!msg && br_loop_now_ns (br_host_loop (self->host)) < end_ns) {
        br_loop_turn (br_host_loop (self->host), 50);
        msg = stage_last (self, name, verb);
    }
    if (!msg)
        fail_msg ("%s never heard %s", name, br_verb_name (verb));
    return msg;
}

void
stage_send (stage_t *self, const char *from, br_addr_t to, br_verb_t verb, uint64_t call,
            uint32_t attempt, const void *fields, br_blob_t *body)
{
    br_id_t id = { .hi = call ? 1 : 0, .lo = call };
    int rc = br_ctx_send (br_host_ctx (self->host, from), to, verb, id, attempt, fields,
                          body);
    assert_int_equal (rc, 0);
}

void
stage_stop (stage_t *self, br_addr_t actor, uint64_t drain_ms)
{
    struct br_sys_stop stop = { .drain_ms = drain_ms };
    stage_send (self, "ingress", actor, BR_SYS_STOP, 0, 0, &stop, NULL);
}

static peer_t *
s_peer (stage_t *self, const char *name)
{
    return br_host_ctx (self->host, name)->state;
}

const char *
stage_heard (stage_t *self, const char *name)
{
    stage_settle (self);
    peer_t *peer = s_peer (self, name);
    br_buf_clear (&peer->shown);
    br_buf_add (&peer->shown, peer->heard.data, peer->heard.size);
    br_buf_clear (&peer->heard);
    return br_buf_text (&peer->shown);
}

const br_msg_t *
stage_last (stage_t *self, const char *name, br_verb_t verb)
{
    stage_settle (self);
    return s_peer (self, name)->last[verb];
}

const char *
stage_bytes (stage_t *self, const char *name)
{
    return br_buf_text (&s_peer (self, name)->bytes);
}

br_bytes_t
stage_slip (stage_t *self)
{
    br_slip_t slip = { .down_size = 1 };
    slip.down[0] = br_host_ctx (self->host, "ingress")->addr;
    br_buf_t bytes;
    br_buf_init (&bytes, BR_SLIP_BYTES_MAX);
    br_slip_encode (&slip, &bytes);
    assert_true (bytes.size <= sizeof self->slip);
    memcpy (self->slip, bytes.data, bytes.size);
    br_bytes_t result = { self->slip, bytes.size };
    br_buf_free (&bytes);
    return result;
}
