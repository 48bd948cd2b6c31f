//  guard_said: what a client is told of the guardrails in its answer's `x-bitrouter-guard`:
//  that something was redacted, and that a rule which fails open was not applied.

#ifndef BR_GUARD_SAID_H
#define BR_GUARD_SAID_H

#include <stdint.h>

#include "broker/core/buf.h"

#define GUARD_SAID_NAME "x-bitrouter-guard"
#define GUARD_SAID_MAX 128 //  bytes of all its words

//  Bits.
typedef enum {
    GUARD_SAID_REQUEST_REDACTED = 1,
    GUARD_SAID_UNCHECKED = 2, //  the request: by some rule that concerns it
    GUARD_SAID_ANSWER_REDACTED = 4,
    GUARD_SAID_ANSWER_UNCHECKED = 8
} guard_said_t;

//  Appends the words of these bits, with ", " between; nothing for 0. Unknown bits are none.
void guard_said_write (uint64_t said, br_buf_t *out);

#endif
