//  explore: runs a configuration of the net in all orders of its events that can make a
//  difference. Two events on different hosts can be swapped, and only one of the two orders
//  is run (sleep sets). Each run starts afresh and replays its prefix.
//  src:  P. Godefroid, Partial-Order Methods for the Verification of Concurrent Systems

#ifndef BR_TESTS_FLOW_EXPLORE_H
#define BR_TESTS_FLOW_EXPLORE_H

#include "tests/flow/net.h"

#define EXPLORE_DEPTH 96 //  events of a run; behind them the judge goes on in one order

//  One of so many parts of about the same size. Together they are all orders.
typedef struct {
    unsigned turn; //  0 to count - 1
    unsigned count;
} explore_part_t;

//  The one that BR_FLOW_PART names, "0/8" to "7/8", or all. Any other ends the program.
explore_part_t explore_part (void);

typedef struct _explore_t explore_t;

explore_t *explore_new (const net_conf_t *conf, explore_part_t part); //  conf is borrowed
void explore_destroy (explore_t **self_p);

//  Plays the next order of the part up to its end. NULL when there is no other. *ret_twin:
//  the order makes no difference to one that was run before, and need not be judged.
//  "caller destroys"
net_t *explore_next (explore_t *self, bool *ret_twin);

//  The order that was played last, again, with its history. "caller destroys"
net_t *explore_again (const explore_t *self, const net_conf_t *loud);

//  The same as numbers: "31 1 8".
void explore_print (const explore_t *self, br_buf_t *buf);

#endif
