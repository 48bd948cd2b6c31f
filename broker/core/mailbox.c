//  mailbox: the bound PULL of a host and its links to other hosts.
//
//  How a loss is seen: between processes libzmq tells the end of a connection, of the way
//  out by the outbox's monitor, of the way in by the mailbox's own monitor, which names a
//  descriptor that the peer's hello was heard on. Both come within a millisecond of a
//  crash; `gone` is raised after both (or a short grace), and after the mailbox was read
//  empty, so that nothing the peer sent is lost or comes after it. Inside a process there
//  is no connection to lose: the directory tells.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <zmq.h>

#include "broker/core/alloc.h"
#include "broker/core/inbox.h"
#include "broker/core/mailbox.h"

#define LINKS_MAX 256
#define RECV_HWM 1000     //  frames
#define FRAMES_A_TURN 64  //  read before sockets and timers get their turn
#define GONE_GRACE_MS 100 //  between the two losses of one peer
#define RETRY_MS 1        //  a full socket is tried again
#define HEARTBEAT_MS 200
#define HEARTBEAT_TIMEOUT_MS 600
#define FILLING_BYTES (BR_OUTBOX_MAX / 5 * 4)

typedef struct {
    br_mailbox_t *mailbox;
    uint32_t host;
    uint32_t life;
    br_outbox_t *outbox; //  NULL until linked
    br_inbox_t *inbox;
    void *monitor; //  of the outbox; NULL inside a process
    int monitor_fd;
    int in_fd;  //  descriptor that its frames come from; -1 unknown
    bool heard; //  its hello came
    bool acked; //  it heard ours
    bool told_up;
    bool told_filling;
    bool primed; //  its monitor was read once: only then does it signal
    bool out_lost;
    bool in_lost;
    br_timer_t grace;
} link_t;

struct _br_mailbox_t {
    br_loop_t *loop;
    void *zmq;
    const br_mailbox_handler_t *handler;
    void *arg;
    br_curve_t curve;
    bool has_curve;
    void *socket;
    int fd;
    void *monitor; //  of the socket
    int monitor_fd;
    char endpoint[256];
    uint32_t host;
    uint32_t life;
    link_t *links[LINKS_MAX];
    size_t links_size;
    bool *open;       //  by descriptor: a connection to us has it; owned
    size_t open_size; //  count
    bool inside;      //  inproc
    bool primed;      //  the own monitor was read once
    bool readable;    //  there may be something to read: it signals again only once
                      //  it was read empty
};

//  ---- links

static link_t *
s_find (const br_mailbox_t *self, uint32_t host, uint32_t life)
{
    for (size_t i = 0; i < self->links_size; i++)
        if (self->links[i]->host == host && self->links[i]->life == life)
            return self->links[i];
    return NULL;
}

static link_t *
s_make (br_mailbox_t *self, uint32_t host, uint32_t life)
{
    if (self->links_size == LINKS_MAX)
        return NULL;
    link_t *link = BR_NEW (link_t);
    link->mailbox = self;
    link->host = host;
    link->life = life;
    link->in_fd = -1;
    link->monitor_fd = -1;
    link->inbox = br_inbox_new ();
    self->links[self->links_size++] = link;
    return link;
}

//  The socket is told first: libzmq waits for ever to tell of an event when there is no
//  reader any more, with a lock that its user needs too.
static void
s_unmonitor (br_mailbox_t *self, void *socket, void **monitor, int *fd)
{
    if (!*monitor)
        return;
    zmq_socket_monitor (socket, NULL, 0);
    br_loop_unwatch (self->loop, *fd);
    zmq_close (*monitor);
    *monitor = NULL;
    *fd = -1;
}

static void
s_drop (br_mailbox_t *self, link_t *link)
{
    for (size_t i = 0; i < self->links_size; i++)
        if (self->links[i] == link)
            self->links[i] = self->links[--self->links_size];
    br_timer_cancel (self->loop, &link->grace);
    if (link->outbox)
        s_unmonitor (self, br_outbox_socket (link->outbox), &link->monitor,
                     &link->monitor_fd);
    br_outbox_destroy (&link->outbox);
    br_inbox_destroy (&link->inbox);
    free (link);
}

