//  idempotency_makers: a ring of rows, the oldest first, and chains over it by the hash of an
//  id.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "actors/idempotency/idempotency_makers.h"
#include "broker/core/alloc.h"

typedef struct _row_t {
    struct _row_t *next;       //  of the same hash
    char *object;              //  one block for all texts
    size_t bytes;              //  that it counts
    idempotency_maker_t maker; //  in the block
} row_t;

struct _idempotency_makers_t {
    row_t *rows;
    row_t **chains;
    size_t first; //  index of the oldest
    size_t count;
    size_t bytes;
};

idempotency_makers_t *
idempotency_makers_new (void)
{
    idempotency_makers_t *self = BR_NEW (idempotency_makers_t);
    self->rows = br_alloc (IDEMPOTENCY_MAKERS_MAX, sizeof *self->rows);
    self->chains = br_alloc (IDEMPOTENCY_MAKERS_MAX, sizeof *self->chains);
    return self;
}

static row_t **
s_chain (const idempotency_makers_t *self, const char *object)
{
    uint64_t hash = 14695981039346656037u;
    for (; *object; object++)
        hash = (hash ^ (uint8_t) *object) * 1099511628211u;
    return &self->chains[hash % IDEMPOTENCY_MAKERS_MAX];
}

static void
s_forget_oldest (idempotency_makers_t *self)
{
    row_t *row = &self->rows[self->first];
    row_t **at = s_chain (self, row->object);
    while (*at != row)
        at = &(*at)->next;
    *at = row->next;
    self->first = (self->first + 1) % IDEMPOTENCY_MAKERS_MAX;
    self->count--;
    self->bytes -= row->bytes;
    free (row->object);
    row->object = NULL;
}

void
idempotency_makers_destroy (idempotency_makers_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    idempotency_makers_t *self = *self_p;
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
idempotency_makers_takes (const char *object)
{
    return *object && strlen (object) <= IDEMPOTENCY_MAKERS_ID_MAX;
}

bool
idempotency_makers_add (idempotency_makers_t *self, const char *object,
                        const idempotency_maker_t *maker)
{
    size_t size = strlen (maker->route) + strlen (maker->provider)
                  + strlen (maker->endpoint) + strlen (maker->account);
    if (!idempotency_makers_takes (object) || size > IDEMPOTENCY_MAKERS_TEXT_MAX)
        return false;
    size += strlen (object) + 5;
    size_t bytes = size + IDEMPOTENCY_MAKERS_ROW_BYTES;
    if (idempotency_makers_get (self, object))
        return true;
    while (self->count == IDEMPOTENCY_MAKERS_MAX
           || self->bytes + bytes > IDEMPOTENCY_MAKERS_BYTES)
        s_forget_oldest (self);
    row_t *row = &self->rows[(self->first + self->count) % IDEMPOTENCY_MAKERS_MAX];
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

const idempotency_maker_t *
idempotency_makers_get (const idempotency_makers_t *self, const char *object)
{
    for (const row_t *row = *s_chain (self, object); row; row = row->next)
        if (strcmp (row->object, object) == 0)
            return &row->maker;
    return NULL;
}

size_t
idempotency_makers_count (const idempotency_makers_t *self)
{
    return self->count;
}

size_t
idempotency_makers_bytes (const idempotency_makers_t *self)
{
    return self->bytes;
}
