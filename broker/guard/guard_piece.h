//  guard_piece: a text, or a piece of one, on its way from a body through a channel and back:
//  what carries it is undone in front of the channel, and put around it again behind it.

#ifndef BR_GUARD_PIECE_H
#define BR_GUARD_PIECE_H

#include "broker/guard/guard_base64.h"
#include "broker/guard/guard_channel.h"
#include "broker/proto/text_string.h"
#include "broker/proto/texts.h"

#define GUARD_PIECE_MAX (256u << 20) //  bytes

typedef struct _guard_piece_t {
    guard_channel_t *channel; //  borrowed
    br_text_form_t form;
    text_string_t string;
    guard_base64_t base64;
    bool is_coded; //  it is base64 of UTF-8; else it is looked at as it stands
    br_buf_t in;   //  what the last push brought, undone
    br_buf_t out;  //  what the channel gave
} guard_piece_t;

//  The form that a channel for such a text has.
guard_form_t guard_piece_form (br_text_form_t form);

//  Whether such a text stands in the body as it is looked at.
bool guard_piece_is_bare (br_text_form_t form);

//  Whether a span is a part of a text that goes on in others; an object never is.
bool guard_piece_is_part (const br_text_span_t *span);

//  Where the text stands in the bytes of a span: without the quotes of a string.
size_t guard_piece_inside (br_text_form_t form, size_t size, size_t *ret_size);

void guard_piece_init (guard_piece_t *self);
void guard_piece_free (guard_piece_t *self);

//  in:   channel, of guard_piece_form; borrowed until the next begin
void guard_piece_begin (guard_piece_t *self, guard_channel_t *channel,
                        br_text_form_t form);

//  The next bytes, as they stand in the body; of BASE64, all of them at once.
//  in:   is_last, of this piece
//  ret:  0, or -1 when something blocks
int guard_piece_push (guard_piece_t *self, const void *raw, size_t size, bool is_last);

//  The text ends with this piece, or whatever the channel held is given behind it.
int guard_piece_end (guard_piece_t *self);

//  Whether all that the last push brought came out, and nothing else.
bool guard_piece_is_same (const guard_piece_t *self);

//  Appends what came out as it stands in a body: a string with its quotes, or JSON.
void guard_piece_write (const guard_piece_t *self, br_buf_t *out);

#endif
