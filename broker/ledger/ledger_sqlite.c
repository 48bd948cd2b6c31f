//  ledger_sqlite: a ledger in SQLite.
//
//  Each statement is prepared once. A row's seq and hash are given out in the transaction
//  that adds it, so that a chain has no gap and no fork. Sums are read from the table at the
//  first look and kept up to date from then on, so that asking for them often costs nothing.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/ledger/ledger_row.h"
#include "broker/ledger/ledger_schema.h"
#include "broker/ledger/ledger_sqlite.h"

#define EVERY_HOST 0 //  numbers of hosts count from 1

typedef enum {
    DO_BEGIN,
    DO_COMMIT,
    DO_ROLLBACK,
    DO_LAST,
    DO_FIND,
    DO_FIND_SEQ,
    DO_CLEAR,
    DO_ADD_INTENT,
    DO_CLOSE_INTENT,
    DO_INTENTS,
    DO_FORGET,
    DO_SUM_CALLS,
    DO_COUNT_INTENTS,
    STATEMENTS
} statement_t;

//  A sum of 64-bit numbers may not fit in 64 bits, which SQLite takes for an error; sums
//  of their halves do.
#define HALVES(column) "sum (" column " >> 32), sum (" column " & 4294967295)"
#define THOSE_OF_HOST "WHERE ?1 = 0 OR (host = ?1 AND life = ?2)"
#define SUM_OF(rows, cost, table)                                                        \
    "SELECT " rows ", " HALVES (cost) ", " HALVES ("input_tokens") ", " HALVES (         \
        "output_tokens") " FROM " table

static const char *const s_sql[STATEMENTS] = {
    [DO_BEGIN] = "BEGIN IMMEDIATE",
    [DO_COMMIT] = "COMMIT",
    [DO_ROLLBACK] = "ROLLBACK",
    [DO_LAST] = "SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1",
    [DO_FIND] = "SELECT seq, is_lost, cost_nusd, operator_nusd FROM entries"
                " WHERE call_id = ? ORDER BY is_lost LIMIT 1",
    [DO_FIND_SEQ] = "SELECT hash FROM entries WHERE seq = ?",
    [DO_CLEAR] = "DELETE FROM attempts WHERE seq > ?",
    [DO_ADD_INTENT] =
        "INSERT INTO intents (call_id, attempt, started_ms, host, life, request_id, "
        "route,"
        " provider, model, account, key_id, session, run, agent, step, trace)"
        " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16"
        " WHERE NOT EXISTS (SELECT 1 FROM entries WHERE call_id = ?1)"
        " ON CONFLICT (call_id) DO UPDATE SET provider = excluded.provider,"
        " model = excluded.model, attempt = excluded.attempt,"
        " host = excluded.host, life = excluded.life"
        " WHERE excluded.attempt > intents.attempt",
    [DO_CLOSE_INTENT] = "DELETE FROM intents WHERE call_id = ?",
    [DO_INTENTS] = "SELECT call_id, attempt, started_ms, request_id, route, provider,"
                   " model, account, key_id, session, run, agent, step, trace"
                   " FROM intents " THOSE_OF_HOST " ORDER BY call_id",
    [DO_FORGET] = "DELETE FROM intents " THOSE_OF_HOST,
    [DO_SUM_CALLS] = SUM_OF ("count (*)", "cost_nusd", "calls") " UNION ALL " SUM_OF (
        "sum (rows)", "nusd", "spent"),
    [DO_COUNT_INTENTS] = "SELECT count (*) FROM intents",
};

struct _ledger_sqlite_t {
    char *path;
    sqlite3 *db;
    sqlite3_stmt *stmts[STATEMENTS];
    ledger_row_t writer;
    ledger_spend_t *spend;
    uint64_t seq; //  of the newest row, by the transaction under way
    uint8_t hash[LEDGER_HASH];
    ledger_sums_t sums;  //  on disk; open_intents is not kept here
    ledger_sums_t added; //  by the transaction under way
    bool is_summed;      //  sums are valid
    bool is_found_again; //  a lost row got a settled one, in the transaction under way
};

