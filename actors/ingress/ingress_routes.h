//  ingress_routes: which endpoints may answer for a name: the routes, providers and
//  catalogues of one configuration, and the pure function over them. Nothing of it changes
//  once it is made.

#ifndef BR_INGRESS_ROUTES_H
#define BR_INGRESS_ROUTES_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "broker/core/buf.h"
#include "broker/core/error.h"
#include "broker/core/verbs.h"

typedef struct _ingress_routes_t ingress_routes_t;

typedef struct _ingress_target_t {
    const char *strategy;  //  "priority", "load_balance" and so on
    br_bytes_t candidates; //  see broker/proto/candidates.h; borrowed
    unsigned count;        //  of candidates
    unsigned lacks;        //  bits of br_need_t: what some of them lack
    bool spreads;          //  several may come first: affinity has something to choose
    const char *how; //  what the name is: "route", "dynamic route", "provider:model",
                     //  "catalogue name", or "unlisted model" of a provider
} ingress_target_t;

//  Reads the slice (JSON). "caller destroys". err: BR_ECONFIG with what is wrong.
ingress_routes_t *ingress_routes_new (const char *slice, br_error_t *reterr);
void ingress_routes_destroy (ingress_routes_t **self_p);

//  Which endpoints may answer for a name. In this order: a route of that name;
//  provider:model, provider/model; a bare name in the catalogues of the providers.
//  scratch: where candidates are written that stand nowhere yet; it is emptied first.
//  ret_target lives as long as self and the next use of scratch.
//  err:  BR_ENOTFOUND with near names, or how to make the provider active
int ingress_routes_resolve (const ingress_routes_t *self, const char *name,
                            br_buf_t *scratch, ingress_target_t *ret_target,
                            br_error_t *reterr);

//  The slice that was read. "owned by self"
const cJSON *ingress_routes_slice (const ingress_routes_t *self);

//  Appends the routes as JSON, an array sorted by name.
void ingress_routes_print (const ingress_routes_t *self, br_buf_t *buf);

#endif
