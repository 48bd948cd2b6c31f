//  http_sockets: the descriptors of one client.
//
//  Each descriptor is in one row of a table. Curl's removal of a connection only clears
//  "wanted"; epoll is told when an event comes that nobody waits for, or at the close.
//  Such an event on an idle connection is its end, or bytes nobody asked for: it is shut
//  down and emptied, since curl 7.88 takes one with a byte or an error to read, as TLS's
//  close_notify is, for a healthy one.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/net/http_sockets.h"

#define NS_PER_MS 1000000u
#define SWEEP_MIN_MS 100
#define WASTE_PARTS 16 //  reads at most to empty a connection

enum {
    SOCKET_CONNECTION = 1, //  opened for curl by us, closed by us
    SOCKET_WANTED = 2,     //  curl waits for it
    SOCKET_WATCHED = 4,    //  the loop watches it
    SOCKET_IDLE = 8,       //  kept, without a transfer
    SOCKET_SHUT = 16,      //  shut down, not yet closed
};

typedef struct {
    http_sockets_user_t *user; //  borrowed; who waits or waited for it
    uint32_t idle_since_ms;    //  of the loop's clock, wraps
    uint16_t events;           //  epoll's, while watched
    uint16_t flags;
} socket_row_t;

struct _http_sockets_t {
    br_loop_t *loop; //  borrowed
    http_sockets_busy_fn *busy;
    http_sockets_held_fn *held; //  NULL until told
    void *held_arg;
    uint64_t idle_ms;
    bool exclusive;
    br_timer_t sweep;
    socket_row_t *rows; //  indexed by descriptor
    size_t rows_size;
    unsigned idle; //  rows with SOCKET_IDLE
};

static uint32_t
s_now_ms (const http_sockets_t *self)
{
    return (uint32_t) (br_loop_now_ns (self->loop) / NS_PER_MS);
}

//  "owned by self, until next call"
static socket_row_t *
s_row (http_sockets_t *self, int fd)
{
    size_t need = (size_t) fd + 1;
    if (need > self->rows_size) {
        size_t size = self->rows_size ? self->rows_size : 64;
        while (size < need)
            size *= 2;
        self->rows = br_realloc (self->rows, size * sizeof *self->rows);
        memset (self->rows + self->rows_size, 0,
                (size - self->rows_size) * sizeof *self->rows);
        self->rows_size = size;
    }
    return &self->rows[fd];
}

static void
s_unwatch (http_sockets_t *self, socket_row_t *row, int fd)
{
    if (row->flags & SOCKET_WATCHED)
        br_loop_unwatch (self->loop, fd);
    row->flags &= (uint16_t) ~SOCKET_WATCHED;
}

static void
s_end_idle (http_sockets_t *self, socket_row_t *row)
{
    if (!(row->flags & SOCKET_IDLE))
        return;
    row->flags &= (uint16_t) ~SOCKET_IDLE;
    self->idle--;
    row->user->idle--;
    row->user->changed (row->user->arg);
}

//  The peer learns at once; curl closes the descriptor when it comes across it, and reads
//  an end of file.
static void
s_shut (http_sockets_t *self, socket_row_t *row, int fd)
{
    s_end_idle (self, row);
    s_unwatch (self, row, fd);
    row->flags |= SOCKET_SHUT;
    shutdown (fd, SHUT_RDWR);
    char waste[4096];
    for (int i = 0; i < WASTE_PARTS; i++)
        if (recv (fd, waste, sizeof waste, MSG_DONTWAIT) <= 0)
            break;
}

//  A kept connection shall go. One that curl took for a transfer which was paused in the
//  very call that took it looks idle too, since curl never asked for its descriptor.
static void
s_retire (http_sockets_t *self, socket_row_t *row, int fd)
{
    if (!self->held || !self->held (self->held_arg, fd)) {
        s_shut (self, row, fd);
        return;
    }
    s_end_idle (self, row);
    s_unwatch (self, row, fd);
}

static void
s_sweep (void *arg)
{
    http_sockets_t *self = arg;
    uint32_t now_ms = s_now_ms (self);
    uint64_t next_ms = self->idle_ms;
    for (size_t fd = 0; fd < self->rows_size && self->idle; fd++) {
        socket_row_t *row = &self->rows[fd];
        if (!(row->flags & SOCKET_IDLE))
            continue;
        uint64_t age_ms = now_ms - row->idle_since_ms;
        if (age_ms >= self->idle_ms)
            s_retire (self, row, (int) fd);
        else if (self->idle_ms - age_ms < next_ms)
            next_ms = self->idle_ms - age_ms;
    }
    if (self->idle)
        br_timer_set (self->loop, &self->sweep,
                      next_ms < SWEEP_MIN_MS ? SWEEP_MIN_MS : next_ms, s_sweep, self);
}

static void
s_begin_idle (http_sockets_t *self, socket_row_t *row)
{
    row->flags |= SOCKET_IDLE;
    row->idle_since_ms = s_now_ms (self);
    self->idle++;
    row->user->idle++;
    row->user->changed (row->user->arg);
    if (self->exclusive && self->idle_ms && !br_timer_is_set (&self->sweep))
        br_timer_set (self->loop, &self->sweep, self->idle_ms, s_sweep, self);
}

