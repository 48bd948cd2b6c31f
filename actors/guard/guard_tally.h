//  guard_tally: how often each family was found, until the metrics are told.

#ifndef BR_GUARD_TALLY_H
#define BR_GUARD_TALLY_H

#include "broker/core/actor.h"
#include "broker/guard/guard_action.h"

#define GUARD_TALLY_MAX 512 //  rows; more families than that are not counted apart
#define GUARD_TALLY_MS 1000 //  between two words to the metrics

typedef struct _guard_tally_t guard_tally_t;

//  "caller destroys"; ctx is borrowed.
guard_tally_t *guard_tally_new (br_ctx_t *ctx);
void guard_tally_destroy (guard_tally_t **self_p);

//  family: copied.
void guard_tally_add (guard_tally_t *self, const char *family, guard_action_t action,
                      guard_direction_t direction, uint64_t count, bool failed);

//  Since the start, for the admin door: [{"family", "action", "direction", "count",
//  "failed"}]. "caller frees"
char *guard_tally_json (const guard_tally_t *self);

#endif
