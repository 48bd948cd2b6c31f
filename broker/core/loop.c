//  loop: one epoll loop with timers and hooks.
//
//  A turn is: hooks, sleep, clock, timers, descriptors. Hooks come first, since they hold
//  what epoll cannot see: queued messages, and the edge-triggered state of ZeroMQ.

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/loop.h"

#define LOOP_EVENTS_MAX 64 //  descriptors handled in one turn
#define LOOP_HOOKS_MAX 8
#define NS_PER_MS 1000000u

typedef struct {
    br_loop_fd_fn *fn; //  NULL while nobody watches
    void *arg;         //  borrowed
    uint32_t serial;   //  tells an old event from one of a reused descriptor
    uint32_t events;   //  epoll's
} watch_t;

typedef struct {
    br_loop_hook_fn *fn;
    void *arg; //  borrowed
} hook_t;

struct _br_loop_t {
    br_clock_t clock;
    uint64_t now_ns;
    int epoll_fd;
    int wake_fd;
    watch_t *watches; //  indexed by descriptor
    size_t watches_size;
    uint32_t serial;
    br_timer_t **heap; //  soonest first
    size_t heap_size;
    size_t heap_room;
    hook_t hooks[LOOP_HOOKS_MAX];
    size_t hooks_size;
    hook_t last; //  runs behind the others; fn may be NULL
    bool stays;  //  this turn does not sleep
    bool stopped;
};

static uint64_t
s_real_ns (void *state)
{
    (void) state;
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

static uint64_t
s_manual_ns (void *state)
{
    return *(uint64_t *) state;
}

br_clock_t
br_clock_real (void)
{
    return (br_clock_t) { .now_ns = s_real_ns };
}

br_clock_t
br_clock_manual (uint64_t *now_ns)
{
    return (br_clock_t) { .now_ns = s_manual_ns, .state = now_ns, .manual = true };
}

static void
s_wake_read (void *arg, int fd, uint32_t events)
{
    (void) arg;
    (void) events;
    uint64_t count;
    ssize_t rc = read (fd, &count, sizeof count);
    (void) rc; //  an eventfd that has nothing to read has nothing to tell
}

br_loop_t *
br_loop_new (br_clock_t clock)
{
    br_loop_t *self = BR_NEW (br_loop_t);
    self->clock = clock;
    self->now_ns = clock.now_ns (clock.state);
    self->wake_fd = -1;
    self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
    if (self->epoll_fd >= 0)
        self->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (self->wake_fd < 0
        || br_loop_watch (self, self->wake_fd, EPOLLIN, s_wake_read, self))
        br_loop_destroy (&self);
    return self;
}

void
br_loop_destroy (br_loop_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_loop_t *self = *self_p;
    for (size_t i = 0; i < self->heap_size; i++)
        self->heap[i]->place = 0;
    if (self->wake_fd >= 0)
        close (self->wake_fd);
    if (self->epoll_fd >= 0)
        close (self->epoll_fd);
    free (self->heap);
    free (self->watches);
    free (self);
    *self_p = NULL;
}

uint64_t
br_loop_now_ns (const br_loop_t *self)
{
    return self->now_ns;
}

//  ---- descriptors

static void
s_watches_grow (br_loop_t *self, size_t need)
{
    if (need <= self->watches_size)
        return;
    size_t size = self->watches_size ? self->watches_size : 64;
    while (size < need)
        size *= 2;
    self->watches = br_realloc (self->watches, size * sizeof (watch_t));
    memset (self->watches + self->watches_size, 0,
            (size - self->watches_size) * sizeof (watch_t));
    self->watches_size = size;
}

int
br_loop_watch (br_loop_t *self, int fd, uint32_t events, br_loop_fd_fn *fn, void *arg)
{
    assert (fd >= 0 && fn);
    s_watches_grow (self, (size_t) fd + 1);
    watch_t *watch = &self->watches[fd];
    bool known = watch->fn != NULL;
    watch->fn = fn;
    watch->arg = arg;
    if (known && watch->events == events)
        return 0;
    if (!known)
        watch->serial = ++self->serial;
    watch->events = events;
    struct epoll_event event = { .events = events };
    event.data.u64 = (uint64_t) watch->serial << 32 | (uint32_t) fd;
    int rc = epoll_ctl (self->epoll_fd, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd,
                        &event);
    if (rc && known && errno == ENOENT)
        rc = epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, fd, &event);
    if (rc)
        watch->fn = NULL;
    return rc;
}

