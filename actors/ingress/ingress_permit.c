//  ingress_permit: globs over candidates.

#include <string.h>

#include "actors/ingress/ingress_permit.h"
#include "broker/core/pairs.h"
#include "broker/core/glob.h"
#include "broker/proto/candidates.h"

//  What is left of a target, in room.
static void
s_keep (const ingress_identity_t *identity, const char *name, br_buf_t *room,
        ingress_target_t *target)
{
    br_candidate_t rows[BR_CANDIDATES_MAX];
    int count = br_candidates_read (target->candidates, rows, BR_CANDIDATES_MAX);
    unsigned kept = 0;
    unsigned lacks = 0;
    br_buf_clear (room);
    for (int i = 0; i < count; i++) {
        if (!br_globs_permit_model (identity->models, name, rows[i].provider,
                                    rows[i].model))
            continue;
        if (br_candidates_add (room, &rows[i]))
            break;
        lacks |= rows[i].lacks;
        kept++;
    }
    target->candidates = (br_bytes_t) { room->data, room->size };
    target->count = kept;
    target->lacks = lacks;
    target->spreads = target->spreads && kept > 1;
}

int
ingress_permit_filter (const ingress_identity_t *identity, const char *name,
                       br_buf_t *room, ingress_target_t *target, br_error_t *reterr)
{
    if (!ingress_identity_is_bounded (identity)
        || br_globs_permit (identity->models, name))
        return 0;
    s_keep (identity, name, room, target);
    if (target->count)
        return 0;
    return br_error_set (reterr, BR_EFORBIDDEN,
                         "this credential may not use the model '%.200s'", name);
}

bool
ingress_permit_shows (void *arg, const char *id)
{
    const ingress_permit_t *self = arg;
    const char *colon = strchr (id, ':');
    if (!ingress_identity_is_bounded (self->identity)
        || br_globs_permit (self->identity->models, id)
        || (colon && br_globs_permit (self->identity->models, colon + 1)))
        return true;
    br_buf_t found;
    br_buf_t room;
    br_buf_init (&found, BR_PAIRS_MAX);
    br_buf_init (&room, BR_PAIRS_MAX);
    ingress_target_t target;
    br_error_t error;
    int rc = ingress_routes_resolve (self->routes, id, &found, &target, &error);
    if (rc == 0)
        rc = ingress_permit_filter (self->identity, id, &room, &target, &error);
    br_buf_free (&room);
    br_buf_free (&found);
    return rc == 0;
}
