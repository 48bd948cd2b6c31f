//  ingress_resolve: which endpoints may answer a request: by the name of its model, and by
//  who made what it asks about or goes on from.

#ifndef BR_INGRESS_RESOLVE_H
#define BR_INGRESS_RESOLVE_H

#include "actors/ingress/ingress_self.h"
#include "broker/proto/surface.h"

//  in:   object, the {id} of the path, for BR_SURFACE_OBJECT; account, whose call it is, or ""
//  out:  request->model, for an object: the name that its maker was asked under.
//        ret_target lives until the next use
//  err:  BR_ENOTFOUND no such model or object, or it is another account's; BR_EINVALID who made what it goes on from
//        does not serve this model
int ingress_resolve (ingress_t *self, br_surface_kind_t kind, const char *object,
                     const char *account, request_t *request,
                     ingress_target_t *ret_target, br_error_t *reterr);

//  The id of the object that a request asks about or goes on from, when nobody here knows it:
//  it is to be searched (ingress_search.h) before the request is resolved.
//  ret:  borrowed from object or request; NULL when there is nothing to search
const char *ingress_resolve_misses (const ingress_t *self, br_surface_kind_t kind,
                                    const char *object, const request_t *request);

#endif
