//  guard: messages in front of the rules.
//
//  A call under rules that redact or block has the guard on its slip: its request comes
//  here on the way up, its answer on the way down (guard_call). Of a call under rules that
//  only warn, ingress sends copies (guard_looks), and nothing waits for them.

#include <stdlib.h>
#include <string.h>

#include "actors/guard/guard.h"
#include "actors/guard/guard_call.h"
#include "actors/guard/guard_looks.h"
#include "broker/core/alloc.h"
#include "broker/core/call_map.h"

#define CALLS_MAX 65536 //  open ones
#define STOP_LOOK_MS 10 //  between two looks whether nothing is open any more
#define US_PER_MS 1000

typedef struct _guard_t {
    br_ctx_t *ctx;
    guard_env_t env;
    br_call_map_t *calls;
    guard_conf_t *conf;         //  in use; NULL before the first
    guard_conf_t *previous;     //  for calls that began under it; or NULL
    guard_rules_t *tried;       //  or NULL, with the next one
    guard_tools_t *tried_tools; //
    br_timer_t stop_timer;
    uint64_t stop_us; //  when it stops, whatever is open
} guard_t;

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) reterr;
    guard_t *self = BR_NEW (guard_t);
    self->ctx = self->env.ctx = ctx;
    self->env.queue = guard_queue_new (ctx);
    self->env.tally = guard_tally_new (ctx);
    self->env.looks = guard_looks_new (&self->env);
    self->calls = br_call_map_new (CALLS_MAX);
    return self;
}

static void
s_drop_tried (guard_t *self)
{
    guard_tools_destroy (&self->tried_tools);
    guard_rules_destroy (&self->tried);
}

static void
s_destroy (void **state_p)
{
    guard_t *self = *state_p;
    if (!self)
        return;
    br_timer_cancel (br_ctx_loop (self->ctx), &self->stop_timer);
    size_t count;
    void **calls = br_call_map_values (self->calls, &count);
    for (size_t i = 0; i < count; i++) {
        guard_call_t *call = calls[i];
        guard_call_destroy (&call);
    }
    free (calls);
    br_call_map_destroy (&self->calls);
    guard_looks_destroy (&self->env.looks);
    guard_queue_destroy (&self->env.queue);
    guard_tally_destroy (&self->env.tally);
    s_drop_tried (self);
    guard_conf_let_go (&self->previous);
    guard_conf_let_go (&self->conf);
    free (self);
    *state_p = NULL;
}

//  ---- calls

static void
s_forget (guard_t *self, guard_call_t *call)
{
    br_call_map_take (self->calls, guard_call_id (call));
    guard_call_destroy (&call);
}

static void
s_on_refused (void *arg, guard_call_t *call)
{
    s_forget (arg, call);
}

static void
s_take (guard_t *self, uint64_t generation)
{
    guard_conf_let_go (&self->previous);
    self->previous = self->conf;
    self->conf = guard_conf_new (&self->tried, &self->tried_tools, generation);
}

//  The rules of a generation, or the nearest that are here. Whoever uses a newer one has
//  heard that all have accepted it: it is on its way.
static guard_conf_t *
s_conf_of (guard_t *self, uint64_t generation)
{
    if (self->tried && (!self->conf || generation > self->conf->generation))
        s_take (self, generation);
    if (self->conf && generation == self->conf->generation)
        return self->conf;
    bool is_previous = self->previous && generation == self->previous->generation;
    return is_previous ? self->previous : NULL;
}

static void
s_refuse_open (guard_t *self, const br_msg_t *msg, br_code_t code, const char *text)
{
    struct br_reply_error error = { .seq = 0, .code = code, .error = text };
    (void) br_ctx_send (self->ctx, msg->from, BR_REPLY_ERROR, msg->call, 1, &error, NULL);
}

static void
s_on_open (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    guard_t *self = state;
    const struct br_call_open *open = br_msg_fields (msg);
    guard_conf_t *conf = s_conf_of (self, open->generation);
    br_error_t error;
    if (!conf) {
        s_refuse_open (self, msg, BR_EBUSY,
                       "the guardrails are not ready yet; try again");
        return;
    }
    guard_call_t *call = guard_call_new (&self->env, conf, msg, s_on_refused, self,
                                         &error);
    if (!call) {
        s_refuse_open (self, msg, BR_EINTERNAL, error.text);
        return;
    }
    if (br_call_map_put (self->calls, msg->call, call)) {
        guard_call_destroy (&call);
        s_refuse_open (self, msg, BR_EBUSY, "too many calls are open; try again");
        return;
    }
    guard_call_begin (call);
    if (guard_call_is_refused (call))
        s_forget (self, call);
}

typedef void (word_fn) (guard_call_t *call, const br_msg_t *msg);

//  A call is known until ingress has said that it is over: another attempt may follow, and a
//  cancel of its client may be on the way.
static void
s_hand_on (guard_t *self, const br_msg_t *msg, word_fn *fn)
{
    guard_call_t *call = br_call_map_get (self->calls, msg->call);
    if (call)
        fn (call, msg);
}

