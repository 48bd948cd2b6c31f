//  router_hold: what one attempt has taken of its provider's limits (broker/core/quota.h):
//  a request, its tokens, and a slot until its end. Made for attempts at limited providers
//  only.

#ifndef BR_ROUTER_HOLD_H
#define BR_ROUTER_HOLD_H

#include "broker/core/quota.h"

typedef enum {
    ROUTER_HOLD_WAITS, //  the limits have not answered yet
    ROUTER_HOLD_GRANTED,
    ROUTER_HOLD_REFUSED
} router_hold_state_t;

typedef struct _router_hold_t router_hold_t;

//  Takes. fn (arg) is called later, once, when it waits now; fn may destroy the hold.
//  quota is borrowed. "caller destroys", which gives back what was not used, and the slot
router_hold_t *router_hold_new (quota_t *quota, const char *provider, const char *model,
                                uint64_t tokens, void (*fn) (void *arg), void *arg);
void router_hold_destroy (router_hold_t **self_p);

router_hold_state_t router_hold_state (const router_hold_t *self);
uint64_t router_hold_retry_ms (const router_hold_t *self); //  of a refusal

//  The attempt was sent: from now on its request and tokens count as used.
void router_hold_sent (router_hold_t *self);

//  So many tokens were used in truth.
void router_hold_used (router_hold_t *self, uint64_t tokens);

#endif
