//  ingress_facts: what a catalogue says of a model, as the router wants it of a candidate.

#ifndef BR_INGRESS_FACTS_H
#define BR_INGRESS_FACTS_H

#include <cjson/cJSON.h>
#include <stdint.h>

typedef struct _ingress_facts_t {
    uint64_t context; //  tokens of input at the most; 0 = unknown
    uint64_t
        price_nusd; //  of a million tokens of input and a million of output; 0 = unknown
    unsigned lacks; //  bits of br_need_t, see broker/proto/candidates.h
} ingress_facts_t;

//  Reads the members max_input_tokens, pricing, input_modalities and capabilities; NULL has
//  none. A model that costs nothing has the price 1, since 0 is unknown.
//  It lacks images, sound or files when it has a list of input_modalities without them; and
//  tools when its capabilities have a member for them that is false, or are a list without
//  them.
ingress_facts_t ingress_facts_read (const cJSON *model);

#endif
