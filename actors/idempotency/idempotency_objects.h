//  idempotency_objects: what ingresses tell and ask of objects that providers keep: messages
//  in front of `makers`. Links are independent, so that a question may overtake
//  what answers it: one about an object that nobody knows is held for a moment before it is
//  answered with no.
//  src:  docs/rfc/4-CALL.md, Stored objects

#ifndef BR_IDEMPOTENCY_OBJECTS_H
#define BR_IDEMPOTENCY_OBJECTS_H

#include "broker/core/actor.h"

#define IDEMPOTENCY_OBJECTS_MAX 65536 //  that are remembered
#define IDEMPOTENCY_HOLD_MS 100       //  until a question is answered with no
#define IDEMPOTENCY_HELD_MAX 4096     //  questions; more are answered at once
#define IDEMPOTENCY_ASKED_MS 2000     //  after which nobody waits for an answer

typedef struct _idempotency_objects_t idempotency_objects_t;

//  "caller destroys"; ctx is borrowed.
idempotency_objects_t *idempotency_objects_new (br_ctx_t *ctx);
void idempotency_objects_destroy (idempotency_objects_t **self_p);

//  ---- from the bus

void idempotency_objects_on_keep (idempotency_objects_t *self, const br_msg_t *msg);
void idempotency_objects_on_ask (idempotency_objects_t *self, const br_msg_t *msg);

//  Questions of that host are dropped.
void idempotency_objects_gone (idempotency_objects_t *self, uint32_t host, uint32_t life);

//  ---- figures

size_t idempotency_objects_count (const idempotency_objects_t *self); //  that are known
size_t idempotency_objects_bytes (const idempotency_objects_t *self);
size_t idempotency_objects_asked (const idempotency_objects_t *self); //  that are held

#endif
