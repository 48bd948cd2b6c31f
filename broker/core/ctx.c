//  ctx: an actor's window on its host, and what the host does on every actor's behalf.

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "broker/core/alloc.h"
#include "broker/core/ctx.h"

br_ctx_t *
br_ctx_new (br_host_t *host, const br_actor_t *actor, const char *name, br_addr_t addr)
{
    br_ctx_t *self = BR_NEW (br_ctx_t);
    self->host = host;
    self->actor = actor;
    self->addr = addr;
    self->last_task = &self->tasks;
    strncpy (self->name, name, sizeof self->name - 1);
    for (const br_handler_row_t *row = actor->handlers; row->fn; row++)
        self->handlers[row->verb] = row->fn;
    struct timespec now;
    clock_gettime (CLOCK_REALTIME, &now);
    self->random = (uint64_t) now.tv_nsec ^ (uint64_t) now.tv_sec << 20
                   ^ (uint64_t) (uintptr_t) self ^ (uint64_t) addr.life << 32;
    return self;
}

void
br_ctx_destroy (br_ctx_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    while ((*self_p)->tasks) {
        br_task_t *task = (*self_p)->tasks;
        (*self_p)->tasks = task->next;
        free (task);
    }
    free (*self_p);
    *self_p = NULL;
}

//  ---- what every actor does alike

static void
s_conf_try (br_ctx_t *self, const br_msg_t *msg)
{
    const struct br_conf_try *conf = br_msg_fields (msg);
    br_error_t error = { .code = BR_OK };
    int rc = self->actor->conf_try
                 ? self->actor->conf_try (self->state, conf->slice, &error)
                 : 0;
    if (rc) {
        struct br_conf_refuse refuse = { .generation = conf->generation };
        refuse.error = error.text;
        br_ctx_reply (self, msg, BR_CONF_REFUSE, &refuse, NULL);
        return;
    }
    self->tried = conf->generation;
    struct br_conf_accept accept = { .generation = conf->generation };
    br_ctx_reply (self, msg, BR_CONF_ACCEPT, &accept, NULL);
}

//  A message from the actor itself: of its name, in an earlier life.
static void
s_on_kept (void *arg, const br_msg_t *kept)
{
    br_ctx_t *self = arg;
    br_msg_t *msg = br_msg_new (kept->verb, kept->call, kept->attempt,
                                br_msg_fields (kept), kept->body);
    msg->from = self->addr;
    msg->to = self->addr;
    if (!br_ctx_handle (self, msg))
        br_ctx_log (self, BR_LOG_ERROR, "%s of an earlier life is not understood",
                    br_verb_name (msg->verb));
    br_msg_destroy (&msg);
}

static void
s_conf_take (br_ctx_t *self, const br_msg_t *msg)
{
    const struct br_conf_take *conf = br_msg_fields (msg);
    br_error_t error = { .code = BR_OK };
    int rc = 0;
    if (self->tried != conf->generation)
        rc = br_error_set (&error, BR_ECONFIG, "generation was never tried");
    else if (self->actor->conf_take)
        rc = self->actor->conf_take (self->state, conf->generation, &error);
    if (rc) {
        struct br_conf_refuse refuse = { .generation = conf->generation };
        refuse.error = error.text;
        br_ctx_reply (self, msg, BR_CONF_REFUSE, &refuse, NULL);
        return;
    }
    self->generation = conf->generation;
    struct br_conf_taken taken = { .generation = conf->generation };
    br_ctx_reply (self, msg, BR_CONF_TAKEN, &taken, NULL);
    br_kept_t *kept = br_host_kept (self->host);
    if (kept)
        br_kept_give (kept, self->name, s_on_kept, self);
}

static void
s_stop (br_ctx_t *self, const br_msg_t *msg)
{
    const struct br_sys_stop *stop = br_msg_fields (msg);
    if (self->stopping)
        return;
    self->stopping = true;
    self->stopper = msg->from;
    if (self->actor->stop)
        self->actor->stop (self->state, stop->drain_ms);
    else
        br_ctx_stopped (self);
}

static void
s_admin_ask (br_ctx_t *self, const br_msg_t *msg)
{
    const struct br_admin_ask *ask = br_msg_fields (msg);
    char *answer = NULL;
    if (self->actor->admin)
        answer = self->actor->admin (self->state, ask->command, ask->args);
    struct br_admin_answer reply = { .ticket = ask->ticket };
    reply.answer = answer ? answer : "null";
    br_ctx_reply (self, msg, BR_ADMIN_ANSWER, &reply, NULL);
    free (answer);
}

static const struct {
    br_verb_t verb;
    void (*fn) (br_ctx_t *self, const br_msg_t *msg);
} s_services[] = {
    { BR_CONF_TRY, s_conf_try },
    { BR_CONF_TAKE, s_conf_take },
    { BR_SYS_STOP, s_stop },
    { BR_ADMIN_ASK, s_admin_ask },
};

