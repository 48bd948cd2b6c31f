//  meter_database: the address of the ledger's database, and an open connection to it. It
//  knows no table.

#ifndef BR_METER_DATABASE_H
#define BR_METER_DATABASE_H

#include <limits.h>
#include <stdbool.h>

#include <sqlite3.h>

#include "broker/core/error.h"

#define METER_BUSY_MS 200 //  how long another process may hold the file

typedef struct _meter_database_t {
    char path[PATH_MAX];
    bool create;    //  when there is no such file
    bool in_memory; //  no file at all: gone at the end, for tests
} meter_database_t;

//  Reads "sqlite://PATH?mode=rwc". Without a mode, or with rwc, the file is made when it
//  is missing; with rw it must be there; ro is refused, since a ledger is written.
//  err:  BR_ECONFIG; the text never holds a postgres:// or mysql:// address, which may
//        carry a password
int meter_database_parse (const char *url, meter_database_t *ret_database,
                          br_error_t *reterr);

//  Opens the file with mode 0600, in WAL, each commit synced. The journal beside it gets
//  the same mode. "caller closes with sqlite3_close". NULL on error.
//  err:  BR_ECONFIG with path and reason
sqlite3 *meter_database_open (const meter_database_t *self, br_error_t *reterr);

#endif
