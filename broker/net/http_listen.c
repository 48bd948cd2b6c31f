//  http_listen: sockets, addresses and accept. Shards that share a port each have their
//  own socket (SO_REUSEPORT), so nobody else takes what waits in this backlog.

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/core/port_holder.h"
#include "broker/net/http_listen.h"

#define SOCKETS_MAX 32       //  listening sockets of one server
#define BACKLOG 4096         //  connections; the kernel's own bound may be lower
#define ACCEPTS_A_TURN 32    //  connections, before others get their turn
#define SHORTAGE_WAIT_MS 100 //  pause after accept ran out of descriptors or memory
#define WHO_BYTES 128        //  of the words on who holds a port
#define PORT_TRIES 16        //  attempts to find one free port for both localhosts

typedef union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} address_t;

struct _http_listen_t {
    br_loop_t *loop; //  borrowed
    http_listen_fn *fn;
    void *arg; //  borrowed
    bool reuse_port;
    bool paused;
    br_timer_t shortage; //  runs while accept lacks descriptors
    int fds[SOCKETS_MAX];
    size_t fds_size;
    uint16_t ports[SOCKETS_MAX]; //  by address of the configuration
    size_t ports_size;
};

static socklen_t
s_size (const address_t *address)
{
    return address->any.sa_family == AF_INET6 ? sizeof address->v6 : sizeof address->v4;
}

//  ---- addresses

//  Splits "host:port"; the host loses its brackets.
static int
s_split (const char *text, char *host, size_t host_size, uint16_t *ret_port)
{
    const char *colon = strrchr (text, ':');
    if (!colon || colon == text || !colon[1] || strlen (colon + 1) > 5)
        return -1;
    unsigned long port = 0;
    for (const char *c = colon + 1; *c; c++) {
        if (*c < '0' || *c > '9')
            return -1;
        port = port * 10 + (unsigned long) (*c - '0');
    }
    size_t size = (size_t) (colon - text);
    if (*text == '[' && colon[-1] == ']') {
        text++;
        size -= 2;
    }
    if (port > UINT16_MAX || size == 0 || size >= host_size)
        return -1;
    memcpy (host, text, size);
    host[size] = '\0';
    *ret_port = (uint16_t) port;
    return 0;
}

static int
s_numeric (const char *host, uint16_t port, address_t *ret_address)
{
    memset (ret_address, 0, sizeof *ret_address);
    if (inet_pton (AF_INET, host, &ret_address->v4.sin_addr) == 1) {
        ret_address->v4.sin_family = AF_INET;
        ret_address->v4.sin_port = htons (port);
        return 0;
    }
    if (inet_pton (AF_INET6, host, &ret_address->v6.sin6_addr) == 1) {
        ret_address->v6.sin6_family = AF_INET6;
        ret_address->v6.sin6_port = htons (port);
        return 0;
    }
    return -1;
}

//  ---- sockets

