//  router_breaker: the breaker's states as this router knows them, and what it tells of its
//  attempts. The actor "breaker" owns the states; without one, no endpoint is out of use.
//  Failures are told at once, good answers each second. Endpoints go by their numbers
//  (router_endpoints).
//
//  A limit of the provider, or a 403, is one model's; all other failures are the endpoint's.
//  A candidate is out of use when its endpoint is, or its model there.

#ifndef BR_ROUTER_BREAKER_H
#define BR_ROUTER_BREAKER_H

#include "broker/core/actor.h"
#include "broker/core/failure.h"
#include "actors/router/router_endpoints.h"

#define ROUTER_BREAKER_TICK_MS 1000
#define ROUTER_BREAKER_KEEP_MS 1000      //  a lease that no attempt takes, at first
#define ROUTER_BREAKER_KEEP_MAX_MS 64000 //  and if call after call comes too late for it

typedef struct _router_breaker_t router_breaker_t;

//  What one attempt tries by the breaker's leave; 0 = nothing.
typedef struct _router_leases_t {
    uint64_t endpoint;
    uint64_t model;
} router_leases_t;

//  How one attempt failed.
typedef struct _router_bad_t {
    br_failure_t failure;
    unsigned status;         //  the provider's HTTP status; 0 = none
    uint64_t retry_after_ms; //  the provider says when; 0 = it does not
    const char *error;       //  borrowed; for the operator
} router_bad_t;

//  ctx and endpoints are borrowed. "caller destroys"
router_breaker_t *router_breaker_new (br_ctx_t *ctx, router_endpoints_t *endpoints);
void router_breaker_destroy (router_breaker_t **self_p);

//  ---- what the breaker says

//  Asks for all states, again each second until all were told.
void router_breaker_ask (router_breaker_t *self);

//  A lease that comes with a state is given back if no attempt has taken it within a second;
//  after twice as long each time that none did, so that it meets a call where they are rare.
void router_breaker_on_state (router_breaker_t *self, const br_msg_t *msg);
void router_breaker_on_told (router_breaker_t *self, const br_msg_t *msg);

//  A host is gone; if it was the breaker's, what it said is forgotten, and asked anew.
void router_breaker_gone (router_breaker_t *self, const struct br_sys_gone *gone);

//  ---- what a call wants to know

//  Whether the candidate is out of use for a call that comes now. A half-open one that we may
//  try is not.
bool router_breaker_is_open (const router_breaker_t *self, unsigned endpoint,
                             const char *model);

//  A call would ask this candidate now, if it were in use: if its time has passed, asks
//  whether one may try. False when there is nothing to ask for: it is in use, or it is too
//  early.
bool router_breaker_want (router_breaker_t *self, unsigned endpoint, const char *model);

//  Of the endpoint as a whole.
const char *router_breaker_state (const router_breaker_t *self, unsigned endpoint);

//  ---- what an attempt tells

//  One starts: takes the leases that there are.
router_leases_t router_breaker_start (router_breaker_t *self, unsigned endpoint,
                                      const char *model);

//  Its answer has begun, which is all that the leases were to find out. Its end is told
//  without them.
void router_breaker_begun (router_breaker_t *self, unsigned endpoint, const char *model,
                           const router_leases_t *leases);

//  It has ended. leases: of its start.
void router_breaker_good (router_breaker_t *self, unsigned endpoint, const char *model,
                          const router_leases_t *leases);
void router_breaker_bad (router_breaker_t *self, unsigned endpoint, const char *model,
                         const router_leases_t *leases, const router_bad_t *bad);

//  It has ended in a way that says nothing of the endpoint: the leases are free again.
void router_breaker_neither (router_breaker_t *self, unsigned endpoint, const char *model,
                             const router_leases_t *leases);

#endif
