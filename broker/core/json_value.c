//  json_value: what one JSON value says, read straight from its bytes.

#include <string.h>

#include "broker/core/json_value.h"

typedef struct {
    uint8_t first; //  lowest lead byte of this row; a row reaches up to the next one
    uint8_t size;  //  bytes of the character; 0 = no lead byte
    uint8_t low;   //  bounds of the second byte
    uint8_t high;
} lead_t;

//  RFC 3629, section 4: without overlong forms, surrogates, or anything over U+10FFFF.
static const lead_t s_leads[] = {
    { 0x80, 0, 0, 0 },       { 0xc2, 2, 0x80, 0xbf }, { 0xe0, 3, 0xa0, 0xbf },
    { 0xe1, 3, 0x80, 0xbf }, { 0xed, 3, 0x80, 0x9f }, { 0xee, 3, 0x80, 0xbf },
    { 0xf0, 4, 0x90, 0xbf }, { 0xf1, 4, 0x80, 0xbf }, { 0xf4, 4, 0x80, 0x8f },
    { 0xf5, 0, 0, 0 },
};

//  Row of s_leads for each lead byte from 0x80 on.
static const uint8_t s_lead_row[128] = {
    [0x42 ... 0x5f] = 1, [0x60] = 2,          [0x61 ... 0x6c] = 3,
    [0x6d] = 4,          [0x6e ... 0x6f] = 5, [0x70] = 6,
    [0x71 ... 0x73] = 7, [0x74] = 8,          [0x75 ... 0x7f] = 9,
};

//  The second half of an escape: what follows the backslash, and what it stands for.
static const uint8_t s_escapes[128] = {
    ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
    ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
};

