//  guard_scope: which sets of rules concern a call. A set is for some keys, routes and
//  providers, or for all; a call is under the union of all sets that concern it, and of two
//  actions for one family the stricter one counts. No regex is in here: ingress asks it
//  whether a call needs a guard at all.

#ifndef BR_GUARD_SCOPE_H
#define BR_GUARD_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/error.h"
#include "broker/guard/guard_action.h"

#define GUARD_SETS_MAX 64 //  sets of one configuration

//  Bits: the sets that concern a call.
typedef uint64_t guard_sets_t;

typedef struct _guard_scope_t guard_scope_t;

//  Reads "sets" of a slice: [{"keys": [globs], "routes": [globs], "providers": [names],
//  "strictest": {"upgoing": "block", "downgoing": "warn"}, "fail_open": {"upgoing": false},
//  ...}]; a list that is absent means all. No "sets", no set. "tools", true or as guard_tools reads it; "digest", a text.
//  "caller destroys".
//  err:  BR_ECONFIG
guard_scope_t *guard_scope_new (const char *slice, br_error_t *reterr);
void guard_scope_destroy (guard_scope_t **self_p);

//  The sets for a caller's key (its id, "" = none) and route; then, of those, the ones for a
//  provider: a call's sets are the union over its candidates.
guard_sets_t guard_scope_of (const guard_scope_t *self, const char *key,
                             const char *route);
guard_sets_t guard_scope_for (const guard_scope_t *self, guard_sets_t sets,
                              const char *provider);

//  Whether there are rules for tools ("tools"). They concern every answer that may call
//  tools, under any sets or none.
bool guard_scope_has_tools (const guard_scope_t *self);

//  Names all that the rules say ("digest"): of two configurations with the same one each
//  answer is treated alike. "" = nobody said it. "owned by self"
const char *guard_scope_digest (const guard_scope_t *self);

//  What the strictest rule of these sets does.
guard_action_t guard_scope_strictest (const guard_scope_t *self, guard_sets_t sets,
                                      guard_direction_t direction);

//  Whether all rules of these sets fail open: "fail_open", and where nobody said it, what
//  only warns. Rules for tools never do.
bool guard_scope_is_open (const guard_scope_t *self, guard_sets_t sets,
                          guard_direction_t direction);

#endif
