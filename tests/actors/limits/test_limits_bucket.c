//  limits_bucket: it fills evenly, lends in blocks, may owe, and never overflows.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "actors/limits/limits_bucket.h"

#define SECOND 1000000u //  microseconds

static limits_bucket_t
s_bucket (uint64_t limit)
{
    limits_bucket_t bucket = { 0 };
    limits_bucket_set (&bucket, limit, 5 * SECOND);
    return bucket;
}

static void
without_a_limit_there_is_always_enough (void **state)
{
    (void) state;
    limits_bucket_t bucket = s_bucket (0);
    assert_true (limits_bucket_has (&bucket, UINT64_MAX, SECOND));
    assert_int_equal (limits_bucket_wait_ms (&bucket, UINT64_MAX, SECOND), 0);
    limits_bucket_owe (&bucket, UINT64_MAX, SECOND);
    limits_bucket_put (&bucket, UINT64_MAX, SECOND);
    assert_int_equal (limits_bucket_reset_ms (&bucket, SECOND), 0);
}

static void
a_minutes_worth_is_there_and_comes_back_evenly (void **state)
{
    (void) state;
    uint64_t now_us = 5 * SECOND;
    limits_bucket_t bucket = s_bucket (6);
    for (int i = 0; i < 6; i++) {
        assert_true (limits_bucket_has (&bucket, 1, now_us));
        assert_int_equal (limits_bucket_take (&bucket, 1, now_us), 1);
    }
    assert_false (limits_bucket_has (&bucket, 1, now_us));
    assert_int_equal (limits_bucket_wait_ms (&bucket, 1, now_us), 10000);
    assert_int_equal (limits_bucket_reset_ms (&bucket, now_us), 60000);
    assert_false (limits_bucket_has (&bucket, 1, now_us + 10 * SECOND - 1));
    assert_true (limits_bucket_has (&bucket, 1, now_us + 10 * SECOND));
    //  then: small steps lose nothing
    for (uint64_t us = 10 * SECOND; us < 30 * SECOND; us += 7)
        limits_bucket_rest (&bucket, now_us + us);
    assert_int_equal (limits_bucket_rest (&bucket, now_us + 30 * SECOND), 3);
    assert_int_equal (limits_bucket_rest (&bucket, now_us + 3600ull * SECOND), 6);
}

static void
a_grant_is_a_block (void **state)
{
    (void) state;
    limits_bucket_t bucket = s_bucket (1000);
    assert_int_equal (limits_bucket_take (&bucket, 1, 5 * SECOND), 50);
    assert_int_equal (limits_bucket_take (&bucket, 700, 5 * SECOND), 700);
    assert_int_equal (limits_bucket_take (&bucket, 230, 5 * SECOND), 230);
    //  then: what is left, when that is less
    assert_int_equal (limits_bucket_take (&bucket, 1, 5 * SECOND), 20);
    assert_false (limits_bucket_has (&bucket, 1, 5 * SECOND));
}

static void
more_than_it_holds_is_granted_when_it_is_full (void **state)
{
    (void) state;
    limits_bucket_t bucket = s_bucket (100);
    assert_true (limits_bucket_has (&bucket, 250, 5 * SECOND));
    assert_int_equal (limits_bucket_take (&bucket, 250, 5 * SECOND), 250);
    assert_int_equal (limits_bucket_rest (&bucket, 5 * SECOND), 0);
    assert_int_equal (limits_bucket_wait_ms (&bucket, 250, 5 * SECOND), 150000);
    assert_false (limits_bucket_has (&bucket, 250, 154 * SECOND));
    assert_true (limits_bucket_has (&bucket, 250, 155 * SECOND));
}

static void
what_is_owed_comes_back_first (void **state)
{
    (void) state;
    limits_bucket_t bucket = s_bucket (60);
    limits_bucket_owe (&bucket, 90, 5 * SECOND);
    assert_int_equal (limits_bucket_wait_ms (&bucket, 1, 5 * SECOND), 31000);
    limits_bucket_put (&bucket, 30, 5 * SECOND);
    assert_int_equal (limits_bucket_wait_ms (&bucket, 1, 5 * SECOND), 1000);
    limits_bucket_put (&bucket, 1000000, 5 * SECOND);
    assert_int_equal (limits_bucket_rest (&bucket, 5 * SECOND), 60);
    //  then: it never owes more than some minutes' worth
    limits_bucket_owe (&bucket, UINT64_MAX, 5 * SECOND);
    limits_bucket_owe (&bucket, UINT64_MAX, 5 * SECOND);
    assert_int_equal (limits_bucket_reset_ms (&bucket, 5 * SECOND),
                      (LIMITS_DEBT_MINUTES + 1) * 60000);
}

static void
the_greatest_numbers_do_not_overflow (void **state)
{
    (void) state;
    limits_bucket_t bucket = s_bucket (UINT64_MAX);
    assert_int_equal (bucket.limit, LIMITS_RATE_MAX);
    limits_bucket_owe (&bucket, UINT64_MAX, 5 * SECOND);
    limits_bucket_owe (&bucket, UINT64_MAX, 5 * SECOND);
    assert_int_equal (limits_bucket_rest (&bucket, UINT64_MAX), LIMITS_RATE_MAX);
    limits_bucket_put (&bucket, UINT64_MAX, UINT64_MAX);
    assert_int_equal (limits_bucket_take (&bucket, UINT64_MAX, UINT64_MAX), UINT64_MAX);
    assert_int_equal (limits_bucket_rest (&bucket, 0), 0); //  a clock that went back
}

static void
another_limit_keeps_what_was_used (void **state)
{
    (void) state;
    limits_bucket_t bucket = s_bucket (100);
    limits_bucket_take (&bucket, 30, 5 * SECOND);
    limits_bucket_set (&bucket, 100, 5 * SECOND);
    assert_int_equal (limits_bucket_rest (&bucket, 5 * SECOND), 70);
    limits_bucket_set (&bucket, 200, 5 * SECOND);
    assert_int_equal (limits_bucket_rest (&bucket, 5 * SECOND), 170);
    limits_bucket_set (&bucket, 40, 5 * SECOND);
    assert_int_equal (limits_bucket_rest (&bucket, 5 * SECOND), 10);
    limits_bucket_set (&bucket, 1, 5 * SECOND);
    assert_int_equal (limits_bucket_rest (&bucket, 5 * SECOND), 0);
    limits_bucket_set (&bucket, 0, 5 * SECOND);
    limits_bucket_set (&bucket, 10, 5 * SECOND);
    assert_int_equal (limits_bucket_rest (&bucket, 5 * SECOND), 10);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (without_a_limit_there_is_always_enough),
        cmocka_unit_test (a_minutes_worth_is_there_and_comes_back_evenly),
        cmocka_unit_test (a_grant_is_a_block),
        cmocka_unit_test (more_than_it_holds_is_granted_when_it_is_full),
        cmocka_unit_test (what_is_owed_comes_back_first),
        cmocka_unit_test (the_greatest_numbers_do_not_overflow),
        cmocka_unit_test (another_limit_keeps_what_was_used),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
