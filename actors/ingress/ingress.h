//  ingress: the door for clients. It takes their requests, finds out what they ask for,
//  and hands down what comes back. See README.md.

#ifndef BR_INGRESS_H
#define BR_INGRESS_H

#include "broker/core/actor.h"

extern const br_actor_t br_ingress_actor;

#endif
