//  ledger_page: rows that were read, a page at a time.

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/ledger/ledger_page.h"

struct _ledger_page_t {
    br_arena_t *arena; //  owned; of all texts
    ledger_entry_t *entries;
    size_t count; //  of entries
    size_t at;    //  the entry that got the last attempt
};

ledger_page_t *
ledger_page_new (void)
{
    ledger_page_t *self = BR_NEW (ledger_page_t);
    self->arena = br_arena_new ();
    self->entries = br_alloc (LEDGER_PAGE_ROWS, sizeof *self->entries);
    return self;
}

void
ledger_page_destroy (ledger_page_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ledger_page_t *self = *self_p;
    free (self->entries);
    br_arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}

//  False when a column cannot hold its value.
static bool
s_set (ledger_page_t *self, const ledger_table_t *table, const ledger_value_t *values,
       void *row)
{
    bool is_good = true;
    for (size_t i = 0; i < table->columns_count; i++) {
        const ledger_column_t *column = &table->columns[i];
        if (ledger_column_set (column, values[i], row, self->arena))
            is_good = false;
    }
    return is_good;
}

static void
s_spoil (ledger_entry_t *entry)
{
    memset (entry->hash, 0, sizeof entry->hash);
}

static void
s_add_try (ledger_page_t *self, const ledger_value_t *values)
{
    ledger_try_t row = { .row.provider = "", .row.endpoint = "", .row.model = "" };
    bool is_good = s_set (self, &ledger_attempts, values, &row);
    while (self->at < self->count && self->entries[self->at].seq < row.seq)
        self->at++;
    ledger_entry_t *entry = self->at < self->count ? &self->entries[self->at] : NULL;
    if (!entry || entry->seq != row.seq)
        return; //  of a row that was added while we read
    if (is_good && row.place == entry->tries_count && row.place < BR_TRIES_MAX)
        entry->tries[entry->tries_count++] = row.row;
    else
        s_spoil (entry);
}

void
ledger_page_add (ledger_page_t *self, const ledger_table_t *table,
                 const ledger_value_t *values)
{
    if (table == &ledger_attempts) {
        s_add_try (self, values);
        return;
    }
    assert (self->count < LEDGER_PAGE_ROWS);
    ledger_entry_t *entry = &self->entries[self->count++];
    ledger_entry_init (entry);
    if (!s_set (self, table, values, entry))
        s_spoil (entry);
}

size_t
ledger_page_count (const ledger_page_t *self)
{
    return self->count;
}

uint64_t
ledger_page_first (const ledger_page_t *self)
{
    return self->count ? self->entries[0].seq : 0;
}

uint64_t
ledger_page_last (const ledger_page_t *self)
{
    return self->count ? self->entries[self->count - 1].seq : 0;
}

int
ledger_page_play (const ledger_page_t *self, ledger_row_fn *fn, void *arg)
{
    int rc = 0;
    for (size_t i = 0; i < self->count && rc == 0; i++)
        rc = fn (arg, &self->entries[i]);
    return rc;
}

int
ledger_page_read (ledger_page_fn *fetch, void *store, uint64_t seq, ledger_row_fn *fn,
                  void *arg, br_error_t *reterr)
{
    bool is_over = false;
    int rc = 0;
    while (rc == 0 && !is_over) {
        ledger_page_t *page = ledger_page_new ();
        rc = fetch (store, seq, page, reterr);
        if (rc == 0)
            is_over = ledger_page_play (page, fn, arg) != 0
                      || ledger_page_count (page) < LEDGER_PAGE_ROWS;
        seq = ledger_page_last (page) + 1;
        ledger_page_destroy (&page);
    }
    return rc;
}