void
br_loop_unwatch (br_loop_t *self, int fd)
{
    if (fd < 0 || (size_t) fd >= self->watches_size || !self->watches[fd].fn)
        return;
    self->watches[fd].fn = NULL;
    epoll_ctl (self->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

//  ---- timers: a binary heap whose elements know their place

static void
s_heap_put (br_loop_t *self, size_t at, br_timer_t *timer)
{
    self->heap[at] = timer;
    timer->place = at + 1;
}

static void
s_heap_up (br_loop_t *self, size_t at, br_timer_t *timer)
{
    while (at > 0) {
        size_t parent = (at - 1) / 2;
        if (self->heap[parent]->due_ns <= timer->due_ns)
            break;
        s_heap_put (self, at, self->heap[parent]);
        at = parent;
    }
    s_heap_put (self, at, timer);
}

static void
s_heap_down (br_loop_t *self, size_t at, br_timer_t *timer)
{
    for (;;) {
        size_t child = at * 2 + 1;
        if (child >= self->heap_size)
            break;
        if (child + 1 < self->heap_size
            && self->heap[child + 1]->due_ns < self->heap[child]->due_ns)
            child++;
        if (timer->due_ns <= self->heap[child]->due_ns)
            break;
        s_heap_put (self, at, self->heap[child]);
        at = child;
    }
    s_heap_put (self, at, timer);
}

static void
s_heap_fix (br_loop_t *self, size_t at, br_timer_t *timer)
{
    if (at > 0 && self->heap[(at - 1) / 2]->due_ns > timer->due_ns)
        s_heap_up (self, at, timer);
    else
        s_heap_down (self, at, timer);
}

void
br_timer_set (br_loop_t *loop, br_timer_t *self, uint64_t delay_ms, br_timer_fn *fn,
              void *arg)
{
    self->fn = fn;
    self->arg = arg;
    self->due_ns = loop->now_ns + delay_ms * NS_PER_MS;
    if (self->place) {
        s_heap_fix (loop, self->place - 1, self);
        return;
    }
    if (loop->heap_size == loop->heap_room) {
        loop->heap_room = loop->heap_room ? loop->heap_room * 2 : 64;
        loop->heap = br_realloc (loop->heap, loop->heap_room * sizeof *loop->heap);
    }
    s_heap_up (loop, loop->heap_size++, self);
}

void
br_timer_cancel (br_loop_t *loop, br_timer_t *self)
{
    if (!self->place)
        return;
    size_t at = self->place - 1;
    self->place = 0;
    br_timer_t *last = loop->heap[--loop->heap_size];
    if (last != self)
        s_heap_fix (loop, at, last);
}

bool
br_timer_is_set (const br_timer_t *self)
{
    return self->place > 0;
}

static int
s_run_timers (br_loop_t *self)
{
    int count = 0;
    size_t left = self->heap_size; //  one that sets itself again gets no endless turn
    while (left-- && self->heap_size && self->heap[0]->due_ns <= self->now_ns) {
        br_timer_t *timer = self->heap[0];
        br_timer_cancel (self, timer);
        timer->fn (timer->arg);
        count++;
    }
    return count;
}

//  ---- hooks

void
br_loop_hook (br_loop_t *self, br_loop_hook_fn *fn, void *arg)
{
    assert (self->hooks_size < LOOP_HOOKS_MAX);
    self->hooks[self->hooks_size++] = (hook_t) { .fn = fn, .arg = arg };
}

void
br_loop_unhook (br_loop_t *self, br_loop_hook_fn *fn, void *arg)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->hooks_size; i++)
        if (self->hooks[i].fn != fn || self->hooks[i].arg != arg)
            self->hooks[kept++] = self->hooks[i];
    self->hooks_size = kept;
}

void
br_loop_hook_last (br_loop_t *self, br_loop_hook_fn *fn, void *arg)
{
    self->last = (hook_t) { .fn = fn, .arg = arg };
}

static uint64_t
s_run_hooks (br_loop_t *self)
{
    uint64_t wait_ms = UINT64_MAX;
    for (size_t i = 0; i < self->hooks_size; i++) {
        uint64_t hook_ms = self->hooks[i].fn (self->hooks[i].arg);
        if (hook_ms < wait_ms)
            wait_ms = hook_ms;
    }
    uint64_t last_ms = self->last.fn ? self->last.fn (self->last.arg) : UINT64_MAX;
    return last_ms < wait_ms ? last_ms : wait_ms;
}

//  ---- running

static int
s_sleep_ms (const br_loop_t *self, uint64_t max_ms)
{
    if (self->stopped || self->clock.manual)
        return 0;
    if (self->heap_size) {
        uint64_t due_ns = self->heap[0]->due_ns;
        uint64_t left_ns = due_ns > self->now_ns ? due_ns - self->now_ns : 0;
        uint64_t left_ms = (left_ns + NS_PER_MS - 1) / NS_PER_MS;
        if (left_ms < max_ms)
            max_ms = left_ms;
    }
    return max_ms > 60000 ? 60000 : (int) max_ms;
}

static int
s_run_watches (br_loop_t *self, const struct epoll_event *events, int size)
{
    int count = 0;
    for (int i = 0; i < size; i++) {
        int fd = (int) (uint32_t) events[i].data.u64;
        const watch_t *watch = &self->watches[fd];
        if (!watch->fn || watch->serial != events[i].data.u64 >> 32)
            continue; //  unwatched by a callback of this same turn
        watch->fn (watch->arg, fd, events[i].events);
        count++;
    }
    return count;
}

int
br_loop_turn (br_loop_t *self, uint64_t max_ms)
{
    self->now_ns = self->clock.now_ns (self->clock.state);
    self->stays = false;
    uint64_t hook_ms = s_run_hooks (self);
    if (hook_ms < max_ms)
        max_ms = hook_ms;
    if (self->stays)
        max_ms = 0;
    struct epoll_event events[LOOP_EVENTS_MAX];
    int size = epoll_wait (self->epoll_fd, events, LOOP_EVENTS_MAX,
                           s_sleep_ms (self, max_ms));
    self->now_ns = self->clock.now_ns (self->clock.state);
    int count = s_run_timers (self);
    return count + s_run_watches (self, events, size);
}

void
br_loop_stay (br_loop_t *self)
{
    self->stays = true;
}

void
br_loop_run (br_loop_t *self)
{
    while (!self->stopped)
        br_loop_turn (self, UINT64_MAX);
    self->stopped = false;
}

void
br_loop_stop (br_loop_t *self)
{
    self->stopped = true;
}

void
br_loop_wake (br_loop_t *self)
{
    uint64_t one = 1;
    ssize_t rc = write (self->wake_fd, &one, sizeof one);
    (void) rc; //  a full counter is awake already
}
