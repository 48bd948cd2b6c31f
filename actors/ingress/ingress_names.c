//  ingress_names: an open hash of numbers of rows.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_names.h"
#include "broker/core/alloc.h"

#define FIRST_SLOTS 64

typedef struct _row_t {
    const char *name; //  borrowed
    size_t size;      //  bytes of it
    void *value;      //  borrowed
} row_t;

struct _ingress_names_t {
    row_t *rows; //  in the order of addition
    size_t count;
    size_t room;
    uint32_t *slots; //  number of the row plus one; 0 = free
    size_t mask;     //  count of slots, a power of two, less one
};

//  FNV-1a
static uint64_t
s_hash (const char *name, size_t size)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (uint8_t) name[i]) * 0x100000001b3u;
    return hash ^ hash >> 32;
}

ingress_names_t *
ingress_names_new (void)
{
    ingress_names_t *self = BR_NEW (ingress_names_t);
    self->slots = br_alloc (FIRST_SLOTS, sizeof *self->slots);
    self->mask = FIRST_SLOTS - 1;
    return self;
}

void
ingress_names_destroy (ingress_names_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    free ((*self_p)->slots);
    free ((*self_p)->rows);
    free (*self_p);
    *self_p = NULL;
}

//  The slot that holds the name, or the free one where it belongs.
static size_t
s_slot (const ingress_names_t *self, const char *name, size_t size)
{
    size_t at = s_hash (name, size) & self->mask;
    for (; self->slots[at]; at = (at + 1) & self->mask) {
        const row_t *row = &self->rows[self->slots[at] - 1];
        if (row->size == size && memcmp (row->name, name, size) == 0)
            break;
    }
    return at;
}

static void
s_grow (ingress_names_t *self)
{
    free (self->slots);
    self->mask = self->mask * 2 + 1;
    self->slots = br_alloc (self->mask + 1, sizeof *self->slots);
    for (size_t i = 0; i < self->count; i++)
        self->slots[s_slot (self, self->rows[i].name, self->rows[i].size)] = (uint32_t) i
                                                                             + 1;
}

int
ingress_names_add (ingress_names_t *self, const char *name, void *value)
{
    size_t size = strlen (name);
    size_t slot = s_slot (self, name, size);
    if (self->slots[slot])
        return -1;
    if (self->count == self->room) {
        self->room = self->room ? self->room * 2 : FIRST_SLOTS;
        self->rows = br_realloc (self->rows, self->room * sizeof *self->rows);
    }
    self->rows[self->count++] = (row_t) { name, size, value };
    self->slots[slot] = (uint32_t) self->count;
    if (self->count * 2 > self->mask)
        s_grow (self);
    return 0;
}

void *
ingress_names_get (const ingress_names_t *self, const char *name, size_t size)
{
    uint32_t row = self->slots[s_slot (self, name, size)];
    return row ? self->rows[row - 1].value : NULL;
}

const char *
ingress_names_at (const ingress_names_t *self, size_t i, void **ret_value)
{
    if (i >= self->count)
        return NULL;
    if (ret_value)
        *ret_value = self->rows[i].value;
    return self->rows[i].name;
}
