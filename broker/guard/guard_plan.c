//  guard_plan: plans in a row, the one that was asked for last in front.

#include <assert.h>
#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_plan.h"
#include "broker/guard/guard_rules_state.h"

//  Plan and place in the row.
typedef struct _row_t {
    guard_plan_t plan;
    struct _row_t *next;
} row_t;

struct _guard_plans_t {
    row_t *first;
    size_t idle; //  rows that nobody has
};

guard_plans_t *
guard_plans_new (void)
{
    return BR_NEW (guard_plans_t);
}

static void
s_free (row_t *row)
{
    free (row->plan.spare);
    free (row->plan.always);
    free (row->plan.fails_open);
    free (row->plan.actions);
    free (row);
}

void
guard_plans_destroy (guard_plans_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_plans_t *self = *self_p;
    while (self->first) {
        row_t *row = self->first;
        assert (row->plan.refs == 0);
        self->first = row->next;
        s_free (row);
    }
    free (self);
    *self_p = NULL;
}

static row_t *
s_new (const guard_rules_t *rules, const guard_kind_t *kind)
{
    row_t *row = BR_NEW (row_t);
    guard_plan_t *plan = &row->plan;
    plan->kind = *kind;
    plan->count = guard_rules_count (rules);
    plan->actions = br_alloc (plan->count + 1, sizeof *plan->actions);
    plan->fails_open = br_alloc (plan->count + 1, sizeof *plan->fails_open);
    plan->always = br_alloc (plan->count + 1, sizeof *plan->always);
    for (unsigned i = 0; i < plan->count; i++) {
        guard_action_t action = guard_rules_action (rules, kind->sets, kind->direction,
                                                    i);
        if (action == GUARD_OFF || action < kind->least || action > kind->most)
            continue;
        const guard_pattern_t *pattern = guard_rules_pattern (rules, i);
        plan->actions[i] = (uint8_t) action;
        plan->fails_open[i] = guard_rules_fails_open (rules, kind->sets, kind->direction,
                                                      i);
        if (!pattern->has_hints || pattern->lead > 0)
            plan->always[plan->always_size++] = (uint16_t) i;
        plan->has_hints |= pattern->has_hints;
    }
    return row;
}

static bool
s_is (const guard_kind_t *one, const guard_kind_t *other)
{
    return one->sets == other->sets && one->direction == other->direction
           && one->least == other->least && one->most == other->most;
}

//  Takes the row of a kind out; NULL = there is none.
static row_t *
s_take (guard_plans_t *self, const guard_kind_t *kind)
{
    row_t **at = &self->first;
    while (*at && !s_is (&(*at)->plan.kind, kind))
        at = &(*at)->next;
    row_t *row = *at;
    if (row)
        *at = row->next;
    return row;
}

guard_plan_t *
guard_plans_get (guard_plans_t *self, const guard_rules_t *rules,
                 const guard_kind_t *kind)
{
    row_t *row = s_take (self, kind);
    if (!row) {
        row = s_new (rules, kind);
        self->idle++;
    }
    row->next = self->first;
    self->first = row;
    self->idle -= row->plan.refs++ == 0;
    return &row->plan;
}

//  Forgets the one that nobody has and that was asked for the longest time ago.
static void
s_forget (guard_plans_t *self)
{
    row_t **oldest = NULL;
    for (row_t **at = &self->first; *at; at = &(*at)->next)
        if ((*at)->plan.refs == 0)
            oldest = at;
    if (!oldest)
        return;
    row_t *row = *oldest;
    *oldest = row->next;
    self->idle--;
    s_free (row);
}

void
guard_plans_let_go (guard_plans_t *self, guard_plan_t **plan_p)
{
    if (!*plan_p)
        return;
    row_t *row = s_take (self, &(*plan_p)->kind);
    assert (row && row->plan.refs > 0);
    row->next = self->first;
    self->first = row;
    self->idle += --row->plan.refs == 0;
    *plan_p = NULL;
    if (self->idle > GUARD_PLANS_MAX)
        s_forget (self);
}
