//  metrics_log: a line of log for each call that has ended, at level debug. No word of a
//  prompt or an answer is in it, and no credential.

#ifndef BR_METRICS_LOG_H
#define BR_METRICS_LOG_H

#include "broker/core/actor.h"

//  "request finished", with its facts; nothing below the level.
void metrics_log_call (br_ctx_t *ctx, const struct br_call_metered *call);

#endif
