//  texts_plain: looks at some bytes.

#include <stdint.h>

#include "broker/core/json_value.h"
#include "broker/proto/texts_plain.h"

#define CONTROLS_SHARE 64 //  of words at most one in so many is a control character

//  Bytes that a character has by its first one; 0 = none begins so.
static size_t
s_length (uint8_t first)
{
    return first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
}

//  Whether the rest is a character that goes on behind it.
static bool
s_is_cut (const uint8_t *at, const uint8_t *end)
{
    if ((size_t) (end - at) >= s_length (*at))
        return false;
    for (at++; at < end; at++)
        if ((*at & 0xC0) != 0x80)
            return false;
    return true;
}

static bool
s_is_control (uint8_t byte)
{
    return byte == 0x7F || (byte < ' ' && byte != '\t' && byte != '\n' && byte != '\r');
}

texts_plain_t
texts_plain_of (const void *bytes, size_t size, bool is_all)
{
    bool is_enough = is_all || size >= TEXTS_PLAIN_LOOK;
    size_t looked = size < TEXTS_PLAIN_LOOK ? size : TEXTS_PLAIN_LOOK;
    const uint8_t *at = bytes;
    const uint8_t *end = looked ? at + looked : at;
    size_t controls = 0;
    while (at < end) {
        size_t length = *at < 0x80 ? 1 : json_utf8 (at, end);
        if (*at == 0 || (length == 0 && !s_is_cut (at, end)))
            return TEXTS_PLAIN_OTHER;
        controls += s_is_control (*at);
        at = length ? at + length : end;
    }
    if (!is_enough)
        return TEXTS_PLAIN_OPEN;
    return controls > looked / CONTROLS_SHARE ? TEXTS_PLAIN_OTHER : TEXTS_PLAIN_WORDS;
}
