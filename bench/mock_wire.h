//  mock_wire: bytes to and from one socket, plain or TLS. Never blocks.

#ifndef MOCK_WIRE_H
#define MOCK_WIRE_H

#include <stddef.h>
#include <sys/types.h>

#include <openssl/ssl.h>

typedef struct _mock_wire_t {
    int fd;   //  owned; -1 = closed
    SSL *ssl; //  owned; NULL = plain
} mock_wire_t;

//  Takes a connected, non-blocking socket. tls may be NULL; it is borrowed.
void mock_wire_open (mock_wire_t *self, int fd, SSL_CTX *tls);

//  Bytes moved; 0 = not now; -1 = the other side is gone.
ssize_t mock_wire_read (mock_wire_t *self, void *bytes, size_t size);
ssize_t mock_wire_write (mock_wire_t *self, const void *bytes, size_t size);

void mock_wire_close (mock_wire_t *self);
void mock_wire_reset (mock_wire_t *self); //  closes with RST

//  A server's context from PEM files, or NULL. "caller frees with SSL_CTX_free"
SSL_CTX *mock_wire_tls (const char *certificate, const char *key);

#endif
