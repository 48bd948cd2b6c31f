//  kept: messages that outlive a host. An actor that ends with its host leaves them for the
//  actor of its name in the next life of the process. It is memory alone: a process that
//  ends takes them along.

#ifndef BR_KEPT_H
#define BR_KEPT_H

#include <stddef.h>

#include "broker/core/msg.h"

#define BR_KEPT_MAX (64u << 20) //  bytes of all messages; past it the oldest is dropped

typedef struct _br_kept_t br_kept_t;

//  "caller destroys"
br_kept_t *br_kept_new (void);
void br_kept_destroy (br_kept_t **self_p);

//  Keeps a message for the actor of this name; takes it. Returns how many were dropped for
//  it, count; one that is larger than all that may be kept is dropped itself.
size_t br_kept_add (br_kept_t *self, const char *name, br_msg_t **msg_p);

//  Gives all messages for the actor of this name, the oldest first, and forgets them. What
//  fn keeps meanwhile is for the next time.
typedef void (br_kept_fn) (void *arg, const br_msg_t *msg);
void br_kept_give (br_kept_t *self, const char *name, br_kept_fn *fn, void *arg);

size_t br_kept_count (const br_kept_t *self);

#endif
