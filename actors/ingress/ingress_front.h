//  ingress_front: what comes in over HTTP: who may speak to us, what is asked for, and the
//  answers that need nobody else.

#ifndef BR_INGRESS_FRONT_H
#define BR_INGRESS_FRONT_H

#include "actors/ingress/ingress_self.h"
#include "broker/net/http_server.h"

//  Its arg is an ingress_door_t whose owner is the actor's state.
extern const http_server_handler_t ingress_front_handler;

//  Forgets who waits to be known, without a word: the HTTP side is gone already.
void ingress_front_destroy_all (ingress_t *self);

#endif
