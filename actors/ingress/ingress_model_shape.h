//  ingress_model_shape: a model, and a list of models, as the clients of each protocol know
//  them.

#ifndef BR_INGRESS_MODEL_SHAPE_H
#define BR_INGRESS_MODEL_SHAPE_H

#include <cjson/cJSON.h>

#include "broker/core/buf.h"
#include "broker/proto/protocol.h"

//  A model of ours (id, created, and what is known of it by the configuration's names) as an
//  object of the protocol, JSON. "caller frees"
char *ingress_model_shape (br_protocol_t wire, const cJSON *model);

//  The protocol whose shape a model has: several know it as OpenAI's clients do.
br_protocol_t ingress_model_shape_of (br_protocol_t wire);

//  What of a list is shown, and whether there is more.
typedef struct _ingress_model_page_t {
    const char *const *rows; //  objects, JSON
    size_t count;
    const char *first; //  id of the first and of the last one; NULL when there is none
    const char *last;
    bool more; //  in the direction that was asked for
} ingress_model_page_t;

void ingress_model_shape_list (br_protocol_t wire, const ingress_model_page_t *page,
                               br_buf_t *out);

#endif
