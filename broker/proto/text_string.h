//  text_string: the inside of a JSON string as the text that it says, in pieces cut anywhere,
//  with a map from each byte of the text back to where it stands; and a text written as the
//  inside of a JSON string.
//
//  Nothing is refused: a lone surrogate is read as the 3 bytes that UTF-8 would have for it
//  and written as \uDXXX again, and what is no escape stays as it stands.

#ifndef BR_TEXT_STRING_H
#define BR_TEXT_STRING_H

#include <stddef.h>
#include <stdint.h>

#include "broker/core/buf.h"

#define TEXT_STRING_CUT_MAX 12       //  bytes of an escape, a surrogate pair, that is cut
#define TEXT_STRING_MARKS_MAX 262144 //  escapes that a map remembers

//  An escape: where it stands, and the character that it is.
typedef struct _text_mark_t {
    uint64_t raw;      //  bytes, from the inside's start
    uint64_t text;     //  bytes, from the text's start
    uint8_t raw_size;  //  bytes
    uint8_t text_size; //  bytes
} text_mark_t;

typedef struct _text_string_t {
    uint64_t raw;  //  bytes of the inside whose text was given
    uint64_t text; //  bytes of text that were given
    uint8_t cut[TEXT_STRING_CUT_MAX];
    size_t cut_size;    //  bytes of the escape under way
    br_buf_t marks;     //  of text_mark_t, ascending
    uint64_t from_raw;  //  what was dropped of the map: up to here
    uint64_t from_text; //
} text_string_t;

void text_string_init (text_string_t *self);
void text_string_free (text_string_t *self);

//  Makes it as new, for another string; keeps the memory.
void text_string_reset (text_string_t *self);

//  The next bytes of the inside: appends their text to out. An escape that is cut waits.
//  ret:  0, or -1 when out or the map is full
int text_string_push (text_string_t *self, const void *raw, size_t size, br_buf_t *out);

//  There are no more: an escape under way stays as it stands. ret: as above
int text_string_end (text_string_t *self, br_buf_t *out);

//  Where the byte at this offset of the text stands in the inside, or the escape that it is
//  of; for the offset behind the last byte, what lies behind that.
//  in:   text, from what was dropped up to self->text
uint64_t text_string_raw (const text_string_t *self, uint64_t text);

//  The end of a range: behind the byte in front of this offset, or the escape that it is of.
//  in:   as above
uint64_t text_string_raw_end (const text_string_t *self, uint64_t text);

//  The map forgets what lies in front of this offset of the text.
void text_string_drop (text_string_t *self, uint64_t text);

//  Appends a text as the inside of a JSON string, without quotes. Bytes over 0x7f stay as
//  they are, but lone surrogates. ret: 0, or -1 when out is full
int text_string_write (const void *text, size_t size, br_buf_t *out);

#endif
