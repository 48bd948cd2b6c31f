//  router: makes the attempts of each call, and settles each call once.
//
//  A call.open becomes a router_open, which has its candidates in the order of its strategy
//  (router_choose) and a machine of states (router_call). Each message of the call is an
//  event for that machine; its actions are messages again. What the client hears when all
//  has failed is router_verdict's, and router_settle sees to it that the meter hears of the
//  end.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/call_map.h"
#include "broker/core/slip.h"
#include "actors/router/router.h"
#include "actors/router/router_ended.h"
#include "actors/router/router_open.h"
#include "actors/router/router_report.h"

#define CALLS_MAX 65536    //  open at the same time
#define DEAD_MAX 32        //  hosts that are remembered
#define STOP_LOOK_MS 20    //  between two looks whether all has ended
#define STOP_GRACE_MS 1000 //  for cancelled calls and their settles

//  What an attempt used, of the fields of a message.
#define USAGE(fields)                                                                    \
    ((br_usage_t) { .known = (fields)->usage_known != 0,                                 \
                    .input = (fields)->input_tokens,                                     \
                    .cache_read = (fields)->cache_read_tokens,                           \
                    .cache_write = (fields)->cache_write_tokens,                         \
                    .output = (fields)->output_tokens,                                   \
                    .reasoning = (fields)->reasoning_tokens,                             \
                    .cache_write_1h = (fields)->cache_write_1h_tokens,                   \
                    .audio_input = (fields)->audio_input_tokens,                         \
                    .audio_output = (fields)->audio_output_tokens })

//  A host that is gone.
typedef struct {
    uint32_t host;
    uint32_t life;
} dead_t;

typedef struct _router_t {
    router_env_t env;
    br_call_map_t *calls; //  router_open_t by call
    router_ended_t *ended;
    dead_t dead[DEAD_MAX]; //  a ring of the newest; host 0 = free
    size_t next_dead;
    router_rules_t *tried; //  the slice that was tried last
    br_timer_t stop_timer;
    uint64_t stop_us;   //  when open calls are cancelled; 0 = not stopping
    bool stop_is_final; //  they were cancelled
} router_t;

static void
s_destroy (void **state_p)
{
    router_t *self = *state_p;
    *state_p = NULL;
    br_timer_cancel (br_ctx_loop (self->env.ctx), &self->stop_timer);
    size_t count;
    void **calls = br_call_map_values (self->calls, &count);
    for (size_t i = 0; i < count; i++) {
        router_open_t *call = calls[i];
        router_open_lose (call);
        router_open_destroy (&call);
    }
    free (calls);
    router_ended_destroy (&self->ended);
    br_call_map_destroy (&self->calls);
    router_rules_destroy (&self->tried);
    router_rules_destroy (&self->env.rules);
    quota_destroy (&self->env.quota);
    router_settle_destroy (&self->env.settles);
    router_breaker_destroy (&self->env.breaker);
    router_health_destroy (&self->env.health);
    router_endpoints_destroy (&self->env.endpoints);
    router_turns_destroy (&self->env.turns);
    free (self);
}

static void s_wake (void *arg, router_open_t *call);

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) reterr;
    router_t *self = BR_NEW (router_t);
    self->env.ctx = ctx;
    self->env.rules = router_rules_new ();
    self->env.settles = router_settle_new (ctx);
    self->env.endpoints = router_endpoints_new ();
    self->env.health = router_health_new ();
    self->env.breaker = router_breaker_new (ctx, self->env.endpoints);
    self->env.quota = quota_new (ctx);
    self->env.turns = router_turns_new (br_ctx_random (ctx));
    self->env.wake = s_wake;
    self->env.arg = self;
    self->calls = br_call_map_new (CALLS_MAX);
    self->ended = router_ended_new ();
    router_breaker_ask (self->env.breaker);
    return self;
}

//  ---- calls

static void
s_handle (router_t *self, router_open_t *call, router_event_t event,
          const router_news_t *news)
{
    router_open_handle (call, event, news);
    if (!router_open_has_ended (call))
        return;
    br_call_map_take (self->calls, router_open_id (call));
    router_open_destroy (&call);
}

//  What a call has waited for by itself is here.
static void
s_wake (void *arg, router_open_t *call)
{
    s_handle (arg, call, ROUTER_DELAYED, NULL);
}

