//  auth_spend: sums of the ledger, rows behind them, and windows.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "actors/auth/auth_spend.h"

static void
nothing_is_known_until_the_ledger_has_told (void **state)
{
    (void) state;
    auth_spend_t spend;
    auth_spend_init (&spend, 0);
    auth_spend_add (&spend, 7, 100, 1, 5); //  it will be in the answer
    assert_false (spend.is_known);
    auth_spend_asked (&spend, 6);
    assert_true (auth_spend_told (&spend, 7, 100, 1));
    assert_true (spend.is_known);
    assert_int_equal (auth_spend_nusd (&spend, 6), 100);
    assert_int_equal (auth_spend_rounds (&spend, 6), 1);
    auth_spend_free (&spend);
}

//  Given rows that come while the ledger is asked, then those in its answer count once.
static void
rows_and_the_answer_are_told_apart_by_seq (void **state)
{
    (void) state;
    auth_spend_t spend;
    auth_spend_init (&spend, 0);
    auth_spend_asked (&spend, 1);
    for (uint64_t seq = 4; seq <= 9; seq++)
        auth_spend_add (&spend, seq, 10, 1, 2);
    assert_true (auth_spend_told (&spend, 6, 1000, 50));
    assert_int_equal (auth_spend_nusd (&spend, 3), 1030);
    assert_int_equal (auth_spend_rounds (&spend, 3), 53);
    //  then: rows that come again do not count again, later ones do
    auth_spend_add (&spend, 5, 10, 1, 4);
    auth_spend_add (&spend, 9, 10, 1, 4);
    auth_spend_add (&spend, 10, 7, 0, 4);
    assert_int_equal (auth_spend_nusd (&spend, 5), 1037);
    assert_int_equal (auth_spend_rounds (&spend, 5), 53);
    //  then: an answer that is ahead of the rows has them already
    auth_spend_forget (&spend);
    auth_spend_asked (&spend, 6);
    assert_true (auth_spend_told (&spend, 20, 2000, 60));
    auth_spend_add (&spend, 20, 7, 1, 7);
    auth_spend_add (&spend, 21, 1, 1, 7);
    assert_int_equal (auth_spend_nusd (&spend, 8), 2001);
    auth_spend_free (&spend);
}

static void
more_rows_than_can_be_told_apart_spoil_an_answer (void **state)
{
    (void) state;
    auth_spend_t spend;
    auth_spend_init (&spend, 0);
    auth_spend_asked (&spend, 1);
    for (uint64_t seq = 1; seq <= AUTH_SPEND_ROWS_MAX + 1; seq++)
        auth_spend_add (&spend, seq, 1, 1, 2);
    assert_false (auth_spend_told (&spend, 3, 3, 3));
    assert_false (spend.is_known);
    auth_spend_asked (&spend, 3);
    assert_true (
        auth_spend_told (&spend, AUTH_SPEND_ROWS_MAX + 1, AUTH_SPEND_ROWS_MAX + 1, 0));
    assert_int_equal (auth_spend_nusd (&spend, 3), AUTH_SPEND_ROWS_MAX + 1);
    auth_spend_free (&spend);
}

static void
an_answer_that_never_comes_leaves_what_was_known (void **state)
{
    (void) state;
    auth_spend_t spend;
    auth_spend_init (&spend, 10000);
    auth_spend_asked (&spend, 1);
    auth_spend_add (&spend, 1, 5, 0, 2);
    auth_spend_failed (&spend);
    assert_false (spend.is_known);
    assert_int_equal (spend.rows_size, 0);
    auth_spend_asked (&spend, 3);
    assert_true (auth_spend_told (&spend, 1, 5, 0));
    auth_spend_asked (&spend, 4);
    auth_spend_failed (&spend);
    assert_true (spend.is_known);
    assert_int_equal (auth_spend_nusd (&spend, 5), 5);
    auth_spend_free (&spend);
}

//  ---- windows

static void
rows_leave_a_window_at_their_time (void **state)
{
    (void) state;
    auth_spend_t spend;
    auth_spend_init (&spend, 10000);
    auth_spend_asked (&spend, 1000);
    assert_true (auth_spend_told (&spend, 0, 0, 0));
    auth_spend_add (&spend, 1, 100, 1, 2000);
    auth_spend_add (&spend, 2, 10, 1, 5000);
    assert_int_equal (auth_spend_nusd (&spend, 5000), 110);
    assert_int_equal (auth_spend_reset_ms (&spend, 1, 6000), 6000);
    assert_int_equal (auth_spend_reset_ms (&spend, 101, 6000), 9000);
    assert_int_equal (auth_spend_reset_ms (&spend, 111, 6000), 0);
    assert_int_equal (auth_spend_nusd (&spend, 11999), 110);
    assert_int_equal (auth_spend_nusd (&spend, 12000), 10);
    assert_int_equal (auth_spend_rounds (&spend, 12000), 1);
    assert_int_equal (auth_spend_nusd (&spend, 15000), 0);
    assert_int_equal (spend.rows_size, 0);
    auth_spend_free (&spend);
}

