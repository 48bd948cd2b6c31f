//  event_socket: where events leave.

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <zmq.h>

#include "broker/core/alloc.h"
#include "broker/core/event_socket.h"

#define SOCKET_HWM 10000 //  events that a slow subscriber may lag; then it loses some
#define REMOTE_MAX 4096  //  bytes of a subscription with what CURVE adds
#define START "{\"event\":\"" //  of every line
#define TRACE_TOPIC "message"

struct _br_event_socket_t {
    br_loop_t *loop;
    void *socket;
    int fd;
    br_event_socket_fn *fn;
    void *arg;
    unsigned topics;              //  count of subscriptions
    unsigned traces;              //  of them to "message"
    char remote[BR_ENDPOINT_MAX]; //  over tcp; empty: nowhere
};

//  A subscription comes as a byte 1 (on) or 0 (off) and the topic.
static void
s_subscription (br_event_socket_t *self, const uint8_t *bytes, size_t size)
{
    size_t topic = sizeof TRACE_TOPIC - 1;
    bool trace = size - 1 == topic && memcmp (bytes + 1, TRACE_TOPIC, topic) == 0;
    if (bytes[0]) {
        self->topics++;
        self->traces += trace;
    } else {
        self->topics -= self->topics > 0;
        self->traces -= trace && self->traces > 0;
    }
}

static uint64_t
s_hook (void *arg)
{
    br_event_socket_t *self = arg;
    bool changed = false;
    uint8_t bytes[256];
    int size;
    while ((size = zmq_recv (self->socket, bytes, sizeof bytes, ZMQ_DONTWAIT)) >= 0) {
        if (size < 1 || (size_t) size > sizeof bytes)
            continue;
        s_subscription (self, bytes, (size_t) size);
        changed = true;
    }
    if (changed)
        self->fn (self->arg, self->topics > 0, self->traces > 0);
    return UINT64_MAX;
}

static void
s_readable (void *arg, int fd, uint32_t events)
{
    (void) arg;
    (void) fd;
    (void) events; //  the hook of the next turn reads
}

br_event_socket_t *
br_event_socket_new (br_loop_t *loop, void *zmq, const char *endpoint,
                     br_event_socket_fn *fn, void *arg, br_error_t *reterr)
{
    br_event_socket_t *self = BR_NEW (br_event_socket_t);
    self->loop = loop;
    self->fn = fn;
    self->arg = arg;
    self->fd = -1;
    self->socket = zmq_socket (zmq, ZMQ_XPUB);
    const int zero = 0, hwm = SOCKET_HWM;
    size_t size = sizeof self->fd;
    int rc = self->socket ? 0 : -1;
    if (rc == 0) {
        zmq_setsockopt (self->socket, ZMQ_LINGER, &zero, sizeof zero);
        zmq_setsockopt (self->socket, ZMQ_SNDHWM, &hwm, sizeof hwm);
        mode_t before = umask (0177); //  events tell who asks for what
        rc = zmq_bind (self->socket, endpoint);
        umask (before);
    }
    if (rc == 0)
        rc = zmq_getsockopt (self->socket, ZMQ_FD, &self->fd, &size);
    if (rc == 0)
        rc = br_loop_watch (loop, self->fd, EPOLLIN, s_readable, self);
    if (rc) {
        br_error_set (reterr, BR_ESYSTEM, "cannot bind the event socket %s: %s", endpoint,
                      zmq_strerror (zmq_errno ()));
        br_event_socket_destroy (&self);
        return NULL;
    }
    br_loop_hook (loop, s_hook, self);
    return self;
}

void
br_event_socket_destroy (br_event_socket_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_event_socket_t *self = *self_p;
    br_loop_unhook (self->loop, s_hook, self);
    if (self->fd >= 0)
        br_loop_unwatch (self->loop, self->fd);
    if (self->socket)
        zmq_close (self->socket);
    free (self);
    *self_p = NULL;
}

static void
s_publish (br_event_socket_t *self, const char *line, size_t size)
{
    const char *name = line + sizeof START - 1;
    if (size < sizeof START || memcmp (line, START, sizeof START - 1) != 0)
        return;
    const char *end = memchr (name, '"', size - (sizeof START - 1));
    if (!end)
        return;
    zmq_send (self->socket, name, (size_t) (end - name), ZMQ_DONTWAIT | ZMQ_SNDMORE);
    zmq_send (self->socket, line, size, ZMQ_DONTWAIT);
}

void
br_event_socket_publish (br_event_socket_t *self, const char *lines, size_t size)
{
    const char *end = size ? lines + size : lines;
    while (lines < end) {
        const char *stop = memchr (lines, '\n', (size_t) (end - lines));
        if (!stop)
            stop = end;
        s_publish (self, lines, (size_t) (stop - lines));
        lines = stop + 1;
    }
}

bool
br_event_socket_is_wanted (const br_event_socket_t *self)
{
    return self->topics > 0;
}

int
br_event_socket_open_remote (br_event_socket_t *self, void *zmq, const char *endpoint,
                             const br_curve_t *keys, br_error_t *reterr)
{
    return br_remote_bind (zmq, self->socket, endpoint, keys, REMOTE_MAX, self->remote,
                           reterr);
}

const char *
br_event_socket_remote (const br_event_socket_t *self)
{
    return *self->remote ? self->remote : NULL;
}
