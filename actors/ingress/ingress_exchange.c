//  ingress_exchange: from a request to a call, and back.
//
//  A request is read and opened on the bus (ingress_entry.c). From then on messages and the
//  socket feed the state machine, and what it says is done (ingress_speech.c). The bus
//  forgets an exchange at the last word; the exchange itself ends when HTTP is done with it
//  too. What a callback of HTTP brings while the machine is at work waits until it has
//  finished.

#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_claim.h"
#include "actors/ingress/ingress_entry.h"
#include "actors/ingress/ingress_exchange.h"
#include "actors/ingress/ingress_exchange_self.h"
#include "actors/ingress/ingress_speech.h"
#include "broker/core/alloc.h"
#include "broker/guard/guard_said.h"
#include "broker/proto/attribution.h"

#define ANSWER_SAID                                                                      \
    ((uint64_t) (GUARD_SAID_ANSWER_REDACTED | GUARD_SAID_ANSWER_UNCHECKED))

static void
s_destroy (ingress_exchange_t *x)
{
    ingress_t *self = x->self;
    br_timer_cancel (br_ctx_loop (self->ctx), &x->silence);
    br_timer_cancel (br_ctx_loop (self->ctx), &x->expiry);
    ingress_open_remove (self->open, x->id, false);
    *x->prev = x->next;
    if (x->next)
        x->next->prev = x->prev;
    self->exchanges--;
    ingress_receipt_drop (&x->receipt);
    ingress_held_destroy (&x->held);
    ingress_call_destroy (&x->call);
    ingress_entry_drop (x);
    ingress_limits_destroy (&x->limits);
    ingress_budget_let_go (&x->budget);
    ingress_idem_let_go (&x->idem);
    ingress_identity_let_go (&x->identity);
    br_buf_free (&x->who);
    free (x->route);
    free (x->origin);
    free (x);
}

//  ---- around each step of the machine

void
ingress_exchange_enter (ingress_exchange_t *x)
{
    x->busy++;
}

//  Gives back what the call has not used. An error costs no tokens.
static void
s_end_limits (ingress_exchange_t *x)
{
    if (x->limits && x->call) {
        bool failed = ingress_call_status (x->call) >= 400;
        if (x->usage.known)
            ingress_limits_end (x->limits, x->usage.input + x->usage.output);
        else if (failed)
            ingress_limits_end (x->limits, 0);
        else
            ingress_limits_end_unknown (x->limits);
    }
    ingress_limits_destroy (&x->limits);
}

//  A call that was not committed ends with its router, and costs nothing. A committed one
//  settles itself.
static void
s_lose_router (ingress_exchange_t *x)
{
    x->unmade = x->unmade || !ingress_call_is_committed (x->call);
    ingress_call_news (x->call, INGRESS_ROUTER_GONE);
}

//  Nobody knows how far the guard was: the router is told, in case that it has the call.
static void
s_lose_guard (ingress_exchange_t *x)
{
    x->guard.stands_up = false;
    ingress_call_news (x->call, INGRESS_GUARD_GONE);
}

//  What is held comes back with the meter's row, or now when there will be none.
static void
s_end_budget (ingress_exchange_t *x)
{
    if (x->unmade)
        ingress_budget_drop (&x->budget);
    else
        ingress_budget_let_go (&x->budget);
}

//  Hands on what waited. False when nothing did.
static bool
s_catch_up (ingress_exchange_t *x)
{
    if (x->router_gone) {
        x->router_gone = false;
        s_lose_router (x);
    } else if (x->written) {
        uint64_t written = x->written;
        x->written = 0;
        ingress_call_written (x->call, written);
    } else if (x->client_gone) {
        x->client_gone = false;
        ingress_call_news (x->call, INGRESS_CLIENT_GONE);
    } else
        return false;
    return true;
}

