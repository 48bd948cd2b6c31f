//  auth_ledger: tickets of questions, and the number of the newest row.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/core/call_map.h"
#include "actors/auth/auth_ledger.h"

struct _auth_ledger_t {
    br_ctx_t *ctx;
    auth_budgets_t *budgets;
    br_call_map_t *questions; //  budgets by ticket
    uint64_t ticket;          //  given out last
    br_addr_t meter;          //  whose rows come; unset = none have
    uint64_t seq;             //  of the newest row; 0 = none
};

auth_ledger_t *
auth_ledger_new (br_ctx_t *ctx, auth_budgets_t *budgets)
{
    auth_ledger_t *self = BR_NEW (auth_ledger_t);
    self->ctx = ctx;
    self->budgets = budgets;
    self->questions = br_call_map_new (AUTH_BUDGETS_MAX);
    self->ticket = br_ctx_random (ctx) >> 1; //  answers to an earlier life fit nothing
    return self;
}

void
auth_ledger_destroy (auth_ledger_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_call_map_destroy (&(*self_p)->questions);
    free (*self_p);
    *self_p = NULL;
}

static br_id_t
s_id (uint64_t ticket)
{
    return (br_id_t) { .hi = 1, .lo = ticket };
}

//  ---- questions

//  Unix time, milliseconds, from when on the budget counts.
static uint64_t
s_since_ms (const auth_ledger_t *self, const auth_budget_t *budget)
{
    uint64_t now_ms = br_ctx_unix_ms (self->ctx);
    uint64_t extent_ms = budget->extent * 1000;
    if (budget->range == BR_BUDGET_DURATION)
        return now_ms > extent_ms ? now_ms - extent_ms : 0;
    if (budget->scope == BR_BUDGET_ACCOUNT || budget->issued_s > now_ms / 1000)
        return 0;
    return budget->issued_s * 1000;
}

int
auth_ledger_ask (auth_ledger_t *self, auth_budget_t *budget, br_error_t *reterr)
{
    if (budget->ticket)
        return 0;
    br_addr_t meter = br_ctx_find (self->ctx, "meter");
    struct br_spend_ask ask = { .ticket = self->ticket + 1, .account = budget->account };
    ask.key = budget->scope == BR_BUDGET_SESSION ? budget->owner : "";
    ask.since_ms = s_since_ms (self, budget);
    if (!br_addr_is_set (meter)
        || br_ctx_send (self->ctx, meter, BR_SPEND_ASK, (br_id_t) { 0, 0 }, 0, &ask,
                        NULL))
        return br_error_set (reterr, BR_EGONE,
                             "the ledger cannot be read, so nobody knows what is left of "
                             "the budget: the meter is not there; try again");
    budget->ticket = ++self->ticket;
    br_call_map_put (self->questions, s_id (budget->ticket), budget);
    auth_spend_asked (&budget->spend, br_ctx_now_us (self->ctx) / 1000);
    return 0;
}

static void
s_close (auth_ledger_t *self, auth_budget_t *budget)
{
    br_call_map_take (self->questions, s_id (budget->ticket));
    budget->ticket = 0;
}

void
auth_ledger_give_up (auth_ledger_t *self, auth_budget_t *budget)
{
    s_close (self, budget);
    auth_spend_failed (&budget->spend);
}

auth_budget_t *
auth_ledger_told (auth_ledger_t *self, const br_msg_t *msg, br_error_t *reterr)
{
    const struct br_spend_told *told = br_msg_fields (msg);
    auth_budget_t *budget = br_call_map_get (self->questions, s_id (told->ticket));
    reterr->code = BR_OK;
    if (!budget)
        return NULL;
    if (told->code) {
        auth_ledger_give_up (self, budget);
        br_error_set (reterr, BR_EGONE, "the ledger cannot be read: %.300s; try again",
                      told->error);
        return budget;
    }
    s_close (self, budget);
    if (!auth_spend_told (&budget->spend, told->seq, told->nusd, told->rounds))
        (void) auth_ledger_ask (self, budget, reterr);
    if (told->seq > self->seq)
        self->seq = told->seq;
    return budget;
}

size_t
auth_ledger_questions (const auth_ledger_t *self)
{
    return br_call_map_size (self->questions);
}

//  ---- rows

static void
s_forget_all (auth_ledger_t *self)
{
    auth_budget_t *budget = auth_budgets_newest (self->budgets);
    for (; budget; budget = budget->older) {
        if (budget->ticket)
            s_close (self, budget);
        auth_spend_forget (&budget->spend);
    }
    self->seq = 0;
}

bool
auth_ledger_metered (auth_ledger_t *self, br_addr_t meter, uint64_t seq)
{
    bool is_other = br_addr_is_set (self->meter) && !br_addr_is (self->meter, meter);
    bool has_gap = self->seq && seq > self->seq + 1;
    if (is_other || has_gap)
        s_forget_all (self);
    self->meter = meter;
    if (seq > self->seq)
        self->seq = seq;
    return !is_other && !has_gap;
}

bool
auth_ledger_gone (auth_ledger_t *self, uint32_t host, uint32_t life)
{
    if (self->meter.host != host || self->meter.life != life)
        return false;
    s_forget_all (self);
    self->meter = (br_addr_t) { .host = 0 };
    return true;
}
