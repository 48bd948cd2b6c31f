//  ingress_roster: the answer of GET /v1/routes: each route by name, with the provider that
//  comes first for it and the protocol that is spoken there. A pure function of the slice.

#ifndef BR_INGRESS_ROSTER_H
#define BR_INGRESS_ROSTER_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "broker/core/blob.h"

//  Whether a route is shown. arg is who asks.
typedef bool (ingress_roster_fn) (void *arg, const char *name);

//  {"routes": [{"name", "provider", "protocol"}]}, sorted by name. A route without an active
//  endpoint is left out: nobody could call it.
//  in:   slice, of ingress_routes_slice; shows, NULL: all are
//  ret:  "caller destroys"
br_blob_t *ingress_roster_print (const cJSON *slice, ingress_roster_fn *shows, void *arg);

#endif
