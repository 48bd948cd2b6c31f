//  router_settle: the ends of calls on their way to the meter.
//
//  Three lists: intents that wait for the tick, settles that were never sent, and settles
//  that were, the one asked longest ago first. A settle leaves when it is settled.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/core/call_map.h"
#include "actors/router/router_settle.h"

#define BURST_MAX 1024 //  settles asked again in one tick
#define LOG_EACH 1000  //  dropped settles for one line of log

typedef struct _entry_t {
    struct _entry_t *next;
    struct _entry_t *before;
    br_msg_t *msg;    //  holds the fields
    uint64_t sent_us; //  when it was asked last
    bool asked;       //  at least once
} entry_t;

typedef struct {
    entry_t *first;
    entry_t *last;
} list_t;

struct _router_settle_t {
    br_ctx_t *ctx;
    br_call_map_t *waiting; //  entries by call
    list_t fresh;
    list_t asked;
    br_msg_t *intents; //  the youngest last
    br_msg_t **last_intent;
    size_t intents_size;
    br_timer_t timer;
    uint64_t dropped; //  count
};

//  ---- lists

static void
s_append (list_t *list, entry_t *entry)
{
    entry->next = NULL;
    entry->before = list->last;
    if (list->last)
        list->last->next = entry;
    else
        list->first = entry;
    list->last = entry;
}

static void
s_unlink (list_t *list, entry_t *entry)
{
    if (entry->before)
        entry->before->next = entry->next;
    else
        list->first = entry->next;
    if (entry->next)
        entry->next->before = entry->before;
    else
        list->last = entry->before;
}

static list_t *
s_list_of (router_settle_t *self, const entry_t *entry)
{
    return entry->asked ? &self->asked : &self->fresh;
}

static void
s_forget (router_settle_t *self, entry_t *entry)
{
    s_unlink (s_list_of (self, entry), entry);
    br_call_map_take (self->waiting, entry->msg->call);
    br_msg_destroy (&entry->msg);
    free (entry);
}

//  ---- life

router_settle_t *
router_settle_new (br_ctx_t *ctx)
{
    router_settle_t *self = BR_NEW (router_settle_t);
    self->ctx = ctx;
    self->waiting = br_call_map_new (ROUTER_SETTLES_MAX);
    self->last_intent = &self->intents;
    return self;
}

static br_msg_t *
s_pop_intent (router_settle_t *self)
{
    br_msg_t *msg = self->intents;
    if (!msg)
        return NULL;
    self->intents = msg->next;
    self->intents_size--;
    if (!self->intents)
        self->last_intent = &self->intents;
    return msg;
}

//  The meter may have got them or not: the first one wins.
static void
s_keep (router_settle_t *self, list_t *list)
{
    while (list->first) {
        entry_t *entry = list->first;
        s_unlink (list, entry);
        br_call_map_take (self->waiting, entry->msg->call);
        br_ctx_keep (self->ctx, &entry->msg);
        free (entry);
    }
}

void
router_settle_destroy (router_settle_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    router_settle_t *self = *self_p;
    br_timer_cancel (br_ctx_loop (self->ctx), &self->timer);
    for (br_msg_t *msg = s_pop_intent (self); msg; msg = s_pop_intent (self))
        br_msg_destroy (&msg);
    s_keep (self, &self->asked);
    s_keep (self, &self->fresh);
    br_call_map_destroy (&self->waiting);
    free (self);
    *self_p = NULL;
}

//  ---- the tick

static int
s_send (router_settle_t *self, br_addr_t meter, const br_msg_t *msg)
{
    if (!br_addr_is_set (meter))
        return -1;
    return br_ctx_send (self->ctx, meter, msg->verb, msg->call, msg->attempt,
                        br_msg_fields (msg), NULL);
}

//  Sent or not: it is asked again in a second.
static void
s_ask (router_settle_t *self, br_addr_t meter, entry_t *entry)
{
    (void) s_send (self, meter, entry->msg);
    s_unlink (s_list_of (self, entry), entry);
    entry->sent_us = br_ctx_now_us (self->ctx);
    entry->asked = true;
    s_append (&self->asked, entry);
}

