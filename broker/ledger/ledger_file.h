//  ledger_file: the address of a ledger's SQLite file, and an open connection to it. It
//  knows no table.

#ifndef BR_LEDGER_FILE_H
#define BR_LEDGER_FILE_H

#include <limits.h>
#include <stdbool.h>

#include <sqlite3.h>

#include "broker/core/error.h"

#define LEDGER_BUSY_MS 200 //  how long another process may hold the file

typedef struct _ledger_file_t {
    char path[PATH_MAX];
    bool create;    //  when there is no such file
    bool read_only; //  nothing of it is changed, its tables neither
    bool in_memory; //  no file at all: gone at the end, for tests
} ledger_file_t;

//  Reads "sqlite://PATH?mode=rwc". Without a mode, or with rwc, the file is made when it
//  is missing; with rw it must be there; with ro it is only read.
//  err:  BR_ECONFIG; the text holds nothing of the address, but the option
int ledger_file_parse (const char *url, ledger_file_t *ret_file, br_error_t *reterr);

//  Opens the file with mode 0600, in WAL, each commit synced. The journal beside it gets
//  the same mode. "caller closes with sqlite3_close". NULL on error.
//  err:  BR_ECONFIG with path and reason
sqlite3 *ledger_file_open (const ledger_file_t *self, br_error_t *reterr);

#endif
