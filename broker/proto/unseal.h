//  unseal: a request that passes as bytes to a provider of the client's own protocol, with
//  the envelopes in it opened, or taken out. They come from turns that another family has
//  answered, and no provider knows them. All other bytes stay as they are.

#ifndef BR_UNSEAL_H
#define BR_UNSEAL_H

#include "broker/core/buf.h"
#include "broker/core/error.h"
#include "broker/proto/dialect.h"

//  Where the body names its model; size 0 = nowhere.
typedef struct _br_unseal_model_t {
    size_t at;   //  bytes
    size_t size; //  bytes, with the quotes
} br_unseal_model_t;

//  An envelope whose blob is the target's goes back as that blob. Else what carries it
//  goes as the protocol's writer would have it, and is told: a block of thinking, an item
//  of reasoning, a member; with it a message that holds nothing else. Where a target wants
//  something in its place, it gets that. What looks like an envelope in any other place,
//  such as a user's text, stays.
//  in:   target, of the protocol of the body; body, JSON; br_envelope_may_be_in has said
//        that it is worth the walk
//  out:  out, the body with the target's model; warnings, as of br_translate_warnings
//  ret:  1, or 0 when there is nothing to change: nothing is written then
//  err:  BR_EINVALID the body is no JSON, or has no model in that place; BR_ETOOBIG
int br_unseal (const br_target_t *target, br_text_t body, br_unseal_model_t model,
               br_buf_t *out, br_buf_t *warnings, br_error_t *reterr);

#endif
