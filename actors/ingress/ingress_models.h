//  ingress_models: the answer of GET /v1/models and its like: the routes, and each model of
//  each provider as provider:model. Written once for a configuration.

#ifndef BR_INGRESS_MODELS_H
#define BR_INGRESS_MODELS_H

#include <stdbool.h>

#include "broker/core/blob.h"
#include "broker/core/error.h"
#include "broker/proto/protocol.h"

typedef struct _ingress_models_t ingress_models_t;

//  Reads the slice (JSON). created: unix time, seconds, given as that of every model.
//  "caller destroys". err: BR_ECONFIG.
ingress_models_t *ingress_models_new (const char *slice, uint64_t created,
                                      br_error_t *reterr);
void ingress_models_destroy (ingress_models_t **self_p);

//  Whether a model is shown. arg is who asks.
typedef bool (ingress_models_fn) (void *arg, const char *id);

//  The list as the protocol shows it, JSON: all of it, or those that the query asks for:
//  provider= an exact name, id= a part of the id without regard to case, and what they can
//  do, see ingress_abilities.h. A page of it when the query says so in the protocol's way:
//  limit=, after_id= and before_id= for Messages, pageSize= and pageToken= for Google.
//  in:   shows, NULL: all are
//  ret:  "caller destroys", or NULL
//  err:  BR_EINVALID a size of a page that is none, or a place that there is not; an ability
//        that is neither true nor false
br_blob_t *ingress_models_list (const ingress_models_t *self, br_protocol_t wire,
                                const char *query, ingress_models_fn *shows, void *arg,
                                br_error_t *reterr);

//  One model as the protocol shows it, JSON: by its id, as provider/model, or by its bare
//  name. "caller destroys"; NULL when there is none.
br_blob_t *ingress_models_one (const ingress_models_t *self, br_protocol_t wire,
                               const char *name, ingress_models_fn *shows, void *arg);

#endif
