//  ledger_postgres_array: columns as PostgreSQL's binary arrays.

#include <assert.h>
#include <string.h>

#include "broker/ledger/ledger_postgres_array.h"

#define DIMENSION_AT 12 //  offset of the count in an array, bytes

typedef struct {
    const char *name;
    uint32_t oid;  //  of the element's type, fixed in PostgreSQL's catalogue
    size_t number; //  bytes of a number; 0 = none
} s_type_t;

static const s_type_t s_types[] = {
    [LEDGER_U64] = { "bigint", 20, 8 },   [LEDGER_U32] = { "bigint", 20, 8 },
    [LEDGER_FLAG] = { "boolean", 16, 1 }, [LEDGER_COST] = { "bigint", 20, 8 },
    [LEDGER_TEXT] = { "text", 25, 0 },    [LEDGER_CALL] = { "bytea", 17, 0 },
    [LEDGER_HASHED] = { "bytea", 17, 0 },
};

const char *
ledger_postgres_type (ledger_column_type_t type)
{
    return s_types[type].name;
}

//  In network order.
static void
s_put (uint8_t *to, uint64_t number, size_t size)
{
    for (size_t i = size; i-- > 0; number >>= 8)
        to[i] = (uint8_t) number;
}

static void
s_add (br_buf_t *buf, uint64_t number, size_t size)
{
    uint8_t bytes[8];
    s_put (bytes, number, size);
    br_buf_add (buf, bytes, size);
}

void
ledger_postgres_array_start (br_buf_t *buf, ledger_column_type_t type)
{
    br_buf_clear (buf);
    s_add (buf, 1, 4); //  dimensions
    s_add (buf, 1, 4); //  there may be NULLs
    s_add (buf, s_types[type].oid, 4);
    s_add (buf, 0, 4); //  elements
    s_add (buf, 1, 4); //  index of the first
}

void
ledger_postgres_array_add (br_buf_t *buf, ledger_column_type_t type, ledger_value_t value)
{
    size_t number = s_types[type].number;
    if (value.is_null) {
        s_add (buf, UINT32_MAX, 4);
    } else if (number) {
        s_add (buf, number, 4);
        s_add (buf, (uint64_t) value.number, number);
    } else {
        s_add (buf, value.size, 4);
        br_buf_add (buf, value.bytes, value.size);
    }
}

void
ledger_postgres_array_end (br_buf_t *buf, size_t count)
{
    assert (buf->size >= DIMENSION_AT + 4);
    s_put (buf->data + DIMENSION_AT, count, 4);
}

ledger_value_t
ledger_postgres_value (ledger_column_type_t type, const void *bytes, size_t size)
{
    size_t wanted = s_types[type].number;
    if (wanted == 0)
        return (ledger_value_t) { .bytes = bytes, .size = size };
    if (wanted != size)
        return (ledger_value_t) { .is_null = true };
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | ((const uint8_t *) bytes)[i];
    return (ledger_value_t) { .number = (int64_t) number };
}
