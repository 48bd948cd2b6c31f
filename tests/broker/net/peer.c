//  peer: a provider for tests. TLS is GnuTLS, which libmicrohttpd brings along.

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <gnutls/gnutls.h>

#include "broker/core/alloc.h"
#include "tests/broker/net/peer.h"

#define PEER_BYTES_MAX (256u << 20)
#define PEER_PART 65536

struct _peer_conn_t {
    peer_t *peer;
    peer_conn_t *next;
    int fd;
    gnutls_session_t tls; //  NULL for plain
    bool greeted;         //  the handshake is over
    br_buf_t in;
    br_buf_t out;
    bool ending;
};

struct _peer_t {
    br_loop_t *loop;
    gnutls_certificate_credentials_t tls; //  NULL for plain
    bool ask_client;
    int fd;
    unsigned port;
    unsigned accepted;
    unsigned requests;
    size_t received;
    bool deaf;
    peer_conn_t *conns; //  newest first
    peer_fn *fn;
    void *arg;
};

static void
s_close (peer_conn_t *self)
{
    peer_conn_t **at = &self->peer->conns;
    while (*at != self)
        at = &(*at)->next;
    *at = self->next;
    br_loop_unwatch (self->peer->loop, self->fd);
    if (self->tls)
        gnutls_deinit (self->tls);
    close (self->fd);
    br_buf_free (&self->in);
    br_buf_free (&self->out);
    free (self);
}

static long
s_send (peer_conn_t *self)
{
    size_t size = self->out.size;
    if (!self->tls)
        return send (self->fd, self->out.data, size, MSG_NOSIGNAL);
    return gnutls_record_send (self->tls, self->out.data,
                               size > PEER_PART ? PEER_PART : size);
}

static long
s_receive (peer_conn_t *self, char *to, size_t room)
{
    if (!self->tls)
        return recv (self->fd, to, room, 0);
    errno = EAGAIN;
    long rc = 0;
    if (!self->greeted)
        rc = gnutls_handshake (self->tls);
    self->greeted = self->greeted || rc == 0;
    if (self->greeted)
        rc = gnutls_record_recv (self->tls, to, room);
    if (rc >= 0)
        return rc;
    return gnutls_error_is_fatal ((int) rc) ? 0 : -1;
}

static void s_ready (void *arg, int fd, uint32_t events);

static void
s_watch (peer_conn_t *self)
{
    uint32_t events = self->peer->deaf ? 0 : EPOLLIN;
    if (self->out.size)
        events |= EPOLLOUT;
    br_loop_watch (self->peer->loop, self->fd, events, s_ready, self);
}

static void
s_flush (peer_conn_t *self)
{
    while (self->out.size) {
        long sent = s_send (self);
        if (sent <= 0)
            break;
        br_buf_shift (&self->out, (size_t) sent);
    }
    if (self->out.size || !self->ending)
        return;
    if (self->tls)
        gnutls_bye (self->tls, GNUTLS_SHUT_WR);
    shutdown (self->fd, SHUT_WR);
    self->ending = false;
}

size_t
peer_body_offset (const br_buf_t *request)
{
    const char *end = memmem (request->data, request->size, "\r\n\r\n", 4);
    return end ? (size_t) (end - (const char *) request->data) + 4 : 0;
}

//  Bytes of the first request in the buffer, 0 while it is incomplete.
static size_t
s_request_size (br_buf_t *in)
{
    size_t size = peer_body_offset (in);
    if (!size)
        return 0;
    const char *length = strcasestr (br_buf_text (in), "\r\nContent-Length:");
    if (length && length < (const char *) in->data + size)
        size += strtoul (length + 17, NULL, 10);
    return size <= in->size ? size : 0;
}

static void
s_take (peer_conn_t *self)
{
    peer_t *peer = self->peer;
    size_t size = s_request_size (&self->in);
    if (!size)
        return;
    br_buf_t request;
    br_buf_init (&request, PEER_BYTES_MAX);
    br_buf_add (&request, self->in.data, size);
    br_buf_shift (&self->in, size);
    peer->requests++;
    peer->fn (peer->arg, self, &request);
    br_buf_free (&request);
}

