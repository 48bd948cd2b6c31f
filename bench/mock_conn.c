//  mock_conn: one connection of the mock provider. It is watched edge-triggered, once,
//  for all events; each event, timer and finished write ends in s_turn, which goes on as
//  far as the socket lets it.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <zlib.h>

#include "bench/mock_conn.h"
#include "bench/mock_reply.h"
#include "bench/mock_wire.h"
#include "broker/core/alloc.h"

#define READ_BYTES 65536
#define OUT_MAX (128 * 1024 * 1024) //  bytes of one answer
#define TURN_PIECES 256 //  of one stream without gaps, before others have a turn

typedef enum {
    PHASE_READ,   //  waits for a complete request
    PHASE_DELAY,  //  waits before the first byte
    PHASE_SEND,   //  sends pieces as fast as the socket takes them
    PHASE_GAP,    //  waits between two pieces
    PHASE_FINISH, //  all is written to out; waits until out is empty
    PHASE_STALL   //  says nothing any more
} phase_t;

struct _mock_conn_t {
    mock_server_t *server; //  borrowed
    br_loop_t *loop;       //  borrowed
    mock_conn_t **list;    //  borrowed
    mock_conn_t *previous;
    mock_conn_t *next;
    mock_wire_t wire;
    phase_t phase;
    br_timer_t timer;
    br_buf_t in;
    br_buf_t out;
    size_t out_at; //  bytes of out that are sent
    mock_request_t request;
    mock_script_t script;
    mock_reply_t *reply; //  owned; NULL while reading
    z_stream gzip;
    bool is_gzip;
    bool is_cut;  //  the connection ends where the answer stops
    bool expects; //  100 Continue was sent
    mock_ending_t ending;
};

static void s_timer (void *arg);
static int s_turn (mock_conn_t *self);

static uint64_t
s_now_ns (void)
{
    br_clock_t clock = br_clock_real ();
    return clock.now_ns (clock.state);
}

static void
s_request_done (mock_conn_t *self, const char *how)
{
    self->ending.how = how;
    self->ending.ended_ns = s_now_ns ();
    self->ending.chunks = self->reply ? mock_reply_count (self->reply) : 0;
    mock_server_log (self->server, &self->request, &self->ending);
    br_timer_cancel (self->loop, &self->timer);
    mock_reply_destroy (&self->reply);
    if (self->is_gzip)
        deflateEnd (&self->gzip);
    br_buf_shift (&self->in, self->request.used);
    mock_request_free (&self->request);
    mock_request_init (&self->request);
    self->is_gzip = self->is_cut = self->expects = false;
    self->phase = PHASE_READ;
}

//  how: of the request that is being answered, if there is one.
static void
s_close (mock_conn_t *self, const char *how)
{
    br_loop_unwatch (self->loop, self->wire.fd);
    if (self->script.reset && strcmp (how, "client_closed"))
        mock_wire_reset (&self->wire);
    else
        mock_wire_close (&self->wire);
    if (self->phase != PHASE_READ)
        s_request_done (self, how);
    if (self->previous)
        self->previous->next = self->next;
    else
        *self->list = self->next;
    if (self->next)
        self->next->previous = self->previous;
    mock_request_free (&self->request);
    br_buf_free (&self->in);
    br_buf_free (&self->out);
    free (self);
}

//  Holds the whole thread: timers are too coarse for gaps that short.
static void
s_pause (int us)
{
    struct timespec pause = { .tv_nsec = us * 1000L };
    nanosleep (&pause, NULL);
}

//  1 = all is sent, 0 = the socket is full, -1 = the client is gone.
static int
s_flush (mock_conn_t *self)
{
    size_t most = self->script.split ? (size_t) self->script.split : SIZE_MAX;
    while (self->out_at < self->out.size) {
        size_t left = self->out.size - self->out_at;
        ssize_t sent = mock_wire_write (&self->wire, self->out.data + self->out_at,
                                        left < most ? left : most);
        if (sent <= 0)
            return (int) sent;
        self->out_at += (size_t) sent;
        self->ending.bytes_sent += (uint64_t) sent;
        if (self->script.gap_us)
            s_pause (self->script.gap_us);
    }
    br_buf_clear (&self->out);
    self->out_at = 0;
    return 1;
}

