//  ledger_spend: what was spent since a time.
//
//  Rows that are still there are summed up by an index; of those that were taken out there
//  are sums by the hour. A sum of 64-bit numbers may not fit in 64 bits, which SQLite takes
//  for an error; so halves are added, and what is kept is cut down before.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/ledger/ledger_spend.h"

#define HALVES(column) "sum (" column " >> 32), sum (" column " & 4294967295)"
#define NUSD HALVES ("cost_nusd")
#define ROUNDS "total (outcome = 'ok')"
#define CUT(column) "min (" column ", 4503599627370496)" //  2^52

typedef enum {
    DO_BEGIN,
    DO_COMMIT,
    DO_ROLLBACK,
    DO_LAST,
    DO_SUM_ACCOUNT,
    DO_SUM_KEY,
    DO_SUM_OLD,
    DO_OLDEST,
    DO_KEEP,
    DO_DROP_ATTEMPTS,
    DO_DROP_ENTRIES,
    DO_MARK,
    DO_CHECKPOINT,
    STATEMENTS
} statement_t;

static const char *const s_sql[STATEMENTS] = {
    [DO_BEGIN] = "BEGIN IMMEDIATE",
    [DO_COMMIT] = "COMMIT",
    [DO_ROLLBACK] = "ROLLBACK",
    [DO_LAST] = "SELECT coalesce (max (seq), 0) FROM entries",
    [DO_SUM_ACCOUNT] = "SELECT " NUSD ", " ROUNDS " FROM entries WHERE account = ?1 AND"
                       " account <> '' AND settled_ms >= ?3 AND ?2 = ''",
    [DO_SUM_KEY] = "SELECT " NUSD ", " ROUNDS " FROM entries WHERE key_id = ?2 AND"
                   " key_id <> '' AND settled_ms >= ?3 AND account = ?1",
    [DO_SUM_OLD] = "SELECT " HALVES ("nusd") ", total (rounds) FROM spent WHERE account ="
                                             " ?1 AND (?2 = '' OR key_id = ?2) AND"
                                             " hour_ms > ?3 - 3600000",
    [DO_OLDEST] = "SELECT seq, settled_ms, hash FROM entries WHERE seq <= ?1 AND seq <"
                  " (SELECT max (seq) FROM entries) ORDER BY seq LIMIT ?2",
    [DO_KEEP] =
        "INSERT INTO spent SELECT account, key_id, settled_ms - settled_ms %"
        " 3600000, count (*), count (CASE outcome WHEN 'ok' THEN 1 END),"
        " coalesce (sum (" CUT ("cost_nusd") "), 0), sum (" CUT (
            "input_tokens") "),"
                            " sum (" CUT (
                                "output_tokens") ") FROM calls WHERE seq <= ?1 GROUP BY "
                                                 "1, 2, 3"
                                                 " ON CONFLICT (account, key_id, "
                                                 "hour_ms) DO UPDATE SET"
                                                 " rows = rows + excluded.rows, rounds = "
                                                 "rounds + excluded.rounds,"
                                                 " nusd = nusd + excluded.nusd,"
                                                 " input_tokens = input_tokens + "
                                                 "excluded.input_tokens,"
                                                 " output_tokens = output_tokens + "
                                                 "excluded.output_tokens",
    [DO_DROP_ATTEMPTS] = "DELETE FROM attempts WHERE seq <= ?1",
    [DO_DROP_ENTRIES] = "DELETE FROM entries WHERE seq <= ?1",
    [DO_MARK] = "INSERT INTO checkpoint VALUES (1, ?1, ?2) ON CONFLICT (id) DO UPDATE"
                " SET seq = excluded.seq, hash = excluded.hash",
    [DO_CHECKPOINT] = "SELECT seq, hash FROM checkpoint",
};

struct _ledger_spend_t {
    char *path;
    sqlite3 *db; //  borrowed
    sqlite3_stmt *stmts[STATEMENTS];
};

