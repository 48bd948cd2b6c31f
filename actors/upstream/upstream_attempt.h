//  upstream_attempt: one request to the provider and its answer on the way down the slip.
//  src:  docs/rfc/4-CALL.md

#ifndef BR_UPSTREAM_ATTEMPT_H
#define BR_UPSTREAM_ATTEMPT_H

#include "broker/core/actor.h"
#include "actors/upstream/upstream_down.h"
#include "actors/upstream/upstream_table.h"

typedef struct _upstream_attempt_t upstream_attempt_t;

//  What all attempts of a provider share. "owned by the actor"
typedef struct _upstream_env_t {
    br_ctx_t *ctx;
    const char *provider;
    uint64_t requests; //  started, count
    uint64_t failures; //  ended badly, count
    //  The attempt is over, all has been told; it may be destroyed in here.
    void (*ended) (void *arg, upstream_attempt_t *attempt);
    //  The provider refused our credential; or NULL.
    void (*refused) (void *arg);
    void *arg;
} upstream_env_t;

//  Starts an attempt with the endpoint and the deadlines that table has now; takes a
//  reference on it. NULL when it failed at once: then the router has been told.
//  "caller destroys"
upstream_attempt_t *upstream_attempt_new (upstream_env_t *env, upstream_table_t *table,
                                          http_client_t *client, const br_msg_t *msg);

//  Cancels its transfer. Nobody is told.
void upstream_attempt_destroy (upstream_attempt_t **self_p);

//  These may end the attempt; it must not be used afterwards.
//  attempt.cancel, for this reason
void upstream_attempt_cancel (upstream_attempt_t *self, br_code_t code);
void upstream_attempt_give_up (upstream_attempt_t *self); //  the host is stopping
void upstream_attempt_gone (upstream_attempt_t *self, const struct br_sys_gone *gone);

//  The answer's bytes may flow up to this offset.
void upstream_attempt_credit (upstream_attempt_t *self, uint64_t upto);

br_id_t upstream_attempt_call (const upstream_attempt_t *self);
uint32_t upstream_attempt_number (const upstream_attempt_t *self);

#endif
