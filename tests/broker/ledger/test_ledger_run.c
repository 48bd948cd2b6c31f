//  Runs: the calls of one name, in order, each once.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "broker/ledger/ledger_run.h"

static ledger_entry_t
s_row (uint64_t id, const char *run, uint64_t started_ms)
{
    ledger_entry_t row;
    ledger_entry_init (&row);
    row.seq = id;
    row.call = (br_id_t) { 1, id };
    row.run = run;
    row.started_ms = started_ms;
    row.tries[0] = (br_try_t) { .provider = "one", .endpoint = "", .model = "m" };
    row.tries_count = 1;
    return row;
}

static void
given_calls_of_runs_when_one_is_asked_then_its_calls_come_in_order (void **state)
{
    (void) state;
    ledger_run_t *run = ledger_run_new ("a");
    const ledger_entry_t rows[] = { s_row (1, "a", 30), s_row (2, "b", 1),
                                    s_row (3, "a", 10), s_row (4, "", 1) };
    for (size_t i = 0; i < 4; i++)
        assert_int_equal (ledger_run_add (run, &rows[i]), 0);
    ledger_run_sort (run);
    assert_int_equal (ledger_run_count (run), 2);
    assert_int_equal (ledger_run_entry (run, 0)->seq, 3);
    assert_int_equal (ledger_run_entry (run, 1)->seq, 1);
    assert_string_equal (ledger_run_entry (run, 1)->tries[0].provider, "one");
    assert_null (ledger_run_entry (run, 2));
    assert_false (ledger_run_is_cut (run));
    ledger_run_destroy (&run);
    ledger_run_destroy (&run);
}

static void
given_a_lost_call_when_it_settles_later_then_only_that_is_told (void **state)
{
    (void) state;
    ledger_run_t *run = ledger_run_new ("a");
    ledger_entry_t lost = s_row (1, "a", 30), settled = s_row (2, "a", 30);
    lost.is_lost = true;
    settled.call = lost.call;
    ledger_run_add (run, &lost);
    ledger_run_add (run, &settled);
    assert_int_equal (ledger_run_count (run), 1);
    assert_int_equal (ledger_run_entry (run, 0)->seq, 2);
    ledger_run_destroy (&run);
}

static void
given_the_name_of_a_session_or_a_trace_when_asked_then_its_calls_are_told (void **state)
{
    (void) state;
    ledger_run_t *run = ledger_run_new ("x");
    ledger_entry_t row = s_row (1, "", 1);
    row.session = "x";
    ledger_run_add (run, &row);
    row = s_row (2, "", 2);
    row.trace = "x";
    ledger_run_add (run, &row);
    row = s_row (3, "", 3);
    row.request_id = "x";
    ledger_run_add (run, &row);
    row = s_row (4, "", 4);
    row.agent = "x";
    ledger_run_add (run, &row);
    assert_int_equal (ledger_run_count (run), 3);
    ledger_run_destroy (&run);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_calls_of_runs_when_one_is_asked_then_its_calls_come_in_order),
        cmocka_unit_test (given_a_lost_call_when_it_settles_later_then_only_that_is_told),
        cmocka_unit_test (
            given_the_name_of_a_session_or_a_trace_when_asked_then_its_calls_are_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
