//  breaker_table: a table of chains, and a list in order of use through it.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "actors/breaker/breaker_table.h"

#define CHAINS 512 //  a power of two

struct _breaker_table_t {
    breaker_row_t *chains[CHAINS];
    breaker_row_t *oldest;
    breaker_row_t *newest;
    size_t size;
};

breaker_table_t *
breaker_table_new (void)
{
    return BR_NEW (breaker_table_t);
}

static uint64_t
s_add (uint64_t hash, const char *text)
{
    while (*text)
        hash = (hash ^ (uint8_t) *text++) * 0x100000001b3u;
    return hash * 0x100000001b3u;
}

static uint64_t
s_hash (const char *provider, const char *name, const char *model)
{
    uint64_t hash = s_add (s_add (s_add (0xcbf29ce484222325u, provider), name), model);
    return hash ^ hash >> 32;
}

breaker_row_t *
breaker_table_find (const breaker_table_t *self, const char *provider, const char *name,
                    const char *model)
{
    uint64_t hash = s_hash (provider, name, model);
    breaker_row_t *row = self->chains[hash & (CHAINS - 1)];
    for (; row; row = row->chain)
        if (row->hash == hash && strcmp (row->provider, provider) == 0
            && strcmp (row->name, name) == 0 && strcmp (row->model, model) == 0)
            return row;
    return NULL;
}

//  ---- order of use

static void
s_append (breaker_table_t *self, breaker_row_t *row)
{
    row->newer = NULL;
    row->older = self->newest;
    if (self->newest)
        self->newest->newer = row;
    else
        self->oldest = row;
    self->newest = row;
}

static void
s_unlink (breaker_table_t *self, breaker_row_t *row)
{
    if (row->older)
        row->older->newer = row->newer;
    else
        self->oldest = row->newer;
    if (row->newer)
        row->newer->older = row->older;
    else
        self->newest = row->older;
}

static void
s_forget (breaker_table_t *self, breaker_row_t *row)
{
    breaker_row_t **link = &self->chains[row->hash & (CHAINS - 1)];
    while (*link != row)
        link = &(*link)->chain;
    *link = row->chain;
    s_unlink (self, row);
    self->size--;
    free (row->provider);
    free (row->name);
    free (row->model);
    free (row);
}

void
breaker_table_destroy (breaker_table_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    while ((*self_p)->oldest)
        s_forget (*self_p, (*self_p)->oldest);
    free (*self_p);
    *self_p = NULL;
}

//  ---- room

//  The one in use that nobody told of for the longest time; few are out of use.
static void
s_make_room (breaker_table_t *self)
{
    breaker_row_t *row = self->oldest;
    while (row && row->state.state != BR_BREAKER_CLOSED)
        row = row->newer;
    if (row)
        s_forget (self, row);
}

breaker_row_t *
breaker_table_get (breaker_table_t *self, const char *provider, const char *name,
                   const char *model)
{
    breaker_row_t *row = breaker_table_find (self, provider, name, model);
    if (row) {
        s_unlink (self, row);
        s_append (self, row);
        return row;
    }
    if (self->size == BREAKER_ENDPOINTS_MAX)
        s_make_room (self);
    if (self->size == BREAKER_ENDPOINTS_MAX)
        return NULL;
    row = BR_NEW (breaker_row_t);
    row->provider = br_strdup (provider);
    row->name = br_strdup (name);
    row->model = br_strdup (model);
    row->hash = s_hash (provider, name, model);
    row->chain = self->chains[row->hash & (CHAINS - 1)];
    self->chains[row->hash & (CHAINS - 1)] = row;
    s_append (self, row);
    self->size++;
    return row;
}

breaker_row_t *
breaker_table_newest (const breaker_table_t *self)
{
    return self->newest;
}

size_t
breaker_table_size (const breaker_table_t *self)
{
    return self->size;
}
