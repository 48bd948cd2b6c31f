//  ledger_postgres: a ledger's rows in PostgreSQL. Values are bound, never part of a
//  statement's text; a thousand rows are one statement, whose parameters are arrays.
//
//  A call that finds its connection broken makes a new one first. Rows are read a page at a
//  time, each by a statement of its own: nothing is held open while somebody looks at rows.

#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/ledger/ledger_batch.h"
#include "broker/ledger/ledger_page.h"
#include "broker/ledger/ledger_postgres.h"
#include "broker/ledger/ledger_postgres_array.h"
#include "broker/ledger/ledger_postgres_schema.h"
#include "broker/ledger/ledger_remote.h"

#define TEXT(macro) TEXT_OF (macro)
#define TEXT_OF(value) #value

typedef struct _postgres_t {
    char *url;    //  owned; holds a password
    PGconn *conn; //  owned, or NULL
} postgres_t;

//  ---- statements

static int
s_fail (postgres_t *self, const char *what, br_error_t *reterr)
{
    return ledger_remote_fail (reterr, what, PQerrorMessage (self->conn),
                               PQpass (self->conn));
}

//  Up to two numbers are bound. "caller clears", or NULL
static PGresult *
s_ask (postgres_t *self, const char *what, const char *sql, const int64_t *numbers,
       int count, br_error_t *reterr)
{
    char texts[2][24];
    const char *values[2];
    for (int i = 0; i < count; i++) {
        snprintf (texts[i], sizeof texts[i], "%" PRId64, numbers[i]);
        values[i] = texts[i];
    }
    PGresult *result = PQexecParams (self->conn, sql, count, NULL, values, NULL, NULL, 1);
    ExecStatusType status = PQresultStatus (result);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return result;
    s_fail (self, what, reterr);
    PQclear (result);
    return NULL;
}

//  Statements without parameters and without an answer that matters.
static int
s_run (postgres_t *self, const char *what, const char *sql, br_error_t *reterr)
{
    PGresult *result = PQexec (self->conn, sql);
    ExecStatusType status = PQresultStatus (result);
    bool is_good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
    int rc = is_good ? 0 : s_fail (self, what, reterr);
    PQclear (result);
    return rc;
}

static void
s_roll_back (postgres_t *self)
{
    if (PQstatus (self->conn) == CONNECTION_OK
        && PQtransactionStatus (self->conn) != PQTRANS_IDLE)
        s_run (self, "", "ROLLBACK", NULL);
}

//  One number of the first row.
static int
s_number (postgres_t *self, const char *sql, int64_t *ret_number, br_error_t *reterr)
{
    PGresult *result = s_ask (self, "cannot read the version of the ledger's tables", sql,
                              NULL, 0, reterr);
    if (!result)
        return -1;
    *ret_number = 0;
    if (PQntuples (result) > 0 && !PQgetisnull (result, 0, 0))
        *ret_number = ledger_postgres_value (LEDGER_U64, PQgetvalue (result, 0, 0),
                                             (size_t) PQgetlength (result, 0, 0))
                          .number;
    PQclear (result);
    return 0;
}

//  ---- tables

//  0 when there are no tables yet.
static int
s_version (postgres_t *self, int64_t *ret_version, br_error_t *reterr)
{
    int64_t is_there = 0;
    if (s_number (self,
                  "SELECT count(*) FROM pg_class"
                  " WHERE oid = to_regclass ('bitrouter_schema')",
                  &is_there, reterr))
        return -1;
    *ret_version = 0;
    return is_there ? s_number (self,
                                "SELECT coalesce (max (version), 0)::bigint"
                                " FROM bitrouter_schema",
                                ret_version, reterr)
                    : 0;
}

