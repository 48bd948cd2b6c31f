//  ledger_mysql: a ledger's rows in MariaDB or MySQL. Values are bound, never part of a
//  statement's text; a statement adds as many rows as fit.
//
//  A call that finds its connection broken makes a new one first. Rows are read a page at a
//  time, each by a statement of its own: nothing is held open while somebody looks at rows.

#include <mysql.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/ledger/ledger_batch.h"
#include "broker/ledger/ledger_mysql.h"
#include "broker/ledger/ledger_mysql_schema.h"
#include "broker/ledger/ledger_mysql_stmt.h"
#include "broker/ledger/ledger_mysql_url.h"
#include "broker/ledger/ledger_page.h"
#include "broker/ledger/ledger_remote.h"

#define ROWS_MAX 250 //  of one statement; it has at most 65535 parameters
#define TEXT(macro) TEXT_OF (macro)
#define TEXT_OF(value) #value

typedef struct _mysql_t {
    ledger_mysql_url_t url; //  holds a password
    MYSQL *mysql;           //  owned, or NULL
} mysql_t;

//  ---- statements

static int
s_fail (mysql_t *self, const char *what, br_error_t *reterr)
{
    return ledger_remote_fail (reterr, what, mysql_error (self->mysql),
                               self->url.password);
}

//  Statements without parameters, whose text is our own.
static int
s_run (mysql_t *self, const char *what, const char *sql, br_error_t *reterr)
{
    return mysql_query (self->mysql, sql) ? s_fail (self, what, reterr) : 0;
}

//  Prepares and runs a statement with numbers for parameters. "caller destroys", or NULL
static ledger_mysql_stmt_t *
s_ask (mysql_t *self, const char *what, const char *sql, const int64_t *numbers,
       size_t count, br_error_t *reterr)
{
    static const bool are_numbers[] = { true, true };
    ledger_value_t values[2];
    for (size_t i = 0; i < count; i++)
        values[i] = (ledger_value_t) { .number = numbers[i] };
    ledger_mysql_stmt_t *stmt = ledger_mysql_stmt_new (self->mysql, sql);
    if (ledger_mysql_stmt_run (stmt, values, are_numbers, count)) {
        ledger_remote_fail (reterr, what, ledger_mysql_stmt_reason (stmt),
                            self->url.password);
        ledger_mysql_stmt_destroy (&stmt);
    }
    return stmt;
}

//  One number of the only row.
static int
s_number (mysql_t *self, const char *what, const char *sql, int64_t *ret_number,
          br_error_t *reterr)
{
    static const bool is_number[] = { true };
    ledger_mysql_stmt_t *stmt = s_ask (self, what, sql, NULL, 0, reterr);
    if (!stmt)
        return -1;
    ledger_value_t value = { .number = 0 };
    int rc = ledger_mysql_stmt_next (stmt, &value, is_number, 1);
    *ret_number = value.is_null ? 0 : value.number;
    if (rc < 0)
        ledger_remote_fail (reterr, what, ledger_mysql_stmt_reason (stmt),
                            self->url.password);
    ledger_mysql_stmt_destroy (&stmt);
    return rc < 0 ? -1 : 0;
}

//  ---- tables

//  0 when there are no tables yet.
static int
s_version (mysql_t *self, int64_t *ret_version, br_error_t *reterr)
{
    static const char what[] = "cannot read the version of the ledger's tables";
    int64_t is_there = 0;
    if (s_number (self, what,
                  "SELECT COUNT(*) FROM information_schema.tables"
                  " WHERE table_schema = DATABASE() AND table_name = 'bitrouter_schema'",
                  &is_there, reterr))
        return -1;
    *ret_version = 0;
    return is_there ? s_number (self, what,
                                "SELECT COALESCE(MAX(version), 0) FROM bitrouter_schema",
                                ret_version, reterr)
                    : 0;
}

//  Under the lock.
static int
s_take_steps (mysql_t *self, int64_t version, br_error_t *reterr)
{
    static const char what[] = "cannot make the ledger's tables";
    if (s_run (self, what,
               "CREATE TABLE IF NOT EXISTS bitrouter_schema"
               " (version BIGINT NOT NULL PRIMARY KEY,"
               " since TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP) ENGINE=InnoDB",
               reterr))
        return -1;
    for (int64_t i = version; i < ledger_mysql_steps_count; i++) {
        if (s_run (self, what, ledger_mysql_steps[i], reterr))
            return -1;
        int64_t next = i + 1;
        ledger_mysql_stmt_t *stmt = s_ask (
            self, what, "INSERT INTO bitrouter_schema (version) VALUES (?)", &next, 1,
            reterr);
        if (!stmt)
            return -1;
        ledger_mysql_stmt_destroy (&stmt);
    }
    return 0;
}

