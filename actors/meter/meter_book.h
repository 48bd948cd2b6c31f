//  meter_book: the ledger that a slice names: the file that is written, the signed head
//  beside it, and the copying to another database when the file is only its spool.

#ifndef BR_METER_BOOK_H
#define BR_METER_BOOK_H

#include "broker/core/json.h"
#include "broker/ledger/ledger_head.h"
#include "broker/ledger/ledger_sqlite.h"
#include "actors/meter/meter_replica.h"

#define METER_KEEP_MS (7ull * 24 * 3600 * 1000) //  for rows of a spool that were copied
#define METER_PRUNE_MAX 1000                    //  rows taken out at once

typedef struct _meter_book_t meter_book_t;

//  Opens what the members "database", "spool", "head" and "node_key" of a slice name.
//  "caller destroys". err: BR_ECONFIG
meter_book_t *meter_book_new (const char *slice, br_error_t *reterr);
void meter_book_destroy (meter_book_t **self_p);

//  Whether a slice names the same things. False for one that names none.
bool meter_book_is (const meter_book_t *self, const char *slice);

//  The file that is written. "owned by self"
ledger_sqlite_t *meter_book_ledger (const meter_book_t *self);

//  The node's key. "owned by self", or NULL: nothing is signed
const ledger_signer_t *meter_book_signer (const meter_book_t *self);

//  Compares the file's end with the head that is there. err: BR_EINVALID with what does not
//  fit: rows are missing or were changed; that head is kept aside as PATH.wrong
int meter_book_check (meter_book_t *self, br_error_t *reterr);

//  Signs the newest row, unless it is signed already. Without a head nothing happens.
//  in:   now_ms, unix time
int meter_book_sign (meter_book_t *self, uint64_t now_ms, br_error_t *reterr);

//  Begins to copy, when the file is a spool.
int meter_book_start (meter_book_t *self, br_error_t *reterr);
meter_replica_t *meter_book_replica (const meter_book_t *self); //  NULL = no spool

//  Takes out rows of a spool that were copied and are old.
//  out:  *ret_more, there may be more of them
int meter_book_prune (meter_book_t *self, uint64_t now_ms, bool *ret_more,
                      br_error_t *reterr);

#endif
