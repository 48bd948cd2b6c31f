//  loop: timers, descriptors and hooks, on a clock that the test moves.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "broker/core/loop.h"

#define MS 1000000u
#define TIMERS 500

//  One test's world. Callbacks note what they did in a line of letters.
typedef struct {
    uint64_t now_ns;
    br_loop_t *loop;
    char notes[64];
    int pipes[2][2];     //  read and write end
    br_timer_t timer[3]; //  a, b, c
} world_t;

//  A timer's or watcher's world, and its letter.
typedef struct {
    world_t *world;
    char letter;
} note_t;

static void
s_note (world_t *self, char letter)
{
    size_t size = strlen (self->notes);
    assert_true (size + 1 < sizeof self->notes);
    self->notes[size] = letter;
}

static int
s_setup (void **state)
{
    static world_t world;
    world = (world_t) { .now_ns = 1000 * (uint64_t) MS };
    world.loop = br_loop_new (br_clock_manual (&world.now_ns));
    *state = &world;
    return !world.loop || pipe (world.pipes[0]) || pipe (world.pipes[1]);
}

static int
s_teardown (void **state)
{
    world_t *self = *state;
    for (int i = 0; i < 2; i++) {
        close (self->pipes[i][0]);
        close (self->pipes[i][1]);
    }
    br_loop_destroy (&self->loop);
    assert_null (self->loop);
    br_loop_destroy (&self->loop);
    br_loop_destroy (NULL);
    return 0;
}

static void
s_advance (world_t *self, uint64_t ms)
{
    self->now_ns += ms * MS;
    br_loop_turn (self->loop, 0);
}

static void
s_on_timer (void *arg)
{
    const note_t *note = arg;
    s_note (note->world, note->letter);
}

static void
s_on_read (void *arg, int fd, uint32_t events)
{
    const note_t *note = arg;
    char byte;
    assert_true (events & EPOLLIN);
    assert_int_equal (read (fd, &byte, 1), 1);
    s_note (note->world, note->letter);
}

static void
s_write (int fd)
{
    assert_int_equal (write (fd, "x", 1), 1);
}

//  ---- timers

static void
test_timer_waits_for_its_time (void **state)
{
    world_t *self = *state;
    note_t note = { self, 'a' };
    br_timer_set (self->loop, &self->timer[0], 10, s_on_timer, &note);
    assert_true (br_timer_is_set (&self->timer[0]));
    s_advance (self, 9);
    assert_string_equal (self->notes, "");
    s_advance (self, 1);
    assert_string_equal (self->notes, "a");
    assert_false (br_timer_is_set (&self->timer[0]));
    s_advance (self, 1000);
    assert_string_equal (self->notes, "a");
}

static void
test_timers_run_soonest_first (void **state)
{
    world_t *self = *state;
    note_t notes[] = { { self, 'a' }, { self, 'b' }, { self, 'c' } };
    static const uint64_t delays_ms[] = { 30, 10, 20 };
    for (int i = 0; i < 3; i++)
        br_timer_set (self->loop, &self->timer[i], delays_ms[i], s_on_timer, &notes[i]);
    s_advance (self, 100);
    assert_string_equal (self->notes, "bca");
}

static void
test_cancelled_timer_stays_silent (void **state)
{
    world_t *self = *state;
    note_t notes[] = { { self, 'a' }, { self, 'b' } };
    br_timer_set (self->loop, &self->timer[0], 10, s_on_timer, &notes[0]);
    br_timer_set (self->loop, &self->timer[1], 20, s_on_timer, &notes[1]);
    br_timer_cancel (self->loop, &self->timer[0]);
    br_timer_cancel (self->loop, &self->timer[0]);
    br_timer_cancel (self->loop, &self->timer[2]); //  never set
    s_advance (self, 100);
    assert_string_equal (self->notes, "b");
}

