//  upstream_estimate: how many tokens a request has where the provider's protocol has no
//  way to ask: about as many, answered at once, and marked by a header.

#ifndef BR_UPSTREAM_ESTIMATE_H
#define BR_UPSTREAM_ESTIMATE_H

#include "broker/core/actor.h"
#include "broker/core/slip.h"
#include "broker/proto/surface.h"

//  Whether what the client asks (msg, attempt.start) is a count that the provider, asked
//  in this surface, cannot make.
bool upstream_estimate_is_due (const br_msg_t *msg, br_surface_t surface);

//  Answers as an attempt does, from start to end; attempt.fail where the request makes no
//  sense.
void upstream_estimate (br_ctx_t *ctx, const char *provider, const br_msg_t *msg,
                        const br_slip_t *slip);

#endif
