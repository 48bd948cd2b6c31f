//  router_attempt: the newest attempt of a call: whom it asks, what it holds while it is
//  under way (a share of the provider's limits, the breaker's leave to try), and what its
//  end says of the endpoint. Each end but the first one of an attempt changes nothing.

#ifndef BR_ROUTER_ATTEMPT_H
#define BR_ROUTER_ATTEMPT_H

#include "broker/proto/candidates.h"
#include "actors/router/router_call.h"
#include "actors/router/router_env.h"
#include "actors/router/router_hold.h"

//  Zeroed is a call that has asked nobody yet.
typedef struct _router_attempt_t {
    const br_candidate_t *asked; //  borrowed; NULL before the first
    unsigned endpoint;           //  its number
    bool is_under_way;
    uint64_t since_us;      //  when it started
    router_leases_t leases; //  of the breaker
    router_hold_t *hold;    //  of the provider's limits; NULL = not limited
} router_attempt_t;

//  Takes a share of the provider's limits, if it has some. Asked again after fn (arg) it
//  goes on where it was.
//  ret:  0 when it may start; 1 when fn will be called; -1 when it is refused, and why
int router_attempt_prepare (router_attempt_t *self, const router_env_t *env,
                            uint64_t tokens, void (*fn) (void *arg), void *arg,
                            router_failure_t *ret_failure);

//  It was sent.
void router_attempt_start (router_attempt_t *self, const router_env_t *env);

//  Its answer has begun: if it tries an endpoint that was out of use, that is told now. An
//  answer may last for long.
void router_attempt_begun (router_attempt_t *self, const router_env_t *env);

//  It ended as told. Its share goes back, but for what was used.
void router_attempt_failed (router_attempt_t *self, const router_env_t *env,
                            const router_failure_t *failure);
void router_attempt_done (router_attempt_t *self, const router_env_t *env,
                          const router_end_t *end);

//  It failed after words of it went down.
void router_attempt_broken (router_attempt_t *self, const router_env_t *env,
                            const router_failure_t *failure, const router_end_t *end);

//  Its host is gone, it was not sent, or the call ends without it.
void router_attempt_lost (router_attempt_t *self, const router_env_t *env);

#endif
