//  ingress_figures: a list of those who wait, each with a ticket and a deadline.

#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_figures.h"
#include "actors/ingress/ingress_owner.h"
#include "actors/ingress/ingress_request.h"
#include "broker/core/alloc.h"

#define TYPE_DEFAULT "text/plain; charset=utf-8"

typedef struct _waiter_t {
    ingress_owner_t owner; //  of the HTTP call: must be first
    ingress_figures_t *all;
    struct _waiter_t *next;
    struct _waiter_t **prev;
    uint64_t ticket;
    ingress_guest_t guest;
    char request_id[INGRESS_ID_MAX + 1];
    char *origin; //  or NULL
    br_timer_t deadline;
} waiter_t;

struct _ingress_figures_t {
    br_ctx_t *ctx;
    ingress_figures_fn *ended;
    void *arg;
    waiter_t *first;
    size_t count;
    uint64_t ticket;   //  the newest
    br_addr_t metrics; //  who was asked last
};

ingress_figures_t *
ingress_figures_new (br_ctx_t *ctx, ingress_figures_fn *ended, void *arg)
{
    ingress_figures_t *self = BR_NEW (ingress_figures_t);
    self->ctx = ctx;
    self->ended = ended;
    self->arg = arg;
    return self;
}

//  ---- who waits

static void
s_end (waiter_t *waiter)
{
    ingress_figures_t *self = waiter->all;
    br_timer_cancel (br_ctx_loop (self->ctx), &waiter->deadline);
    *waiter->prev = waiter->next;
    if (waiter->next)
        waiter->next->prev = waiter->prev;
    self->count--;
    free (waiter->origin);
    free (waiter);
}

static void
s_refuse (const ingress_guest_t *guest)
{
    br_error_t error;
    br_error_set (&error, BR_EGONE, "who counts the calls does not answer; try again");
    ingress_reply_error (guest, &error, NULL);
}

//  HTTP is told first, so that it does not tell us.
static void
s_fail (waiter_t *waiter)
{
    ingress_figures_t *self = waiter->all;
    http_call_set_owner (waiter->guest.http, NULL);
    s_refuse (&waiter->guest);
    s_end (waiter);
    self->ended (self->arg);
}

static void
s_on_deadline (void *arg)
{
    s_fail (arg);
}

static void
s_on_left (ingress_owner_t *owner)
{
    waiter_t *waiter = (waiter_t *) owner;
    ingress_figures_t *self = waiter->all;
    s_end (waiter);
    self->ended (self->arg);
}

static waiter_t *
s_add (ingress_figures_t *self, const ingress_guest_t *guest)
{
    waiter_t *waiter = BR_NEW (waiter_t);
    waiter->owner.over = s_on_left;
    waiter->all = self;
    waiter->ticket = ++self->ticket;
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
    br_timer_set (br_ctx_loop (self->ctx), &waiter->deadline, INGRESS_FIGURES_MS,
                  s_on_deadline, waiter);
    return waiter;
}

void
ingress_figures_destroy (ingress_figures_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    while ((*self_p)->first)
        s_end ((*self_p)->first);
    free (*self_p);
    *self_p = NULL;
}

size_t
ingress_figures_count (const ingress_figures_t *self)
{
    return self->count;
}

//  ---- questions

void
ingress_figures_ask (ingress_figures_t *self, const ingress_guest_t *guest,
                     const char *form)
{
    br_addr_t metrics = br_ctx_find (self->ctx, "metrics");
    if (!br_addr_is_set (metrics) || self->count >= INGRESS_FIGURES_MAX) {
        s_refuse (guest);
        return;
    }
    self->metrics = metrics;
    waiter_t *waiter = s_add (self, guest);
    struct br_metrics_ask ask = { .ticket = waiter->ticket, .form = form };
    if (br_ctx_send (self->ctx, metrics, BR_METRICS_ASK, (br_id_t) { 0, 0 }, 0, &ask,
                     NULL))
        s_fail (waiter);
}

//  ---- answers

void
ingress_figures_on_told (ingress_figures_t *self, const br_msg_t *msg)
{
    const struct br_metrics_told *told = br_msg_fields (msg);
    waiter_t *waiter = self->first;
    while (waiter && waiter->ticket != told->ticket)
        waiter = waiter->next;
    if (!waiter)
        return;
    ingress_head_t head = { .status = 200, .provider = "", .model = "" };
    head.content_type = *told->content_type ? told->content_type : TYPE_DEFAULT;
    head.elsewhere_us = INGRESS_UNTOLD;
    http_call_set_owner (waiter->guest.http, NULL);
    ingress_reply_whole (&waiter->guest, &head, msg->body);
    s_end (waiter);
    self->ended (self->arg);
}

void
ingress_figures_gone (ingress_figures_t *self, uint32_t host, uint32_t life)
{
    if (self->metrics.host != host || self->metrics.life != life)
        return;
    while (self->first)
        s_fail (self->first);
}
