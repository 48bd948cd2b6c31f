//  ledger_batch: the rows of one transaction, on their way to a PostgreSQL or a MariaDB: those
//  that are not there yet, and their attempts. Knows no database.

#ifndef BR_LEDGER_BATCH_H
#define BR_LEDGER_BATCH_H

#include "broker/core/error.h"
#include "broker/ledger/ledger_column.h"

typedef struct _ledger_batch_t ledger_batch_t;

//  Entries in the order of seq, at least one; borrowed while the batch lives.
//  "caller destroys"
ledger_batch_t *ledger_batch_new (const ledger_entry_t *entries, size_t count);
void ledger_batch_destroy (ledger_batch_t **self_p);

//  The database has a row of this seq: one of the batch, or the one before its first.
//  err:  BR_ESYSTEM when it is another one
int ledger_batch_present (ledger_batch_t *self, uint64_t seq, const void *hash,
                          size_t hash_size, br_error_t *reterr);

//  Whether the first row would stand behind the one before it, once the database has told of
//  all rows from that one on. err: BR_ESYSTEM rows that were there are gone, or that one is
//  another
int ledger_batch_check (const ledger_batch_t *self, br_error_t *reterr);

//  The rows that are to be added, of one of the tables. "owned by self,
//  until next call"
const void *const *ledger_batch_rows (ledger_batch_t *self, const ledger_table_t *table,
                                      size_t *ret_count);

#endif
