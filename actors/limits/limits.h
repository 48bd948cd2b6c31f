//  limits: the owner of all rates and of all slots: what callers, models and providers may
//  use. It lends blocks of them to the shards, who take from those without a question.

#ifndef BR_LIMITS_H
#define BR_LIMITS_H

#include "broker/core/actor.h"

extern const br_actor_t br_limits_actor;

#endif
