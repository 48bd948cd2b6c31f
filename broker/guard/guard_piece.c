//  guard_piece: a text on its way from a body through a channel and back.

#include <string.h>

#include "broker/guard/guard_piece.h"

#define SLICE 65536 //  bytes of a string that are undone at once

guard_form_t
guard_piece_form (br_text_form_t form)
{
    return form == BR_TEXT_STRING ? GUARD_PLAIN : GUARD_JSON;
}

bool
guard_piece_is_part (const br_text_span_t *span)
{
    return span->channel
           && (span->form == BR_TEXT_STRING || span->form == BR_TEXT_JSON_STRING);
}

size_t
guard_piece_inside (br_text_form_t form, size_t size, size_t *ret_size)
{
    bool has_quotes = form != BR_TEXT_JSON_VALUE && size >= 2;
    *ret_size = has_quotes ? size - 2 : size;
    return has_quotes ? 1 : 0;
}

void
guard_piece_init (guard_piece_t *self)
{
    *self = (guard_piece_t) { .channel = NULL };
    text_string_init (&self->string);
    br_buf_init (&self->in, GUARD_PIECE_MAX);
    br_buf_init (&self->out, GUARD_PIECE_MAX);
}

void
guard_piece_free (guard_piece_t *self)
{
    br_buf_free (&self->out);
    br_buf_free (&self->in);
    text_string_free (&self->string);
}

void
guard_piece_begin (guard_piece_t *self, guard_channel_t *channel, br_text_form_t form)
{
    self->channel = channel;
    self->form = form;
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

int
guard_piece_push (guard_piece_t *self, const void *raw, size_t size, bool is_last)
{
    br_buf_clear (&self->in);
    int rc = self->form == BR_TEXT_JSON_VALUE ? br_buf_add (&self->in, raw, size)
                                              : s_undo (self, raw, size, is_last);
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
    if (self->form == BR_TEXT_JSON_VALUE) {
        (void) br_buf_add (out, self->out.data, self->out.size);
        return;
    }
    (void) br_buf_addc (out, '"');
    if (self->out.size)
        (void) text_string_write (self->out.data, self->out.size, out);
    (void) br_buf_addc (out, '"');
}
