//  idempotency: the one who knows which calls with an Idempotency-Key are under way or
//  answered. It lets the first one go, and tells its answer to all others. It also knows who
//  made what providers keep for later calls.

#ifndef BR_IDEMPOTENCY_H
#define BR_IDEMPOTENCY_H

#include "broker/core/actor.h"

extern const br_actor_t br_idempotency_actor;

#endif
