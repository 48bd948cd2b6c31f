//  router_breaker_models: what the breaker has said of single models of an endpoint, and what
//  it was told of them. A model has a row while it is out of use, or has failed since its
//  last good answer; so there are few, and mostly none. Bounded: one that is in use makes
//  room for a new one.

#ifndef BR_ROUTER_BREAKER_MODELS_H
#define BR_ROUTER_BREAKER_MODELS_H

#include <stddef.h>
#include <stdint.h>

#include "broker/core/failure.h"

#define ROUTER_BREAKER_MODELS_MAX 4096

//  Of an endpoint as a whole, or of one model there.
typedef struct _router_breaker_state_t {
    br_breaker_t state;
    uint64_t version;
    uint64_t until_us; //  it is open until then
    uint64_t lease;    //  that no attempt has taken; 0 = none
    uint64_t lent_us;  //  when it came
    uint64_t keep_ms;  //  it goes back after so long; 0 = the last one was used
    uint64_t taken;    //  the lease that was taken last, or went back
    uint64_t asked_us; //  when a probe was asked for last
    uint64_t good;     //  answers that were not told yet, count
} router_breaker_state_t;

typedef struct _router_breaker_model_t {
    struct _router_breaker_model_t *chain; //  of one bucket of the table
    struct _router_breaker_model_t *newer; //  in the order in which they were made
    struct _router_breaker_model_t *older;
    uint64_t hash;
    unsigned endpoint; //  its number
    char *name;        //  owned
    router_breaker_state_t row;
} router_breaker_model_t;

typedef struct _router_breaker_models_t router_breaker_models_t;

router_breaker_models_t *router_breaker_models_new (void); //  "caller destroys"
void router_breaker_models_destroy (router_breaker_models_t **self_p);

//  The model, or NULL. Models are "owned by self, until router_breaker_models_forget".
router_breaker_model_t *router_breaker_models_find (const router_breaker_models_t *self,
                                                    unsigned endpoint, const char *name);

//  The model, made when it is not there. NULL when none can make room.
router_breaker_model_t *router_breaker_models_get (router_breaker_models_t *self,
                                                   unsigned endpoint, const char *name);

//  The one that was made last, or NULL; then its `older`, and so on.
router_breaker_model_t *
router_breaker_models_newest (const router_breaker_models_t *self);

void router_breaker_models_forget (router_breaker_models_t *self,
                                   router_breaker_model_t *model);

size_t router_breaker_models_size (const router_breaker_models_t *self); //  count

#endif
