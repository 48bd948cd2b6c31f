//  guard_hints: the hints of all patterns as rows of sets of bytes, and the places in them: a
//  place is behind the first bytes of a hint, which the next byte may lead on. The inside of
//  guard_prefilter.

#ifndef BR_GUARD_HINTS_H
#define BR_GUARD_HINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/error.h"

#define GUARD_HINT_MAX 256   //  bytes of a hint as it is written
#define GUARD_HINT_BYTES 16  //  bytes of a hint that are looked for: the first ones
#define GUARD_HINTS_MAX 8192 //  of all patterns

//  A hint, as far as it was read.
typedef struct _guard_hint_t {
    uint16_t pattern;
    uint16_t size; //  bytes
} guard_hint_t;

typedef struct _guard_hints_t guard_hints_t;

guard_hints_t *guard_hints_new (void);
void guard_hints_destroy (guard_hints_t **self_p);

//  err: BR_ECONFIG, the hint is empty, too long or not understood, or there are too many
int guard_hints_add (guard_hints_t *self, unsigned pattern, const char *hint,
                     bool caseless, br_error_t *reterr);

//  When there are all: bytes that no hint tells apart are one class from here on.
void guard_hints_close (guard_hints_t *self);
unsigned guard_hints_width (const guard_hints_t *self); //  number of classes
const uint8_t *
guard_hints_classes (const guard_hints_t *self); //  by byte; "owned by self"

//  Places behind the first byte of hints that may begin with a class. "owned by self"
const uint32_t *guard_hints_starts (const guard_hints_t *self, unsigned kind,
                                    size_t *ret_count);

//  Whether a byte of a class leads on from a place, to the place + 1.
bool guard_hints_goes_on (const guard_hints_t *self, uint32_t place, unsigned kind);

//  Whether a hint ends at a place; ret_hint: as far as it was read there.
bool guard_hints_ends (const guard_hints_t *self, uint32_t place, guard_hint_t *ret_hint);

#endif
