//  guard_parts: the texts of a single answer that stand in several parts (Google's): each goes
//  through a lane of its own, part by part, and when it turns out to be changed its parts are
//  read once more and written. In slices.

#ifndef BR_GUARD_PARTS_H
#define BR_GUARD_PARTS_H

#include "broker/guard/guard_edits.h"
#include "broker/guard/guard_lane.h"

#define GUARD_PARTS_MAX 1000000 //  of all texts; more fail

typedef struct _guard_parts_t guard_parts_t;

//  in:   rules, borrowed as long as self lives; body, too. "caller destroys"
guard_parts_t *guard_parts_new (const guard_lane_rules_t *rules, br_text_t body);
void guard_parts_destroy (guard_parts_t **self_p);

//  The next part. ret: 0, or -1 when there are too many texts or parts
//  in/out: *left, as of guard_whole_step
int guard_parts_begin (guard_parts_t *self, const br_text_span_t *span, size_t *left);

//  Goes on with it; and when there are no more, with all that is left to do.
//  ret:  1 = there is more, 0 = it is through, -1 = something blocks
int guard_parts_step (guard_parts_t *self, size_t *left);
int guard_parts_finish (guard_parts_t *self, size_t *left, guard_edits_t *edits);

#endif
