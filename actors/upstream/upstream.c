//  upstream: one provider: its connections and its credential.
//
//  The actor holds the table that its newest slice gave (upstream_table), one pool of
//  connections, and the attempts under way (upstream_attempt), which do the work. A new
//  slice changes what the next attempt does: those under way hold the old table, and an old
//  pool stays until its last transfer has ended.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/call_map.h"
#include "broker/core/failure.h"
#include "actors/upstream/upstream.h"
#include "actors/upstream/upstream_attempt.h"

#define ATTEMPTS_MAX 16384 //  under way
#define RETIRED_MAX 8      //  old pools that may wait for their last transfer

typedef struct _upstream_t {
    upstream_env_t env;
    br_call_map_t *attempts; //  by call
    upstream_table_t *table; //  NULL before the first slice
    upstream_table_t *tried;
    http_client_t *client;       //  linked as the table says
    http_client_t *tried_client; //  NULL where the old one fits
    http_client_t *retired[RETIRED_MAX];
    size_t retired_size;
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
    while (self->retired_size)
        http_client_destroy (&self->retired[--self->retired_size]);
    http_client_destroy (&self->tried_client);
    http_client_destroy (&self->client);
    upstream_table_destroy (&self->tried);
    upstream_table_destroy (&self->table);
    free (self);
}

static void
s_sweep (void *arg)
{
    upstream_t *self = arg;
    self->sweeping = false;
    size_t kept = 0;
    for (size_t i = 0; i < self->retired_size; i++) {
        if (http_client_running (self->retired[i]))
            self->retired[kept++] = self->retired[i];
        else
            http_client_destroy (&self->retired[i]);
    }
    self->retired_size = kept;
}

//  A pool may not go while it works: that is seen to in the next turn.
static void
s_sweep_soon (upstream_t *self)
{
    if (self->sweeping || !self->retired_size)
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

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) reterr;
    upstream_t *self = BR_NEW (upstream_t);
    self->env = (upstream_env_t) { .ctx = ctx, .ended = s_on_ended, .arg = self };
    self->env.provider = br_ctx_instance (ctx);
    self->attempts = br_call_map_new (ATTEMPTS_MAX);
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
    upstream_attempt_t *older = br_call_map_get (self->attempts, msg->call);
    if (older && upstream_attempt_number (older) >= msg->attempt)
        return;
    if (older)
        upstream_attempt_cancel (older, BR_ECANCELLED);
    if (!self->table || self->stopping)
        s_refuse (self, msg, BR_EUNAVAILABLE, "the provider is not configured here");
    else if (br_call_map_size (self->attempts) == ATTEMPTS_MAX)
        s_refuse (self, msg, BR_EBUSY, "too many requests to the provider are under way");
    else {
        upstream_attempt_t *attempt = upstream_attempt_new (&self->env, self->table,
                                                            self->client, msg);
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
    upstream_table_t *table = upstream_table_new (slice, reterr);
    if (!table)
        return -1;
    http_client_t *client = NULL;
    if (!self->table || !upstream_table_is_linked_as (self->table, table)) {
        client = http_client_new (br_ctx_loop (self->env.ctx),
                                  upstream_table_link (table), reterr);
        if (!client) {
            upstream_table_destroy (&table);
            return -1;
        }
    }
    upstream_table_destroy (&self->tried);
    http_client_destroy (&self->tried_client);
    self->tried = table;
    self->tried_client = client;
    return 0;
}

//  The old pool goes at once, or when its last transfer ends; of too many that wait the
//  newest is simply kept in use.
static void
s_change_client (upstream_t *self)
{
    if (!self->tried_client)
        return;
    if (self->client && self->retired_size < RETIRED_MAX)
        self->retired[self->retired_size++] = self->client;
    else if (self->client) {
        br_ctx_log (self->env.ctx, BR_LOG_WARN,
                    "connections go on as they were: too many pools wait for their end");
        http_client_destroy (&self->tried_client);
        return;
    }
    self->client = self->tried_client;
    self->tried_client = NULL;
    s_sweep_soon (self);
}

static int
s_conf_take (void *state, uint64_t generation, br_error_t *reterr)
{
    (void) generation;
    (void) reterr;
    upstream_t *self = state;
    if (!self->tried)
        return 0;
    s_change_client (self);
    upstream_table_destroy (&self->table);
    self->table = self->tried;
    self->tried = NULL;
    return 0;
}

static char *
s_admin (void *state, const char *command, const char *args)
{
    (void) args;
    const upstream_t *self = state;
    if (strcmp (command, "upstreams") != 0)
        return NULL;
    br_buf_t name;
    br_buf_init (&name, 8 * BR_ERROR_TEXT_MAX);
    br_buf_add_json (&name, self->env.provider, strlen (self->env.provider));
    char *answer = br_strf ("{\"provider\":%s,\"running\":%zu,\"idle\":%u,\"requests\":%"
                            "llu,\"failures\":%llu}",
                            br_buf_text (&name), br_call_map_size (self->attempts),
                            self->client ? http_client_idle (self->client) : 0,
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
