//  guard_ends: what an event says of a text's end, and what counts of it.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/guard/guard_ends.h"

static void
given_ends_of_other_texts_when_asked_then_it_goes_on (void **state)
{
    (void) state;
    br_text_event_t told = { .nends = 2 };
    told.ends[0] = (br_text_end_t) { .channel = 8, .behind = true };
    told.ends[1] = (br_text_end_t) { .channel = 7 };
    assert_int_equal (guard_ends_of (&told, 7, true, true), GUARD_GOES_ON);
    assert_int_equal (guard_ends_of (&told, 8, false, true), GUARD_GOES_ON);
    assert_int_equal (guard_ends_of (&told, 7, false, true), GUARD_ENDS);
    assert_int_equal (guard_ends_of (&told, 8, true, true), GUARD_ENDS);
}

static void
given_an_end_of_all_or_of_its_choice_when_asked_then_it_ends (void **state)
{
    (void) state;
    br_text_event_t told = { .ends = { { .all = true } }, .nends = 1 };
    assert_int_equal (guard_ends_of (&told, 7, false, true), GUARD_ENDS);
    uint64_t choice = br_texts_choice (7);
    told.ends[0] = (br_text_end_t) { .is_choice = true, .choice = choice };
    assert_int_equal (guard_ends_of (&told, 7, false, true), GUARD_ENDS);
    told.ends[0].choice = choice + 1;
    assert_int_equal (guard_ends_of (&told, 7, false, true), GUARD_GOES_ON);
}

static void
given_an_end_that_may_be_none_when_asked_then_it_counts_where_it_may_wait (void **state)
{
    (void) state;
    br_text_event_t told = { .nends = 1 };
    told.ends[0] = (br_text_end_t) { .all = true, .may_go_on = true };
    assert_int_equal (guard_ends_of (&told, 7, false, true), GUARD_MAY_END);
    assert_int_equal (guard_ends_of (&told, 7, false, false), GUARD_ENDS);
    told.ends[told.nends++] = (br_text_end_t) { .all = true };
    assert_int_equal (guard_ends_of (&told, 7, false, true), GUARD_ENDS);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_ends_of_other_texts_when_asked_then_it_goes_on),
        cmocka_unit_test (given_an_end_of_all_or_of_its_choice_when_asked_then_it_ends),
        cmocka_unit_test (
            given_an_end_that_may_be_none_when_asked_then_it_counts_where_it_may_wait),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
