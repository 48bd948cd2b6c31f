//  host: one thread, one loop, some actors.
//
//  A turn: the hook below handles up to 64 messages or a millisecond of them, then the
//  loop sees to sockets and timers. Messages between actors of one host are queued, so a
//  handler never runs inside another one.

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "broker/core/alloc.h"
#include "broker/core/ctx.h"
#include "broker/core/failure.h"
#include "broker/core/host.h"

#define EVENTS_MS 5           //  events travel together for so long
#define EVENTS_MAX (1u << 20) //  bytes of events that may wait
#define SLOW_NS 5000000u      //  a handler over it is counted
#define QUEUE_FILLING (BR_QUEUE_MAX / 5 * 4)

struct _br_host_t {
    char name[BR_NAME_MAX];
    br_loop_t *loop;
    br_clock_t clock;
    const br_actor_t *const *kinds;
    br_log_t log;
    br_kept_t *kept; //  borrowed, or NULL
    br_addr_t addr;  //  of the host itself
    const br_remote_t *remote;
    void *remote_arg;
    br_ctx_t **actors; //  by actor number - 1; NULL for those that ended
    size_t actors_size;
    br_msg_t *first; //  the queue
    br_msg_t **last;
    size_t queued_bytes;
    bool told_filling;
    bool wanted; //  events
    bool trace;  //  an event for each message
    uint64_t event_seq;
    br_buf_t events; //  that wait for their tick
    br_timer_t events_timer;
    br_host_stats_t stats;
};

static uint64_t
s_hook (void *arg)
{
    br_host_t *self = arg;
    bool more = br_host_work (self);
    uint64_t wait_ms = UINT64_MAX;
    if (self->remote && self->remote->flush)
        wait_ms = self->remote->flush (self->remote_arg);
    return more ? 0 : wait_ms;
}

br_host_t *
br_host_new (const br_host_conf_t *conf, br_error_t *reterr)
{
    br_host_t *self = BR_NEW (br_host_t);
    strncpy (self->name, conf->name, sizeof self->name - 1);
    self->clock = conf->clock;
    self->kinds = conf->actors;
    self->log = conf->log;
    self->log.host = self->name;
    self->kept = conf->kept;
    self->last = &self->first;
    br_buf_init (&self->events, EVENTS_MAX);
    self->loop = br_loop_new (conf->clock);
    if (!self->loop) {
        br_error_set (reterr, BR_ESYSTEM, "cannot make the loop of host %s", self->name);
        br_host_destroy (&self);
        return NULL;
    }
    br_loop_hook_last (self->loop, s_hook, self);
    return self;
}

static void
s_end_actor (br_host_t *self, size_t i)
{
    br_ctx_t *ctx = self->actors[i];
    if (!ctx)
        return;
    ctx->actor->destroy (&ctx->state);
    self->actors[i] = NULL;
    br_ctx_destroy (&ctx);
}

void
br_host_end_all (br_host_t *self)
{
    for (size_t i = self ? self->actors_size : 0; i-- > 0;)
        s_end_actor (self, i);
}

void
br_host_destroy (br_host_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_host_t *self = *self_p;
    br_host_end_all (self);
    while (self->first) {
        br_msg_t *msg = self->first;
        self->first = msg->next;
        br_msg_destroy (&msg);
    }
    br_buf_free (&self->events);
    br_loop_destroy (&self->loop);
    free (self->actors);
    free (self);
    *self_p = NULL;
}

void
br_host_set_self (br_host_t *self, uint32_t number, uint32_t life)
{
    self->addr = (br_addr_t) { .host = number, .life = life };
}

void
br_host_set_remote (br_host_t *self, const br_remote_t *remote, void *arg)
{
    self->remote = remote;
    self->remote_arg = arg;
}

br_loop_t *
br_host_loop (const br_host_t *self)
{
    return self->loop;
}

const char *
br_host_name (const br_host_t *self)
{
    return self->name;
}

br_addr_t
br_host_addr (const br_host_t *self)
{
    return self->addr;
}

const br_log_t *
br_host_log (const br_host_t *self)
{
    return &self->log;
}

br_kept_t *
br_host_kept (const br_host_t *self)
{
    return self->kept;
}

void
br_host_set_log_level (br_host_t *self, br_log_level_t level)
{
    self->log.level = level;
}

//  ---- actors

