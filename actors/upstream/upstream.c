//  upstream: one provider: its connections and its credential.
//
//  The actor holds what its newest slices gave (upstream_tables), and the attempts under way
//  (upstream_attempt), which do the work. A new slice changes what calls of its generation
//  do: older ones go by the old table, and an old pool stays until its last transfer has
//  ended.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/call_map.h"
#include "broker/core/failure.h"
#include "broker/identity/login_token.h"
#include "actors/upstream/upstream.h"
#include "actors/upstream/upstream_attempt.h"
#include "actors/upstream/upstream_login.h"
#include "actors/upstream/upstream_tables.h"

#define ATTEMPTS_MAX 16384 //  under way

typedef struct _upstream_t {
    upstream_env_t env;
    br_call_map_t *attempts; //  by call
    upstream_tables_t *tables;
    upstream_login_t *login;
    bool sweeping; //  a sweep is due
    bool stopping;
    br_timer_t stop_timer;
} upstream_t;

//  ---- life

static void
s_destroy (void **state_p)
{
    upstream_t *self = *state_p;
    *state_p = NULL;
    br_timer_cancel (br_ctx_loop (self->env.ctx), &self->stop_timer);
    size_t count;
    void **attempts = br_call_map_values (self->attempts, &count);
    for (size_t i = 0; i < count; i++) {
        upstream_attempt_t *attempt = attempts[i];
        upstream_attempt_destroy (&attempt);
    }
    free (attempts);
    br_call_map_destroy (&self->attempts);
    upstream_login_destroy (&self->login);
    upstream_tables_destroy (&self->tables);
    free (self);
}

static void
s_sweep (void *arg)
{
    upstream_t *self = arg;
    self->sweeping = false;
    upstream_tables_sweep (self->tables);
}

//  A pool may not go while it works: that is seen to in the next turn.
static void
s_sweep_soon (upstream_t *self)
{
    if (self->sweeping || upstream_tables_is_clean (self->tables))
        return;
    self->sweeping = true;
    br_ctx_again (self->env.ctx, s_sweep, self);
}

static void
s_on_ended (void *arg, upstream_attempt_t *attempt)
{
    upstream_t *self = arg;
    br_call_map_take (self->attempts, upstream_attempt_call (attempt));
    upstream_attempt_destroy (&attempt);
    s_sweep_soon (self);
    if (!self->stopping || br_call_map_size (self->attempts))
        return;
    br_timer_cancel (br_ctx_loop (self->env.ctx), &self->stop_timer);
    br_ctx_stopped (self->env.ctx);
}

//  There is another token: what begins from now on sends it.
static void
s_on_renewed (void *arg)
{
    upstream_t *self = arg;
    br_error_t error = { .code = BR_OK };
    char *slice = upstream_login_slice (self->login);
    if (slice && upstream_tables_replace (self->tables, slice, &error))
        br_ctx_log (self->env.ctx, BR_LOG_ERROR, "the new login is not used: %s",
                    error.text);
    br_login_forget (&slice);
}

static void
s_on_refused (void *arg)
{
    upstream_t *self = arg;
    upstream_login_refused (self->login);
}

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) reterr;
    upstream_t *self = BR_NEW (upstream_t);
    self->env = (upstream_env_t) { .ctx = ctx, .ended = s_on_ended, .arg = self };
    self->env.refused = s_on_refused;
    self->env.provider = br_ctx_instance (ctx);
    self->attempts = br_call_map_new (ATTEMPTS_MAX);
    self->tables = upstream_tables_new (br_ctx_loop (ctx));
    self->login = upstream_login_new (ctx, s_on_renewed, self);
    return self;
}

//  ---- attempts

static void
s_refuse (upstream_t *self, const br_msg_t *msg, br_code_t code, const char *why)
{
    struct br_attempt_fail fail = { .code = code, .failure = BR_FAILURE_GONE };
    fail.error = why;
    self->env.requests++;
    self->env.failures++;
    (void) br_ctx_reply (self->env.ctx, msg, BR_ATTEMPT_FAIL, &fail, NULL);
}

//  A call has one attempt at a time; an older one that is still here has been given up.
static void
s_on_start (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    upstream_t *self = state;
    const struct br_attempt_start *start = br_msg_fields (msg);
    const upstream_way_t *way = upstream_tables_at (self->tables, start->generation);
    upstream_attempt_t *older = br_call_map_get (self->attempts, msg->call);
    if (older && upstream_attempt_number (older) >= msg->attempt)
        return;
    if (older)
        upstream_attempt_cancel (older, BR_ECANCELLED);
    if (!way || self->stopping)
        s_refuse (self, msg, BR_EUNAVAILABLE, "the provider is not configured here");
    else if (br_call_map_size (self->attempts) == ATTEMPTS_MAX)
        s_refuse (self, msg, BR_EBUSY, "too many requests to the provider are under way");
    else {
        upstream_attempt_t *attempt = upstream_attempt_new (&self->env, way->table,
                                                            way->client, msg);
        if (attempt)
            br_call_map_put (self->attempts, msg->call, attempt);
    }
}

