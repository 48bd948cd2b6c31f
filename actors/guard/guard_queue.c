//  guard_queue: a ring of jobs; each turn gives one slice to the first, who goes to the end.

#include <stdlib.h>

#include "actors/guard/guard_queue.h"
#include "broker/core/alloc.h"

struct _guard_job_t {
    guard_job_t *next;
    guard_work_fn *step;
    void *work; //  borrowed
    guard_done_fn *done;
    void *arg;
};

struct _guard_queue_t {
    br_ctx_t *ctx;
    guard_job_t *first;
    guard_job_t **last;
    bool is_armed; //  a turn is to come
};

guard_queue_t *
guard_queue_new (br_ctx_t *ctx)
{
    guard_queue_t *self = BR_NEW (guard_queue_t);
    self->ctx = ctx;
    self->last = &self->first;
    return self;
}

static guard_job_t *
s_pop (guard_queue_t *self)
{
    guard_job_t *job = self->first;
    self->first = job->next;
    if (!self->first)
        self->last = &self->first;
    return job;
}

static void
s_push (guard_queue_t *self, guard_job_t *job)
{
    job->next = NULL;
    *self->last = job;
    self->last = &job->next;
}

void
guard_queue_destroy (guard_queue_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_queue_t *self = *self_p;
    while (self->first)
        free (s_pop (self));
    free (self);
    *self_p = NULL;
}

static void s_turn (void *arg);

static void
s_arm (guard_queue_t *self)
{
    if (self->is_armed || !self->first)
        return;
    self->is_armed = true;
    br_ctx_again (self->ctx, s_turn, self);
}

static void
s_turn (void *arg)
{
    guard_queue_t *self = arg;
    self->is_armed = false;
    if (!self->first)
        return;
    guard_job_t *job = s_pop (self);
    if (job->step (job->work, GUARD_SLICE)) {
        s_push (self, job);
        s_arm (self);
        return;
    }
    guard_job_t over = *job;
    free (job);
    s_arm (self);
    over.done (over.arg);
}

guard_job_t *
guard_queue_work (guard_queue_t *self, guard_work_fn *step, void *work,
                  guard_done_fn *done, void *arg)
{
    if (!self->first && !step (work, GUARD_SLICE)) {
        done (arg);
        return NULL;
    }
    guard_job_t *job = BR_NEW (guard_job_t);
    *job = (guard_job_t) { .step = step, .work = work, .done = done, .arg = arg };
    s_push (self, job);
    s_arm (self);
    return job;
}

static int
s_step_body (void *work, size_t slice)
{
    return guard_body_step (work, slice);
}

guard_job_t *
guard_queue_add (guard_queue_t *self, guard_body_t *body, guard_done_fn *done, void *arg)
{
    return guard_queue_work (self, s_step_body, body, done, arg);
}

void
guard_queue_drop (guard_queue_t *self, guard_job_t **job_p)
{
    guard_job_t **at = &self->first;
    while (*at && *at != *job_p)
        at = &(*at)->next;
    if (*at) {
        guard_job_t *job = *at;
        *at = job->next;
        if (!job->next)
            self->last = at;
        free (job);
    }
    *job_p = NULL;
}
