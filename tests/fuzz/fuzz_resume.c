//  Fuzzer of answers that go on: any bytes are a state that is read and written the same,
//  or are none; and any bytes from a provider, cut where they end, are gone on with by
//  another, so that the client of each protocol hears one stream by its rules.

#include "broker/proto/resume.h"
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/way.h"

//  What the second provider says, in Chat.
#define CHUNK(delta, finish)                                                             \
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,"            \
    "\"model\":\"t\",\"choices\":[{\"index\":0,\"delta\":" delta                         \
    ",\"finish_reason\":" finish "}]}\n\n"
static const char s_rest[] = CHUNK ("{\"role\":\"assistant\"}", "null")
    CHUNK ("{\"reasoning_content\":\"hm\"}", "null") CHUNK ("{\"content\":\"a\"}", "null")
        CHUNK ("{\"content\":\"b \"}", "null")
            CHUNK ("{}", "\"stop\"") "data: [DONE]\n\n";

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator (uint8_t *bytes, size_t size, size_t room,
                                unsigned int seed);

size_t
LLVMFuzzerCustomMutator (uint8_t *bytes, size_t size, size_t room, unsigned int seed)
{
    return mutate_events (bytes, size, room, seed);
}

//  ---- states

static void
s_read_state (const uint8_t *bytes, size_t size)
{
    br_resume_t *state = br_resume_read (bytes, size, NULL);
    if (!state)
        return;
    br_buf_t first, second;
    br_buf_init (&first, BR_RESUME_BYTES_MAX);
    br_buf_init (&second, BR_RESUME_BYTES_MAX);
    assert (br_resume_write (state, &first) == 0);
    br_resume_destroy (&state);
    state = br_resume_read (first.data, first.size, NULL);
    assert (state && br_resume_write (state, &second) == 0);
    assert (first.size == second.size);
    assert (memcmp (first.data, second.data, first.size) == 0);
    br_resume_destroy (&state);
    br_buf_free (&second);
    br_buf_free (&first);
}

//  ---- streams

//  in:   state, may be NULL
static br_translate_t *
s_ask (br_protocol_t client, const br_target_t *target, uint32_t hash,
       const br_buf_t *state)
{
    bool path = client == BR_PROTOCOL_GOOGLE;
    char *body = br_strf ("%s%s}", way_requests[client][hash % WAY_ROWS],
                          path ? "" : ",\"stream\":true");
    br_blob_t *blob = br_blob_take ((uint8_t *) body, strlen (body));
    br_translate_t *self = br_translate_new (client, blob, path ? "m" : NULL, path, "r",
                                             7, NULL);
    br_blob_destroy (&blob);
    assert (self);
    if (state)
        assert (br_translate_resume (self, state->data, state->size, NULL) == 0);
    br_translate_record (self);
    br_buf_t out;
    br_buf_init (&out, WAY_OUT_MAX);
    assert (br_translate_request (self, target, &out, NULL) == 0);
    br_buf_free (&out);
    return self;
}

static void
s_go_on (const br_translate_t *cut, br_protocol_t client, uint32_t hash, br_buf_t *out)
{
    br_target_t target = way_target (BR_PROTOCOL_CHAT, 0);
    br_buf_t state;
    br_buf_init (&state, BR_RESUME_BYTES_MAX);
    assert (br_translate_resume_take (cut, &state) == 0);
    br_translate_t *self = s_ask (client, &target, hash, &state);
    tap_result_t result = way_push (self, (const uint8_t *) s_rest, sizeof s_rest - 1,
                                    sizeof s_rest, out);
    assert (result.complete);
    way_check_stream (client, BR_PROTOCOL_CHAT, &result, out);
    way_read_again (client, BR_PROTOCOL_CHAT, true, hash >> 12, out);
    br_translate_destroy (&self);
    br_buf_free (&state);
}

static void
s_try (const uint8_t *bytes, size_t size, br_protocol_t client, br_protocol_t provider,
       uint32_t hash)
{
    br_target_t target = way_target (provider, hash >> 4);
    br_translate_t *self = s_ask (client, &target, hash >> 8, NULL);
    br_buf_t out;
    br_buf_init (&out, WAY_OUT_MAX);
    br_translate_push (self, bytes, size, &out);
    if (br_translate_result (self)->complete)
        assert (!br_translate_resumable (self));
    if (br_translate_resumable (self))
        s_go_on (self, client, hash >> 8, &out);
    br_buf_free (&out);
    br_translate_destroy (&self);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    uint32_t hash = way_hash (bytes, size);
    s_read_state (bytes, size);
    for (br_protocol_t provider = 0; provider < WAY_PROTOCOLS; provider++)
        for (br_protocol_t client = 0; client < WAY_PROTOCOLS; client++)
            s_try (bytes, size, client, provider, hash);
    return 0;
}
