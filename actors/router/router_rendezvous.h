//  router_rendezvous: whom a conversation meets. Each candidate draws a score from its own
//  name and the conversation's hash, and the highest one wins: the same conversation meets
//  the same candidate as long as it is there, and when one goes only its own conversations
//  move.
//  src:  D. Thaler, C. V. Ravishankar, A Name-Based Mapping Scheme for Rendezvous

#ifndef BR_ROUTER_RENDEZVOUS_H
#define BR_ROUTER_RENDEZVOUS_H

#include <stdint.h>

//  What a candidate is known by.
uint64_t router_rendezvous_name (const char *provider, const char *endpoint,
                                 const char *model);

//  The score of a candidate, greater than 0. It is the highest one of all as often as its
//  share of the weights says. weight is at least 1.
double router_rendezvous_score (uint64_t affinity, uint64_t name, unsigned weight);

#endif
