//  ledger_postgres_array: one column of many rows as PostgreSQL's binary array, so that a
//  statement takes any count of rows. Knows no connection.

#ifndef BR_LEDGER_POSTGRES_ARRAY_H
#define BR_LEDGER_POSTGRES_ARRAY_H

#include "broker/core/buf.h"
#include "broker/ledger/ledger_column.h"

//  Name of the column's type in PostgreSQL: "bigint", ...
const char *ledger_postgres_type (ledger_column_type_t type);

//  Begins an array of no elements; appends one; tells it how many there are.
//  err:  buf->overflow
void ledger_postgres_array_start (br_buf_t *buf, ledger_column_type_t type);
void ledger_postgres_array_add (br_buf_t *buf, ledger_column_type_t type,
                                ledger_value_t value);
void ledger_postgres_array_end (br_buf_t *buf, size_t count);

//  The value of a column in a binary result; NULL when the size is none of the type's.
ledger_value_t ledger_postgres_value (ledger_column_type_t type, const void *bytes,
                                      size_t size);

#endif
