//  tui_sums: what settled calls come to.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "tui/tui_sums.h"

static tui_call_t
s_call (const char *provider, uint64_t latency_ms)
{
    tui_call_t call = { .state = TUI_CALL_OK,
                        .cost_known = true,
                        .usage_known = true,
                        .cost_nusd = 5,
                        .input_tokens = 2,
                        .output_tokens = 3,
                        .latency_ms = latency_ms };
    snprintf (call.provider, sizeof call.provider, "%s", provider);
    snprintf (call.model, sizeof call.model, "m");
    return call;
}

static void
calls_of_one_name_are_added (void **state)
{
    (void) state;
    tui_sums_t *sums = tui_sums_new (TUI_BY_MODEL);
    tui_call_t call = s_call ("a", 10);
    tui_sums_add (sums, &call, 1000000);
    call.state = TUI_CALL_FAILED;
    call.cost_known = false;
    tui_sums_add (sums, &call, 1000000);
    const tui_sum_t *sum = tui_sums_find (sums, "a:m");
    assert_non_null (sum);
    assert_ptr_equal (sum, tui_sums_at (sums, 0));
    assert_int_equal (sum->calls, 2);
    assert_int_equal (sum->failed, 1);
    assert_int_equal (sum->cost_nusd, 5);
    assert_int_equal (sum->unknown, 1);
    assert_int_equal (sum->output_tokens, 6);
    assert_null (tui_sums_find (sums, "b:m"));
    tui_sums_destroy (&sums);
}

static void
latencies_are_nearest_ranks_of_the_newest (void **state)
{
    (void) state;
    tui_sums_t *sums = tui_sums_new (TUI_BY_PROVIDER);
    for (uint64_t i = 1; i <= 100; i++) {
        tui_call_t call = s_call ("a", i);
        tui_sums_add (sums, &call, 1000000);
    }
    const tui_sum_t *sum = tui_sums_find (sums, "a");
    assert_int_equal (tui_sum_latency (sum, 50), 50);
    assert_int_equal (tui_sum_latency (sum, 99), 99);
    for (unsigned i = 0; i < TUI_SUMS_SAMPLES; i++) {
        tui_call_t call = s_call ("a", 7);
        tui_sums_add (sums, &call, 1000000);
    }
    assert_int_equal (tui_sum_latency (sum, 99), 7);
    const tui_sum_t none = { .calls = 0 };
    assert_int_equal (tui_sum_latency (&none, 50), 0);
    tui_sums_destroy (&sums);
}

static void
given_more_names_than_are_kept_when_added_then_they_are_the_others (void **state)
{
    (void) state;
    tui_sums_t *sums = tui_sums_new (TUI_BY_PROVIDER);
    for (int i = 0; i < TUI_SUMS_MAX + 20; i++) {
        char name[TUI_NAME];
        snprintf (name, sizeof name, "p%d", i);
        tui_call_t call = s_call (name, 1);
        tui_sums_add (sums, &call, 1000000);
    }
    assert_int_equal (tui_sums_count (sums), TUI_SUMS_MAX);
    assert_int_equal (tui_sums_find (sums, "(others)")->calls, 21);
    tui_sums_destroy (&sums);
}

static void
an_amount_never_turns_over (void **state)
{
    (void) state;
    tui_sums_t *sums = tui_sums_new (TUI_BY_ROUTE);
    tui_call_t call = s_call ("a", 1);
    call.cost_nusd = INT64_MAX;
    tui_sums_add (sums, &call, 1000000);
    tui_sums_add (sums, &call, 1000000);
    assert_true (tui_sums_at (sums, 0)->cost_nusd == INT64_MAX);
    tui_sums_destroy (&sums);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (calls_of_one_name_are_added),
        cmocka_unit_test (latencies_are_nearest_ranks_of_the_newest),
        cmocka_unit_test (
            given_more_names_than_are_kept_when_added_then_they_are_the_others),
        cmocka_unit_test (an_amount_never_turns_over),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
