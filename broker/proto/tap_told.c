//  tap_told: how much an answer has said, in characters.

#include <string.h>

#include "broker/proto/tap_told.h"

#define CHARACTERS_A_TOKEN 4
#define ESCAPE_U_SIZE 6 //  bytes of an escape that names a code

static const uint8_t *
s_find (const uint8_t *at, const uint8_t *end, int byte)
{
    return at < end ? memchr (at, byte, (size_t) (end - at)) : NULL;
}

//  in:   at, behind the quote
//  ret:  the quote that ends the string, or NULL
static const uint8_t *
s_string_end (const uint8_t *at, const uint8_t *end)
{
    const uint8_t *quote = s_find (at, end, '"');
    while (quote) {
        const uint8_t *slash = s_find (at, quote, '\\');
        if (!slash)
            return quote;
        at = slash + 2;
        if (at > quote)
            quote = s_find (at, end, '"');
    }
    return NULL;
}

//  in:   at, on the bracket
//  ret:  behind its end, or NULL
static const uint8_t *
s_object_end (const uint8_t *at, const uint8_t *end)
{
    for (size_t depth = 0; at && at < end; at++) {
        if (*at == '"')
            at = s_string_end (at + 1, end);
        else if (*at == '{' || *at == '[')
            depth++;
        else if ((*at == '}' || *at == ']') && --depth == 0)
            return at + 1;
        if (!at)
            return NULL;
    }
    return NULL;
}

static const uint8_t *
s_skip_blanks (const uint8_t *at, const uint8_t *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
        at++;
    return at;
}

static const tap_told_t *
s_key (const tap_told_t *keys, const uint8_t *at, size_t size)
{
    for (; keys->key; keys++)
        if (strlen (keys->key) == size && memcmp (keys->key, at, size) == 0)
            return keys;
    return NULL;
}

static uint64_t
s_characters (const uint8_t *at, const uint8_t *end)
{
    uint64_t count = 0;
    while (at < end) {
        count += (*at & 0xc0) != 0x80;
        if (*at != '\\')
            at++;
        else
            at += end - at > 1 && at[1] == 'u' ? ESCAPE_U_SIZE : 2;
    }
    return count;
}

//  Of the value that begins at *at_p, which is moved behind what was measured.
static uint64_t
s_measure (const tap_told_t *key, const uint8_t **at_p, const uint8_t *end)
{
    const uint8_t *at = *at_p;
    const uint8_t *stop = NULL;
    if (at < end && *at == '"') {
        stop = s_string_end (at + 1, end);
        *at_p = stop ? stop + 1 : end;
        return stop ? s_characters (at + 1, stop) : 0;
    }
    //  An object without members says nothing.
    if (key->object && at < end && *at == '{')
        stop = s_object_end (at, end);
    if (!stop)
        return 0;
    *at_p = stop;
    return stop - at > 2 ? (uint64_t) (stop - at) : 0;
}

uint64_t
tap_told (const tap_told_t *keys, const uint8_t *bytes, size_t size)
{
    const uint8_t *end = bytes + size;
    const uint8_t *quote = keys ? s_find (bytes, end, '"') : NULL;
    uint64_t told = 0;
    uint64_t spare = 0;
    while (quote) {
        const uint8_t *stop = s_string_end (quote + 1, end);
        if (!stop)
            break;
        const uint8_t *at = s_skip_blanks (stop + 1, end);
        bool is_name = at < end && *at == ':';
        const tap_told_t *key = NULL;
        if (is_name) {
            key = s_key (keys, quote + 1, (size_t) (stop - quote - 1));
            at = s_skip_blanks (at + 1, end);
        }
        if (key)
            *(key->spare ? &spare : &told) += s_measure (key, &at, end);
        quote = s_find (at, end, '"');
    }
    return told ? told : spare;
}

uint64_t
tap_told_text (const char *bytes, size_t size)
{
    uint64_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += ((uint8_t) bytes[i] & 0xc0) != 0x80;
    return count;
}

uint64_t
tap_told_tokens (uint64_t characters)
{
    return characters / CHARACTERS_A_TOKEN + (characters % CHARACTERS_A_TOKEN != 0);
}
