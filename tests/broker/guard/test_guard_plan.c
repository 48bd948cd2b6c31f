//  guard_plan: what concerns a text, and plans that are kept.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/guard/guard_plan.h"
#include "broker/guard/guard_rules_state.h"

static const char s_slice[] =
    "{\"families\":[{\"id\":\"f\",\"patterns\":["
    "{\"name\":\"hinted\",\"regex\":\"abc\",\"hints\":[\"abc\"]},"
    "{\"name\":\"led\",\"regex\":\".abc\",\"hints\":[\"abc\"],\"lead\":1}]},"
    "{\"id\":\"g\",\"patterns\":[{\"name\":\"bare\",\"regex\":\"x\"}]}],"
    "\"sets\":[{\"upgoing\":{\"f\":\"warn\"}},"
    "{\"upgoing\":{\"g\":\"block\"},\"fail\":{\"g\":\"open\"}}]}";

typedef struct {
    guard_rules_t *rules;
    guard_plans_t *plans;
} world_t;

static int
s_setup (void **state)
{
    static world_t world;
    br_error_t error = { .code = BR_OK };
    world.rules = guard_rules_new (s_slice, &error);
    assert_non_null (world.rules);
    world.plans = guard_plans_new ();
    *state = &world;
    return 0;
}

static int
s_teardown (void **state)
{
    world_t *world = *state;
    guard_plans_destroy (&world->plans);
    guard_plans_destroy (&world->plans);
    guard_rules_destroy (&world->rules);
    return 0;
}

static guard_plan_t *
s_get (world_t *world, guard_sets_t sets, guard_action_t least, guard_action_t most)
{
    guard_kind_t kind = { sets, GUARD_UP, least, most };
    return guard_plans_get (world->plans, world->rules, &kind);
}

static void
a_plan_has_what_the_sets_do (void **state)
{
    world_t *world = *state;
    guard_plan_t *plan = s_get (world, 3, GUARD_WARN, GUARD_BLOCK);
    assert_int_equal (plan->count, 3);
    assert_int_equal (plan->actions[0], GUARD_WARN);
    assert_int_equal (plan->actions[1], GUARD_WARN);
    assert_int_equal (plan->actions[2], GUARD_BLOCK);
    assert_true (plan->fails_open[0] && plan->fails_open[2]);
    assert_true (plan->has_hints);
    guard_plans_let_go (world->plans, &plan);
    assert_null (plan);
    guard_plans_let_go (world->plans, &plan);
}

static void
what_has_no_hint_or_a_lead_is_always_tried (void **state)
{
    world_t *world = *state;
    guard_plan_t *plan = s_get (world, 3, GUARD_WARN, GUARD_BLOCK);
    assert_int_equal (plan->always_size, 2);
    assert_int_equal (plan->always[0], 1);
    assert_int_equal (plan->always[1], 2);
    guard_plans_let_go (world->plans, &plan);
}

static void
other_actions_are_left_out (void **state)
{
    world_t *world = *state;
    guard_plan_t *plan = s_get (world, 3, GUARD_REDACT, GUARD_BLOCK);
    assert_int_equal (plan->actions[0], GUARD_OFF);
    assert_int_equal (plan->actions[2], GUARD_BLOCK);
    assert_false (plan->has_hints);
    guard_plans_let_go (world->plans, &plan);
}

static void
the_same_kind_has_the_same_plan (void **state)
{
    world_t *world = *state;
    guard_plan_t *one = s_get (world, 1, GUARD_WARN, GUARD_WARN);
    guard_plan_t *other = s_get (world, 2, GUARD_WARN, GUARD_BLOCK);
    guard_plan_t *again = s_get (world, 1, GUARD_WARN, GUARD_WARN);
    assert_ptr_equal (one, again);
    assert_ptr_not_equal (one, other);
    guard_plans_let_go (world->plans, &one);
    assert_int_equal (again->refs, 1);
    guard_plans_let_go (world->plans, &again);
    guard_plans_let_go (world->plans, &other);
}

//  Given more kinds than are kept, then the plan that somebody has is there all the same.
static void
those_that_somebody_has_are_kept (void **state)
{
    world_t *world = *state;
    guard_plan_t *mine = s_get (world, 1, GUARD_WARN, GUARD_BLOCK);
    for (guard_sets_t sets = 4; sets < 4 + GUARD_PLANS_MAX * 2; sets++) {
        guard_plan_t *plan = s_get (world, sets, GUARD_WARN, GUARD_BLOCK);
        guard_plans_let_go (world->plans, &plan);
    }
    assert_int_equal (mine->actions[0], GUARD_WARN);
    guard_plan_t *again = s_get (world, 1, GUARD_WARN, GUARD_BLOCK);
    assert_ptr_equal (mine, again);
    guard_plans_let_go (world->plans, &again);
    guard_plans_let_go (world->plans, &mine);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (a_plan_has_what_the_sets_do, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (what_has_no_hint_or_a_lead_is_always_tried,
                                         s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (other_actions_are_left_out, s_setup, s_teardown),
        cmocka_unit_test_setup_teardown (the_same_kind_has_the_same_plan, s_setup,
                                         s_teardown),
        cmocka_unit_test_setup_teardown (those_that_somebody_has_are_kept, s_setup,
                                         s_teardown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
