//  router_rules: the slice of the router, read once: how often and when attempts are made
//  again, and which providers have limits of ours. What is absent has its default.

#ifndef BR_ROUTER_RULES_H
#define BR_ROUTER_RULES_H

#include <stdbool.h>

#include "broker/core/error.h"
#include "actors/router/router_plan.h"

typedef struct _router_rules_t router_rules_t;

//  All defaults. "caller destroys"
router_rules_t *router_rules_new (void);

//  Reads a slice (JSON). "caller destroys". err: BR_ECONFIG naming the member
router_rules_t *router_rules_parse (const char *slice, br_error_t *reterr);
void router_rules_destroy (router_rules_t **self_p);

const router_retry_t *router_rules_retry (const router_rules_t *self); //  "owned by self"
bool router_rules_has_affinity (const router_rules_t *self);

//  Whether attempts at this model have to ask for a share of the provider's limits.
bool router_rules_is_limited (const router_rules_t *self, const char *provider,
                              const char *model);

#endif