//  The lock is of the whole server, so its name has that of the database in it.
static int
s_lock (mysql_t *self, br_error_t *reterr)
{
    static const char what[] = "cannot lock the ledger's tables";
    int64_t is_ours = 0;
    if (s_number (self, what,
                  "SELECT GET_LOCK(CONCAT('bitrouter_', MD5(DATABASE())), " TEXT (
                      LEDGER_STATEMENT_S) " - 5)",
                  &is_ours, reterr))
        return -1;
    return is_ours == 1 ? 0
                        : ledger_remote_fail (reterr, what, "another process has them",
                                              self->url.password);
}

static void
s_unlock (mysql_t *self)
{
    int64_t released;
    s_number (self, "", "SELECT RELEASE_LOCK(CONCAT('bitrouter_', MD5(DATABASE())))",
              &released, NULL);
}

//  Two that start at the same time: the second one waits, and finds it done.
static int
s_update (mysql_t *self, br_error_t *reterr)
{
    int64_t version = 0;
    if (s_version (self, &version, reterr))
        return -1;
    int rc = ledger_remote_version (version, ledger_mysql_steps_count, reterr);
    if (rc <= 0)
        return rc;
    if (s_lock (self, reterr))
        return -1;
    rc = s_version (self, &version, reterr);
    if (rc == 0)
        rc = ledger_remote_version (version, ledger_mysql_steps_count, reterr);
    if (rc == 1)
        rc = s_take_steps (self, version, reterr);
    s_unlock (self);
    return rc;
}

//  ---- connection