static const br_actor_t *
s_kind (const br_host_t *self, const char *name)
{
    size_t size = strcspn (name, "/");
    for (const br_actor_t *const *kind = self->kinds; *kind; kind++)
        if (strlen ((*kind)->name) == size && strncmp ((*kind)->name, name, size) == 0)
            return *kind;
    return NULL;
}

br_ctx_t *
br_host_ctx (const br_host_t *self, const char *name)
{
    for (size_t i = 0; i < self->actors_size; i++)
        if (self->actors[i] && strcmp (self->actors[i]->name, name) == 0)
            return self->actors[i];
    return NULL;
}

br_ctx_t *
br_host_actor (const br_host_t *self, size_t i)
{
    for (size_t at = 0; at < self->actors_size; at++)
        if (self->actors[at] && i-- == 0)
            return self->actors[at];
    return NULL;
}

br_addr_t
br_host_start (br_host_t *self, const char *name, br_error_t *reterr)
{
    const br_addr_t none = { .host = 0 };
    const br_actor_t *kind = s_kind (self, name);
    if (!kind || strlen (name) >= BR_NAME_MAX) {
        br_error_set (reterr, BR_ENOTFOUND, "no actor of the kind '%s'", name);
        return none;
    }
    br_ctx_t *ctx = br_host_ctx (self, name);
    if (ctx)
        return ctx->addr;
    br_addr_t addr = self->addr;
    addr.actor = (uint32_t) self->actors_size + 1;
    ctx = br_ctx_new (self, kind, name, addr);
    ctx->state = kind->create (ctx, reterr);
    if (!ctx->state) {
        br_ctx_destroy (&ctx);
        return none;
    }
    self->actors = br_realloc (self->actors,
                               (self->actors_size + 1) * sizeof (br_ctx_t *));
    self->actors[self->actors_size++] = ctx;
    return addr;
}

void
br_host_end (br_host_t *self, const char *name)
{
    for (size_t i = 0; i < self->actors_size; i++)
        if (self->actors[i] && strcmp (self->actors[i]->name, name) == 0)
            s_end_actor (self, i);
}

static br_ctx_t *
s_ctx_at (const br_host_t *self, uint32_t actor)
{
    return actor && actor <= self->actors_size ? self->actors[actor - 1] : NULL;
}

//  ---- messages

static void
s_dropped (br_host_t *self, const br_msg_t *msg, const char *reason)
{
    struct br_event_message_dropped dropped = { .verb = br_verb_name (msg->verb) };
    dropped.reason = reason;
    br_host_event (self, BR_EVENT_MESSAGE_DROPPED, &dropped);
    br_log_line (&self->log, BR_LOG_DEBUG, self->name, "%s dropped: %s", dropped.verb,
                 reason);
}

//  Who asks an actor that has just ended gets the answer that the actor owes.
static void
s_answer_for (br_host_t *self, const br_msg_t *msg)
{
    struct br_attempt_fail fail = { .code = BR_EGONE, .failure = BR_FAILURE_GONE };
    fail.error = "the provider has just been taken out of the configuration";
    struct br_attempt_done done = { .outcome = BR_OUTCOME_CANCELLED };
    br_msg_t *answer = NULL;
    if (msg->verb == BR_ATTEMPT_START)
        answer = br_msg_new (BR_ATTEMPT_FAIL, msg->call, msg->attempt, &fail, NULL);
    else if (msg->verb == BR_ATTEMPT_CANCEL)
        answer = br_msg_new (BR_ATTEMPT_DONE, msg->call, msg->attempt, &done, NULL);
    if (!answer)
        return;
    answer->from = msg->to;
    answer->to = msg->from;
    (void) br_host_post (self, &answer, NULL);
    br_msg_destroy (&answer);
}

static void
s_drop_for_ended (br_host_t *self, const br_msg_t *msg)
{
    s_dropped (self, msg, "its actor has ended");
    s_answer_for (self, msg);
}

static void
s_enqueue (br_host_t *self, br_msg_t *msg)
{
    msg->next = NULL;
    *self->last = msg;
    self->last = &msg->next;
    self->queued_bytes += msg->bytes;
    bool filling = self->queued_bytes > QUEUE_FILLING;
    if (filling && !self->told_filling) {
        struct br_event_queue_filling full = { .queue = "local" };
        full.bytes = self->queued_bytes;
        br_host_event (self, BR_EVENT_QUEUE_FILLING, &full);
    }
    self->told_filling = filling;
}

