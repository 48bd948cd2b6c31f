//  Fuzzer of whole answers: any bytes as a body of a provider of each protocol, for a client
//  of each protocol, which wants a body or a stream.

#include "tests/fuzz/mutate.h"
#include "tests/fuzz/way.h"

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator (uint8_t *bytes, size_t size, size_t room,
                                unsigned int seed);

size_t
LLVMFuzzerCustomMutator (uint8_t *bytes, size_t size, size_t room, unsigned int seed)
{
    return mutate_json (bytes, size, room, seed);
}

static void
s_try (const uint8_t *bytes, size_t size, br_protocol_t client, br_protocol_t provider,
       bool stream, uint32_t hash)
{
    br_target_t target = way_target (provider, hash >> 4);
    br_translate_t *self = way_ask (client, &target, stream, hash >> 8);
    br_buf_t out;
    br_buf_init (&out, WAY_OUT_MAX);
    tap_result_t result = way_push (self, bytes, size, size, &out);
    way_check_result (&result, &out);
    if (stream)
        way_check_stream (client, provider, &result, &out);
    else if ((result.complete || out.size) && !way_is_object (&out))
        way_fail ("no JSON", client, provider, &out);
    if (result.complete)
        way_read_again (client, provider, stream, hash >> 12, &out);
    br_buf_free (&out);
    br_translate_destroy (&self);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
    if (size == 0 || (*bytes != '{' && *bytes != '['))
        return 0; //  fuzz_stream has it
    uint32_t hash = way_hash (bytes, size);
    for (br_protocol_t provider = 0; provider < WAY_PROTOCOLS; provider++)
        for (br_protocol_t client = 0; client < WAY_PROTOCOLS; client++)
            if (client != provider)
                s_try (bytes, size, client, provider, (hash >> client & 1) != 0, hash);
    return 0;
}
