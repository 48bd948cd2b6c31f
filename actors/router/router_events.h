//  router_events: what the router tells those who watch: attempts and ends of calls. Costs
//  nothing while nobody does.

#ifndef BR_ROUTER_EVENTS_H
#define BR_ROUTER_EVENTS_H

#include "broker/core/actor.h"
#include "broker/proto/candidates.h"
#include "actors/router/router_call.h"

void router_events_started (br_ctx_t *ctx, br_id_t call, uint32_t attempt,
                            const br_candidate_t *asked);
void router_events_begun (br_ctx_t *ctx, br_id_t call, uint32_t attempt,
                          uint64_t first_ms);
void router_events_failed (br_ctx_t *ctx, br_id_t call, uint32_t attempt,
                           const br_candidate_t *asked, const router_failure_t *failure);
void router_events_delayed (br_ctx_t *ctx, br_id_t call, uint32_t attempt,
                            uint64_t delay_ms);
void router_events_ended (br_ctx_t *ctx, br_id_t call, const router_end_t *end,
                          const struct br_call_settle *settle);

#endif
