//  ledger_row: between a row's struct and a statement of SQLite.

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/ledger/ledger_row.h"

#define SQL_MAX (16u << 10)  //  bytes of a statement
#define TEXTS_MAX (1u << 20) //  bytes of the attempts' texts of a row
#define CALL_BYTES 16

//  What SQLite calls the tables.
#define ENTRIES "entries"
#define ATTEMPTS "attempts"

//  ---- statements, made from the tables of columns

static int
s_prepare (sqlite3 *db, char *sql, sqlite3_stmt **stmt)
{
    int rc = sqlite3_prepare_v3 (db, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL);
    free (sql);
    return rc;
}

static char *
s_insert (const char *name, const ledger_table_t *table)
{
    br_buf_t sql;
    br_buf_init (&sql, SQL_MAX);
    char *names = ledger_table_names (table);
    br_buf_addf (&sql, "INSERT INTO %s (%s) VALUES (", name, names);
    free (names);
    for (size_t i = 0; i < table->columns_count; i++)
        br_buf_adds (&sql, i ? ", ?" : "?");
    br_buf_adds (&sql, ")");
    char *text = br_strdup (br_buf_text (&sql));
    br_buf_free (&sql);
    return text;
}

static char *
s_select (const char *name, const ledger_table_t *table, const char *where)
{
    char *names = ledger_table_names (table);
    char *sql = br_strf ("SELECT %s FROM %s %s", names, name, where);
    free (names);
    return sql;
}

static void
s_begin (ledger_row_t *self)
{
    *self = (ledger_row_t) { .entry = NULL };
    br_buf_init (&self->texts, TEXTS_MAX);
}

int
ledger_row_writer (ledger_row_t *self, sqlite3 *db)
{
    s_begin (self);
    int rc = s_prepare (db, s_insert (ENTRIES, &ledger_entries), &self->entry);
    return rc == SQLITE_OK
               ? s_prepare (db, s_insert (ATTEMPTS, &ledger_attempts), &self->tries)
               : rc;
}

int
ledger_row_reader (ledger_row_t *self, sqlite3 *db, const char *where)
{
    s_begin (self);
    int rc = s_prepare (db, s_select (ENTRIES, &ledger_entries, where), &self->entry);
    if (rc != SQLITE_OK)
        return rc;
    return s_prepare (
        db, s_select (ATTEMPTS, &ledger_attempts, "WHERE seq = ? ORDER BY place"),
        &self->tries);
}

void
ledger_row_free (ledger_row_t *self)
{
    sqlite3_finalize (self->entry);
    sqlite3_finalize (self->tries);
    self->entry = NULL;
    self->tries = NULL;
    br_buf_free (&self->texts);
}

//  ---- adding

static int
s_bind_call (sqlite3_stmt *stmt, int place, const br_id_t *call)
{
    uint8_t bytes[CALL_BYTES];
    ledger_row_call (*call, bytes);
    return sqlite3_bind_blob (stmt, place, bytes, sizeof bytes, SQLITE_TRANSIENT);
}

static int
s_bind_cost (sqlite3_stmt *stmt, int place, int64_t nusd)
{
    return nusd < 0 ? sqlite3_bind_null (stmt, place)
                    : sqlite3_bind_int64 (stmt, place, nusd);
}

static void
s_bind (sqlite3_stmt *stmt, int place, const ledger_column_t *column, const void *row)
{
    const void *at = (const uint8_t *) row + column->offset;
    switch (column->type) {
    case LEDGER_U64:
        sqlite3_bind_int64 (stmt, place, (sqlite3_int64) * (const uint64_t *) at);
        return;
    case LEDGER_U32: sqlite3_bind_int64 (stmt, place, *(const unsigned *) at); return;
    case LEDGER_FLAG: sqlite3_bind_int (stmt, place, *(const bool *) at); return;
    case LEDGER_COST: s_bind_cost (stmt, place, *(const int64_t *) at); return;
    case LEDGER_TEXT:
        sqlite3_bind_text (stmt, place, *(const char *const *) at, -1, SQLITE_STATIC);
        return;
    case LEDGER_CALL: s_bind_call (stmt, place, at); return;
    case LEDGER_HASHED:
        sqlite3_bind_blob (stmt, place, at, LEDGER_HASH, SQLITE_STATIC);
        return;
    }
}

static int
s_add (sqlite3_stmt *stmt, const ledger_table_t *table, const void *row)
{
    for (size_t i = 0; i < table->columns_count; i++)
        s_bind (stmt, (int) i + 1, &table->columns[i], row);
    int rc = sqlite3_step (stmt);
    int why = sqlite3_reset (stmt);
    return rc == SQLITE_DONE ? rc : why;
}

int
ledger_row_add (ledger_row_t *self, const ledger_entry_t *entry)
{
    int rc = s_add (self->entry, &ledger_entries, entry);
    for (size_t i = 0; rc == SQLITE_DONE && i < entry->tries_count; i++) {
        ledger_try_t attempt = { entry->seq, (unsigned) i, entry->tries[i] };
        rc = s_add (self->tries, &ledger_attempts, &attempt);
    }
    return rc;
}

void
ledger_row_call (br_id_t call, uint8_t ret_bytes[16])
{
    for (size_t i = 0; i < 8; i++) {
        ret_bytes[i] = (uint8_t) (call.hi >> (56 - 8 * i));
        ret_bytes[8 + i] = (uint8_t) (call.lo >> (56 - 8 * i));
    }
}