static upstream_attempt_t *
s_find (upstream_t *self, const br_msg_t *msg)
{
    upstream_attempt_t *attempt = br_call_map_get (self->attempts, msg->call);
    return attempt && upstream_attempt_number (attempt) == msg->attempt ? attempt : NULL;
}

static void
s_on_cancel (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    const struct br_attempt_cancel *cancel = br_msg_fields (msg);
    upstream_attempt_t *attempt = s_find (state, msg);
    bool has_code = cancel->code > BR_OK && cancel->code < BR_ERROR_COUNT;
    if (attempt)
        upstream_attempt_cancel (attempt,
                                 has_code ? (br_code_t) cancel->code : BR_ECANCELLED);
}

static void
s_on_credit (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    const struct br_reply_credit *credit = br_msg_fields (msg);
    upstream_attempt_t *attempt = s_find (state, msg);
    if (attempt)
        upstream_attempt_credit (attempt, credit->upto);
}

static void
s_on_gone (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    upstream_t *self = state;
    size_t count;
    void **attempts = br_call_map_values (self->attempts, &count);
    for (size_t i = 0; i < count; i++)
        upstream_attempt_gone (attempts[i], br_msg_fields (msg));
    free (attempts);
}

//  ---- configuration, questions, stop

static int
s_conf_try (void *state, const char *slice, br_error_t *reterr)
{
    upstream_t *self = state;
    char *dressed = upstream_login_try (self->login, slice);
    int rc = upstream_tables_try (self->tables, dressed, reterr);
    br_login_forget (&dressed);
    return rc;
}

static int
s_conf_take (void *state, uint64_t generation, br_error_t *reterr)
{
    (void) reterr;
    upstream_t *self = state;
    if (!upstream_tables_take (self->tables, generation))
        br_ctx_log (self->env.ctx, BR_LOG_WARN,
                    "connections go on as they were: too many pools wait for their end");
    const upstream_way_t *way = upstream_tables_at (self->tables, 0);
    upstream_login_take (self->login, way ? way->client : NULL);
    s_sweep_soon (self);
    return 0;
}

static char *
s_admin (void *state, const char *command, const char *args)
{
    (void) args;
    const upstream_t *self = state;
    const upstream_way_t *way = upstream_tables_at (self->tables, 0);
    if (strcmp (command, "upstreams") != 0)
        return NULL;
    br_buf_t name;
    br_buf_init (&name, 8 * BR_ERROR_TEXT_MAX);
    br_buf_add_json (&name, self->env.provider, strlen (self->env.provider));
    char *answer = br_strf ("{\"provider\":%s,\"running\":%zu,\"idle\":%u,\"requests\":%"
                            "llu,\"failures\":%llu}",
                            br_buf_text (&name), br_call_map_size (self->attempts),
                            way ? http_client_idle (way->client) : 0,
                            (unsigned long long) self->env.requests,
                            (unsigned long long) self->env.failures);
    br_buf_free (&name);
    return answer;
}

static void
s_give_up_all (void *arg)
{
    upstream_t *self = arg;
    size_t count;
    void **attempts = br_call_map_values (self->attempts, &count);
    for (size_t i = 0; i < count; i++)
        upstream_attempt_give_up (attempts[i]);
    free (attempts);
}

static void
s_stop (void *state, uint64_t drain_ms)
{
    upstream_t *self = state;
    self->stopping = true;
    if (br_call_map_size (self->attempts) == 0) {
        br_ctx_stopped (self->env.ctx);
        return;
    }
    br_timer_set (br_ctx_loop (self->env.ctx), &self->stop_timer, drain_ms, s_give_up_all,
                  self);
}

static const br_handler_row_t s_handlers[] = {
    { BR_ATTEMPT_START, s_on_start },
    { BR_ATTEMPT_CANCEL, s_on_cancel },
    { BR_REPLY_CREDIT, s_on_credit },
    { BR_SYS_GONE, s_on_gone },
    { 0, NULL },
};

const br_actor_t br_upstream_actor = {
    .name = "upstream",
    .about = "asks one provider, with its credential",
    .role = BR_ROLE_UPSTREAM,
    .handlers = s_handlers,
    .create = s_create,
    .destroy = s_destroy,
    .conf_try = s_conf_try,
    .conf_take = s_conf_take,
    .admin = s_admin,
    .stop = s_stop,
};
