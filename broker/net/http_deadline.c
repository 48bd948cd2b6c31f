//  http_deadline: the bounds of one transfer.

#include "broker/net/http_deadline.h"

#define NS_PER_MS 1000000u
#define NS_PER_US 1000u

static void
s_nearest (uint64_t from_ns, uint64_t bound_ms, http_end_t end, uint64_t *due_ns_p,
           http_end_t *end_p)
{
    uint64_t due_ns = from_ns + bound_ms * NS_PER_MS;
    if (!bound_ms || due_ns >= *due_ns_p)
        return;
    *due_ns_p = due_ns;
    *end_p = end;
}

//  When the next bound passes; UINT64_MAX for never.
static uint64_t
s_due_ns (const http_deadline_t *self, http_end_t *ret_end)
{
    uint64_t due_ns = UINT64_MAX;
    if (!self->connect_ns)
        s_nearest (self->start_ns, self->connect_ms, HTTP_END_TIMEOUT_CONNECT, &due_ns,
                   ret_end);
    if (!self->first_ns)
        s_nearest (self->start_ns, self->first_byte_ms, HTTP_END_TIMEOUT_FIRST, &due_ns,
                   ret_end);
    if (self->first_ns && !self->paused)
        s_nearest (self->last_ns, self->idle_ms, HTTP_END_TIMEOUT_IDLE, &due_ns, ret_end);
    s_nearest (self->start_ns, self->total_ms, HTTP_END_TIMEOUT_TOTAL, &due_ns, ret_end);
    return due_ns;
}

static void s_fire (void *arg);

static void
s_arm (http_deadline_t *self)
{
    http_end_t end;
    uint64_t due_ns = s_due_ns (self, &end);
    if (due_ns == UINT64_MAX)
        return;
    if (br_timer_is_set (&self->timer) && self->timer.due_ns <= due_ns)
        return; //  it fires early, and looks again
    uint64_t now_ns = br_loop_now_ns (self->loop);
    uint64_t left_ns = due_ns > now_ns ? due_ns - now_ns : 0;
    br_timer_set (self->loop, &self->timer, (left_ns + NS_PER_MS - 1) / NS_PER_MS, s_fire,
                  self);
}

static void
s_fire (void *arg)
{
    http_deadline_t *self = arg;
    uint64_t now_ns = br_loop_now_ns (self->loop);
    http_end_t end = HTTP_END_OTHER;
    uint64_t due_ns = s_due_ns (self, &end);
    if (due_ns <= now_ns)
        self->fn (self->arg, end);
    else
        s_arm (self);
}

//  A clock may stand at 0, which here means "not yet".
static uint64_t
s_now_ns (const http_deadline_t *self)
{
    uint64_t now_ns = br_loop_now_ns (self->loop);
    return now_ns ? now_ns : 1;
}

void
http_deadline_start (http_deadline_t *self, br_loop_t *loop,
                     const http_request_t *request, http_deadline_fn *fn, void *arg)
{
    http_deadline_stop (self);
    *self = (http_deadline_t) {
        .loop = loop,
        .fn = fn,
        .arg = arg,
        .connect_ms = request->connect_ms,
        .first_byte_ms = request->first_byte_ms,
        .idle_ms = request->idle_ms,
        .total_ms = request->total_ms,
        .start_ns = br_loop_now_ns (loop),
    };
    s_arm (self);
}

void
http_deadline_stop (http_deadline_t *self)
{
    if (br_timer_is_set (&self->timer))
        br_timer_cancel (self->loop, &self->timer);
}

void
http_deadline_connected (http_deadline_t *self)
{
    self->connect_ns = s_now_ns (self);
}

void
http_deadline_touch (http_deadline_t *self)
{
    self->last_ns = s_now_ns (self);
    if (self->first_ns)
        return;
    self->first_ns = self->last_ns;
    s_arm (self);
}

void
http_deadline_pause (http_deadline_t *self)
{
    self->paused = true;
}

void
http_deadline_resume (http_deadline_t *self)
{
    self->paused = false;
    self->last_ns = s_now_ns (self);
    s_arm (self);
}

uint64_t
http_deadline_us (const http_deadline_t *self, uint64_t moment_ns)
{
    return moment_ns > self->start_ns ? (moment_ns - self->start_ns) / NS_PER_US : 0;
}
