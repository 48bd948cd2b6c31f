//  idempotency_answer: one answer, as a client got it: its head, and the bytes of its body
//  as they were written. It is recorded piece by piece, sealed once it is whole, and then
//  told as often as it is wanted. Shared: the last one to let go frees it.

#ifndef BR_IDEMPOTENCY_ANSWER_H
#define BR_IDEMPOTENCY_ANSWER_H

#include <stdbool.h>

#include "broker/core/blob.h"
#include "broker/core/verbs.h"

typedef struct _idempotency_answer_t idempotency_answer_t;

//  An empty answer, for a body of at most max bytes. "caller destroys"
idempotency_answer_t *idempotency_answer_new (size_t max);

//  One more reference. Returns self.
idempotency_answer_t *idempotency_answer_ref (idempotency_answer_t *self);

//  Lets one reference go.
void idempotency_answer_destroy (idempotency_answer_t **self_p);

//  ---- while it is recorded

//  Copies the head; a second one takes the place of the first.
void idempotency_answer_head (idempotency_answer_t *self,
                              const struct br_idem_head *head);

//  Copies bytes behind those that are there. Past the maximum all bytes are dropped, and
//  the answer can no longer be sealed.
void idempotency_answer_part (idempotency_answer_t *self, const br_blob_t *body);

//  Gives up: it can no longer be sealed, and holds nothing.
void idempotency_answer_spoil (idempotency_answer_t *self);

//  It is whole. False when it is none that may be told again: without a head, no success,
//  or too long.
bool idempotency_answer_seal (idempotency_answer_t *self);

//  ---- what is in it

//  Bytes of its head and body.
size_t idempotency_answer_bytes (const idempotency_answer_t *self);

//  Sealed ones only. Fills what a head says of an answer; texts are "owned by self".
void idempotency_answer_show (const idempotency_answer_t *self,
                              struct br_reply_head *head);
br_blob_t *idempotency_answer_body (const idempotency_answer_t *self); //  or NULL

#endif