static void
s_deflate (mock_conn_t *self, br_buf_t *packed, const br_buf_t *piece, bool is_last)
{
    uint8_t part[16384];
    self->gzip.next_in = piece->data;
    self->gzip.avail_in = (uInt) piece->size;
    do {
        self->gzip.next_out = part;
        self->gzip.avail_out = sizeof part;
        deflate (&self->gzip, is_last ? Z_FINISH : Z_SYNC_FLUSH);
        br_buf_add (packed, part, sizeof part - self->gzip.avail_out);
    } while (self->gzip.avail_out == 0);
}

static void
s_frame (mock_conn_t *self, const br_buf_t *piece, bool is_last)
{
    if (!mock_reply_is_chunked (self->reply)) {
        size_t size = self->is_cut ? piece->size / 2 : piece->size;
        br_buf_add (&self->out, piece->data, size);
        return;
    }
    br_buf_t packed;
    br_buf_init (&packed, OUT_MAX);
    if (self->is_gzip)
        s_deflate (self, &packed, piece, is_last);
    const br_buf_t *bytes = self->is_gzip ? &packed : piece;
    if (bytes->size) {
        br_buf_addf (&self->out, "%zx\r\n", bytes->size);
        br_buf_add (&self->out, bytes->data, bytes->size);
        br_buf_adds (&self->out, "\r\n");
    }
    if (is_last)
        br_buf_adds (&self->out, "0\r\n\r\n");
    br_buf_free (&packed);
}

//  Puts one piece, before the first one the head, into out. True while more follow.
static bool
s_piece (mock_conn_t *self)
{
    bool is_first = mock_reply_count (self->reply) == 0;
    br_buf_t piece;
    br_buf_init (&piece, OUT_MAX);
    bool more = mock_reply_next (self->reply, &piece, s_now_ns ());
    if (is_first)
        mock_reply_head (self->reply, &self->out, piece.size);
    s_frame (self, &piece, !more);
    br_buf_free (&piece);
    return more;
}

//  True where the script ends the answer, or all sound, before the next piece.
static bool
s_interrupt (mock_conn_t *self)
{
    int count = mock_reply_count (self->reply);
    bool is_stream = mock_reply_is_stream (self->reply);
    if (is_stream && self->script.stall_after == count) {
        self->phase = PHASE_STALL;
        return true;
    }
    if (is_stream && self->script.cut == count) {
        if (count == 0)
            mock_reply_head (self->reply, &self->out, 0);
        self->is_cut = true;
        self->phase = PHASE_FINISH;
        return true;
    }
    return false;
}

//  Sends pieces until a gap, the end, or a full socket. Returns as s_flush.
static int
s_send (mock_conn_t *self)
{
    for (int i = 0; i < TURN_PIECES; i++) {
        if (s_interrupt (self))
            return s_flush (self);
        bool more = s_piece (self);
        if (!more)
            self->phase = PHASE_FINISH;
        int rc = s_flush (self);
        if (rc != 1 || !more)
            return rc;
        if (self->script.gap_ms && mock_reply_is_stream (self->reply)) {
            self->phase = PHASE_GAP;
            br_timer_set (self->loop, &self->timer, (uint64_t) self->script.gap_ms,
                          s_timer, self);
            return 1;
        }
    }
    self->phase = PHASE_GAP;
    br_timer_set (self->loop, &self->timer, 1, s_timer, self);
    return 1;
}

//  0 = goes on, -1 = destroyed.
static int
s_finish (mock_conn_t *self)
{
    if (self->is_cut || !self->request.keep_alive) {
        s_close (self,
                 self->is_cut ? (self->script.reset ? "reset" : "cut") : "complete");
        return -1;
    }
    s_request_done (self, "complete");
    return 0;
}

