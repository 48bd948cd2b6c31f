//  scratch: a folder for one test's database, and a look into it from outside.

#ifndef BR_TEST_SCRATCH_H
#define BR_TEST_SCRATCH_H

#include <limits.h>
#include <stdint.h>

#include "broker/ledger/ledger_sqlite.h"

typedef struct _scratch_t {
    char folder[64];
    char path[80];   //  of the database
    char url[120];   //  its address
    char head[80];   //  a file that is not there yet
    char key[80];    //  likewise
    char text[4096]; //  of the last scratch_text
} scratch_t;

//  A fresh folder without a database.
void scratch_make (scratch_t *self);
void scratch_remove (scratch_t *self);

//  The database of the path. "caller destroys"
ledger_sqlite_t *scratch_ledger (const scratch_t *self);

//  The first column of the first row, by a connection of its own.
int64_t scratch_number (const scratch_t *self, const char *sql);

//  All rows, columns parted by | and rows by a space. "owned by self, until next call"
const char *scratch_text (scratch_t *self, const char *sql);

//  A settle that ended well: 1000 tokens in, 100 out, of openai/gpt-4o.
struct br_call_settle scratch_settle (void);
struct br_call_intent scratch_intent (void);

#endif
