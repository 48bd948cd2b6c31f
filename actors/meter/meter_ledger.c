//  meter_ledger: the spend ledger on disk.
//
//  Each statement is prepared once. Sums are read from the table at the first look and
//  kept up to date from then on, so that asking for them often costs nothing.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "actors/meter/meter_ledger.h"
#include "actors/meter/meter_schema.h"

#define CALL_ID_SIZE 16 //  bytes
#define EVERY_HOST 0    //  numbers of hosts count from 1

typedef enum {
    DO_BEGIN,
    DO_COMMIT,
    DO_ROLLBACK,
    DO_ADD_CALL,
    DO_FIND_AGAIN,
    DO_ADD_INTENT,
    DO_CLOSE_INTENT,
    DO_LOSE,
    DO_FORGET,
    DO_SUM_CALLS,
    DO_COUNT_INTENTS,
    STATEMENTS
} statement_t;

//  A sum of 64-bit numbers may not fit in 64 bits, which SQLite takes for an error; sums
//  of their halves do.
#define HALVES(column) "sum (" column " >> 32), sum (" column " & 4294967295)"

static const char *const s_sql[STATEMENTS] = {
    [DO_BEGIN] = "BEGIN IMMEDIATE",
    [DO_COMMIT] = "COMMIT",
    [DO_ROLLBACK] = "ROLLBACK",
    [DO_ADD_CALL] =
        "INSERT OR IGNORE INTO calls (call_id, request_id, route, provider,"
        " model, outcome, status, error_type, stream, attempts, usage_known,"
        " input_tokens, cache_read_tokens, cache_write_tokens, output_tokens,"
        " reasoning_tokens, cost_nusd, operator_nusd, started_ms, latency_us,"
        " first_us, settled_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
        " ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [DO_FIND_AGAIN] = "DELETE FROM calls WHERE call_id = ? AND outcome = 'lost'",
    [DO_ADD_INTENT] = "INSERT INTO intents SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9"
                      " WHERE NOT EXISTS (SELECT 1 FROM calls WHERE call_id = ?1)"
                      " ON CONFLICT (call_id) DO UPDATE SET provider = excluded.provider,"
                      " model = excluded.model, attempt = excluded.attempt,"
                      " host = excluded.host, life = excluded.life"
                      " WHERE excluded.attempt > intents.attempt",
    [DO_CLOSE_INTENT] = "DELETE FROM intents WHERE call_id = ?",
    [DO_LOSE] = "INSERT OR IGNORE INTO calls SELECT call_id, request_id, route, provider,"
                " model, 'lost', 0, 'lost', 0, attempt, 0, 0, 0, 0, 0, 0, NULL, NULL,"
                " started_ms, 0, 0, ?3 FROM intents"
                " WHERE ?1 = 0 OR (host = ?1 AND life = ?2)",
    [DO_FORGET] = "DELETE FROM intents WHERE ?1 = 0 OR (host = ?1 AND life = ?2)",
    [DO_SUM_CALLS] = "SELECT count (*), " HALVES ("cost_nusd") ", " HALVES (
        "input_tokens") ", " HALVES ("output_tokens") " FROM calls",
    [DO_COUNT_INTENTS] = "SELECT count (*) FROM intents",
};

struct _meter_ledger_t {
    char *path;
    sqlite3 *db;
    sqlite3_stmt *stmts[STATEMENTS];
    meter_sums_t sums;  //  on disk; open_intents is not kept here
    meter_sums_t added; //  by the transaction under way
    bool is_summed;     //  sums are valid
};

static int
s_fail (const meter_ledger_t *self, const char *what, br_error_t *reterr)
{
    return br_error_set (reterr, BR_ESYSTEM, "ledger %.200s: %s: %.200s", self->path,
                         what, sqlite3_errmsg (self->db));
}

static int
s_prepare (meter_ledger_t *self, br_error_t *reterr)
{
    for (size_t i = 0; i < STATEMENTS; i++) {
        int rc = sqlite3_prepare_v3 (self->db, s_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                                     &self->stmts[i], NULL);
        if (rc != SQLITE_OK)
            return br_error_set (reterr, BR_ECONFIG,
                                 "database %.200s does not hold our tables: %.200s",
                                 self->path, sqlite3_errmsg (self->db));
    }
    return 0;
}

meter_ledger_t *
meter_ledger_new (const meter_database_t *database, br_error_t *reterr)
{
    meter_ledger_t *self = BR_NEW (meter_ledger_t);
    self->path = br_strdup (database->path);
    self->db = meter_database_open (database, reterr);
    if (!self->db || meter_schema_update (self->db, reterr) || s_prepare (self, reterr))
        meter_ledger_destroy (&self);
    return self;
}