static void
s_told_up (br_mailbox_t *self, link_t *link)
{
    if (link->told_up || !link->heard || !link->acked)
        return;
    link->told_up = true;
    self->handler->up (self->arg, link->host, link->life);
}

static bool s_read (br_mailbox_t *self, size_t frames_max);

static void
s_gone (br_mailbox_t *self, uint32_t host, uint32_t life)
{
    while (s_read (self, FRAMES_A_TURN))
        ;
    link_t *link = s_find (self, host, life);
    if (!link)
        return;
    s_drop (self, link);
    self->handler->gone (self->arg, host, life);
}

static void
s_grace_over (void *arg)
{
    link_t *link = arg;
    s_gone (link->mailbox, link->host, link->life);
}

//  The link lives on for the moment.
static void
s_lost_later (br_mailbox_t *self, link_t *link)
{
    if (!br_timer_is_set (&link->grace))
        br_timer_set (self->loop, &link->grace, GONE_GRACE_MS, s_grace_over, link);
}

static void
s_lost (br_mailbox_t *self, link_t *link)
{
    if (link->out_lost && (link->in_lost || link->in_fd < 0))
        s_gone (self, link->host, link->life);
    else
        s_lost_later (self, link);
}

//  ---- monitors

//  The next event of a monitor: its number, with the value in *ret_value; 0 = none.
static unsigned
s_monitor_next (void *monitor, int32_t *ret_value)
{
    uint8_t head[6];
    int size = zmq_recv (monitor, head, sizeof head, ZMQ_DONTWAIT);
    if (size < 0)
        return 0;
    char address[256];
    zmq_recv (monitor, address, sizeof address, 0);
    uint16_t event;
    memcpy (&event, head, sizeof event);
    memcpy (ret_value, head + 2, sizeof *ret_value);
    return event;
}

#define LOSS_EVENTS                                                                      \
    (ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH                            \
     | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL        \
     | ZMQ_EVENT_CLOSED)

//  Those whose value is a descriptor.
#define IN_EVENTS (ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED)

static void
s_out_monitor (void *arg, int fd, uint32_t events)
{
    (void) fd;
    (void) events;
    link_t *link = arg;
    int32_t value;
    bool lost = false;
    while (s_monitor_next (link->monitor, &value))
        lost = true;
    if (lost) {
        link->out_lost = true;
        s_lost (link->mailbox, link);
    }
}

static void
s_note_open (br_mailbox_t *self, int fd, bool open)
{
    if (fd < 0)
        return;
    if ((size_t) fd >= self->open_size) {
        size_t size = (size_t) fd + 64;
        self->open = br_realloc (self->open, size * sizeof *self->open);
        memset (self->open + self->open_size, 0, size - self->open_size);
        self->open_size = size;
    }
    self->open[fd] = open;
}

//  Descriptors are used again: whose connection one is, and whether it still is, follows
//  from the order of the monitor's events, so they are read before each hello.
static void
s_in_monitor (void *arg, int fd, uint32_t events)
{
    (void) fd;
    (void) events;
    br_mailbox_t *self = arg;
    int32_t value;
    for (;;) { //  a loss may end the monitor too
        unsigned event = self->monitor ? s_monitor_next (self->monitor, &value) : 0;
        if (!event)
            return;
        s_note_open (self, value, event == ZMQ_EVENT_ACCEPTED);
        for (size_t i = 0; event != ZMQ_EVENT_ACCEPTED && i < self->links_size; i++) {
            link_t *link = self->links[i];
            if (link->in_fd != value || link->in_lost)
                continue;
            link->in_lost = true;
            s_lost (self, link);
            break;
        }
    }
}