int
br_host_post (br_host_t *self, br_msg_t **msg_p, br_error_t *reterr)
{
    br_msg_t *msg = *msg_p;
    if (msg->to.host != self->addr.host || msg->to.life != self->addr.life) {
        if (!self->remote)
            return br_error_set (reterr, BR_EGONE, "%s: there is no other host",
                                 br_verb_name (msg->verb));
        return self->remote->send (self->remote_arg, msg_p, reterr);
    }
    if (msg->to.actor && !s_ctx_at (self, msg->to.actor))
        return br_error_set (reterr, BR_EGONE, "%s: actor %u has ended",
                             br_verb_name (msg->verb), msg->to.actor);
    if (self->queued_bytes + msg->bytes > BR_QUEUE_MAX)
        return br_error_set (reterr, BR_EBUSY, "%s: %zu bytes are queued already",
                             br_verb_name (msg->verb), self->queued_bytes);
    s_enqueue (self, msg);
    *msg_p = NULL;
    return 0;
}

void
br_host_arrived (br_host_t *self, br_msg_t **msg_p)
{
    br_msg_t *msg = *msg_p;
    const char *reason = NULL;
    if (msg->verb == BR_SYS_JOIN) //  who joins does not know the broker's life
        msg->to.life = self->addr.life;
    if (msg->to.host != self->addr.host || msg->to.life != self->addr.life)
        reason = "it is for another incarnation";
    else if (msg->to.actor && !s_ctx_at (self, msg->to.actor)) {
        s_drop_for_ended (self, msg);
        return;
    } else if (msg->verb == BR_SYS_GONE)
        reason = "it is never sent between hosts";
    else if (msg->verb != BR_SYS_JOIN) {
        br_role_t role = self->remote->role (self->remote_arg, msg->from);
        if (role == BR_ROLE_COUNT || !br_verb_is_sent_by (msg->verb, role))
            reason = "its sender may not send it";
    }
    if (reason) {
        s_dropped (self, msg, reason);
        return;
    }
    *msg_p = NULL;
    s_enqueue (self, msg);
}

static const char *
s_actor_name (const br_host_t *self, br_addr_t addr, char room[64])
{
    br_ctx_t *ctx = NULL;
    if (addr.host == self->addr.host && addr.life == self->addr.life)
        ctx = s_ctx_at (self, addr.actor);
    const char *remote = NULL;
    if (!ctx && self->remote)
        remote = self->remote->name (self->remote_arg, addr);
    if (ctx || remote)
        return ctx ? ctx->name : remote;
    snprintf (room, 64, "%u.%u.%u", addr.host, addr.life, addr.actor);
    return room;
}

static void
s_trace (br_host_t *self, const br_msg_t *msg)
{
    if (msg->verb == BR_BUS_EVENTS || msg->verb == BR_SYS_BEAT)
        return; //  they would breed themselves
    char call[BR_ID_TEXT] = "";
    char from[64], to[64];
    if (br_id_is_set (msg->call))
        br_id_text (msg->call, call);
    struct br_event_message hop = { .call = call, .verb = br_verb_name (msg->verb) };
    hop.from = s_actor_name (self, msg->from, from);
    hop.to = s_actor_name (self, msg->to, to);
    hop.attempt = msg->attempt;
    hop.body_bytes = br_blob_size (msg->body);
    br_host_event (self, BR_EVENT_MESSAGE, &hop);
}

static void
s_deliver (br_host_t *self, const br_msg_t *msg)
{
    if (self->trace)
        s_trace (self, msg);
    if (!msg->to.actor) {
        if (self->remote)
            self->remote->message (self->remote_arg, msg);
        return;
    }
    br_ctx_t *ctx = s_ctx_at (self, msg->to.actor);
    if (!ctx)
        s_drop_for_ended (self, msg);
    else if (!br_ctx_handle (ctx, msg))
        s_dropped (self, msg, "its actor does not handle it");
}

static void
s_measure (br_host_t *self, const br_msg_t *msg, uint64_t spent_ns)
{
    if (spent_ns > SLOW_NS)
        self->stats.slow++;
    uint64_t us = spent_ns / 1000;
    unsigned span = us ? 64 - (unsigned) __builtin_clzll (us) : 0;
    self->stats.spans[span < BR_HOST_SPANS ? span : BR_HOST_SPANS - 1]++;
    if (spent_ns <= self->stats.longest_ns)
        return;
    self->stats.longest_ns = spent_ns;
    self->stats.longest_verb = msg->verb;
}

static bool
s_has_tasks (const br_host_t *self)
{
    for (size_t i = 0; i < self->actors_size; i++)
        if (self->actors[i] && self->actors[i]->tasks)
            return true;
    return false;
}