//  An open that never became a call: it is answered and settled all the same.
static void
s_refuse (router_t *self, const br_msg_t *msg, const br_error_t *error)
{
    const struct br_call_open *open = br_msg_fields (msg);
    br_ctx_t *ctx = self->env.ctx;
    struct br_reply_error reply = { .code = error->code, .error = error->text };
    br_slip_t slip;
    br_ctx_log (ctx, BR_LOG_WARN, "a call was refused: %s", error->text);
    bool has_slip = br_slip_decode (open->slip, &slip) == 0;
    if (has_slip)
        br_ctx_send (ctx, br_slip_down (&slip, br_ctx_self (ctx)), BR_REPLY_ERROR,
                     msg->call, 1, &reply, NULL);
    struct br_call_settle settle = { .request_id = open->request_id };
    settle.request_hash = open->request_hash;
    if (has_slip && slip.down_size && open->request_hash.size)
        settle.receipt_to = slip.down[slip.down_size - 1];
    settle.route = open->model;
    settle.outcome = BR_OUTCOME_FAILED;
    settle.code = error->code;
    settle.status = br_code_status (error->code);
    settle.stream = open->stream;
    settle.surface = open->surface;
    settle.who = open->who;
    settle.started_ms = br_ctx_unix_ms (ctx);
    router_settle_add (self->env.settles, msg->call, 0, &settle);
}

//  An open that a guard passed on may come behind the death of its ingress.
static bool
s_is_dead (const router_t *self, br_addr_t addr)
{
    for (size_t i = 0; i < DEAD_MAX; i++)
        if (self->dead[i].host == addr.host && self->dead[i].life == addr.life)
            return addr.host != 0;
    return false;
}

static void
s_note_dead (router_t *self, const struct br_sys_gone *gone)
{
    self->dead[self->next_dead] = (dead_t) { (uint32_t) gone->host,
                                             (uint32_t) gone->life };
    self->next_dead = (self->next_dead + 1) % DEAD_MAX;
}

static void
s_on_open (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    router_t *self = state;
    if (br_call_map_get (self->calls, msg->call))
        return;
    br_error_t error = { .code = BR_OK };
    if (br_call_map_size (self->calls) == CALLS_MAX) {
        br_error_set (&error, BR_EBUSY, "%d calls are open already", CALLS_MAX);
        s_refuse (self, msg, &error);
        return;
    }
    router_open_t *call = router_open_new (&self->env, msg, &error);
    if (!call) {
        s_refuse (self, msg, &error);
        return;
    }
    br_call_map_put (self->calls, msg->call, call);
    bool is_late = s_is_dead (self, router_open_ingress (call));
    s_handle (self, call, is_late ? ROUTER_INGRESS_GONE : ROUTER_OPEN, NULL);
}

//  Messages that carry nothing but the call and the attempt.
static const struct {
    br_verb_t verb;
    router_event_t event;
} s_plain[] = {
    { BR_CALL_COMMIT, ROUTER_COMMIT },
    { BR_CALL_FENCED, ROUTER_FENCED },
    { BR_CALL_COMMITTED, ROUTER_COMMITTED },
    { BR_CALL_JOINED, ROUTER_JOINED },
};

//  The last words of an answer were lost with their host: ingress has not got them, and
//  nothing of what it has got was written.
static void
s_tell_lost (router_t *self, const br_msg_t *msg)
{
    router_ended_row_t row;
    if (msg->verb != BR_CALL_FENCED
        || !router_ended_take (self->ended, msg->call, msg->attempt, &row))
        return;
    struct br_reply_error error = { .code = BR_EGONE, .attempts = row.attempt };
    error.error = "the host that asked the provider is gone";
    (void) br_ctx_send (self->env.ctx, row.down, BR_REPLY_ERROR, row.call,
                        row.attempt + 1, &error, NULL);
}

static void
s_on_plain (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    router_t *self = state;
    router_open_t *call = br_call_map_get (self->calls, msg->call);
    router_news_t news = { .attempt = msg->attempt };
    if (!call)
        s_tell_lost (self, msg);
    for (size_t i = 0; call && i < sizeof s_plain / sizeof *s_plain; i++)
        if (s_plain[i].verb == msg->verb) {
            s_handle (self, call, s_plain[i].event, &news);
            return;
        }
}

//  A code of ours, or BR_OK where a message has none.
static br_code_t
s_code (uint64_t code)
{
    return code < BR_ERROR_COUNT ? (br_code_t) code : BR_EINTERNAL;
}

