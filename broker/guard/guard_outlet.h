//  guard_outlet: where the events of a stream go out: with what was replaced in their data,
//  and without what stands around them that nobody needs. Of that, comments stay that are
//  short and in which nothing is found, since they keep a connection alive.

#ifndef BR_GUARD_OUTLET_H
#define BR_GUARD_OUTLET_H

#include "broker/guard/guard_edits.h"
#include "broker/guard/guard_events.h"
#include "broker/guard/guard_lane.h"

#define GUARD_COMMENT_MAX 64 //  bytes of a comment that goes out

typedef struct _guard_outlet_t guard_outlet_t;

//  "caller destroys"
guard_outlet_t *guard_outlet_new (const guard_lane_rules_t *rules);
void guard_outlet_destroy (guard_outlet_t **self_p);

//  Appends front as it is, and an event with its edits.
//  ret:  0, or -1 when it cannot be written
int guard_outlet_give (guard_outlet_t *self, const guard_event_t *event,
                       const guard_edits_t *edits, const br_buf_t *front, br_buf_t *out);

//  Appends lines without data.
void guard_outlet_give_bare (guard_outlet_t *self, br_text_t raw, br_buf_t *out);

#endif
