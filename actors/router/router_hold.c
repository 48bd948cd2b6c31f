//  router_hold: what one attempt has taken of its provider's limits.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "actors/router/router_hold.h"

struct _router_hold_t {
    quota_t *quota; //  borrowed
    char *key;
    router_hold_state_t state;
    uint64_t taker; //  0 = does not wait
    bool limited;   //  what is used beyond what was taken is owed
    quota_amount_t taken;
    uint64_t owner; //  who lent it
    quota_amount_t used;
    uint64_t retry_ms;
    void (*fn) (void *arg); //  NULL while router_hold_new runs
    void *arg;
};

static void
s_on_verdict (void *arg, const quota_verdict_t *verdict)
{
    router_hold_t *self = arg;
    self->taker = 0;
    self->state = verdict->granted ? ROUTER_HOLD_GRANTED : ROUTER_HOLD_REFUSED;
    self->taken = verdict->taken;
    self->owner = verdict->owner;
    self->limited = verdict->granted && verdict->limited;
    self->retry_ms = verdict->retry_ms;
    if (self->fn)
        self->fn (self->arg);
}

router_hold_t *
router_hold_new (quota_t *quota, const char *provider, const char *model, uint64_t tokens,
                 void (*fn) (void *arg), void *arg)
{
    router_hold_t *self = BR_NEW (router_hold_t);
    quota_amount_t want = { .requests = 1, .tokens = tokens, .slots = 1 };
    self->quota = quota;
    self->key = br_strf ("%s/%s", provider, model);
    uint64_t taker = quota_take (quota, QUOTA_PROVIDER, self->key, NULL, &want,
                                 s_on_verdict, self);
    self->fn = fn;
    self->arg = arg;
    self->taker = taker;
    return self;
}

static uint64_t
s_rest (uint64_t taken, uint64_t used)
{
    return taken > used ? taken - used : 0;
}

void
router_hold_destroy (router_hold_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    router_hold_t *self = *self_p;
    quota_leave (self->quota, self->taker);
    quota_amount_t back = { .slots = self->taken.slots };
    back.requests = s_rest (self->taken.requests, self->used.requests);
    back.tokens = s_rest (self->taken.tokens, self->used.tokens);
    uint64_t over = s_rest (self->used.tokens, self->taken.tokens);
    if (self->limited) //  else it has taken nothing, and owes nothing
        quota_return (self->quota, QUOTA_PROVIDER, self->key, self->owner, &back, over);
    free (self->key);
    free (self);
    *self_p = NULL;
}

router_hold_state_t
router_hold_state (const router_hold_t *self)
{
    return self->state;
}

uint64_t
router_hold_retry_ms (const router_hold_t *self)
{
    return self->retry_ms;
}

void
router_hold_sent (router_hold_t *self)
{
    self->used = self->taken;
}

void
router_hold_used (router_hold_t *self, uint64_t tokens)
{
    self->used.tokens = tokens;
}