static int
s_fail (const ledger_sqlite_t *self, const char *what, br_error_t *reterr)
{
    return br_error_set (reterr, BR_ESYSTEM, "ledger %.200s: %s: %.200s", self->path,
                         what, sqlite3_errmsg (self->db));
}

static int
s_prepare (ledger_sqlite_t *self, br_error_t *reterr)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; rc == SQLITE_OK && i < STATEMENTS; i++)
        rc = sqlite3_prepare_v3 (self->db, s_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                                 &self->stmts[i], NULL);
    if (rc == SQLITE_OK)
        rc = ledger_row_writer (&self->writer, self->db);
    if (rc != SQLITE_OK)
        return br_error_set (reterr, BR_ECONFIG,
                             "database %.200s does not hold our tables: %.200s",
                             self->path, sqlite3_errmsg (self->db));
    self->spend = ledger_spend_new (self->db, self->path, reterr);
    return self->spend ? 0 : -1;
}

static int
s_open (ledger_sqlite_t *self, const ledger_file_t *file, br_error_t *reterr)
{
    self->db = ledger_file_open (file, reterr);
    if (!self->db)
        return -1;
    int rc = file->read_only ? ledger_schema_check (self->db, reterr)
                             : ledger_schema_update (
                                 self->db, file->in_memory ? NULL : file->path, reterr);
    return rc ? -1 : s_prepare (self, reterr);
}

ledger_sqlite_t *
ledger_sqlite_new (const ledger_file_t *file, br_error_t *reterr)
{
    ledger_sqlite_t *self = BR_NEW (ledger_sqlite_t);
    self->path = br_strdup (file->path);
    if (s_open (self, file, reterr))
        ledger_sqlite_destroy (&self);
    return self;
}

void
ledger_sqlite_destroy (ledger_sqlite_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ledger_sqlite_t *self = *self_p;
    ledger_spend_destroy (&self->spend);
    ledger_row_free (&self->writer);
    for (size_t i = 0; i < STATEMENTS; i++)
        sqlite3_finalize (self->stmts[i]);
    sqlite3_close (self->db);
    free (self->path);
    free (self);
    *self_p = NULL;
}

const char *
ledger_sqlite_path (const ledger_sqlite_t *self)
{
    return self->path;
}

ledger_spend_t *
ledger_sqlite_spend (ledger_sqlite_t *self)
{
    return self->spend;
}

//  ---- binding: values go into the places of a statement in their order

typedef struct {
    sqlite3_stmt *stmt;
    int place; //  of the last value
} values_t;

static values_t
s_values (const ledger_sqlite_t *self, statement_t statement)
{
    return (values_t) { self->stmts[statement], 0 };
}

static void
s_put_num (values_t *values, uint64_t number)
{
    sqlite3_int64 value = number > INT64_MAX ? INT64_MAX : (sqlite3_int64) number;
    sqlite3_bind_int64 (values->stmt, ++values->place, value);
}

//  Borrowed until the statement is done.
static void
s_put_text (values_t *values, const char *text)
{
    sqlite3_bind_text (values->stmt, ++values->place, text, -1, SQLITE_STATIC);
}

static void
s_put_call (values_t *values, br_id_t call)
{
    uint8_t bytes[16];
    ledger_row_call (call, bytes);
    sqlite3_bind_blob (values->stmt, ++values->place, bytes, sizeof bytes,
                       SQLITE_TRANSIENT);
}

//  Runs a statement that gives no rows.
static int
s_run (ledger_sqlite_t *self, statement_t statement, const char *what, br_error_t *reterr)
{
    sqlite3_stmt *stmt = self->stmts[statement];
    int rc = sqlite3_step (stmt) == SQLITE_DONE ? 0 : s_fail (self, what, reterr);
    sqlite3_reset (stmt);
    return rc;
}

//  ---- a transaction

int
ledger_sqlite_last (ledger_sqlite_t *self, uint64_t *ret_seq, uint8_t *ret_hash,
                    br_error_t *reterr)
{
    sqlite3_stmt *stmt = self->stmts[DO_LAST];
    int rc = sqlite3_step (stmt);
    *ret_seq = 0;
    memset (ret_hash, 0, LEDGER_HASH);
    if (rc == SQLITE_ROW) {
        *ret_seq = (uint64_t) sqlite3_column_int64 (stmt, 0);
        if (sqlite3_column_bytes (stmt, 1) == LEDGER_HASH)
            memcpy (ret_hash, sqlite3_column_blob (stmt, 1), LEDGER_HASH);
    } else if (rc != SQLITE_DONE)
        s_fail (self, "the newest row cannot be read", reterr);
    sqlite3_reset (stmt);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : -1;
}

