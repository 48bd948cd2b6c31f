//  meter_receipts: what a row on disk says, signed by the node, for the client: call.receipt
//  straight to the ingress that its settle names. A settle that names none costs nothing.

#ifndef BR_METER_RECEIPTS_H
#define BR_METER_RECEIPTS_H

#include "broker/core/actor.h"
#include "actors/meter/meter_batch.h"
#include "actors/meter/meter_book.h"

typedef struct _meter_receipts_t {
    br_ctx_t *ctx;
    ledger_sqlite_t *ledger;
    const ledger_signer_t *signer; //  NULL = there are none
    bool is_told;                  //  the log knows that there are none
} meter_receipts_t;

//  Before a commit's rows are told of. The book is borrowed until all of them are.
void meter_receipts_begin (meter_receipts_t *self, br_ctx_t *ctx,
                           const meter_book_t *book);

//  Of a settle whose row is on disk. When the call had a row before, that row is what the
//  receipt says. Without a key, or with a ledger that cannot be read, there is none: an empty
//  one is sent, so that nobody waits, and the log says so once.
void meter_receipts_send (meter_receipts_t *self, const meter_settle_t *row);

#endif
