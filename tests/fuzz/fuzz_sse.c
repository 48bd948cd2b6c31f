//  Fuzzer of the parser of server-sent events, of the taps behind it, and of what hides
//  usage: the first byte chooses the split, and the split may not change what comes out.

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/net/sse.h"
#include "broker/proto/tap.h"
#include "broker/proto/usage_veil.h"

#define EVENT_MAX 200 //  bytes; small, so that the bound is met

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);

static void
s_event (void *arg, const char *name, const uint8_t *data, size_t size)
{
    br_buf_addf (arg, "E %s|", name);
    br_buf_add (arg, data, size);
}

static void
s_comment (void *arg, const uint8_t *text, size_t size)
{
    br_buf_adds (arg, "C ");
    br_buf_add (arg, text, size);
}

static const sse_handler_t s_handler = { .event = s_event, .comment = s_comment };

//  Each piece has its own allocation, so that a step too far is seen.
static uint8_t *
s_piece (const uint8_t *bytes, size_t size)
{
    uint8_t *piece = br_alloc (1, size ? size : 1);
    memcpy (piece, bytes, size);
    return piece;
}

static int
s_parse (const uint8_t *bytes, size_t size, size_t most, br_buf_t *out)
{
    sse_t *sse = sse_new (&s_handler, out, EVENT_MAX);
    for (size_t at = 0; at < size; at += most) {
        size_t length = size - at < most ? size - at : most;
        uint8_t *piece = s_piece (bytes + at, length);
        sse_push (sse, piece, length, NULL);
        free (piece);
    }
    int rc = sse_end (sse, NULL);
    sse_destroy (&sse);
    return rc;
}

static tap_result_t
s_tap (br_protocol_t protocol, const uint8_t *bytes, size_t size, size_t most)
{
    tap_t *tap = tap_new (protocol, true);
    for (size_t at = 0; at < size; at += most) {
        size_t length = size - at < most ? size - at : most;
        uint8_t *piece = s_piece (bytes + at, length);
        tap_push (tap, piece, length);
        free (piece);
    }
    tap_end (tap);
    tap_result_t result = *tap_result (tap);
    tap_destroy (&tap);
    return result;
}

static void
s_compare_taps (br_protocol_t protocol, const uint8_t *bytes, size_t size, size_t most)
{
    tap_result_t one = s_tap (protocol, bytes, size, size ? size : 1);
    tap_result_t two = s_tap (protocol, bytes, size, most);
    assert (one.first == two.first && one.unknown == two.unknown);
    assert (one.error == two.error && one.complete == two.complete);
    assert (strcmp (one.finish, two.finish) == 0);
    assert (one.usage.input == two.usage.input && one.usage.output == two.usage.output);
    assert (one.usage.cache_read + one.usage.cache_write <= one.usage.input);
    assert (one.usage.cache_write_1h <= one.usage.cache_write);
    assert (one.usage.reasoning <= one.usage.output && one.told == two.told);
    assert (one.usage.audio_input <= one.usage.input);
    assert (one.usage.audio_output <= one.usage.output);
}

static void
s_veil (const uint8_t *bytes, size_t size, size_t most, br_buf_t *out)
{
    usage_veil_t *veil = usage_veil_new ();
    for (size_t at = 0; at < size; at += most) {
        size_t length = size - at < most ? size - at : most;
        uint8_t *piece = s_piece (bytes + at, length);
        usage_veil_push (veil, piece, length, out);
        free (piece);
    }
    usage_veil_end (veil, out);
    usage_veil_destroy (&veil);
}

//  Events may be of any size, so that those over the maximum may be judged in either way.
static void
s_compare_veils (const uint8_t *bytes, size_t size, size_t most)
{
    if (size > USAGE_VEIL_MAX)
        return;
    br_buf_t whole, split;
    br_buf_init (&whole, size + 1);
    br_buf_init (&split, size + 1);
    s_veil (bytes, size, size ? size : 1, &whole);
    s_veil (bytes, size, most, &split);
    assert (whole.size == split.size && whole.size <= size);
    assert (whole.size == 0 || memcmp (whole.data, split.data, whole.size) == 0);
    br_buf_free (&whole);
    br_buf_free (&split);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    size_t most = 1 + bytes[0];
    bytes++;
    size--;
    br_buf_t whole, split;
    br_buf_init (&whole, 1 << 20);
    br_buf_init (&split, 1 << 20);
    int rc = s_parse (bytes, size, size ? size : 1, &whole);
    assert (s_parse (bytes, size, most, &split) == rc);
    assert (whole.size == split.size);
    assert (whole.size == 0 || memcmp (whole.data, split.data, whole.size) == 0);
    br_buf_free (&whole);
    br_buf_free (&split);
    s_compare_veils (bytes, size, most);
    for (br_protocol_t protocol = 0; protocol < BR_PROTOCOL_COUNT; protocol++)
        s_compare_taps (protocol, bytes, size, most);
    return 0;
}
