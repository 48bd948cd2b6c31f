//  meter_schema: the tables of the ledger, and the steps that lead to them from any older
//  version. The version is the count of steps taken, kept in the file (user_version).

#ifndef BR_METER_SCHEMA_H
#define BR_METER_SCHEMA_H

#include <sqlite3.h>

#include "broker/core/error.h"

//  The version that this program writes.
int meter_schema_version (void);

//  Takes the steps that are missing, all or none.
//  err:  BR_ECONFIG: a version newer than ours, or what SQLite says
int meter_schema_update (sqlite3 *db, br_error_t *reterr);

#endif
