//  ledger_batch: the rows of one transaction.

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/ledger/ledger_batch.h"

struct _ledger_batch_t {
    const ledger_entry_t *entries; //  borrowed
    size_t count;
    bool *present;             //  owned; of each entry
    bool has_prev;             //  the row before the first is there
    uint8_t prev[LEDGER_HASH]; //  its hash
    ledger_try_t *tries;       //  owned; of entries that are not there
    const void **rows;         //  owned; the last answer
};

ledger_batch_t *
ledger_batch_new (const ledger_entry_t *entries, size_t count)
{
    assert (count > 0);
    ledger_batch_t *self = BR_NEW (ledger_batch_t);
    self->entries = entries;
    self->count = count;
    self->present = br_alloc (count, sizeof *self->present);
    return self;
}

void
ledger_batch_destroy (ledger_batch_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ledger_batch_t *self = *self_p;
    free (self->rows);
    free (self->tries);
    free (self->present);
    free (self);
    *self_p = NULL;
}

static int
s_compare (const void *key, const void *item)
{
    uint64_t seq = *(const uint64_t *) key;
    uint64_t other = ((const ledger_entry_t *) item)->seq;
    return seq < other ? -1 : seq > other;
}

static int
s_is_foreign (uint64_t seq, br_error_t *reterr)
{
    return br_error_set (reterr, BR_ESYSTEM,
                         "the database has another row %" PRIu64
                         " than this ledger: it was changed, or it is the ledger of "
                         "somebody else; give each bitrouter a database of its own",
                         seq);
}

int
ledger_batch_present (ledger_batch_t *self, uint64_t seq, const void *hash,
                      size_t hash_size, br_error_t *reterr)
{
    const ledger_entry_t *entry = bsearch (&seq, self->entries, self->count,
                                           sizeof *self->entries, s_compare);
    if (seq + 1 == self->entries[0].seq && hash_size == LEDGER_HASH) {
        self->has_prev = true;
        memcpy (self->prev, hash, LEDGER_HASH);
    }
    if (!entry)
        return 0;
    if (hash_size != LEDGER_HASH || memcmp (hash, entry->hash, LEDGER_HASH) != 0)
        return s_is_foreign (seq, reterr);
    self->present[entry - self->entries] = true;
    return 0;
}

int
ledger_batch_check (const ledger_batch_t *self, br_error_t *reterr)
{
    uint64_t first = self->entries[0].seq;
    uint8_t hash[LEDGER_HASH];
    if (self->present[0] || first == 1)
        return 0;
    if (self->has_prev) {
        ledger_entry_hash (&self->entries[0], self->prev, hash);
        return memcmp (hash, self->entries[0].hash, LEDGER_HASH) == 0
                   ? 0
                   : s_is_foreign (first - 1, reterr);
    }
    return br_error_set (reterr, BR_ESYSTEM,
                         "the database has no row %" PRIu64 ", and row %" PRIu64
                         " would stand behind it: it has lost rows",
                         first - 1, first);
}

static size_t
s_list_entries (ledger_batch_t *self)
{
    size_t count = 0;
    self->rows = br_alloc (self->count, sizeof *self->rows);
    for (size_t i = 0; i < self->count; i++)
        if (!self->present[i])
            self->rows[count++] = &self->entries[i];
    return count;
}

static size_t
s_list_tries (ledger_batch_t *self)
{
    size_t most = 0;
    for (size_t i = 0; i < self->count; i++)
        most += self->entries[i].tries_count;
    free (self->tries);
    self->tries = br_alloc (most + 1, sizeof *self->tries);
    self->rows = br_alloc (most + 1, sizeof *self->rows);
    size_t count = 0;
    for (size_t i = 0; i < self->count; i++) {
        const ledger_entry_t *entry = &self->entries[i];
        for (size_t j = 0; j < entry->tries_count && !self->present[i]; j++) {
            self->tries[count] = (ledger_try_t) { entry->seq, (unsigned) j,
                                                  entry->tries[j] };
            self->rows[count] = &self->tries[count];
            count++;
        }
    }
    return count;
}

const void *const *
ledger_batch_rows (ledger_batch_t *self, const ledger_table_t *table, size_t *ret_count)
{
    free (self->rows);
    *ret_count = table == &ledger_entries ? s_list_entries (self) : s_list_tries (self);
    return self->rows;
}
