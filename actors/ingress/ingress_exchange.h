//  ingress_exchange: a request that needs a provider, and its answer: what ties one HTTP
//  call, one call on the bus and the state machine between them together.

#ifndef BR_INGRESS_EXCHANGE_H
#define BR_INGRESS_EXCHANGE_H

#include "actors/ingress/ingress_reply.h"
#include "actors/ingress/ingress_self.h"

#define INGRESS_KEEP_ALIVE_MS 15000 //  silence of a stream before a comment is written

//  A request begins. It answers, now or later, or is told that the client is gone. The
//  guest's texts are copied, of its identity a reference is taken.
void ingress_exchange_begin (ingress_t *self, br_id_t id, br_surface_t surface,
                             const ingress_guest_t *guest);

//  ---- from the bus: a message of the call

void ingress_exchange_reply (ingress_exchange_t *x, const br_msg_t *msg);
void ingress_exchange_fence (ingress_exchange_t *x, const br_msg_t *msg);

//  ---- to all exchanges

void ingress_exchange_host_gone (ingress_t *self, uint32_t host, uint32_t life);
void ingress_exchange_cancel_all (ingress_t *self);

//  Forgets all, without a word to anybody: the HTTP side is gone already.
void ingress_exchange_destroy_all (ingress_t *self);

#endif
