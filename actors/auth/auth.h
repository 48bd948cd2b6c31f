//  auth: the owner of identities and budgets: whose a credential is, and what its caller may
//  still spend.

#ifndef BR_AUTH_H
#define BR_AUTH_H

#include "broker/core/actor.h"

extern const br_actor_t br_auth_actor;

#endif