//  Within a transaction that holds the lock.
static int
s_take_steps (postgres_t *self, int64_t version, br_error_t *reterr)
{
    static const char what[] = "cannot make the ledger's tables";
    if (s_run (self, what,
               "CREATE TABLE IF NOT EXISTS bitrouter_schema"
               " (version bigint NOT NULL PRIMARY KEY,"
               " since timestamptz NOT NULL DEFAULT now ())",
               reterr))
        return -1;
    for (int64_t i = version; i < ledger_postgres_steps_count; i++) {
        if (s_run (self, what, ledger_postgres_steps[i], reterr))
            return -1;
        int64_t next = i + 1;
        PGresult *result = s_ask (self, what,
                                  "INSERT INTO bitrouter_schema (version)"
                                  " VALUES ($1::bigint)",
                                  &next, 1, reterr);
        if (!result)
            return -1;
        PQclear (result);
    }
    return s_run (self, what, "COMMIT", reterr);
}

//  Two that start at the same time: the second one waits, and finds it done.
static int
s_update (postgres_t *self, br_error_t *reterr)
{
    int64_t version = 0;
    if (s_version (self, &version, reterr))
        return -1;
    int rc = ledger_remote_version (version, ledger_postgres_steps_count, reterr);
    if (rc <= 0)
        return rc;
    rc = s_run (self, "cannot lock the ledger's tables",
                "BEGIN; SELECT pg_advisory_xact_lock (hashtext ('bitrouter_schema'))",
                reterr);
    if (rc == 0)
        rc = s_version (self, &version, reterr);
    if (rc == 0)
        rc = ledger_remote_version (version, ledger_postgres_steps_count, reterr);
    if (rc == 1)
        rc = s_take_steps (self, version, reterr);
    s_roll_back (self);
    return rc;
}

//  ---- connection

static void
s_be_silent (void *arg, const char *message)
{
    (void) arg;
    (void) message;
}

//  Whoever wrote the address may have other bounds for a connection than we.
static PGconn *
s_dial (const char *url)
{
    static const char *const names[] = {
        "connect_timeout",  "keepalives_idle",  "keepalives_interval",
        "keepalives_count", "tcp_user_timeout", "fallback_application_name",
        "dbname",           "client_encoding",  NULL,
    };
    const char *const values[] = {
        TEXT (LEDGER_CONNECT_S), "10", "5", "4", "30000", "bitrouter", url, "UTF8", NULL,
    };
    return PQconnectdbParams (names, values, 1);
}

static int
s_connect (postgres_t *self, br_error_t *reterr)
{
    static const char what[] = "cannot connect to the PostgreSQL of the ledger";
    PQfinish (self->conn);
    self->conn = s_dial (self->url);
    if (PQstatus (self->conn) != CONNECTION_OK)
        return s_fail (self, what, reterr);
    PQsetNoticeProcessor (self->conn, s_be_silent, NULL);
    const char *encoding = PQparameterStatus (self->conn, "server_encoding");
    if (!encoding || strcmp (encoding, "UTF8") != 0)
        return br_error_set (reterr, BR_ECONFIG,
                             "the PostgreSQL database of the ledger has the encoding %s: "
                             "make one with the encoding UTF8",
                             encoding ? encoding : "(unknown)");
    if (s_run (self, what, "SET statement_timeout = '" TEXT (LEDGER_STATEMENT_S) "s'",
               reterr))
        return -1;
    return s_update (self, reterr);
}

//  Asks the server for nothing: what it said when it went away may still be unread.
static bool
s_is_alive (postgres_t *self)
{
    PGresult *result = self->conn ? PQexec (self->conn, "") : NULL;
    bool is_alive = PQresultStatus (result) == PGRES_EMPTY_QUERY;
    PQclear (result);
    return is_alive;
}

static int
s_ready (postgres_t *self, br_error_t *reterr)
{
    if (s_is_alive (self))
        return 0;
    int rc = s_connect (self, reterr);
    if (rc) {
        PQfinish (self->conn);
        self->conn = NULL;
    }
    return rc;
}