void
meter_ledger_destroy (meter_ledger_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    meter_ledger_t *self = *self_p;
    for (size_t i = 0; i < STATEMENTS; i++)
        sqlite3_finalize (self->stmts[i]);
    sqlite3_close (self->db);
    free (self->path);
    free (self);
    *self_p = NULL;
}

const char *
meter_ledger_path (const meter_ledger_t *self)
{
    return self->path;
}

//  ---- binding: values go into the places of a statement in their order

typedef struct {
    sqlite3_stmt *stmt;
    int place; //  of the last value
} values_t;

static values_t
s_values (const meter_ledger_t *self, statement_t statement)
{
    return (values_t) { self->stmts[statement], 0 };
}

static void
s_put_num (values_t *values, uint64_t number)
{
    sqlite3_int64 value = number > INT64_MAX ? INT64_MAX : (sqlite3_int64) number;
    sqlite3_bind_int64 (values->stmt, ++values->place, value);
}

static void
s_put_nusd (values_t *values, int64_t nusd)
{
    if (nusd == METER_UNKNOWN)
        sqlite3_bind_null (values->stmt, ++values->place);
    else
        s_put_num (values, (uint64_t) nusd);
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
    uint8_t bytes[CALL_ID_SIZE];
    for (size_t i = 0; i < 8; i++) {
        bytes[i] = (uint8_t) (call.hi >> (56 - 8 * i));
        bytes[8 + i] = (uint8_t) (call.lo >> (56 - 8 * i));
    }
    sqlite3_bind_blob (values->stmt, ++values->place, bytes, sizeof bytes,
                       SQLITE_TRANSIENT);
}

//  Runs a statement that gives no rows.
//  ret:  rows that it changed, or -1
static int
s_run (meter_ledger_t *self, statement_t statement, const char *what, br_error_t *reterr)
{
    sqlite3_stmt *stmt = self->stmts[statement];
    int rc = sqlite3_step (stmt) == SQLITE_DONE ? sqlite3_changes (self->db)
                                                : s_fail (self, what, reterr);
    sqlite3_reset (stmt);
    return rc;
}

//  ---- a transaction

int
meter_ledger_begin (meter_ledger_t *self, br_error_t *reterr)
{
    self->added = (meter_sums_t) { .rows = 0 };
    return s_run (self, DO_BEGIN, "a transaction cannot begin", reterr) < 0 ? -1 : 0;
}

static void
s_bind_call (values_t *values, br_id_t call, const struct br_call_settle *settle,
             const meter_cost_t *cost)
{
    bool is_error = settle->code != BR_OK;
    s_put_call (values, call);
    s_put_text (values, settle->request_id);
    s_put_text (values, settle->route);
    s_put_text (values, settle->provider);
    s_put_text (values, settle->model);
    s_put_text (values, br_outcome_name ((unsigned) settle->outcome));
    s_put_num (values, settle->status);
    s_put_text (values, is_error ? br_code_label ((br_code_t) settle->code) : "");
    s_put_num (values, settle->stream != 0);
    s_put_num (values, settle->attempts);
    s_put_num (values, settle->usage_known != 0);
    s_put_num (values, settle->input_tokens);
    s_put_num (values, settle->cache_read_tokens);
    s_put_num (values, settle->cache_write_tokens);
    s_put_num (values, settle->output_tokens);
    s_put_num (values, settle->reasoning_tokens);
    s_put_nusd (values, cost->nusd);
    s_put_nusd (values, cost->operator_nusd);
    s_put_num (values, settle->started_ms);
    s_put_num (values, settle->latency_us);
    s_put_num (values, settle->first_us);
}

//  Makes room for a settle whose call was taken for lost. Returns 1 when it did, or -1.
static int
s_find_again (meter_ledger_t *self, br_id_t call, const struct br_call_settle *settle,
              br_error_t *reterr)
{
    if (settle->outcome == BR_OUTCOME_LOST)
        return 0;
    values_t values = s_values (self, DO_FIND_AGAIN);
    s_put_call (&values, call);
    int found = s_run (self, DO_FIND_AGAIN, "a lost row cannot be replaced", reterr);
    if (found > 0)
        self->added.rows--;
    return found;
}

static int
s_close_intent (meter_ledger_t *self, br_id_t call, br_error_t *reterr)
{
    values_t values = s_values (self, DO_CLOSE_INTENT);
    s_put_call (&values, call);
    return s_run (self, DO_CLOSE_INTENT, "an intent cannot be closed", reterr) < 0 ? -1
                                                                                   : 0;
}

