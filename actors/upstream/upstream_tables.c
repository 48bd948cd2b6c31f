//  upstream_tables: slices by generation, newest first, and the pools that they share.

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "actors/upstream/upstream_tables.h"

#define POOLS_MAX 12 //  of slices that are kept, and old ones with a transfer under way

//  A slice, to be known again; its text holds secrets.
typedef struct {
    uint8_t hash[crypto_generichash_BYTES];
} mark_t;

struct _upstream_tables_t {
    br_loop_t *loop;                          //  borrowed
    upstream_way_t ways[UPSTREAM_TABLES_MAX]; //  newest first; clients are in pools
    size_t ways_size;
    http_client_t *pools[POOLS_MAX]; //  owned
    size_t pools_size;
    upstream_table_t *tried;     //  NULL = none
    http_client_t *tried_client; //  NULL where that of the newest fits
    mark_t mark;                 //  of the newest
    mark_t tried_mark;
};

static mark_t
s_mark (const char *slice)
{
    mark_t mark;
    crypto_generichash (mark.hash, sizeof mark.hash, (const uint8_t *) slice,
                        strlen (slice), NULL, 0);
    return mark;
}

upstream_tables_t *
upstream_tables_new (br_loop_t *loop)
{
    upstream_tables_t *self = BR_NEW (upstream_tables_t);
    self->loop = loop;
    return self;
}

void
upstream_tables_destroy (upstream_tables_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    upstream_tables_t *self = *self_p;
    *self_p = NULL;
    http_client_destroy (&self->tried_client);
    upstream_table_destroy (&self->tried);
    while (self->pools_size)
        http_client_destroy (&self->pools[--self->pools_size]);
    while (self->ways_size)
        upstream_table_destroy (&self->ways[--self->ways_size].table);
    free (self);
}

int
upstream_tables_try (upstream_tables_t *self, const char *slice, br_error_t *reterr)
{
    upstream_table_t *table = upstream_table_new (slice, reterr);
    if (!table)
        return -1;
    http_client_t *client = NULL;
    bool is_linked = self->ways_size
                     && upstream_table_is_linked_as (self->ways[0].table, table);
    if (!is_linked) {
        client = http_client_new (self->loop, upstream_table_link (table), reterr);
        if (!client) {
            upstream_table_destroy (&table);
            return -1;
        }
    }
    upstream_table_destroy (&self->tried);
    http_client_destroy (&self->tried_client);
    mark_t mark = s_mark (slice);
    if (is_linked && memcmp (&mark, &self->mark, sizeof mark) == 0) {
        upstream_table_destroy (&table); //  many changes concern others alone
        return 0;
    }
    self->tried = table;
    self->tried_client = client;
    self->tried_mark = mark;
    return 0;
}

//  The pool of the next slice; NULL when there is no room for another one.
static http_client_t *
s_take_client (upstream_tables_t *self)
{
    http_client_t *client = self->tried_client;
    if (!client)
        return self->ways[0].client;
    if (self->pools_size == POOLS_MAX)
        return NULL;
    self->pools[self->pools_size++] = client;
    self->tried_client = NULL;
    return client;
}

bool
upstream_tables_take (upstream_tables_t *self, uint64_t generation)
{
    if (!self->tried)
        return true;
    http_client_t *client = s_take_client (self);
    bool has_own = client != NULL;
    if (!has_own) {
        client = self->ways[0].client;
        http_client_destroy (&self->tried_client);
    }
    if (self->ways_size == UPSTREAM_TABLES_MAX)
        upstream_table_destroy (&self->ways[--self->ways_size].table);
    memmove (&self->ways[1], &self->ways[0], self->ways_size * sizeof self->ways[0]);
    self->ways[0] = (upstream_way_t) { generation, self->tried, client };
    self->ways_size++;
    self->tried = NULL;
    self->mark = self->tried_mark;
    return has_own;
}

int
upstream_tables_replace (upstream_tables_t *self, const char *slice, br_error_t *reterr)
{
    if (!self->ways_size)
        return br_error_set (reterr, BR_ECONFIG, "there is no slice yet");
    upstream_table_t *table = upstream_table_new (slice, reterr);
    if (!table)
        return -1;
    upstream_table_destroy (&self->ways[0].table);
    self->ways[0].table = table;
    self->mark = s_mark (slice);
    return 0;
}

const upstream_way_t *
upstream_tables_at (const upstream_tables_t *self, uint64_t generation)
{
    if (!self->ways_size)
        return NULL;
    size_t i = 0;
    while (generation && i + 1 < self->ways_size && self->ways[i].generation > generation)
        i++;
    return &self->ways[i];
}

static bool
s_is_needed (const upstream_tables_t *self, const http_client_t *client)
{
    for (size_t i = 0; i < self->ways_size; i++)
        if (self->ways[i].client == client)
            return true;
    return false;
}

void
upstream_tables_sweep (upstream_tables_t *self)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->pools_size; i++) {
        http_client_t *client = self->pools[i];
        if (s_is_needed (self, client) || http_client_running (client))
            self->pools[kept++] = client;
        else
            http_client_destroy (&client);
    }
    self->pools_size = kept;
}

bool
upstream_tables_is_clean (const upstream_tables_t *self)
{
    for (size_t i = 0; i < self->pools_size; i++)
        if (!s_is_needed (self, self->pools[i]))
            return false;
    return true;
}
