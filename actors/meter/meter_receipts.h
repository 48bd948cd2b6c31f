//  meter_receipts: what a row on disk says, signed by the node, for the client: call.receipt
//  straight to the ingress that its settle names. A settle that names none costs nothing.

#ifndef BR_METER_RECEIPTS_H
#define BR_METER_RECEIPTS_H

#include "broker/core/actor.h"
#include "actors/meter/meter_batch.h"
#include "actors/meter/meter_book.h"

#define METER_RECEIPTS_WAITING 8192 //  settles that wait to be signed, count
#define METER_RECEIPTS_TURN 16      //  that are signed in one turn: some 0.5 ms

//  Its members are its own. All zero is an empty one.
typedef struct _meter_receipts_t {
    br_ctx_t *ctx;
    const meter_book_t *book; //  NULL before the first
    struct _meter_receipts_row_t *first;
    struct _meter_receipts_row_t **last;
    size_t waiting; //  rows, count
    bool is_armed;  //  a turn is to come
    bool is_amiss;  //  the log knows that there are none
} meter_receipts_t;

void meter_receipts_init (meter_receipts_t *self, br_ctx_t *ctx);

//  From now on rows are those of this book, which is borrowed; NULL for none. Those that wait
//  are signed before.
void meter_receipts_use (meter_receipts_t *self, const meter_book_t *book);

//  Of a settle whose row is on disk; it is signed in a later turn, so that rows are told
//  without waiting for signatures. When the call had a row before, that row is what the
//  receipt says. Without a key, or with a ledger that cannot be read, there is none: an empty
//  one is sent, so that nobody waits; the log tells the first time, and the recovery.
void meter_receipts_send (meter_receipts_t *self, const meter_settle_t *row);

//  Forgets what waits.
void meter_receipts_free (meter_receipts_t *self);

#endif
