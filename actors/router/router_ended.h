//  router_ended: the answers that ended lately. Their last words may still be on the way to
//  ingress when the host that sent them is lost, while its attempt.done is here already:
//  then somebody has to ask ingress whether it has all.

#ifndef BR_ROUTER_ENDED_H
#define BR_ROUTER_ENDED_H

#include "broker/core/msg.h"

#define ROUTER_ENDED_MAX 4096 //  that are remembered; the oldest is forgotten

typedef struct _router_ended_row_t {
    br_id_t call;
    uint32_t attempt; //  that answered; 0 = the row is free
    br_addr_t upstream;
    br_addr_t ingress;
    br_addr_t down; //  first stop on the way to the client
} router_ended_row_t;

typedef struct _router_ended_t router_ended_t;

router_ended_t *router_ended_new (void); //  "caller destroys"
void router_ended_destroy (router_ended_t **self_p);

//  A call ended with the attempt.done of an answer. The row is copied.
void router_ended_add (router_ended_t *self, const router_ended_row_t *row);

//  Walks the rows that a host answered, the oldest last; starts with *cursor == 0. NULL at
//  the end. "owned by self, until next change"
const router_ended_row_t *router_ended_next (const router_ended_t *self, uint32_t host,
                                             uint32_t life, size_t *cursor);

//  Forgets the row of this attempt and copies it to *ret_row. False when there is none.
bool router_ended_take (router_ended_t *self, br_id_t call, uint32_t attempt,
                        router_ended_row_t *ret_row);

#endif
