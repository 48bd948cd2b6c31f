//  router: the one place where a call branches. It makes attempts, one after the other,
//  inside the candidates that the call brings along.

#ifndef BR_ROUTER_H
#define BR_ROUTER_H

#include "broker/core/actor.h"

extern const br_actor_t br_router_actor;

#endif
