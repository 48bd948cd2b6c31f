//  auth_budget: the arithmetic of one budget. Bounds are exact: a limit is never passed by
//  what is spent and held, as long as no call costs more than it holds.

#include <assert.h>

#include "actors/auth/auth_budget.h"

typedef unsigned __int128 s_wide_t;

#define MILLION 1000000u

static const char *const s_scopes[] = {
    [BR_BUDGET_SESSION] = "session",
    [BR_BUDGET_ACCOUNT] = "account",
};

static const char *const s_ranges[] = {
    [BR_BUDGET_ALL] = "all",
    [BR_BUDGET_ROUNDS] = "rounds",
    [BR_BUDGET_DURATION] = "duration",
};

const char *
auth_budget_scope_name (br_budget_scope_t scope)
{
    return s_scopes[scope];
}

const char *
auth_budget_range_name (br_budget_range_t range)
{
    return s_ranges[range];
}

static uint64_t
s_less (uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

uint64_t
auth_want_nusd (const auth_want_t *want, uint64_t tokens)
{
    s_wide_t output = (s_wide_t) tokens * want->output_rate;
    s_wide_t nusd = want->fixed_nusd + output / MILLION + (output % MILLION ? 1 : 0);
    return nusd > UINT64_MAX ? UINT64_MAX : (uint64_t) nusd;
}

static uint64_t
s_least (const auth_want_t *want)
{
    return want->output_least < want->output_tokens ? want->output_least
                                                    : want->output_tokens;
}

//  Of the tokens that it wants, those that some money is enough for; there is enough for the
//  input.
static uint64_t
s_tokens_for (const auth_want_t *want, uint64_t nusd)
{
    s_wide_t money = nusd - want->fixed_nusd;
    if (!want->output_rate)
        return want->output_tokens;
    s_wide_t tokens = money * MILLION / want->output_rate;
    return tokens < want->output_tokens ? (uint64_t) tokens : want->output_tokens;
}

auth_verdict_t
auth_budget_judge (auth_budget_t *self, const auth_want_t *want, uint64_t now_ms,
                   uint64_t *ret_tokens)
{
    if (!self->spend.is_known)
        return AUTH_WAITS;
    uint64_t left = s_less (want->limit_nusd, auth_spend_nusd (&self->spend, now_ms));
    uint64_t least_nusd = auth_want_nusd (want, s_least (want));
    bool has_rounds = self->range == BR_BUDGET_ROUNDS;
    uint64_t rounds = auth_spend_rounds (&self->spend, now_ms);
    if (least_nusd > left || (has_rounds && rounds >= want->limit_rounds))
        return self->spend.is_asked ? AUTH_WAITS : AUTH_NEVER;
    uint64_t free_nusd = s_less (s_less (left, self->held_nusd), self->beside_nusd);
    if (least_nusd > free_nusd)
        return AUTH_WAITS;
    if (has_rounds
        && want->limit_rounds - rounds <= self->held_count + self->beside_count)
        return AUTH_WAITS;
    *ret_tokens = s_tokens_for (want, free_nusd);
    return AUTH_FITS;
}

//  ---- calls

void
auth_budget_hold (auth_budget_t *self, auth_call_t *call, uint64_t nusd)
{
    assert (call->state == AUTH_CALL_NEW);
    call->state = AUTH_CALL_HOLDS;
    call->held_nusd = nusd > UINT64_MAX - self->held_nusd ? UINT64_MAX - self->held_nusd
                                                          : nusd;
    self->held_nusd += call->held_nusd;
    self->held_count++;
}

void
auth_budget_queue (auth_budget_t *self, auth_call_t *call)
{
    assert (call->state == AUTH_CALL_NEW);
    call->state = AUTH_CALL_WAITS;
    call->next = NULL;
    call->prev = self->last;
    if (self->last)
        self->last->next = call;
    else
        self->first = call;
    self->last = call;
    self->waiting++;
}

static void
s_release (auth_budget_t *self, auth_call_t *call)
{
    self->held_nusd -= call->held_nusd;
    self->held_count--;
    call->held_nusd = 0;
}

static void
s_dequeue (auth_budget_t *self, auth_call_t *call)
{
    if (call->prev)
        call->prev->next = call->next;
    else
        self->first = call->next;
    if (call->next)
        call->next->prev = call->prev;
    else
        self->last = call->prev;
    self->waiting--;
}

void
auth_budget_leave (auth_budget_t *self, auth_call_t *call)
{
    if (call->state == AUTH_CALL_WAITS)
        s_dequeue (self, call);
    else if (call->state == AUTH_CALL_HOLDS)
        s_release (self, call);
    call->state = AUTH_CALL_NEW;
}

//  ---- looks

uint64_t
auth_budget_left (auth_budget_t *self, uint64_t limit_nusd, uint64_t now_ms)
{
    return s_less (s_less (limit_nusd, auth_spend_nusd (&self->spend, now_ms)),
                   self->held_nusd);
}

uint64_t
auth_budget_reset_ms (auth_budget_t *self, const auth_want_t *want, uint64_t now_ms)
{
    uint64_t least_nusd = auth_want_nusd (want, s_least (want));
    if (least_nusd > want->limit_nusd)
        return 0;
    uint64_t over_nusd = s_less (auth_spend_nusd (&self->spend, now_ms),
                                 want->limit_nusd - least_nusd);
    return over_nusd ? auth_spend_reset_ms (&self->spend, over_nusd, now_ms) : 0;
}

bool
auth_budget_is_idle (const auth_budget_t *self)
{
    return !self->waiting && !self->held_count && !self->ticket;
}