//  Watches the losses of a socket; 0 or -1.
static int
s_monitor (br_mailbox_t *self, void *socket, int events, void **ret_monitor, int *ret_fd,
           br_loop_fd_fn *fn, void *arg)
{
    char address[64];
    snprintf (address, sizeof address, "inproc://br-monitor-%p", socket);
    int rc = zmq_socket_monitor (socket, address, events);
    void *monitor = rc == 0 ? zmq_socket (self->zmq, ZMQ_PAIR) : NULL;
    if (!monitor)
        return -1;
    size_t size = sizeof *ret_fd;
    rc = zmq_connect (monitor, address);
    if (rc == 0)
        rc = zmq_getsockopt (monitor, ZMQ_FD, ret_fd, &size);
    if (rc == 0)
        rc = br_loop_watch (self->loop, *ret_fd, EPOLLIN, fn, arg);
    if (rc) {
        zmq_socket_monitor (socket, NULL, 0);
        zmq_close (monitor);
        return -1;
    }
    *ret_monitor = monitor;
    return 0;
}

//  ---- what arrives

static uint32_t
s_get32 (const uint8_t *at)
{
    return (uint32_t) at[0] << 24 | (uint32_t) at[1] << 16 | (uint32_t) at[2] << 8
           | at[3];
}

static void
s_free_zmq (void *data, void *hint)
{
    (void) data;
    zmq_msg_close (hint);
    free (hint);
}

//  The bytes of a frame as a blob, without a copy.
static br_blob_t *
s_blob (zmq_msg_t *frame)
{
    zmq_msg_t *kept = BR_NEW (zmq_msg_t);
    zmq_msg_init (kept);
    zmq_msg_move (kept, frame);
    return br_blob_wrap (zmq_msg_data (kept), zmq_msg_size (kept), s_free_zmq, kept);
}

static void
s_deliver (br_mailbox_t *self, br_msg_t **msg_p)
{
    self->handler->arrived (self->arg, msg_p);
    br_msg_destroy (msg_p);
}

//  A message may come from actors of the host that sends the frame alone.
//  in:   frame, its head
static void
s_on_msg (br_mailbox_t *self, const uint8_t *frame, const uint8_t *bytes, size_t size,
          zmq_msg_t *body)
{
    size_t body_size;
    br_msg_t *msg = br_msg_decode (bytes, size, &body_size, NULL);
    if (!msg)
        return;
    if (msg->from.host != s_get32 (frame + 1) || msg->from.life != s_get32 (frame + 5)
        || (body_size && (!body || zmq_msg_size (body) != body_size))) {
        br_msg_destroy (&msg);
        return;
    }
    if (body_size) {
        msg->body = s_blob (body);
        msg->bytes += body_size;
    }
    s_deliver (self, &msg);
}

static void
s_on_pack (br_mailbox_t *self, const uint8_t *frame, size_t size)
{
    for (size_t at = BR_FRAME_HEAD; size - at >= 4;) {
        size_t part = s_get32 (frame + at);
        at += 4;
        if (part > size - at)
            return;
        s_on_msg (self, frame, frame + at, part, NULL);
        at += part;
    }
}

static void
s_on_large (link_t *link, const uint8_t *bytes, size_t size)
{
    if (size < 4)
        return;
    size_t body_size;
    br_msg_t *msg = br_msg_decode (bytes + 4, size - 4, &body_size, NULL);
    if (msg)
        br_inbox_begin (link->inbox, s_get32 (bytes), &msg, body_size, NULL);
    br_msg_destroy (&msg);
}

static void
s_on_part (br_mailbox_t *self, link_t *link, const uint8_t *bytes, size_t size,
           zmq_msg_t *body)
{
    if (size < 4 || !body)
        return;
    br_msg_t *msg = NULL;
    br_inbox_part (link->inbox, s_get32 (bytes), zmq_msg_data (body), zmq_msg_size (body),
                   &msg, NULL);
    if (link->outbox)
        br_outbox_signal (link->outbox, BR_FRAME_CREDIT, 1);
    if (msg)
        s_deliver (self, &msg);
}

