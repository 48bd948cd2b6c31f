//  guard_seam: the place between the end of a text and more text with the same number. It is
//  another text by its protocol, and whoever reads it may take it for the same one: what
//  comes is looked at a second time, behind what was undecided when the first one ended. No
//  byte goes on that could end a match over the seam. What went before it cannot be redacted
//  any more, so such a match ends the stream.

#ifndef BR_GUARD_SEAM_H
#define BR_GUARD_SEAM_H

#include "broker/guard/guard_lane.h"

//  in:   before, the undecided end of the text in front, at least a byte; place, where it was
//  "caller destroys"
guard_seam_t *guard_seam_new (const guard_lane_rules_t *rules, guard_form_t form,
                              br_text_place_t place, br_text_t before);
void guard_seam_destroy (guard_seam_t **self_p);

//  Takes bytes of the text behind, as its own channel gave them, and appends what may go on;
//  at the end the rest.
//  ret:  0, or -1 when a match lies over the seam, whose rule blocks or does not fail open:
//        it was told as one that blocks, and nothing is appended
int guard_seam_push (guard_seam_t *self, const void *bytes, size_t size, br_buf_t *out);
int guard_seam_end (guard_seam_t *self, br_buf_t *out);

//  As guard_channel_age, of what waits here. ret: as of push
int guard_seam_age (guard_seam_t *self, uint64_t now_ms, br_buf_t *out);

//  No match can lie over the seam any more, and nothing is held.
bool guard_seam_is_over (const guard_seam_t *self);
size_t guard_seam_held (const guard_seam_t *self); //  bytes

//  Appends what was undecided, if the text ends again.
void guard_seam_undecided (const guard_seam_t *self, br_buf_t *out);

#endif