//  An answer that nobody waits for is ended where it comes from.
static void
s_on_reply (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    guard_t *self = state;
    guard_call_t *call = br_call_map_get (self->calls, msg->call);
    bool is_last = msg->verb == BR_REPLY_END || msg->verb == BR_REPLY_ERROR;
    bool counts = call && guard_call_reply (call, msg);
    if (!counts && !is_last)
        (void) br_ctx_reply (ctx, msg, BR_ATTEMPT_CANCEL, NULL, NULL);
}

static void
s_on_credit (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    s_hand_on (state, msg, guard_call_credit);
}

static void
s_on_stop (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    s_hand_on (state, msg, guard_call_stop);
}

static void
s_on_cancel (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    guard_t *self = state;
    guard_call_t *call = br_call_map_get (self->calls, msg->call);
    if (!call)
        return;
    guard_call_cancel (call, msg);
    if (guard_call_is_refused (call))
        s_forget (self, call);
}

static void
s_on_end (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    guard_t *self = state;
    guard_call_t *call = br_call_map_get (self->calls, msg->call);
    if (call)
        s_forget (self, call);
    guard_looks_end (self->env.looks, msg->call);
}

static void
s_on_look (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    guard_t *self = state;
    const struct br_guard_look *fields = br_msg_fields (msg);
    guard_conf_t *conf = s_conf_of (self, fields->generation);
    if (!conf)
        return;
    const guard_look_t look = { .call = msg->call,
                                .from = msg->from,
                                .sets = fields->sets,
                                .surface = fields->surface < BR_SURFACE_COUNT
                                               ? (br_surface_t) fields->surface
                                               : BR_SURFACE_NONE,
                                .direction = fields->direction == GUARD_DOWN ? GUARD_DOWN
                                                                             : GUARD_UP,
                                .is_events = fields->events == 1,
                                .is_last = fields->last == 1 };
    guard_looks_add (self->env.looks, conf, &look, msg->body);
}

//  Clients of that host wait no more.
static void
s_on_gone (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    guard_t *self = state;
    const struct br_sys_gone *gone = br_msg_fields (msg);
    size_t count;
    void **calls = br_call_map_values (self->calls, &count);
    for (size_t i = 0; i < count; i++)
        if (guard_call_is_of (calls[i], (uint32_t) gone->host, (uint32_t) gone->life))
            s_forget (self, calls[i]);
    free (calls);
    guard_looks_gone (self->env.looks, (uint32_t) gone->host, (uint32_t) gone->life);
}

//  ---- configuration, questions, stop

static int
s_conf_try (void *state, const char *slice, br_error_t *reterr)
{
    guard_t *self = state;
    s_drop_tried (self);
    self->tried_tools = guard_tools_new (slice, reterr);
    if (self->tried_tools)
        self->tried = guard_rules_new (slice, reterr);
    if (!self->tried)
        s_drop_tried (self);
    return self->tried ? 0 : -1;
}

static int
s_conf_take (void *state, uint64_t generation, br_error_t *reterr)
{
    (void) reterr;
    guard_t *self = state;
    if (self->tried) //  else a call has brought it already
        s_take (self, generation);
    return 0;
}

static char *
s_admin (void *state, const char *command, const char *args)
{
    (void) args;
    const guard_t *self = state;
    return strcmp (command, "guard") == 0 ? guard_tally_json (self->env.tally) : NULL;
}

static void
s_look_at_stop (void *arg)
{
    guard_t *self = arg;
    bool is_late = br_ctx_now_us (self->ctx) >= self->stop_us;
    if (br_call_map_size (self->calls) == 0 || is_late)
        br_ctx_stopped (self->ctx);
    else
        br_timer_set (br_ctx_loop (self->ctx), &self->stop_timer, STOP_LOOK_MS,
                      s_look_at_stop, self);
}

//  Calls that it stands in may finish.
static void
s_stop (void *state, uint64_t drain_ms)
{
    guard_t *self = state;
    self->stop_us = br_ctx_now_us (self->ctx) + drain_ms * US_PER_MS;
    s_look_at_stop (self);
}

static const br_handler_row_t s_handlers[] = {
    { BR_CALL_OPEN, s_on_open },
    { BR_CALL_CANCEL, s_on_cancel },
    { BR_REPLY_HEAD, s_on_reply },
    { BR_REPLY_DELTA, s_on_reply },
    { BR_REPLY_END, s_on_reply },
    { BR_REPLY_ERROR, s_on_reply },
    { BR_REPLY_BROKEN, s_on_reply },
    { BR_REPLY_CREDIT, s_on_credit },
    { BR_ATTEMPT_CANCEL, s_on_stop },
    { BR_GUARD_LOOK, s_on_look },
    { BR_GUARD_END, s_on_end },
    { BR_SYS_GONE, s_on_gone },
    { 0, NULL },
};

const br_actor_t br_guard_actor = {
    .name = "guard",
    .about = "looks for secrets, personal data and dangerous words in what passes",
    .role = BR_ROLE_GUARD,
    .handlers = s_handlers,
    .create = s_create,
    .destroy = s_destroy,
    .conf_try = s_conf_try,
    .conf_take = s_conf_take,
    .admin = s_admin,
    .stop = s_stop,
};
