//  router_health: how often each endpoint answered and failed, how quickly, and how much it
//  has to do. It only counts; what the counts mean is for others to say. Endpoints go by
//  their numbers (router_endpoints); others are left out.

#ifndef BR_ROUTER_HEALTH_H
#define BR_ROUTER_HEALTH_H

#include <stdint.h>

typedef enum {
    ROUTER_HEALTH_GOOD,   //  it answered
    ROUTER_HEALTH_BAD,    //  it failed
    ROUTER_HEALTH_NEITHER //  the end says nothing of it
} router_health_end_t;

typedef struct _router_health_row_t {
    uint64_t ok;        //  count
    uint64_t fail;      //  count
    uint64_t under_way; //  attempts now, count
    uint64_t first_us; //  mean time to the first byte, newer ones count more; 0 = unknown
    uint64_t measured_us; //  when it was measured last
} router_health_row_t;

typedef struct _router_health_t router_health_t;

//  "caller destroys"
router_health_t *router_health_new (void);
void router_health_destroy (router_health_t **self_p);

void router_health_start (router_health_t *self, unsigned endpoint);

//  An attempt that was started has ended.
//  in:   first_us, from its start to the first byte; 0 = none. now_us, of a clock
void router_health_end (router_health_t *self, unsigned endpoint, router_health_end_t end,
                        uint64_t first_us, uint64_t now_us);

//  All zeros for one that is left out.
router_health_row_t router_health_row (const router_health_t *self, unsigned endpoint);

//  The mean time to the first byte; 0 when it is unknown, or too old to mean anything.
uint64_t router_health_first_us (const router_health_t *self, unsigned endpoint,
                                 uint64_t now_us);

#endif
