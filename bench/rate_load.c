//  rate_load: the load itself. Request number k of a constant rate is due at start +
//  k/rate whatever the server does, and its latency counts from there: a server that
//  stalls pays for every request that should have been sent meanwhile.

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench/rate_load.h"
#include "bench/rate_reply.h"
#include "broker/core/alloc.h"

#define NS_PER_S 1000000000ull
#define GRACE_NS (1 * NS_PER_S) //  for late answers after the window
#define OPENING_MAX 128         //  held streams that are being opened at once
#define OPEN_LIMIT_NS (60 * NS_PER_S)
#define EVENTS_MAX 256
#define SLEEP_MAX_NS (20 * 1000 * 1000ull)
#define UNREAD_FIRST 512 //  bytes read of an answer that nobody reads on

typedef struct _load_t load_t;

typedef struct {
    load_t *load;    //  borrowed
    int fd;          //  -1 = not connected
    bool is_busy;    //  a request is under way
    bool is_fresh;   //  nothing of the answer has come yet
    uint64_t due_ns; //  when the request should have been sent
    size_t sent;     //  bytes of the request
    uint64_t events; //  in the window
    rate_reply_t reply;
} conn_t;

struct _load_t {
    const rate_plan_t *plan;
    rate_cpu_t *cpu;
    rate_result_t *result;
    int epoll_fd;
    uint64_t now_ns;
    uint64_t start_ns;
    uint64_t from_ns; //  the window; UINT64_MAX = not known yet
    uint64_t to_ns;
    bool in_window;
    uint64_t next; //  number of the next request of a constant rate
    conn_t *conns;
    conn_t **idle; //  a stack
    size_t idle_size;
    size_t opening; //  held streams without their first byte
    size_t open;
    size_t failed;
    bool is_open;
};

static uint64_t
s_now_ns (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * NS_PER_S + (uint64_t) now.tv_nsec;
}

static void
s_event (void *arg, uint64_t sent_ns)
{
    conn_t *conn = arg;
    load_t *load = conn->load;
    if (!load->in_window)
        return;
    conn->events++;
    load->result->events++;
    if (sent_ns && load->now_ns > sent_ns)
        rate_hist_add (&load->result->event, load->now_ns - sent_ns);
}

static const int s_unread_room = 4096; //  bytes of a socket that nobody reads

static int
s_connect (conn_t *conn)
{
    load_t *load = conn->load;
    int on = 1;
    conn->fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (conn->fd < 0)
        return -1;
    setsockopt (conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (load->plan->unread)
        setsockopt (conn->fd, SOL_SOCKET, SO_RCVBUF, &s_unread_room,
                    sizeof s_unread_room);
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
        .data.ptr = conn,
    };
    int rc = connect (conn->fd, (const struct sockaddr *) &load->plan->address,
                      sizeof load->plan->address);
    if ((rc && errno != EINPROGRESS)
        || epoll_ctl (load->epoll_fd, EPOLL_CTL_ADD, conn->fd, &event)) {
        close (conn->fd);
        conn->fd = -1;
        return -1;
    }
    load->result->connects++;
    return 0;
}

static void
s_disconnect (conn_t *conn)
{
    if (conn->fd >= 0)
        close (conn->fd);
    conn->fd = -1;
}

//  The request of a connection is over, well or not.
static void
s_ended (conn_t *conn, bool is_good)
{
    load_t *load = conn->load;
    conn->is_busy = false;
    if (load->plan->holds) {
        load->opening -= conn->is_fresh;
        load->failed += conn->is_fresh;
        load->result->ended += !conn->is_fresh;
        s_disconnect (conn);
        return;
    }
    bool is_sent = conn->sent == load->plan->request_size;
    if (!conn->reply.keep_alive || !is_good || !is_sent)
        s_disconnect (conn);
    load->idle[load->idle_size++] = conn;
    bool counts = load->plan->rate > 0 ? conn->due_ns >= load->from_ns : load->in_window;
    if (!counts)
        return;
    if (!is_good) {
        load->result->errors++;
        return;
    }
    load->result->requests += load->in_window;
    load->result->body_bytes += conn->reply.body_bytes;
    rate_hist_add (&load->result->latency, load->now_ns - conn->due_ns);
}

static void
s_write (conn_t *conn)
{
    const rate_plan_t *plan = conn->load->plan;
    while (conn->sent < plan->request_size) {
        ssize_t rc = send (conn->fd, plan->request + conn->sent,
                           plan->request_size - conn->sent, MSG_NOSIGNAL);
        if (rc < 0) {
            if (errno != EAGAIN && errno != ENOTCONN)
                s_ended (conn, false);
            return;
        }
        conn->sent += (size_t) rc;
    }
}

static void
s_first_byte (conn_t *conn)
{
    load_t *load = conn->load;
    conn->is_fresh = false;
    if (load->plan->holds) {
        load->opening--;
        load->open++;
    } else if (load->in_window)
        rate_hist_add (&load->result->first, load->now_ns - conn->due_ns);
}

