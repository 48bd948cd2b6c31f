//  tui: the terminal view. tui_feed, tui_days and tui_tail bring what is known to tui_model;
//  tui_view, with a file for each pane, draws it into tui_cells; tui_screen brings cells to
//  the terminal. Here they are turned: events are taken in heaps and pictures are painted by
//  the clock, so that a busy server costs the view little.

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "tui/tui.h"
#include "tui/tui_days.h"
#include "tui/tui_feed.h"
#include "tui/tui_remote.h"
#include "tui/tui_screen.h"
#include "tui/tui_tail.h"
#include "tui/tui_view.h"

#define FRAME_MS 50   //  between two pictures, at the least
#define IDLE_MS 250   //  between two turns, at the most
#define CLOCK_MS 1000 //  a picture so often in any case
#define SHARE 10      //  a picture that took long waits so many times as long
#define KEYS_MAX 64   //  of one turn

typedef struct {
    tui_model_t *model;
    tui_view_t *view;
    tui_feed_t *feed;     //  or
    tui_remote_t *remote; //  of a server elsewhere
    tui_days_t *days;
    tui_tail_t *tail;
    tui_screen_t *screen;
    int signals_fd; //  -1 = none
    sigset_t before;
    bool is_masked;
    bool is_over;
    bool is_dirty;
    uint64_t painted_ms; //  monotonic
    uint64_t paint_at_ms;
    uint64_t turns, pictures, keys, news; //  counts, for stats
} tui_t;

static uint64_t
s_now_ms (clockid_t clock)
{
    struct timespec now;
    clock_gettime (clock, &now);
    return (uint64_t) now.tv_sec * 1000 + (uint64_t) now.tv_nsec / 1000000;
}

//  ---- begin and end

