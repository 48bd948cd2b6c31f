//  guard_told: findings that are told once.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/guard/guard_told.h"

static void
given_a_finding_when_it_comes_again_then_it_is_known (void **state)
{
    (void) state;
    guard_told_t told;
    guard_told_init (&told);
    guard_finding_t finding = { .kind = GUARD_FOUND, .pattern = 3 };
    assert_true (guard_told_add (&told, &finding, 5, 9));
    assert_false (guard_told_add (&told, &finding, 5, 9));
    assert_true (guard_told_add (&told, &finding, 5, 8));
    finding.pattern = 4;
    assert_true (guard_told_add (&told, &finding, 5, 9));
    guard_told_drop (&told, 6);
    assert_true (guard_told_add (&told, &finding, 5, 9));
    guard_told_reset (&told);
    assert_true (guard_told_add (&told, &finding, 5, 9));
    guard_told_free (&told);
}

static void
given_a_pattern_that_failed_when_it_fails_elsewhere_then_it_is_known (void **state)
{
    (void) state;
    guard_told_t told;
    guard_told_init (&told);
    guard_finding_t finding = { .kind = GUARD_FAILED, .pattern = 3 };
    assert_true (guard_told_add (&told, &finding, 5, 9));
    guard_told_drop (&told, 1000);
    assert_false (guard_told_add (&told, &finding, 50, 90));
    guard_told_free (&told);
}

static void
given_as_many_findings_as_are_kept_when_they_come_again_then_all_are_known (void **state)
{
    (void) state;
    guard_told_t told;
    guard_told_init (&told);
    guard_finding_t finding = { .kind = GUARD_FOUND };
    for (size_t round = 0; round < 2; round++)
        for (uint64_t at = 0; at < GUARD_TOLD_ROWS_MAX / 2; at++) {
            finding.pattern = (unsigned) (at % 3);
            assert_int_equal (guard_told_add (&told, &finding, at / 3, at / 3 + 5),
                              round == 0);
        }
    guard_told_reset (&told);
    assert_true (guard_told_add (&told, &finding, 0, 5));
    guard_told_free (&told);
}

static void
given_very_many_findings_when_told_then_memory_is_bounded (void **state)
{
    (void) state;
    guard_told_t told;
    guard_told_init (&told);
    guard_finding_t failed = { .kind = GUARD_FAILED, .pattern = 7 };
    assert_true (guard_told_add (&told, &failed, 5, 9));
    guard_finding_t finding = { .kind = GUARD_FOUND };
    for (uint64_t at = 0; at < 9 * GUARD_TOLD_ROWS_MAX; at++)
        assert_true (guard_told_add (&told, &finding, at, at + 1));
    assert_true (told.room <= 4 * GUARD_TOLD_ROWS_MAX);
    assert_false (guard_told_add (&told, &failed, 5, 9));
    guard_told_free (&told);
}

//  What is dropped makes room.
static void
given_findings_that_are_dropped_when_others_come_then_few_are_kept (void **state)
{
    (void) state;
    guard_told_t told;
    guard_told_init (&told);
    guard_finding_t finding = { .kind = GUARD_FOUND };
    for (uint64_t at = 0; at < 100000; at++) {
        assert_true (guard_told_add (&told, &finding, at, at + 1));
        assert_false (guard_told_add (&told, &finding, at, at + 1));
        guard_told_drop (&told, at > 10 ? at - 10 : 0);
    }
    assert_true (told.room <= 256);
    guard_told_free (&told);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_a_finding_when_it_comes_again_then_it_is_known),
        cmocka_unit_test (
            given_a_pattern_that_failed_when_it_fails_elsewhere_then_it_is_known),
        cmocka_unit_test (
            given_as_many_findings_as_are_kept_when_they_come_again_then_all_are_known),
        cmocka_unit_test (given_very_many_findings_when_told_then_memory_is_bounded),
        cmocka_unit_test (
            given_findings_that_are_dropped_when_others_come_then_few_are_kept),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
