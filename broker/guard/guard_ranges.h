//  guard_ranges: ranges of bytes in ascending order, united where they overlap or touch.

#ifndef BR_GUARD_RANGES_H
#define BR_GUARD_RANGES_H

#include "broker/core/buf.h"
#include "broker/guard/guard_text.h"

#define GUARD_RANGES_MAX 1000000 //  at one time

typedef struct _guard_ranges_t {
    br_buf_t rows; //  of guard_range_t
} guard_ranges_t;

void guard_ranges_init (guard_ranges_t *self);
void guard_ranges_free (guard_ranges_t *self);
void guard_ranges_clear (guard_ranges_t *self);

//  in:   from < to. Past the maximum the last range grows
void guard_ranges_add (guard_ranges_t *self, uint64_t from, uint64_t to);

//  The first range that ends behind an offset, or NULL. "owned by self, until next change"
const guard_range_t *guard_ranges_behind (const guard_ranges_t *self, uint64_t at);

//  Forgets ranges that end at or before this.
void guard_ranges_drop (guard_ranges_t *self, uint64_t upto);

size_t guard_ranges_count (const guard_ranges_t *self);

#endif
