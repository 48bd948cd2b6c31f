//  guard_plan: what of the rules concerns texts of one kind: which patterns, and what is done
//  about each. The inside of guard_rules and guard_text. Calls are alike, so plans are kept.

#ifndef BR_GUARD_PLAN_H
#define BR_GUARD_PLAN_H

#include "broker/guard/guard_rules.h"

#define GUARD_PLANS_MAX 32 //  that are kept without anybody who has them

typedef struct _guard_kind_t {
    guard_sets_t sets;
    guard_direction_t direction;
    guard_action_t least;
    guard_action_t most;
} guard_kind_t;

typedef struct _guard_plan_t {
    guard_kind_t kind;
    size_t count;     //  patterns
    uint8_t *actions; //  by pattern; GUARD_OFF = it is not looked for
    bool *fails_open; //  by pattern
    uint16_t *always; //  patterns that could match in front of a hint, or without any
    size_t always_size;
    bool has_hints;
    void
        *spare; //  owned, or NULL: what a text left for the next one, as new; to be freed
    unsigned refs;
} guard_plan_t;

typedef struct _guard_plans_t guard_plans_t;

guard_plans_t *guard_plans_new (void);
void guard_plans_destroy (guard_plans_t **self_p); //  when nobody has one

//  rules, always the same ones. "caller lets go"
guard_plan_t *guard_plans_get (guard_plans_t *self, const guard_rules_t *rules,
                               const guard_kind_t *kind);
void guard_plans_let_go (guard_plans_t *self, guard_plan_t **plan_p);

#endif