static void
s_close (void **self_p)
{
    postgres_t *self = *self_p;
    if (!self)
        return;
    PQfinish (self->conn);
    free (self->url);
    free (self);
    *self_p = NULL;
}

//  An @ or a / of a password that was not escaped makes a host or a port of the rest of it,
//  which would be shown.
static bool
s_is_escaped (const char *url)
{
    const char *user = strstr (url, "://");
    size_t size = user ? strcspn (user + 3, "?") : 0;
    const char *at = size ? memrchr (user + 3, '@', size) : NULL;
    size_t before = at ? (size_t) (at - user - 3) : 0;
    return before == 0
           || (!memchr (user + 3, '@', before) && !memchr (user + 3, '/', before));
}

static bool
s_has_port (const PQconninfoOption *options)
{
    bool is_port = true;
    for (; options->keyword; options++)
        if (strcmp (options->keyword, "port") == 0 && options->val)
            is_port = !options->val[strspn (options->val, "0123456789,")];
    return is_port;
}

//  libpq's own words would quote the address, password included.
static int
s_check_url (const char *url, br_error_t *reterr)
{
    PQconninfoOption *options = PQconninfoParse (url, NULL);
    bool is_good = options && s_is_escaped (url) && s_has_port (options);
    PQconninfoFree (options);
    if (!is_good)
        return br_error_set (reterr, BR_ECONFIG,
                             "the address of the database is none that PostgreSQL takes: "
                             "postgres://USER:PASSWORD@HOST:PORT/NAME?sslmode=MODE, with "
                             "%%40 for an @ and %%2F for a / in a password");
    return 0;
}

static void *
s_open (const char *url, br_error_t *reterr)
{
    if (s_check_url (url, reterr))
        return NULL;
    postgres_t *self = BR_NEW (postgres_t);
    self->url = br_strdup (url);
    void *opened = self;
    if (s_ready (self, reterr))
        s_close (&opened);
    return opened;
}

//  ---- adding

//  Tells the batch which of its rows are there, and the one before: a server that was down
//  may have lost what it had promised to keep.
static int
s_find_present (postgres_t *self, ledger_batch_t *batch, const ledger_entry_t *entries,
                size_t count, br_error_t *reterr)
{
    const int64_t range[] = { (int64_t) entries[0].seq - 1,
                              (int64_t) entries[count - 1].seq };
    PGresult *result = s_ask (self, "cannot look for rows of the ledger",
                              "SELECT seq, hash FROM bitrouter_entries"
                              " WHERE seq BETWEEN $1::bigint AND $2::bigint",
                              range, 2, reterr);
    int rc = result ? 0 : -1;
    for (int i = 0; rc == 0 && i < PQntuples (result); i++) {
        ledger_value_t seq = ledger_postgres_value (LEDGER_U64, PQgetvalue (result, i, 0),
                                                    (size_t) PQgetlength (result, i, 0));
        rc = ledger_batch_present (batch, (uint64_t) seq.number,
                                   PQgetvalue (result, i, 1),
                                   (size_t) PQgetlength (result, i, 1), reterr);
    }
    PQclear (result);
    return rc ? rc : ledger_batch_check (batch, reterr);
}

//  "INSERT INTO t (a, b) SELECT * FROM unnest ($1::bigint[], $2::text[])". "caller frees"
static char *
s_insert_text (const ledger_table_t *table)
{
    char *names = ledger_table_names (table);
    br_buf_t sql;
    br_buf_init (&sql, LEDGER_SQL_MAX);
    br_buf_addf (&sql, "INSERT INTO %s (%s) SELECT * FROM unnest (", table->name, names);
    for (size_t i = 0; i < table->columns_count; i++)
        br_buf_addf (&sql, "%s$%zu::%s[]", i ? ", " : "", i + 1,
                     ledger_postgres_type (table->columns[i].type));
    br_buf_addc (&sql, ')');
    char *text = br_strdup (br_buf_text (&sql));
    br_buf_free (&sql);
    free (names);
    return text;
}

