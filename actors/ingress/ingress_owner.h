//  ingress_owner: who hears what becomes of an HTTP call: the first member of whatever waits
//  to answer one, under http_call_set_owner.

#ifndef BR_INGRESS_OWNER_H
#define BR_INGRESS_OWNER_H

#include <stdint.h>

typedef struct _ingress_owner_t ingress_owner_t;
struct _ingress_owner_t {
    //  MUST: the call may not be used any more: it is answered, or the client is gone.
    void (*over) (ingress_owner_t *self);
    //  MAY: the client has taken so many bytes of the answer's body, from its start on.
    void (*written) (ingress_owner_t *self, uint64_t body_bytes);
};

#endif
