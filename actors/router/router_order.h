//  router_order: the candidates of a call in the order in which they are tried: what the
//  call asks for, what the catalogue says of them, and what this router knows of their
//  endpoints, brought to router_choose.

#ifndef BR_ROUTER_ORDER_H
#define BR_ROUTER_ORDER_H

#include "broker/proto/candidates.h"
#include "actors/router/router_breaker.h"
#include "actors/router/router_choose.h"
#include "actors/router/router_health.h"

typedef struct _router_order_t {
    const router_health_t *health; //  borrowed, all of them
    router_breaker_t *breaker;     //  is told whom the call would ask
    router_endpoints_t *endpoints;
    router_turns_t *turns;
    bool affinity; //  whether calls may ask for it
    uint64_t now_us;
} router_order_t;

//  Puts candidates in the order in which they are to be tried.
//  in:   count, at most BR_CANDIDATES_MAX
//  out:  ret_rows, the same rows; ret_endpoints, the numbers of their endpoints
void router_order (const router_order_t *self, const struct br_call_open *open,
                   const br_candidate_t *rows, size_t count, br_candidate_t *ret_rows,
                   uint16_t *ret_endpoints);

#endif
