//  guard_queue: bodies that are looked at: small ones at once, large ones in slices, by
//  turns, so that nobody else has to wait for them.

#ifndef BR_GUARD_QUEUE_H
#define BR_GUARD_QUEUE_H

#include "broker/core/actor.h"
#include "broker/guard/guard_body.h"

#define GUARD_SLICE 65536 //  bytes of a body in one turn

typedef struct _guard_queue_t guard_queue_t;
typedef struct _guard_job_t guard_job_t; //  one body under way

typedef void (guard_done_fn) (void *arg);

//  "caller destroys"; ctx is borrowed.
guard_queue_t *guard_queue_new (br_ctx_t *ctx);
void guard_queue_destroy (guard_queue_t **self_p);

//  Steps a body to its end. Calls fn before it returns NULL; or returns the job, "owned by
//  self" until fn is called in a later turn. body and arg are borrowed until then.
guard_job_t *guard_queue_add (guard_queue_t *self, guard_body_t *body, guard_done_fn *fn,
                              void *arg);

//  Forgets a job, whose fn is not called any more; *job_p becomes NULL, and may be.
void guard_queue_drop (guard_queue_t *self, guard_job_t **job_p);

#endif
