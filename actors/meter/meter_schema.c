//  meter_schema: the tables of the ledger.
//
//  A step is never changed once it was released: what is to be different becomes a new
//  step at the end.

#include <stdio.h>

#include "actors/meter/meter_schema.h"

static const char *const s_steps[] = {
    //  1: one row for each call that is over. Names end with their unit; nusd: nano-USD.
    "CREATE TABLE calls ("
    " call_id BLOB NOT NULL PRIMARY KEY," //  16 bytes, network order: grows with time
    " request_id TEXT NOT NULL,"
    " route TEXT NOT NULL,"
    " provider TEXT NOT NULL,"
    " model TEXT NOT NULL,"
    " outcome TEXT NOT NULL,"    //  ok, failed, cancelled, lost
    " status INTEGER NOT NULL,"  //  HTTP, 0 = none
    " error_type TEXT NOT NULL," //  empty = none
    " stream INTEGER NOT NULL,"
    " attempts INTEGER NOT NULL,"
    " usage_known INTEGER NOT NULL," //  1 = counted by the provider
    " input_tokens INTEGER NOT NULL,"
    " cache_read_tokens INTEGER NOT NULL,"
    " cache_write_tokens INTEGER NOT NULL,"
    " output_tokens INTEGER NOT NULL,"
    " reasoning_tokens INTEGER NOT NULL,"
    " cost_nusd INTEGER,"     //  owed by the caller; NULL = unknown
    " operator_nusd INTEGER," //  worth of the provider's tokens; NULL = unknown
    " started_ms INTEGER NOT NULL,"
    " latency_us INTEGER NOT NULL,"
    " first_us INTEGER NOT NULL,"
    " settled_ms INTEGER NOT NULL"
    ") WITHOUT ROWID",
    //  2: calls that a provider works on, and the life of the host whose router asked.
    "CREATE TABLE intents ("
    " call_id BLOB NOT NULL PRIMARY KEY,"
    " request_id TEXT NOT NULL,"
    " route TEXT NOT NULL,"
    " provider TEXT NOT NULL,"
    " model TEXT NOT NULL,"
    " attempt INTEGER NOT NULL,"
    " started_ms INTEGER NOT NULL,"
    " host INTEGER NOT NULL,"
    " life INTEGER NOT NULL"
    ") WITHOUT ROWID",
};

#define STEPS ((int) (sizeof s_steps / sizeof *s_steps))

int
meter_schema_version (void)
{
    return STEPS;
}

static int
s_read_version (sqlite3 *db, int *ret_version)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2 (db, "PRAGMA user_version", -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step (stmt);
    if (rc == SQLITE_ROW)
        *ret_version = sqlite3_column_int (stmt, 0);
    sqlite3_finalize (stmt);
    return rc == SQLITE_ROW ? 0 : -1;
}

//  Within a transaction.
static int
s_take_steps (sqlite3 *db, int version)
{
    for (int i = version; i < STEPS; i++)
        if (sqlite3_exec (db, s_steps[i], NULL, NULL, NULL) != SQLITE_OK)
            return -1;
    char sql[64];
    snprintf (sql, sizeof sql, "PRAGMA user_version = %d; COMMIT", STEPS);
    return sqlite3_exec (db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

int
meter_schema_update (sqlite3 *db, br_error_t *reterr)
{
    int version = 0;
    int rc = -1;
    if (sqlite3_exec (db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK)
        rc = s_read_version (db, &version);
    if (rc == 0 && version < STEPS)
        rc = s_take_steps (db, version);
    if (rc)
        br_error_set (reterr, BR_ECONFIG, "the ledger's tables cannot be made: %.256s",
                      sqlite3_errmsg (db));
    else if (version > STEPS)
        rc = br_error_set (
            reterr, BR_ECONFIG,
            "the ledger was written by a newer bitrouter (version %d of its "
            "tables, this one knows %d): update bitrouter",
            version, STEPS);
    if (!sqlite3_get_autocommit (db))
        sqlite3_exec (db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}
