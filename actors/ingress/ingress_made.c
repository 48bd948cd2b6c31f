//  ingress_made: a ring of rows, and chains over it by the hash of an id.

#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_made.h"
#include "broker/core/alloc.h"
#include "broker/proto/candidates.h"

typedef struct _row_t {
    struct _row_t *next;   //  of the same hash
    char *id;              //  one block for all texts; NULL while the row is free
    ingress_maker_t maker; //  in the block
} row_t;

struct _ingress_made_t {
    row_t *rows;
    row_t **chains;
    size_t oldest; //  row that is used next
};

static size_t
s_hash (const char *id)
{
    uint64_t hash = 14695981039346656037u;
    for (; *id; id++)
        hash = (hash ^ (uint8_t) *id) * 1099511628211u;
    return (size_t) (hash % INGRESS_MADE_MAX);
}

ingress_made_t *
ingress_made_new (void)
{
    ingress_made_t *self = BR_NEW (ingress_made_t);
    self->rows = br_alloc (INGRESS_MADE_MAX, sizeof *self->rows);
    self->chains = br_alloc (INGRESS_MADE_MAX, sizeof *self->chains);
    return self;
}

void
ingress_made_destroy (ingress_made_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ingress_made_t *self = *self_p;
    for (size_t i = 0; i < INGRESS_MADE_MAX; i++)
        free (self->rows[i].id);
    free (self->chains);
    free (self->rows);
    free (self);
    *self_p = NULL;
}

static void
s_forget (ingress_made_t *self, row_t *row)
{
    if (!row->id)
        return;
    row_t **at = &self->chains[s_hash (row->id)];
    while (*at && *at != row)
        at = &(*at)->next;
    if (*at)
        *at = row->next;
    free (row->id);
    row->id = NULL;
}

static const char *
s_copy (char **at, const char *text)
{
    size_t size = strlen (text) + 1;
    char *copy = memcpy (*at, text, size);
    *at += size;
    return copy;
}

bool
ingress_made_takes (const char *id)
{
    return *id && strlen (id) <= INGRESS_MADE_ID_MAX;
}

bool
ingress_made_add (ingress_made_t *self, const char *id, const ingress_maker_t *maker)
{
    size_t size = strlen (maker->route) + strlen (maker->provider)
                  + strlen (maker->endpoint) + strlen (maker->account);
    if (!ingress_made_takes (id) || size > INGRESS_MADE_TEXT_MAX
        || ingress_made_get (self, id))
        return false;
    row_t *row = &self->rows[self->oldest];
    self->oldest = (self->oldest + 1) % INGRESS_MADE_MAX;
    s_forget (self, row);
    char *at = row->id = br_alloc (1, strlen (id) + size + 5);
    s_copy (&at, id);
    row->maker.route = s_copy (&at, maker->route);
    row->maker.provider = s_copy (&at, maker->provider);
    row->maker.endpoint = s_copy (&at, maker->endpoint);
    row->maker.account = s_copy (&at, maker->account);
    row_t **chain = &self->chains[s_hash (id)];
    row->next = *chain;
    *chain = row;
    return true;
}

const ingress_maker_t *
ingress_made_get (const ingress_made_t *self, const char *id)
{
    for (const row_t *row = self->chains[s_hash (id)]; row; row = row->next)
        if (strcmp (row->id, id) == 0)
            return &row->maker;
    return NULL;
}

int
ingress_made_choose (const ingress_maker_t *maker, br_bytes_t candidates, br_buf_t *out)
{
    br_candidate_t rows[BR_CANDIDATES_MAX];
    int count = br_candidates_read (candidates, rows, BR_CANDIDATES_MAX);
    br_buf_clear (out);
    for (int i = 0; i < count; i++)
        if (strcmp (rows[i].provider, maker->provider) == 0
            && strcmp (rows[i].endpoint, maker->endpoint) == 0)
            return br_candidates_add (out, &rows[i]);
    return -1;
}
