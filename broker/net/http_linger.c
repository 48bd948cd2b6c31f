//  http_linger: swallows and closes.

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/net/http_linger.h"

#define LINGER_SOCKETS_MAX 64
#define LINGER_MS 2000
#define LINGER_READ_BYTES 16384 //  swallowed by one call
#define LINGER_READS_MAX 16     //  calls in one turn

typedef struct _sock_t {
    http_linger_t *linger; //  borrowed; NULL while the place is free
    int fd;
    br_timer_t timer;
} sock_t;

struct _http_linger_t {
    br_loop_t *loop; //  borrowed
    size_t size;     //  sockets
    sock_t socks[LINGER_SOCKETS_MAX];
};

static void
s_close (sock_t *sock)
{
    http_linger_t *self = sock->linger;
    br_timer_cancel (self->loop, &sock->timer);
    br_loop_unwatch (self->loop, sock->fd);
    close (sock->fd);
    sock->linger = NULL;
    self->size--;
}

static void
s_over (void *arg)
{
    s_close (arg);
}

static void
s_readable (void *arg, int fd, uint32_t events)
{
    (void) events;
    char sink[LINGER_READ_BYTES];
    for (int i = 0; i < LINGER_READS_MAX; i++) {
        ssize_t rc = recv (fd, sink, sizeof sink, MSG_DONTWAIT);
        if (rc > 0)
            continue;
        if (rc == 0 || (errno != EAGAIN && errno != EINTR))
            s_close (arg);
        return;
    }
}

void
http_linger_add (http_linger_t *self, int fd)
{
    size_t place = 0;
    while (place < LINGER_SOCKETS_MAX && self->socks[place].linger)
        place++;
    if (place == LINGER_SOCKETS_MAX)
        return;
    int copy = fcntl (fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        return;
    shutdown (copy, SHUT_WR);
    sock_t *sock = &self->socks[place];
    if (br_loop_watch (self->loop, copy, EPOLLIN, s_readable, sock)) {
        close (copy);
        return;
    }
    sock->linger = self;
    sock->fd = copy;
    self->size++;
    br_timer_set (self->loop, &sock->timer, LINGER_MS, s_over, sock);
}

http_linger_t *
http_linger_new (br_loop_t *loop)
{
    http_linger_t *self = BR_NEW (http_linger_t);
    self->loop = loop;
    return self;
}

void
http_linger_destroy (http_linger_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    http_linger_t *self = *self_p;
    for (size_t i = 0; i < LINGER_SOCKETS_MAX; i++)
        if (self->socks[i].linger)
            s_close (&self->socks[i]);
    free (self);
    *self_p = NULL;
}

size_t
http_linger_size (const http_linger_t *self)
{
    return self->size;
}