//  They are read from a file, so that the terminal is given back on the usual way.
static void
s_take_signals (tui_t *self)
{
    sigset_t set;
    sigemptyset (&set);
    sigaddset (&set, SIGTERM);
    sigaddset (&set, SIGINT);
    sigaddset (&set, SIGHUP);
    self->is_masked = pthread_sigmask (SIG_BLOCK, &set, &self->before) == 0;
    self->signals_fd = signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

//  The threads of the feed are made first, and inherit that signals are not theirs.
static int
s_begin (tui_t *self, const br_tui_conf_t *conf, br_error_t *reterr)
{
    s_take_signals (self);
    self->model = tui_model_new (s_now_ms (CLOCK_REALTIME));
    self->view = tui_view_new (conf->pane);
    self->days = tui_days_new (conf->days);
    self->tail = tui_tail_new (conf->log_file);
    if (conf->url)
        self->remote = tui_remote_new (conf->url, conf->token, reterr);
    else if (conf->broker)
        self->feed = tui_feed_new_remote (conf->broker, conf->keys, reterr);
    else
        self->feed = tui_feed_new (conf->run_dir, reterr);
    if (!self->feed && !self->remote)
        return -1;
    self->screen = tui_screen_new (conf->mouse, conf->ascii, reterr);
    return self->screen ? 0 : -1;
}

static void
s_end (tui_t *self)
{
    tui_screen_destroy (&self->screen);
    tui_remote_destroy (&self->remote);
    tui_feed_destroy (&self->feed);
    tui_tail_destroy (&self->tail);
    tui_days_destroy (&self->days);
    tui_view_destroy (&self->view);
    tui_model_destroy (&self->model);
    if (self->signals_fd >= 0)
        close (self->signals_fd);
    if (self->is_masked)
        pthread_sigmask (SIG_SETMASK, &self->before, NULL);
}

//  ---- a turn

static void
s_take_keys (tui_t *self)
{
    for (unsigned i = 0; i < KEYS_MAX && !self->is_over; i++) {
        uint32_t key = TUI_KEY_NONE;
        int x = 0, y = 0;
        tui_input_t input = tui_screen_read (self->screen, &key, &x, &y);
        if (input == TUI_INPUT_NONE)
            return;
        self->keys++;
        if (input == TUI_INPUT_KEY)
            tui_view_key (self->view, self->model, key, x, y);
        self->is_over = input == TUI_INPUT_OVER || tui_view_is_over (self->view);
        self->is_dirty = true;
        self->paint_at_ms = self->painted_ms + FRAME_MS / 2;
    }
}

static void
s_take_news (tui_t *self)
{
    uint64_t now_ms = s_now_ms (CLOCK_REALTIME);
    tui_model_tick (self->model, now_ms);
    if (tui_view_wants_all (self->view)) {
        tui_answers_hurry (tui_model_answers (self->model));
        tui_days_hurry (self->days);
    }
    unsigned heard = self->feed ? tui_feed_turn (self->feed, self->model, now_ms) : 0;
    self->news += heard;
    if (heard)
        self->is_dirty = true;
    if (self->remote && tui_remote_turn (self->remote, self->model, now_ms))
        self->is_dirty = true;
    if (tui_days_turn (self->days, self->model, now_ms))
        self->is_dirty = true;
    if (tui_tail_turn (self->tail, self->model))
        self->is_dirty = true;
}

static void
s_paint (tui_t *self)
{
    uint64_t now_ms = s_now_ms (CLOCK_MONOTONIC);
    bool is_due = self->is_dirty || now_ms - self->painted_ms >= CLOCK_MS;
    if (!is_due || now_ms < self->paint_at_ms)
        return;
    tui_view_draw (self->view, self->model, tui_screen_cells (self->screen));
    tui_screen_paint (self->screen);
    self->pictures++;
    uint64_t took_ms = s_now_ms (CLOCK_MONOTONIC) - now_ms;
    self->painted_ms = now_ms;
    self->paint_at_ms = now_ms
                        + (took_ms * SHARE > FRAME_MS ? took_ms * SHARE : FRAME_MS);
    self->is_dirty = false;
}

static bool
s_is_signalled (const tui_t *self)
{
    struct signalfd_siginfo info;
    return read (self->signals_fd, &info, sizeof info) == (ssize_t) sizeof info;
}

//  Waits for keys and signals; for news too, unless a picture is due soon anyway: what comes
//  until then is taken in one heap.
static void
s_wait (tui_t *self)
{
    uint64_t now_ms = s_now_ms (CLOCK_MONOTONIC);
    long wait_ms = IDLE_MS;
    zmq_pollitem_t items[3 + TUI_FEED_POLLS] = {
        { .fd = STDIN_FILENO, .events = ZMQ_POLLIN },
        { .fd = self->signals_fd, .events = ZMQ_POLLIN },
    };
    int count = 2;
    if (self->is_dirty)
        wait_ms = self->paint_at_ms > now_ms ? (long) (self->paint_at_ms - now_ms) : 0;
    else if (self->painted_ms + FRAME_MS > now_ms)
        wait_ms = (long) (self->painted_ms + FRAME_MS - now_ms);
    else {
        if (self->feed) {
            tui_feed_polls (self->feed, items + count);
            count += TUI_FEED_POLLS;
        }
        if (self->remote && tui_remote_is_busy (self->remote))
            wait_ms = FRAME_MS;
        if (tui_days_fd (self->days) >= 0)
            items[count++] = (zmq_pollitem_t) { .fd = tui_days_fd (self->days),
                                                .events = ZMQ_POLLIN };
    }
    zmq_poll (items, count, wait_ms);
}

static void
s_turn (tui_t *self)
{
    s_wait (self);
    self->turns++;
    self->is_over = s_is_signalled (self);
    s_take_keys (self);
    if (self->is_over)
        return;
    s_take_news (self);
    s_paint (self);
}

static void
s_tell_stats (const tui_t *self, uint64_t since_ms)
{
    fprintf (stderr,
             "{\"ms\":%llu,\"cpu_ms\":%llu,\"turns\":%llu,\"pictures\":%llu,"
             "\"keys\":%llu,\"news\":%llu}\n",
             (unsigned long long) (s_now_ms (CLOCK_MONOTONIC) - since_ms),
             (unsigned long long) s_now_ms (CLOCK_PROCESS_CPUTIME_ID),
             (unsigned long long) self->turns, (unsigned long long) self->pictures,
             (unsigned long long) self->keys, (unsigned long long) self->news);
}

int
br_tui_check (br_error_t *reterr)
{
    return tui_screen_check (reterr);
}

int
br_tui_run (const br_tui_conf_t *conf)
{
    tui_t self = { .signals_fd = -1, .is_dirty = true };
    br_error_t error;
    uint64_t since_ms = s_now_ms (CLOCK_MONOTONIC);
    int rc = tui_screen_check (&error);
    if (rc == 0)
        rc = s_begin (&self, conf, &error);
    while (rc == 0 && !self.is_over)
        s_turn (&self);
    s_end (&self);
    if (conf->stats)
        s_tell_stats (&self, since_ms);
    if (rc)
        fprintf (stderr, "Error: %s\n", error.text);
    return rc ? 1 : 0;
}
