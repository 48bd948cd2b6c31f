//  upstream_usage: what an attempt has cost where the provider has not told it to its end.

#include "broker/proto/tap_told.h"
#include "actors/upstream/upstream_usage.h"

br_usage_t
upstream_usage_of (const br_usage_t *told, uint64_t input_tokens, uint64_t characters)
{
    if (told->known && !told->open)
        return *told;
    uint64_t output = tap_told_tokens (characters);
    br_usage_t usage = { .input = input_tokens };
    if (told->known)
        usage = *told;
    usage.known = false;
    usage.open = false;
    if (output > usage.output)
        usage.output = output;
    return usage;
}
