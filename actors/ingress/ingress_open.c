//  ingress_open: a map, and a ring of what left it.

#include <assert.h>
#include <stdlib.h>

#include "actors/ingress/ingress_open.h"
#include "broker/core/alloc.h"
#include "broker/core/call_map.h"

struct _ingress_open_t {
    br_call_map_t *map;
    br_id_t ended[INGRESS_ENDED]; //  a ring
    size_t next_ended;
};

ingress_open_t *
ingress_open_new (size_t max)
{
    ingress_open_t *self = BR_NEW (ingress_open_t);
    self->map = br_call_map_new (max);
    return self;
}

void
ingress_open_destroy (ingress_open_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_call_map_destroy (&(*self_p)->map);
    free (*self_p);
    *self_p = NULL;
}

void
ingress_open_add (ingress_open_t *self, br_id_t id, void *value)
{
    int rc = br_call_map_put (self->map, id, value);
    assert (rc == 0); //  the caller counts
}

void *
ingress_open_get (const ingress_open_t *self, br_id_t id)
{
    return br_call_map_get (self->map, id);
}

void
ingress_open_remove (ingress_open_t *self, br_id_t id, bool answered)
{
    if (!br_call_map_take (self->map, id) || !answered)
        return;
    self->ended[self->next_ended] = id;
    self->next_ended = (self->next_ended + 1) % INGRESS_ENDED;
}

bool
ingress_open_was_answered (const ingress_open_t *self, br_id_t id)
{
    for (size_t i = 0; i < INGRESS_ENDED; i++)
        if (br_id_is (self->ended[i], id))
            return true;
    return false;
}
