//  Fuzzer of requests: any bytes as a request of each protocol, for a provider of each
//  protocol. What is written is JSON that the provider's own codec reads, and what is
//  refused is refused in one line.

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
s_check_error (const br_error_t *error)
{
    assert (error->code == BR_EINVALID || error->code == BR_ETOOBIG);
    assert (*error->text && !strpbrk (error->text, "\r\n"));
}

static br_translate_t *
s_read (br_protocol_t client, const uint8_t *bytes, size_t size, bool stream,
        br_error_t *reterr)
{
    br_blob_t *blob = br_blob_new (bytes, size);
    br_translate_t *self = br_translate_new (
        client, blob, client == BR_PROTOCOL_GOOGLE ? "m" : NULL, stream, "r", 7, reterr);
    br_blob_destroy (&blob);
    return self;
}

//  Numbers that are out of all bounds pass: they are the client's, and it hears of them
//  from the provider.
static bool
s_is_excused (const br_error_t *error)
{
    return strstr (error->text, "must be an integer") != NULL;
}

static void
s_write (br_translate_t *self, br_protocol_t client, const br_target_t *target)
{
    br_error_t error = { .text = "" };
    br_buf_t out;
    br_buf_init (&out, WAY_OUT_MAX);
    if (br_translate_request (self, target, &out, &error) == 0) {
        if (!way_is_object (&out))
            way_fail ("no JSON", client, target->protocol, &out);
        br_translate_t *again = s_read (target->protocol, out.data, out.size, false,
                                        &error);
        if (!again && !s_is_excused (&error)) {
            fprintf (stderr, "%s\n", error.text);
            way_fail ("its own codec refuses it", client, target->protocol, &out);
        }
        br_translate_destroy (&again);
    } else
        s_check_error (&error);
    br_buf_free (&out);
    const char *warnings = br_translate_warnings (self);
    assert (strlen (warnings) <= BR_LOSS_LINE_MAX && !strpbrk (warnings, "\r\n"));
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
    uint32_t hash = way_hash (bytes, size);
    for (br_protocol_t client = 0; client < WAY_PROTOCOLS; client++) {
        br_error_t error = { .text = "" };
        br_translate_t *self = s_read (client, bytes, size, hash & 1, &error);
        if (!self) {
            s_check_error (&error);
            continue;
        }
        for (br_protocol_t protocol = 0; protocol < WAY_PROTOCOLS; protocol++) {
            br_target_t target = way_target (protocol, hash >> 4);
            if (protocol != client)
                s_write (self, client, &target);
        }
        br_translate_destroy (&self);
    }
    return 0;
}