//  Events come in batches: what one tells may have been read since, on behalf of curl's
//  timer.
static bool
s_is_quiet (int fd)
{
    char byte;
    ssize_t size = recv (fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return size < 0 && (errno == EAGAIN || errno == EINTR);
}

static void
s_ready (void *arg, int fd, uint32_t events)
{
    http_sockets_t *self = arg;
    socket_row_t *row = s_row (self, fd);
    if (row->flags & SOCKET_WANTED) {
        int mask = 0;
        if (events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP | EPOLLERR))
            mask |= CURL_CSELECT_IN;
        if (events & EPOLLOUT)
            mask |= CURL_CSELECT_OUT;
        if (events & EPOLLERR)
            mask |= CURL_CSELECT_ERR;
        row->user->ready (row->user->arg, fd, mask);
        return;
    }
    if (!(row->flags & SOCKET_IDLE) || !self->exclusive)
        s_unwatch (self, row, fd);
    else if (!s_is_quiet (fd))
        s_retire (self, row, fd);
}

static void
s_want (http_sockets_t *self, socket_row_t *row, int fd, int what)
{
    uint16_t events = EPOLLRDHUP;
    if (what & CURL_POLL_IN)
        events |= EPOLLIN;
    if (what & CURL_POLL_OUT)
        events |= EPOLLOUT;
    s_end_idle (self, row);
    row->flags |= SOCKET_WANTED;
    if (row->flags & SOCKET_WATCHED && row->events == events)
        return;
    int rc = br_loop_watch (self->loop, fd, events, s_ready, self);
    if (rc) //  out of epoll's watches: the transfer runs into its deadline
        return;
    row->flags |= SOCKET_WATCHED;
    row->events = events;
}

static int
s_socket (CURL *easy, curl_socket_t fd, int what, void *arg, void *unused)
{
    (void) unused;
    http_sockets_user_t *user = arg;
    http_sockets_t *self = user->sockets;
    socket_row_t *row = s_row (self, fd);
    row->user = user;
    if (what != CURL_POLL_REMOVE) {
        s_want (self, row, fd, what);
        return 0;
    }
    row->flags &= (uint16_t) ~SOCKET_WANTED;
    if (!(row->flags & SOCKET_CONNECTION) || row->events & EPOLLOUT)
        s_unwatch (self, row, fd); //  curl closes its other descriptors by itself
    bool kept = row->flags & SOCKET_CONNECTION
                && !(row->flags & (SOCKET_IDLE | SOCKET_SHUT));
    if (kept && !self->busy (easy))
        s_begin_idle (self, row);
    return 0;
}

static curl_socket_t
s_open (void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void) purpose;
    http_sockets_t *self = arg;
    int fd = socket (address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                     address->protocol);
    if (fd < 0)
        return CURL_SOCKET_BAD;
    *s_row (self, fd) = (socket_row_t) { .flags = SOCKET_CONNECTION };
    return fd;
}

static int
s_close (void *arg, curl_socket_t fd)
{
    http_sockets_t *self = arg;
    socket_row_t *row = s_row (self, fd);
    s_end_idle (self, row);
    s_unwatch (self, row, fd);
    *row = (socket_row_t) { .flags = 0 };
    return close (fd);
}

static bool
s_never_busy (CURL *easy)
{
    (void) easy;
    return false;
}

http_sockets_t *
http_sockets_new (br_loop_t *loop, uint64_t idle_ms, bool exclusive)
{
    http_sockets_t *self = BR_NEW (http_sockets_t);
    self->loop = loop;
    self->busy = s_never_busy;
    self->idle_ms = idle_ms;
    self->exclusive = exclusive;
    return self;
}

void
http_sockets_destroy (http_sockets_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    http_sockets_t *self = *self_p;
    br_timer_cancel (self->loop, &self->sweep);
    for (size_t fd = 0; fd < self->rows_size; fd++)
        s_unwatch (self, &self->rows[fd], (int) fd);
    free (self->rows);
    free (self);
    *self_p = NULL;
}

void
http_sockets_serve_multi (http_sockets_t *self, CURLM *multi, http_sockets_user_t *user)
{
    user->sockets = self;
    curl_multi_setopt (multi, CURLMOPT_SOCKETFUNCTION, s_socket);
    curl_multi_setopt (multi, CURLMOPT_SOCKETDATA, user);
}

void
http_sockets_serve_easy (http_sockets_t *self, CURL *easy)
{
    curl_easy_setopt (easy, CURLOPT_OPENSOCKETFUNCTION, s_open);
    curl_easy_setopt (easy, CURLOPT_OPENSOCKETDATA, self);
    curl_easy_setopt (easy, CURLOPT_CLOSESOCKETFUNCTION, s_close);
    curl_easy_setopt (easy, CURLOPT_CLOSESOCKETDATA, self);
}

void
http_sockets_ask_busy (http_sockets_t *self, http_sockets_busy_fn *busy,
                       http_sockets_held_fn *held, void *arg)
{
    self->busy = busy;
    self->held = held;
    self->held_arg = arg;
}

unsigned
http_sockets_idle (const http_sockets_t *self)
{
    return self->idle;
}
