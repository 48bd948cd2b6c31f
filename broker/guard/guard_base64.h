//  guard_base64: base64 inside of a JSON string, read in pieces cut anywhere, and written
//  again. Whatever comes is read as far as it can be, as lenient readers do: both alphabets,
//  with or without padding, and what is in none of them does not count.

#ifndef BR_GUARD_BASE64_H
#define BR_GUARD_BASE64_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/core/buf.h"
#include "broker/proto/text_string.h"

#define GUARD_BASE64_GROUP 3 //  bytes that four characters say

typedef struct _guard_base64_t {
    text_string_t string;
    br_buf_t text;    //  what the last push brought, without escapes
    uint32_t bits;    //  of the group under way
    unsigned count;   //  characters of it
    unsigned padding; //  characters, of the last group
    bool is_odd;      //  something in it is no base64
    bool is_url;      //  a character of the url-safe alphabet was there
    bool is_standard; //  ... of the other one
} guard_base64_t;

void guard_base64_init (guard_base64_t *self);
void guard_base64_free (guard_base64_t *self);

//  Makes it as new, for another string; keeps the memory.
void guard_base64_reset (guard_base64_t *self);

//  The next bytes of the string's inside, escapes and all: appends what they say.
//  ret:  0, or -1 when out is full
int guard_base64_push (guard_base64_t *self, const void *raw, size_t size, br_buf_t *out);
int guard_base64_end (guard_base64_t *self, br_buf_t *out);

//  After the end: whether all of it was good base64 in one alphabet, with blanks at the most.
bool guard_base64_is_good (const guard_base64_t *self);

//  Appends bytes as base64: padded, in the standard alphabet; of a string in the url-safe one,
//  in that, and padded when it was.
//  in:   size, a multiple of GUARD_BASE64_GROUP but at the end
//  ret:  0, or -1 when out is full
int guard_base64_write (const guard_base64_t *self, const void *bytes, size_t size,
                        br_buf_t *out);

#endif
