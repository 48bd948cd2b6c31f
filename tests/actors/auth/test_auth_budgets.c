//  auth_budgets: which budget is whose, and what makes room.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "actors/auth/auth_budgets.h"

static auth_scope_t
s_session (const char *key, br_budget_range_t range, uint64_t extent)
{
    auth_scope_t scope = { .scope = BR_BUDGET_SESSION, .range = range, .key = key };
    scope.extent = extent;
    scope.account = "acc";
    return scope;
}

static void
a_budget_is_one_of_an_owner_and_a_range (void **state)
{
    (void) state;
    auth_budgets_t *budgets = auth_budgets_new ();
    auth_scope_t scope = s_session ("k", BR_BUDGET_ALL, 0);
    auth_budget_t *all = auth_budgets_get (budgets, &scope, 1);
    assert_ptr_equal (auth_budgets_get (budgets, &scope, 2), all);
    scope = s_session ("k", BR_BUDGET_DURATION, 60);
    auth_budget_t *minute = auth_budgets_get (budgets, &scope, 3);
    assert_ptr_not_equal (minute, all);
    assert_int_equal (minute->spend.extent_ms, 60000);
    scope = s_session ("k", BR_BUDGET_DURATION, 61);
    assert_ptr_not_equal (auth_budgets_get (budgets, &scope, 4), minute);
    scope = s_session ("acc", BR_BUDGET_ALL, 0);
    auth_budget_t *other = auth_budgets_get (budgets, &scope, 5);
    scope.scope = BR_BUDGET_ACCOUNT;
    assert_ptr_not_equal (auth_budgets_get (budgets, &scope, 6), other);
    assert_int_equal (auth_budgets_size (budgets), 5);
    //  then: rounds share their budget, whatever their count
    scope = s_session ("k", BR_BUDGET_ROUNDS, 5);
    auth_budget_t *rounds = auth_budgets_get (budgets, &scope, 7);
    scope.extent = 6;
    assert_ptr_equal (auth_budgets_get (budgets, &scope, 8), rounds);
    assert_ptr_equal (auth_budgets_newest (budgets), rounds);
    //  then: a walk finds all of an owner, and no other's
    size_t count = 0;
    auth_budget_t *budget = auth_budgets_first (budgets, BR_BUDGET_SESSION, "k");
    for (; budget; budget = auth_budgets_next (budget))
        count++;
    assert_int_equal (count, 4);
    assert_null (auth_budgets_first (budgets, BR_BUDGET_ACCOUNT, "k"));
    auth_budgets_destroy (&budgets);
    assert_null (budgets);
    auth_budgets_destroy (&budgets);
}

static void
a_window_has_its_bounds (void **state)
{
    (void) state;
    auth_budgets_t *budgets = auth_budgets_new ();
    auth_scope_t scope = s_session ("k", BR_BUDGET_DURATION, 0);
    assert_int_equal (auth_budgets_get (budgets, &scope, 1)->extent, 1);
    scope.extent = UINT64_MAX;
    assert_true (auth_budgets_get (budgets, &scope, 1)->extent == AUTH_EXTENT_MAX_S);
    auth_budgets_destroy (&budgets);
}

static void
calls_are_found_until_they_end (void **state)
{
    (void) state;
    auth_budgets_t *budgets = auth_budgets_new ();
    auth_scope_t scope = s_session ("k", BR_BUDGET_ALL, 0);
    auth_budget_t *budget = auth_budgets_get (budgets, &scope, 1);
    br_id_t a = { 1, 1 }, b = { 1, 2 };
    auth_budget_hold (budget, auth_budgets_add (budgets, budget, a), 5);
    auth_budget_queue (budget, auth_budgets_add (budgets, budget, b));
    size_t count;
    void **calls = auth_budgets_calls (budgets, &count);
    assert_int_equal (count, 2);
    free (calls);
    assert_int_equal (budget->held_nusd, 5);
    auth_budgets_end (budgets, auth_budgets_call (budgets, a));
    assert_null (auth_budgets_call (budgets, a));
    assert_int_equal (budget->held_nusd, 0);
    assert_int_equal (budget->waiting, 1);
    auth_budgets_destroy (&budgets); //  with one that waits
}

static void
what_nobody_asks_for_makes_room (void **state)
{
    (void) state;
    auth_budgets_t *budgets = auth_budgets_new ();
    char key[16];
    for (int i = 0; i < AUTH_BUDGETS_MAX; i++) {
        snprintf (key, sizeof key, "%d", i);
        auth_scope_t scope = s_session (key, BR_BUDGET_ALL, 0);
        auth_budget_t *budget = auth_budgets_get (budgets, &scope, 1);
        if (i < 16)
            budget->ticket = 1; //  the oldest are in use
    }
    auth_scope_t scope = s_session ("new", BR_BUDGET_ALL, 0);
    assert_null (auth_budgets_get (budgets, &scope, 2));
    auth_budgets_first (budgets, BR_BUDGET_SESSION, "7")->ticket = 0;
    assert_non_null (auth_budgets_get (budgets, &scope, 2));
    assert_null (auth_budgets_first (budgets, BR_BUDGET_SESSION, "7"));
    assert_int_equal (auth_budgets_size (budgets), AUTH_BUDGETS_MAX);
    auth_budgets_destroy (&budgets);
    //  then: also without need, after a while
    budgets = auth_budgets_new ();
    auth_budgets_get (budgets, &scope, 1);
    scope.key = "later";
    auth_budgets_get (budgets, &scope, AUTH_IDLE_MS);
    assert_int_equal (auth_budgets_size (budgets), 2);
    scope.key = "latest";
    auth_budgets_get (budgets, &scope, AUTH_IDLE_MS + 1);
    assert_int_equal (auth_budgets_size (budgets), 2);
    auth_budgets_destroy (&budgets);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_budget_is_one_of_an_owner_and_a_range),
        cmocka_unit_test (a_window_has_its_bounds),
        cmocka_unit_test (calls_are_found_until_they_end),
        cmocka_unit_test (what_nobody_asks_for_makes_room),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