bool
br_ctx_handle (br_ctx_t *self, const br_msg_t *msg)
{
    br_handler_fn *fn = self->handlers[msg->verb];
    if (fn) {
        fn (self->state, self, msg);
        return true;
    }
    for (size_t i = 0; i < sizeof s_services / sizeof *s_services; i++)
        if (s_services[i].verb == msg->verb) {
            s_services[i].fn (self, msg);
            return true;
        }
    return msg->verb == BR_SYS_GONE; //  not everybody minds
}

bool
br_ctx_run_tasks (br_ctx_t *self)
{
    br_task_t *task = self->tasks;
    if (!task)
        return false;
    self->tasks = NULL;
    self->last_task = &self->tasks;
    while (task) {
        br_task_t *next = task->next;
        task->fn (task->arg);
        free (task);
        task = next;
    }
    return true;
}

//  ---- the window

br_addr_t
br_ctx_self (const br_ctx_t *ctx)
{
    return ctx->addr;
}

const char *
br_ctx_name (const br_ctx_t *ctx)
{
    return ctx->name;
}

const char *
br_ctx_instance (const br_ctx_t *ctx)
{
    const char *slash = strchr (ctx->name, '/');
    return slash ? slash + 1 : "";
}

br_loop_t *
br_ctx_loop (const br_ctx_t *ctx)
{
    return br_host_loop (ctx->host);
}

uint64_t
br_ctx_now_us (const br_ctx_t *ctx)
{
    return br_loop_now_ns (br_host_loop (ctx->host)) / 1000;
}

uint64_t
br_ctx_unix_ms (const br_ctx_t *ctx)
{
    (void) ctx;
    struct timespec now;
    clock_gettime (CLOCK_REALTIME, &now);
    return (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
}

uint64_t
br_ctx_random (br_ctx_t *ctx)
{
    //  splitmix64
    uint64_t z = ctx->random += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static int
s_post (br_ctx_t *ctx, br_msg_t *msg, br_addr_t to)
{
    msg->from = ctx->addr;
    msg->to = to;
    int rc = br_host_post (ctx->host, &msg, NULL);
    br_msg_destroy (&msg);
    return rc;
}

int
br_ctx_send (br_ctx_t *ctx, br_addr_t to, br_verb_t verb, br_id_t call, uint32_t attempt,
             const void *fields, br_blob_t *body)
{
    return s_post (ctx, br_msg_new (verb, call, attempt, fields, body), to);
}

int
br_ctx_reply (br_ctx_t *ctx, const br_msg_t *msg, br_verb_t verb, const void *fields,
              br_blob_t *body)
{
    return br_ctx_send (ctx, msg->from, verb, msg->call, msg->attempt, fields, body);
}

int
br_ctx_pass (br_ctx_t *ctx, const br_msg_t *msg, br_addr_t to)
{
    return br_ctx_send (ctx, to, msg->verb, msg->call, msg->attempt, br_msg_fields (msg),
                        msg->body);
}

void
br_ctx_event (br_ctx_t *ctx, br_event_t event, const void *fields)
{
    br_host_event (ctx->host, event, fields);
}

bool
br_ctx_is_watched (const br_ctx_t *ctx)
{
    return br_host_is_watched (ctx->host);
}

void
br_ctx_log (br_ctx_t *ctx, br_log_level_t level, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    br_log_write (br_host_log (ctx->host), level, ctx->name, format, args);
    va_end (args);
}

void
br_ctx_log_fields (br_ctx_t *ctx, br_log_level_t level, const char *text,
                   const br_log_field_t *fields, size_t count)
{
    br_log_fields (br_host_log (ctx->host), level, ctx->name, text, fields, count);
}

bool
br_ctx_log_is_on (const br_ctx_t *ctx, br_log_level_t level)
{
    return br_log_is_on (br_host_log (ctx->host), level);
}

void
br_ctx_again (br_ctx_t *ctx, br_again_fn *fn, void *arg)
{
    br_task_t *task = BR_NEW (br_task_t);
    task->fn = fn;
    task->arg = arg;
    *ctx->last_task = task;
    ctx->last_task = &task->next;
}

void
br_ctx_keep (br_ctx_t *ctx, br_msg_t **msg_p)
{
    br_kept_t *kept = br_host_kept (ctx->host);
    size_t dropped = kept ? br_kept_add (kept, ctx->name, msg_p) : 0;
    br_msg_destroy (msg_p);
    if (dropped)
        br_ctx_log (ctx, BR_LOG_ERROR,
                    "%zu messages for the next life are lost: over %u MB", dropped,
                    BR_KEPT_MAX >> 20);
}

void
br_ctx_stopped (br_ctx_t *ctx)
{
    if (ctx->stopped)
        return;
    ctx->stopped = true;
    struct br_sys_stopped stopped = { .name = ctx->name };
    br_ctx_send (ctx, ctx->stopper, BR_SYS_STOPPED, (br_id_t) { 0, 0 }, 0, &stopped,
                 NULL);
}
