//  http_linger: sockets whose answer is out while their client may still be sending. To
//  close them at once would reset the connection, and the client might never read the
//  answer; so they swallow what comes for a short while.

#ifndef BR_HTTP_LINGER_H
#define BR_HTTP_LINGER_H

#include <stddef.h>

#include "broker/core/loop.h"

typedef struct _http_linger_t http_linger_t;

http_linger_t *http_linger_new (br_loop_t *loop); //  "caller destroys"
void http_linger_destroy (http_linger_t **self_p);

//  Keeps a duplicate of fd, shut for writing, until the client closes or time is over.
//  Past the bound of sockets it does nothing.
void http_linger_add (http_linger_t *self, int fd);

size_t http_linger_size (const http_linger_t *self); //  sockets

#endif
