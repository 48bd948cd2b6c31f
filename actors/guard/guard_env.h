//  guard_env: what the parts of the actor share.

#ifndef BR_GUARD_ENV_H
#define BR_GUARD_ENV_H

#include "actors/guard/guard_conf.h"
#include "actors/guard/guard_findings.h"
#include "actors/guard/guard_queue.h"

typedef struct _guard_env_t {
    br_ctx_t *ctx;
    guard_queue_t *queue;
    guard_tally_t *tally;
    struct _guard_looks_t *looks;
} guard_env_t;

#endif
