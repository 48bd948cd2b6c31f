//  ledger_schema: the tables of the ledger.
//
//  A step is never changed once it was released: what is to be different becomes a new
//  step at the end.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/ledger/ledger_row.h"
#include "broker/ledger/ledger_schema.h"

#define CALL_BYTES 16

//  Columns of an old row that a new one has under the same name, and those that came later.
#define OLD_COLUMNS                                                                      \
    " call_id, request_id, route, provider, model, outcome, status, error_type, stream," \
    " attempts, usage_known, input_tokens, cache_read_tokens, cache_write_tokens,"       \
    " output_tokens, reasoning_tokens, cost_nusd, operator_nusd, started_ms, "           \
    "latency_us,"                                                                        \
    " first_us, settled_ms"
#define NEW_COLUMNS                                                                      \
    " seq, is_lost, account, key_id, session, run, agent, step, trace, surface,"         \
    " cache_write_1h_tokens, audio_input_tokens, audio_output_tokens, price_version,"    \
    " elsewhere_us, hash"
#define WHO(name) "ALTER TABLE intents ADD COLUMN " name " TEXT NOT NULL DEFAULT '';"

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
    //  3: rows in a chain. Older ones get their places in it from s_chain_up.
    "ALTER TABLE calls RENAME TO calls_2;"
    "CREATE TABLE entries ("
    " seq INTEGER PRIMARY KEY," //  1 and up, without a gap
    " call_id BLOB NOT NULL,"
    " is_lost INTEGER NOT NULL," //  1 = nobody settled it
    " request_id TEXT NOT NULL,"
    " route TEXT NOT NULL,"
    " provider TEXT NOT NULL,"
    " model TEXT NOT NULL,"
    " account TEXT NOT NULL,"
    " key_id TEXT NOT NULL,"
    " session TEXT NOT NULL,"
    " run TEXT NOT NULL,"
    " agent TEXT NOT NULL,"
    " step TEXT NOT NULL,"
    " trace TEXT NOT NULL,"
    " surface TEXT NOT NULL,"
    " outcome TEXT NOT NULL,"
    " error_type TEXT NOT NULL,"
    " status INTEGER NOT NULL,"
    " stream INTEGER NOT NULL,"
    " attempts INTEGER NOT NULL,"
    " usage_known INTEGER NOT NULL,"
    " input_tokens INTEGER NOT NULL,"
    " cache_read_tokens INTEGER NOT NULL,"
    " cache_write_tokens INTEGER NOT NULL,"
    " output_tokens INTEGER NOT NULL,"
    " reasoning_tokens INTEGER NOT NULL,"
    " cache_write_1h_tokens INTEGER NOT NULL,"
    " audio_input_tokens INTEGER NOT NULL,"
    " audio_output_tokens INTEGER NOT NULL,"
    " cost_nusd INTEGER,"
    " operator_nusd INTEGER,"
    " price_version TEXT NOT NULL,"
    " started_ms INTEGER NOT NULL,"
    " latency_us INTEGER NOT NULL,"
    " first_us INTEGER NOT NULL,"
    " elsewhere_us INTEGER NOT NULL,"
    " settled_ms INTEGER NOT NULL,"
    " hash BLOB NOT NULL"
    ");"
    "CREATE UNIQUE INDEX entries_call ON entries (call_id, is_lost);"
    "CREATE INDEX entries_account ON entries (account, settled_ms) WHERE account <> '';"
    "CREATE INDEX entries_key ON entries (key_id, settled_ms) WHERE key_id <> '';"
    "CREATE INDEX entries_session ON entries (session, settled_ms) WHERE session <> '';"
    "CREATE INDEX entries_run ON entries (run, settled_ms) WHERE run <> '';"
    "CREATE TABLE attempts ("
    " seq INTEGER NOT NULL,"
    " place INTEGER NOT NULL,"
    " attempt INTEGER NOT NULL,"
    " provider TEXT NOT NULL,"
    " endpoint TEXT NOT NULL,"
    " model TEXT NOT NULL,"
    " outcome INTEGER NOT NULL,"
    " code INTEGER NOT NULL,"
    " status INTEGER NOT NULL,"
    " after_us INTEGER NOT NULL,"
    " latency_us INTEGER NOT NULL,"
    " first_us INTEGER NOT NULL,"
    " usage_known INTEGER NOT NULL,"
    " input_tokens INTEGER NOT NULL,"
    " cache_read_tokens INTEGER NOT NULL,"
    " cache_write_tokens INTEGER NOT NULL,"
    " output_tokens INTEGER NOT NULL,"
    " reasoning_tokens INTEGER NOT NULL,"
    " cache_write_1h_tokens INTEGER NOT NULL,"
    " audio_input_tokens INTEGER NOT NULL,"
    " audio_output_tokens INTEGER NOT NULL,"
    " PRIMARY KEY (seq, place)"
    ") WITHOUT ROWID;"
    "CREATE TABLE spent ("
    " account TEXT NOT NULL,"
    " key_id TEXT NOT NULL,"
    " hour_ms INTEGER NOT NULL," //  unix, the hour's beginning
    " rows INTEGER NOT NULL,"
    " rounds INTEGER NOT NULL," //  of them, those that ended well
    " nusd INTEGER NOT NULL,"
    " input_tokens INTEGER NOT NULL,"
    " output_tokens INTEGER NOT NULL,"
    " PRIMARY KEY (account, key_id, hour_ms)"
    ") WITHOUT ROWID;"
    "CREATE TABLE checkpoint ("
    " id INTEGER PRIMARY KEY CHECK (id = 1),"
    " seq INTEGER NOT NULL,"
    " hash BLOB NOT NULL"
    ");" WHO ("account") WHO ("key_id") WHO ("session") WHO ("run") WHO ("agent")
        WHO ("step") WHO ("trace") "CREATE VIEW calls AS SELECT" OLD_COLUMNS
                                   "," NEW_COLUMNS
                                   " FROM entries AS e WHERE is_lost = 0 OR NOT EXISTS"
                                   " (SELECT 1 FROM entries AS s WHERE s.call_id ="
                                   " e.call_id AND s.is_lost = 0)",
};