size_t
json_utf8 (const uint8_t *at, const uint8_t *end)
{
    if (at == end)
        return 0;
    if (*at < 0x80)
        return 1;
    const lead_t *lead = &s_leads[s_lead_row[*at - 0x80]];
    if (lead->size == 0 || (size_t) (end - at) < lead->size)
        return 0;
    if (at[1] < lead->low || at[1] > lead->high)
        return 0;
    for (size_t i = 2; i < lead->size; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return lead->size;
}

//  Four hexadecimal digits, or -1.
static int32_t
s_hex4 (const uint8_t *at, const uint8_t *end)
{
    if (end - at < 4)
        return -1;
    int32_t code = 0;
    for (int i = 0; i < 4; i++) {
        uint8_t low = at[i] | 0x20;
        if (at[i] >= '0' && at[i] <= '9')
            code = code << 4 | (at[i] - '0');
        else if (low >= 'a' && low <= 'f')
            code = code << 4 | (low - 'a' + 10);
        else
            return -1;
    }
    return code;
}

static size_t
s_encode (uint32_t code, uint8_t out[JSON_CHAR_MAX])
{
    if (code < 0x80) {
        out[0] = (uint8_t) code;
        return 1;
    }
    size_t size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--) {
        out[i] = (uint8_t) (0x80 | (code & 0x3f));
        code >>= 6;
    }
    static const uint8_t marks[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
    out[0] = (uint8_t) (marks[size] | code);
    return size;
}

//  What follows "\u"; *at stands behind the u.
static size_t
s_unicode (const uint8_t **at, const uint8_t *end, uint8_t out[JSON_CHAR_MAX])
{
    int32_t code = s_hex4 (*at, end);
    if (code < 0 || (code >= 0xdc00 && code <= 0xdfff))
        return 0;
    const uint8_t *next = *at + 4;
    if (code >= 0xd800 && code <= 0xdbff) {
        if (end - next < 6 || next[0] != '\\' || next[1] != 'u')
            return 0;
        int32_t low = s_hex4 (next + 2, end);
        if (low < 0xdc00 || low > 0xdfff)
            return 0;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        next += 6;
    }
    *at = next;
    return s_encode ((uint32_t) code, out);
}

size_t
json_char (const uint8_t **at, const uint8_t *end, uint8_t out[JSON_CHAR_MAX])
{
    const uint8_t *here = *at;
    if (here == end || *here < 0x20 || *here == '"')
        return 0;
    if (*here != '\\') {
        size_t size = json_utf8 (here, end);
        memcpy (out, here, size);
        *at += size;
        return size;
    }
    if (end - here < 2 || here[1] > 0x7f)
        return 0;
    size_t size = 1;
    const uint8_t *next = here + 2;
    out[0] = s_escapes[here[1]];
    if (here[1] == 'u')
        size = s_unicode (&next, end, out);
    else if (out[0] == 0)
        size = 0;
    if (size)
        *at = next;
    return size;
}

//  Bytes at the front of a string's inside that need no look: neither escape nor an end.
static size_t
s_plain (const uint8_t *at, const uint8_t *end)
{
    const uint8_t *here = at;
    while (here < end && *here >= 0x20 && *here < 0x80 && *here != '"' && *here != '\\')
        here++;
    return (size_t) (here - at);
}

static bool
s_is_quoted (const uint8_t *bytes, size_t size)
{
    return size >= 2 && bytes[0] == '"' && bytes[size - 1] == '"';
}

int
json_string (const void *bytes, size_t size, br_buf_t *out, br_error_t *reterr)
{
    const uint8_t *start = bytes;
    if (!s_is_quoted (start, size))
        return br_error_set (reterr, BR_EINVALID, "a JSON string is expected");
    const uint8_t *at = start + 1;
    const uint8_t *end = start + size - 1;
    while (at < end) {
        uint8_t code[JSON_CHAR_MAX];
        const uint8_t *from = at;
        size_t length = s_plain (at, end);
        at += length;
        if (length == 0) {
            length = json_char (&at, end, code);
            from = code;
        }
        if (length == 0)
            return br_error_set (reterr, BR_EINVALID,
                                 "no valid character at byte %zu of the JSON string",
                                 (size_t) (at - start));
        int rc = br_buf_add (out, from, length);
        if (rc)
            return br_error_set (reterr, BR_ETOOBIG, "a JSON string is over %zu bytes",
                                 out->max);
    }
    return 0;
}

int
json_text (const void *bytes, size_t size, char *out, size_t room)
{
    const uint8_t *start = bytes;
    out[0] = 0;
    if (!s_is_quoted (start, size))
        return -1;
    const uint8_t *at = start + 1;
    const uint8_t *end = start + size - 1;
    size_t used = 0;
    while (at < end) {
        uint8_t code[JSON_CHAR_MAX];
        size_t length = json_char (&at, end, code);
        if (length == 0 || code[0] == 0 || length >= room - used) {
            out[0] = 0;
            return -1;
        }
        memcpy (out + used, code, length);
        used += length;
    }
    out[used] = 0;
    return 0;
}

bool
json_string_is (const void *bytes, size_t size, const char *text)
{
    const uint8_t *start = bytes;
    if (!s_is_quoted (start, size))
        return false;
    const uint8_t *at = start + 1;
    const uint8_t *end = start + size - 1;
    if (!memchr (at, '\\', size - 2)) //  as nearly always
        return strlen (text) == size - 2 && memcmp (at, text, size - 2) == 0;
    while (at < end) {
        uint8_t code[JSON_CHAR_MAX];
        size_t length = json_char (&at, end, code);
        if (length == 0 || code[0] == 0 || strncmp (text, (char *) code, length) != 0)
            return false;
        text += length;
    }
    return *text == 0;
}

//  Nothing, or a point and zeros.
static bool
s_is_zeros (const uint8_t *at, const uint8_t *end)
{
    if (at == end)
        return true;
    if (*at++ != '.' || at == end)
        return false;
    while (at < end && *at == '0')
        at++;
    return at == end;
}

int
json_integer (const void *bytes, size_t size, int64_t *ret_number, br_error_t *reterr)
{
    const uint8_t *at = bytes;
    const uint8_t *end = at + size;
    bool minus = size && *at == '-';
    if (minus)
        at++;
    const uint8_t *first = at;
    int64_t number = 0;
    bool overflow = false;
    for (; at < end && *at >= '0' && *at <= '9'; at++) {
        overflow |= __builtin_mul_overflow (number, 10, &number);
        overflow |= __builtin_sub_overflow (number, *at - '0', &number);
    }
    bool padded = at - first > 1 && *first == '0';
    if (!minus)
        overflow |= __builtin_sub_overflow (0, number, &number);
    if (at == first || padded || overflow || !s_is_zeros (at, end))
        return br_error_set (reterr, BR_EINVALID, "an integer is expected");
    *ret_number = number;
    return 0;
}

int
json_bool (const void *bytes, size_t size, bool *ret_bool, br_error_t *reterr)
{
    bool yes = size == 4 && memcmp (bytes, "true", 4) == 0;
    bool no = size == 5 && memcmp (bytes, "false", 5) == 0;
    if (!yes && !no)
        return br_error_set (reterr, BR_EINVALID, "true or false is expected");
    *ret_bool = yes;
    return 0;
}
