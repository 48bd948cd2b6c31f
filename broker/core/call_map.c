//  call_map: values by call id. Slots are probed one after the other; a slot that falls
//  free is filled from behind, so that no tombstones are left.

#include <assert.h>
#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/core/call_map.h"

#define SLOTS_FIRST 64

typedef struct {
    br_id_t id;
    void *value; //  NULL = free
} slot_t;

struct _br_call_map_t {
    slot_t *slots;
    size_t room; //  slots; a power of two
    size_t size; //  slots in use, at most half of them
    size_t max;
};

br_call_map_t *
br_call_map_new (size_t max)
{
    br_call_map_t *self = BR_NEW (br_call_map_t);
    self->max = max;
    self->room = SLOTS_FIRST;
    self->slots = br_alloc (self->room, sizeof (slot_t));
    return self;
}

void
br_call_map_destroy (br_call_map_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    free ((*self_p)->slots);
    free (*self_p);
    *self_p = NULL;
}

//  Ids count upwards, in one run for each ingress; the runs must not pile up.
static size_t
s_home (const br_call_map_t *self, br_id_t id)
{
    uint64_t hash = (id.lo ^ id.hi) * 0x9e3779b97f4a7c15u;
    return (size_t) (hash >> 32) & (self->room - 1);
}

//  The slot of an id, or the free one where it belongs.
static size_t
s_find (const br_call_map_t *self, br_id_t id)
{
    size_t at = s_home (self, id);
    while (self->slots[at].value && !br_id_is (self->slots[at].id, id))
        at = (at + 1) & (self->room - 1);
    return at;
}

static void
s_grow (br_call_map_t *self)
{
    slot_t *old = self->slots;
    size_t old_room = self->room;
    self->room *= 2;
    self->slots = br_alloc (self->room, sizeof (slot_t));
    for (size_t i = 0; i < old_room; i++)
        if (old[i].value)
            self->slots[s_find (self, old[i].id)] = old[i];
    free (old);
}

int
br_call_map_put (br_call_map_t *self, br_id_t id, void *value)
{
    assert (value);
    if (self->size == self->max)
        return -1;
    if ((self->size + 1) * 2 > self->room)
        s_grow (self);
    slot_t *slot = &self->slots[s_find (self, id)];
    assert (!slot->value);
    *slot = (slot_t) { id, value };
    self->size++;
    return 0;
}

void *
br_call_map_get (const br_call_map_t *self, br_id_t id)
{
    return self->slots[s_find (self, id)].value;
}

//  Whether a value at `at` may move to the hole: its home is not between the two.
static bool
s_may_move (const br_call_map_t *self, size_t at, size_t hole)
{
    size_t mask = self->room - 1;
    size_t home = s_home (self, self->slots[at].id);
    return ((at - home) & mask) >= ((at - hole) & mask);
}

void *
br_call_map_take (br_call_map_t *self, br_id_t id)
{
    size_t hole = s_find (self, id);
    void *value = self->slots[hole].value;
    if (!value)
        return NULL;
    size_t mask = self->room - 1;
    for (size_t at = (hole + 1) & mask; self->slots[at].value; at = (at + 1) & mask)
        if (s_may_move (self, at, hole)) {
            self->slots[hole] = self->slots[at];
            hole = at;
        }
    self->slots[hole].value = NULL;
    self->size--;
    return value;
}

size_t
br_call_map_size (const br_call_map_t *self)
{
    return self->size;
}

void **
br_call_map_values (const br_call_map_t *self, size_t *ret_count)
{
    void **values = br_alloc (self->size + 1, sizeof (void *));
    *ret_count = 0;
    for (size_t i = 0; i < self->room; i++)
        if (self->slots[i].value)
            values[(*ret_count)++] = self->slots[i].value;
    return values;
}