#define STEPS ((int) (sizeof s_steps / sizeof *s_steps))

int
ledger_schema_version (void)
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

//  ---- step 3: rows of calls get their places in the chain

static const char *
s_text (sqlite3_stmt *stmt, int column)
{
    const char *text = (const char *) sqlite3_column_text (stmt, column);
    return text ? text : "";
}

static uint64_t
s_number (sqlite3_stmt *stmt, int column)
{
    return (uint64_t) sqlite3_column_int64 (stmt, column);
}

static int64_t
s_nusd (sqlite3_stmt *stmt, int column)
{
    return sqlite3_column_type (stmt, column) == SQLITE_NULL
               ? LEDGER_UNKNOWN
               : sqlite3_column_int64 (stmt, column);
}

//  Columns are in the order of OLD_COLUMNS.
static void
s_read_old (sqlite3_stmt *stmt, ledger_entry_t *entry)
{
    uint8_t call[CALL_BYTES] = { 0 };
    int size = sqlite3_column_bytes (stmt, 0);
    const void *bytes = sqlite3_column_blob (stmt, 0);
    if (size > 0)
        memcpy (call, bytes, size < CALL_BYTES ? (size_t) size : CALL_BYTES);
    ledger_entry_init (entry);
    entry->call = ledger_row_call_of (call);
    entry->request_id = s_text (stmt, 1);
    entry->route = s_text (stmt, 2);
    entry->provider = s_text (stmt, 3);
    entry->model = s_text (stmt, 4);
    entry->outcome = s_text (stmt, 5);
    entry->is_lost = strcmp (entry->outcome, "lost") == 0;
    entry->status = (unsigned) s_number (stmt, 6);
    entry->error_type = s_text (stmt, 7);
    entry->stream = s_number (stmt, 8) != 0;
    entry->attempts = (unsigned) s_number (stmt, 9);
    entry->usage.known = s_number (stmt, 10) != 0;
    entry->usage.input = s_number (stmt, 11);
    entry->usage.cache_read = s_number (stmt, 12);
    entry->usage.cache_write = s_number (stmt, 13);
    entry->usage.output = s_number (stmt, 14);
    entry->usage.reasoning = s_number (stmt, 15);
    entry->cost_nusd = s_nusd (stmt, 16);
    entry->operator_nusd = s_nusd (stmt, 17);
    entry->started_ms = s_number (stmt, 18);
    entry->latency_us = s_number (stmt, 19);
    entry->first_us = s_number (stmt, 20);
    entry->settled_ms = s_number (stmt, 21);
}