static void
s_on_signal (br_mailbox_t *self, link_t *link, uint8_t kind, const uint8_t *bytes,
             size_t size)
{
    if (kind == BR_FRAME_HELLO) {
        link->heard = true;
        if (link->outbox)
            br_outbox_signal (link->outbox, BR_FRAME_ACK, 0);
    } else if (kind == BR_FRAME_ACK)
        link->acked = true;
    else if (kind == BR_FRAME_CREDIT && size >= 4 && link->outbox)
        br_outbox_credit (link->outbox, s_get32 (bytes));
    s_told_up (self, link);
}

//  A peer that is dead already when its hello is read is in_lost from the start.
static void
s_note_hello (br_mailbox_t *self, link_t *link, int fd)
{
    link->in_fd = fd;
    if (fd < 0 || ((size_t) fd < self->open_size && self->open[fd]))
        return;
    link->in_lost = true;
    s_lost_later (self, link);
}

//  A frame may name a peer that the directory has not told of yet: its link is made here
//  and waits for its outbox.
static void
s_on_frame (br_mailbox_t *self, zmq_msg_t *head, zmq_msg_t *body)
{
    const uint8_t *bytes = zmq_msg_data (head);
    size_t size = zmq_msg_size (head);
    if (size < BR_FRAME_HEAD)
        return;
    uint32_t host = s_get32 (bytes + 1);
    uint32_t life = s_get32 (bytes + 5);
    uint8_t kind = bytes[0];
    if (kind == BR_FRAME_MSG) {
        s_on_msg (self, bytes, bytes + BR_FRAME_HEAD, size - BR_FRAME_HEAD, body);
        return;
    }
    if (kind == BR_FRAME_PACK) {
        s_on_pack (self, bytes, size);
        return;
    }
    if (kind == BR_FRAME_HELLO && !self->inside)
        s_in_monitor (self, self->monitor_fd, 0);
    link_t *link = s_find (self, host, life);
    if (!link && kind == BR_FRAME_HELLO)
        link = s_make (self, host, life);
    if (!link)
        return;
    if (kind == BR_FRAME_HELLO && !self->inside)
        s_note_hello (self, link, zmq_msg_get (head, ZMQ_SRCFD));
    if (kind == BR_FRAME_LARGE)
        s_on_large (link, bytes + BR_FRAME_HEAD, size - BR_FRAME_HEAD);
    else if (kind == BR_FRAME_PART)
        s_on_part (self, link, bytes + BR_FRAME_HEAD, size - BR_FRAME_HEAD, body);
    else
        s_on_signal (self, link, kind, bytes + BR_FRAME_HEAD, size - BR_FRAME_HEAD);
}

//  Reads one whole message; false when there is none.
static bool
s_read_one (br_mailbox_t *self)
{
    zmq_msg_t head, body;
    zmq_msg_init (&head);
    if (zmq_msg_recv (&head, self->socket, ZMQ_DONTWAIT) < 0) {
        zmq_msg_close (&head);
        return false;
    }
    zmq_msg_init (&body);
    bool has_body = zmq_msg_more (&head);
    bool more = has_body && zmq_msg_recv (&body, self->socket, 0) >= 0
                && zmq_msg_more (&body);
    while (more) { //  none of ours has a third frame
        zmq_msg_t rest;
        zmq_msg_init (&rest);
        more = zmq_msg_recv (&rest, self->socket, 0) >= 0 && zmq_msg_more (&rest);
        zmq_msg_close (&rest);
    }
    s_on_frame (self, &head, has_body ? &body : NULL);
    zmq_msg_close (&head);
    zmq_msg_close (&body);
    return true;
}

//  True when there may be more.
static bool
s_read (br_mailbox_t *self, size_t frames_max)
{
    for (size_t i = 0; i < frames_max; i++)
        if (!s_read_one (self))
            return false;
    return true;
}

//  ---- the loop's view

static void
s_watch_filling (br_mailbox_t *self, link_t *link)
{
    size_t bytes = br_outbox_bytes (link->outbox);
    bool filling = bytes > FILLING_BYTES;
    if (filling && !link->told_filling)
        self->handler->filling (self->arg, link->host, bytes);
    link->told_filling = filling;
}