//  Attempts of rows that somebody has cut off would be in the way of those to come.
static int
s_clear (ledger_sqlite_t *self, br_error_t *reterr)
{
    values_t values = s_values (self, DO_CLEAR);
    s_put_num (&values, self->seq);
    return s_run (self, DO_CLEAR, "attempts without a row cannot be removed", reterr);
}

int
ledger_sqlite_begin (ledger_sqlite_t *self, br_error_t *reterr)
{
    self->added = (ledger_sums_t) { .rows = 0 };
    self->is_found_again = false;
    if (s_run (self, DO_BEGIN, "a transaction cannot begin", reterr))
        return -1;
    int rc = ledger_sqlite_last (self, &self->seq, self->hash, reterr);
    return rc ? rc : s_clear (self, reterr);
}

//  The row that a call has: the settled one, if there are two.
//  ret:  1 found, 0 there is none, or -1
static int
s_find (ledger_sqlite_t *self, br_id_t call, ledger_kept_t *kept, bool *is_lost,
        br_error_t *reterr)
{
    values_t values = s_values (self, DO_FIND);
    s_put_call (&values, call);
    sqlite3_stmt *stmt = values.stmt;
    int rc = sqlite3_step (stmt);
    if (rc == SQLITE_ROW) {
        kept->seq = (uint64_t) sqlite3_column_int64 (stmt, 0);
        *is_lost = sqlite3_column_int (stmt, 1) != 0;
        bool is_known = sqlite3_column_type (stmt, 2) != SQLITE_NULL;
        kept->cost_nusd = is_known ? sqlite3_column_int64 (stmt, 2) : LEDGER_UNKNOWN;
        is_known = sqlite3_column_type (stmt, 3) != SQLITE_NULL;
        kept->operator_nusd = is_known ? sqlite3_column_int64 (stmt, 3) : LEDGER_UNKNOWN;
    } else if (rc != SQLITE_DONE)
        s_fail (self, "a call cannot be looked up", reterr);
    sqlite3_reset (stmt);
    return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : -1;
}

