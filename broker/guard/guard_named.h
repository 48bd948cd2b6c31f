//  guard_named: the objects of an answer, or of an event, that name a call, by their places.

#ifndef BR_GUARD_NAMED_H
#define BR_GUARD_NAMED_H

#include "broker/core/buf.h"
#include "broker/guard/guard_called.h"

#define GUARD_NAMED_MAX 4096 //  objects of one answer or event

typedef struct _guard_named_row_t {
    size_t object;          //  where it stands, bytes
    guard_called_t *called; //  borrowed; who adds it says whose it is
    bool is_ours;           //  nobody else has it
    bool is_joint;          //  ours, and clients may put the next one behind it
} guard_named_row_t;

typedef struct _guard_named_t {
    br_buf_t rows; //  of guard_named_row_t, ascending
} guard_named_t;

void guard_named_init (guard_named_t *self);
void guard_named_free (guard_named_t *self);
void guard_named_clear (guard_named_t *self);

size_t guard_named_count (const guard_named_t *self);

//  "owned by self, until next change"
const guard_named_row_t *guard_named_at (const guard_named_t *self, size_t index);

//  The index of the first one that stands there or behind it, or their number.
size_t guard_named_place (const guard_named_t *self, size_t object);

//  The call that an object names; NULL = none.
guard_called_t *guard_named_get (const guard_named_t *self, size_t object);

//  Adds an object that is not there yet. They come nearly in their order.
//  ret:  0, or -1 when there are GUARD_NAMED_MAX
int guard_named_add (guard_named_t *self, const guard_named_row_t *row);

#endif
