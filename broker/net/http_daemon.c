//  http_daemon: the libmicrohttpds of a server, which one gets a new connection, and when
//  they run.
//
//  To resume one suspended connection, libmicrohttpd walks all that its daemon holds, and
//  each stream is one. So a daemon holds few; one more is made when all are full, and it
//  goes when it was empty for a while. New connections go to the front of the list, where
//  those with room are.
//
//  A daemon's epoll descriptor stands in our loop. MHD_run is due when that is readable,
//  and when a connection was resumed, which epoll does not show. Both only kick: the hook
//  of the next turn runs each kicked daemon once, for all that has come until then.

#include <assert.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "broker/core/alloc.h"
#include "broker/net/http_server_parts.h"

#define CONNECTIONS_MAX 64 //  of one daemon; more only when no further one can be had
#define EMPTY_MS 10000     //  how long an empty daemon waits for connections
#define RUN_ROUNDS_MAX 8   //  MHD_run in a row, before others get their turn

//  ---- running

//  The loop does not sleep; the hook does the work.
static void
s_wake (void *arg)
{
    (void) arg;
}

void
http_daemon_kick (http_daemon_t *self)
{
    http_server_t *server = self->server;
    if (self->kicked)
        return;
    self->kicked = true;
    self->due_next = server->due;
    server->due = self;
    if (!br_timer_is_set (&server->kick))
        br_timer_set (server->loop, &server->kick, 0, s_wake, server);
}

static void
s_readable (void *arg, int fd, uint32_t events)
{
    (void) fd;
    (void) events;
    http_daemon_kick (arg);
}

static void
s_run (http_daemon_t *self)
{
    self->server->running = self;
    MHD_run (self->mhd);
    self->server->running = NULL;
    MHD_UNSIGNED_LONG_LONG wait_ms = 1;
    if (MHD_get_timeout (self->mhd, &wait_ms) == MHD_YES && wait_ms == 0)
        http_daemon_kick (self);
}

void
http_daemon_run_due (http_server_t *server)
{
    for (int round = 0; server->due && round < RUN_ROUNDS_MAX; round++) {
        http_daemon_t *due = server->due;
        server->due = NULL;
        while (due) {
            http_daemon_t *self = due;
            due = self->due_next;
            self->kicked = false;
            s_run (self);
        }
    }
    if (!server->due)
        br_timer_cancel (server->loop, &server->kick);
}

//  ---- the list

static void
s_unlink (http_daemon_t *self)
{
    http_server_t *server = self->server;
    if (self->prev)
        self->prev->next = self->next;
    else
        server->daemons = self->next;
    if (self->next)
        self->next->prev = self->prev;
    else
        server->last = self->prev;
    self->prev = self->next = NULL;
}

static void
s_link_front (http_daemon_t *self)
{
    http_server_t *server = self->server;
    self->next = server->daemons;
    if (self->next)
        self->next->prev = self;
    else
        server->last = self;
    server->daemons = self;
}

static void
s_link_back (http_daemon_t *self)
{
    http_server_t *server = self->server;
    self->prev = server->last;
    if (self->prev)
        self->prev->next = self;
    else
        server->daemons = self;
    server->last = self;
}

//  ---- connections

static void
s_empty_long (void *arg)
{
    http_daemon_t *self = arg;
    if (self->server->daemons == self && self->server->last == self)
        return; //  one is always there
    http_daemon_destroy (&self);
}

void
http_daemon_entered (http_daemon_t *self)
{
    br_timer_cancel (self->server->loop, &self->empty);
    if (++self->connections != CONNECTIONS_MAX)
        return;
    s_unlink (self);
    s_link_back (self);
}

void
http_daemon_left (http_daemon_t *self)
{
    if (self->connections-- == CONNECTIONS_MAX) {
        s_unlink (self);
        s_link_front (self);
    }
    if (!self->connections && !self->server->closing)
        br_timer_set (self->server->loop, &self->empty, EMPTY_MS, s_empty_long, self);
}

void
http_daemon_accept (http_server_t *server, int fd, const struct sockaddr *address,
                    socklen_t size)
{
    http_daemon_t *self = server->daemons;
    if (self->connections >= CONNECTIONS_MAX) {
        http_daemon_t *made = http_daemon_new (server);
        if (made)
            self = made;
    }
    server->adding = self;
    MHD_add_connection (self->mhd, fd, address, size); //  it closes what it does not take
    server->adding = NULL;
}

//  ---- life

http_daemon_t *
http_daemon_new (http_server_t *server)
{
    http_daemon_t *self = BR_NEW (http_daemon_t);
    self->server = server;
    s_link_front (self);
    br_timer_set (server->loop, &self->empty, EMPTY_MS, s_empty_long, self);
    self->epoll_fd = -1;
    self->mhd = http_server_start_mhd (server);
    if (self->mhd)
        self->epoll_fd = MHD_get_daemon_info (self->mhd, MHD_DAEMON_INFO_EPOLL_FD)
                             ->epoll_fd;
    if (!self->mhd
        || br_loop_watch (server->loop, self->epoll_fd, EPOLLIN, s_readable, self))
        http_daemon_destroy (&self);
    return self;
}

static void
s_unkick (http_daemon_t *self)
{
    http_daemon_t **at = &self->server->due;
    while (*at != self)
        at = &(*at)->due_next;
    *at = self->due_next;
}

void
http_daemon_destroy (http_daemon_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    http_daemon_t *self = *self_p;
    br_loop_t *loop = self->server->loop;
    br_timer_cancel (loop, &self->empty);
    br_loop_unwatch (loop, self->epoll_fd);
    if (self->mhd)
        MHD_stop_daemon (self->mhd);
    if (self->kicked)
        s_unkick (self);
    s_unlink (self);
    free (self);
    *self_p = NULL;
}
