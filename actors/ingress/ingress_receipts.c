//  ingress_receipts: a map, and a queue of those that are waited for: all wait equally
//  long, so the first one is due first, and one timer will do.

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_receipts.h"
#include "broker/core/alloc.h"
#include "broker/core/call_map.h"
#include "broker/ledger/ledger_receipt.h"

struct _ingress_receipt_t {
    ingress_receipts_t *all;
    br_id_t call;
    char *text;    //  owned; NULL while none has come
    bool is_there; //  it has come, or never will
    //  ---- while it is waited for
    ingress_receipt_fn *fn; //  NULL otherwise
    void *arg;              //  borrowed
    uint64_t due_us;
    ingress_receipt_t *next;
    ingress_receipt_t *before;
};

struct _ingress_receipts_t {
    br_ctx_t *ctx;
    br_call_map_t *map; //  all, by call
    ingress_receipt_t *first;
    ingress_receipt_t *last;
    br_timer_t timer;
    bool closed;
    uint64_t missing; //  answers without one since the last that came, count
};

ingress_receipts_t *
ingress_receipts_new (br_ctx_t *ctx, size_t max)
{
    ingress_receipts_t *self = BR_NEW (ingress_receipts_t);
    self->ctx = ctx;
    self->map = br_call_map_new (max);
    return self;
}

void
ingress_receipts_destroy (ingress_receipts_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ingress_receipts_t *self = *self_p;
    assert (br_call_map_size (self->map) == 0);
    br_timer_cancel (br_ctx_loop (self->ctx), &self->timer);
    br_call_map_destroy (&self->map);
    free (self);
    *self_p = NULL;
}

//  ---- the queue

static void
s_append (ingress_receipts_t *self, ingress_receipt_t *receipt)
{
    receipt->before = self->last;
    receipt->next = NULL;
    if (self->last)
        self->last->next = receipt;
    else
        self->first = receipt;
    self->last = receipt;
}

static void
s_unlink (ingress_receipts_t *self, ingress_receipt_t *receipt)
{
    if (receipt->before)
        receipt->before->next = receipt->next;
    else
        self->first = receipt->next;
    if (receipt->next)
        receipt->next->before = receipt->before;
    else
        self->last = receipt->before;
}

//  Whoever waits may drop it, and others.
static void
s_release (ingress_receipt_t *receipt)
{
    ingress_receipt_fn *fn = receipt->fn;
    if (!fn)
        return;
    s_unlink (receipt->all, receipt);
    receipt->fn = NULL;
    fn (receipt->arg);
}

//  ---- those that do not come

static void
s_miss (ingress_receipts_t *self)
{
    if (self->missing++ == 0)
        br_ctx_log (self->ctx, BR_LOG_WARN,
                    "an answer has ended without its receipt: the meter has not sent it "
                    "within %d ms",
                    INGRESS_RECEIPT_WAIT_MS);
}

static void
s_recover (ingress_receipts_t *self)
{
    if (self->missing)
        br_ctx_log (self->ctx, BR_LOG_INFO,
                    "receipts come again: %llu answers have ended without one",
                    (unsigned long long) self->missing);
    self->missing = 0;
}

static void s_on_due (void *arg);

static void
s_set_timer (ingress_receipts_t *self, uint64_t now_us)
{
    if (!self->first || br_timer_is_set (&self->timer))
        return;
    uint64_t due_us = self->first->due_us;
    uint64_t left_us = due_us > now_us ? due_us - now_us : 0;
    br_timer_set (br_ctx_loop (self->ctx), &self->timer, (left_us + 999) / 1000, s_on_due,
                  self);
}

static void
s_on_due (void *arg)
{
    ingress_receipts_t *self = arg;
    uint64_t now_us = br_ctx_now_us (self->ctx);
    while (self->first && self->first->due_us <= now_us) {
        s_miss (self);
        s_release (self->first);
    }
    s_set_timer (self, now_us);
}

//  ---- public functions

ingress_receipt_t *
ingress_receipts_expect (ingress_receipts_t *self, br_id_t call)
{
    ingress_receipt_t *receipt = BR_NEW (ingress_receipt_t);
    receipt->all = self;
    receipt->call = call;
    int rc = br_call_map_put (self->map, call, receipt);
    assert (rc == 0); //  the caller counts
    return receipt;
}

void
ingress_receipt_drop (ingress_receipt_t **self_p)
{
    ingress_receipt_t *self = *self_p;
    if (!self)
        return;
    *self_p = NULL;
    if (self->fn)
        s_unlink (self->all, self);
    br_call_map_take (self->all->map, self->call);
    free (self->text);
    free (self);
}

//  It becomes a part of a line of HTTP.
static bool
s_is_sound (const char *text)
{
    size_t size = strnlen (text, LEDGER_RECEIPT_MAX);
    for (size_t i = 0; i < size; i++)
        if (text[i] <= 0x20 || text[i] >= 0x7f)
            return false;
    return size < LEDGER_RECEIPT_MAX;
}

void
ingress_receipts_on_told (ingress_receipts_t *self, const br_msg_t *msg)
{
    const struct br_call_receipt *told = br_msg_fields (msg);
    ingress_receipt_t *receipt = br_call_map_get (self->map, msg->call);
    if (!receipt || receipt->is_there)
        return;
    receipt->is_there = true;
    if (s_is_sound (told->receipt))
        receipt->text = br_strdup (told->receipt);
    if (receipt->fn)
        s_recover (self);
    s_release (receipt);
}

//  Who is released may release others.
static void
s_release_all (ingress_receipts_t *self)
{
    while (self->first)
        s_release (self->first);
}

void
ingress_receipts_gone (ingress_receipts_t *self)
{
    if (!br_addr_is_set (br_ctx_find (self->ctx, "meter")))
        s_release_all (self);
}

void
ingress_receipts_close (ingress_receipts_t *self)
{
    self->closed = true;
    s_release_all (self);
}

const char *
ingress_receipt_text (const ingress_receipt_t *self)
{
    return self->text ? self->text : "";
}

bool
ingress_receipt_wait (ingress_receipt_t *self, ingress_receipt_fn *fn, void *arg)
{
    ingress_receipts_t *all = self->all;
    assert (!self->fn);
    if (self->is_there || all->closed
        || !br_addr_is_set (br_ctx_find (all->ctx, "meter")))
        return false;
    uint64_t now_us = br_ctx_now_us (all->ctx);
    self->fn = fn;
    self->arg = arg;
    self->due_us = now_us + INGRESS_RECEIPT_WAIT_MS * 1000u;
    s_append (all, self);
    s_set_timer (all, now_us);
    return true;
}
