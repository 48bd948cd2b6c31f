//  guard_conf: a count and what it counts for.

#include <stdlib.h>

#include "actors/guard/guard_conf.h"
#include "broker/core/alloc.h"
#include "broker/guard/guard_calls.h"

guard_conf_t *
guard_conf_new (guard_rules_t **rules_p, guard_tools_t **tools_p, uint64_t generation)
{
    guard_conf_t *self = BR_NEW (guard_conf_t);
    self->rules = *rules_p;
    self->tools = *tools_p;
    self->generation = generation;
    self->refs = 1;
    *rules_p = NULL;
    *tools_p = NULL;
    return self;
}

guard_conf_t *
guard_conf_ref (guard_conf_t *self)
{
    self->refs++;
    return self;
}

bool
guard_conf_is_closed (const guard_conf_t *self, guard_sets_t sets,
                      guard_direction_t direction)
{
    size_t count = guard_rules_count (self->rules);
    for (unsigned i = 0; i < count; i++)
        if (guard_rules_action (self->rules, sets, direction, i) >= GUARD_REDACT
            && !guard_rules_fails_open (self->rules, sets, direction, i))
            return true;
    return false;
}

const guard_tools_t *
guard_conf_tools (const guard_conf_t *self, br_surface_t surface)
{
    bool concerns = guard_calls_concern (surface) && guard_tools_has_rules (self->tools);
    return concerns ? self->tools : NULL;
}

void
guard_conf_let_go (guard_conf_t **self_p)
{
    guard_conf_t *self = *self_p;
    *self_p = NULL;
    if (!self || --self->refs)
        return;
    guard_tools_destroy (&self->tools);
    guard_rules_destroy (&self->rules);
    free (self);
}
