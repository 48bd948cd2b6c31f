//  guard_rules_state: the inside of guard_rules that guard_text looks at. Patterns and
//  what is beside them make what they need while they are used.

#ifndef BR_GUARD_RULES_STATE_H
#define BR_GUARD_RULES_STATE_H

#include "broker/guard/guard_pattern.h"
#include "broker/guard/guard_plan.h"
#include "broker/guard/guard_prefilter.h"
#include "broker/guard/guard_rules.h"
#include "broker/guard/guard_try.h"

guard_pattern_t *guard_rules_pattern (const guard_rules_t *self, unsigned pattern);
guard_prefilter_t *guard_rules_prefilter (const guard_rules_t *self);
guard_try_t *guard_rules_tries (const guard_rules_t *self);
guard_plans_t *guard_rules_plans (const guard_rules_t *self);

//  Bytes in front of a search that some regex may look at.
size_t guard_rules_behind (const guard_rules_t *self);

//  Whether an exact text is never a finding.
bool guard_rules_allows (const guard_rules_t *self, const char *match, size_t size);

#endif
