//  ingress_receipts: what the meter says, signed, of calls whose clients are to have it. A
//  receipt may come before the end of the answer, or after it: then the end waits, for a
//  bounded time.
//  src:  docs/rfc/4-CALL.md, Receipts

#ifndef BR_INGRESS_RECEIPTS_H
#define BR_INGRESS_RECEIPTS_H

#include <stdbool.h>

#include "broker/core/actor.h"

#define INGRESS_RECEIPT_WAIT_MS 2000 //  from the end of an answer

typedef struct _ingress_receipts_t ingress_receipts_t; //  of an ingress
typedef struct _ingress_receipt_t ingress_receipt_t;   //  that of one call

//  For at most max calls. "caller destroys", after all receipts were dropped; ctx is
//  borrowed.
ingress_receipts_t *ingress_receipts_new (br_ctx_t *ctx, size_t max);
void ingress_receipts_destroy (ingress_receipts_t **self_p);

//  From now on that of the call, which must not be expected already, is kept when it comes.
//  "caller drops"
ingress_receipt_t *ingress_receipts_expect (ingress_receipts_t *self, br_id_t call);

//  Nobody waits for it any more. *self_p becomes NULL, and may be.
void ingress_receipt_drop (ingress_receipt_t **self_p);

//  A receipt has come. msg: call.receipt; of calls that do not expect one it is ignored.
//  One that is no visible ASCII, or too long, counts as none.
void ingress_receipts_on_told (ingress_receipts_t *self, const br_msg_t *msg);

//  A host is gone. Where there is no meter any more, nobody waits on.
void ingress_receipts_gone (ingress_receipts_t *self);

//  Nobody waits any more, now or later: we are about to stop.
void ingress_receipts_close (ingress_receipts_t *self);

//  "" while none has come; "owned by self".
const char *ingress_receipt_text (const ingress_receipt_t *self);

//  It has come, or will not come in time. Never called from inside ingress_receipt_wait.
typedef void (ingress_receipt_fn) (void *arg);

//  Waits for it. Returns false when there is nothing to wait for: it is here, there is no
//  meter, or we are about to stop. Only once. arg is borrowed.
bool ingress_receipt_wait (ingress_receipt_t *self, ingress_receipt_fn *fn, void *arg);

#endif
