//  guard_queue: work on bodies: small ones at once, large ones in slices, by turns, so that
//  nobody else has to wait for them.

#ifndef BR_GUARD_QUEUE_H
#define BR_GUARD_QUEUE_H

#include <stddef.h>

#include "broker/core/actor.h"
#include "broker/guard/guard_body.h"

#define GUARD_SLICE 65536 //  bytes of a body in one turn

typedef struct _guard_queue_t guard_queue_t;
typedef struct _guard_job_t guard_job_t; //  one body under way

//  Does about slice bytes of it. ret: 1 = there is more, 0 = done
typedef int (guard_work_fn) (void *work, size_t slice);
typedef void (guard_done_fn) (void *arg);

//  "caller destroys"; ctx is borrowed.
guard_queue_t *guard_queue_new (br_ctx_t *ctx);
void guard_queue_destroy (guard_queue_t **self_p);

//  Steps a work to its end. Calls done before it returns NULL; or returns the job, "owned by
//  self" until done is called in a later turn. work and arg are borrowed until then.
guard_job_t *guard_queue_work (guard_queue_t *self, guard_work_fn *step, void *work,
                               guard_done_fn *done, void *arg);

//  The same; the work is to look at a body.
guard_job_t *guard_queue_add (guard_queue_t *self, guard_body_t *body,
                              guard_done_fn *done, void *arg);

//  Forgets a job, whose fn is not called any more; *job_p becomes NULL, and may be.
void guard_queue_drop (guard_queue_t *self, guard_job_t **job_p);

#endif
