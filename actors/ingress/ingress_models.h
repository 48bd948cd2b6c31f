//  ingress_models: the answer of GET /v1/models: the routes, and each model of each
//  provider as provider:model. Written once for a configuration.

#ifndef BR_INGRESS_MODELS_H
#define BR_INGRESS_MODELS_H

#include "broker/core/blob.h"
#include "broker/core/error.h"

typedef struct _ingress_models_t ingress_models_t;

//  Reads the slice (JSON). created: unix time, seconds, given as that of every model.
//  "caller destroys". err: BR_ECONFIG.
ingress_models_t *ingress_models_new (const char *slice, uint64_t created,
                                      br_error_t *reterr);
void ingress_models_destroy (ingress_models_t **self_p);

//  The list, JSON: all of it, or those that the query asks for: provider= an exact name,
//  id= a part of the id without regard to case. "caller destroys"
br_blob_t *ingress_models_list (const ingress_models_t *self, const char *query);

#endif