static void
s_set_bounds (MYSQL *mysql)
{
    const unsigned connect_s = LEDGER_CONNECT_S, statement_s = LEDGER_STATEMENT_S;
    mysql_options (mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
    mysql_options (mysql, MYSQL_OPT_READ_TIMEOUT, &statement_s);
    mysql_options (mysql, MYSQL_OPT_WRITE_TIMEOUT, &statement_s);
    mysql_options (mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
}

//  A server must not be able to ask for our files.
static void
s_set_security (MYSQL *mysql, const ledger_mysql_url_t *url)
{
    const unsigned no_files = 0;
    const my_bool yes = 1;
    mysql_options (mysql, MYSQL_OPT_LOCAL_INFILE, &no_files);
    if (url->ssl_ca)
        mysql_ssl_set (mysql, NULL, NULL, url->ssl_ca, NULL, NULL);
    if (url->ssl == LEDGER_SSL_REQUIRED || url->ssl == LEDGER_SSL_VERIFY)
        mysql_options (mysql, MYSQL_OPT_SSL_ENFORCE, &yes);
    if (url->ssl == LEDGER_SSL_VERIFY)
        mysql_options (mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
}

//  A host is a host: "localhost" too means the port, not the library's own socket.
static MYSQL *
s_dial (const ledger_mysql_url_t *url)
{
    const unsigned tcp = MYSQL_PROTOCOL_TCP;
    MYSQL *mysql = mysql_init (NULL);
    s_set_bounds (mysql);
    s_set_security (mysql, url);
    if (!url->socket)
        mysql_options (mysql, MYSQL_OPT_PROTOCOL, &tcp);
    mysql_real_connect (mysql,
                        url->socket ? NULL
                        : url->host ? url->host
                                    : "127.0.0.1",
                        url->user, url->password, url->database, url->port, url->socket,
                        0);
    return mysql;
}

static int
s_connect (mysql_t *self, br_error_t *reterr)
{
    static const char what[] = "cannot connect to the MariaDB or MySQL of the ledger";
    mysql_close (self->mysql);
    self->mysql = s_dial (&self->url);
    if (mysql_errno (self->mysql))
        return s_fail (self, what, reterr);
    if (s_run (self, what, "SET SESSION sql_mode = 'STRICT_ALL_TABLES'", reterr)
        || s_run (self, what,
                  "SET SESSION innodb_lock_wait_timeout = " TEXT (LEDGER_STATEMENT_S),
                  reterr)
        || s_run (self, what, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
                  reterr))
        return -1;
    return s_update (self, reterr);
}

static int
s_ready (mysql_t *self, br_error_t *reterr)
{
    if (self->mysql && mysql_ping (self->mysql) == 0)
        return 0;
    int rc = s_connect (self, reterr);
    if (rc) {
        mysql_close (self->mysql);
        self->mysql = NULL;
    }
    return rc;
}

static void
s_close (void **self_p)
{
    mysql_t *self = *self_p;
    if (!self)
        return;
    mysql_close (self->mysql);
    ledger_mysql_url_clear (&self->url);
    free (self);
    *self_p = NULL;
}

static void *
s_open (const char *url, br_error_t *reterr)
{
    ledger_mysql_url_t parts;
    if (ledger_mysql_url_read (&parts, url, reterr))
        return NULL;
    mysql_t *self = BR_NEW (mysql_t);
    self->url = parts;
    void *opened = self;
    if (s_ready (self, reterr))
        s_close (&opened);
    return opened;
}

//  ---- adding

//  Tells the batch which of its rows are there, and the one before: a server that was down
//  may have lost what it had promised to keep.
static int
s_find_present (mysql_t *self, ledger_batch_t *batch, const ledger_entry_t *entries,
                size_t count, br_error_t *reterr)
{
    static const char what[] = "cannot look for rows of the ledger";
    static const bool numbers[] = { true, false };
    const int64_t range[] = { (int64_t) entries[0].seq - 1,
                              (int64_t) entries[count - 1].seq };
    ledger_mysql_stmt_t *stmt = s_ask (self, what,
                                       "SELECT seq, hash FROM bitrouter_entries"
                                       " WHERE seq BETWEEN ? AND ?",
                                       range, 2, reterr);
    ledger_value_t row[2];
    int more = stmt ? ledger_mysql_stmt_next (stmt, row, numbers, 2) : -1;
    int rc = 0;
    while (more == 1 && rc == 0) {
        rc = ledger_batch_present (batch, (uint64_t) row[0].number, row[1].bytes,
                                   row[1].size, reterr);
        if (rc == 0)
            more = ledger_mysql_stmt_next (stmt, row, numbers, 2);
    }
    if (stmt && more < 0)
        ledger_remote_fail (reterr, what, ledger_mysql_stmt_reason (stmt),
                            self->url.password);
    ledger_mysql_stmt_destroy (&stmt);
    if (more < 0 || rc)
        return -1;
    return ledger_batch_check (batch, reterr);
}

//  "INSERT INTO t (a, b) VALUES (?, ?), (?, ?)". "caller frees"
static char *
s_insert_text (const ledger_table_t *table, size_t rows)
{
    char *names = ledger_table_names (table);
    br_buf_t sql;
    br_buf_init (&sql, LEDGER_SQL_MAX);
    br_buf_addf (&sql, "INSERT INTO %s (%s) VALUES ", table->name, names);
    for (size_t row = 0; row < rows; row++)
        for (size_t i = 0; i < table->columns_count; i++)
            br_buf_addf (&sql, "%s?%s",
                         i     ? ", "
                         : row ? ", ("
                               : "(",
                         i + 1 < table->columns_count ? "" : ")");
    char *text = br_strdup (br_buf_text (&sql));
    br_buf_free (&sql);
    free (names);
    return text;
}

//  Takes the values of as many rows as one statement may have. Returns their count.
static size_t
s_take_values (const ledger_table_t *table, const void *const *rows, size_t count,
               br_arena_t *arena, ledger_value_t *ret_values)
{
    size_t taken = 0, bytes = 0;
    for (; taken < count && taken < ROWS_MAX && bytes < LEDGER_REMOTE_BYTES; taken++)
        for (size_t i = 0; i < table->columns_count; i++) {
            *ret_values = ledger_column_get (&table->columns[i], rows[taken], arena);
            bytes += sizeof (int64_t) + ret_values->size;
            ret_values++;
        }
    return taken;
}

//  Runs one statement for some rows. Returns their count, or 0 on error.
static size_t
s_insert_some (mysql_t *self, const ledger_table_t *table, const void *const *rows,
               size_t count, br_error_t *reterr)
{
    size_t width = table->columns_count;
    br_arena_t *arena = br_arena_new ();
    ledger_value_t *values = br_alloc (ROWS_MAX * width, sizeof *values);
    bool *numbers = br_alloc (ROWS_MAX * width, sizeof *numbers);
    for (size_t i = 0; i < ROWS_MAX * width; i++)
        numbers[i] = ledger_mysql_is_number (&table->columns[i % width]);
    size_t taken = s_take_values (table, rows, count, arena, values);
    char *sql = s_insert_text (table, taken);
    ledger_mysql_stmt_t *stmt = ledger_mysql_stmt_new (self->mysql, sql);
    if (ledger_mysql_stmt_run (stmt, values, numbers, taken * width)) {
        ledger_remote_fail (reterr, "cannot add rows to the ledger",
                            ledger_mysql_stmt_reason (stmt), self->url.password);
        taken = 0;
    }
    ledger_mysql_stmt_destroy (&stmt);
    free (sql);
    free (numbers);
    free (values);
    br_arena_destroy (&arena);
    return taken;
}

static int
s_insert (mysql_t *self, ledger_batch_t *batch, const ledger_table_t *table,
          br_error_t *reterr)
{
    size_t count = 0;
    const void *const *rows = ledger_batch_rows (batch, table, &count);
    for (size_t done = 0; done < count;) {
        size_t taken = s_insert_some (self, table, rows + done, count - done, reterr);
        if (taken == 0)
            return -1;
        done += taken;
    }
    return 0;
}

static int
s_add (void *opened, const ledger_entry_t *entries, size_t count, br_error_t *reterr)
{
    static const char what[] = "cannot add rows to the ledger";
    mysql_t *self = opened;
    if (count == 0)
        return 0;
    if (s_ready (self, reterr))
        return -1;
    ledger_batch_t *batch = ledger_batch_new (entries, count);
    int rc = s_run (self, what, "START TRANSACTION", reterr);
    if (rc == 0)
        rc = s_find_present (self, batch, entries, count, reterr);
    if (rc == 0)
        rc = s_insert (self, batch, &ledger_entries, reterr);
    if (rc == 0)
        rc = s_insert (self, batch, &ledger_attempts, reterr);
    if (rc == 0)
        rc = s_run (self, what, "COMMIT", reterr);
    if (rc)
        s_run (self, what, "ROLLBACK", NULL);
    ledger_batch_destroy (&batch);
    return rc;
}

//  ---- reading

static int
s_last (void *opened, uint64_t *ret_seq, uint8_t *ret_hash, br_error_t *reterr)
{
    static const char what[] = "cannot read the ledger's last row";
    static const bool numbers[] = { true, false };
    mysql_t *self = opened;
    if (s_ready (self, reterr))
        return -1;
    ledger_mysql_stmt_t *stmt = s_ask (
        self, what, "SELECT seq, hash FROM bitrouter_entries ORDER BY seq DESC LIMIT 1",
        NULL, 0, reterr);
    if (!stmt)
        return -1;
    ledger_value_t row[2];
    int rc = ledger_mysql_stmt_next (stmt, row, numbers, 2);
    if (rc >= 0) {
        *ret_seq = rc ? (uint64_t) row[0].number : 0;
        memset (ret_hash, 0, LEDGER_HASH);
        if (rc && row[1].size == LEDGER_HASH)
            memcpy (ret_hash, row[1].bytes, LEDGER_HASH);
    } else {
        ledger_remote_fail (reterr, what, ledger_mysql_stmt_reason (stmt),
                            self->url.password);
    }
    ledger_mysql_stmt_destroy (&stmt);
    return rc < 0 ? -1 : 0;
}

//  All rows of a statement to a page.
static int
s_take_rows (ledger_mysql_stmt_t *stmt, const ledger_table_t *table, ledger_page_t *page)
{
    bool numbers[LEDGER_WIDTH_MAX];
    ledger_value_t values[LEDGER_WIDTH_MAX];
    for (size_t i = 0; i < table->columns_count; i++)
        numbers[i] = ledger_mysql_is_number (&table->columns[i]);
    int more;
    do {
        more = ledger_mysql_stmt_next (stmt, values, numbers, table->columns_count);
        if (more == 1)
            ledger_page_add (page, table, values);
    } while (more == 1);
    return more;
}

//  in:   where, the rest of the statement; its two parameters
static int
s_select (mysql_t *self, const ledger_table_t *table, const char *where,
          const int64_t *range, ledger_page_t *page, br_error_t *reterr)
{
    static const char what[] = "cannot read the ledger";
    char *names = ledger_table_names (table);
    char *sql = br_strf ("SELECT %s FROM %s WHERE %s", names, table->name, where);
    ledger_mysql_stmt_t *stmt = s_ask (self, what, sql, range, 2, reterr);
    int rc = stmt ? s_take_rows (stmt, table, page) : -1;
    if (stmt && rc)
        ledger_remote_fail (reterr, what, ledger_mysql_stmt_reason (stmt),
                            self->url.password);
    ledger_mysql_stmt_destroy (&stmt);
    free (sql);
    free (names);
    return rc;
}

static int
s_read_page (void *opened, uint64_t seq, ledger_page_t *page, br_error_t *reterr)
{
    mysql_t *self = opened;
    const int64_t from[] = { (int64_t) seq, LEDGER_PAGE_ROWS };
    if (s_ready (self, reterr)
        || s_select (self, &ledger_entries, "seq >= ? ORDER BY seq LIMIT ?", from, page,
                     reterr))
        return -1;
    const int64_t range[] = { (int64_t) ledger_page_first (page),
                              (int64_t) ledger_page_last (page) };
    return s_select (self, &ledger_attempts, "seq BETWEEN ? AND ? ORDER BY seq, place",
                     range, page, reterr);
}

static int
s_read (void *opened, uint64_t seq, ledger_row_fn *fn, void *arg, br_error_t *reterr)
{
    return ledger_page_read (s_read_page, opened, seq, fn, arg, reterr);
}

const ledger_kind_t ledger_mysql = {
    .scheme = "mysql",
    .open = s_open,
    .close = s_close,
    .add = s_add,
    .last = s_last,
    .read = s_read,
};
