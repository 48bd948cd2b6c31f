//  router_plan: what follows when an attempt has failed: which candidate is asked next, and
//  after how long, or nothing any more. Pure: what happened, the time, and which endpoints
//  are out of use are handed in. It begins with the first failure of a call.
//
//  A candidate is asked at most 1 + retries times, a call makes at most attempts_max
//  attempts; only the latter bounds attempts that a host of our own has lost. Who was not asked yet comes first, at once; then those that may be asked again,
//  the one that is ready first, after a back-off. What an endpoint has said of when to come
//  back holds: it is the least wait for it, and one that is too long is not waited for.

#ifndef BR_ROUTER_PLAN_H
#define BR_ROUTER_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/failure.h"
#include "broker/proto/candidates.h"

typedef struct _router_retry_t {
    uint64_t attempts_max;       //  of a call, count
    uint64_t retries;            //  of one candidate, beyond its first attempt
    uint64_t base_ms;            //  of a back-off: it is random up to base * 2^n
    uint64_t max_ms;             //  but not more than this
    uint64_t retry_after_max_ms; //  of what a provider asks for
} router_retry_t;

//  An attempt that failed.
typedef struct _router_lost_t {
    unsigned place; //  of its candidate
    br_failure_t failure;
    uint64_t retry_after_ms; //  0 = the provider did not say
} router_lost_t;

//  How things stand now.
typedef struct _router_moment_t {
    uint64_t now_ms; //  never goes back
    bool is_bounded;
    uint64_t left_ms; //  of the client's own time, if it is bounded
    uint32_t open;    //  bits of the places whose endpoint is out of use
} router_moment_t;

typedef struct _router_step_t {
    unsigned place;    //  who is asked next
    uint64_t delay_ms; //  0 = at once
} router_step_t;

typedef struct _router_plan_t router_plan_t;

//  in:   rows, borrowed for the life of the plan, in the order in which they are to be
//        tried; count, 1 to BR_CANDIDATES_MAX; seed, for the back-offs
//  "caller destroys"
router_plan_t *router_plan_new (const router_retry_t *retry, const br_candidate_t *rows,
                                size_t count, uint64_t seed);
void router_plan_destroy (router_plan_t **self_p);

//  What follows the failure of the newest attempt. False: nothing, give up.
bool router_plan_next (router_plan_t *self, const router_lost_t *lost,
                       const router_moment_t *moment, router_step_t *ret_step);

//  The back-off in front of place is over: who is asked now. Another one, if the endpoint
//  has gone out of use meanwhile and the other one has not.
unsigned router_plan_aim (const router_plan_t *self, unsigned place,
                          const router_moment_t *moment);

#endif