static int
s_fail (const ledger_spend_t *self, const char *what, br_error_t *reterr)
{
    return br_error_set (reterr, BR_ESYSTEM, "ledger %.200s: %s: %.200s", self->path,
                         what, sqlite3_errmsg (self->db));
}

ledger_spend_t *
ledger_spend_new (sqlite3 *db, const char *path, br_error_t *reterr)
{
    ledger_spend_t *self = BR_NEW (ledger_spend_t);
    self->path = br_strdup (path);
    self->db = db;
    for (size_t i = 0; i < STATEMENTS; i++)
        if (sqlite3_prepare_v3 (db, s_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                                &self->stmts[i], NULL)
            != SQLITE_OK) {
            br_error_set (reterr, BR_ECONFIG,
                          "database %.200s does not hold our tables: %.200s", path,
                          sqlite3_errmsg (db));
            ledger_spend_destroy (&self);
            return NULL;
        }
    return self;
}

void
ledger_spend_destroy (ledger_spend_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ledger_spend_t *self = *self_p;
    for (size_t i = 0; i < STATEMENTS; i++)
        sqlite3_finalize (self->stmts[i]);
    free (self->path);
    free (self);
    *self_p = NULL;
}

static uint64_t
s_plus (uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

//  Both halves of a sum, from two columns.
static uint64_t
s_whole (sqlite3_stmt *stmt, int column)
{
    uint64_t high = (uint64_t) sqlite3_column_int64 (stmt, column);
    uint64_t low = (uint64_t) sqlite3_column_int64 (stmt, column + 1);
    return high > UINT32_MAX ? UINT64_MAX : s_plus (high << 32, low);
}

//  ---- sums

static int
s_add (ledger_spend_t *self, statement_t statement, const char *account, const char *key,
       uint64_t since_ms, ledger_spent_t *spent, br_error_t *reterr)
{
    sqlite3_stmt *stmt = self->stmts[statement];
    sqlite3_bind_text (stmt, 1, account, -1, SQLITE_STATIC);
    sqlite3_bind_text (stmt, 2, key, -1, SQLITE_STATIC);
    sqlite3_bind_int64 (stmt, 3, since_ms > INT64_MAX ? INT64_MAX : (int64_t) since_ms);
    int rc = 0;
    if (sqlite3_step (stmt) == SQLITE_ROW) {
        spent->nusd = s_plus (spent->nusd, s_whole (stmt, 0));
        spent->rounds += (uint64_t) sqlite3_column_int64 (stmt, 2);
    } else
        rc = s_fail (self, "what was spent cannot be summed up", reterr);
    sqlite3_reset (stmt);
    return rc;
}

int
ledger_spend_since (ledger_spend_t *self, const char *account, const char *key,
                    uint64_t since_ms, ledger_spent_t *ret_spent, br_error_t *reterr)
{
    ledger_spent_t spent = { .seq = 0 };
    sqlite3_stmt *last = self->stmts[DO_LAST];
    int rc = 0;
    if (sqlite3_step (last) == SQLITE_ROW)
        spent.seq = (uint64_t) sqlite3_column_int64 (last, 0);
    else
        rc = s_fail (self, "the newest row cannot be found", reterr);
    sqlite3_reset (last);
    statement_t statement = *key ? DO_SUM_KEY : DO_SUM_ACCOUNT;
    if (rc == 0)
        rc = s_add (self, statement, account, key, since_ms, &spent, reterr);
    if (rc == 0)
        rc = s_add (self, DO_SUM_OLD, account, key, since_ms, &spent, reterr);
    if (rc == 0)
        *ret_spent = spent;
    return rc;
}

//  ---- taking out

//  Runs a statement without rows, after seq was bound to its first place, if it has one.
static int
s_run (ledger_spend_t *self, statement_t statement, uint64_t seq, br_error_t *reterr)
{
    sqlite3_stmt *stmt = self->stmts[statement];
    if (sqlite3_bind_parameter_count (stmt) > 0)
        sqlite3_bind_int64 (stmt, 1, (sqlite3_int64) seq);
    int rc = sqlite3_step (stmt) == SQLITE_DONE
                 ? 0
                 : s_fail (self, "old rows cannot be taken out", reterr);
    sqlite3_reset (stmt);
    return rc;
}

//  How far rows may be taken out: *ret_seq, and the hash there.
static int
s_find_cut (ledger_spend_t *self, uint64_t upto, uint64_t before_ms, size_t max,
            uint64_t *ret_seq, uint8_t *ret_hash, size_t *ret_count, br_error_t *reterr)
{
    sqlite3_stmt *stmt = self->stmts[DO_OLDEST];
    sqlite3_bind_int64 (stmt, 1, upto > INT64_MAX ? INT64_MAX : (sqlite3_int64) upto);
    sqlite3_bind_int64 (stmt, 2, (sqlite3_int64) max);
    *ret_count = 0;
    int rc = sqlite3_step (stmt);
    while (rc == SQLITE_ROW && (uint64_t) sqlite3_column_int64 (stmt, 1) < before_ms
           && sqlite3_column_bytes (stmt, 2) == LEDGER_HASH) {
        *ret_seq = (uint64_t) sqlite3_column_int64 (stmt, 0);
        memcpy (ret_hash, sqlite3_column_blob (stmt, 2), LEDGER_HASH);
        ++*ret_count;
        rc = sqlite3_step (stmt);
    }
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        s_fail (self, "old rows cannot be read", reterr);
    sqlite3_reset (stmt);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : -1;
}

static int
s_take_out (ledger_spend_t *self, uint64_t seq, const uint8_t *hash, br_error_t *reterr)
{
    sqlite3_bind_blob (self->stmts[DO_MARK], 2, hash, LEDGER_HASH, SQLITE_STATIC);
    if (s_run (self, DO_BEGIN, 0, reterr))
        return -1;
    int rc = s_run (self, DO_KEEP, seq, reterr);
    if (rc == 0)
        rc = s_run (self, DO_DROP_ATTEMPTS, seq, reterr);
    if (rc == 0)
        rc = s_run (self, DO_DROP_ENTRIES, seq, reterr);
    if (rc == 0)
        rc = s_run (self, DO_MARK, seq, reterr);
    if (rc == 0)
        rc = s_run (self, DO_COMMIT, 0, reterr);
    if (rc && !sqlite3_get_autocommit (self->db))
        (void) s_run (self, DO_ROLLBACK, 0, NULL);
    sqlite3_clear_bindings (self->stmts[DO_MARK]);
    return rc;
}

int
ledger_spend_prune (ledger_spend_t *self, uint64_t upto, uint64_t before_ms, size_t max,
                    size_t *ret_count, br_error_t *reterr)
{
    uint64_t seq = 0;
    uint8_t hash[LEDGER_HASH];
    size_t count = 0;
    if (s_find_cut (self, upto, before_ms, max, &seq, hash, &count, reterr)
        || (count > 0 && s_take_out (self, seq, hash, reterr)))
        return -1;
    *ret_count = count;
    return 0;
}

int
ledger_spend_checkpoint (ledger_spend_t *self, uint64_t *ret_seq, uint8_t *ret_hash,
                         br_error_t *reterr)
{
    sqlite3_stmt *stmt = self->stmts[DO_CHECKPOINT];
    int rc = sqlite3_step (stmt);
    *ret_seq = 0;
    memset (ret_hash, 0, LEDGER_HASH);
    if (rc == SQLITE_ROW && sqlite3_column_bytes (stmt, 1) == LEDGER_HASH) {
        *ret_seq = (uint64_t) sqlite3_column_int64 (stmt, 0);
        memcpy (ret_hash, sqlite3_column_blob (stmt, 1), LEDGER_HASH);
    }
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        s_fail (self, "the checkpoint cannot be read", reterr);
    sqlite3_reset (stmt);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : -1;
}