//  How long the next one that was asked may still wait; UINT64_MAX where there is none.
static uint64_t
s_due_ms (const router_settle_t *self)
{
    if (!self->asked.first)
        return UINT64_MAX;
    uint64_t waited_us = br_ctx_now_us (self->ctx) - self->asked.first->sent_us;
    uint64_t again_us = ROUTER_ASK_AGAIN_MS * 1000u;
    return waited_us < again_us ? (again_us - waited_us + 999) / 1000 : 0;
}

static void s_tick (void *arg);

static void
s_set_timer (router_settle_t *self, uint64_t delay_ms)
{
    br_timer_set (br_ctx_loop (self->ctx), &self->timer, delay_ms, s_tick, self);
}

static void
s_tick (void *arg)
{
    router_settle_t *self = arg;
    br_addr_t meter = br_ctx_find (self->ctx, "meter");
    //  An intent tells of a call that is under way; where the end is known already, it has
    //  nothing to say. A lost one is the meter's own loss.
    for (br_msg_t *msg = s_pop_intent (self); msg; msg = s_pop_intent (self)) {
        if (!br_call_map_get (self->waiting, msg->call))
            (void) s_send (self, meter, msg);
        br_msg_destroy (&msg);
    }
    while (self->fresh.first)
        s_ask (self, meter, self->fresh.first);
    for (int i = 0; i < BURST_MAX && s_due_ms (self) == 0; i++)
        s_ask (self, meter, self->asked.first);
    uint64_t wait_ms = s_due_ms (self);
    if (wait_ms != UINT64_MAX)
        s_set_timer (self, wait_ms > ROUTER_TICK_MS ? wait_ms : ROUTER_TICK_MS);
}

//  What is new goes with the next tick.
static void
s_hurry (router_settle_t *self)
{
    uint64_t soon_ns = br_loop_now_ns (br_ctx_loop (self->ctx))
                       + ROUTER_TICK_MS * 1000000u;
    if (!br_timer_is_set (&self->timer) || self->timer.due_ns > soon_ns)
        s_set_timer (self, ROUTER_TICK_MS);
}

//  ---- what comes in

void
router_settle_intent (router_settle_t *self, br_id_t call, uint32_t attempt,
                      const struct br_call_intent *intent)
{
    if (self->intents_size == ROUTER_SETTLES_MAX)
        return;
    br_msg_t *msg = br_msg_new (BR_CALL_INTENT, call, attempt, intent, NULL);
    *self->last_intent = msg;
    self->last_intent = &msg->next;
    self->intents_size++;
    s_hurry (self);
}

static void
s_drop_oldest (router_settle_t *self)
{
    entry_t *oldest = self->asked.first ? self->asked.first : self->fresh.first;
    if (self->dropped++ % LOG_EACH == 0) {
        char call[BR_ID_TEXT];
        br_ctx_log (self->ctx, BR_LOG_ERROR,
                    "the meter does not answer: the end of call %s is lost, %llu so far",
                    br_id_text (oldest->msg->call, call),
                    (unsigned long long) self->dropped);
    }
    struct br_event_message_dropped dropped = { .verb = "call.settle" };
    dropped.reason = "the meter does not answer, and too many wait";
    br_ctx_event (self->ctx, BR_EVENT_MESSAGE_DROPPED, &dropped);
    s_forget (self, oldest);
}

void
router_settle_add (router_settle_t *self, br_id_t call, uint32_t attempt,
                   const struct br_call_settle *settle)
{
    if (br_call_map_get (self->waiting, call))
        return; //  the first one wins
    if (br_call_map_size (self->waiting) == ROUTER_SETTLES_MAX)
        s_drop_oldest (self);
    entry_t *entry = BR_NEW (entry_t);
    entry->msg = br_msg_new (BR_CALL_SETTLE, call, attempt, settle, NULL);
    s_append (&self->fresh, entry);
    br_call_map_put (self->waiting, call, entry);
    s_hurry (self);
}

void
router_settle_on_kept (router_settle_t *self, const br_msg_t *msg)
{
    if (br_addr_is (msg->from, br_ctx_self (self->ctx)))
        router_settle_add (self, msg->call, msg->attempt, br_msg_fields (msg));
}

void
router_settle_settled (router_settle_t *self, br_id_t call)
{
    entry_t *entry = br_call_map_get (self->waiting, call);
    if (entry)
        s_forget (self, entry);
}

size_t
router_settle_size (const router_settle_t *self)
{
    return br_call_map_size (self->waiting);
}
