//  inside: an actor "router" that only lends its window, for tests of the router's parts on
//  a stage. Messages that come for it are kept.

#ifndef BR_TESTS_ROUTER_INSIDE_H
#define BR_TESTS_ROUTER_INSIDE_H

#include "broker/core/actor.h"

//  Called for each message; arg is what inside_listen was told last.
typedef void (inside_fn) (void *arg, const br_msg_t *msg);

extern const br_actor_t inside_actor;

void inside_listen (br_ctx_t *ctx, inside_fn *fn, void *arg);

#endif
