//  metrics_breakers: which endpoints are out of use, as their owner has told. Only those
//  that are not closed are kept, and those that were.

#ifndef BR_METRICS_BREAKERS_H
#define BR_METRICS_BREAKERS_H

#include "broker/core/verbs.h"

#define METRICS_BREAKERS_MAX 1024 //  of others nothing is kept
#define METRICS_BREAKER_NAME 200  //  bytes of one name, with its end

typedef struct _metrics_breaker_t {
    char provider[METRICS_BREAKER_NAME];
    char endpoint[METRICS_BREAKER_NAME]; //  "" = the provider's own
    char model[METRICS_BREAKER_NAME];    //  "" = the endpoint as a whole
    unsigned state;                      //  br_breaker_t
    uint64_t version;
} metrics_breaker_t;

//  All zero is an empty one.
typedef struct _metrics_breakers_t {
    metrics_breaker_t *rows; //  owned
    size_t size;
} metrics_breakers_t;

void metrics_breakers_free (metrics_breakers_t *self);

//  The owner has told a state; one that is older than what is known is ignored.
void metrics_breakers_set (metrics_breakers_t *self,
                           const struct br_breaker_state *state);

//  Another owner is asked: all are closed until it says otherwise.
void metrics_breakers_reset (metrics_breakers_t *self);

#endif
