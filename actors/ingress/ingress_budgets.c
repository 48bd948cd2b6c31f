//  ingress_budgets: a list of calls; each waits, or holds.

#include <stdlib.h>

#include "actors/ingress/ingress_budgets.h"
#include "actors/ingress/ingress_settings.h"
#include "broker/core/alloc.h"
#include "broker/core/call_map.h"

struct _ingress_budget_t {
    ingress_budgets_t *all;
    ingress_budget_t *next;
    ingress_budget_t **prev;
    br_id_t call;
    ingress_identity_t *identity;
    br_addr_t owner; //  who was asked, or told
    bool waits;      //  for the owner's answer
    uint64_t held_nusd;
    br_timer_t deadline;
    ingress_budget_fn *fn;
    void *arg; //  borrowed
};

struct _ingress_budgets_t {
    br_ctx_t *ctx;
    ingress_budget_t *first;
    br_call_map_t *map; //  the same, by call
};

ingress_budgets_t *
ingress_budgets_new (br_ctx_t *ctx)
{
    ingress_budgets_t *self = BR_NEW (ingress_budgets_t);
    self->ctx = ctx;
    self->map = br_call_map_new (INGRESS_CALLS_CEILING);
    return self;
}

void
ingress_budgets_destroy (ingress_budgets_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ingress_budgets_t *self = *self_p;
    while (self->first) {
        ingress_budget_t *budget = self->first;
        ingress_budget_let_go (&budget);
    }
    br_call_map_destroy (&self->map);
    free (self);
    *self_p = NULL;
}

//  ---- one call

static int
s_send (const ingress_budget_t *self, br_verb_t verb, const void *fields)
{
    return br_ctx_send (self->all->ctx, self->owner, verb, self->call, 0, fields, NULL);
}

//  Nothing of self is touched once fn was called.
static void
s_tell (ingress_budget_t *self, const ingress_room_t *room)
{
    self->waits = false;
    br_timer_cancel (br_ctx_loop (self->all->ctx), &self->deadline);
    self->fn (self->arg, room);
}

static int
s_fail_gone (br_error_t *reterr)
{
    return br_error_set (reterr, BR_EGONE,
                         "who keeps the budgets cannot be reached; try again");
}

static void
s_fail (ingress_budget_t *self)
{
    br_error_t error;
    s_fail_gone (&error);
    const ingress_room_t room = { .refused = &error };
    s_tell (self, &room);
}

static void
s_on_deadline (void *arg)
{
    ingress_budget_t *self = arg;
    s_send (self, BR_BUDGET_DROP, NULL); //  in case that it answers later
    s_fail (self);
}

static int
s_ask (const ingress_budget_t *self, const ingress_worst_t *worst, uint64_t wait_ms)
{
    const ingress_identity_t *identity = self->identity;
    struct br_budget_ask ask = { .account = identity->account, .key = identity->key };
    ask.issued_s = identity->issued_s;
    ask.budget_nusd = identity->budget_nusd;
    ask.budget_scope = identity->budget_scope;
    ask.budget_range = identity->budget_range;
    ask.budget_extent = identity->budget_extent;
    ask.fixed_nusd = (uint64_t) worst->fixed_nusd;
    ask.output_rate = (uint64_t) worst->output_rate;
    ask.output_tokens = worst->output_tokens;
    ask.output_least = worst->output_least;
    ask.wait_ms = wait_ms;
    return s_send (self, BR_BUDGET_ASK, &ask);
}

static void
s_hold (const ingress_budget_t *self)
{
    const ingress_identity_t *identity = self->identity;
    struct br_budget_hold hold = { .account = identity->account, .key = identity->key };
    hold.issued_s = identity->issued_s;
    hold.budget_nusd = identity->budget_nusd;
    hold.budget_scope = identity->budget_scope;
    hold.budget_range = identity->budget_range;
    hold.budget_extent = identity->budget_extent;
    hold.held_nusd = self->held_nusd;
    s_send (self, BR_BUDGET_HOLD, &hold);
}

ingress_budget_t *
ingress_budget_ask (ingress_budgets_t *all, br_id_t call, ingress_identity_t *identity,
                    const ingress_worst_t *worst, uint64_t wait_ms, ingress_budget_fn *fn,
                    void *arg, br_error_t *reterr)
{
    ingress_budget_t *self = BR_NEW (ingress_budget_t);
    self->all = all;
    self->call = call;
    self->identity = ingress_identity_ref (identity);
    self->fn = fn;
    self->arg = arg;
    self->waits = true;
    self->next = all->first;
    self->prev = &all->first;
    if (self->next)
        self->next->prev = &self->next;
    all->first = self;
    br_call_map_put (all->map, call, self); //  as many as there are calls: it fits
    self->owner = br_ctx_find (all->ctx, "auth");
    if (!br_addr_is_set (self->owner) || s_ask (self, worst, wait_ms)) {
        s_fail_gone (reterr);
        ingress_budget_let_go (&self);
        return NULL;
    }
    br_timer_set (br_ctx_loop (all->ctx), &self->deadline,
                  wait_ms + INGRESS_BUDGET_GRACE_MS, s_on_deadline, self);
    return self;
}

void
ingress_budget_let_go (ingress_budget_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ingress_budget_t *self = *self_p;
    br_timer_cancel (br_ctx_loop (self->all->ctx), &self->deadline);
    br_call_map_take (self->all->map, self->call);
    *self->prev = self->next;
    if (self->next)
        self->next->prev = self->prev;
    ingress_identity_let_go (&self->identity);
    free (self);
    *self_p = NULL;
}

void
ingress_budget_drop (ingress_budget_t **self_p)
{
    if (self_p && *self_p)
        s_send (*self_p, BR_BUDGET_DROP, NULL);
    ingress_budget_let_go (self_p);
}

//  ---- from the bus

static br_code_t
s_code (uint64_t code)
{
    return code < BR_ERROR_COUNT ? (br_code_t) code : BR_EBUDGET;
}

void
ingress_budgets_on_told (ingress_budgets_t *self, const br_msg_t *msg)
{
    const struct br_budget_told *told = br_msg_fields (msg);
    ingress_budget_t *budget = br_call_map_get (self->map, msg->call);
    if (!budget || !budget->waits || !br_addr_is (budget->owner, msg->from))
        return;
    ingress_room_t room = { .output_tokens = told->output_tokens };
    br_error_t error;
    if (told->code) {
        br_error_set (&error, s_code (told->code), "%s", told->error);
        room = (ingress_room_t) { .refused = &error, .retry_ms = told->retry_ms };
    } else
        budget->held_nusd = told->held_nusd;
    s_tell (budget, &room);
}

void
ingress_budgets_on_changed (ingress_budgets_t *self, const br_msg_t *msg)
{
    for (ingress_budget_t *budget = self->first; budget; budget = budget->next) {
        if (budget->waits || br_addr_is (budget->owner, msg->from))
            continue;
        budget->owner = msg->from;
        s_hold (budget);
    }
}

void
ingress_budgets_gone (ingress_budgets_t *self, uint32_t host, uint32_t life)
{
    ingress_budget_t *budget = self->first;
    while (budget) {
        bool lost = budget->waits && budget->owner.host == host
                    && budget->owner.life == life;
        if (!lost) {
            budget = budget->next;
            continue;
        }
        s_fail (budget); //  which may change the list: from its start again
        budget = self->first;
    }
}
