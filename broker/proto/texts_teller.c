//  texts_teller: which span a value is.

#include "broker/proto/texts_file.h"
#include "broker/proto/texts_teller.h"

#define PART_BITS 24
#define KIND_SHIFT 56

uint64_t
br_texts_choice (uint64_t channel)
{
    return channel & UINT32_MAX;
}

//  ---- channels

bool
texts_teller_has_pieces (const texts_teller_t *self)
{
    return self->of == TEXTS_EVENT || (self->of == TEXTS_ANSWER && self->parted);
}

static uint64_t
s_number (uint64_t family, const texts_spot_t *spot)
{
    uint64_t part = spot->part & ((1u << PART_BITS) - 1);
    return family << KIND_SHIFT | part << 32 | spot->choice;
}

uint64_t
texts_teller_channel (const texts_teller_t *self, const texts_spot_t *spot)
{
    if (spot->closed || spot->kind == TEXTS_KIND_WHOLE || !texts_teller_has_pieces (self))
        return 0;
    return s_number (spot->kind, spot);
}

//  A call has one number over all events: of its choice and part. The legacy function_call
//  has neither.
static uint64_t
s_call_number (const texts_teller_t *self, const texts_spot_t *spot)
{
    if (self->of != TEXTS_EVENT || (spot->closed && !spot->joins))
        return 0;
    return s_number (spot->kind == TEXTS_KIND_FUNCTION ? 2 : 1, spot);
}

//  ---- texts

static int
s_tell (const texts_teller_t *self, const texts_spot_t *spot, br_text_form_t form,
        size_t at, size_t size, uint64_t channel)
{
    if (self->ends && channel)
        texts_ends_note (self->ends, channel);
    if (!self->ear.text)
        return 0;
    bool is_said = self->of != TEXTS_REQUEST && spot->place == BR_TEXT_ASSISTANT;
    br_text_span_t span = { .place = is_said ? BR_TEXT_ANSWER : spot->place,
                            .form = form,
                            .at = at,
                            .size = size,
                            .channel = channel };
    return self->ear.text (self->ear.arg, &span);
}

//  A file is whole, also where texts come in pieces.
static int
s_tell_file (const texts_teller_t *self, const texts_spot_t *spot, size_t at, size_t size)
{
    br_text_form_t form = BR_TEXT_STRING;
    size_t from = 0;
    size_t length = 0;
    bool is_url = spot->mode == TEXTS_URL;
    if (!texts_file_span (self->bytes + at, size, spot->file, is_url, &form, &from,
                          &length))
        return 0;
    if (form == BR_TEXT_BASE64)
        return s_tell (self, spot, form, at + from, length, 0);
    return s_tell (self, spot, BR_TEXT_STRING, at, size,
                   texts_teller_channel (self, spot));
}

int
texts_teller_key (const texts_teller_t *self, const texts_spot_t *spot, size_t at,
                  size_t size)
{
    return s_tell (self, spot, BR_TEXT_STRING, at, size, 0);
}

//  ---- calls

//  What is not a string is nothing but arguments.
static int
s_tell_call (const texts_teller_t *self, const texts_spot_t *spot, texts_call_t call,
             bool is_string, size_t at, size_t size)
{
    if (!is_string && call != TEXTS_CALL_ARGUMENTS)
        return 0;
    br_call_span_t span = { .part = (br_call_part_t) (call - TEXTS_CALL_NAME),
                            .form = is_string ? BR_TEXT_STRING : BR_TEXT_JSON_VALUE,
                            .at = at,
                            .size = size,
                            .object = spot->object,
                            .call = s_call_number (self, spot),
                            .joins = spot->joins,
                            .id = spot->id };
    if (is_string && self->of == TEXTS_EVENT)
        span.channel = texts_teller_channel (self, spot);
    return self->ear.call (self->ear.arg, &span);
}

//  ---- values

int
texts_teller_string (const texts_teller_t *self, const texts_spot_t *spot,
                     texts_call_t call, size_t at, size_t size)
{
    if (call)
        return s_tell_call (self, spot, call, true, at, size);
    if (spot->mode == TEXTS_OPAQUE || spot->mode == TEXTS_SKIP)
        return 0;
    if (spot->mode == TEXTS_URL || spot->mode == TEXTS_FILE)
        return s_tell_file (self, spot, at, size);
    return s_tell (self, spot,
                   spot->mode == TEXTS_JSON ? BR_TEXT_JSON_STRING : BR_TEXT_STRING, at,
                   size, texts_teller_channel (self, spot));
}

int
texts_teller_scalar (const texts_teller_t *self, const texts_spot_t *spot,
                     texts_call_t call, size_t at, size_t size)
{
    return call ? s_tell_call (self, spot, call, false, at, size) : 0;
}

int
texts_teller_crossed (const texts_teller_t *self, const texts_spot_t *spot,
                      texts_call_t call, size_t at, size_t size)
{
    if (call)
        return s_tell_call (self, spot, call, false, at, size);
    if (spot->mode == TEXTS_SKIP || size <= 2)
        return 0;
    return s_tell (self, spot,
                   spot->mode == TEXTS_JSON ? BR_TEXT_JSON_VALUE : BR_TEXT_REPEATED, at,
                   size, 0);
}
