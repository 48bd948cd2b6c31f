//  auth_metered: a ring of ids, and a map of those in it.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/core/call_map.h"
#include "actors/auth/auth_metered.h"

struct _auth_metered_t {
    br_id_t ring[AUTH_METERED_MAX];
    size_t next; //  place of the next id: that of the oldest one
    br_call_map_t *known;
};

auth_metered_t *
auth_metered_new (void)
{
    auth_metered_t *self = BR_NEW (auth_metered_t);
    self->known = br_call_map_new (AUTH_METERED_MAX);
    return self;
}

void
auth_metered_destroy (auth_metered_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_call_map_destroy (&(*self_p)->known);
    free (*self_p);
    *self_p = NULL;
}

void
auth_metered_add (auth_metered_t *self, br_id_t id)
{
    if (!br_id_is_set (id) || auth_metered_has (self, id))
        return;
    br_id_t *place = &self->ring[self->next];
    if (br_id_is_set (*place))
        br_call_map_take (self->known, *place);
    *place = id;
    br_call_map_put (self->known, id, place);
    self->next = (self->next + 1) % AUTH_METERED_MAX;
}

bool
auth_metered_has (const auth_metered_t *self, br_id_t id)
{
    return br_call_map_get (self->known, id) != NULL;
}
