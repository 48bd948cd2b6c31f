//  slip: the routing slip of a call: the stops up (auth, guard, router) and the stops down
//  (guard, ingress), chosen once by ingress. A stop sends on to the one behind itself.

#ifndef BR_SLIP_H
#define BR_SLIP_H

#include "broker/core/buf.h"
#include "broker/core/verbs.h"

#define BR_SLIP_STOPS_MAX 8

typedef struct _br_slip_t {
    br_addr_t up[BR_SLIP_STOPS_MAX];
    br_addr_t down[BR_SLIP_STOPS_MAX];
    uint8_t up_size;   //  count
    uint8_t down_size; //  count; the last one is ingress
} br_slip_t;

//  Appends it, encoded; at most BR_SLIP_BYTES_MAX bytes.
#define BR_SLIP_BYTES_MAX (2 + 2 * BR_SLIP_STOPS_MAX * 12)
void br_slip_encode (const br_slip_t *self, br_buf_t *buf);

//  0, or -1 when the bytes are no slip.
int br_slip_decode (br_bytes_t bytes, br_slip_t *ret_slip);

//  The stop behind `self_addr` on the way up or down; an unset address when there is none.
//  An address that is on no list gets the first stop.
br_addr_t br_slip_up (const br_slip_t *self, br_addr_t self_addr);
br_addr_t br_slip_down (const br_slip_t *self, br_addr_t self_addr);

#endif
