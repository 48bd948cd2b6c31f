//  model_filter: whether a model is what `bitrouter models` was asked for. The words are
//  those of the query of GET /v1/models.

#ifndef BR_CLI_MODEL_FILTER_H
#define BR_CLI_MODEL_FILTER_H

#include <cjson/cJSON.h>
#include <stdbool.h>

//  Members that are NULL ask for nothing.
typedef struct _cli_model_filter_t {
    const char *id;       //  a part of the id, without regard to case
    const char *input;    //  a modality that it takes, like "image"
    const char *output;   //  a modality that it answers in
    const char *supports; //  abilities with commas between; all of them
} cli_model_filter_t;

//  in:   id, as it is shown; model, with input_modalities, output_modalities, capabilities
//        and pricing, as the slice of ingress has them
//
//  Abilities: tools, vision (images), audio and files, which a model has unless its
//  catalogue says that it lacks them; prompt_caching, when reading from a cache has a
//  price; any other when its capabilities have it.
bool cli_model_filter_fits (const cli_model_filter_t *self, const char *id,
                            const cJSON *model);

#endif
