//  event_socket: where events leave: one XPUB socket that any program may subscribe to.
//  A message is two frames: the event's name, and one JSON object.

#ifndef BR_EVENT_SOCKET_H
#define BR_EVENT_SOCKET_H

#include <stdbool.h>

#include "broker/core/buf.h"
#include "broker/core/error.h"
#include "broker/core/loop.h"
#include "broker/core/remote.h"

typedef struct _br_event_socket_t br_event_socket_t;

//  wanted: whether anybody listens; trace: whether somebody asked for "message" events.
typedef void (br_event_socket_fn) (void *arg, bool wanted, bool trace);

//  Binds "ipc://<run>/events.sock". zmq, loop and arg are borrowed. "caller destroys"
//  err: BR_ESYSTEM.
br_event_socket_t *br_event_socket_new (br_loop_t *loop, void *zmq, const char *endpoint,
                                        br_event_socket_fn *fn, void *arg,
                                        br_error_t *reterr);
void br_event_socket_destroy (br_event_socket_t **self_p);

//  Tells them to other machines as well (remote.h), with a gate in zmq. err: BR_ESYSTEM
int br_event_socket_open_remote (br_event_socket_t *self, void *zmq, const char *endpoint,
                                 const br_curve_t *keys, br_error_t *reterr);

//  Where, with the real port; NULL when it does not. "owned by self"
const char *br_event_socket_remote (const br_event_socket_t *self);

//  Publishes lines of JSON, each an event; lines that are none are left out.
void br_event_socket_publish (br_event_socket_t *self, const char *lines, size_t size);

bool br_event_socket_is_wanted (const br_event_socket_t *self);

#endif
