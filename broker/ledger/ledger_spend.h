//  ledger_spend: what was spent since a time, from a ledger in SQLite, and the taking out of
//  old rows, whose sums it keeps by account, key and hour.

#ifndef BR_LEDGER_SPEND_H
#define BR_LEDGER_SPEND_H

#include <sqlite3.h>

#include "broker/ledger/ledger_entry.h"

#define LEDGER_HOUR_MS 3600000 //  what sums of rows that were taken out are kept by

typedef struct _ledger_spend_t ledger_spend_t;

typedef struct _ledger_spent_t {
    uint64_t seq;    //  the newest row that is in it
    uint64_t nusd;   //  of the rows whose cost is known
    uint64_t rounds; //  calls that ended well, count
} ledger_spent_t;

//  db is borrowed while it lives. path, for error texts. "caller destroys". err: BR_ECONFIG
ledger_spend_t *ledger_spend_new (sqlite3 *db, const char *path, br_error_t *reterr);
void ledger_spend_destroy (ledger_spend_t **self_p);

//  Of rows that were taken out the whole hour counts that since_ms lies in.
//  in:   key, "" for all of the account; since_ms, unix time, by when a call was settled
//  err:  BR_ESYSTEM
int ledger_spend_since (ledger_spend_t *self, const char *account, const char *key,
                        uint64_t since_ms, ledger_spent_t *ret_spent, br_error_t *reterr);

//  Takes out rows from the first one on, in a transaction of its own, and adds them to the
//  sums: those up to a seq that were settled before a time, so many at the most. The newest
//  row of all stays.
//  out:  *ret_count, of rows
//  err:  BR_ESYSTEM; then nothing changed
int ledger_spend_prune (ledger_spend_t *self, uint64_t upto, uint64_t before_ms,
                        size_t max, size_t *ret_count, br_error_t *reterr);

//  The newest row that was taken out; seq 0 and zeros when there is none.
int ledger_spend_checkpoint (ledger_spend_t *self, uint64_t *ret_seq, uint8_t *ret_hash,
                             br_error_t *reterr);

#endif
