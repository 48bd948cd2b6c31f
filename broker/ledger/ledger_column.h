//  ledger_column: the columns of a ledger's two tables: one table of names for hashing,
//  writing and reading. Knows no database. A column is never changed or moved once it was
//  released: the hash of a row covers them in this order.

#ifndef BR_LEDGER_COLUMN_H
#define BR_LEDGER_COLUMN_H

#include "broker/core/arena.h"
#include "broker/ledger/ledger_entry.h"

#define LEDGER_WIDTH_MAX 64 //  columns of a table

typedef enum {
    LEDGER_U64,  //  uint64_t; over 2^63 - 1 it is kept as the negative number of its bits
    LEDGER_U32,  //  unsigned
    LEDGER_FLAG, //  bool
    LEDGER_COST, //  int64_t, from 0; LEDGER_UNKNOWN is NULL
    LEDGER_TEXT, //  const char *
    LEDGER_CALL, //  br_id_t, 16 bytes in network order
    LEDGER_HASHED //  uint8_t [LEDGER_HASH], the row's own hash
} ledger_column_type_t;

typedef struct _ledger_column_t {
    const char *name; //  in the database
    ledger_column_type_t type;
    size_t offset; //  in the row's struct, bytes
} ledger_column_t;

typedef struct _ledger_table_t {
    const char *name; //  in PostgreSQL and MariaDB
    const ledger_column_t *columns;
    size_t columns_count;
} ledger_table_t;

//  A row of the attempts.
typedef struct _ledger_try_t {
    uint64_t seq;   //  of the entry
    unsigned place; //  in its tries, from 0
    br_try_t row;
} ledger_try_t;

extern const ledger_table_t ledger_entries;  //  rows are ledger_entry_t
extern const ledger_table_t ledger_attempts; //  rows are ledger_try_t

//  What a database keeps in one column of one row.
typedef struct _ledger_value_t {
    bool is_null;
    int64_t number;    //  of numbers and flags
    const void *bytes; //  of all others; borrowed
    size_t size;       //  bytes
} ledger_value_t;

//  The value of a column in a row. Texts are valid UTF-8: a byte that is none is written as
//  \xHH, a backslash as two. Bytes are "owned by arena" or by the row.
ledger_value_t ledger_column_get (const ledger_column_t *self, const void *row,
                                  br_arena_t *arena);

//  Writes a value to a row; texts are copied to arena. -1 when it is none that
//  ledger_column_get makes; then nothing changed.
int ledger_column_set (const ledger_column_t *self, ledger_value_t value, void *row,
                       br_arena_t *arena);

//  The names of a table's columns with commas between them. "caller frees"
char *ledger_table_names (const ledger_table_t *self);

#endif