//  True while there may be more to read. Edges come once: after the other side's end was
//  told, only reading to that end will do.
static bool
s_read_part (conn_t *conn, bool is_ending)
{
    uint8_t bytes[65536];
    bool unread = conn->load->plan->unread;
    if (unread && !conn->is_fresh && !is_ending)
        return false;
    size_t room = unread ? UNREAD_FIRST : sizeof bytes;
    ssize_t size = recv (conn->fd, bytes, room, 0);
    if (size < 0 && (errno == EAGAIN || errno == ENOTCONN))
        return false;
    if (!conn->is_busy) { //  closed while idle: the next request connects anew
        s_disconnect (conn);
        return false;
    }
    if (size <= 0) {
        bool is_end = size == 0 && rate_reply_closed (&conn->reply);
        s_ended (conn, is_end && rate_reply_is_good (&conn->reply));
        return false;
    }
    conn->load->now_ns = s_now_ns ();
    if (conn->is_fresh)
        s_first_byte (conn);
    int rc = rate_reply_feed (&conn->reply, bytes, (size_t) size);
    if (rc)
        s_ended (conn, rc == 1 && rate_reply_is_good (&conn->reply));
    return is_ending || (rc == 0 && !unread && (size_t) size == room);
}

static void
s_ask (conn_t *conn, uint64_t due_ns)
{
    conn->is_busy = true;
    conn->is_fresh = true;
    conn->due_ns = due_ns;
    conn->sent = 0;
    rate_reply_init (&conn->reply, s_event, conn);
    if (conn->fd < 0 && s_connect (conn))
        s_ended (conn, false);
    else
        s_write (conn);
}

static bool
s_is_over (const load_t *self)
{
    return self->to_ns != UINT64_MAX && self->now_ns >= self->to_ns;
}

//  When the next request of a constant rate has to leave.
static uint64_t
s_due_ns (const load_t *self)
{
    double after_ns = (double) self->next * (double) NS_PER_S / self->plan->rate;
    return self->start_ns + (uint64_t) after_ns;
}

//  Opens held streams, at the rate where there is one, so that their chunks do not come
//  all at once later. Returns as s_send_due.
static uint64_t
s_open_due (load_t *self)
{
    size_t turns = self->idle_size;
    while (turns-- && self->opening < OPENING_MAX) {
        uint64_t due_ns = self->plan->rate > 0 ? s_due_ns (self) : self->now_ns;
        if (due_ns > self->now_ns)
            return due_ns - self->now_ns;
        self->next++;
        self->opening++;
        s_ask (self->idle[--self->idle_size], due_ns);
    }
    return SLEEP_MAX_NS;
}

//  Sends what is due, and tells how long nothing will be, in ns.
static uint64_t
s_send_due (load_t *self)
{
    const rate_plan_t *plan = self->plan;
    //  A connection that fails at once comes back here at once: one round a turn.
    size_t turns = self->idle_size;
    if (plan->holds)
        return s_open_due (self);
    if (plan->rate <= 0) {
        for (size_t i = 0; i < turns && self->idle_size && !s_is_over (self); i++)
            s_ask (self->idle[--self->idle_size], self->now_ns);
        return self->idle_size && !s_is_over (self) ? 0 : SLEEP_MAX_NS;
    }
    while (turns-- && self->idle_size) {
        uint64_t due_ns = s_due_ns (self);
        if (due_ns >= self->to_ns)
            return SLEEP_MAX_NS;
        if (due_ns > self->now_ns)
            return due_ns - self->now_ns;
        self->next++;
        s_ask (self->idle[--self->idle_size], due_ns);
    }
    return self->idle_size ? 0 : SLEEP_MAX_NS;
}

//  Opens and shuts the window of measurement.
static void
s_window (load_t *self)
{
    self->now_ns = s_now_ns ();
    if (!self->in_window && self->from_ns <= self->now_ns && self->now_ns < self->to_ns) {
        self->from_ns = self->now_ns;
        self->in_window = true;
        rate_cpu_start (self->cpu);
    }
    if (self->in_window && s_is_over (self)) {
        self->in_window = false;
        rate_cpu_stop (self->cpu);
        self->result->window_s = (double) (self->now_ns - self->from_ns) / 1e9;
    }
}

//  Held streams: the window is set once all are open, or have failed.
static void
s_check_open (load_t *self)
{
    bool waits = self->idle_size || self->opening;
    if (self->is_open || (waits && self->now_ns < self->start_ns + OPEN_LIMIT_NS))
        return;
    self->is_open = true;
    if (self->plan->opened)
        self->plan->opened (self->plan->arg, self->open, self->failed + self->opening);
    if (self->plan->seconds <= 0)
        return;
    self->from_ns = self->now_ns + (uint64_t) (self->plan->warmup_s * 1e9);
    self->to_ns = self->from_ns + (uint64_t) (self->plan->seconds * 1e9);
}

