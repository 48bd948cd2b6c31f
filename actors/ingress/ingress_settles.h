//  ingress_settles: what calls whose router is gone have cost: told to the meter, again
//  and again, until it says that the row is on disk.

#ifndef BR_INGRESS_SETTLES_H
#define BR_INGRESS_SETTLES_H

#include "broker/core/actor.h"

#define INGRESS_SETTLES_MAX 65536    //  that wait; more are lost, and logged
#define INGRESS_SETTLE_AGAIN_MS 1000 //  milliseconds between two asks

typedef struct _ingress_settles_t ingress_settles_t;

//  "caller destroys", whereby those that wait are kept for the next life of the host
//  (br_ctx_keep). ctx is borrowed.
ingress_settles_t *ingress_settles_new (br_ctx_t *ctx);
void ingress_settles_destroy (ingress_settles_t **self_p);

//  Tells the meter now, and again until it has answered.
void ingress_settles_add (ingress_settles_t *self, br_id_t call, uint32_t attempt,
                          const struct br_call_settle *settle);

//  Tells the meter in a second or two: who knows more of the call may be first until then.
void ingress_settles_add_late (ingress_settles_t *self, br_id_t call, uint32_t attempt,
                               const struct br_call_settle *settle);

//  One that was kept by an earlier life of the host. msg: call.settle; who else sends one
//  than ingress itself is ignored.
void ingress_settles_on_kept (ingress_settles_t *self, const br_msg_t *msg);

//  The row is on disk. Unknown calls are ignored.
void ingress_settles_done (ingress_settles_t *self, br_id_t call);
size_t ingress_settles_count (const ingress_settles_t *self);

#endif
