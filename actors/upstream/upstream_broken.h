//  upstream_broken: an attempt that failed after words of it went down, while another one
//  may go on with its answer: what the router is told. The words that wait for credit go
//  down before it is told, so that it is kept until then.
//  src:  docs/rfc/4-CALL.md

#ifndef BR_UPSTREAM_BROKEN_H
#define BR_UPSTREAM_BROKEN_H

#include "broker/core/actor.h"
#include "broker/proto/usage.h"
#include "actors/upstream/upstream_refusal.h"

typedef struct _upstream_broken_t upstream_broken_t;

//  in:   refusal, how it failed; what is needed of it is copied
//        state, what another attempt needs; taken
//  "caller destroys"
upstream_broken_t *upstream_broken_new (const upstream_refusal_t *refusal,
                                        br_blob_t **state_p);
void upstream_broken_destroy (upstream_broken_t **self_p);

//  Sends attempt.broken. -1 when the router cannot be reached.
int upstream_broken_send (const upstream_broken_t *self, br_ctx_t *ctx, br_addr_t router,
                          br_id_t call, uint32_t attempt, const br_usage_t *usage,
                          uint64_t first_us);

const br_error_t *upstream_broken_text (const upstream_broken_t *self); //  for the client
br_failure_t upstream_broken_failure (const upstream_broken_t *self);

#endif