//  A pipe of libzmq tells of what comes only once it was found empty.
static void
s_prime (br_mailbox_t *self)
{
    if (!self->primed && self->monitor)
        s_in_monitor (self, self->monitor_fd, 0);
    self->primed = true;
    for (size_t i = self->links_size; i-- > 0;) {
        link_t *link = self->links[i];
        if (link->primed || !link->monitor)
            continue;
        link->primed = true;
        s_out_monitor (link, link->monitor_fd, 0);
        return; //  links may have moved; the rest is for the next turn
    }
}

uint64_t
br_mailbox_flush (br_mailbox_t *self)
{
    uint64_t wait_ms = UINT64_MAX;
    for (size_t i = 0; i < self->links_size; i++) {
        link_t *link = self->links[i];
        if (!link->outbox)
            continue;
        if (br_outbox_flush (link->outbox) && wait_ms > RETRY_MS)
            wait_ms = RETRY_MS;
        s_watch_filling (self, link);
    }
    return wait_ms;
}

static uint64_t
s_hook (void *arg)
{
    br_mailbox_t *self = arg;
    s_prime (self);
    bool busy = self->handler->busy && self->handler->busy (self->arg);
    if (self->readable && !busy)
        self->readable = s_read (self, FRAMES_A_TURN);
    uint64_t wait_ms = br_mailbox_flush (self);
    return self->readable ? 0 : wait_ms;
}

static void
s_readable (void *arg, int fd, uint32_t events)
{
    (void) fd;
    (void) events;
    ((br_mailbox_t *) arg)->readable = true; //  the hook of the next turn reads
}

static int
s_bind (br_mailbox_t *self, const char *endpoint)
{
    const int one = 1, zero = 0, hwm = RECV_HWM;
    const int beat = HEARTBEAT_MS, timeout = HEARTBEAT_TIMEOUT_MS;
    self->socket = zmq_socket (self->zmq, ZMQ_PULL);
    if (!self->socket)
        return -1;
    int rc = zmq_setsockopt (self->socket, ZMQ_LINGER, &zero, sizeof zero);
    rc |= zmq_setsockopt (self->socket, ZMQ_RCVHWM, &hwm, sizeof hwm);
    rc |= zmq_setsockopt (self->socket, ZMQ_HEARTBEAT_IVL, &beat, sizeof beat);
    rc |= zmq_setsockopt (self->socket, ZMQ_HEARTBEAT_TIMEOUT, &timeout, sizeof timeout);
    if (self->has_curve && !self->inside) {
        rc |= zmq_setsockopt (self->socket, ZMQ_CURVE_SERVER, &one, sizeof one);
        rc |= zmq_setsockopt (self->socket, ZMQ_CURVE_SECRETKEY, self->curve.secret_key,
                              40);
    }
    if (rc == 0 && !self->inside)
        rc = s_monitor (self, self->socket, IN_EVENTS, &self->monitor, &self->monitor_fd,
                        s_in_monitor, self);
    if (rc == 0)
        rc = zmq_bind (self->socket, endpoint);
    size_t size = sizeof self->endpoint;
    if (rc == 0)
        rc = zmq_getsockopt (self->socket, ZMQ_LAST_ENDPOINT, self->endpoint, &size);
    size = sizeof self->fd;
    if (rc == 0)
        rc = zmq_getsockopt (self->socket, ZMQ_FD, &self->fd, &size);
    if (rc == 0)
        rc = br_loop_watch (self->loop, self->fd, EPOLLIN, s_readable, self);
    return rc;
}