static uint64_t
s_plus (uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

int
meter_ledger_add_call (meter_ledger_t *self, br_id_t call,
                       const struct br_call_settle *settle, const meter_cost_t *cost,
                       uint64_t settled_ms, bool *ret_is_first, br_error_t *reterr)
{
    static const char what[] = "a row cannot be added";
    values_t values = s_values (self, DO_ADD_CALL);
    s_bind_call (&values, call, settle, cost);
    s_put_num (&values, settled_ms);
    int added = s_run (self, DO_ADD_CALL, what, reterr);
    if (added == 0) {
        added = s_find_again (self, call, settle, reterr);
        if (added > 0) //  the values are still in their places
            added = s_run (self, DO_ADD_CALL, what, reterr);
    }
    if (added < 0 || s_close_intent (self, call, reterr))
        return -1;
    *ret_is_first = added > 0;
    if (added == 0)
        return 0;
    self->added.rows++;
    if (cost->nusd != METER_UNKNOWN)
        self->added.cost_nusd = s_plus (self->added.cost_nusd, (uint64_t) cost->nusd);
    self->added.input_tokens = s_plus (self->added.input_tokens, settle->input_tokens);
    self->added.output_tokens = s_plus (self->added.output_tokens, settle->output_tokens);
    return 0;
}

int
meter_ledger_add_intent (meter_ledger_t *self, br_id_t call, uint32_t attempt,
                         const struct br_call_intent *intent, br_addr_t router,
                         br_error_t *reterr)
{
    values_t values = s_values (self, DO_ADD_INTENT);
    s_put_call (&values, call);
    s_put_text (&values, intent->request_id);
    s_put_text (&values, intent->route);
    s_put_text (&values, intent->provider);
    s_put_text (&values, intent->model);
    s_put_num (&values, attempt);
    s_put_num (&values, intent->started_ms);
    s_put_num (&values, router.host);
    s_put_num (&values, router.life);
    return s_run (self, DO_ADD_INTENT, "an intent cannot be added", reterr) < 0 ? -1 : 0;
}

int
meter_ledger_lose_host (meter_ledger_t *self, uint32_t host, uint32_t life,
                        uint64_t now_ms, uint64_t *ret_lost, br_error_t *reterr)
{
    values_t values = s_values (self, DO_LOSE);
    s_put_num (&values, host);
    s_put_num (&values, life);
    s_put_num (&values, now_ms);
    int lost = s_run (self, DO_LOSE, "intents cannot be closed as lost", reterr);
    if (lost < 0)
        return -1;
    values = s_values (self, DO_FORGET);
    s_put_num (&values, host);
    s_put_num (&values, life);
    if (s_run (self, DO_FORGET, "lost intents cannot be removed", reterr) < 0)
        return -1;
    self->added.rows += (uint64_t) lost;
    *ret_lost = (uint64_t) lost;
    return 0;
}

int
meter_ledger_lose_all (meter_ledger_t *self, uint64_t now_ms, uint64_t *ret_lost,
                       br_error_t *reterr)
{
    return meter_ledger_lose_host (self, EVERY_HOST, 0, now_ms, ret_lost, reterr);
}

int
meter_ledger_commit (meter_ledger_t *self, br_error_t *reterr)
{
    if (s_run (self, DO_COMMIT, "a transaction cannot be committed", reterr) < 0)
        return -1;
    meter_sums_t *sums = &self->sums;
    sums->rows += self->added.rows;
    sums->cost_nusd = s_plus (sums->cost_nusd, self->added.cost_nusd);
    sums->input_tokens = s_plus (sums->input_tokens, self->added.input_tokens);
    sums->output_tokens = s_plus (sums->output_tokens, self->added.output_tokens);
    return 0;
}

void
meter_ledger_rollback (meter_ledger_t *self)
{
    //  SQLite may have rolled back by itself already.
    if (!sqlite3_get_autocommit (self->db))
        (void) s_run (self, DO_ROLLBACK, "a transaction cannot be rolled back", NULL);
}

//  ---- sums

//  Both halves of a sum, from two columns.
static uint64_t
s_whole (sqlite3_stmt *stmt, int column)
{
    uint64_t high = (uint64_t) sqlite3_column_int64 (stmt, column);
    uint64_t low = (uint64_t) sqlite3_column_int64 (stmt, column + 1);
    return high > UINT32_MAX ? UINT64_MAX : s_plus (high << 32, low);
}

static int
s_sum_up (meter_ledger_t *self, br_error_t *reterr)
{
    sqlite3_stmt *stmt = self->stmts[DO_SUM_CALLS];
    int rc = 0;
    if (sqlite3_step (stmt) == SQLITE_ROW) {
        self->sums.rows = (uint64_t) sqlite3_column_int64 (stmt, 0);
        self->sums.cost_nusd = s_whole (stmt, 1);
        self->sums.input_tokens = s_whole (stmt, 3);
        self->sums.output_tokens = s_whole (stmt, 5);
        self->is_summed = true;
    } else
        rc = s_fail (self, "rows cannot be summed up", reterr);
    sqlite3_reset (stmt);
    return rc;
}

int
meter_ledger_sums (meter_ledger_t *self, meter_sums_t *ret_sums, br_error_t *reterr)
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
