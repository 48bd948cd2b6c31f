//  ledger_world: a folder for one test's ledger, rows for it, and a look into its file from
//  outside.

#ifndef BR_TEST_LEDGER_WORLD_H
#define BR_TEST_LEDGER_WORLD_H

#include "broker/ledger/ledger_sqlite.h"

typedef struct _world_t {
    char folder[64];
    char path[80];   //  of the database
    char url[120];   //  its address
    char head[80];   //  a file that is not there yet
    char key[80];    //  likewise
    char text[8192]; //  of the last world_text
} world_t;

//  For cmocka: a fresh folder without a database.
int world_setup (void **state);
int world_teardown (void **state);

//  The database of the path. "caller destroys"
ledger_sqlite_t *world_ledger (const world_t *self);

//  All rows, columns parted by | and rows by a space, by a connection of its own. "owned by
//  self, until next call"
const char *world_text (world_t *self, const char *sql);
int64_t world_number (world_t *self, const char *sql);

//  A call that ended well, with two attempts and a text in each column. n makes it differ.
ledger_entry_t world_entry (uint64_t n);

//  Adds so many of them in one transaction, from n on.
void world_add (ledger_sqlite_t *ledger, uint64_t n, uint64_t count);

#endif
