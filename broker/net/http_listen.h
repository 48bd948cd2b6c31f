//  http_listen: the listening sockets of a server. It accepts, and hands sockets over.

#ifndef BR_HTTP_LISTEN_H
#define BR_HTTP_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "broker/core/error.h"
#include "broker/core/loop.h"

typedef struct _http_listen_t http_listen_t;

//  A new connection, not blocking. The receiver owns fd. It may pause the listener.
typedef void (http_listen_fn) (void *arg, int fd, const struct sockaddr *address,
                               socklen_t size);

//  addresses: "IP:port", "[IPv6]:port" or "localhost:port", which is 127.0.0.1 and, where
//  it exists, [::1]; NULL ends the list. "caller destroys"
//  err: BR_ECONFIG; names the address.
http_listen_t *http_listen_new (br_loop_t *loop, const char *const *addresses,
                                bool reuse_port, http_listen_fn *fn, void *arg,
                                br_error_t *reterr);
void http_listen_destroy (http_listen_t **self_p);

//  The port of addresses[i]; 0 past the end.
uint16_t http_listen_port (const http_listen_t *self, size_t i);

//  Leaves new connections in the kernel's backlog, and takes them up again.
void http_listen_pause (http_listen_t *self);
void http_listen_resume (http_listen_t *self);

//  Takes all that waits in the backlog, paused or not, and closes the sockets.
void http_listen_drain (http_listen_t *self);

#endif