static void
test_setting_a_set_timer_moves_it (void **state)
{
    world_t *self = *state;
    note_t notes[] = { { self, 'a' }, { self, 'b' }, { self, 'c' } };
    br_timer_set (self->loop, &self->timer[0], 10, s_on_timer, &notes[0]);
    br_timer_set (self->loop, &self->timer[1], 20, s_on_timer, &notes[1]);
    br_timer_set (self->loop, &self->timer[2], 30, s_on_timer, &notes[2]);
    //  When the first goes last and the last goes first
    br_timer_set (self->loop, &self->timer[0], 40, s_on_timer, &notes[0]);
    br_timer_set (self->loop, &self->timer[2], 5, s_on_timer, &notes[2]);
    s_advance (self, 5);
    assert_string_equal (self->notes, "c");
    s_advance (self, 100);
    assert_string_equal (self->notes, "cba");
}

static void
s_cancel_b_move_c (void *arg)
{
    world_t *self = arg;
    s_note (self, 'a');
    br_timer_cancel (self->loop, &self->timer[1]);
    br_timer_set (self->loop, &self->timer[2], 7, self->timer[2].fn, self->timer[2].arg);
}

static void
test_callback_may_cancel_and_move_due_timers (void **state)
{
    world_t *self = *state;
    note_t notes[] = { { self, 'b' }, { self, 'c' } };
    //  Given three timers of which all are due in one turn
    br_timer_set (self->loop, &self->timer[0], 1, s_cancel_b_move_c, self);
    br_timer_set (self->loop, &self->timer[1], 2, s_on_timer, &notes[0]);
    br_timer_set (self->loop, &self->timer[2], 2, s_on_timer, &notes[1]);
    s_advance (self, 10);
    assert_string_equal (self->notes, "a");
    s_advance (self, 6);
    assert_string_equal (self->notes, "a");
    s_advance (self, 1);
    assert_string_equal (self->notes, "ac");
}

static void
s_set_again (void *arg)
{
    world_t *self = arg;
    s_note (self, 'a');
    br_timer_set (self->loop, &self->timer[0], 0, s_set_again, self);
}

static void
test_timer_that_sets_itself_leaves_the_turn (void **state)
{
    world_t *self = *state;
    br_timer_set (self->loop, &self->timer[0], 0, s_set_again, self);
    br_loop_turn (self->loop, 0);
    assert_string_equal (self->notes, "a");
    br_loop_turn (self->loop, 0);
    assert_string_equal (self->notes, "aa");
}

typedef struct {
    uint64_t last_due_ns;
    int ran;
    br_timer_t timers[TIMERS];
} crowd_t;

typedef struct {
    crowd_t *crowd;
    const br_timer_t *timer;
} member_t;

static void
s_on_member (void *arg)
{
    const member_t *member = arg;
    assert_true (member->timer->due_ns >= member->crowd->last_due_ns);
    member->crowd->last_due_ns = member->timer->due_ns;
    member->crowd->ran++;
}

static void
test_many_timers_keep_order (void **state)
{
    world_t *self = *state;
    static crowd_t crowd;
    static member_t members[TIMERS];
    memset (&crowd, 0, sizeof crowd);
    //  Given a crowd set in disorder, a third moved and a third cancelled
    uint32_t dice = 12345;
    for (int i = 0; i < TIMERS * 2; i++) {
        int at = i % TIMERS;
        dice = dice * 1664525u + 1013904223u;
        members[at] = (member_t) { &crowd, &crowd.timers[at] };
        if (i < TIMERS || at % 3 == 0)
            br_timer_set (self->loop, &crowd.timers[at], dice >> 22, s_on_member,
                          &members[at]);
        else if (at % 3 == 1)
            br_timer_cancel (self->loop, &crowd.timers[at]);
    }
    //  When time goes by, then each of the rest runs once, in order
    for (int i = 0; i < 20; i++)
        s_advance (self, 60);
    assert_int_equal (crowd.ran, TIMERS - (TIMERS + 1) / 3);
}