static void
s_on_cancel (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    router_t *self = state;
    router_open_t *call = br_call_map_get (self->calls, msg->call);
    const struct br_call_cancel *cancel = br_msg_fields (msg);
    router_news_t news = { .attempt = msg->attempt, .code = s_code (cancel->code) };
    if (call)
        s_handle (self, call, ROUTER_CANCEL, &news);
}

static void
s_on_answered (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    router_t *self = state;
    router_open_t *call = br_call_map_get (self->calls, msg->call);
    const struct br_call_answered *answered = br_msg_fields (msg);
    router_news_t news = { .attempt = msg->attempt, .code = s_code (answered->code) };
    if (call)
        s_handle (self, call, ROUTER_ANSWERED, &news);
}

static void
s_on_fail (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    router_t *self = state;
    router_open_t *call = br_call_map_get (self->calls, msg->call);
    if (!call)
        return;
    const struct br_attempt_fail *fail = br_msg_fields (msg);
    router_failure_t failure = { .status = (unsigned) fail->status };
    failure.code = s_code (fail->code);
    failure.failure = br_failure_of (fail->failure);
    failure.retry_after_ms = fail->retry_after_ms;
    failure.waited_us = fail->waited_us;
    failure.text = fail->error;
    failure.content_type = fail->content_type;
    failure.headers = fail->headers;
    failure.body = msg->body;
    router_news_t news = { .attempt = msg->attempt, .failure = &failure };
    s_handle (self, call, ROUTER_FAIL, &news);
}

static void
s_on_broken (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    router_t *self = state;
    router_open_t *call = br_call_map_get (self->calls, msg->call);
    if (!call)
        return;
    const struct br_attempt_broken *broken = br_msg_fields (msg);
    router_failure_t failure = { .text = broken->error };
    failure.code = s_code (broken->code);
    failure.failure = br_failure_of (broken->failure);
    failure.retry_after_ms = broken->retry_after_ms;
    router_end_t end = { .outcome = BR_OUTCOME_FAILED, .first_us = broken->first_us };
    end.code = failure.code;
    end.failure = failure.failure;
    end.usage = USAGE (broken);
    router_news_t news = { .attempt = msg->attempt, .failure = &failure, .end = &end };
    news.state = msg->body;
    s_handle (self, call, ROUTER_BROKEN, &news);
}

static void
s_on_done (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    router_t *self = state;
    router_open_t *call = br_call_map_get (self->calls, msg->call);
    if (!call)
        return;
    const struct br_attempt_done *done = br_msg_fields (msg);
    router_end_t end = { .status = (unsigned) done->status, .first_us = done->first_us };
    end.outcome = done->outcome < BR_OUTCOME_COUNT ? (br_outcome_t) done->outcome
                                                   : BR_OUTCOME_FAILED;
    end.code = s_code (done->code);
    end.failure = br_failure_of (done->failure);
    end.usage = USAGE (done);
    router_news_t news = { .attempt = msg->attempt, .end = &end };
    router_ended_row_t row = { .call = msg->call, .attempt = msg->attempt };
    row.upstream = msg->from;
    row.ingress = router_open_ingress (call);
    row.down = router_open_down (call);
    s_handle (self, call, ROUTER_DONE, &news);
    if (!br_call_map_get (self->calls, msg->call))
        router_ended_add (self->ended, &row);
}

static void
s_on_settled (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    router_t *self = state;
    router_settle_settled (self->env.settles, msg->call);
}

static void
s_on_kept (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    router_t *self = state;
    router_settle_on_kept (self->env.settles, msg);
}

static void
s_on_breaker (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    router_t *self = state;
    if (msg->verb == BR_BREAKER_STATE)
        router_breaker_on_state (self->env.breaker, msg);
    else
        router_breaker_on_told (self->env.breaker, msg);
}

static void
s_on_grant (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    router_t *self = state;
    quota_on_grant (self->env.quota, msg);
}

//  Whether ingress has got all that a lost host has sent it, only ingress knows.
static void
s_fence_ended (router_t *self, const struct br_sys_gone *gone)
{
    uint32_t host = (uint32_t) gone->host;
    uint32_t life = (uint32_t) gone->life;
    size_t cursor = 0;
    const router_ended_row_t *row = router_ended_next (self->ended, host, life, &cursor);
    for (; row; row = router_ended_next (self->ended, host, life, &cursor))
        (void) br_ctx_send (self->env.ctx, row->ingress, BR_CALL_FENCE, row->call,
                            row->attempt, NULL, NULL);
}

