//  breaker: the owner of the state of each endpoint. Routers tell it how endpoints do; it
//  tells all of them which are out of use, and which call may try one again.

#ifndef BR_BREAKER_H
#define BR_BREAKER_H

#include "broker/core/actor.h"

extern const br_actor_t br_breaker_actor;

#endif
