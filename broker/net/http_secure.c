//  http_secure: one connection's session.

#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "broker/core/alloc.h"
#include "broker/net/http_secure.h"

#define RECORD_HEAD 5   //  bytes: kind, version, size
#define ALERT_SIZE 2    //  bytes: level, description
#define SEALED_MAX 17   //  bytes that TLS 1.3 adds: kind, and tag
#define ALERT_MAX 64    //  bytes of an alert's record in TLS 1.2, and more
#define KIND_ALERT 21   //  all in the clear, TLS 1.2
#define KIND_PAYLOAD 23 //  also what TLS 1.3 calls an alert

struct _http_secure_t {
    gnutls_session_t session; //  libmicrohttpd's
    int fd;                   //  libmicrohttpd's
    http_tls_pair_t *pair;    //  a reference
    bool ready;               //  the handshake is over
};

//  The client's last word of a handshake has come: Finished, in both versions.
static int
s_finished (gnutls_session_t session, unsigned kind, unsigned when, unsigned incoming,
            const gnutls_datum_t *message)
{
    (void) kind;
    (void) when;
    (void) message;
    http_secure_t *self = gnutls_db_get_ptr (session);
    if (incoming)
        self->ready = true;
    return 0;
}

http_secure_t *
http_secure_new (http_tls_t *tls, void *session, int fd)
{
    http_secure_t *self = BR_NEW (http_secure_t);
    self->session = session;
    self->fd = fd;
    self->pair = http_tls_take (tls);
    http_tls_show (self->pair, session);
    gnutls_db_set_ptr (session, self); //  a place that nobody else uses
    gnutls_handshake_set_hook_function (session, GNUTLS_HANDSHAKE_FINISHED,
                                        GNUTLS_HOOK_POST, s_finished);
    return self;
}

void
http_secure_destroy (http_secure_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    http_tls_drop (&(*self_p)->pair);
    free (*self_p);
    *self_p = NULL;
}

bool
http_secure_is_ready (const http_secure_t *self)
{
    return self->ready;
}

void
http_secure_send (http_secure_t *self, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size && http_secure_is_ready (self)) {
        ssize_t rc = gnutls_record_send (self->session, at, size);
        if (rc <= 0)
            return;
        at += rc;
        size -= (size_t) rc;
    }
}

void
http_secure_bye (http_secure_t *self)
{
    if (http_secure_is_ready (self))
        gnutls_bye (self->session, GNUTLS_SHUT_WR);
}

//  What waits in the socket is one small record, which may be an alert.
static bool
s_may_be_alert (const http_secure_t *self)
{
    unsigned char head[RECORD_HEAD + ALERT_MAX];
    ssize_t size = recv (self->fd, head, sizeof head, MSG_PEEK | MSG_DONTWAIT);
    if (size < RECORD_HEAD || size - RECORD_HEAD != (head[3] << 8 | head[4]))
        return false;
    if (head[0] == KIND_ALERT)
        return true;
    return head[0] == KIND_PAYLOAD && size <= RECORD_HEAD + ALERT_SIZE + SEALED_MAX
           && gnutls_protocol_get_version (self->session) == GNUTLS_TLS1_3;
}

bool
http_secure_has_left (http_secure_t *self)
{
    if (!http_secure_is_ready (self) || !s_may_be_alert (self))
        return false;
    char text[ALERT_SIZE];
    ssize_t rc = gnutls_record_recv (self->session, text, sizeof text);
    if (rc > 0)
        return rc != 2 || memcmp (text, "\r\n", 2) != 0;
    return rc == 0 || gnutls_error_is_fatal ((int) rc);
}
