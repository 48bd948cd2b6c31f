//  guard_utf8: where characters begin and end in bytes that are mostly UTF-8, so that none is
//  cut in two. It forgives: a byte that fits nowhere is a character by itself. Halves of a
//  surrogate pair are three bytes each.

#ifndef BR_GUARD_UTF8_H
#define BR_GUARD_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GUARD_UTF8_MAX 4 //  bytes of a character

//  Bytes up to the end of the last character that is whole: the rest could go on.
size_t guard_utf8_whole (const uint8_t *bytes, size_t size);

//  Bytes from the start that are UTF-8 as it should be; this does not forgive.
size_t guard_utf8_valid (const uint8_t *bytes, size_t size);

//  Start of the character that the byte at `at` belongs to; its end when at lies inside of
//  one, else at itself. at <= size
size_t guard_utf8_down (const uint8_t *bytes, size_t size, size_t at);
size_t guard_utf8_up (const uint8_t *bytes, size_t size, size_t at);

//  Bytes at the end that are the first half of a surrogate pair: GUARD_UTF8_HALF, or 0.
#define GUARD_UTF8_HALF 3
size_t guard_utf8_half (const uint8_t *bytes, size_t size);

//  The character that two halves are, in four bytes.
//  ret:  false when low does not begin with the second half
bool guard_utf8_join (const uint8_t high[GUARD_UTF8_HALF], const uint8_t *low,
                      size_t size, uint8_t out[GUARD_UTF8_MAX]);

//  ret:  bytes, 1 to 4. character <= 0x10FFFF
size_t guard_utf8_write (uint32_t character, uint8_t out[GUARD_UTF8_MAX]);

#endif
