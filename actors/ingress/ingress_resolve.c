//  ingress_resolve: names first, then makers.

#include <stdio.h>
#include <string.h>

#include "actors/ingress/ingress_resolve.h"

//  Leaves of the target who made an object: nobody else knows it.
static int
s_choose (ingress_t *self, const br_maker_t *maker, ingress_target_t *target,
          br_error_t *reterr)
{
    int rc = br_maker_choose (maker, target->candidates, &self->chosen);
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

//  Who made an object. What is another account's is as if it were not there.
//  err:  BR_ENOTFOUND it is another's, or nobody knows it and must is set
static int
s_find (const ingress_t *self, const char *id, const char *account, bool must,
        const br_maker_t **ret_maker, br_error_t *reterr)
{
    const br_maker_t *maker = *id ? br_makers_get (self->made, id) : NULL;
    bool is_others = maker && strcmp (maker->account, account) != 0;
    *ret_maker = maker;
    if (!is_others && (maker || !must))
        return 0;
    return br_error_set (reterr, BR_ENOTFOUND,
                         "no response '%.200s' is known here: it was not made through "
                         "this bitrouter since its start, or long ago",
                         id);
}

const char *
ingress_resolve_misses (const ingress_t *self, br_surface_kind_t kind, const char *object,
                        const request_t *request)
{
    const char *id = kind == BR_SURFACE_OBJECT ? object : request->previous;
    return br_makers_takes (id) && !br_makers_get (self->made, id) ? id : NULL;
}

int
ingress_resolve (ingress_t *self, br_surface_kind_t kind, const char *object,
                 const char *account, request_t *request, ingress_target_t *ret_target,
                 br_error_t *reterr)
{
    bool is_object = kind == BR_SURFACE_OBJECT;
    const char *id = is_object ? object : request->previous;
    const br_maker_t *maker = NULL;
    if (s_find (self, id, account, is_object, &maker, reterr))
        return -1;
    if (is_object && maker)
        snprintf (request->model, sizeof request->model, "%s", maker->route);
    int rc = ingress_routes_resolve (self->conf.routes, request->model, &self->candidates,
                                     ret_target, reterr);
    return rc || !maker ? rc : s_choose (self, maker, ret_target, reterr);
}
