//  ingress_settles: a queue and a timer.

#include <stdlib.h>

#include "actors/ingress/ingress_settles.h"
#include "broker/core/alloc.h"

struct _ingress_settles_t {
    br_ctx_t *ctx;
    br_msg_t *first; //  what was asked, kept as messages
    br_msg_t **last;
    size_t count;
    br_timer_t timer;
};

ingress_settles_t *
ingress_settles_new (br_ctx_t *ctx)
{
    ingress_settles_t *self = BR_NEW (ingress_settles_t);
    self->ctx = ctx;
    self->last = &self->first;
    return self;
}

void
ingress_settles_destroy (ingress_settles_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ingress_settles_t *self = *self_p;
    br_timer_cancel (br_ctx_loop (self->ctx), &self->timer);
    while (self->first) {
        br_msg_t *msg = self->first;
        self->first = msg->next;
        br_ctx_keep (self->ctx, &msg);
    }
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
    for (const br_msg_t *msg = self->first; msg; msg = msg->next)
        s_ask (self, msg);
    if (self->first)
        br_timer_set (br_ctx_loop (self->ctx), &self->timer, INGRESS_SETTLE_AGAIN_MS,
                      s_ask_again, self);
}

void
ingress_settles_add (ingress_settles_t *self, br_id_t call, uint32_t attempt,
                     const struct br_call_settle *settle)
{
    char id[BR_ID_TEXT];
    if (self->count == INGRESS_SETTLES_MAX) {
        br_ctx_log (self->ctx, BR_LOG_ERROR, "call %s is not settled: too many wait",
                    br_id_text (call, id));
        return;
    }
    br_msg_t *msg = br_msg_new (BR_CALL_SETTLE, call, attempt, settle, NULL);
    *self->last = msg;
    self->last = &msg->next;
    self->count++;
    s_ask (self, msg);
    if (!br_timer_is_set (&self->timer))
        br_timer_set (br_ctx_loop (self->ctx), &self->timer, INGRESS_SETTLE_AGAIN_MS,
                      s_ask_again, self);
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
    br_msg_t **at = &self->first;
    while (*at && !br_id_is ((*at)->call, call))
        at = &(*at)->next;
    br_msg_t *msg = *at;
    if (!msg)
        return;
    *at = msg->next;
    if (!msg->next)
        self->last = at;
    br_msg_destroy (&msg);
    self->count--;
}

size_t
ingress_settles_count (const ingress_settles_t *self)
{
    return self->count;
}
