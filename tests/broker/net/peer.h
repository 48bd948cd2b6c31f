//  peer: a provider for tests, in the loop of the test itself. It hands each complete
//  request (head and body by Content-Length) to the test, which writes what it likes.

#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/core/buf.h"
#include "broker/core/loop.h"

typedef struct _peer_t peer_t;
typedef struct _peer_conn_t peer_conn_t;

//  A request is complete. request holds head and body; "owned by the peer".
typedef void (peer_fn) (void *arg, peer_conn_t *conn, br_buf_t *request);

//  TLS when cert and key (PEM files) are given; a client must then show a certificate
//  that client_ca signed, when that is given. Asserts instead of failing.
peer_t *peer_new (br_loop_t *loop, peer_fn *fn, void *arg);
peer_t *peer_new_tls (br_loop_t *loop, const char *cert, const char *key,
                      const char *client_ca, peer_fn *fn, void *arg);
void peer_destroy (peer_t **self_p);

unsigned peer_port (const peer_t *self);
unsigned peer_accepted (const peer_t *self);       //  connections so far
unsigned peer_open (const peer_t *self);           //  connections now
unsigned peer_requests (const peer_t *self);       //  requests so far
size_t peer_received (const peer_t *self);         //  bytes so far
peer_conn_t *peer_last (const peer_t *self);       //  the newest open one, or NULL
void peer_stop_reading (peer_t *self);             //  from new connections
size_t peer_body_offset (const br_buf_t *request); //  of the body in a request

void peer_send (peer_conn_t *conn, const void *bytes, size_t size);
void peer_says (peer_conn_t *conn, const char *text);
size_t peer_unsent (const peer_conn_t *conn); //  bytes that the client has not taken
void peer_end (peer_conn_t *conn);            //  FIN, after all is sent
void peer_reset (peer_conn_t *conn);          //  RST, now

#endif
