//  guard_hold: the clock of a stream in which text waits. What waits for rules that fail open
//  alone goes on once it has waited for GUARD_HOLD_MS, whether anything comes or not.

#ifndef BR_GUARD_HOLD_H
#define BR_GUARD_HOLD_H

#include "broker/core/actor.h"
#include "broker/guard/guard_stream.h"

//  Between two looks. Text waits for GUARD_HOLD_MS and at the most two of these; for twice as
//  long when it came behind text that waited already.
#define GUARD_HOLD_STEP_MS (GUARD_HOLD_MS / 8)

typedef struct _guard_hold_t guard_hold_t;

//  fn (arg, bytes) is told, by the clock alone, what goes on, at least a byte; NULL = something was found that
//  blocks, or could not be written. It may destroy self. stream: borrowed. "caller destroys"
typedef void (guard_hold_fn) (void *arg, br_blob_t *bytes);
guard_hold_t *guard_hold_new (br_ctx_t *ctx, guard_stream_t *stream, guard_hold_fn *fn,
                              void *arg);
void guard_hold_destroy (guard_hold_t **self_p);

//  Bytes were pushed: from now on there is a clock, as long as anything waits.
void guard_hold_look (guard_hold_t *self);

#endif
