//  loop: one epoll loop with timers, the floor that a host stands on. One thread owns it;
//  no function may be called from another thread, but br_loop_wake.
//  Time comes from a clock, so that tests can run a loop without waiting.

#ifndef BR_LOOP_H
#define BR_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct _br_loop_t br_loop_t;

//  A clock in nanoseconds that never goes back. The real one is CLOCK_MONOTONIC.
typedef struct _br_clock_t {
    uint64_t (*now_ns) (void *state);
    void *state;
    bool manual; //  time stands still unless moved: the loop never sleeps on it
} br_clock_t;

br_clock_t br_clock_real (void);

//  A clock that a test moves: *now_ns is read at each look.
br_clock_t br_clock_manual (uint64_t *now_ns);

//  "caller destroys". err: BR_ESYSTEM.
br_loop_t *br_loop_new (br_clock_t clock);
void br_loop_destroy (br_loop_t **self_p);

//  The time of this turn; refreshed when a turn starts and after it slept.
uint64_t br_loop_now_ns (const br_loop_t *self);

//  ---- descriptors

//  events are epoll's (EPOLLIN | ...). The callback may unwatch any descriptor, its own
//  too. A descriptor has one watcher; watching it again changes its events and callback.
typedef void (br_loop_fd_fn) (void *arg, int fd, uint32_t events);
int br_loop_watch (br_loop_t *self, int fd, uint32_t events, br_loop_fd_fn *fn,
                   void *arg);

//  Must be called before the descriptor is closed. Unknown descriptors are ignored.
void br_loop_unwatch (br_loop_t *self, int fd);

//  ---- timers, embedded in their owner's struct; zeroed is a valid idle timer

typedef void (br_timer_fn) (void *arg);
typedef struct _br_timer_t {
    uint64_t due_ns;
    size_t place; //  place in the heap plus one; 0 while idle
    br_timer_fn *fn;
    void *arg; //  borrowed
} br_timer_t;

//  Calls fn (arg) once, delay_ms from now or later. Setting a set timer moves it.
void br_timer_set (br_loop_t *loop, br_timer_t *self, uint64_t delay_ms, br_timer_fn *fn,
                   void *arg);
void br_timer_cancel (br_loop_t *loop, br_timer_t *self); //  idle ones too
bool br_timer_is_set (const br_timer_t *self);

//  ---- hooks, called in each turn before the loop sleeps, in order of addition

//  Does its slice of work and tells how long the loop may sleep at most:
//  0 = more work is ready, UINT64_MAX = as long as it likes; milliseconds.
typedef uint64_t (br_loop_hook_fn) (void *arg);
void br_loop_hook (br_loop_t *self, br_loop_hook_fn *fn, void *arg);
void br_loop_unhook (br_loop_t *self, br_loop_hook_fn *fn, void *arg);

//  The one hook that runs behind all others: it deals with what they brought. NULL for
//  none.
void br_loop_hook_last (br_loop_t *self, br_loop_hook_fn *fn, void *arg);

//  ---- running

//  One turn: hooks, sleep of at most max_ms (0 with work ready), timers, descriptors.
//  Returns the number of callbacks that ran.
int br_loop_turn (br_loop_t *self, uint64_t max_ms);

//  This turn does not sleep: something was left for the hooks, and they ran already. Costs
//  nothing else.
void br_loop_stay (br_loop_t *self);

//  Turns until br_loop_stop.
void br_loop_run (br_loop_t *self);
void br_loop_stop (br_loop_t *self);

//  Ends a sleep from any thread.
void br_loop_wake (br_loop_t *self);

#endif
