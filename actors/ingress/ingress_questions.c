//  ingress_questions: a list of those who wait.

#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_owner.h"
#include "actors/ingress/ingress_questions.h"
#include "actors/ingress/ingress_request.h"
#include "broker/core/alloc.h"

typedef struct _waiter_t {
    ingress_owner_t owner; //  of the HTTP call: must be first
    ingress_questions_t *all;
    struct _waiter_t *next;
    struct _waiter_t **prev;
    uint64_t ticket;
    br_addr_t to; //  who was asked
    ingress_guest_t guest;
    char request_id[INGRESS_ID_MAX + 1];
    char *origin; //  or NULL
    br_timer_t deadline;
} waiter_t;

struct _ingress_questions_t {
    br_ctx_t *ctx;
    ingress_questions_fn *ended;
    void *arg;
    waiter_t *first;
    size_t count;
    uint64_t ticket; //  the newest
};

ingress_questions_t *
ingress_questions_new (br_ctx_t *ctx, ingress_questions_fn *ended, void *arg)
{
    ingress_questions_t *self = BR_NEW (ingress_questions_t);
    self->ctx = ctx;
    self->ended = ended;
    self->arg = arg;
    return self;
}

//  ---- who waits

static waiter_t *
s_find (const ingress_questions_t *self, uint64_t ticket)
{
    waiter_t *waiter = self->first;
    while (waiter && waiter->ticket != ticket)
        waiter = waiter->next;
    return waiter;
}

static void
s_end (waiter_t *waiter)
{
    ingress_questions_t *self = waiter->all;
    br_timer_cancel (br_ctx_loop (self->ctx), &waiter->deadline);
    *waiter->prev = waiter->next;
    if (waiter->next)
        waiter->next->prev = waiter->prev;
    self->count--;
    free (waiter->origin);
    free (waiter);
}

static void
s_refuse (void *arg, const ingress_guest_t *guest)
{
    (void) arg;
    br_error_t error;
    br_error_set (&error, BR_EGONE, "who knows the answer does not answer; try again");
    ingress_reply_error (guest, &error, NULL);
}

//  HTTP is told first, so that it does not tell us.
static void
s_answer (waiter_t *waiter, ingress_question_fn *fn, void *arg)
{
    ingress_questions_t *self = waiter->all;
    http_call_set_owner (waiter->guest.http, NULL);
    fn (arg, &waiter->guest);
    s_end (waiter);
    self->ended (self->arg);
}

static void
s_on_deadline (void *arg)
{
    s_answer (arg, s_refuse, NULL);
}

static void
s_on_left (ingress_owner_t *owner)
{
    waiter_t *waiter = (waiter_t *) owner;
    ingress_questions_t *self = waiter->all;
    s_end (waiter);
    self->ended (self->arg);
}

void
ingress_questions_destroy (ingress_questions_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    while ((*self_p)->first)
        s_end ((*self_p)->first);
    free (*self_p);
    *self_p = NULL;
}

size_t
ingress_questions_count (const ingress_questions_t *self)
{
    return self->count;
}

//  ---- questions

uint64_t
ingress_questions_add (ingress_questions_t *self, const ingress_guest_t *guest,
                       const char *actor, uint64_t wait_ms, br_addr_t *ret_to)
{
    *ret_to = br_ctx_find (self->ctx, actor);
    if (!br_addr_is_set (*ret_to) || self->count >= INGRESS_QUESTIONS_MAX) {
        s_refuse (NULL, guest);
        return 0;
    }
    waiter_t *waiter = BR_NEW (waiter_t);
    waiter->owner.over = s_on_left;
    waiter->all = self;
    waiter->ticket = ++self->ticket;
    waiter->to = *ret_to;
    strcpy (waiter->request_id, guest->request_id);
    waiter->origin = br_strdup (guest->origin);
    waiter->guest = (ingress_guest_t) { .http = guest->http,
                                        .request_id = waiter->request_id,
                                        .origin = waiter->origin,
                                        .wire = guest->wire };
    waiter->next = self->first;
    waiter->prev = &self->first;
    if (waiter->next)
        waiter->next->prev = &waiter->next;
    self->first = waiter;
    self->count++;
    http_call_set_owner (guest->http, &waiter->owner);
    br_timer_set (br_ctx_loop (self->ctx), &waiter->deadline, wait_ms, s_on_deadline,
                  waiter);
    return waiter->ticket;
}

void
ingress_questions_fail (ingress_questions_t *self, uint64_t ticket)
{
    ingress_questions_answer (self, ticket, s_refuse, NULL);
}

//  ---- answers

void
ingress_questions_answer (ingress_questions_t *self, uint64_t ticket,
                          ingress_question_fn *fn, void *arg)
{
    waiter_t *waiter = s_find (self, ticket);
    if (waiter)
        s_answer (waiter, fn, arg);
}

void
ingress_questions_gone (ingress_questions_t *self, uint32_t host, uint32_t life)
{
    waiter_t *waiter = self->first;
    while (waiter) {
        waiter_t *next = waiter->next;
        if (waiter->to.host == host && waiter->to.life == life)
            s_answer (waiter, s_refuse, NULL);
        waiter = next;
    }
}
