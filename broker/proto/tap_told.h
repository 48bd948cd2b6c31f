//  tap_told: how much an answer has said, in characters, for an estimate where no usage is
//  told. It is a count over the bytes of one JSON text, not a parse: strings are found by
//  their quotes, and those whose member's name is one of a few are measured. Bytes that are
//  no JSON count something or nothing, and harm nobody.

#ifndef BR_TAP_TOLD_H
#define BR_TAP_TOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

//  A member whose value is said to the client.
typedef struct _tap_told_t {
    const char *key; //  NULL: the end of the list
    bool object;     //  its value may be an object, whose bytes count
    bool spare;      //  it counts where none of the others has said anything
} tap_told_t;

//  Characters of the values; an escape counts as one, bytes inside of a character as none.
//  in:   keys, of the protocol; NULL = none
uint64_t tap_told (const tap_told_t *keys, const uint8_t *bytes, size_t size);

//  Characters of UTF-8 without escapes.
uint64_t tap_told_text (const char *bytes, size_t size);

//  About how many tokens so many characters are: one for each 4, rounded up.
uint64_t tap_told_tokens (uint64_t characters);

#endif