static uint64_t
s_plus (uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void
s_count (ledger_sqlite_t *self, const ledger_entry_t *entry)
{
    ledger_sums_t *added = &self->added;
    added->rows++;
    if (entry->cost_nusd != LEDGER_UNKNOWN)
        added->cost_nusd = s_plus (added->cost_nusd, (uint64_t) entry->cost_nusd);
    added->input_tokens = s_plus (added->input_tokens, entry->usage.input);
    added->output_tokens = s_plus (added->output_tokens, entry->usage.output);
}

//  A row at the end of the chain.
static int
s_append (ledger_sqlite_t *self, ledger_entry_t *entry, br_error_t *reterr)
{
    entry->seq = self->seq + 1;
    ledger_entry_hash (entry, self->hash, entry->hash);
    if (ledger_row_add (&self->writer, entry) != SQLITE_DONE)
        return s_fail (self, "a row cannot be added", reterr);
    self->seq = entry->seq;
    memcpy (self->hash, entry->hash, sizeof self->hash);
    s_count (self, entry);
    return 0;
}

static int
s_close_intent (ledger_sqlite_t *self, br_id_t call, br_error_t *reterr)
{
    values_t values = s_values (self, DO_CLOSE_INTENT);
    s_put_call (&values, call);
    return s_run (self, DO_CLOSE_INTENT, "an intent cannot be closed", reterr);
}

int
ledger_sqlite_add (ledger_sqlite_t *self, ledger_entry_t *entry, ledger_kept_t *ret_kept,
                   br_error_t *reterr)
{
    ledger_kept_t kept = { .seq = 0 };
    bool is_lost = false;
    int found = s_find (self, entry->call, &kept, &is_lost, reterr);
    if (found < 0)
        return -1;
    kept.is_first = !found || (is_lost && !entry->is_lost);
    if (kept.is_first) {
        self->is_found_again |= found > 0;
        memcpy (kept.prev_hash, self->hash, sizeof kept.prev_hash);
        if (s_append (self, entry, reterr))
            return -1;
        memcpy (kept.hash, entry->hash, sizeof kept.hash);
        kept.seq = entry->seq;
        kept.cost_nusd = entry->cost_nusd;
        kept.operator_nusd = entry->operator_nusd;
    }
    if (s_close_intent (self, entry->call, reterr))
        return -1;
    *ret_kept = kept;
    return 0;
}

int
ledger_sqlite_add_intent (ledger_sqlite_t *self, const ledger_intent_t *intent,
                          br_error_t *reterr)
{
    const char *const texts[] = { intent->request_id, intent->route,   intent->provider,
                                  intent->model,      intent->account, intent->key,
                                  intent->session,    intent->run,     intent->agent,
                                  intent->step,       intent->trace };
    values_t values = s_values (self, DO_ADD_INTENT);
    s_put_call (&values, intent->call);
    s_put_num (&values, intent->attempt);
    s_put_num (&values, intent->started_ms);
    s_put_num (&values, intent->host);
    s_put_num (&values, intent->life);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        s_put_text (&values, texts[i]);
    return s_run (self, DO_ADD_INTENT, "an intent cannot be added", reterr);
}

//  ---- calls that are lost

//  A row from a line of DO_INTENTS.
static void
s_read_intent (sqlite3_stmt *stmt, uint64_t now_ms, ledger_entry_t *entry)
{
    static const uint8_t no_call[16];
    ledger_entry_init (entry);
    bool is_whole = sqlite3_column_bytes (stmt, 0) == sizeof no_call;
    entry->call = ledger_row_call_of (is_whole ? sqlite3_column_blob (stmt, 0) : no_call);
    entry->attempts = (unsigned) sqlite3_column_int64 (stmt, 1);
    entry->started_ms = (uint64_t) sqlite3_column_int64 (stmt, 2);
    const char **texts[] = { &entry->request_id, &entry->route,   &entry->provider,
                             &entry->model,      &entry->account, &entry->key,
                             &entry->session,    &entry->run,     &entry->agent,
                             &entry->step,       &entry->trace };
    for (int i = 0; i < (int) (sizeof texts / sizeof *texts); i++) {
        const char *text = (const char *) sqlite3_column_text (stmt, 3 + i);
        *texts[i] = text ? text : "";
    }
    entry->is_lost = true;
    entry->outcome = br_outcome_name (BR_OUTCOME_LOST);
    entry->error_type = entry->outcome;
    entry->settled_ms = now_ms;
}

static int
s_lose (ledger_sqlite_t *self, sqlite3_stmt *stmt, uint64_t now_ms, uint64_t *lost,
        br_error_t *reterr)
{
    ledger_entry_t *entry = BR_NEW (ledger_entry_t);
    ledger_kept_t kept;
    bool is_lost = false;
    int found = 0;
    int rc = sqlite3_step (stmt);
    while (rc == SQLITE_ROW && found >= 0) {
        s_read_intent (stmt, now_ms, entry);
        found = s_find (self, entry->call, &kept, &is_lost, reterr);
        if (found == 0)
            found = s_append (self, entry, reterr);
        *lost += found == 0;
        if (found >= 0)
            rc = sqlite3_step (stmt);
    }
    free (entry);
    if (found >= 0 && rc != SQLITE_DONE)
        return s_fail (self, "intents cannot be read", reterr);
    return found < 0 ? -1 : 0;
}

int
ledger_sqlite_lose_host (ledger_sqlite_t *self, uint32_t host, uint32_t life,
                         uint64_t now_ms, uint64_t *ret_lost, br_error_t *reterr)
{
    uint64_t lost = 0;
    values_t values = s_values (self, DO_INTENTS);
    s_put_num (&values, host);
    s_put_num (&values, life);
    int rc = s_lose (self, values.stmt, now_ms, &lost, reterr);
    sqlite3_reset (values.stmt);
    if (rc)
        return -1;
    values = s_values (self, DO_FORGET);
    s_put_num (&values, host);
    s_put_num (&values, life);
    if (s_run (self, DO_FORGET, "lost intents cannot be removed", reterr))
        return -1;
    *ret_lost = lost;
    return 0;
}

int
ledger_sqlite_lose_all (ledger_sqlite_t *self, uint64_t now_ms, uint64_t *ret_lost,
                        br_error_t *reterr)
{
    return ledger_sqlite_lose_host (self, EVERY_HOST, 0, now_ms, ret_lost, reterr);
}

int
ledger_sqlite_commit (ledger_sqlite_t *self, br_error_t *reterr)
{
    if (s_run (self, DO_COMMIT, "a transaction cannot be committed", reterr))
        return -1;
    ledger_sums_t *sums = &self->sums;
    sums->rows += self->added.rows;
    sums->cost_nusd = s_plus (sums->cost_nusd, self->added.cost_nusd);
    sums->input_tokens = s_plus (sums->input_tokens, self->added.input_tokens);
    sums->output_tokens = s_plus (sums->output_tokens, self->added.output_tokens);
    //  A row that counted counts no more: the next look reads the table.
    self->is_summed &= !self->is_found_again;
    return 0;
}

void
ledger_sqlite_rollback (ledger_sqlite_t *self)
{
    //  SQLite may have rolled back by itself already.
    if (!sqlite3_get_autocommit (self->db))
        (void) s_run (self, DO_ROLLBACK, "a transaction cannot be rolled back", NULL);
}

//  ---- looks

//  Both halves of a sum, from two columns.
static uint64_t
s_whole (sqlite3_stmt *stmt, int column)
{
    uint64_t high = (uint64_t) sqlite3_column_int64 (stmt, column);
    uint64_t low = (uint64_t) sqlite3_column_int64 (stmt, column + 1);
    return high > UINT32_MAX ? UINT64_MAX : s_plus (high << 32, low);
}

//  Rows that are there, then those that were taken out.
static int
s_sum_up (ledger_sqlite_t *self, br_error_t *reterr)
{
    sqlite3_stmt *stmt = self->stmts[DO_SUM_CALLS];
    ledger_sums_t sums = { .rows = 0 };
    int rc = sqlite3_step (stmt);
    for (; rc == SQLITE_ROW; rc = sqlite3_step (stmt)) {
        sums.rows += (uint64_t) sqlite3_column_int64 (stmt, 0);
        sums.cost_nusd = s_plus (sums.cost_nusd, s_whole (stmt, 1));
        sums.input_tokens = s_plus (sums.input_tokens, s_whole (stmt, 3));
        sums.output_tokens = s_plus (sums.output_tokens, s_whole (stmt, 5));
    }
    if (rc != SQLITE_DONE)
        s_fail (self, "rows cannot be summed up", reterr);
    sqlite3_reset (stmt);
    if (rc != SQLITE_DONE)
        return -1;
    self->sums = sums;
    self->is_summed = true;
    return 0;
}

int
ledger_sqlite_sums (ledger_sqlite_t *self, ledger_sums_t *ret_sums, br_error_t *reterr)
{
    if (!self->is_summed && s_sum_up (self, reterr))
        return -1;
    sqlite3_stmt *stmt = self->stmts[DO_COUNT_INTENTS];
    int rc = 0;
    if (sqlite3_step (stmt) == SQLITE_ROW) {
        *ret_sums = self->sums;
        ret_sums->open_intents = (uint64_t) sqlite3_column_int64 (stmt, 0);
    } else
        rc = s_fail (self, "intents cannot be counted", reterr);
    sqlite3_reset (stmt);
    return rc;
}

//  Rows to fn, until it ends the reading. Returns SQLITE_DONE, or SQLite's code.
static int
s_play (ledger_row_t *reader, ledger_row_fn *fn, void *arg)
{
    ledger_entry_t *entry = BR_NEW (ledger_entry_t);
    int rc = ledger_row_next (reader, entry);
    while (rc == SQLITE_ROW)
        rc = fn (arg, entry) ? SQLITE_DONE : ledger_row_next (reader, entry);
    free (entry);
    return rc;
}

int
ledger_sqlite_read (ledger_sqlite_t *self, uint64_t seq, ledger_row_fn *fn, void *arg,
                    br_error_t *reterr)
{
    ledger_row_t reader;
    int rc = ledger_row_reader (&reader, self->db, "WHERE seq >= ? ORDER BY seq");
    bool is_own = sqlite3_get_autocommit (self->db) != 0;
    if (rc == SQLITE_OK && is_own)
        rc = sqlite3_exec (self->db, "BEGIN", NULL, NULL, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_int64 (reader.entry, 1, (sqlite3_int64) seq);
        rc = s_play (&reader, fn, arg);
    }
    if (rc != SQLITE_DONE)
        s_fail (self, "rows cannot be read", reterr);
    ledger_row_free (&reader);
    if (is_own && !sqlite3_get_autocommit (self->db))
        sqlite3_exec (self->db, "ROLLBACK", NULL, NULL, NULL);
    return rc == SQLITE_DONE ? 0 : -1;
}

//  ---- the kind of ledger_store.h

static void *
s_kind_open (const char *url, br_error_t *reterr)
{
    ledger_file_t file;
    return ledger_file_parse (url, &file, reterr) ? NULL
                                                  : ledger_sqlite_new (&file, reterr);
}

static void
s_kind_close (void **self_p)
{
    ledger_sqlite_t *self = *self_p;
    ledger_sqlite_destroy (&self);
    *self_p = NULL;
}

//  ret:  1 the same row is there, 0 there is none, or -1
static int
s_find_same (ledger_sqlite_t *self, const ledger_entry_t *entry, br_error_t *reterr)
{
    values_t values = s_values (self, DO_FIND_SEQ);
    s_put_num (&values, entry->seq);
    int rc = sqlite3_step (values.stmt);
    bool is_same = rc == SQLITE_ROW
                   && sqlite3_column_bytes (values.stmt, 0) == LEDGER_HASH
                   && memcmp (sqlite3_column_blob (values.stmt, 0), entry->hash,
                              LEDGER_HASH)
                          == 0;
    sqlite3_reset (values.stmt);
    if (rc == SQLITE_ROW && !is_same)
        return br_error_set (reterr, BR_ESYSTEM,
                             "ledger %.200s: it has another row %llu: it is that of "
                             "another chain",
                             self->path, (unsigned long long) entry->seq);
    return is_same ? 1 : rc == SQLITE_DONE ? 0 : s_fail (self, "no row found", reterr);
}

static int
s_add_copy (ledger_sqlite_t *self, const ledger_entry_t *entry, br_error_t *reterr)
{
    int found = s_find_same (self, entry, reterr);
    if (found)
        return found < 0 ? -1 : 0;
    if (ledger_row_add (&self->writer, entry) != SQLITE_DONE)
        return s_fail (self, "a row cannot be added", reterr);
    s_count (self, entry);
    self->is_found_again = true; //  who knows; sums are read anew
    return 0;
}

static int
s_kind_add (void *state, const ledger_entry_t *entries, size_t count, br_error_t *reterr)
{
    ledger_sqlite_t *self = state;
    int rc = ledger_sqlite_begin (self, reterr);
    if (rc == 0 && entries[0].seq > self->seq + 1)
        rc = br_error_set (reterr, BR_ESYSTEM,
                           "ledger %.200s: it has no row %llu, it has lost rows",
                           self->path, (unsigned long long) entries[0].seq - 1);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = s_add_copy (self, &entries[i], reterr);
    if (rc == 0)
        rc = ledger_sqlite_commit (self, reterr);
    if (rc)
        ledger_sqlite_rollback (self);
    return rc;
}

static int
s_kind_last (void *self, uint64_t *ret_seq, uint8_t *ret_hash, br_error_t *reterr)
{
    return ledger_sqlite_last (self, ret_seq, ret_hash, reterr);
}

static int
s_kind_read (void *self, uint64_t seq, ledger_row_fn *fn, void *arg, br_error_t *reterr)
{
    return ledger_sqlite_read (self, seq, fn, arg, reterr);
}

const ledger_kind_t ledger_sqlite = { .scheme = "sqlite",
                                      .open = s_kind_open,
                                      .close = s_kind_close,
                                      .add = s_kind_add,
                                      .last = s_kind_last,
                                      .read = s_kind_read };
