//  ingress_credit: the window moves on behind what the socket took.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "actors/ingress/ingress_credit.h"

#define KB 1024u

static void
nothing_is_due_before_a_step_is_written (void **state)
{
    (void) state;
    ingress_credit_t credit;
    ingress_credit_init (&credit);
    ingress_credit_mark (&credit, 100 * KB, 100 * KB);
    assert_int_equal (ingress_credit_due (&credit), 0);
    ingress_credit_written (&credit, 99 * KB);
    assert_int_equal (ingress_credit_due (&credit), 0);
    ingress_credit_written (&credit, 100 * KB);
    assert_int_equal (ingress_credit_due (&credit), 100 * KB + BR_CREDIT_WINDOW);
    assert_int_equal (ingress_credit_due (&credit), 0);
}

static void
offsets_of_the_provider_count_not_those_of_the_answer (void **state)
{
    (void) state;
    ingress_credit_t credit;
    ingress_credit_init (&credit);
    ingress_credit_mark (&credit, 70 * KB, 10); //  most of it was cut out on the way
    ingress_credit_written (&credit, 10);
    assert_int_equal (ingress_credit_due (&credit), 70 * KB + BR_CREDIT_WINDOW);
}

static void
who_goes_on_begins_at_nothing (void **state)
{
    (void) state;
    ingress_credit_t credit;
    ingress_credit_init (&credit);
    ingress_credit_mark (&credit, 100 * KB, 100 * KB);
    ingress_credit_mark (&credit, 200 * KB, 200 * KB);
    ingress_credit_written (&credit, 100 * KB);
    assert_int_equal (ingress_credit_due (&credit), 100 * KB + BR_CREDIT_WINDOW);
    ingress_credit_go_on (&credit);
    assert_int_equal (ingress_credit_due (&credit), 0);
    ingress_credit_mark (&credit, 70 * KB, 270 * KB);
    ingress_credit_written (&credit, 269 * KB);
    assert_int_equal (ingress_credit_due (&credit), 0);
    ingress_credit_written (&credit, 270 * KB);
    assert_int_equal (ingress_credit_due (&credit), 70 * KB + BR_CREDIT_WINDOW);
}

static void
a_word_without_bytes_counts_at_once (void **state)
{
    (void) state;
    ingress_credit_t credit;
    ingress_credit_init (&credit);
    ingress_credit_written (&credit, 5);
    ingress_credit_mark (&credit, 64 * KB, 5);
    assert_int_equal (ingress_credit_due (&credit), 64 * KB + BR_CREDIT_WINDOW);
}

static void
never_more_than_was_written_however_small_the_words (void **state)
{
    (void) state;
    ingress_credit_t credit;
    ingress_credit_init (&credit);
    for (uint64_t at = 1; at <= 2048 * KB; at += 7) {
        ingress_credit_mark (&credit, at, at);
        uint64_t written = at > 200 * KB ? at - 200 * KB : 0;
        ingress_credit_written (&credit, written);
        uint64_t due = ingress_credit_due (&credit);
        if (due)
            assert_true (due - BR_CREDIT_WINDOW <= written);
    }
    ingress_credit_written (&credit, 2048 * KB);
    assert_true (credit.reached + 8 >= 2048 * KB);
}

static void
a_full_ring_is_only_late (void **state)
{
    (void) state;
    ingress_credit_t credit;
    ingress_credit_init (&credit);
    for (uint64_t i = 1; i <= 100; i++)
        ingress_credit_mark (&credit, i * 20 * KB, i * 20 * KB);
    ingress_credit_written (&credit, 100 * 20 * KB);
    assert_int_equal (ingress_credit_due (&credit), 100 * 20 * KB + BR_CREDIT_WINDOW);
}

static void
offsets_that_go_back_are_ignored (void **state)
{
    (void) state;
    ingress_credit_t credit;
    ingress_credit_init (&credit);
    ingress_credit_mark (&credit, 90 * KB, 0);
    ingress_credit_mark (&credit, 10 * KB, 0);
    ingress_credit_written (&credit, 1);
    assert_int_equal (ingress_credit_due (&credit), 90 * KB + BR_CREDIT_WINDOW);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (nothing_is_due_before_a_step_is_written),
        cmocka_unit_test (offsets_of_the_provider_count_not_those_of_the_answer),
        cmocka_unit_test (who_goes_on_begins_at_nothing),
        cmocka_unit_test (a_word_without_bytes_counts_at_once),
        cmocka_unit_test (never_more_than_was_written_however_small_the_words),
        cmocka_unit_test (a_full_ring_is_only_late),
        cmocka_unit_test (offsets_that_go_back_are_ignored),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
