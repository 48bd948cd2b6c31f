//  guard_redactions: the ranges of findings that are to be redacted, united where they overlap
//  or touch. They come in any order behind what is settled, and are told in ascending order
//  once nothing can be added to them. The inside of guard_text.
//
//  A range that was united is at most GUARD_HOLD_MAX bytes and one finding long: then a new
//  one begins, since a longer one would have to wait for ever.

#ifndef BR_GUARD_REDACTIONS_H
#define BR_GUARD_REDACTIONS_H

#include "broker/guard/guard_text.h"

#define GUARD_TOLD_MAX 65536 //  ranges that nobody dropped; past it the last one grows

typedef struct _guard_redactions_t {
    guard_range_t *found; //  owned; by from, one for each
    size_t found_size;
    size_t found_room;
    guard_range_t *told; //  owned; united; the last one may still grow
    size_t told_size;
    size_t told_room;
    guard_range_t last; //  the last united range, also when it was dropped
    uint64_t settled;   //  bytes: no range that begins before will come
    uint64_t decided;   //  bytes
} guard_redactions_t;

void guard_redactions_free (guard_redactions_t *self);
void guard_redactions_reset (guard_redactions_t *self);

void guard_redactions_add (guard_redactions_t *self, uint64_t from, uint64_t to);

//  No range that begins before upto will come; at the end of the text, none at all.
void guard_redactions_settle (guard_redactions_t *self, uint64_t upto, bool is_end);

//  The last range does not wait for what may touch it, when nothing else is undecided there:
//  that will be a range of its own. in: upto, bytes that waited for too long
void guard_redactions_expire (guard_redactions_t *self, uint64_t upto);

//  Those that begin before what is decided.
const guard_range_t *guard_redactions_told (const guard_redactions_t *self,
                                            size_t *ret_count);
void guard_redactions_drop (guard_redactions_t *self, uint64_t upto);

#endif