static void
s_on_gone (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    router_t *self = state;
    size_t count;
    void **calls = br_call_map_values (self->calls, &count);
    for (size_t i = 0; i < count; i++) {
        router_open_t *call = calls[i];
        router_open_gone (call, br_msg_fields (msg));
        if (!router_open_has_ended (call))
            continue;
        br_call_map_take (self->calls, router_open_id (call));
        router_open_destroy (&call);
    }
    free (calls);
    s_note_dead (self, br_msg_fields (msg));
    s_fence_ended (self, br_msg_fields (msg));
    router_breaker_gone (self->env.breaker, br_msg_fields (msg));
}

//  ---- configuration, questions, stop

static int
s_conf_try (void *state, const char *slice, br_error_t *reterr)
{
    router_t *self = state;
    router_rules_t *rules = router_rules_parse (slice, reterr);
    if (!rules)
        return -1;
    router_rules_destroy (&self->tried);
    self->tried = rules;
    return 0;
}

static int
s_conf_take (void *state, uint64_t generation, br_error_t *reterr)
{
    (void) generation;
    (void) reterr;
    router_t *self = state;
    if (self->tried) {
        router_rules_destroy (&self->env.rules);
        self->env.rules = self->tried;
        self->tried = NULL;
    }
    router_breaker_ask (self->env.breaker);
    quota_stale (self->env.quota);
    return 0;
}

static char *
s_admin (void *state, const char *command, const char *args)
{
    (void) args;
    const router_t *self = state;
    if (strcmp (command, "health") == 0)
        return router_report_json (&self->env);
    if (strcmp (command, "routing") == 0)
        return br_strf ("{\"open\":%zu,\"unsettled\":%zu}",
                        br_call_map_size (self->calls),
                        router_settle_size (self->env.settles));
    return NULL;
}

static void
s_cancel_all (router_t *self)
{
    size_t count;
    void **calls = br_call_map_values (self->calls, &count);
    for (size_t i = 0; i < count; i++)
        s_handle (self, calls[i], ROUTER_CANCEL, NULL);
    free (calls);
}

static void
s_look_at_stop (void *arg)
{
    router_t *self = arg;
    bool is_late = br_ctx_now_us (self->env.ctx) >= self->stop_us;
    bool is_idle = br_call_map_size (self->calls) == 0
                   && router_settle_size (self->env.settles) == 0;
    if (is_idle || (is_late && self->stop_is_final)) {
        br_ctx_stopped (self->env.ctx);
        return;
    }
    if (is_late) {
        s_cancel_all (self);
        self->stop_is_final = true;
        self->stop_us += STOP_GRACE_MS * 1000;
    }
    br_timer_set (br_ctx_loop (self->env.ctx), &self->stop_timer, STOP_LOOK_MS,
                  s_look_at_stop, self);
}

static void
s_stop (void *state, uint64_t drain_ms)
{
    router_t *self = state;
    self->stop_us = br_ctx_now_us (self->env.ctx) + drain_ms * 1000;
    s_look_at_stop (self);
}

static const br_handler_row_t s_handlers[] = {
    { BR_CALL_OPEN, s_on_open },
    { BR_CALL_CANCEL, s_on_cancel },
    { BR_CALL_ANSWERED, s_on_answered },
    { BR_CALL_COMMIT, s_on_plain },
    { BR_CALL_FENCED, s_on_plain },
    { BR_CALL_COMMITTED, s_on_plain },
    { BR_CALL_JOINED, s_on_plain },
    { BR_CALL_SETTLED, s_on_settled },
    { BR_CALL_SETTLE, s_on_kept },
    { BR_ATTEMPT_FAIL, s_on_fail },
    { BR_ATTEMPT_BROKEN, s_on_broken },
    { BR_ATTEMPT_DONE, s_on_done },
    { BR_SYS_GONE, s_on_gone },
    { BR_BREAKER_STATE, s_on_breaker },
    { BR_BREAKER_TOLD, s_on_breaker },
    { BR_LIMIT_GRANT, s_on_grant },
    { 0, NULL },
};

const br_actor_t br_router_actor = {
    .name = "router",
    .about = "tries a call's candidates one after the other",
    .role = BR_ROLE_ROUTER,
    .handlers = s_handlers,
    .create = s_create,
    .destroy = s_destroy,
    .conf_try = s_conf_try,
    .conf_take = s_conf_take,
    .admin = s_admin,
    .stop = s_stop,
};
