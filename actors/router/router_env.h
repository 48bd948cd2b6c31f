//  router_env: what all open calls of a router share.

#ifndef BR_ROUTER_ENV_H
#define BR_ROUTER_ENV_H

#include "broker/core/quota.h"
#include "actors/router/router_breaker.h"
#include "actors/router/router_choose.h"
#include "actors/router/router_health.h"
#include "actors/router/router_rules.h"
#include "actors/router/router_settle.h"

struct _router_open_t;

//  "owned by the router"
typedef struct _router_env_t {
    br_ctx_t *ctx;
    router_settle_t *settles;
    router_endpoints_t *endpoints;
    router_health_t *health;
    router_breaker_t *breaker;
    router_turns_t *turns;
    quota_t *quota;
    router_rules_t *rules;
    //  What a call waited for by itself is here: hand it ROUTER_DELAYED, and see whether it
    //  has ended.
    void (*wake) (void *arg, struct _router_open_t *call);
    void *arg;
} router_env_t;

#endif