br_id_t
ledger_row_call_of (const uint8_t bytes[16])
{
    br_id_t call = { 0, 0 };
    for (size_t i = 0; i < 8; i++) {
        call.hi = call.hi << 8 | bytes[i];
        call.lo = call.lo << 8 | bytes[8 + i];
    }
    return call;
}

//  ---- reading: false for a value that none of our rows has

static bool
s_read_blob (sqlite3_stmt *stmt, int place, void *out, int size)
{
    const void *bytes = sqlite3_column_blob (stmt, place);
    if (sqlite3_column_type (stmt, place) != SQLITE_BLOB
        || sqlite3_column_bytes (stmt, place) != size)
        return false;
    memcpy (out, bytes, (size_t) size);
    return true;
}

static bool
s_read_call (sqlite3_stmt *stmt, int place, br_id_t *call)
{
    uint8_t bytes[CALL_BYTES];
    if (!s_read_blob (stmt, place, bytes, sizeof bytes))
        return false;
    *call = ledger_row_call_of (bytes);
    return true;
}

static bool
s_read_text (sqlite3_stmt *stmt, int place, const char **text)
{
    const char *bytes = (const char *) sqlite3_column_text (stmt, place);
    *text = bytes ? bytes : "";
    return bytes && strlen (bytes) == (size_t) sqlite3_column_bytes (stmt, place);
}

static bool
s_read_cost (sqlite3_stmt *stmt, int place, int64_t *nusd)
{
    bool is_null = sqlite3_column_type (stmt, place) == SQLITE_NULL;
    *nusd = is_null ? LEDGER_UNKNOWN : sqlite3_column_int64 (stmt, place);
    return is_null || *nusd >= 0;
}

static bool
s_read_column (sqlite3_stmt *stmt, int place, const ledger_column_t *column, void *row)
{
    void *at = (uint8_t *) row + column->offset;
    int64_t number = sqlite3_column_int64 (stmt, place);
    int type = sqlite3_column_type (stmt, place);
    switch (column->type) {
    case LEDGER_U64: *(uint64_t *) at = (uint64_t) number; return type == SQLITE_INTEGER;
    case LEDGER_U32:
        *(unsigned *) at = (unsigned) number;
        return type == SQLITE_INTEGER && number >= 0 && number <= UINT32_MAX;
    case LEDGER_FLAG:
        *(bool *) at = number == 1;
        return type == SQLITE_INTEGER && (number == 0 || number == 1);
    case LEDGER_COST: return s_read_cost (stmt, place, at);
    case LEDGER_TEXT: return s_read_text (stmt, place, at);
    case LEDGER_CALL: return s_read_call (stmt, place, at);
    case LEDGER_HASHED: return s_read_blob (stmt, place, at, LEDGER_HASH);
    }
    return false;
}

static bool
s_read (sqlite3_stmt *stmt, const ledger_table_t *table, void *row)
{
    bool is_ours = true;
    for (size_t i = 0; i < table->columns_count; i++)
        is_ours &= s_read_column (stmt, (int) i, &table->columns[i], row);
    return is_ours;
}

//  The texts of an attempt, which end with the next step: they are copied, and pointed to
//  once all are there.
typedef struct {
    size_t provider, endpoint, model; //  offsets
} s_texts_t;

static size_t
s_keep (br_buf_t *texts, const char *text, bool *fits)
{
    size_t offset = texts->size;
    *fits &= br_buf_add (texts, text, strlen (text) + 1) == 0;
    return offset;
}

static bool
s_read_try (ledger_row_t *self, ledger_entry_t *entry, s_texts_t *texts)
{
    ledger_try_t attempt = { .row = { .provider = "", .endpoint = "", .model = "" } };
    if (entry->tries_count == BR_TRIES_MAX
        || !s_read (self->tries, &ledger_attempts, &attempt)
        || attempt.place != entry->tries_count)
        return false;
    bool fits = true;
    texts->provider = s_keep (&self->texts, attempt.row.provider, &fits);
    texts->endpoint = s_keep (&self->texts, attempt.row.endpoint, &fits);
    texts->model = s_keep (&self->texts, attempt.row.model, &fits);
    if (fits)
        entry->tries[entry->tries_count++] = attempt.row;
    return fits;
}

static bool
s_read_tries (ledger_row_t *self, ledger_entry_t *entry, int *rc)
{
    s_texts_t texts[BR_TRIES_MAX + 1] = { { 0, 0, 0 } };
    bool is_ours = true;
    br_buf_clear (&self->texts);
    sqlite3_bind_int64 (self->tries, 1, (sqlite3_int64) entry->seq);
    *rc = sqlite3_step (self->tries);
    while (is_ours && *rc == SQLITE_ROW) {
        is_ours = s_read_try (self, entry, &texts[entry->tries_count]);
        *rc = sqlite3_step (self->tries);
    }
    const char *base = (const char *) self->texts.data;
    for (size_t i = 0; i < entry->tries_count; i++) {
        entry->tries[i].provider = base + texts[i].provider;
        entry->tries[i].endpoint = base + texts[i].endpoint;
        entry->tries[i].model = base + texts[i].model;
    }
    sqlite3_reset (self->tries);
    return is_ours;
}

int
ledger_row_next (ledger_row_t *self, ledger_entry_t *ret_entry)
{
    int rc = sqlite3_step (self->entry);
    if (rc != SQLITE_ROW)
        return rc;
    ledger_entry_init (ret_entry);
    bool is_ours = s_read (self->entry, &ledger_entries, ret_entry);
    is_ours &= s_read_tries (self, ret_entry, &rc);
    if (!is_ours)
        memset (ret_entry->hash, 0, sizeof ret_entry->hash);
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_ROW : rc;
}