static void
test_destroyed_loop_leaves_timers_idle (void **state)
{
    (void) state;
    uint64_t now_ns = 0;
    br_timer_t timer = { 0 };
    br_loop_t *loop = br_loop_new (br_clock_manual (&now_ns));
    br_timer_set (loop, &timer, 5, s_on_timer, NULL);
    br_loop_destroy (&loop);
    assert_false (br_timer_is_set (&timer));
}

//  ---- descriptors

static void
test_readable_descriptor_is_told (void **state)
{
    world_t *self = *state;
    note_t note = { self, 'a' };
    assert_int_equal (
        br_loop_watch (self->loop, self->pipes[0][0], EPOLLIN, s_on_read, &note), 0);
    assert_int_equal (br_loop_turn (self->loop, 0), 0);
    s_write (self->pipes[0][1]);
    assert_int_equal (br_loop_turn (self->loop, 0), 1);
    assert_string_equal (self->notes, "a");
    br_loop_unwatch (self->loop, self->pipes[0][0]);
    s_write (self->pipes[0][1]);
    assert_int_equal (br_loop_turn (self->loop, 0), 0);
    assert_string_equal (self->notes, "a");
}

static void
test_watching_again_changes_callback_and_events (void **state)
{
    world_t *self = *state;
    note_t first = { self, 'a' };
    note_t second = { self, 'b' };
    int fd = self->pipes[0][0];
    br_loop_watch (self->loop, fd, EPOLLIN, s_on_read, &first);
    br_loop_watch (self->loop, fd, EPOLLIN, s_on_read, &second);
    s_write (self->pipes[0][1]);
    br_loop_turn (self->loop, 0);
    assert_string_equal (self->notes, "b");
    //  Without an event of interest nothing is told
    br_loop_watch (self->loop, fd, 0, s_on_read, &second);
    s_write (self->pipes[0][1]);
    br_loop_turn (self->loop, 0);
    assert_string_equal (self->notes, "b");
    br_loop_watch (self->loop, fd, EPOLLIN, s_on_read, &first);
    br_loop_turn (self->loop, 0);
    assert_string_equal (self->notes, "ba");
    br_loop_unwatch (self->loop, fd);
}

static void
test_unknown_descriptors_are_ignored (void **state)
{
    world_t *self = *state;
    br_loop_unwatch (self->loop, -1);
    br_loop_unwatch (self->loop, 100000);
    br_loop_unwatch (self->loop, self->pipes[0][0]);
}

static void
test_descriptor_that_cannot_be_watched_fails (void **state)
{
    world_t *self = *state;
    note_t note = { self, 'a' };
    //  A plain file is nothing for epoll
    FILE *file = tmpfile ();
    assert_non_null (file);
    assert_int_equal (
        br_loop_watch (self->loop, fileno (file), EPOLLIN, s_on_read, &note), -1);
    assert_int_equal (br_loop_turn (self->loop, 0), 0);
    fclose (file);
}

static void
s_on_fresh (void *arg, int fd, uint32_t events)
{
    (void) events;
    world_t *self = arg;
    char byte;
    assert_int_equal (read (fd, &byte, 1), 1);
    s_note (self, 'f');
}

//  Reads its own byte, then gives the other pipe's read end to a new, silent pipe.
static void
s_on_replace (void *arg, int fd, uint32_t events)
{
    (void) events;
    world_t *self = arg;
    char byte;
    assert_int_equal (read (fd, &byte, 1), 1);
    s_note (self, 'r');
    br_loop_watch (self->loop, fd, EPOLLIN, s_on_fresh, self);
    int *other = self->pipes[fd == self->pipes[0][0] ? 1 : 0];
    br_loop_unwatch (self->loop, other[0]);
    int fresh[2];
    assert_int_equal (pipe (fresh), 0);
    assert_int_equal (dup2 (fresh[0], other[0]), other[0]); //  closes the old one
    close (fresh[0]);
    close (other[1]);
    other[1] = fresh[1];
    br_loop_watch (self->loop, other[0], EPOLLIN, s_on_fresh, self);
}

