//  ledger_page: rows that were read from a PostgreSQL or a MariaDB, a page at a time, with
//  their attempts. Knows no database.

#ifndef BR_LEDGER_PAGE_H
#define BR_LEDGER_PAGE_H

#include "broker/ledger/ledger_column.h"
#include "broker/ledger/ledger_store.h"

#define LEDGER_PAGE_ROWS 256 //  entries at the most

typedef struct _ledger_page_t ledger_page_t;

//  "caller destroys"
ledger_page_t *ledger_page_new (void);
void ledger_page_destroy (ledger_page_t **self_p);

//  Takes one row of a table: a value for each of its columns, in their order. Entries come
//  first, all in the order of seq, attempts in that of place, too. An entry with a value that
//  no row of ours can have gets a hash of zeros, which fits nothing.
void ledger_page_add (ledger_page_t *self, const ledger_table_t *table,
                      const ledger_value_t *values);

size_t ledger_page_count (const ledger_page_t *self);   //  entries
uint64_t ledger_page_first (const ledger_page_t *self); //  seq; 0 = none
uint64_t ledger_page_last (const ledger_page_t *self);

//  Tells all entries; what fn gave.
int ledger_page_play (const ledger_page_t *self, ledger_row_fn *fn, void *arg);

//  Reads all rows from seq on, page after page, and tells them: what a kind's `read` does.
//  in:   fetch, adds to an empty page the entries from seq on, at most LEDGER_PAGE_ROWS, and
//        their attempts; 0, or -1 with an error
typedef int (ledger_page_fn) (void *store, uint64_t seq, ledger_page_t *page,
                              br_error_t *reterr);
int ledger_page_read (ledger_page_fn *fetch, void *store, uint64_t seq, ledger_row_fn *fn,
                      void *arg, br_error_t *reterr);

#endif
