//  json_lex: tokens of JSON.

#include <string.h>

#include "broker/core/json_lex.h"
#include "broker/core/json_value.h"

//  What a value is, by its first byte.
static const uint8_t s_types[256] = {
    ['"'] = JSON_STRING, ['{'] = JSON_OBJECT,         ['['] = JSON_ARRAY,
    ['-'] = JSON_NUMBER, ['0' ... '9'] = JSON_NUMBER, ['t'] = JSON_BOOL,
    ['f'] = JSON_BOOL,   ['n'] = JSON_NULL,
};

//  Bytes of an escape, by the byte behind the backslash.
static const uint8_t s_escape_sizes[256] = {
    ['"'] = 2, ['\\'] = 2, ['/'] = 2, ['b'] = 2, ['f'] = 2,
    ['n'] = 2, ['r'] = 2,  ['t'] = 2, ['u'] = 6,
};

json_type_t
json_lex_type (uint8_t byte)
{
    return (json_type_t) s_types[byte];
}

static bool
s_is_digit (uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

//  Bytes of the escape at `at`, or 0.
static size_t
s_escape (const uint8_t *at, const uint8_t *end)
{
    if (end - at < 2)
        return 0;
    size_t size = s_escape_sizes[at[1]];
    if ((size_t) (end - at) < size)
        return 0;
    for (size_t i = 2; i < size; i++) {
        uint8_t low = at[i] | 0x20;
        if (!s_is_digit (at[i]) && (low < 'a' || low > 'f'))
            return 0;
    }
    return size;
}

//  Bytes of what stopped the plain text at `at`, a quote left out; 0 = it is broken.
size_t
json_lex_special (const uint8_t *at, const uint8_t *end)
{
    if (*at == '\\')
        return s_escape (at, end);
    //  Most text that is not ASCII is made of three-byte characters.
    if (*at >= 0xe1 && *at <= 0xec && end - at >= 3)
        return (at[1] & 0xc0) == 0x80 && (at[2] & 0xc0) == 0x80 ? 3 : 0;
    return *at < 0x20 ? 0 : json_utf8 (at, end);
}

const char *
json_lex_fault (uint8_t byte)
{
    if (byte == '\\')
        return "the escape is not a known one";
    if (byte < 0x20)
        return "a control character must be escaped";
    return "the text is no valid UTF-8";
}

static size_t
s_digits (const uint8_t *at, const uint8_t *end)
{
    const uint8_t *here = at;
    while (here < end && s_is_digit (*here))
        here++;
    return (size_t) (here - at);
}

//  Bytes of the number at `at`, or 0. A digit behind a leading zero is not taken in.
size_t
json_lex_number (const uint8_t *at, const uint8_t *end)
{
    if (end - at > JSON_NUMBER_MAX)
        end = at + JSON_NUMBER_MAX;
    const uint8_t *here = at;
    if (*here == '-')
        here++;
    size_t size = here < end && *here == '0' ? 1 : s_digits (here, end);
    if (size == 0)
        return 0;
    here += size;
    if (here < end && *here == '.') {
        size = s_digits (++here, end);
        here += size;
    }
    if (size && here < end && (*here == 'e' || *here == 'E')) {
        here++;
        if (here < end && (*here == '+' || *here == '-'))
            here++;
        size = s_digits (here, end);
        here += size;
    }
    return size ? (size_t) (here - at) : 0;
}

//  Bytes of the literal at `at`, or 0.
size_t
json_lex_literal (const uint8_t *at, const uint8_t *end)
{
    const char *text = *at == 't' ? "true" : *at == 'f' ? "false" : "null";
    size_t size = strlen (text);
    return (size_t) (end - at) >= size && memcmp (at, text, size) == 0 ? size : 0;
}
