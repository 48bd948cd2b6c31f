//  ingress_resolve: names first, then makers.

#include <stdio.h>
#include <string.h>

#include "actors/ingress/ingress_resolve.h"

//  Leaves of the target who made an object: nobody else knows it.
static int
s_choose (ingress_t *self, const ingress_maker_t *maker, ingress_target_t *target,
          br_error_t *reterr)
{
    int rc = ingress_made_choose (maker, target->candidates, &self->chosen);
    if (rc)
        return br_error_set (reterr, BR_EINVALID,
                             "provider '%.100s' made what this is about, and does not "
                             "serve this model",
                             maker->provider);
    target->candidates = (br_bytes_t) { self->chosen.data, self->chosen.size };
    target->count = 1;
    target->spreads = false;
    return 0;
}

int
ingress_resolve (ingress_t *self, br_surface_kind_t kind, const char *object,
                 request_t *request, ingress_target_t *ret_target, br_error_t *reterr)
{
    bool is_object = kind == BR_SURFACE_OBJECT;
    const char *id = is_object ? object : request->previous;
    const ingress_maker_t *maker = *id ? ingress_made_get (self->made, id) : NULL;
    if (is_object && !maker)
        return br_error_set (
            reterr, BR_ENOTFOUND,
            "no response '%.200s' is known here: it was not made through "
            "this bitrouter since its start, or long ago",
            id);
    if (is_object)
        snprintf (request->model, sizeof request->model, "%s", maker->route);
    int rc = ingress_routes_resolve (self->conf.routes, request->model, &self->candidates,
                                     ret_target, reterr);
    return rc || !maker ? rc : s_choose (self, maker, ret_target, reterr);
}
