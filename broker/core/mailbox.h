//  mailbox: where a host's messages from other hosts arrive, and its links to them. One
//  bound PULL, one outbox for each peer incarnation. A link is up once both sides have
//  heard each other; it never comes back: a peer that is lost is gone, and returns as a
//  new incarnation.

#ifndef BR_MAILBOX_H
#define BR_MAILBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/core/error.h"
#include "broker/core/loop.h"
#include "broker/core/msg.h"
#include "broker/core/outbox.h"

typedef struct _br_mailbox_t br_mailbox_t;

typedef struct _br_mailbox_handler_t {
    //  A message arrived. Take it, by setting *msg_p to NULL, or it is destroyed.
    void (*arrived) (void *arg, br_msg_t **msg_p);
    //  Both ways to this incarnation are open.
    void (*up) (void *arg, uint32_t host, uint32_t life);
    //  It is gone, and all that it sent was handed to `arrived`.
    void (*gone) (void *arg, uint32_t host, uint32_t life);
    //  Its outbox is over four fifths of its bound; told once until it is below again.
    void (*filling) (void *arg, uint32_t host, size_t bytes);
    //  MAY. True while nothing more can be taken: then nothing is read, and senders wait.
    bool (*busy) (void *arg);
} br_mailbox_handler_t;

//  endpoint: "inproc://name", "ipc://path", "tcp://address:port" or ":*" for any port.
//  curve: this host's keys, or NULL. zmq, loop, handler, arg: borrowed for its life.
//  "caller destroys". err: BR_ESYSTEM, BR_ECONFIG with the endpoint.
br_mailbox_t *br_mailbox_new (br_loop_t *loop, void *zmq, const char *endpoint,
                              const br_curve_t *curve,
                              const br_mailbox_handler_t *handler, void *arg,
                              br_error_t *reterr);
void br_mailbox_destroy (br_mailbox_t **self_p);

//  Where it is bound, with the real port. "owned by self"
const char *br_mailbox_endpoint (const br_mailbox_t *self);

//  Who this host is; goes into each frame from now on.
void br_mailbox_set_self (br_mailbox_t *self, uint32_t host, uint32_t life);

//  Opens the way to a peer. Doing so twice is nothing. err: BR_ESYSTEM.
int br_mailbox_link (br_mailbox_t *self, uint32_t host, uint32_t life,
                     const char *endpoint, const char *server_key, br_error_t *reterr);

//  The directory says that it is gone: raises `gone`, unless that was done.
void br_mailbox_unlink (br_mailbox_t *self, uint32_t host, uint32_t life);

bool br_mailbox_is_up (const br_mailbox_t *self, uint32_t host, uint32_t life);

//  Sends by msg->to. err: BR_EGONE without a link, BR_EBUSY; the message is then still
//  the caller's.
int br_mailbox_send (br_mailbox_t *self, br_msg_t **msg_p, br_error_t *reterr);

//  What was sent leaves, as far as links take it. Returns when it is to be called again at
//  the latest, in milliseconds, UINT64_MAX = not before something is sent. The mailbox does
//  so itself in each turn, before the handlers of that turn.
uint64_t br_mailbox_flush (br_mailbox_t *self);

size_t br_mailbox_bytes (const br_mailbox_t *self); //  that wait in all outboxes

#endif
