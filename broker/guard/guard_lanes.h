//  guard_lanes: the texts of an answer that are under way, by their numbers, and what was
//  undecided at the end of those that have ended.

#ifndef BR_GUARD_LANES_H
#define BR_GUARD_LANES_H

#include "broker/guard/guard_lane.h"

#define GUARD_CHANNELS_MAX 1024     //  texts of one answer that are under way; more fail
#define GUARD_ENDED_MAX 256         //  ends that are remembered; then the oldest is not
#define GUARD_ENDED_BYTES (1 << 20) //  of all of them

typedef struct _guard_lanes_t guard_lanes_t;

//  "caller destroys"
guard_lanes_t *guard_lanes_new (const guard_lane_rules_t *rules);
void guard_lanes_destroy (guard_lanes_t **self_p);

//  By their age. "owned by self"
size_t guard_lanes_count (const guard_lanes_t *self);
guard_lane_t *guard_lanes_at (const guard_lanes_t *self, size_t index);

//  The one of a text, or a new one; NULL when there are too many.
guard_lane_t *guard_lanes_get (guard_lanes_t *self, uint64_t number, guard_form_t form);

//  The text ends: what is undecided of it is remembered, before its rest is given.
void guard_lanes_note_end (guard_lanes_t *self, const guard_lane_t *lane);

//  Destroys it.
void guard_lanes_remove (guard_lanes_t *self, guard_lane_t *lane);

size_t guard_lanes_held (const guard_lanes_t *self); //  bytes of text
size_t guard_lanes_kept (const guard_lanes_t *self); //  bytes of events

#endif
