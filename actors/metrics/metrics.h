//  metrics: the actor that counts calls for those who watch. See README.md.

#ifndef BR_METRICS_H
#define BR_METRICS_H

#include "broker/core/actor.h"

extern const br_actor_t br_metrics_actor;

#endif