//  Sends one statement with an array for each column.
static int
s_send_arrays (postgres_t *self, const char *sql, br_buf_t *arrays, size_t columns,
               size_t count, br_error_t *reterr)
{
    const char *values[LEDGER_WIDTH_MAX];
    int sizes[LEDGER_WIDTH_MAX], formats[LEDGER_WIDTH_MAX];
    for (size_t i = 0; i < columns; i++) {
        if (arrays[i].overflow)
            return br_error_set (reterr, BR_ESYSTEM,
                                 "rows of the ledger are too large for one statement");
        ledger_postgres_array_end (&arrays[i], count);
        values[i] = (const char *) arrays[i].data;
        sizes[i] = (int) arrays[i].size;
        formats[i] = 1;
    }
    PGresult *result = PQexecParams (self->conn, sql, (int) columns, NULL, values, sizes,
                                     formats, 1);
    int rc = PQresultStatus (result) == PGRES_COMMAND_OK
                 ? 0
                 : s_fail (self, "cannot add rows to the ledger", reterr);
    PQclear (result);
    return rc;
}

//  Fills the arrays with as many rows as one statement may have. Returns their count.
static size_t
s_fill_arrays (br_buf_t *arrays, const ledger_table_t *table, const void *const *rows,
               size_t count)
{
    for (size_t i = 0; i < table->columns_count; i++)
        ledger_postgres_array_start (&arrays[i], table->columns[i].type);
    size_t taken = 0, bytes = 0;
    br_arena_t *arena = br_arena_new ();
    for (; taken < count && taken < LEDGER_REMOTE_ROWS && bytes < LEDGER_REMOTE_BYTES;
         taken++)
        for (size_t i = 0; i < table->columns_count; i++) {
            const ledger_column_t *column = &table->columns[i];
            size_t before = arrays[i].size;
            ledger_postgres_array_add (&arrays[i], column->type,
                                       ledger_column_get (column, rows[taken], arena));
            bytes += arrays[i].size - before;
        }
    br_arena_destroy (&arena);
    return taken;
}

static int
s_insert (postgres_t *self, const ledger_table_t *table, const void *const *rows,
          size_t count, br_error_t *reterr)
{
    char *sql = s_insert_text (table);
    br_buf_t arrays[LEDGER_WIDTH_MAX] = { { .data = NULL } };
    for (size_t i = 0; i < table->columns_count; i++)
        br_buf_init (&arrays[i], LEDGER_REMOTE_BYTES * 8);
    int rc = 0;
    for (size_t done = 0; done < count && rc == 0;) {
        size_t taken = s_fill_arrays (arrays, table, rows + done, count - done);
        rc = s_send_arrays (self, sql, arrays, table->columns_count, taken, reterr);
        done += taken;
    }
    for (size_t i = 0; i < table->columns_count; i++)
        br_buf_free (&arrays[i]);
    free (sql);
    return rc;
}

static int
s_insert_batch (postgres_t *self, ledger_batch_t *batch, br_error_t *reterr)
{
    const ledger_table_t *const tables[] = { &ledger_entries, &ledger_attempts };
    for (size_t i = 0; i < 2; i++) {
        size_t count = 0;
        const void *const *rows = ledger_batch_rows (batch, tables[i], &count);
        if (s_insert (self, tables[i], rows, count, reterr))
            return -1;
    }
    return 0;
}

static int
s_add (void *opened, const ledger_entry_t *entries, size_t count, br_error_t *reterr)
{
    static const char what[] = "cannot add rows to the ledger";
    postgres_t *self = opened;
    if (count == 0)
        return 0;
    if (s_ready (self, reterr))
        return -1;
    ledger_batch_t *batch = ledger_batch_new (entries, count);
    int rc = s_run (self, what, "BEGIN", reterr);
    if (rc == 0)
        rc = s_find_present (self, batch, entries, count, reterr);
    if (rc == 0)
        rc = s_insert_batch (self, batch, reterr);
    if (rc == 0)
        rc = s_run (self, what, "COMMIT", reterr);
    if (rc)
        s_roll_back (self);
    ledger_batch_destroy (&batch);
    return rc;
}

