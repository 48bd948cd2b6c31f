//  guard_edits: what is to stand in place of ranges of a JSON text, all other bytes as they
//  are. As broker/proto/splice.h, but it owns what comes.

#ifndef BR_GUARD_EDITS_H
#define BR_GUARD_EDITS_H

#include "broker/core/buf.h"
#include "broker/core/error.h"
#include "broker/core/text.h"

#define GUARD_EDITS_MAX 1000000     //  edits of one text
#define GUARD_MADE_MAX (256u << 20) //  bytes of all that comes

typedef struct _guard_edits_t {
    br_buf_t rows; //  where what stands
    br_buf_t made; //  what comes, one behind the other
} guard_edits_t;

void guard_edits_init (guard_edits_t *self);
void guard_edits_free (guard_edits_t *self);
void guard_edits_clear (guard_edits_t *self);

size_t guard_edits_count (const guard_edits_t *self);

//  What comes in place of size bytes at `at` is appended to the returned buffer, until
//  guard_edits_end. Ranges do not overlap.
br_buf_t *guard_edits_begin (guard_edits_t *self, size_t at, size_t size);
void guard_edits_end (guard_edits_t *self);

//  Both at once, with a text that is there.
void guard_edits_put (guard_edits_t *self, size_t at, size_t size, br_text_t text);

//  What stands at `at` stays as it is, if anything was to come there.
void guard_edits_drop (guard_edits_t *self, size_t at);

//  err:  BR_ETOOBIG there are too many, or out is full; BR_EINVALID a range is not in the
//        source
int guard_edits_write (const guard_edits_t *self, br_text_t source, br_buf_t *out,
                       br_error_t *reterr);

//  Where a byte of the source that no edit touches stands afterwards.
size_t guard_edits_moved (const guard_edits_t *self, size_t at);

#endif
