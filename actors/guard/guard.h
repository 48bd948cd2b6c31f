//  guard: looks for secrets, personal data and dangerous words in what goes up and down, and
//  warns, redacts or blocks. What is looked for and how is broker/guard's; here are the
//  messages in front of it.

#ifndef BR_GUARD_H
#define BR_GUARD_H

#include "broker/core/actor.h"

extern const br_actor_t br_guard_actor;

#endif