//  A bound, listening socket, or -1 with errno.
static int
s_bind (const http_listen_t *self, const address_t *address)
{
    int kind = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    int fd = socket (address->any.sa_family, kind, 0);
    if (fd < 0)
        return -1;
    int on = 1;
    int rc = setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (!rc && self->reuse_port)
        rc = setsockopt (fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (!rc && address->any.sa_family == AF_INET6)
        rc = setsockopt (fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (!rc)
        rc = bind (fd, &address->any, s_size (address));
    if (!rc)
        rc = listen (fd, BACKLOG);
    if (!rc)
        return fd;
    int kept = errno;
    close (fd);
    errno = kept;
    return -1;
}

static uint16_t
s_bound_port (int fd)
{
    address_t address = { 0 };
    socklen_t size = sizeof address;
    if (getsockname (fd, &address.any, &size))
        return 0;
    bool v6 = address.any.sa_family == AF_INET6;
    return ntohs (v6 ? address.v6.sin6_port : address.v4.sin_port);
}

//  A port that is in use: by whom, when the system tells.
static int
s_bind_failed (const char *text, uint16_t port, br_error_t *reterr)
{
    char who[WHO_BYTES];
    int reason = errno;
    if (reason != EADDRINUSE)
        return br_error_set (reterr, BR_ECONFIG, "listen on %s: %s; name another address",
                             text, strerror (reason));
    br_port_holder_say (port, who, sizeof who);
    return br_error_set (reterr, BR_ECONFIG,
                         "listen on %s: %s; %s; stop what holds it, or name another "
                         "address",
                         text, strerror (reason), who);
}

static int
s_open_one (http_listen_t *self, const char *text, const char *host, uint16_t port,
            br_error_t *reterr)
{
    address_t address;
    if (s_numeric (host, port, &address))
        return br_error_set (reterr, BR_ECONFIG,
                             "listen on %s: write an IP address or localhost, and a port",
                             text);
    int fd = s_bind (self, &address);
    if (fd < 0)
        return s_bind_failed (text, port, reterr);
    self->fds[self->fds_size++] = fd;
    self->ports[self->ports_size++] = s_bound_port (fd);
    return 0;
}

//  Both loopback addresses under one port. A machine without IPv6 gets the first alone.
static int
s_open_localhost (http_listen_t *self, const char *text, uint16_t port,
                  br_error_t *reterr)
{
    for (int tries = 0; tries < PORT_TRIES; tries++) {
        address_t address;
        s_numeric ("127.0.0.1", port, &address);
        int fd = s_bind (self, &address);
        if (fd < 0)
            return s_bind_failed (text, port, reterr);
        uint16_t bound = s_bound_port (fd);
        s_numeric ("::1", bound, &address);
        int fd6 = s_bind (self, &address);
        if (fd6 < 0 && errno == EADDRINUSE) {
            close (fd);
            errno = EADDRINUSE;
            if (port)
                break;
            continue; //  the port that the kernel chose is taken on the other address
        }
        self->fds[self->fds_size++] = fd;
        if (fd6 >= 0)
            self->fds[self->fds_size++] = fd6;
        self->ports[self->ports_size++] = bound;
        return 0;
    }
    return s_bind_failed (text, port, reterr);
}

static int
s_open (http_listen_t *self, const char *text, br_error_t *reterr)
{
    char host[INET6_ADDRSTRLEN];
    uint16_t port;
    if (s_split (text, host, sizeof host, &port))
        return br_error_set (reterr, BR_ECONFIG,
                             "listen on %s: write an IP address or localhost, and a port",
                             text);
    if (self->fds_size + 2 > SOCKETS_MAX)
        return br_error_set (reterr, BR_ECONFIG, "listen on %s: more than %d sockets",
                             text, SOCKETS_MAX);
    if (!strcmp (host, "localhost"))
        return s_open_localhost (self, text, port, reterr);
    return s_open_one (self, text, host, port, reterr);
}

//  ---- accept

static void
s_shortage_over (void *arg)
{
    http_listen_resume (arg);
}

//  Takes up to max connections. Returns false when the backlog is empty.
static bool
s_accept (http_listen_t *self, int listener, int max)
{
    for (int i = 0; i < max; i++) {
        address_t address;
        socklen_t size = sizeof address;
        int fd = accept4 (listener, &address.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            self->fn (self->arg, fd, &address.any, size);
            if (self->paused)
                return true;
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            http_listen_pause (self);
            br_timer_set (self->loop, &self->shortage, SHORTAGE_WAIT_MS, s_shortage_over,
                          self);
            return false;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return false;
    }
    return true;
}

static void
s_ready (void *arg, int fd, uint32_t events)
{
    (void) events;
    s_accept (arg, fd, ACCEPTS_A_TURN);
}

void
http_listen_pause (http_listen_t *self)
{
    self->paused = true;
    for (size_t i = 0; i < self->fds_size; i++)
        br_loop_unwatch (self->loop, self->fds[i]);
}

void
http_listen_resume (http_listen_t *self)
{
    br_timer_cancel (self->loop, &self->shortage);
    self->paused = false;
    for (size_t i = 0; i < self->fds_size; i++)
        br_loop_watch (self->loop, self->fds[i], EPOLLIN, s_ready, self);
}

static void
s_close (http_listen_t *self)
{
    http_listen_pause (self);
    br_timer_cancel (self->loop, &self->shortage);
    while (self->fds_size)
        close (self->fds[--self->fds_size]);
}

void
http_listen_drain (http_listen_t *self)
{
    for (size_t i = 0; i < self->fds_size; i++) {
        bool more = true;
        for (int taken = 0; more && taken < BACKLOG; taken += ACCEPTS_A_TURN) {
            self->paused = false;
            more = s_accept (self, self->fds[i], ACCEPTS_A_TURN);
        }
    }
    s_close (self);
}

http_listen_t *
http_listen_new (br_loop_t *loop, const char *const *addresses, bool reuse_port,
                 http_listen_fn *fn, void *arg, br_error_t *reterr)
{
    http_listen_t *self = BR_NEW (http_listen_t);
    self->loop = loop;
    self->fn = fn;
    self->arg = arg;
    self->reuse_port = reuse_port;
    for (size_t i = 0; addresses[i]; i++) {
        if (s_open (self, addresses[i], reterr)) {
            http_listen_destroy (&self);
            return NULL;
        }
    }
    http_listen_resume (self);
    return self;
}

void
http_listen_destroy (http_listen_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    s_close (*self_p);
    free (*self_p);
    *self_p = NULL;
}

uint16_t
http_listen_port (const http_listen_t *self, size_t i)
{
    return i < self->ports_size ? self->ports[i] : 0;
}
