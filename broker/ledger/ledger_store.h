//  ledger_store: where a ledger's rows are: SQLite, PostgreSQL or MariaDB, behind one table of
//  functions. Rows are only ever added, in the order of seq.

#ifndef BR_LEDGER_STORE_H
#define BR_LEDGER_STORE_H

#include "broker/core/error.h"
#include "broker/ledger/ledger_entry.h"

typedef struct _ledger_store_t ledger_store_t;

//  Told of each row, in order; other than 0 ends the reading.
typedef int (ledger_row_fn) (void *arg, const ledger_entry_t *entry);

//  A kind of database. Each function may block on it; none is called from two threads at the
//  same time.
typedef struct _ledger_kind_t {
    const char *scheme; //  "sqlite", "postgres", "mysql"
    //  Opens it and brings its tables up to date. err: BR_ECONFIG, BR_ESYSTEM
    void *(*open) (const char *url, br_error_t *reterr);
    void (*close) (void **self_p);
    //  Adds rows in one transaction; one that is there already, by seq, with the same hash
    //  is as good. The row before the first must be there. err: BR_ESYSTEM; then nothing was
    //  added
    int (*add) (void *self, const ledger_entry_t *entries, size_t count,
                br_error_t *reterr);
    //  The newest row; seq 0 when there is none.
    int (*last) (void *self, uint64_t *ret_seq, uint8_t *ret_hash, br_error_t *reterr);
    //  Rows from seq on.
    int (*read) (void *self, uint64_t seq, ledger_row_fn *fn, void *arg,
                 br_error_t *reterr);
} ledger_kind_t;

//  The kind of an address, without opening it. err: BR_ECONFIG, as ledger_store_new
const ledger_kind_t *ledger_store_kind (const char *url, br_error_t *reterr);

//  "sqlite://PATH?mode=rwc", "postgres://...", "postgresql://...", "mysql://..."
//  "caller destroys"
//  err:  BR_ECONFIG no such kind, or it was left out when bitrouter was built
ledger_store_t *ledger_store_new (const char *url, br_error_t *reterr);
void ledger_store_destroy (ledger_store_t **self_p);

int ledger_store_add (ledger_store_t *self, const ledger_entry_t *entries, size_t count,
                      br_error_t *reterr);
int ledger_store_last (ledger_store_t *self, uint64_t *ret_seq, uint8_t *ret_hash,
                       br_error_t *reterr);
int ledger_store_read (ledger_store_t *self, uint64_t seq, ledger_row_fn *fn, void *arg,
                       br_error_t *reterr);

#endif
