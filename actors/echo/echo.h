//  echo: answers each call with the client's last message. It is the actor to copy from,
//  and a provider for trying things out offline.

#ifndef BR_ECHO_H
#define BR_ECHO_H

#include "broker/core/actor.h"

extern const br_actor_t br_echo_actor;

#endif
