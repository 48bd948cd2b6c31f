//  guard_utf8: where characters begin and end.

#include "broker/core/json_value.h"
#include "broker/guard/guard_utf8.h"

//  Bytes that a character has by its first one; 1 for those that begin none.
static size_t
s_length (uint8_t byte)
{
    if (byte >= 0xF8 || byte < 0xC0)
        return 1;
    return byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
}

//  Where the character begins that may reach over at, or at itself.
static size_t
s_begin (const uint8_t *bytes, size_t at)
{
    for (size_t back = 1; back < GUARD_UTF8_MAX && back <= at; back++) {
        uint8_t byte = bytes[at - back];
        if (byte >= 0xC0)
            return s_length (byte) > back ? at - back : at;
        if (byte < 0x80)
            return at;
    }
    return at;
}

size_t
guard_utf8_whole (const uint8_t *bytes, size_t size)
{
    return s_begin (bytes, size);
}

size_t
guard_utf8_valid (const uint8_t *bytes, size_t size)
{
    size_t at = 0;
    while (at < size) {
        size_t length = json_utf8 (bytes + at, bytes + size);
        if (length == 0)
            break;
        at += length;
    }
    return at;
}

size_t
guard_utf8_down (const uint8_t *bytes, size_t size, size_t at)
{
    if (at >= size || (bytes[at] & 0xC0) != 0x80)
        return at;
    return s_begin (bytes, at);
}

size_t
guard_utf8_up (const uint8_t *bytes, size_t size, size_t at)
{
    size_t begin = guard_utf8_down (bytes, size, at);
    if (begin == at)
        return at;
    size_t end = begin + s_length (bytes[begin]);
    while (at < end && at < size && (bytes[at] & 0xC0) == 0x80)
        at++;
    return at;
}

size_t
guard_utf8_write (uint32_t character, uint8_t out[GUARD_UTF8_MAX])
{
    static const struct {
        uint32_t below;
        uint8_t mark;
    } rows[GUARD_UTF8_MAX] = {
        { 0x80, 0 }, { 0x800, 0xC0 }, { 0x10000, 0xE0 }, { 0x110000, 0xF0 }
    };
    size_t size = 1;
    while (size < GUARD_UTF8_MAX && character >= rows[size - 1].below)
        size++;
    for (size_t i = size; i-- > 1; character >>= 6)
        out[i] = (uint8_t) (0x80 | (character & 0x3F));
    out[0] = (uint8_t) (rows[size - 1].mark | character);
    return size;
}

//  The number of a half, or 0.
static uint32_t
s_unit (const uint8_t *bytes)
{
    if (bytes[0] != 0xED || bytes[1] < 0xA0)
        return 0;
    return 0xD000 | (uint32_t) (bytes[1] & 0x3F) << 6 | (bytes[2] & 0x3F);
}

size_t
guard_utf8_half (const uint8_t *bytes, size_t size)
{
    if (size < GUARD_UTF8_HALF)
        return 0;
    uint32_t unit = s_unit (bytes + size - GUARD_UTF8_HALF);
    return unit >= 0xD800 && unit < 0xDC00 ? GUARD_UTF8_HALF : 0;
}

bool
guard_utf8_join (const uint8_t high[GUARD_UTF8_HALF], const uint8_t *low, size_t size,
                 uint8_t out[GUARD_UTF8_MAX])
{
    uint32_t unit = size < GUARD_UTF8_HALF ? 0 : s_unit (low);
    if (unit < 0xDC00)
        return false;
    guard_utf8_write (0x10000 + ((s_unit (high) - 0xD800) << 10) + (unit - 0xDC00), out);
    return true;
}
