//  makers: a ring of rows, the oldest first, and chains over it by the hash of an
//  id.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/candidates.h"
#include "broker/proto/makers.h"

typedef struct _row_t {
    struct _row_t *next; //  of the same hash
    char *object;        //  one block for all texts
    size_t bytes;        //  that it counts
    br_maker_t maker;    //  in the block
} row_t;

struct _br_makers_t {
    row_t *rows;
    row_t **chains;
    size_t room;  //  rows, and chains
    size_t first; //  index of the oldest
    size_t count;
    size_t bytes;
};

br_makers_t *
br_makers_new (size_t rows)
{
    br_makers_t *self = BR_NEW (br_makers_t);
    self->room = rows;
    self->rows = br_alloc (rows, sizeof *self->rows);
    self->chains = br_alloc (rows, sizeof *self->chains);
    return self;
}

static row_t **
s_chain (const br_makers_t *self, const char *object)
{
    uint64_t hash = 14695981039346656037u;
    for (; *object; object++)
        hash = (hash ^ (uint8_t) *object) * 1099511628211u;
    return &self->chains[hash % self->room];
}

static void
s_forget_oldest (br_makers_t *self)
{
    row_t *row = &self->rows[self->first];
    row_t **at = s_chain (self, row->object);
    while (*at != row)
        at = &(*at)->next;
    *at = row->next;
    self->first = (self->first + 1) % self->room;
    self->count--;
    self->bytes -= row->bytes;
    free (row->object);
    row->object = NULL;
}

void
br_makers_destroy (br_makers_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_makers_t *self = *self_p;
    while (self->count)
        s_forget_oldest (self);
    free (self->chains);
    free (self->rows);
    free (self);
    *self_p = NULL;
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
br_makers_takes (const char *object)
{
    return *object && strlen (object) <= BR_MAKERS_ID_MAX;
}

bool
br_makers_add (br_makers_t *self, const char *object, const br_maker_t *maker)
{
    size_t size = strlen (maker->route) + strlen (maker->provider)
                  + strlen (maker->endpoint) + strlen (maker->account);
    if (!br_makers_takes (object) || size > BR_MAKERS_TEXT_MAX
        || br_makers_get (self, object))
        return false;
    size += strlen (object) + 5;
    size_t bytes = size + BR_MAKERS_ROW_BYTES;
    while (self->count == self->room || self->bytes + bytes > BR_MAKERS_BYTES)
        s_forget_oldest (self);
    row_t *row = &self->rows[(self->first + self->count) % self->room];
    char *at = row->object = br_alloc (1, size);
    s_copy (&at, object);
    row->maker.route = s_copy (&at, maker->route);
    row->maker.provider = s_copy (&at, maker->provider);
    row->maker.endpoint = s_copy (&at, maker->endpoint);
    row->maker.account = s_copy (&at, maker->account);
    row->bytes = bytes;
    row_t **chain = s_chain (self, object);
    row->next = *chain;
    *chain = row;
    self->count++;
    self->bytes += bytes;
    return true;
}

const br_maker_t *
br_makers_get (const br_makers_t *self, const char *object)
{
    for (const row_t *row = *s_chain (self, object); row; row = row->next)
        if (strcmp (row->object, object) == 0)
            return &row->maker;
    return NULL;
}

size_t
br_makers_count (const br_makers_t *self)
{
    return self->count;
}

size_t
br_makers_bytes (const br_makers_t *self)
{
    return self->bytes;
}

int
br_maker_choose (const br_maker_t *maker, br_bytes_t candidates, br_buf_t *out)
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
