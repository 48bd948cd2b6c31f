//  ledger_mysql_stmt: one prepared statement of MariaDB and MySQL.

#include <mysql.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/ledger/ledger_mysql_stmt.h"

struct _ledger_mysql_stmt_t {
    MYSQL_STMT *stmt;     //  owned
    br_arena_t *arena;    //  owned, or NULL; of the texts of the last row
    MYSQL_BIND *binds;    //  owned, or NULL; where rows come out
    int64_t *numbers;     //  owned; likewise
    unsigned long *sizes; //  owned; likewise, bytes
    my_bool *nulls;       //  owned; likewise
    bool failed;          //  it could not even be prepared
};

bool
ledger_mysql_is_number (const ledger_column_t *column)
{
    return column->type != LEDGER_TEXT && column->type != LEDGER_CALL
           && column->type != LEDGER_HASHED;
}

ledger_mysql_stmt_t *
ledger_mysql_stmt_new (MYSQL *mysql, const char *sql)
{
    ledger_mysql_stmt_t *self = BR_NEW (ledger_mysql_stmt_t);
    self->stmt = mysql_stmt_init (mysql);
    self->failed = !self->stmt || mysql_stmt_prepare (self->stmt, sql, strlen (sql));
    return self;
}

void
ledger_mysql_stmt_destroy (ledger_mysql_stmt_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ledger_mysql_stmt_t *self = *self_p;
    if (self->stmt)
        mysql_stmt_close (self->stmt);
    br_arena_destroy (&self->arena);
    free (self->binds);
    free (self->numbers);
    free (self->sizes);
    free (self->nulls);
    free (self);
    *self_p = NULL;
}

const char *
ledger_mysql_stmt_reason (const ledger_mysql_stmt_t *self)
{
    return self->stmt ? mysql_stmt_error (self->stmt) : "the connection is gone";
}

//  ---- in

static MYSQL_BIND
s_bind (const ledger_value_t *value, bool is_number)
{
    MYSQL_BIND bind = { .buffer_type = MYSQL_TYPE_NULL };
    if (value->is_null)
        return bind;
    bind.buffer_type = is_number ? MYSQL_TYPE_LONGLONG : MYSQL_TYPE_STRING;
    //  The library only reads what it sends.
    bind.buffer = is_number ? (void *) (uintptr_t) &value->number
                            : (void *) (uintptr_t) value->bytes;
    bind.buffer_length = is_number ? sizeof value->number : value->size;
    return bind;
}

int
ledger_mysql_stmt_run (ledger_mysql_stmt_t *self, const ledger_value_t *values,
                       const bool *numbers, size_t count)
{
    if (self->failed)
        return -1;
    MYSQL_BIND *binds = br_alloc (count + 1, sizeof *binds);
    for (size_t i = 0; i < count; i++)
        binds[i] = s_bind (&values[i], numbers[i]);
    int rc = count && mysql_stmt_bind_param (self->stmt, binds) ? -1 : 0;
    if (rc == 0)
        rc = mysql_stmt_execute (self->stmt) ? -1 : 0;
    free (binds);
    return rc;
}

//  ---- out

//  Texts are asked for one by one, when their sizes are known.
static int
s_bind_row (ledger_mysql_stmt_t *self, const bool *numbers, size_t count)
{
    self->binds = br_alloc (count, sizeof *self->binds);
    self->numbers = br_alloc (count, sizeof *self->numbers);
    self->sizes = br_alloc (count, sizeof *self->sizes);
    self->nulls = br_alloc (count, sizeof *self->nulls);
    for (size_t i = 0; i < count; i++) {
        MYSQL_BIND *bind = &self->binds[i];
        bind->length = &self->sizes[i];
        bind->is_null = &self->nulls[i];
        bind->buffer_type = numbers[i] ? MYSQL_TYPE_LONGLONG : MYSQL_TYPE_STRING;
        bind->buffer = numbers[i] ? &self->numbers[i] : NULL;
        bind->buffer_length = numbers[i] ? sizeof *self->numbers : 0;
    }
    return mysql_stmt_bind_result (self->stmt, self->binds) ? -1 : 0;
}

static int
s_read_text (ledger_mysql_stmt_t *self, size_t index, ledger_value_t *ret_value)
{
    size_t size = self->sizes[index];
    void *text = br_arena_take (self->arena, size + 1);
    MYSQL_BIND bind = {
        .buffer_type = MYSQL_TYPE_STRING,
        .buffer = text,
        .buffer_length = size,
        .length = &self->sizes[index],
        .is_null = &self->nulls[index],
    };
    *ret_value = (ledger_value_t) { .bytes = text, .size = size };
    if (size == 0)
        return 0;
    return mysql_stmt_fetch_column (self->stmt, &bind, (unsigned) index, 0) ? -1 : 0;
}

int
ledger_mysql_stmt_next (ledger_mysql_stmt_t *self, ledger_value_t *ret_values,
                        const bool *numbers, size_t count)
{
    if (self->failed || (!self->binds && s_bind_row (self, numbers, count)))
        return -1;
    int rc = mysql_stmt_fetch (self->stmt);
    if (rc == MYSQL_NO_DATA)
        return 0;
    if (rc != 0 && rc != MYSQL_DATA_TRUNCATED)
        return -1;
    br_arena_destroy (&self->arena);
    self->arena = br_arena_new ();
    for (size_t i = 0; i < count; i++) {
        ret_values[i] = (ledger_value_t) { .is_null = self->nulls[i] };
        if (self->nulls[i])
            continue;
        if (numbers[i])
            ret_values[i].number = self->numbers[i];
        else if (s_read_text (self, i, &ret_values[i]))
            return -1;
    }
    return 1;
}
