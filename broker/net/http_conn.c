//  http_conn: one connection. libmicrohttpd reads and writes it; we watch the descriptor
//  for the client's leaving and, when a stream is held up, for room. A single lazy timer
//  looks at the limits, so that a request costs no timer operation.

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "broker/core/alloc.h"
#include "broker/net/http_server_parts.h"

#define NS_PER_MS 1000000u
#define DRAIN_IDLE_MS 1000 //  what an idle connection gets while the server drains

//  ---- events

//  The client's side is closed. A half close counts: nobody who waits for an answer of
//  ours has a reason for it. An answer that is in libmicrohttpd's hands goes on, since
//  only the kernel knows whether the client still takes it.
static void
s_peer_gone (http_conn_t *self)
{
    http_call_t *call = self->call;
    if (self->peer_gone)
        return;
    self->peer_gone = true;
    if (!call) {
        http_conn_hurry (self);
        return;
    }
    if (!call->owned || call->stage == CALL_REPLY)
        return;
    if (call->stage == CALL_ENDING && http_chunks_is_empty (&call->out))
        return;
    http_answer_gone (call);
}

//  With TLS a client can also leave in words. Whoever is suspended is not read.
static bool
s_has_said_bye (http_conn_t *self)
{
    return self->secure && self->suspended && self->call
           && http_secure_has_left (self->secure);
}

static void
s_event (void *arg, int fd, uint32_t events)
{
    (void) fd;
    http_conn_t *self = arg;
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        s_peer_gone (self);
        return;
    }
    if (events & EPOLLIN && s_has_said_bye (self)) {
        s_peer_gone (self);
        return;
    }
    if (events & EPOLLOUT && self->call)
        http_answer_flush (self->call);
}

void
http_conn_want_room (http_conn_t *self)
{
    if (self->wants_room)
        return;
    self->wants_room = true;
    br_loop_watch (self->server->loop, self->fd, EPOLLRDHUP | EPOLLOUT | EPOLLET, s_event,
                   self);
}

//  ---- suspending and closing

void
http_conn_suspend (http_conn_t *self)
{
    if (self->suspended)
        return;
    self->suspended = true;
    MHD_suspend_connection (self->mhd);
}

void
http_conn_resume (http_conn_t *self)
{
    if (!self->suspended)
        return;
    self->suspended = false;
    MHD_resume_connection (self->mhd);
    http_daemon_kick (self->daemon);
}

//  A FIN that came together with a request leaves no edge for libmicrohttpd's epoll; this
//  makes one. What the client sent is still read.
void
http_conn_hurry (http_conn_t *self)
{
    shutdown (self->fd, SHUT_RD);
}

void
http_conn_reap (http_conn_t *self)
{
    MHD_suspend_connection (self->mhd);
    MHD_resume_connection (self->mhd);
    http_daemon_kick (self->daemon);
}

void
http_conn_kill (http_conn_t *self)
{
    if (self->suspended)
        http_conn_resume (self); //  its next callback says that the call is dead
    else
        shutdown (self->fd, SHUT_RDWR);
}

//  ---- limits

void
http_conn_restart (http_conn_t *self)
{
    self->since_ns = br_loop_now_ns (self->server->loop);
    self->header_ns = 0;
    self->sampled = false;
}

static bool
s_is_over (const http_conn_t *self, uint64_t since_ns, uint64_t limit_ms)
{
    return limit_ms
           && br_loop_now_ns (self->server->loop) - since_ns >= limit_ms * NS_PER_MS;
}

static struct tcp_info
s_tcp_info (const http_conn_t *self)
{
    struct tcp_info info = { 0 };
    socklen_t size = sizeof info;
    getsockopt (self->fd, IPPROTO_TCP, TCP_INFO, &info, &size);
    return info;
}

static void
s_refuse_slow (http_conn_t *self)
{
    br_error_t error;
    br_error_set (&error, BR_EINVALID, "the request did not arrive in time");
    http_refuse_late (self, self->call, &error);
    http_conn_hurry (self);
}

//  The bytes of a handshake, which is over by now, were no request's.
static bool
s_greets (const http_conn_t *self)
{
    return self->secure && self->fresh && !self->greeted
           && http_secure_is_ready (self->secure);
}

//  No request, or one whose head is not complete: libmicrohttpd does not tell which, but
//  the kernel counts the bytes that came.
static void
s_tick_idle (http_conn_t *self)
{
    const http_server_conf_t *conf = &self->server->conf;
    uint64_t received = s_tcp_info (self).tcpi_bytes_received;
    if (!self->sampled) {
        self->sampled = true;
        self->sample = self->fresh ? 0 : received;
    }
    if (s_greets (self)) {
        self->greeted = true;
        self->sample = received;
        self->header_ns = 0;
    }
    bool begun = self->call || received != self->sample;
    if (begun && !self->header_ns)
        self->header_ns = self->fresh && !self->greeted
                              ? self->since_ns
                              : br_loop_now_ns (self->server->loop);
    if (begun) {
        if (s_is_over (self, self->header_ns, conf->request_ms))
            s_refuse_slow (self);
        return;
    }
    bool drained = self->server->draining && !self->fresh
                   && s_is_over (self, self->since_ns, DRAIN_IDLE_MS);
    if (!drained && !s_is_over (self, self->since_ns, conf->idle_ms))
        return;
    self->clean = true;
    if (self->secure)
        http_secure_bye (self->secure);
    http_conn_hurry (self);
}