void
ingress_exchange_leave (ingress_exchange_t *x)
{
    if (x->busy > 1) {
        x->busy--;
        return;
    }
    while (x->call && s_catch_up (x))
        continue;
    x->busy--;
    ingress_t *self = x->self;
    bool is_coming = x->scan || x->search || x->opening;
    bool over = x->call ? ingress_call_is_over (x->call) : !is_coming;
    if (over && !x->forgotten) {
        x->forgotten = true;
        s_end_limits (x);
        s_end_budget (x);
        br_timer_cancel (br_ctx_loop (self->ctx), &x->silence);
        br_timer_cancel (br_ctx_loop (self->ctx), &x->expiry);
        ingress_idem_end (x->idem, false); //  unless it was told how it ended
        ingress_guard_end (&x->guard, self->ctx, x->id);
        ingress_open_remove (self->open, x->id, x->answered);
    }
    if (over && !x->http) {
        s_destroy (x);
        ingress_check_stop (self);
    }
}

br_bytes_t
ingress_exchange_request_hash (const ingress_exchange_t *x)
{
    return (br_bytes_t) { x->request_hash, x->is_hashed ? sizeof x->request_hash : 0 };
}

//  ---- from HTTP

static void
s_on_written (ingress_owner_t *owner, uint64_t body_bytes)
{
    ingress_exchange_t *x = (ingress_exchange_t *) owner;
    if (!x->call)
        return;
    x->written = body_bytes;
    if (x->busy)
        return;
    ingress_exchange_enter (x);
    ingress_exchange_leave (x);
}

static void
s_on_over (ingress_owner_t *owner)
{
    ingress_exchange_t *x = (ingress_exchange_t *) owner;
    x->http = NULL;
    x->client_gone = true; //  which means nothing to a call that is over
    ingress_entry_drop (x);
    if (x->busy)
        return;
    ingress_exchange_enter (x);
    ingress_exchange_leave (x);
}

//  ---- public functions

void
ingress_exchange_begin (ingress_t *self, br_id_t id, br_surface_t surface,
                        const ingress_guest_t *guest)
{
    br_error_t error;
    if (self->exchanges >= self->conf.settings->calls_max) {
        br_error_set (&error, BR_EBUSY, "%u calls are open already; try again",
                      self->exchanges);
        ingress_reply_error (guest, &error, NULL);
        return;
    }
    ingress_exchange_t *x = BR_NEW (ingress_exchange_t);
    x->owner = (ingress_owner_t) { s_on_over, s_on_written };
    x->self = self;
    x->http = guest->http;
    x->id = id;
    x->surface = surface;
    x->row = br_surface_row (surface);
    x->wire = guest->wire;
    strcpy (x->request_id, guest->request_id);
    x->origin = br_strdup (guest->origin);
    x->identity = ingress_identity_ref (guest->identity);
    br_buf_init (&x->who, BR_ATTRIBUTION_MAX);
    x->started_us = guest->came_us;
    x->started_ms = br_ctx_unix_ms (self->ctx);
    x->next = self->first;
    x->prev = &self->first;
    if (x->next)
        x->next->prev = &x->next;
    self->first = x;
    self->exchanges++;
    http_call_set_owner (x->http, &x->owner);
    ingress_exchange_enter (x);
    ingress_entry_walk (x);
    ingress_exchange_leave (x);
}

//  Credits and cancels go to who sends the words that count.
static void
s_note_word (ingress_exchange_t *x, const br_msg_t *msg)
{
    bool counts = ingress_call_counts (x->call, msg->attempt);
    x->sender = msg->from;
    if (counts && !br_addr_is (msg->from, x->router))
        x->replier = msg->from;
    bool is_head = msg->verb == BR_REPLY_HEAD || msg->verb == BR_REPLY_ERROR;
    if (counts && is_head)
        x->heard_us = br_ctx_now_us (x->self->ctx);
}

static void
s_note_usage (ingress_exchange_t *x, const struct br_reply_end *end)
{
    x->usage = (br_usage_t) { .known = end->usage_known,
                              .input = end->input_tokens,
                              .cache_read = end->cache_read_tokens,
                              .cache_write = end->cache_write_tokens,
                              .output = end->output_tokens,
                              .reasoning = end->reasoning_tokens,
                              .cache_write_1h = end->cache_write_1h_tokens,
                              .audio_input = end->audio_input_tokens,
                              .audio_output = end->audio_output_tokens };
}

