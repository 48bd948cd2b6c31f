//  ledger_run: the calls of one run.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/ledger/ledger_run.h"

struct _ledger_run_t {
    char *name;               //  owned
    br_arena_t *arena;        //  owned; of the rows
    ledger_entry_t **entries; //  owned
    size_t count;
    bool is_cut;
};

ledger_run_t *
ledger_run_new (const char *name)
{
    ledger_run_t *self = BR_NEW (ledger_run_t);
    self->name = br_strdup (name);
    self->arena = br_arena_new ();
    return self;
}

void
ledger_run_destroy (ledger_run_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ledger_run_t *self = *self_p;
    free (self->entries);
    br_arena_destroy (&self->arena);
    free (self->name);
    free (self);
    *self_p = NULL;
}

static bool
s_is_of (const ledger_run_t *self, const ledger_entry_t *entry)
{
    char call[BR_ID_TEXT];
    const char *const names[] = { entry->run, entry->session, entry->trace,
                                  entry->request_id, br_id_text (entry->call, call) };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (*names[i] && strcmp (names[i], self->name) == 0)
            return true;
    return false;
}

//  The row of the same call that was only taken for lost, or NULL.
static ledger_entry_t **
s_lost (ledger_run_t *self, const ledger_entry_t *entry)
{
    for (size_t i = self->count; i-- > 0;)
        if (self->entries[i]->is_lost && br_id_is (self->entries[i]->call, entry->call))
            return &self->entries[i];
    return NULL;
}

int
ledger_run_add (void *arg, const ledger_entry_t *entry)
{
    ledger_run_t *self = arg;
    if (!s_is_of (self, entry))
        return 0;
    ledger_entry_t **place = entry->is_lost ? NULL : s_lost (self, entry);
    if (!place && self->count == LEDGER_RUN_MAX) {
        self->is_cut = true;
        return 1;
    }
    if (!place) {
        self->entries = br_realloc (self->entries,
                                    (self->count + 1) * sizeof *self->entries);
        place = &self->entries[self->count++];
    }
    *place = BR_ARENA_NEW (self->arena, ledger_entry_t);
    ledger_entry_copy (*place, entry, self->arena);
    return 0;
}

static int
s_compare (const void *a, const void *b)
{
    const ledger_entry_t *one = *(ledger_entry_t *const *) a;
    const ledger_entry_t *two = *(ledger_entry_t *const *) b;
    if (one->started_ms != two->started_ms)
        return one->started_ms < two->started_ms ? -1 : 1;
    return one->seq < two->seq ? -1 : one->seq > two->seq;
}

void
ledger_run_sort (ledger_run_t *self)
{
    if (self->count)
        qsort (self->entries, self->count, sizeof *self->entries, s_compare);
}

size_t
ledger_run_count (const ledger_run_t *self)
{
    return self->count;
}

const ledger_entry_t *
ledger_run_entry (const ledger_run_t *self, size_t index)
{
    return index < self->count ? self->entries[index] : NULL;
}

bool
ledger_run_is_cut (const ledger_run_t *self)
{
    return self->is_cut;
}
