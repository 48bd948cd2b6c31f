//  guard_piece: a text on its way from a body through a channel and back.

#include <string.h>

#include "broker/guard/guard_piece.h"
#include "broker/guard/guard_utf8.h"

#define SLICE 65536 //  bytes of a string that are undone at once

guard_form_t
guard_piece_form (br_text_form_t form)
{
    return form == BR_TEXT_JSON_STRING || form == BR_TEXT_JSON_VALUE ? GUARD_JSON
                                                                     : GUARD_PLAIN;
}

bool
guard_piece_is_bare (br_text_form_t form)
{
    return form == BR_TEXT_JSON_VALUE || form == BR_TEXT_RAW;
}

static bool
s_has_quotes (br_text_form_t form)
{
    return form == BR_TEXT_STRING || form == BR_TEXT_JSON_STRING;
}

bool
guard_piece_is_part (const br_text_span_t *span)
{
    return span->channel && s_has_quotes (span->form);
}

size_t
guard_piece_inside (br_text_form_t form, size_t size, size_t *ret_size)
{
    bool has_quotes = s_has_quotes (form) && size >= 2;
    *ret_size = has_quotes ? size - 2 : size;
    return has_quotes ? 1 : 0;
}

void
guard_piece_init (guard_piece_t *self)
{
    *self = (guard_piece_t) { .channel = NULL };
    text_string_init (&self->string);
    guard_base64_init (&self->base64);
    br_buf_init (&self->in, GUARD_PIECE_MAX);
    br_buf_init (&self->out, GUARD_PIECE_MAX);
}

void
guard_piece_free (guard_piece_t *self)
{
    br_buf_free (&self->out);
    br_buf_free (&self->in);
    guard_base64_free (&self->base64);
    text_string_free (&self->string);
}

void
guard_piece_begin (guard_piece_t *self, guard_channel_t *channel, br_text_form_t form)
{
    self->channel = channel;
    self->form = form;
    self->is_coded = false;
    text_string_reset (&self->string);
    br_buf_clear (&self->in);
    br_buf_clear (&self->out);
}

//  No map is needed: what is changed is written again.
static int
s_undo (guard_piece_t *self, const char *raw, size_t size, bool is_last)
{
    for (size_t at = 0; at < size; at += SLICE) {
        size_t slice = size - at < SLICE ? size - at : SLICE;
        if (text_string_push (&self->string, raw + at, slice, &self->in) != 0)
            return -1;
        text_string_drop (&self->string, self->string.text);
    }
    return is_last ? text_string_end (&self->string, &self->in) : 0;
}

//  ret:  whether it is base64 of UTF-8; then the bytes are there
static bool
s_decode (guard_piece_t *self, const char *raw, size_t size)
{
    guard_base64_reset (&self->base64);
    if (guard_base64_push (&self->base64, raw, size, &self->in) == 0
        && guard_base64_end (&self->base64, &self->in) == 0
        && guard_base64_is_good (&self->base64)
        && (self->in.size == 0
            || guard_utf8_valid (self->in.data, self->in.size) == self->in.size))
        return true;
    br_buf_clear (&self->in);
    return false;
}

int
guard_piece_push (guard_piece_t *self, const void *raw, size_t size, bool is_last)
{
    br_buf_clear (&self->in);
    int rc = 0;
    self->is_coded = self->form == BR_TEXT_BASE64 && s_decode (self, raw, size);
    if (guard_piece_is_bare (self->form))
        rc = br_buf_add (&self->in, raw, size);
    else if (!self->is_coded)
        rc = s_undo (self, raw, size, is_last);
    if (rc != 0)
        return -1;
    return guard_channel_push (self->channel, self->in.data, self->in.size, &self->out);
}

int
guard_piece_end (guard_piece_t *self)
{
    return guard_channel_end (self->channel, &self->out);
}

bool
guard_piece_is_same (const guard_piece_t *self)
{
    return self->in.size == self->out.size
           && (self->in.size == 0
               || memcmp (self->in.data, self->out.data, self->in.size) == 0);
}

void
guard_piece_write (const guard_piece_t *self, br_buf_t *out)
{
    const char *quote = s_has_quotes (self->form) ? "\"" : "";
    (void) br_buf_adds (out, quote);
    if (self->is_coded)
        (void) guard_base64_write (&self->base64, self->out.data, self->out.size, out);
    else if (guard_piece_is_bare (self->form))
        (void) br_buf_add (out, self->out.data, self->out.size);
    else if (self->out.size)
        (void) text_string_write (self->out.data, self->out.size, out);
    (void) br_buf_adds (out, quote);
}
