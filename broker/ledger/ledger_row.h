//  ledger_row: between a row's struct and a statement of SQLite, by the table of columns.

#ifndef BR_LEDGER_ROW_H
#define BR_LEDGER_ROW_H

#include <sqlite3.h>

#include "broker/core/buf.h"
#include "broker/ledger/ledger_column.h"

//  The two statements that add a row, or that read rows: of entries, and of its attempts.
typedef struct _ledger_row_t {
    sqlite3_stmt *entry;
    sqlite3_stmt *tries;
    br_buf_t texts; //  of the attempts of the row that was read last
} ledger_row_t;

//  A call's id as 16 bytes in network order, and back.
void ledger_row_call (br_id_t call, uint8_t ret_bytes[16]);
br_id_t ledger_row_call_of (const uint8_t bytes[16]);

//  Prepares statements that add. "caller frees with ledger_row_free", after a failure too.
//  Returns SQLite's code.
int ledger_row_writer (ledger_row_t *self, sqlite3 *db);

//  Prepares statements that read. where ends the statement: "WHERE seq >= ? ORDER BY seq".
int ledger_row_reader (ledger_row_t *self, sqlite3 *db, const char *where);
void ledger_row_free (ledger_row_t *self);

//  Adds a row as it is, within a transaction. Returns SQLITE_DONE, or its code.
int ledger_row_add (ledger_row_t *self, const ledger_entry_t *entry);

//  Reads the next row; its texts hold until the next call. Returns SQLITE_ROW, SQLITE_DONE,
//  or its code. A row with a value that no row of ours can have gets a hash of zeros, which
//  fits nothing.
int ledger_row_next (ledger_row_t *self, ledger_entry_t *ret_entry);

#endif
