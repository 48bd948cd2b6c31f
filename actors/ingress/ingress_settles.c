//  ingress_settles: a queue and a timer.

#include <stdlib.h>

#include "actors/ingress/ingress_settles.h"
#include "broker/core/alloc.h"

typedef struct {
    br_msg_t *first;
    br_msg_t **last;
} list_t;

struct _ingress_settles_t {
    br_ctx_t *ctx;
    list_t asked; //  what was asked, kept as messages
    list_t late;  //  what will be
    size_t count; //  of both
    br_timer_t timer;
};

ingress_settles_t *
ingress_settles_new (br_ctx_t *ctx)
{
    ingress_settles_t *self = BR_NEW (ingress_settles_t);
    self->ctx = ctx;
    self->asked.last = &self->asked.first;
    self->late.last = &self->late.first;
    return self;
}

static void
s_append (list_t *list, br_msg_t *msg)
{
    *list->last = msg;
    list->last = &msg->next;
}

static void
s_keep (ingress_settles_t *self, list_t *list)
{
    while (list->first) {
        br_msg_t *msg = list->first;
        list->first = msg->next;
        br_ctx_keep (self->ctx, &msg);
    }
}

void
ingress_settles_destroy (ingress_settles_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ingress_settles_t *self = *self_p;
    br_timer_cancel (br_ctx_loop (self->ctx), &self->timer);
    s_keep (self, &self->asked);
    s_keep (self, &self->late);
    free (self);
    *self_p = NULL;
}

static void
s_ask (const ingress_settles_t *self, const br_msg_t *msg)
{
    br_addr_t meter = br_ctx_find (self->ctx, "meter");
    if (br_addr_is_set (meter))
        br_ctx_send (self->ctx, meter, BR_CALL_SETTLE, msg->call, msg->attempt,
                     br_msg_fields (msg), NULL);
}

static void
s_ask_again (void *arg)
{
    ingress_settles_t *self = arg;
    for (const br_msg_t *msg = self->asked.first; msg; msg = msg->next)
        s_ask (self, msg);
    if (self->late.first) { //  asked the next time
        *self->asked.last = self->late.first;
        self->asked.last = self->late.last;
        self->late.first = NULL;
        self->late.last = &self->late.first;
    }
    if (self->asked.first)
        br_timer_set (br_ctx_loop (self->ctx), &self->timer, INGRESS_SETTLE_AGAIN_MS,
                      s_ask_again, self);
}

//  NULL when there are too many.
static br_msg_t *
s_add (ingress_settles_t *self, list_t *list, br_id_t call, uint32_t attempt,
       const struct br_call_settle *settle)
{
    char id[BR_ID_TEXT];
    if (self->count == INGRESS_SETTLES_MAX) {
        br_ctx_log (self->ctx, BR_LOG_ERROR, "call %s is not settled: too many wait",
                    br_id_text (call, id));
        return NULL;
    }
    br_msg_t *msg = br_msg_new (BR_CALL_SETTLE, call, attempt, settle, NULL);
    s_append (list, msg);
    self->count++;
    if (!br_timer_is_set (&self->timer))
        br_timer_set (br_ctx_loop (self->ctx), &self->timer, INGRESS_SETTLE_AGAIN_MS,
                      s_ask_again, self);
    return msg;
}

void
ingress_settles_add (ingress_settles_t *self, br_id_t call, uint32_t attempt,
                     const struct br_call_settle *settle)
{
    const br_msg_t *msg = s_add (self, &self->asked, call, attempt, settle);
    if (msg)
        s_ask (self, msg);
}

void
ingress_settles_add_late (ingress_settles_t *self, br_id_t call, uint32_t attempt,
                          const struct br_call_settle *settle)
{
    (void) s_add (self, &self->late, call, attempt, settle);
}

void
ingress_settles_on_kept (ingress_settles_t *self, const br_msg_t *msg)
{
    if (br_addr_is (msg->from, br_ctx_self (self->ctx)))
        ingress_settles_add (self, msg->call, msg->attempt, br_msg_fields (msg));
}

void
ingress_settles_done (ingress_settles_t *self, br_id_t call)
{
    br_msg_t **at = &self->asked.first;
    while (*at && !br_id_is ((*at)->call, call))
        at = &(*at)->next;
    br_msg_t *msg = *at;
    if (!msg)
        return;
    *at = msg->next;
    if (!msg->next)
        self->asked.last = at;
    br_msg_destroy (&msg);
    self->count--;
}

size_t
ingress_settles_count (const ingress_settles_t *self)
{
    return self->count;
}
