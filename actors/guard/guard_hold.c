//  guard_hold: looks at a stream every now and then while text of it waits. A stream in which
//  nothing waits has no timer, and one that has is looked at by the timer alone.

#include <stdlib.h>

#include "actors/guard/guard_hold.h"
#include "broker/core/alloc.h"

#define US_PER_MS 1000

struct _guard_hold_t {
    br_ctx_t *ctx;          //  borrowed
    guard_stream_t *stream; //  borrowed
    guard_hold_fn *fn;
    void *arg;
    br_timer_t timer; //  set while anything waits
};

guard_hold_t *
guard_hold_new (br_ctx_t *ctx, guard_stream_t *stream, guard_hold_fn *fn, void *arg)
{
    guard_hold_t *self = BR_NEW (guard_hold_t);
    self->ctx = ctx;
    self->stream = stream;
    self->fn = fn;
    self->arg = arg;
    return self;
}

void
guard_hold_destroy (guard_hold_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_timer_cancel (br_ctx_loop ((*self_p)->ctx), &(*self_p)->timer);
    free (*self_p);
    *self_p = NULL;
}

//  ret:  what goes on, maybe nothing; NULL = something blocks. "caller destroys"
static br_blob_t *
s_age (guard_hold_t *self)
{
    br_buf_t out;
    br_buf_init (&out, BR_MSG_BODY_MAX);
    int rc = guard_stream_age (self->stream, br_ctx_now_us (self->ctx) / US_PER_MS, &out);
    size_t size;
    uint8_t *data = br_buf_take (&out, &size);
    br_blob_t *bytes = br_blob_take (data, size);
    if (rc)
        br_blob_destroy (&bytes);
    return bytes;
}

static void
s_on_step (void *arg)
{
    guard_hold_t *self = arg;
    br_blob_t *bytes = s_age (self);
    if (bytes && guard_stream_held (self->stream))
        br_timer_set (br_ctx_loop (self->ctx), &self->timer, GUARD_HOLD_STEP_MS,
                      s_on_step, self);
    if (!bytes || br_blob_size (bytes))
        self->fn (self->arg, bytes);
    br_blob_destroy (&bytes);
}

void
guard_hold_look (guard_hold_t *self)
{
    if (!br_timer_is_set (&self->timer) && guard_stream_held (self->stream))
        br_timer_set (br_ctx_loop (self->ctx), &self->timer, GUARD_HOLD_STEP_MS,
                      s_on_step, self);
}
