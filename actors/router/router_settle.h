//  router_settle: the ends of calls on their way to the meter. Each is sent within a tick
//  and asked again each second until the meter has it on disk.

#ifndef BR_ROUTER_SETTLE_H
#define BR_ROUTER_SETTLE_H

#include "broker/core/actor.h"

#define ROUTER_SETTLES_MAX 65536 //  that wait; past it the oldest is dropped
#define ROUTER_TICK_MS 5         //  for so long they travel together
#define ROUTER_ASK_AGAIN_MS 1000

typedef struct _router_settle_t router_settle_t;

//  "caller destroys", whereby settles that wait are kept for the next life of the host
//  (br_ctx_keep). ctx is borrowed.
router_settle_t *router_settle_new (br_ctx_t *ctx);
void router_settle_destroy (router_settle_t **self_p);

//  An attempt starts. Sent with the next tick, once, unless the call has ended by then;
//  fields are copied.
void router_settle_intent (router_settle_t *self, br_id_t call, uint32_t attempt,
                           const struct br_call_intent *intent);

//  A call has ended. Fields are copied.
void router_settle_add (router_settle_t *self, br_id_t call, uint32_t attempt,
                        const struct br_call_settle *settle);

//  One that was kept by an earlier life of the host. msg: call.settle; who else sends one
//  than the router itself is ignored.
void router_settle_on_kept (router_settle_t *self, const br_msg_t *msg);

//  The meter has it. Unknown calls are ignored.
void router_settle_settled (router_settle_t *self, br_id_t call);

size_t router_settle_size (const router_settle_t *self); //  settles that wait, count

#endif