static void
what_was_told_leaves_with_the_window (void **state)
{
    (void) state;
    auth_spend_t spend;
    auth_spend_init (&spend, 10000);
    auth_spend_asked (&spend, 1000);
    assert_true (auth_spend_told (&spend, 5, 300, 3));
    auth_spend_add (&spend, 6, 7, 1, 3000);
    assert_int_equal (auth_spend_reset_ms (&spend, 1, 4000), 7000);
    assert_int_equal (auth_spend_reset_ms (&spend, 301, 4000), 9000);
    assert_int_equal (auth_spend_nusd (&spend, 10999), 307);
    assert_int_equal (auth_spend_nusd (&spend, 11000), 7);
    auth_spend_free (&spend);
}

//  Given a window that is asked about again, then its sum is the ledger's, and each row leaves
//  at its own time all the same.
static void
a_window_that_is_asked_again_keeps_its_rows (void **state)
{
    (void) state;
    auth_spend_t spend;
    auth_spend_init (&spend, 100000);
    auth_spend_asked (&spend, 0);
    assert_true (auth_spend_told (&spend, 5, 300, 0));
    auth_spend_add (&spend, 6, 40, 0, 20000);
    auth_spend_add (&spend, 7, 2, 0, 50000);
    auth_spend_asked (&spend, 60000);
    auth_spend_add (&spend, 8, 1, 0, 60010);
    assert_true (auth_spend_told (&spend, 7, 142, 0)); //  100 of the 300 are still in
    assert_int_equal (auth_spend_nusd (&spend, 60020), 143);
    assert_int_equal (spend.base_nusd, 100);
    assert_int_equal (auth_spend_nusd (&spend, 120000), 103);
    //  then: a row that may or may not be in the answer is not taken out of it
    auth_spend_asked (&spend, 145000);
    assert_true (auth_spend_told (&spend, 8, 3, 0));
    assert_int_equal (auth_spend_nusd (&spend, 145000), 3);
    auth_spend_free (&spend);
}

static void
many_rows_of_a_window_are_kept_as_few (void **state)
{
    (void) state;
    auth_spend_t spend;
    auth_spend_init (&spend, 256000); //  parts of a second
    auth_spend_asked (&spend, 0);
    assert_true (auth_spend_told (&spend, 0, 0, 0));
    for (uint64_t seq = 1; seq <= 20000; seq++)
        auth_spend_add (&spend, seq, 1, 0, seq * 10);
    assert_true (spend.rows_size <= AUTH_SPEND_SLOTS + 1);
    assert_int_equal (auth_spend_nusd (&spend, 200000), 20000);
    //  then: nothing leaves too early
    assert_true (auth_spend_nusd (&spend, 356000) >= 10000);
    assert_true (auth_spend_nusd (&spend, 356000) <= 10101);
    auth_spend_free (&spend);
}

static void
sums_end_at_their_bound (void **state)
{
    (void) state;
    auth_spend_t spend;
    auth_spend_init (&spend, 1000);
    auth_spend_asked (&spend, 0);
    assert_true (auth_spend_told (&spend, 0, 5, 0));
    auth_spend_add (&spend, 1, UINT64_MAX, 0, 1);
    auth_spend_add (&spend, 2, UINT64_MAX, 0, 500);
    assert_true (auth_spend_nusd (&spend, 600) == UINT64_MAX);
    assert_true (auth_spend_nusd (&spend, 1200) == UINT64_MAX);
    assert_int_equal (auth_spend_nusd (&spend, 1500), 0);
    auth_spend_free (&spend);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (nothing_is_known_until_the_ledger_has_told),
        cmocka_unit_test (rows_and_the_answer_are_told_apart_by_seq),
        cmocka_unit_test (more_rows_than_can_be_told_apart_spoil_an_answer),
        cmocka_unit_test (an_answer_that_never_comes_leaves_what_was_known),
        cmocka_unit_test (rows_leave_a_window_at_their_time),
        cmocka_unit_test (what_was_told_leaves_with_the_window),
        cmocka_unit_test (a_window_that_is_asked_again_keeps_its_rows),
        cmocka_unit_test (many_rows_of_a_window_are_kept_as_few),
        cmocka_unit_test (sums_end_at_their_bound),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
