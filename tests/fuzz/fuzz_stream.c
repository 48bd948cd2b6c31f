//  Fuzzer of streamed answers: any bytes from a provider of each protocol, in any split, for
//  a client of each protocol. The split changes nothing of what is written, what is whole
//  is a stream by the rules of the client's protocol, and what is not does not look so.

#include "tests/fuzz/mutate.h"
#include "tests/fuzz/way.h"

#define PIECE_MAX 97 //  bytes

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator (uint8_t *bytes, size_t size, size_t room,
                                unsigned int seed);

size_t
LLVMFuzzerCustomMutator (uint8_t *bytes, size_t size, size_t room, unsigned int seed)
{
    return mutate_events (bytes, size, room, seed);
}

static void
s_compare (const br_buf_t *whole, const tap_result_t *result, const uint8_t *bytes,
           size_t size, br_protocol_t client, br_protocol_t provider, uint32_t hash)
{
    br_target_t target = way_target (provider, hash >> 4);
    br_translate_t *self = way_ask (client, &target, true, hash >> 8);
    br_buf_t out;
    br_buf_init (&out, WAY_OUT_MAX);
    tap_result_t split = way_push (self, bytes, size, 1 + hash % PIECE_MAX, &out);
    if (out.size != whole->size
        || (out.size && memcmp (out.data, whole->data, out.size) != 0))
        way_fail ("the split changes it", client, provider, &out);
    assert (split.complete == result->complete && split.first == result->first);
    assert (split.error == result->error && split.unknown == result->unknown);
    br_buf_free (&out);
    br_translate_destroy (&self);
}

static void
s_try (const uint8_t *bytes, size_t size, br_protocol_t client, br_protocol_t provider,
       uint32_t hash)
{
    br_target_t target = way_target (provider, hash >> 4);
    br_translate_t *self = way_ask (client, &target, true, hash >> 8);
    br_buf_t out;
    br_buf_init (&out, WAY_OUT_MAX);
    tap_result_t result = way_push (self, bytes, size, size, &out);
    way_check_result (&result, &out);
    way_check_stream (client, provider, &result, &out);
    if (result.complete)
        way_read_again (client, provider, true, hash >> 12, &out);
    if (client == (hash >> 16) % WAY_PROTOCOLS)
        s_compare (&out, &result, bytes, size, client, provider, hash);
    br_buf_free (&out);
    br_translate_destroy (&self);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    uint32_t hash = way_hash (bytes, size);
    for (br_protocol_t provider = 0; provider < WAY_PROTOCOLS; provider++)
        for (br_protocol_t client = 0; client < WAY_PROTOCOLS; client++)
            if (client != provider)
                s_try (bytes, size, client, provider, hash);
    return 0;
}