static void
s_ready (void *arg, int fd, uint32_t events)
{
    (void) fd;
    peer_conn_t *self = arg;
    if (events & (EPOLLERR | EPOLLHUP)) {
        s_close (self);
        return;
    }
    s_flush (self);
    s_watch (self);
    if (!(events & EPOLLIN))
        return;
    char part[PEER_PART];
    long size = s_receive (self, part, sizeof part);
    if (size == 0 || (size < 0 && errno != EAGAIN)) {
        s_close (self);
        return;
    }
    if (size < 0)
        return;
    self->peer->received += (size_t) size;
    br_buf_add (&self->in, part, (size_t) size);
    s_take (self);
}

static void
s_secure (peer_conn_t *self)
{
    gnutls_init (&self->tls, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
    gnutls_set_default_priority (self->tls);
    gnutls_credentials_set (self->tls, GNUTLS_CRD_CERTIFICATE, self->peer->tls);
    gnutls_certificate_server_set_request (
        self->tls, self->peer->ask_client ? GNUTLS_CERT_REQUIRE : GNUTLS_CERT_IGNORE);
    gnutls_transport_set_int (self->tls, self->fd);
}

static void
s_accept (void *arg, int fd, uint32_t events)
{
    (void) events;
    peer_t *self = arg;
    int conn_fd = accept4 (fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (conn_fd < 0)
        return;
    peer_conn_t *conn = BR_NEW (peer_conn_t);
    conn->peer = self;
    conn->fd = conn_fd;
    conn->next = self->conns;
    br_buf_init (&conn->in, PEER_BYTES_MAX);
    br_buf_init (&conn->out, PEER_BYTES_MAX);
    if (self->tls)
        s_secure (conn);
    self->conns = conn;
    self->accepted++;
    s_watch (conn);
}

peer_t *
peer_new (br_loop_t *loop, peer_fn *fn, void *arg)
{
    peer_t *self = BR_NEW (peer_t);
    self->loop = loop;
    self->fn = fn;
    self->arg = arg;
    self->fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int rc = bind (self->fd, (struct sockaddr *) &address, size);
    assert (rc == 0);
    rc = listen (self->fd, 1024);
    assert (rc == 0);
    rc = getsockname (self->fd, (struct sockaddr *) &address, &size);
    assert (rc == 0);
    self->port = ntohs (address.sin_port);
    br_loop_watch (loop, self->fd, EPOLLIN, s_accept, self);
    return self;
}

peer_t *
peer_new_tls (br_loop_t *loop, const char *cert, const char *key, const char *client_ca,
              peer_fn *fn, void *arg)
{
    peer_t *self = peer_new (loop, fn, arg);
    gnutls_certificate_allocate_credentials (&self->tls);
    int rc = gnutls_certificate_set_x509_key_file (self->tls, cert, key,
                                                   GNUTLS_X509_FMT_PEM);
    assert (rc == 0);
    self->ask_client = client_ca != NULL;
    if (client_ca)
        gnutls_certificate_set_x509_trust_file (self->tls, client_ca,
                                                GNUTLS_X509_FMT_PEM);
    return self;
}

void
peer_destroy (peer_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    peer_t *self = *self_p;
    while (self->conns)
        s_close (self->conns);
    br_loop_unwatch (self->loop, self->fd);
    close (self->fd);
    if (self->tls)
        gnutls_certificate_free_credentials (self->tls);
    free (self);
    *self_p = NULL;
}

unsigned
peer_port (const peer_t *self)
{
    return self->port;
}

unsigned
peer_accepted (const peer_t *self)
{
    return self->accepted;
}

unsigned
peer_open (const peer_t *self)
{
    unsigned count = 0;
    for (const peer_conn_t *at = self->conns; at; at = at->next)
        count++;
    return count;
}

unsigned
peer_requests (const peer_t *self)
{
    return self->requests;
}

size_t
peer_received (const peer_t *self)
{
    return self->received;
}

peer_conn_t *
peer_last (const peer_t *self)
{
    return self->conns;
}

void
peer_stop_reading (peer_t *self)
{
    self->deaf = true;
}

void
peer_send (peer_conn_t *conn, const void *bytes, size_t size)
{
    br_buf_add (&conn->out, bytes, size);
    s_flush (conn);
    s_watch (conn);
}

void
peer_says (peer_conn_t *conn, const char *text)
{
    peer_send (conn, text, strlen (text));
}

size_t
peer_unsent (const peer_conn_t *conn)
{
    return conn->out.size;
}

void
peer_end (peer_conn_t *conn)
{
    conn->ending = true;
    s_flush (conn);
}

void
peer_reset (peer_conn_t *conn)
{
    struct linger now = { .l_onoff = 1 };
    setsockopt (conn->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    s_close (conn);
}
