//  ledger_schema: the tables of a ledger in SQLite, and the steps that lead to them from any
//  older version. The version is the count of steps taken, kept in the file (user_version).
//
//      entries     the rows, only ever added to: seq, the columns of ledger_columns.h
//      attempts    what belongs to them: seq, place from 0, the columns of a try
//      intents     calls that a provider works on
//      spent       sums of rows that were taken out, by account, key and hour
//      checkpoint  seq and hash of the newest row that was taken out
//      calls       a view: a row a call, in which a lost one gives way to a settled one

#ifndef BR_LEDGER_SCHEMA_H
#define BR_LEDGER_SCHEMA_H

#include <sqlite3.h>

#include "broker/core/error.h"

//  The version that this program writes.
int ledger_schema_version (void);

//  Takes the steps that are missing, all or none. Before that a file of an older version is
//  copied to PATH.vVERSION.bak, mode 0600.
//  in:   path, of the file, or NULL for one in memory
//  err:  BR_ECONFIG: a version newer than ours, or what SQLite says
int ledger_schema_update (sqlite3 *db, const char *path, br_error_t *reterr);

//  Whether the tables are those of this version, for who only reads.
//  err:  BR_ECONFIG
int ledger_schema_check (sqlite3 *db, br_error_t *reterr);

#endif
