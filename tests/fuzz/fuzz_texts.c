//  Fuzzer of the texts in bodies and events: any bytes, as those of every surface. What is
//  told lies inside, in order and apart, strings with their quotes, base64 inside of some; it
//  is the same in slices of any size. The inside of a string says the same however it is cut,
//  and what is written of it is read again.

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "broker/proto/text_string.h"
#include "broker/proto/texts.h"
#include "tests/fuzz/mutate.h"

#define OUT_MAX (64u << 20) //  bytes

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator (uint8_t *bytes, size_t size, size_t room,
                                unsigned int seed);

size_t
LLVMFuzzerCustomMutator (uint8_t *bytes, size_t size, size_t room, unsigned int seed)
{
    return mutate_json (bytes, size, room, seed);
}

typedef struct {
    const uint8_t *bytes;
    size_t size;
    size_t behind; //  the last span
    size_t count;
    bool pieces;  //  channels may be
    uint64_t sum; //  of all that was told
} heard_t;

//  The first and the last byte of a span.
static void
s_check_ends (br_text_form_t form, uint8_t first, uint8_t last)
{
    if (form == BR_TEXT_STRING || form == BR_TEXT_JSON_STRING)
        assert (first == '"' && last == '"');
    else if (form == BR_TEXT_BASE64)
        assert (first != '"' && first >= ' ' && last >= ' ');
    else
        assert ((first == '{' && last == '}') || (first == '[' && last == ']'));
}

static int
s_hear (void *arg, const br_text_span_t *span)
{
    heard_t *heard = arg;
    assert (span->place < BR_TEXT_PLACES);
    assert (span->at >= heard->behind && span->at + span->size <= heard->size);
    assert (heard->pieces || span->channel == 0);
    if (span->form != BR_TEXT_RAW) {
        assert (span->size >= (span->form == BR_TEXT_BASE64 ? 1u : 2u));
        s_check_ends (span->form, heard->bytes[span->at],
                      heard->bytes[span->at + span->size - 1]);
    }
    heard->sum = heard->sum * 31 + span->at * 7 + span->size * 5 + span->channel * 3
                 + (uint64_t) span->form * 16 + (uint64_t) span->place;
    heard->behind = span->at + span->size;
    heard->count++;
    return 0;
}

static void
s_try_slices (br_texts_t *texts, size_t slice, const heard_t *whole, bool is_good)
{
    heard_t heard = { .bytes = whole->bytes,
                      .size = whole->size,
                      .pieces = whole->pieces };
    int rc = 1;
    while (rc == 1)
        rc = br_texts_step (texts, slice, s_hear, &heard, NULL);
    assert (rc == (is_good ? 0 : -1));
    assert (heard.count == whole->count && heard.sum == whole->sum);
    br_texts_destroy (&texts);
}

static void
s_try_surface (br_surface_t surface, const uint8_t *bytes, size_t size)
{
    heard_t request = { .bytes = bytes, .size = size };
    heard_t answer = { .bytes = bytes, .size = size, .pieces = true };
    heard_t piece = answer;
    br_text_event_t event = { .nends = 0 };
    br_error_t error = { .text = "" };
    size_t slice = size ? bytes[size - 1] + 1u : 1;
    int rc = br_texts_of_request (surface, bytes, size, s_hear, &request, &error);
    bool is_form = size && *bytes == '-'; //  broken ones are told up to where they break
    assert (rc == 0 || ((is_form || request.count == 0) && error.code == BR_EINVALID));
    s_try_slices (br_texts_new_request (surface, bytes, size), slice, &request, rc == 0);
    rc = br_texts_of_answer (surface, bytes, size, s_hear, &answer, NULL);
    assert (rc == 0 || answer.count == 0);
    s_try_slices (br_texts_new_answer (surface, bytes, size), slice, &answer, rc == 0);
    if (br_texts_of_event (surface, bytes, size, &event, s_hear, &piece, NULL))
        assert (piece.count == 0);
    assert (event.nends <= BR_TEXT_ENDS_MAX);
    if (event.has_sequence)
        assert (event.sequence_size && event.sequence_at + event.sequence_size <= size);
}

static void
s_read (text_string_t *self, const uint8_t *bytes, size_t size, size_t cut, br_buf_t *out)
{
    text_string_init (self);
    assert (text_string_push (self, bytes, cut, out) == 0);
    assert (text_string_push (self, bytes + cut, size - cut, out) == 0);
    assert (text_string_end (self, out) == 0);
    assert (self->raw == size && self->text == out->size);
}

static void
s_try_string (const uint8_t *bytes, size_t size)
{
    br_buf_t text;
    br_buf_t again;
    br_buf_t raw;
    br_buf_init (&text, OUT_MAX);
    br_buf_init (&again, OUT_MAX);
    br_buf_init (&raw, OUT_MAX);
    text_string_t whole;
    text_string_t cut;
    s_read (&whole, bytes, size, 0, &text);
    s_read (&cut, bytes, size, size ? bytes[0] % size : 0, &again);
    assert (text.size == again.size);
    assert (text.size == 0 || memcmp (text.data, again.data, text.size) == 0);
    for (uint64_t i = 0, at = 0; i <= whole.text; i++) {
        uint64_t from = text_string_raw (&whole, i);
        assert (from >= at && from <= size && from == text_string_raw (&cut, i));
        assert (i == 0
                || text_string_raw_end (&whole, i) > text_string_raw (&whole, i - 1));
        at = from;
    }
    text_string_free (&cut);
    assert (
        text_string_write (text.data ? text.data : (const uint8_t *) "", text.size, &raw)
        == 0);
    br_buf_clear (&again);
    s_read (&cut, raw.data ? raw.data : (const uint8_t *) "", raw.size, raw.size / 2,
            &again);
    //  Two lone surrogates that stand side by side now are one character.
    assert (text.size == again.size || memmem (text.data, text.size, "\xed", 1));
    text_string_free (&cut);
    text_string_free (&whole);
    br_buf_free (&raw);
    br_buf_free (&again);
    br_buf_free (&text);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t size)
{
    static const br_surface_t surfaces[] = {
        BR_SURFACE_CHAT,          BR_SURFACE_RESPONSES,      BR_SURFACE_MESSAGES,
        BR_SURFACE_GOOGLE_STREAM, BR_SURFACE_COMPLETIONS,    BR_SURFACE_EMBEDDINGS,
        BR_SURFACE_IMAGE_EDITS,   BR_SURFACE_TRANSCRIPTIONS, BR_SURFACE_GOOGLE_EMBEDS,
    };
    for (size_t i = 0; i < sizeof surfaces / sizeof surfaces[0]; i++)
        s_try_surface (surfaces[i], bytes, size);
    s_try_string (bytes, size);
    return 0;
}
