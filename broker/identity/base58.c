//  base58: the digits of a big number, in base 58 and in base 256.

#include <assert.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/identity/base58.h"

static const char s_alphabet[] =
    "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

//  digits = digits * from + carry in base `to`, the lowest digit first.
//  in:   room, digits that there is room for, enough for BR_BASE58_MAX
//  ret:  count of digits
static size_t
s_push (uint8_t *digits, size_t count, size_t room, unsigned from, unsigned carry,
        unsigned to)
{
    for (size_t i = 0; i < count; i++) {
        carry += digits[i] * from;
        digits[i] = (uint8_t) (carry % to);
        carry /= to;
    }
    for (; carry > 0; carry = carry / to) {
        assert (count < room);
        digits[count++] = (uint8_t) (carry % to);
    }
    return count;
}

char *
br_base58 (const uint8_t *bytes, size_t size)
{
    if (size > BR_BASE58_MAX)
        return NULL;
    uint8_t digits[BR_BASE58_MAX * 2] = { 0 };
    size_t count = 0;
    size_t zeros = 0;
    while (zeros < size && bytes[zeros] == 0)
        zeros++;
    for (size_t i = zeros; i < size; i++)
        count = s_push (digits, count, sizeof digits, 256, bytes[i], 58);
    char *text = br_alloc (zeros + count + 1, 1);
    memset (text, s_alphabet[0], zeros);
    for (size_t i = 0; i < count; i++)
        text[zeros + i] = s_alphabet[digits[count - 1 - i]];
    return text;
}

int
br_base58_read (const char *text, size_t size, uint8_t *out, size_t room)
{
    if (size > BR_BASE58_MAX)
        return -1;
    uint8_t digits[BR_BASE58_MAX] = { 0 };
    size_t count = 0;
    size_t zeros = 0;
    while (zeros < size && text[zeros] == s_alphabet[0])
        zeros++;
    for (size_t i = zeros; i < size; i++) {
        const char *letter = text[i] ? strchr (s_alphabet, text[i]) : NULL;
        if (!letter)
            return -1;
        count = s_push (digits, count, sizeof digits, 58,
                        (unsigned) (letter - s_alphabet), 256);
    }
    if (zeros + count > room)
        return -1;
    memset (out, 0, zeros);
    for (size_t i = 0; i < count; i++)
        out[zeros + i] = digits[count - 1 - i];
    return (int) (zeros + count);
}
