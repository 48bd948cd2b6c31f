//  http_secure: the TLS of one connection, beside libmicrohttpd, whose session it is:
//  whether the handshake is over, words that libmicrohttpd does not say, and whether the
//  client has taken its leave.

#ifndef BR_HTTP_SECURE_H
#define BR_HTTP_SECURE_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/net/http_tls.h"

typedef struct _http_secure_t http_secure_t;

//  A connection whose handshake is to come; it shows the pair of now. session (a
//  gnutls_session_t) and fd are borrowed, tls only during the call. "caller destroys",
//  when the session is gone.
http_secure_t *http_secure_new (http_tls_t *tls, void *session, int fd);
void http_secure_destroy (http_secure_t **self_p);

//  The handshake is over.
bool http_secure_is_ready (const http_secure_t *self);

//  Sends what the socket takes now; the rest is lost, as is all before the handshake's
//  end. Only while libmicrohttpd sends nothing itself.
void http_secure_send (http_secure_t *self, const void *bytes, size_t size);

//  Tells the client that no more will come.
void http_secure_bye (http_secure_t *self);

//  The client has said that no more will come, though its side of the connection is open.
//  Only while the connection is suspended. Nothing else is read, but two bytes alone in a
//  record: an empty line is dropped, as behind a body, and anything else is taken as a
//  leave, since they could not be given back.
//  src: RFC 8446, section 6.1; RFC 9112, section 2.2
bool http_secure_has_left (http_secure_t *self);

#endif
