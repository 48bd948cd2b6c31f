//  guard_conf: the rules of one generation of the configuration, shared by the calls that
//  began under it: a reload changes nothing for them.

#ifndef BR_GUARD_CONF_H
#define BR_GUARD_CONF_H

#include "broker/guard/guard_rules.h"
#include "broker/guard/guard_tools.h"
#include "broker/proto/surface.h"

typedef struct _guard_conf_t {
    guard_rules_t *rules; //  owned
    guard_tools_t *tools; //  owned
    uint64_t generation;
    unsigned refs; //  count
} guard_conf_t;

//  Takes the rules, and those for tools. One reference is the caller's.
guard_conf_t *guard_conf_new (guard_rules_t **rules_p, guard_tools_t **tools_p,
                              uint64_t generation);
guard_conf_t *guard_conf_ref (guard_conf_t *self);

//  Whether what cannot be read at all has to stop: a rule that redacts or blocks fails
//  closed.
bool guard_conf_is_closed (const guard_conf_t *self, guard_sets_t sets,
                           guard_direction_t direction);

//  Rules for tools that concern a call of this surface, or NULL. "owned by self"
const guard_tools_t *guard_conf_tools (const guard_conf_t *self, br_surface_t surface);

//  Gives a reference back; the last one frees. *self_p becomes NULL, and may be.
void guard_conf_let_go (guard_conf_t **self_p);

#endif