//  A complete request: what shall happen? 0 = goes on, -1 = destroyed.
static int
s_start (mock_conn_t *self)
{
    char bad[64];
    int rc = mock_server_script (self->server, &self->request, &self->script, bad,
                                 sizeof bad);
    self->ending = (mock_ending_t) { .started_ns = s_now_ns () };
    self->phase = PHASE_STALL;
    if (self->server->shelf.recall && strncmp (self->request.path, "/mock/", 6))
        mock_recall_add (self->server->shelf.recall, &self->request, self->in.data);
    if (self->script.stall)
        return 0;
    if (self->script.empty || (self->script.reset && self->script.cut < 0)) {
        s_close (self, self->script.reset ? "reset" : "cut");
        return -1;
    }
    self->reply = mock_reply_new (&self->script, &self->request, &self->server->shelf);
    if (rc) {
        char why[128];
        snprintf (why, sizeof why, "mock: x-mock or the model has an unknown word: %s",
                  bad);
        mock_reply_refuse (self->reply, 400, why);
    }
    self->ending.status = mock_reply_status (self->reply);
    self->is_cut = self->script.cut >= 0 && !mock_reply_is_stream (self->reply);
    self->is_gzip = self->script.gzip
                    && deflateInit2 (&self->gzip, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 31,
                                     8, Z_DEFAULT_STRATEGY)
                           == Z_OK;
    self->phase = self->script.first_ms ? PHASE_DELAY : PHASE_SEND;
    if (self->script.first_ms)
        br_timer_set (self->loop, &self->timer, (uint64_t) self->script.first_ms, s_timer,
                      self);
    return 0;
}

//  Reads what there is. 0 = the socket is empty, -1 = the client is gone.
static int
s_read (mock_conn_t *self)
{
    uint8_t bytes[READ_BYTES];
    for (;;) {
        ssize_t size = mock_wire_read (&self->wire, bytes, sizeof bytes);
        if (size <= 0)
            return (int) size;
        if (br_buf_add (&self->in, bytes, (size_t) size))
            return -1;
        if (!self->wire.ssl && (size_t) size < sizeof bytes)
            return 0;
    }
}

//  Looks for a request in what was read. 1 = there is one, 0 = not yet, -1 = nonsense.
static int
s_parse (mock_conn_t *self)
{
    int rc = mock_request_parse (&self->request, &self->in);
    if (rc == 0 && self->request.expects && !self->expects) {
        self->expects = true;
        br_buf_adds (&self->out, "HTTP/1.1 100 Continue\r\n\r\n");
        rc = s_flush (self) < 0 ? -1 : 0;
    }
    return rc;
}

//  Goes on from any phase until it must wait. 0 = waits, -1 = destroyed.
static int
s_turn (mock_conn_t *self)
{
    for (;;) {
        int rc = 1;
        if (self->phase == PHASE_READ) {
            rc = s_parse (self);
            if (rc == 0)
                return 0;
            if (rc == 1 && s_start (self))
                return -1;
        } else
            rc = s_flush (self);
        if (rc == 1 && self->phase == PHASE_SEND)
            rc = s_send (self);
        if (rc < 0) {
            s_close (self, "client_closed");
            return -1;
        }
        if (rc == 0 || self->phase != PHASE_FINISH)
            return 0;
        if (s_finish (self))
            return -1;
    }
}

static void
s_timer (void *arg)
{
    mock_conn_t *self = arg;
    self->phase = PHASE_SEND;
    s_turn (self);
}

static void
s_event (void *arg, int fd, uint32_t events)
{
    (void) fd;
    mock_conn_t *self = arg;
    int rc = events & EPOLLIN ? s_read (self) : 0;
    if (rc < 0 || events & (EPOLLHUP | EPOLLERR)) {
        s_close (self, "client_closed");
        return;
    }
    //  A client that sent its request and closed at once still has its request read.
    if (s_turn (self) == 0 && events & EPOLLRDHUP)
        s_close (self, "client_closed");
}

void
mock_conn_open (mock_server_t *server, br_loop_t *loop, mock_conn_t **list, int fd)
{
    mock_conn_t *self = BR_NEW (mock_conn_t);
    self->server = server;
    self->loop = loop;
    self->list = list;
    mock_wire_open (&self->wire, fd, server->tls);
    br_buf_init (&self->in, MOCK_HEAD_MAX + 2 * (size_t) MOCK_BODY_MAX);
    br_buf_init (&self->out, OUT_MAX);
    mock_request_init (&self->request);
    self->next = *list;
    if (self->next)
        self->next->previous = self;
    *list = self;
    if (br_loop_watch (loop, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, s_event,
                       self))
        s_close (self, "client_closed");
}

void
mock_conn_close_all (mock_conn_t **list)
{
    while (*list)
        s_close (*list, "cut");
}