static void
test_stale_event_misses_a_reused_descriptor (void **state)
{
    world_t *self = *state;
    //  Given two readable pipes, told in one turn; the first callback replaces the other
    for (int i = 0; i < 2; i++) {
        br_loop_watch (self->loop, self->pipes[i][0], EPOLLIN, s_on_replace, self);
        s_write (self->pipes[i][1]);
    }
    br_loop_turn (self->loop, 0);
    //  Then the old event does not reach the new descriptor of the same number
    assert_string_equal (self->notes, "r");
    br_loop_turn (self->loop, 0);
    assert_string_equal (self->notes, "r");
    //  And its own events do
    s_write (self->pipes[0][1]);
    s_write (self->pipes[1][1]);
    br_loop_turn (self->loop, 0);
    assert_string_equal (self->notes, "rff");
    br_loop_unwatch (self->loop, self->pipes[0][0]);
    br_loop_unwatch (self->loop, self->pipes[1][0]);
}

static void
s_on_unwatch_both (void *arg, int fd, uint32_t events)
{
    (void) fd;
    (void) events;
    world_t *self = arg;
    s_note (self, 'u');
    br_loop_unwatch (self->loop, self->pipes[0][0]);
    br_loop_unwatch (self->loop, self->pipes[1][0]);
}

static void
test_callback_may_unwatch_any_descriptor (void **state)
{
    world_t *self = *state;
    for (int i = 0; i < 2; i++) {
        br_loop_watch (self->loop, self->pipes[i][0], EPOLLIN, s_on_unwatch_both, self);
        s_write (self->pipes[i][1]);
    }
    assert_int_equal (br_loop_turn (self->loop, 0), 1);
    assert_int_equal (br_loop_turn (self->loop, 0), 0);
    assert_string_equal (self->notes, "u");
}

//  ---- hooks

static uint64_t
s_hook (void *arg)
{
    const note_t *note = arg;
    s_note (note->world, note->letter);
    return UINT64_MAX;
}

static void
test_hooks_run_each_turn_in_order (void **state)
{
    world_t *self = *state;
    note_t first = { self, 'a' };
    note_t second = { self, 'b' };
    br_loop_hook (self->loop, s_hook, &first);
    br_loop_hook (self->loop, s_hook, &second);
    br_loop_turn (self->loop, 0);
    br_loop_turn (self->loop, 0);
    assert_string_equal (self->notes, "abab");
    br_loop_unhook (self->loop, s_hook, &first);
    br_loop_turn (self->loop, 0);
    assert_string_equal (self->notes, "ababb");
}

static void
test_hooks_come_before_timers_and_descriptors (void **state)
{
    world_t *self = *state;
    note_t notes[] = { { self, 'h' }, { self, 't' }, { self, 'd' } };
    br_loop_hook (self->loop, s_hook, &notes[0]);
    br_timer_set (self->loop, &self->timer[0], 1, s_on_timer, &notes[1]);
    br_loop_watch (self->loop, self->pipes[0][0], EPOLLIN, s_on_read, &notes[2]);
    s_write (self->pipes[0][1]);
    s_advance (self, 1);
    assert_string_equal (self->notes, "htd");
    br_loop_unwatch (self->loop, self->pipes[0][0]);
}

static uint64_t
s_busy_hook (void *arg)
{
    int *left = arg;
    return --*left > 0 ? 0 : 1;
}

static void
test_hook_with_work_keeps_a_real_loop_awake (void **state)
{
    (void) state;
    br_loop_t *loop = br_loop_new (br_clock_real ());
    int left = 1000;
    br_loop_hook (loop, s_busy_hook, &left);
    while (left > 0)
        br_loop_turn (loop, UINT64_MAX); //  a wrong sleep would last for ever
    br_loop_destroy (&loop);
}

