//  Reports: sums by name, what is not known apart, and lost calls that came back.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <stdio.h>

#include "broker/ledger/ledger_report.h"

static ledger_entry_t
s_row (uint64_t id, int64_t cost)
{
    ledger_entry_t row;
    ledger_entry_init (&row);
    row.call = (br_id_t) { 1, id };
    row.provider = "openai";
    row.model = "gpt";
    row.account = "acme";
    row.outcome = "ok";
    row.usage.known = true;
    row.usage.input = 10;
    row.usage.output = 5;
    row.cost_nusd = cost;
    row.settled_ms = UINT64_C (1750000000000);
    return row;
}

static void
given_rows_when_summed_then_what_is_not_known_is_apart (void **state)
{
    (void) state;
    ledger_report_t *report = ledger_report_new (LEDGER_BY_MODEL, 0, 0);
    ledger_entry_t row = s_row (1, 100);
    ledger_report_add (report, &row);
    row = s_row (2, LEDGER_UNKNOWN);
    row.outcome = "failed";
    ledger_report_add (report, &row);
    row = s_row (3, 30);
    row.usage.known = false;
    ledger_report_add (report, &row);
    row = s_row (4, 7);
    row.model = "mini";
    ledger_report_add (report, &row);
    ledger_report_sort (report);
    assert_int_equal (ledger_report_count (report), 2);
    const ledger_sum_t *sum = ledger_report_sum (report, 0);
    assert_string_equal (sum->name, "openai:gpt");
    assert_int_equal (sum->calls, 3);
    assert_int_equal (sum->failed, 1);
    assert_int_equal (sum->cost_nusd, 100);
    assert_int_equal (sum->estimated_calls, 1);
    assert_int_equal (sum->estimated_nusd, 30);
    assert_int_equal (sum->unknown_calls, 1);
    assert_string_equal (ledger_report_sum (report, 1)->name, "openai:mini");
    assert_null (ledger_report_sum (report, 2));
    assert_int_equal (ledger_report_total (report)->cost_nusd, 107);
    assert_int_equal (ledger_report_total (report)->input_tokens, 40);
    ledger_report_destroy (&report);
    ledger_report_destroy (&report);
}

static void
given_a_lost_call_when_it_settles_later_then_it_counts_once (void **state)
{
    (void) state;
    ledger_report_t *report = ledger_report_new (LEDGER_BY_ACCOUNT, 0, 0);
    ledger_entry_t lost = s_row (1, LEDGER_UNKNOWN);
    lost.is_lost = true;
    lost.account = "gone";
    lost.outcome = "lost";
    ledger_report_add (report, &lost);
    lost.call.lo = 2;
    ledger_report_add (report, &lost);
    ledger_entry_t row = s_row (1, 50);
    ledger_report_add (report, &row);
    lost.call.lo = 3;
    lost.account = "left";
    ledger_report_add (report, &lost);
    row = s_row (3, 50);
    ledger_report_add (report, &row);
    ledger_report_sort (report);
    assert_int_equal (ledger_report_count (report), 2); //  "left" has no call left
    assert_int_equal (ledger_report_total (report)->calls, 3);
    assert_int_equal (ledger_report_total (report)->unknown_calls, 1);
    assert_int_equal (ledger_report_sum (report, 1)->calls, 1);
    ledger_report_destroy (&report);
}

static void
given_bounds_when_summed_then_rows_outside_do_not_count (void **state)
{
    (void) state;
    ledger_report_t *report = ledger_report_new (LEDGER_BY_DAY, 1000, 2000);
    for (uint64_t ms = 999; ms <= 2000; ms++) {
        ledger_entry_t row = s_row (ms, 1);
        row.settled_ms = ms;
        ledger_report_add (report, &row);
    }
    ledger_report_sort (report);
    assert_int_equal (ledger_report_total (report)->calls, 1000);
    assert_string_equal (ledger_report_sum (report, 0)->name, "1970-01-01");
    ledger_report_destroy (&report);
}

static void
given_many_names_when_summed_then_each_has_its_own (void **state)
{
    (void) state;
    ledger_report_t *report = ledger_report_new (LEDGER_BY_RUN, 0, 0);
    for (unsigned i = 0; i < 3000; i++) {
        char run[16];
        snprintf (run, sizeof run, "run-%u", i % 1000);
        ledger_entry_t row = s_row (i, i % 1000 == 7 ? 10 : 1);
        row.run = run;
        ledger_report_add (report, &row);
    }
    ledger_report_sort (report);
    assert_int_equal (ledger_report_count (report), 1000);
    assert_string_equal (ledger_report_sum (report, 0)->name, "run-7");
    assert_int_equal (ledger_report_sum (report, 0)->cost_nusd, 30);
    ledger_report_destroy (&report);
}

static void
given_the_greatest_amounts_when_summed_then_they_stay_there (void **state)
{
    (void) state;
    ledger_report_t *report = ledger_report_new (LEDGER_BY_KEY, 0, 0);
    ledger_entry_t row = s_row (1, INT64_MAX);
    ledger_report_add (report, &row);
    ledger_report_add (report, &row);
    assert_int_equal (ledger_report_total (report)->cost_nusd, INT64_MAX);
    ledger_report_destroy (&report);
}

static void
given_words_when_found_then_they_are_ways_to_sum (void **state)
{
    (void) state;
    for (unsigned by = 0; by < LEDGER_BY_COUNT; by++)
        assert_int_equal (ledger_by_find (ledger_by_name ((ledger_by_t) by)), by);
    assert_int_equal (ledger_by_find ("colour"), LEDGER_BY_COUNT);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_rows_when_summed_then_what_is_not_known_is_apart),
        cmocka_unit_test (given_a_lost_call_when_it_settles_later_then_it_counts_once),
        cmocka_unit_test (given_bounds_when_summed_then_rows_outside_do_not_count),
        cmocka_unit_test (given_many_names_when_summed_then_each_has_its_own),
        cmocka_unit_test (given_the_greatest_amounts_when_summed_then_they_stay_there),
        cmocka_unit_test (given_words_when_found_then_they_are_ways_to_sum),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