br_mailbox_t *
br_mailbox_new (br_loop_t *loop, void *zmq, const char *endpoint, const br_curve_t *curve,
                const br_mailbox_handler_t *handler, void *arg, br_error_t *reterr)
{
    br_mailbox_t *self = BR_NEW (br_mailbox_t);
    self->loop = loop;
    self->zmq = zmq;
    self->handler = handler;
    self->arg = arg;
    self->fd = -1;
    self->readable = true;
    self->monitor_fd = -1;
    self->inside = strncmp (endpoint, "inproc:", 7) == 0;
    self->has_curve = curve && *curve->public_key;
    if (curve)
        self->curve = *curve;
    if (s_bind (self, endpoint)) {
        br_error_set (reterr, BR_ESYSTEM, "cannot bind the mailbox %s: %s", endpoint,
                      zmq_strerror (zmq_errno ()));
        br_mailbox_destroy (&self);
        return NULL;
    }
    br_loop_hook (loop, s_hook, self);
    return self;
}

void
br_mailbox_destroy (br_mailbox_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_mailbox_t *self = *self_p;
    br_loop_unhook (self->loop, s_hook, self);
    br_mailbox_flush (self); //  last words
    while (self->links_size)
        s_drop (self, self->links[0]);
    if (self->socket) {
        s_unmonitor (self, self->socket, &self->monitor, &self->monitor_fd);
        if (self->fd >= 0)
            br_loop_unwatch (self->loop, self->fd);
        zmq_close (self->socket);
    }
    free (self->open);
    free (self);
    *self_p = NULL;
}

const char *
br_mailbox_endpoint (const br_mailbox_t *self)
{
    return self->endpoint;
}

void
br_mailbox_set_self (br_mailbox_t *self, uint32_t host, uint32_t life)
{
    self->host = host;
    self->life = life;
    for (size_t i = 0; i < self->links_size; i++)
        if (self->links[i]->outbox)
            br_outbox_set_sender (self->links[i]->outbox, host, life);
}

int
br_mailbox_link (br_mailbox_t *self, uint32_t host, uint32_t life, const char *endpoint,
                 const char *server_key, br_error_t *reterr)
{
    link_t *link = s_find (self, host, life);
    if (link && link->outbox)
        return 0;
    if (!link)
        link = s_make (self, host, life);
    if (!link)
        return br_error_set (reterr, BR_ESYSTEM, "more than %d links", LINKS_MAX);
    link->outbox = br_outbox_new (self->zmq, endpoint, &self->curve, server_key, reterr);
    int rc = link->outbox ? 0 : -1;
    if (rc == 0 && !self->inside)
        rc = s_monitor (self, br_outbox_socket (link->outbox), LOSS_EVENTS,
                        &link->monitor, &link->monitor_fd, s_out_monitor, link);
    if (rc) {
        s_drop (self, link);
        return -1;
    }
    br_outbox_set_sender (link->outbox, self->host, self->life);
    if (self->host) //  who has no number yet can't be answered
        br_outbox_signal (link->outbox, BR_FRAME_HELLO, 0);
    if (link->heard)
        br_outbox_signal (link->outbox, BR_FRAME_ACK, 0);
    return 0;
}

void
br_mailbox_unlink (br_mailbox_t *self, uint32_t host, uint32_t life)
{
    s_gone (self, host, life);
}

bool
br_mailbox_is_up (const br_mailbox_t *self, uint32_t host, uint32_t life)
{
    const link_t *link = s_find (self, host, life);
    return link && link->told_up;
}

int
br_mailbox_send (br_mailbox_t *self, br_msg_t **msg_p, br_error_t *reterr)
{
    link_t *link = s_find (self, (*msg_p)->to.host, (*msg_p)->to.life);
    if (!link || !link->outbox)
        return br_error_set (reterr, BR_EGONE, "%s: host %u is gone",
                             br_verb_name ((*msg_p)->verb), (*msg_p)->to.host);
    return br_outbox_send (link->outbox, msg_p, reterr);
}

size_t
br_mailbox_bytes (const br_mailbox_t *self)
{
    size_t bytes = 0;
    for (size_t i = 0; i < self->links_size; i++)
        if (self->links[i]->outbox)
            bytes += br_outbox_bytes (self->links[i]->outbox);
    return bytes;
}