static uint64_t
s_staying_hook (void *arg)
{
    br_loop_stay (arg);
    return UINT64_MAX;
}

static void
test_given_a_last_hook_that_leaves_work_then_a_real_loop_does_not_sleep (void **state)
{
    (void) state;
    br_loop_t *loop = br_loop_new (br_clock_real ());
    br_loop_hook_last (loop, s_staying_hook, loop);
    br_loop_turn (loop, UINT64_MAX); //  a wrong sleep would last for ever
    br_loop_destroy (&loop);
}

//  ---- running

static void
test_time_is_that_of_the_clock (void **state)
{
    world_t *self = *state;
    assert_true (br_loop_now_ns (self->loop) == self->now_ns);
    s_advance (self, 3);
    assert_true (br_loop_now_ns (self->loop) == 1003 * (uint64_t) MS);
}

static void
s_on_stop (void *arg)
{
    br_loop_stop (arg);
}

static void
test_run_lasts_until_stop (void **state)
{
    (void) state;
    br_loop_t *loop = br_loop_new (br_clock_real ());
    br_timer_t timer = { 0 };
    uint64_t before_ns = br_loop_now_ns (loop);
    for (int i = 0; i < 2; i++) {
        br_timer_set (loop, &timer, 1, s_on_stop, loop);
        br_loop_run (loop);
        assert_false (br_timer_is_set (&timer));
    }
    assert_true (br_loop_now_ns (loop) - before_ns >= 2 * MS);
    br_loop_destroy (&loop);
}

static void *
s_wake (void *arg)
{
    br_loop_wake (arg);
    return NULL;
}

static void
test_wake_ends_a_sleep_from_another_thread (void **state)
{
    (void) state;
    br_loop_t *loop = br_loop_new (br_clock_real ());
    pthread_t thread;
    assert_int_equal (pthread_create (&thread, NULL, s_wake, loop), 0);
    while (br_loop_turn (loop, UINT64_MAX) == 0)
        continue;
    pthread_join (thread, NULL);
    //  Woken once, it sleeps again
    assert_int_equal (br_loop_turn (loop, 0), 0);
    br_loop_destroy (&loop);
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown (name, s_setup, s_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST (test_timer_waits_for_its_time),
        WORLD_TEST (test_timers_run_soonest_first),
        WORLD_TEST (test_cancelled_timer_stays_silent),
        WORLD_TEST (test_setting_a_set_timer_moves_it),
        WORLD_TEST (test_callback_may_cancel_and_move_due_timers),
        WORLD_TEST (test_timer_that_sets_itself_leaves_the_turn),
        WORLD_TEST (test_many_timers_keep_order),
        cmocka_unit_test (test_destroyed_loop_leaves_timers_idle),
        WORLD_TEST (test_readable_descriptor_is_told),
        WORLD_TEST (test_watching_again_changes_callback_and_events),
        WORLD_TEST (test_unknown_descriptors_are_ignored),
        WORLD_TEST (test_descriptor_that_cannot_be_watched_fails),
        WORLD_TEST (test_stale_event_misses_a_reused_descriptor),
        WORLD_TEST (test_callback_may_unwatch_any_descriptor),
        WORLD_TEST (test_hooks_run_each_turn_in_order),
        WORLD_TEST (test_hooks_come_before_timers_and_descriptors),
        cmocka_unit_test (test_hook_with_work_keeps_a_real_loop_awake),
        cmocka_unit_test (
            test_given_a_last_hook_that_leaves_work_then_a_real_loop_does_not_sleep),
        WORLD_TEST (test_time_is_that_of_the_clock),
        cmocka_unit_test (test_run_lasts_until_stop),
        cmocka_unit_test (test_wake_ends_a_sleep_from_another_thread),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
