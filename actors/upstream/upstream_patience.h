//  upstream_patience: how long an attempt waits for what: the bounds of the provider's
//  configuration, those that the client gave, and what it means when one has passed. No
//  clock, no state but these.

#ifndef BR_UPSTREAM_PATIENCE_H
#define BR_UPSTREAM_PATIENCE_H

#include "broker/core/failure.h"
#include "broker/core/verbs.h"
#include "actors/upstream/upstream_table.h"

#define UPSTREAM_PATIENCE_TEXT 256 //  bytes of a text, with its end

typedef struct _upstream_patience_t {
    upstream_bounds_t bounds; //  that hold for the attempt
    unsigned hurried;         //  bits 1 << http_end_t: the client's, and shorter
} upstream_patience_t;

//  The client's bounds take the place of the provider's own; for the whole attempt the
//  shorter one holds.
upstream_patience_t upstream_patience_of (const upstream_bounds_t *own,
                                          const struct br_attempt_start *start);

//  What the end of a transfer says, now that it is known whose bound it was: otherwise, or,
//  where the client was in a greater hurry than the provider's configuration, a failure
//  that does not count against the provider.
br_failure_t upstream_patience_failure (const upstream_patience_t *self, http_end_t end,
                                        br_failure_t otherwise);

//  What the provider did, how long it took, and what sets that limit; of an end that is no
//  passed bound `otherwise`.
//  ret:  out, or otherwise
const char *upstream_patience_tell (const upstream_patience_t *self, http_end_t end,
                                    const char *provider, const char *otherwise,
                                    char out[UPSTREAM_PATIENCE_TEXT]);

#endif
