//  field: what a client calls a member of its request. What a target cannot carry is told
//  to the client, in its own words.

#ifndef BR_FIELD_H
#define BR_FIELD_H

#include "broker/core/text.h"
#include "broker/proto/protocol.h"

typedef enum {
    BR_FIELD_MESSAGES,
    BR_FIELD_SYSTEM,
    BR_FIELD_MAX_OUTPUT,
    BR_FIELD_TEMPERATURE,
    BR_FIELD_TOP_P,
    BR_FIELD_TOP_K,
    BR_FIELD_MIN_P,
    BR_FIELD_FREQUENCY_PENALTY,
    BR_FIELD_PRESENCE_PENALTY,
    BR_FIELD_SEED,
    BR_FIELD_N,
    BR_FIELD_STOP,
    BR_FIELD_LOGPROBS,
    BR_FIELD_TOP_LOGPROBS,
    BR_FIELD_LOGIT_BIAS,
    BR_FIELD_REASONING,
    BR_FIELD_EFFORT,
    BR_FIELD_BUDGET, //  tokens of reasoning
    BR_FIELD_TOOLS,
    BR_FIELD_CHOICE,
    BR_FIELD_FORMAT,
    BR_FIELD_STRICT, //  of the format's schema
    BR_FIELD_VERBOSITY,
    BR_FIELD_MODALITIES,
    BR_FIELD_STORE,
    BR_FIELD_PREVIOUS,
    BR_FIELD_METADATA,
    BR_FIELD_USER,
    BR_FIELD_TIER,
    BR_FIELD_CACHE_KEY,
    BR_FIELD_CACHE, //  a mark
    BR_FIELDS
} br_field_t;

//  Always a name: where the protocol has no such member, Chat's.
const char *br_field_name (br_field_t field, br_protocol_t protocol);

#endif
