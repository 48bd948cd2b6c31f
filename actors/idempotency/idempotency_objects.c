//  idempotency_objects: questions that are held stand in a queue, by when they are due. An
//  answer that cannot be sent makes its question one that is held.

#include <stdlib.h>
#include <string.h>

#include "broker/proto/makers.h"
#include "actors/idempotency/idempotency_objects.h"
#include "broker/core/alloc.h"

typedef struct _question_t {
    struct _question_t *next; //  due later
    br_id_t call;
    br_addr_t from;
    char *object;
    uint64_t asked_us;
    uint64_t due_us;
} question_t;

struct _idempotency_objects_t {
    br_ctx_t *ctx;
    br_makers_t *makers;
    question_t *first;
    question_t **last;
    size_t held; //  count
    br_timer_t timer;
};

idempotency_objects_t *
idempotency_objects_new (br_ctx_t *ctx)
{
    idempotency_objects_t *self = BR_NEW (idempotency_objects_t);
    self->ctx = ctx;
    self->makers = br_makers_new (IDEMPOTENCY_OBJECTS_MAX);
    self->last = &self->first;
    return self;
}

//  ---- the queue

static void
s_destroy (question_t *question)
{
    free (question->object);
    free (question);
}

//  Takes the question at this place out of the queue.
static question_t *
s_take (idempotency_objects_t *self, question_t **at)
{
    question_t *question = *at;
    *at = question->next;
    if (!question->next)
        self->last = at;
    self->held--;
    return question;
}

static void s_on_due (void *arg);

static void
s_set_timer (idempotency_objects_t *self)
{
    if (!self->first || br_timer_is_set (&self->timer))
        return;
    uint64_t now_us = br_ctx_now_us (self->ctx);
    uint64_t due_us = self->first->due_us;
    uint64_t left_us = due_us > now_us ? due_us - now_us : 0;
    br_timer_set (br_ctx_loop (self->ctx), &self->timer, (left_us + 999) / 1000, s_on_due,
                  self);
}

static void
s_hold (idempotency_objects_t *self, question_t *question)
{
    question->due_us = br_ctx_now_us (self->ctx) + IDEMPOTENCY_HOLD_MS * 1000u;
    question->next = NULL;
    *self->last = question;
    self->last = &question->next;
    self->held++;
    s_set_timer (self);
}

void
idempotency_objects_destroy (idempotency_objects_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    idempotency_objects_t *self = *self_p;
    br_timer_cancel (br_ctx_loop (self->ctx), &self->timer);
    while (self->first)
        s_destroy (s_take (self, &self->first));
    br_makers_destroy (&self->makers);
    free (self);
    *self_p = NULL;
}

//  ---- answers

static int
s_tell (const idempotency_objects_t *self, const question_t *question,
        const br_maker_t *maker)
{
    struct br_object_told told = { .object = question->object };
    told.route = told.provider = told.endpoint = told.account = "";
    if (maker) {
        told.known = 1;
        told.route = maker->route;
        told.provider = maker->provider;
        told.endpoint = maker->endpoint;
        told.account = maker->account;
    }
    return br_ctx_send (self->ctx, question->from, BR_OBJECT_TOLD, question->call, 0,
                        &told, NULL);
}

//  The time has come to say what is known, whatever that is; again, if that cannot be said.
static void
s_answer (idempotency_objects_t *self, question_t *question)
{
    uint64_t age_us = br_ctx_now_us (self->ctx) - question->asked_us;
    int rc = s_tell (self, question, br_makers_get (self->makers, question->object));
    if (rc && age_us < IDEMPOTENCY_ASKED_MS * 1000u && self->held < IDEMPOTENCY_HELD_MAX)
        s_hold (self, question);
    else
        s_destroy (question);
}

static void
s_on_due (void *arg)
{
    idempotency_objects_t *self = arg;
    uint64_t now_us = br_ctx_now_us (self->ctx);
    while (self->first && self->first->due_us <= now_us)
        s_answer (self, s_take (self, &self->first));
    s_set_timer (self);
}

//  ---- messages

void
idempotency_objects_on_keep (idempotency_objects_t *self, const br_msg_t *msg)
{
    const struct br_object_keep *keep = br_msg_fields (msg);
    const br_maker_t maker = { keep->route, keep->provider, keep->endpoint,
                               keep->account };
    if (!br_makers_add (self->makers, keep->object, &maker))
        return;
    const br_maker_t *known = br_makers_get (self->makers, keep->object);
    for (question_t **at = &self->first; *at;) {
        bool is_known = strcmp ((*at)->object, keep->object) == 0
                        && s_tell (self, *at, known) == 0;
        if (is_known)
            s_destroy (s_take (self, at));
        else
            at = &(*at)->next;
    }
}

void
idempotency_objects_on_ask (idempotency_objects_t *self, const br_msg_t *msg)
{
    const struct br_object_ask *ask = br_msg_fields (msg);
    bool may_come = br_makers_takes (ask->object)
                    && !br_makers_get (self->makers, ask->object)
                    && self->held < IDEMPOTENCY_HELD_MAX;
    question_t *question = BR_NEW (question_t);
    question->call = msg->call;
    question->from = msg->from;
    question->object = br_strdup (ask->object);
    question->asked_us = br_ctx_now_us (self->ctx);
    if (may_come)
        s_hold (self, question);
    else
        s_answer (self, question);
}

void
idempotency_objects_gone (idempotency_objects_t *self, uint32_t host, uint32_t life)
{
    for (question_t **at = &self->first; *at;) {
        bool is_gone = (*at)->from.host == host && (*at)->from.life == life;
        if (is_gone)
            s_destroy (s_take (self, at));
        else
            at = &(*at)->next;
    }
}

//  ---- figures

size_t
idempotency_objects_count (const idempotency_objects_t *self)
{
    return br_makers_count (self->makers);
}

size_t
idempotency_objects_bytes (const idempotency_objects_t *self)
{
    return br_makers_bytes (self->makers);
}

size_t
idempotency_objects_asked (const idempotency_objects_t *self)
{
    return self->held;
}
