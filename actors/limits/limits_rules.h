//  limits_rules: what the configuration allows each key. The owner's slice, read.

#ifndef BR_LIMITS_RULES_H
#define BR_LIMITS_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/core/error.h"

typedef struct _limits_rules_t limits_rules_t;

//  A member that is 0 limits nothing.
typedef struct _limits_rule_t {
    uint64_t requests;    //  a minute
    uint64_t tokens;      //  a minute
    uint64_t concurrency; //  calls at the same time
} limits_rule_t;

//  Reads the slice (JSON): callers, models, providers. "caller destroys"
//  err:  BR_ECONFIG names the member
limits_rules_t *limits_rules_new (const char *slice, br_error_t *reterr);
void limits_rules_destroy (limits_rules_t **self_p);

//  The rule of a key: of a caller, a model, or PROVIDER/MODEL. Of several globs the first
//  one that fits counts. NULL when nothing limits it. "owned by self"
const limits_rule_t *limits_rules_find (const limits_rules_t *self, const char *kind,
                                        const char *key);

//  The rule of a key that has limits of its own: each of these that is not 0 counts, else
//  that of rule, which may be NULL.
limits_rule_t limits_rule_merge (const limits_rule_t *own, const limits_rule_t *rule);

bool limits_rule_is_none (const limits_rule_t *rule); //  it limits nothing
bool limits_rule_is (const limits_rule_t *a, const limits_rule_t *b);

#endif
