//  ingress_notes: headers of an answer in which we speak for ourselves: which route it
//  was, how long it took, what is left of a limit.

#ifndef BR_INGRESS_NOTES_H
#define BR_INGRESS_NOTES_H

#include "broker/core/buf.h"
#include "broker/core/quota.h"
#include "broker/proto/price.h"
#include "broker/proto/protocol.h"

//  Each adds to pairs, see broker/core/pairs.h.

//  x-bitrouter-route: what is no visible ASCII stands there as %XX, as does '%'.
void ingress_notes_add_route (br_buf_t *pairs, const char *route);

//  x-bitrouter-overhead-us and server-timing. took_us: of all the call; elsewhere_us: the
//  part of it that was waiting for providers.
void ingress_notes_add_times (br_buf_t *pairs, uint64_t took_us, uint64_t elsewhere_us);

//  retry-after, whole seconds and at least one, and retry-after-ms.
void ingress_notes_add_retry (br_buf_t *pairs, uint64_t retry_ms);

//  x-bitrouter-guard: bits of guard_said_t; 0 adds nothing.
void ingress_notes_add_guard (br_buf_t *pairs, uint64_t guard_said);

//  x-bitrouter-cost-nusd; BR_PRICE_UNKNOWN adds nothing.
void ingress_notes_add_cost (br_buf_t *pairs, int64_t nusd);

//  What is left of a rate, in the way of the protocol. what: "requests" or "tokens".
//  unix_ms: now. A limit of 0 adds nothing.
void ingress_notes_add_rate (br_buf_t *pairs, br_protocol_t wire, const char *what,
                             const quota_rate_t *rate, uint64_t unix_ms);

#endif
