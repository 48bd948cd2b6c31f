//  mock_wire: bytes to and from one socket, plain or TLS. The handshake happens inside
//  the first reads.

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>

#include "bench/mock_wire.h"

void
mock_wire_open (mock_wire_t *self, int fd, SSL_CTX *tls)
{
    int on = 1;
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    self->fd = fd;
    self->ssl = tls ? SSL_new (tls) : NULL;
    if (self->ssl) {
        SSL_set_fd (self->ssl, fd);
        SSL_set_accept_state (self->ssl);
    }
}

//  A result of SSL_read or SSL_write in our own terms.
static ssize_t
s_tls_result (const mock_wire_t *self, int rc)
{
    if (rc > 0)
        return rc;
    int error = SSL_get_error (self->ssl, rc);
    ERR_clear_error ();
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

static ssize_t
s_plain_result (ssize_t rc)
{
    if (rc >= 0)
        return rc;
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? 0 : -1;
}

ssize_t
mock_wire_read (mock_wire_t *self, void *bytes, size_t size)
{
    if (self->ssl)
        return s_tls_result (
            self, SSL_read (self->ssl, bytes, size < INT_MAX ? (int) size : INT_MAX));
    ssize_t rc = recv (self->fd, bytes, size, 0);
    return rc == 0 ? -1 : s_plain_result (rc);
}

ssize_t
mock_wire_write (mock_wire_t *self, const void *bytes, size_t size)
{
    if (self->ssl)
        return s_tls_result (
            self, SSL_write (self->ssl, bytes, size < INT_MAX ? (int) size : INT_MAX));
    return s_plain_result (send (self->fd, bytes, size, MSG_NOSIGNAL));
}

void
mock_wire_close (mock_wire_t *self)
{
    if (self->ssl)
        SSL_free (self->ssl);
    if (self->fd >= 0)
        close (self->fd);
    *self = (mock_wire_t) { .fd = -1 };
}

void
mock_wire_reset (mock_wire_t *self)
{
    struct linger linger = { .l_onoff = 1, .l_linger = 0 };
    if (self->fd >= 0)
        setsockopt (self->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    mock_wire_close (self);
}

SSL_CTX *
mock_wire_tls (const char *certificate, const char *key)
{
    SSL_CTX *tls = SSL_CTX_new (TLS_server_method ());
    if (!tls)
        return NULL;
    SSL_CTX_set_mode (tls, SSL_MODE_ENABLE_PARTIAL_WRITE
                               | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (SSL_CTX_use_certificate_chain_file (tls, certificate) != 1
        || SSL_CTX_use_PrivateKey_file (tls, key, SSL_FILETYPE_PEM) != 1) {
        SSL_CTX_free (tls);
        return NULL;
    }
    return tls;
}