//  An answer is under way. The client takes it if acknowledged bytes grow; while nothing
//  waits for it, it cannot stall.
static void
s_tick_answer (http_conn_t *self)
{
    struct tcp_info info = s_tcp_info (self);
    http_call_t *call = self->call;
    http_answer_shrink (call);
    bool waits = info.tcpi_notsent_bytes || info.tcpi_unacked || http_call_pending (call);
    if (!waits || !self->sampled || info.tcpi_bytes_acked != self->sample) {
        http_conn_restart (self);
        self->sampled = true;
        self->sample = info.tcpi_bytes_acked;
        return;
    }
    if (!s_is_over (self, self->since_ns, self->server->conf.stall_ms))
        return;
    struct linger now = { .l_onoff = 1 };
    setsockopt (self->fd, SOL_SOCKET, SO_LINGER, &now,
                sizeof now); //  the kernel forgets it too
    self->peer_gone = true;
    http_answer_gone (call);
}

static void
s_tick (void *arg)
{
    http_conn_t *self = arg;
    const http_call_t *call = self->call;
    http_conn_watch_limits (self);
    if (call && call->dead)
        http_conn_kill (self);
    else if (s_has_said_bye (self))
        s_peer_gone (self); //  the event came while libmicrohttpd was sending
    else if (!call || call->stage == CALL_HEAD)
        s_tick_idle (self);
    else if (call->stage == CALL_BODY) {
        if (s_is_over (self, self->since_ns, self->server->conf.request_ms))
            s_refuse_slow (self);
    } else if (call->stage != CALL_WAITS)
        s_tick_answer (self);
}

void
http_conn_watch_limits (http_conn_t *self)
{
    br_timer_set (self->server->loop, &self->tick, self->server->tick_ms, s_tick, self);
}

//  ---- life

http_conn_t *
http_conn_new (http_daemon_t *daemon, struct MHD_Connection *mhd)
{
    http_server_t *server = daemon->server;
    http_conn_t *self = BR_NEW (http_conn_t);
    self->server = server;
    self->daemon = daemon;
    self->mhd = mhd;
    self->fd = MHD_get_connection_info (mhd, MHD_CONNECTION_INFO_CONNECTION_FD)
                   ->connect_fd;
    if (server->tls)
        self->secure = http_secure_new (
            server->tls,
            MHD_get_connection_info (mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION)
                ->tls_session,
            self->fd);
    self->fresh = true;
    self->next = server->conns;
    if (self->next)
        self->next->prev = self;
    server->conns = self;
    server->connections++;
    http_daemon_entered (daemon);
    self->over = server->connections > server->conf.connections_max;
    http_conn_restart (self);
    http_conn_watch_limits (self);
    uint32_t events = EPOLLRDHUP | EPOLLET | (self->secure ? EPOLLIN : 0);
    if (br_loop_watch (server->loop, self->fd, events, s_event, self))
        shutdown (self->fd, SHUT_RDWR);
    return self;
}

//  Whether bytes may come that nobody reads; closing would then reset the connection.
static bool
s_must_linger (const http_conn_t *self)
{
    if (self->clean || self->peer_gone || self->server->closing)
        return false;
    char byte;
    return recv (self->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0;
}

void
http_conn_destroy (http_conn_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    http_conn_t *self = *self_p;
    http_server_t *server = self->server;
    br_timer_cancel (server->loop, &self->tick);
    br_loop_unwatch (server->loop, self->fd);
    if (s_must_linger (self))
        http_linger_add (server->linger, self->fd);
    if (self->prev)
        self->prev->next = self->next;
    else
        server->conns = self->next;
    if (self->next)
        self->next->prev = self->prev;
    server->connections--;
    http_daemon_left (self->daemon);
    http_secure_destroy (&self->secure);
    free (self->peer);
    free (self);
    *self_p = NULL;
}

const char *
http_conn_peer (http_conn_t *self)
{
    if (self->peer)
        return self->peer;
    const struct sockaddr *any = MHD_get_connection_info (
                                     self->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)
                                     ->client_addr;
    char text[INET6_ADDRSTRLEN] = "";
    if (any->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *) any;
        inet_ntop (AF_INET6, &v6->sin6_addr, text, sizeof text);
        self->peer = br_strf ("[%s]:%u", text, ntohs (v6->sin6_port));
    } else {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *) any;
        inet_ntop (AF_INET, &v4->sin_addr, text, sizeof text);
        self->peer = br_strf ("%s:%u", text, ntohs (v4->sin_port));
    }
    return self->peer;
}