static bool
s_run_tasks (br_host_t *self)
{
    bool any = false;
    for (size_t i = 0; i < self->actors_size; i++)
        if (self->actors[i] && self->actors[i]->tasks)
            any |= br_ctx_run_tasks (self->actors[i]);
    return any;
}

bool
br_host_work (br_host_t *self)
{
    self->stats.turns++;
    bool ran = s_run_tasks (self);
    if (!self->first)
        return ran;
    uint64_t start_ns = self->clock.now_ns (self->clock.state);
    uint64_t before_ns = start_ns;
    for (int i = 0; i < BR_TURN_MESSAGES && self->first; i++) {
        br_msg_t *msg = self->first;
        self->first = msg->next;
        if (!self->first)
            self->last = &self->first;
        self->queued_bytes -= msg->bytes;
        s_deliver (self, msg);
        uint64_t now_ns = self->clock.now_ns (self->clock.state);
        s_measure (self, msg, now_ns - before_ns);
        self->stats.messages++;
        br_msg_destroy (&msg);
        before_ns = now_ns;
        if (now_ns - start_ns > BR_TURN_NS)
            break;
    }
    return ran || self->first != NULL || s_has_tasks (self);
}

void
br_host_gone (br_host_t *self, uint32_t number, uint32_t life)
{
    struct br_sys_gone gone = { .host = number, .life = life };
    for (size_t i = 0; i < self->actors_size; i++) {
        if (!self->actors[i])
            continue;
        br_msg_t *msg = br_msg_new (BR_SYS_GONE, (br_id_t) { 0, 0 }, 0, &gone, NULL);
        msg->from = self->addr;
        msg->to = self->actors[i]->addr;
        s_enqueue (self, msg);
    }
}

//  ---- events

void
br_host_watch (br_host_t *self, bool wanted, bool trace)
{
    self->wanted = wanted;
    self->trace = wanted && trace;
}

bool
br_host_is_watched (const br_host_t *self)
{
    return self->wanted;
}

static void
s_send_events (void *arg)
{
    br_host_t *self = arg;
    if (self->remote && self->events.size)
        self->remote->events (self->remote_arg, &self->events);
    br_buf_clear (&self->events);
}

void
br_host_event (br_host_t *self, br_event_t event, const void *fields)
{
    if (!self->wanted)
        return;
    struct timespec now;
    clock_gettime (CLOCK_REALTIME, &now);
    size_t before = self->events.size;
    br_event_write (event, fields, self->name, ++self->event_seq,
                    (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000,
                    &self->events);
    if (self->events.overflow) { //  the gap in seq tells of it
        self->events.size = before;
        self->events.overflow = false;
    }
    if (!br_timer_is_set (&self->events_timer))
        br_timer_set (self->loop, &self->events_timer, EVENTS_MS, s_send_events, self);
}

size_t
br_host_queued (const br_host_t *self)
{
    return self->queued_bytes;
}

br_host_stats_t
br_host_stats (br_host_t *self)
{
    self->stats.queued_bytes = self->queued_bytes;
    br_host_stats_t stats = self->stats;
    self->stats.longest_ns = 0;
    return stats;
}

//  ---- the way to others, for the windows

br_addr_t
br_ctx_find (const br_ctx_t *ctx, const char *name)
{
    const br_host_t *self = ctx->host;
    br_ctx_t *local = br_host_ctx (self, name);
    if (local)
        return local->addr;
    return self->remote ? self->remote->find (self->remote_arg, name)
                        : (br_addr_t) { .host = 0 };
}

size_t
br_ctx_peers (const br_ctx_t *ctx, br_role_t role, br_addr_t *ret_addrs, size_t max)
{
    const br_host_t *self = ctx->host;
    size_t count = 0;
    const br_ctx_t *local = br_host_actor (self, 0);
    for (size_t i = 1; local && count < max; local = br_host_actor (self, i++))
        if (local->actor->role == role)
            ret_addrs[count++] = local->addr;
    if (self->remote && self->remote->peers)
        count += self->remote->peers (self->remote_arg, role, ret_addrs + count,
                                      max - count);
    return count;
}

uint64_t
br_host_stats_p999_us (const br_host_stats_t *stats)
{
    uint64_t above = 0;
    for (unsigned span = BR_HOST_SPANS; span-- > 0;) {
        above += stats->spans[span];
        if (above * 1000 > stats->messages)
            return (uint64_t) 1 << span;
    }
    return 0;
}
