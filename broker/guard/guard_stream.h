//  guard_stream: a stream of events on its way to the client, with redactions made. Each text
//  of the answer is a channel: what could still become a match waits, and what is decided
//  goes on in the events that are there; the rest of a text comes in an event like its last
//  one, before the event that ends it. All other bytes stay as they are.

#ifndef BR_GUARD_STREAM_H
#define BR_GUARD_STREAM_H

#include "broker/core/buf.h"
#include "broker/guard/guard_body.h"
#include "broker/guard/guard_lanes.h"

#define GUARD_EVENT_MAX (4u << 20)   //  bytes of one event; a longer one fails
#define GUARD_EVENT_TEXTS_MAX 8192   //  texts in one event; more cannot be read
#define GUARD_EVENTS_MAX (16u << 20) //  bytes of events that brought texts under way

typedef struct _guard_stream_t guard_stream_t;

//  surface: of the client, one of a stream of server-sent events. With WARN for both bounds
//  it only looks: nothing is held back, and out is NULL. "caller destroys"
guard_stream_t *guard_stream_new (const guard_rules_t *rules, guard_sets_t sets,
                                  guard_action_t least, guard_action_t most,
                                  br_surface_t surface, guard_body_fn *fn, void *arg);
void guard_stream_destroy (guard_stream_t **self_p);

//  Takes the next bytes in any split and appends what may go on; at the end the rest.
//  ret:  0, or -1 when something blocks, or could not be read or tried and fails closed:
//        nothing of it was appended; then for ever
int guard_stream_push (guard_stream_t *self, const void *bytes, size_t size,
                       br_buf_t *out);
int guard_stream_end (guard_stream_t *self, br_buf_t *out);

//  Text that waits for rules that fail open alone goes on as it is once it has waited for
//  GUARD_HOLD_MS, told as failed. There is no clock in here: whoever pushes calls this when
//  text has begun to wait, and as often as it is to be known, also while nothing comes. What a
//  rule that fails closed waits for, waits for as long as who pushes does.
//  in:   now_ms, never goes back
//  ret:  as of push
int guard_stream_age (guard_stream_t *self, uint64_t now_ms, br_buf_t *out);

//  Bytes of text that wait.
size_t guard_stream_held (const guard_stream_t *self);

//  Whether an event could not be read and went on, since all rules fail open.
bool guard_stream_has_missed (const guard_stream_t *self);

#endif
