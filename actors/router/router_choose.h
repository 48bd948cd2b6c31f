//  router_choose: in which order a call's candidates are tried. Pure: what a strategy needs
//  to know is handed in.

#ifndef BR_ROUTER_CHOOSE_H
#define BR_ROUTER_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROUTER_CHOICE_MAX 256 //  candidates

typedef enum {
    ROUTER_PRIORITY,      //  the declared order
    ROUTER_LOAD_BALANCE,  //  in turns by weight; the others follow as fail-over targets
    ROUTER_LEAST_LATENCY, //  the shortest mean time to the first byte
    ROUTER_LEAST_BUSY,    //  the fewest attempts under way
    ROUTER_CHEAPEST,      //  the lowest price
    ROUTER_STRATEGIES
} router_strategy_t;

//  By its name in call.open; unknown ones count as priority.
router_strategy_t router_strategy_of (const char *name);

//  What is known of a candidate.
typedef struct _router_view_t {
    unsigned weight;     //  at least 1
    unsigned pool;       //  those of one number stand together; 0 = alone
    bool fits;           //  it has what the call needs, as far as is known
    bool open;           //  its endpoint is out of use
    uint64_t name;       //  what rendezvous knows it by
    uint64_t first_us;   //  mean time to the first byte; 0 = unknown
    uint64_t under_way;  //  attempts now, count
    uint64_t price_nusd; //  0 = unknown
} router_view_t;

//  Writes the order: indexes of candidates, the first to try first.
//
//  The strategy comes first. Candidates of a pool stand together where the first of them
//  stands, and take turns among themselves. Those that do not fit go to the end; and those
//  that are open go behind the closed ones, among those that fit and among the others, so
//  that none is ever left out. Where nothing tells two candidates apart they stay in the
//  declared order.
//  in:   count, 1 to ROUTER_CHOICE_MAX; turn, grows by one with each call; affinity, hash of
//        a conversation that wants to meet the same candidate again: it decides in the place
//        of turns; 0 = none
void router_choose (router_strategy_t strategy, const router_view_t *views, size_t count,
                    uint64_t turn, uint64_t affinity, uint8_t *ret_order);

//  ---- whose turn it is, for each route

typedef struct _router_turns_t router_turns_t;

//  seed: where counting starts, so that shards do not all start with the same candidate.
//  "caller destroys"
router_turns_t *router_turns_new (uint64_t seed);
void router_turns_destroy (router_turns_t **self_p);

//  The next turn of a route. Past 1024 routes some share a counter.
uint64_t router_turns_next (router_turns_t *self, const char *route);

#endif
