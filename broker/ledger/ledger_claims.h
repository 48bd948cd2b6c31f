//  ledger_claims: what a receipt says: the members of its payload. Knows no signature.

#ifndef BR_LEDGER_CLAIMS_H
#define BR_LEDGER_CLAIMS_H

#include "broker/core/json_writer.h"
#include "broker/ledger/ledger_receipt.h"

//  Writes them into an object that is open. Texts over 255 bytes are cut at a character's
//  end; a byte that is no UTF-8 becomes U+FFFD.
void ledger_claims_put (const ledger_receipt_t *self, json_writer_t *writer);

//  Reads them from an object. Each must be there once and be what it must be; members that
//  nobody knows are ignored.
//  out:  *ret_receipt, texts in the arena
//  err:  BR_EINVALID
int ledger_claims_get (ledger_receipt_t *ret_receipt, const void *json, size_t size,
                       br_arena_t *arena, br_error_t *reterr);

//  Holds a receipt against the ledger's row of its seq.
//  ret:  NULL when it says what the row says; else the name of the first member that does
//        not fit; "prev_hash" also when the row does not stand behind that hash
const char *ledger_claims_differ (const ledger_receipt_t *self,
                                  const ledger_entry_t *row);

#endif
