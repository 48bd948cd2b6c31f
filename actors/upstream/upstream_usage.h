//  upstream_usage: what an attempt has cost where the provider has not told it to its end:
//  nobody was told, the client left, or the answer was cut.

#ifndef BR_UPSTREAM_USAGE_H
#define BR_UPSTREAM_USAGE_H

#include "broker/proto/usage.h"

//  in:   told, what the provider has said; input_tokens, estimate of the request's;
//        characters, said to the client so far
//  ret:  what was told, if that is all; else counts that are not known: the input is what
//        was told of it, or the estimate
br_usage_t upstream_usage_of (const br_usage_t *told, uint64_t input_tokens,
                              uint64_t characters);

#endif
