//  guard_base64: base64 inside of a JSON string, read and written.

#include "broker/guard/guard_base64.h"

#define SLICE 16384 //  bytes that are read at once

enum {
    OTHER = 0xFF,
    BLANK = 0xFE,
    PADDING = 0xFD,
    DIGITS = 64
};

static const char s_standard[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char s_url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void
guard_base64_init (guard_base64_t *self)
{
    *self = (guard_base64_t) { .count = 0 };
    text_string_init (&self->string);
    br_buf_init (&self->text, (size_t) SLICE * 4);
}

void
guard_base64_free (guard_base64_t *self)
{
    br_buf_free (&self->text);
    text_string_free (&self->string);
}

void
guard_base64_reset (guard_base64_t *self)
{
    text_string_reset (&self->string);
    self->bits = 0;
    self->count = self->padding = 0;
    self->is_odd = self->is_url = self->is_standard = false;
}

//  The number that a character stands for, or what else it is.
static uint8_t
s_digit (uint8_t character)
{
    if (character >= 'A' && character <= 'Z')
        return (uint8_t) (character - 'A');
    if (character >= 'a' && character <= 'z')
        return (uint8_t) (character - 'a' + 26);
    if (character >= '0' && character <= '9')
        return (uint8_t) (character - '0' + 52);
    switch (character) {
    case '+':
    case '-': return 62;
    case '/':
    case '_': return 63;
    case '=': return PADDING;
    case ' ':
    case '\t':
    case '\r':
    case '\n': return BLANK;
    default: return OTHER;
    }
}

//  A group of fewer characters than four ends. One character alone says nothing.
static int
s_cut (guard_base64_t *self, br_buf_t *out)
{
    static const unsigned sizes[] = { 0, 0, 1, 2 };
    int rc = 0;
    self->is_odd = self->is_odd || self->count == 1;
    self->bits <<= 6 * (4 - self->count);
    for (unsigned i = 0; i < sizes[self->count] && rc == 0; i++)
        rc = br_buf_addc (out, (char) (self->bits >> (16 - 8 * i)));
    self->bits = 0;
    self->count = 0;
    return rc;
}

//  Padding ends a group; behind it another one may begin.
static int
s_pad (guard_base64_t *self, br_buf_t *out)
{
    int rc = 0;
    if (self->padding == 0 && self->count >= 2)
        self->padding = 1;
    else if (self->padding == 1)
        self->padding = 2;
    else
        self->is_odd = true;
    if (self->count)
        rc = s_cut (self, out);
    return rc;
}

static int
s_take (guard_base64_t *self, uint8_t character, br_buf_t *out)
{
    uint8_t digit = s_digit (character);
    if (digit == BLANK)
        return 0;
    if (digit == PADDING)
        return s_pad (self, out);
    if (digit == OTHER) {
        self->is_odd = true;
        return 0;
    }
    self->is_url = self->is_url || character == '-' || character == '_';
    self->is_standard = self->is_standard || character == '+' || character == '/';
    self->is_odd = self->is_odd || self->padding > 0;
    self->bits = self->bits << 6 | digit;
    if (++self->count < 4)
        return 0;
    const uint8_t group[GUARD_BASE64_GROUP] = { (uint8_t) (self->bits >> 16),
                                                (uint8_t) (self->bits >> 8),
                                                (uint8_t) self->bits };
    self->bits = 0;
    self->count = 0;
    return br_buf_add (out, group, sizeof group);
}

static int
s_take_text (guard_base64_t *self, br_buf_t *out)
{
    int rc = 0;
    for (size_t i = 0; i < self->text.size && rc == 0; i++)
        rc = s_take (self, self->text.data[i], out);
    br_buf_clear (&self->text);
    return rc;
}

int
guard_base64_push (guard_base64_t *self, const void *raw, size_t size, br_buf_t *out)
{
    const char *from = raw;
    for (size_t at = 0; at < size; at += SLICE) {
        size_t slice = size - at < SLICE ? size - at : SLICE;
        if (text_string_push (&self->string, from + at, slice, &self->text) != 0)
            return -1;
        text_string_drop (&self->string, self->string.text);
        if (s_take_text (self, out) != 0)
            return -1;
    }
    return 0;
}

int
guard_base64_end (guard_base64_t *self, br_buf_t *out)
{
    if (text_string_end (&self->string, &self->text) != 0 || s_take_text (self, out) != 0)
        return -1;
    return self->count ? s_cut (self, out) : 0;
}

bool
guard_base64_is_good (const guard_base64_t *self)
{
    return !self->is_odd && !(self->is_url && self->is_standard);
}

int
guard_base64_write (const guard_base64_t *self, const void *bytes, size_t size,
                    br_buf_t *out)
{
    bool is_url = self->is_url && !self->is_standard;
    const char *digits = is_url ? s_url : s_standard;
    bool has_padding = !is_url || self->padding > 0;
    const uint8_t *from = bytes;
    int rc = 0;
    for (size_t at = 0; at < size && rc == 0; at += GUARD_BASE64_GROUP) {
        size_t left = size - at;
        uint32_t bits = (uint32_t) from[at] << 16;
        bits |= left > 1 ? (uint32_t) from[at + 1] << 8 : 0;
        bits |= left > 2 ? from[at + 2] : 0;
        const char group[4] = { digits[bits >> 18], digits[bits >> 12 & (DIGITS - 1)],
                                left > 1 ? digits[bits >> 6 & (DIGITS - 1)] : '=',
                                left > 2 ? digits[bits & (DIGITS - 1)] : '=' };
        size_t count = left > 2 ? 4 : left + 1;
        rc = br_buf_add (out, group, has_padding ? sizeof group : count);
    }
    return rc;
}
