//  ingress_abilities: what a model takes, says and can do, and whether that is what a
//  query for models asks for:
//      input_modality=image, output_modality=text   it has this one
//      supports_NAME=true or false                  it can do this, or cannot
//  NAME tools, vision, audio or files: it can unless its catalogue says that it lacks
//  them. prompt_caching: reading from a cache has a price. Any other: its capabilities
//  have it.

#ifndef BR_INGRESS_ABILITIES_H
#define BR_INGRESS_ABILITIES_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "broker/core/error.h"

typedef struct _ingress_abilities_t ingress_abilities_t;

//  Reads the members input_modalities, output_modalities, capabilities and pricing of a
//  model. "caller destroys"
ingress_abilities_t *ingress_abilities_new (const cJSON *model);
void ingress_abilities_destroy (ingress_abilities_t **self_p);

//  Whether the query, which may be NULL, asks for any.
//  ret:  1 = it does, 0 = it does not, -1 = one of them makes no sense
//  err:  BR_EINVALID
int ingress_abilities_asked (const char *query, br_error_t *reterr);

//  Whether the model is what a query that makes sense asks for.
bool ingress_abilities_fit (const ingress_abilities_t *self, const char *query);

#endif