//  A sleep that ends at a time, if that lies ahead, and is never over the longest one.
static uint64_t
s_until (const load_t *self, uint64_t time_ns, uint64_t sleep_ns)
{
    if (time_ns > self->now_ns && time_ns - self->now_ns < sleep_ns)
        sleep_ns = time_ns - self->now_ns;
    return sleep_ns < SLEEP_MAX_NS ? sleep_ns : SLEEP_MAX_NS;
}

static void
s_turn (load_t *self)
{
    uint64_t sleep_ns = s_send_due (self);
    sleep_ns = s_until (self, self->from_ns, sleep_ns);
    sleep_ns = s_until (self, self->to_ns, sleep_ns);
    struct timespec wait = { .tv_nsec = (long) sleep_ns };
    struct epoll_event events[EVENTS_MAX];
    int size = epoll_pwait2 (self->epoll_fd, events, EVENTS_MAX, &wait, NULL);
    self->now_ns = s_now_ns ();
    for (int i = 0; i < size; i++) {
        conn_t *conn = events[i].data.ptr;
        if (conn->is_busy && events[i].events & EPOLLOUT)
            s_write (conn);
        bool is_ending = events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
        while (conn->fd >= 0 && s_read_part (conn, is_ending))
            continue;
    }
}

//  Requests that never got an answer, and those that were never sent.
static void
s_count_unfinished (load_t *self)
{
    if (self->plan->holds || self->plan->rate <= 0)
        return;
    uint64_t now_ns = s_now_ns ();
    for (size_t i = 0; i < self->plan->connections; i++) {
        const conn_t *conn = &self->conns[i];
        if (!conn->is_busy || conn->due_ns < self->from_ns)
            continue;
        self->result->unfinished++;
        rate_hist_add (&self->result->latency, now_ns - conn->due_ns);
    }
    for (; s_due_ns (self) < self->to_ns; self->next++) {
        uint64_t due_ns = s_due_ns (self);
        if (due_ns < self->from_ns || due_ns > now_ns)
            continue;
        self->result->unfinished++;
        rate_hist_add (&self->result->latency, now_ns - due_ns);
    }
}

//  Held streams that are no good, and how the worst of the others did.
static void
s_count_held (load_t *self)
{
    rate_result_t *result = self->result;
    result->failed = self->failed + self->opening;
    if (!self->plan->holds)
        return;
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < self->plan->connections; i++) {
        const conn_t *conn = &self->conns[i];
        if (!conn->is_busy || conn->is_fresh)
            continue;
        bool is_well = conn->reply.status == 200 && !conn->reply.has_error;
        result->failed += !is_well;
        least = conn->events < least ? conn->events : least;
    }
    result->least = least == UINT64_MAX ? 0 : least;
}

static bool
s_goes_on (const load_t *self)
{
    if (!s_is_over (self) || self->in_window)
        return true;
    if (self->plan->holds || self->plan->rate <= 0)
        return false;
    bool has_busy = self->idle_size < self->plan->connections;
    return (has_busy || s_due_ns (self) < self->to_ns)
           && self->now_ns < self->to_ns + GRACE_NS;
}

static int
s_open (load_t *self)
{
    const rate_plan_t *plan = self->plan;
    prctl (PR_SET_TIMERSLACK, 1ul, 0ul, 0ul, 0ul);
    self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
    if (self->epoll_fd < 0)
        return -1;
    self->conns = br_alloc (plan->connections, sizeof (conn_t));
    self->idle = br_alloc (plan->connections, sizeof (conn_t *));
    for (size_t i = 0; i < plan->connections; i++) {
        conn_t *conn = &self->conns[plan->connections - 1 - i];
        conn->load = self;
        conn->fd = -1;
        self->idle[self->idle_size++] = conn;
    }
    self->start_ns = self->now_ns = s_now_ns ();
    self->from_ns = self->to_ns = UINT64_MAX;
    if (!plan->holds) {
        self->from_ns = self->start_ns + (uint64_t) (plan->warmup_s * 1e9);
        self->to_ns = self->from_ns + (uint64_t) (plan->seconds * 1e9);
    }
    return 0;
}

int
rate_load_run (const rate_plan_t *plan, rate_cpu_t *cpu, rate_result_t *ret_result,
               const volatile int *stop)
{
    load_t self = { .plan = plan, .cpu = cpu, .result = ret_result };
    if (s_open (&self))
        return -1;
    while (!*stop && s_goes_on (&self)) {
        s_turn (&self);
        if (plan->holds)
            s_check_open (&self);
        s_window (&self);
    }
    s_count_unfinished (&self);
    s_count_held (&self);
    for (size_t i = 0; i < plan->connections; i++)
        s_disconnect (&self.conns[i]);
    close (self.epoll_fd);
    free (self.conns);
    free (self.idle);
    return 0;
}