//  What the guard says of this answer.
static void
s_note_guard (ingress_exchange_t *x, const br_msg_t *msg)
{
    const void *fields = br_msg_fields (msg);
    if (!ingress_call_counts (x->call, msg->attempt))
        return;
    if (msg->verb == BR_REPLY_HEAD)
        x->guard_said = (x->guard_said & ~ANSWER_SAID)
                        | ((const struct br_reply_head *) fields)->guard_said;
    else if (msg->verb == BR_REPLY_END)
        x->guard_said |= ((const struct br_reply_end *) fields)->guard_said;
}

//  A provider that keeps its answer is who is asked about it later, through any ingress:
//  told before the client can know of it.
static void
s_note_made (ingress_exchange_t *x, const struct br_reply_head *head)
{
    const br_maker_t maker = { x->route, head->provider, head->endpoint,
                               x->identity ? x->identity->account : "" };
    if (x->surface != BR_SURFACE_RESPONSES || !*head->object)
        return;
    if (br_makers_add (x->self->made, head->object, &maker))
        ingress_searches_tell (x->self->searches, head->object, &maker);
}

void
ingress_exchange_reply (ingress_exchange_t *x, const br_msg_t *msg)
{
    const void *fields = br_msg_fields (msg);
    if (msg->verb == BR_REPLY_HEAD && ingress_claim_outdated (x, fields))
        return;
    ingress_idem_hear (x->idem);
    s_note_word (x, msg);
    s_note_guard (x, msg);
    ingress_exchange_enter (x);
    switch (msg->verb) {
    case BR_REPLY_HEAD:
        s_note_made (x, fields);
        ingress_call_head (x->call, msg->attempt, fields, msg->body);
        break;
    case BR_REPLY_DELTA:
        ingress_call_delta (x->call, msg->attempt, fields, msg->body);
        break;
    case BR_REPLY_END:
        s_note_usage (x, fields);
        ingress_call_end (x->call, msg->attempt, fields);
        break;
    case BR_REPLY_ERROR:
        ingress_call_error (x->call, msg->attempt, fields, msg->body);
        break;
    case BR_REPLY_BROKEN: ingress_call_broken (x->call, msg->attempt, fields); break;
    default: break;
    }
    ingress_exchange_leave (x);
}

void
ingress_exchange_fence (ingress_exchange_t *x, const br_msg_t *msg)
{
    ingress_exchange_enter (x);
    x->fence = msg;
    ingress_call_fence (x->call, msg->attempt);
    x->fence = NULL;
    ingress_exchange_leave (x);
}

static bool
s_is_on (br_addr_t addr, uint32_t host, uint32_t life)
{
    return addr.host == host && addr.life == life;
}

void
ingress_exchange_host_gone (ingress_t *self, uint32_t host, uint32_t life)
{
    for (ingress_exchange_t *x = self->first; x;) {
        ingress_exchange_t *next = x->next;
        if (x->call) {
            ingress_exchange_enter (x);
            if (s_is_on (x->replier, host, life))
                ingress_call_news (x->call, INGRESS_UPSTREAM_GONE);
            if (s_is_on (x->router, host, life))
                s_lose_router (x);
            if (x->guard.stands_up && s_is_on (x->guard.guard, host, life))
                s_lose_guard (x);
            ingress_exchange_leave (x);
        }
        x = next;
    }
}

void
ingress_exchange_cancel_all (ingress_t *self)
{
    br_error_t error;
    br_error_set (&error, BR_EUNAVAILABLE, "bitrouter is stopping; try again");
    for (ingress_exchange_t *x = self->first; x;) {
        ingress_exchange_t *next = x->next;
        ingress_exchange_enter (x);
        if (x->call)
            ingress_call_news (x->call, INGRESS_CANCELLED);
        else if (ingress_entry_drop (x))
            ingress_speech_refuse (x, &error);
        ingress_exchange_leave (x);
        x = next;
    }
}

void
ingress_exchange_destroy_all (ingress_t *self)
{
    while (self->first) {
        ingress_budget_let_go (&self->first->budget); //  the owner hears of our end
        s_destroy (self->first);
    }
}
