//  metrics_series: rows, and what a call adds to its own.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include <stdio.h>

#include "actors/metrics/metrics_series.h"
#include "broker/proto/surface.h"
#include "tests/actors/metrics/calls.h"

static void
a_call_counts_in_its_row (void **state)
{
    (void) state;
    metrics_series_t *series = metrics_series_new ();
    struct br_call_metered call = calls_good ();
    metrics_series_add (series, &call);
    call = calls_failed ();
    metrics_series_add (series, &call);
    assert_int_equal (metrics_series_size (series), 1);
    const metrics_row_t *row = metrics_series_at (series, 0);
    assert_string_equal (row->operation, "chat");
    assert_int_equal (row->outcomes[BR_OUTCOME_OK], 1);
    assert_int_equal (row->outcomes[BR_OUTCOME_FAILED], 1);
    assert_int_equal (row->errors[BR_ETIMEOUT], 1);
    assert_int_equal (row->attempts, 3);
    static const uint64_t tokens[METRICS_TOKENS_KINDS] = { 6, 4, 0, 4, 2 };
    assert_memory_equal (row->tokens, tokens, sizeof tokens);
    assert_int_equal (row->cost_nusd, 1500);
    assert_int_equal (row->unpriced, 0);
    assert_int_equal (row->histograms[METRICS_DURATION].count, 2);
    assert_int_equal (row->histograms[METRICS_DURATION].counts[4], 1); //  up to 0.16 s
    assert_int_equal (row->histograms[METRICS_OVERHEAD].counts[6], 1); //  10 ms exactly
    assert_int_equal (row->histograms[METRICS_INPUT].count, 1);
    assert_int_equal (row->histograms[METRICS_EACH].count, 0);
    metrics_series_destroy (&series);
}

static void
an_unknown_cost_is_none_and_is_counted (void **state)
{
    (void) state;
    metrics_series_t *series = metrics_series_new ();
    struct br_call_metered call = calls_good ();
    call.cost_known = 0;
    metrics_series_add (series, &call);
    assert_int_equal (metrics_series_at (series, 0)->cost_nusd, 0);
    assert_int_equal (metrics_series_at (series, 0)->unpriced, 1);
    metrics_series_destroy (&series);
}

static void
a_sum_of_costs_never_goes_back (void **state)
{
    (void) state;
    metrics_series_t *series = metrics_series_new ();
    struct br_call_metered call = calls_good ();
    call.cost_nusd = call.operator_nusd = INT64_MAX;
    for (int i = 0; i < 4; i++)
        metrics_series_add (series, &call);
    assert_true (metrics_series_at (series, 0)->cost_nusd == UINT64_MAX);
    assert_true (metrics_series_at (series, 0)->operator_nusd == UINT64_MAX);
    metrics_series_destroy (&series);
}

static void
what_has_no_room_counts_as_other (void **state)
{
    (void) state;
    metrics_series_t *series = metrics_series_new ();
    metrics_series_bound (series, 3);
    struct br_call_metered call = calls_good ();
    char name[16];
    call.route = name;
    for (int i = 0; i < 10; i++) {
        snprintf (name, sizeof name, "r%d", i);
        metrics_series_add (series, &call);
        metrics_series_add (series, &call);
    }
    assert_int_equal (metrics_series_size (series), 3);
    const metrics_row_t *row = metrics_series_at (series, 2);
    assert_string_equal (row->route, METRICS_OTHER);
    assert_int_equal (row->outcomes[BR_OUTCOME_OK], 16);
    metrics_series_destroy (&series);
}

//  A route of any length is one row, cut where a character ends.
static void
long_names_are_cut (void **state)
{
    (void) state;
    metrics_series_t *series = metrics_series_new ();
    struct br_call_metered call = calls_good ();
    char name[600];
    for (int i = 0; i < 299; i++)
        memcpy (name + 2 * i + 1, "\xc3\xa9", 2);
    name[0] = 'a';
    name[599] = 0;
    call.route = name;
    metrics_series_add (series, &call);
    metrics_series_add (series, &call);
    assert_int_equal (metrics_series_size (series), 1);
    assert_int_equal (strlen (metrics_series_at (series, 0)->route), 199);
    metrics_series_destroy (&series);
}

static void
operations_are_apart (void **state)
{
    (void) state;
    metrics_series_t *series = metrics_series_new ();
    struct br_call_metered call = calls_good ();
    metrics_series_add (series, &call);
    call.surface = BR_SURFACE_EMBEDDINGS;
    metrics_series_add (series, &call);
    assert_int_equal (metrics_series_size (series), 2);
    assert_string_equal (metrics_series_at (series, 1)->operation, "embeddings");
    metrics_series_destroy (&series);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_call_counts_in_its_row),
        cmocka_unit_test (an_unknown_cost_is_none_and_is_counted),
        cmocka_unit_test (a_sum_of_costs_never_goes_back),
        cmocka_unit_test (what_has_no_room_counts_as_other),
        cmocka_unit_test (long_names_are_cut),
        cmocka_unit_test (operations_are_apart),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
