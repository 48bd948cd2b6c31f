//  ledger_mysql_stmt: one prepared statement of MariaDB and MySQL: values go in, rows come out.

#ifndef BR_LEDGER_MYSQL_STMT_H
#define BR_LEDGER_MYSQL_STMT_H

#include "broker/ledger/ledger_column.h"

struct st_mysql; //  MYSQL of <mysql.h>

typedef struct _ledger_mysql_stmt_t ledger_mysql_stmt_t;

//  Prepares. When it fails, ledger_mysql_stmt_reason has why. "caller destroys"
ledger_mysql_stmt_t *ledger_mysql_stmt_new (struct st_mysql *mysql, const char *sql);
void ledger_mysql_stmt_destroy (ledger_mysql_stmt_t **self_p);

//  Binds a value to each parameter, and runs it. Values are borrowed during the call.
//  in:   numbers, which of them are numbers
//  err:  -1
int ledger_mysql_stmt_run (ledger_mysql_stmt_t *self, const ledger_value_t *values,
                           const bool *numbers, size_t count);

//  The next row: 1, with a value for each of count columns, "owned by self, until next
//  call"; 0 when there is no more; or -1.
int ledger_mysql_stmt_next (ledger_mysql_stmt_t *self, ledger_value_t *ret_values,
                            const bool *numbers, size_t count);

//  What the database says to the last failure.
const char *ledger_mysql_stmt_reason (const ledger_mysql_stmt_t *self);

//  Whether a column is bound as a number.
bool ledger_mysql_is_number (const ledger_column_t *column);

#endif
