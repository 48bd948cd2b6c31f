//  ingress_limits: what one call takes of the limits of its caller and of its model, and
//  gives back when it is over.

#ifndef BR_INGRESS_LIMITS_H
#define BR_INGRESS_LIMITS_H

#include "broker/core/quota.h"

typedef struct _ingress_limits_t ingress_limits_t;

//  refused: BR_ELIMIT with which limit and when to try again, or NULL: the call may go on.
typedef void (ingress_limits_fn) (void *arg, const br_error_t *refused);

//  caller, model: keys, copied; NULL for one that nothing limits. own: limits of the caller
//  alone, copied; NULL = none. quota is borrowed.
//  "caller destroys", which gives all back that was not ended.
ingress_limits_t *ingress_limits_new (quota_t *quota, const char *caller,
                                      const quota_own_t *own, const char *model);
void ingress_limits_destroy (ingress_limits_t **self_p);

//  Takes one request, so many tokens and a slot, under each key. fn is called once: before
//  this returns, or later, unless self is destroyed first. It may destroy self.
void ingress_limits_take (ingress_limits_t *self, uint64_t tokens, ingress_limits_fn *fn,
                          void *arg);

//  The call is over, and has used so many tokens: the slots come back, and tokens that were
//  taken in vain; what was used beyond them is told.
void ingress_limits_end (ingress_limits_t *self, uint64_t tokens);

//  The same, but nobody knows how many it has used: what was taken counts.
void ingress_limits_end_unknown (ingress_limits_t *self);

//  ---- for the client, once fn was called

uint64_t ingress_limits_retry_ms (const ingress_limits_t *self); //  0 unless refused

//  The rates that are nearest to their end. limit 0: not limited.
quota_rate_t ingress_limits_requests (const ingress_limits_t *self);
quota_rate_t ingress_limits_tokens (const ingress_limits_t *self);

#endif
