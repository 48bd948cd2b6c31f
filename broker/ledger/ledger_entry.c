//  ledger_entry: one row of the spend ledger.
//
//  What is hashed: a word for the format, the hash of the row before, each column in the
//  order of the table, the count of attempts, and each attempt in the same way. Numbers are
//  8 bytes in network order, texts have their length before them: no two rows look alike.

#include <endian.h>
#include <stddef.h>
#include <string.h>

#include <sodium.h>

#include "broker/ledger/ledger_column.h"

#define STAGE_BYTES 1024 //  that go into the hash together: many columns are small

static const char s_format[] = "bitrouter ledger 1";

typedef struct {
    crypto_generichash_state state;
    uint8_t stage[STAGE_BYTES];
    size_t size;
} sum_t;

static void
s_flush (sum_t *sum)
{
    crypto_generichash_update (&sum->state, sum->stage, sum->size);
    sum->size = 0;
}

static void
s_add (sum_t *sum, const void *bytes, size_t size)
{
    if (size > STAGE_BYTES - sum->size)
        s_flush (sum);
    if (size > STAGE_BYTES) {
        crypto_generichash_update (&sum->state, bytes, size);
        return;
    }
    memcpy (sum->stage + sum->size, bytes, size);
    sum->size += size;
}

static void
s_add_number (sum_t *sum, uint64_t number)
{
    uint64_t bytes = htobe64 (number);
    s_add (sum, &bytes, sizeof bytes);
}

static void
s_add_text (sum_t *sum, const char *text)
{
    size_t size = strlen (text);
    s_add_number (sum, size);
    s_add (sum, text, size);
}

static void
s_add_call (sum_t *sum, const br_id_t *call)
{
    s_add_number (sum, call->hi);
    s_add_number (sum, call->lo);
}

static void
s_add_column (sum_t *sum, const ledger_column_t *column, const void *row)
{
    const void *at = (const uint8_t *) row + column->offset;
    switch (column->type) {
    case LEDGER_U64: s_add_number (sum, *(const uint64_t *) at); return;
    case LEDGER_U32: s_add_number (sum, *(const unsigned *) at); return;
    case LEDGER_FLAG: s_add_number (sum, *(const bool *) at); return;
    case LEDGER_COST: s_add_number (sum, (uint64_t) * (const int64_t *) at); return;
    case LEDGER_TEXT: s_add_text (sum, *(const char *const *) at); return;
    case LEDGER_CALL: s_add_call (sum, at); return;
    case LEDGER_HASHED: return; //  it is what comes out
    }
}

static void
s_add_row (sum_t *sum, const ledger_table_t *table, const void *row)
{
    for (size_t i = 0; i < table->columns_count; i++)
        s_add_column (sum, &table->columns[i], row);
}

void
ledger_entry_hash (const ledger_entry_t *self, const uint8_t *prev, uint8_t *ret_hash)
{
    sum_t sum;
    sum.size = 0;
    crypto_generichash_init (&sum.state, NULL, 0, LEDGER_HASH);
    s_add (&sum, s_format, sizeof s_format);
    s_add (&sum, prev, LEDGER_HASH);
    s_add_row (&sum, &ledger_entries, self);
    s_add_number (&sum, self->tries_count);
    for (size_t i = 0; i < self->tries_count; i++) {
        ledger_try_t attempt = { self->seq, (unsigned) i, self->tries[i] };
        s_add_row (&sum, &ledger_attempts, &attempt);
    }
    s_flush (&sum);
    crypto_generichash_final (&sum.state, ret_hash, LEDGER_HASH);
}

//  Where a text's pointer is.
static const char **
s_text (const ledger_column_t *column, void *row)
{
    return (const char **) (void *) ((uint8_t *) row + column->offset);
}

void
ledger_entry_init (ledger_entry_t *self)
{
    memset (self, 0, offsetof (ledger_entry_t, tries));
    self->tries_count = 0;
    memset (self->hash, 0, sizeof self->hash);
    self->cost_nusd = LEDGER_UNKNOWN;
    self->operator_nusd = LEDGER_UNKNOWN;
    for (size_t i = 0; i < ledger_entries.columns_count; i++)
        if (ledger_entries.columns[i].type == LEDGER_TEXT)
            *s_text (&ledger_entries.columns[i], self) = "";
}

static void
s_copy_texts (br_arena_t *arena, const ledger_table_t *table, void *row)
{
    for (size_t i = 0; i < table->columns_count; i++) {
        if (table->columns[i].type != LEDGER_TEXT)
            continue;
        const char **text = s_text (&table->columns[i], row);
        *text = br_arena_text (arena, br_text (*text)).at;
    }
}

void
ledger_entry_copy (ledger_entry_t *self, const ledger_entry_t *other, br_arena_t *arena)
{
    memcpy (self, other, offsetof (ledger_entry_t, tries));
    self->tries_count = other->tries_count;
    memcpy (self->hash, other->hash, sizeof self->hash);
    s_copy_texts (arena, &ledger_entries, self);
    for (size_t i = 0; i < self->tries_count; i++) {
        ledger_try_t attempt = { .row = other->tries[i] };
        s_copy_texts (arena, &ledger_attempts, &attempt);
        self->tries[i] = attempt.row;
    }
}
