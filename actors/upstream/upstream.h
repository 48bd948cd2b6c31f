//  upstream: one provider: its connections and its credential. One actor for each, named
//  "upstream/PROVIDER".

#ifndef BR_UPSTREAM_H
#define BR_UPSTREAM_H

#include "broker/core/actor.h"

extern const br_actor_t br_upstream_actor;

#endif