//  Returns SQLITE_DONE, or SQLite's code.
static int
s_chain_up (sqlite3 *db)
{
    static const char sql[] = "SELECT" OLD_COLUMNS
                              " FROM calls_2 ORDER BY settled_ms, call_id";
    uint8_t hash[LEDGER_HASH] = { 0 };
    ledger_entry_t *entry = BR_NEW (ledger_entry_t);
    ledger_row_t writer;
    sqlite3_stmt *stmt = NULL;
    int rc = ledger_row_writer (&writer, db);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2 (db, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step (stmt);
    for (uint64_t seq = 1; rc == SQLITE_ROW; seq++) {
        s_read_old (stmt, entry);
        entry->seq = seq;
        ledger_entry_hash (entry, hash, entry->hash);
        memcpy (hash, entry->hash, sizeof hash);
        rc = ledger_row_add (&writer, entry);
        if (rc == SQLITE_DONE)
            rc = sqlite3_step (stmt);
    }
    sqlite3_finalize (stmt);
    ledger_row_free (&writer);
    free (entry);
    return rc;
}

//  What a step needs besides its statements.
static int
s_finish_step (sqlite3 *db, int step)
{
    if (step != 3)
        return SQLITE_OK;
    int rc = s_chain_up (db);
    return rc == SQLITE_DONE ? sqlite3_exec (db, "DROP TABLE calls_2", NULL, NULL, NULL)
                             : rc;
}

//  ---- all steps

//  Within a transaction.
static int
s_take_steps (sqlite3 *db, int version)
{
    for (int i = version; i < STEPS; i++)
        if (sqlite3_exec (db, s_steps[i], NULL, NULL, NULL) != SQLITE_OK
            || s_finish_step (db, i + 1) != SQLITE_OK)
            return -1;
    char sql[64];
    snprintf (sql, sizeof sql, "PRAGMA user_version = %d; COMMIT", STEPS);
    return sqlite3_exec (db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

//  Copies the whole database to a file that is empty.
static int
s_copy (sqlite3 *db, const char *path)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2 (db, "VACUUM INTO ?", -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text (stmt, 1, path, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_step (stmt);
    sqlite3_finalize (stmt);
    return rc == SQLITE_DONE ? 0 : -1;
}

//  A copy that an earlier try left is made anew: the file is still what it was.
static int
s_back_up (sqlite3 *db, const char *path, int version, br_error_t *reterr)
{
    char *copy = br_strf ("%s.v%d.bak", path, version);
    char *fresh = br_strf ("%s.new", copy);
    unlink (fresh);
    int fd = open (fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int rc = fd < 0 ? -1 : close (fd);
    if (rc)
        br_error_set (reterr, BR_ECONFIG, "a copy of the ledger, %.200s: %s", fresh,
                      strerror (errno));
    if (rc == 0 && s_copy (db, fresh))
        rc = br_error_set (reterr, BR_ECONFIG, "a copy of the ledger, %.200s: %.128s",
                           fresh, sqlite3_errmsg (db));
    if (rc == 0 && rename (fresh, copy))
        rc = br_error_set (reterr, BR_ECONFIG, "a copy of the ledger, %.200s: %s", copy,
                           strerror (errno));
    if (rc)
        unlink (fresh);
    free (fresh);
    free (copy);
    return rc;
}

static int
s_refuse_newer (int version, br_error_t *reterr)
{
    return br_error_set (
        reterr, BR_ECONFIG,
        "the ledger was written by a newer bitrouter (version %d of its tables, this one "
        "knows %d): update bitrouter",
        version, STEPS);
}

int
ledger_schema_update (sqlite3 *db, const char *path, br_error_t *reterr)
{
    int version = 0;
    int rc = s_read_version (db, &version);
    if (rc == 0 && version == STEPS)
        return 0;
    if (rc == 0 && version > 0 && version < STEPS && path
        && s_back_up (db, path, version, reterr))
        return -1;
    rc = -1;
    if (sqlite3_exec (db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK)
        rc = s_read_version (db, &version);
    if (rc == 0 && version < STEPS)
        rc = s_take_steps (db, version);
    if (rc)
        br_error_set (reterr, BR_ECONFIG, "the ledger's tables cannot be made: %.256s",
                      sqlite3_errmsg (db));
    else if (version > STEPS)
        rc = s_refuse_newer (version, reterr);
    if (!sqlite3_get_autocommit (db))
        sqlite3_exec (db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

int
ledger_schema_check (sqlite3 *db, br_error_t *reterr)
{
    int version = 0;
    if (s_read_version (db, &version))
        return br_error_set (reterr, BR_ECONFIG, "the ledger cannot be read: %.256s",
                             sqlite3_errmsg (db));
    if (version > STEPS)
        return s_refuse_newer (version, reterr);
    if (version < STEPS)
        return br_error_set (reterr, BR_ECONFIG,
                             "the ledger has tables of version %d, this bitrouter reads "
                             "%d: start bitrouter once, which brings them up to date",
                             version, STEPS);
    return 0;
}