//  ---- reading

static int
s_last (void *opened, uint64_t *ret_seq, uint8_t *ret_hash, br_error_t *reterr)
{
    postgres_t *self = opened;
    if (s_ready (self, reterr))
        return -1;
    PGresult *result = s_ask (self, "cannot read the ledger's last row",
                              "SELECT seq, hash FROM bitrouter_entries"
                              " ORDER BY seq DESC LIMIT 1",
                              NULL, 0, reterr);
    if (!result)
        return -1;
    *ret_seq = 0;
    memset (ret_hash, 0, LEDGER_HASH);
    if (PQntuples (result) > 0) {
        ledger_value_t seq = ledger_postgres_value (LEDGER_U64, PQgetvalue (result, 0, 0),
                                                    (size_t) PQgetlength (result, 0, 0));
        size_t size = (size_t) PQgetlength (result, 0, 1);
        *ret_seq = (uint64_t) seq.number;
        memcpy (ret_hash, PQgetvalue (result, 0, 1),
                size < LEDGER_HASH ? size : LEDGER_HASH);
    }
    PQclear (result);
    return 0;
}

static ledger_value_t
s_value (const PGresult *result, int row, int column, ledger_column_type_t type)
{
    if (PQgetisnull (result, row, column))
        return (ledger_value_t) { .is_null = true };
    return ledger_postgres_value (type, PQgetvalue (result, row, column),
                                  (size_t) PQgetlength (result, row, column));
}

static void
s_take_rows (const PGresult *result, const ledger_table_t *table, ledger_page_t *page)
{
    ledger_value_t values[LEDGER_WIDTH_MAX];
    for (int row = 0; row < PQntuples (result); row++) {
        for (size_t i = 0; i < table->columns_count; i++)
            values[i] = s_value (result, row, (int) i, table->columns[i].type);
        ledger_page_add (page, table, values);
    }
}

//  in:   where, the rest of the statement; its two parameters
static int
s_select (postgres_t *self, const ledger_table_t *table, const char *where,
          const int64_t *range, ledger_page_t *page, br_error_t *reterr)
{
    char *names = ledger_table_names (table);
    char *sql = br_strf ("SELECT %s FROM %s WHERE %s", names, table->name, where);
    PGresult *result = s_ask (self, "cannot read the ledger", sql, range, 2, reterr);
    if (result)
        s_take_rows (result, table, page);
    int rc = result ? 0 : -1;
    PQclear (result);
    free (sql);
    free (names);
    return rc;
}

static int
s_read_page (void *opened, uint64_t seq, ledger_page_t *page, br_error_t *reterr)
{
    postgres_t *self = opened;
    const int64_t from[] = { (int64_t) seq, LEDGER_PAGE_ROWS };
    if (s_ready (self, reterr)
        || s_select (self, &ledger_entries,
                     "seq >= $1::bigint ORDER BY seq LIMIT $2::bigint", from, page,
                     reterr))
        return -1;
    const int64_t range[] = { (int64_t) ledger_page_first (page),
                              (int64_t) ledger_page_last (page) };
    return s_select (self, &ledger_attempts,
                     "seq BETWEEN $1::bigint AND $2::bigint ORDER BY seq, place", range,
                     page, reterr);
}

static int
s_read (void *opened, uint64_t seq, ledger_row_fn *fn, void *arg, br_error_t *reterr)
{
    return ledger_page_read (s_read_page, opened, seq, fn, arg, reterr);
}

const ledger_kind_t ledger_postgres = {
    .scheme = "postgres",
    .open = s_open,
    .close = s_close,
    .add = s_add,
    .last = s_last,
    .read = s_read,
};
