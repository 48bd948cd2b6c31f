//  router_choose: in which order a call's candidates are tried. Pure: what a strategy needs
//  to know is handed in.

#ifndef BR_ROUTER_CHOOSE_H
#define BR_ROUTER_CHOOSE_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
    ROUTER_PRIORITY,    //  the declared order
    ROUTER_LOAD_BALANCE //  in turns by weight; the others follow as fail-over targets
} router_strategy_t;

//  By its name in call.open; unknown ones count as priority.
router_strategy_t router_strategy_of (const char *name);

//  Writes the order: indexes of candidates, the first to try first.
//  in:   weights, at least 1 each; count, 1 to 256; turn, grows by one with each call
void router_choose (router_strategy_t strategy, const unsigned *weights, size_t count,
                    uint64_t turn, uint8_t *ret_order);

//  ---- whose turn it is, for each route

typedef struct _router_turns_t router_turns_t;

//  seed: where counting starts, so that shards do not all start with the same candidate.
//  "caller destroys"
router_turns_t *router_turns_new (uint64_t seed);
void router_turns_destroy (router_turns_t **self_p);

//  The next turn of a route. Past 1024 routes some share a counter.
uint64_t router_turns_next (router_turns_t *self, const char *route);

#endif
