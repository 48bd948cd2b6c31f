//  texts_ends: what an event ends.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "broker/proto/texts_ends.h"

#define CHANNEL(choice) ((uint64_t) 1 << 56 | (choice))

static void
given_nothing_to_end_when_added_then_nothing_ends (void **state)
{
    (void) state;
    texts_ends_t ends;
    texts_ends_init (&ends);
    texts_ends_add (&ends, TEXTS_GOES_ON, CHANNEL (1), 1);
    texts_ends_add (&ends, TEXTS_ENDS_CHANNEL, 0, 1);
    assert_int_equal (ends.event.nends, 0);
}

static void
given_ends_when_added_then_they_say_what_may_go_on (void **state)
{
    (void) state;
    texts_ends_t ends;
    texts_ends_init (&ends);
    texts_ends_add (&ends, TEXTS_ENDS_CHANNEL, CHANNEL (1), 1);
    texts_ends_add (&ends, TEXTS_ENDS_CHOICE, CHANNEL (2), 2);
    texts_ends_add (&ends, TEXTS_MAY_END_CHOICE, 0, 3);
    const br_text_end_t *told = ends.event.ends;
    assert_int_equal (ends.event.nends, 3);
    assert_true (told[0].channel == CHANNEL (1) && !told[0].is_choice);
    assert_true (told[1].is_choice && told[1].choice == 2 && !told[1].may_go_on);
    assert_true (told[2].is_choice && told[2].choice == 3 && told[2].may_go_on);
}

static void
given_ends_of_all_when_added_then_one_hard_end_makes_all_hard (void **state)
{
    (void) state;
    static const struct {
        texts_end_t first;
        texts_end_t second;
        bool may_go_on;
    } rows[] = {
        { TEXTS_GOES_ON, TEXTS_MAY_END_ALL, true },
        { TEXTS_GOES_ON, TEXTS_ENDS_ALL, false },
        { TEXTS_MAY_END_ALL, TEXTS_ENDS_ALL, false },
        { TEXTS_ENDS_ALL, TEXTS_MAY_END_ALL, false },
        { TEXTS_MAY_END_CHOICE, TEXTS_MAY_END_ALL, true },
        { TEXTS_MAY_END_ALL, TEXTS_MAY_END_CHOICE, true },
        { TEXTS_ENDS_CHOICE, TEXTS_MAY_END_ALL, false },
        { TEXTS_MAY_END_ALL, TEXTS_ENDS_CHOICE, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        texts_ends_t ends;
        texts_ends_init (&ends);
        texts_ends_add (&ends, rows[i].first, CHANNEL (1), 1);
        texts_ends_add (&ends, rows[i].second, CHANNEL (2), 2);
        assert_int_equal (ends.event.nends, 1);
        assert_true (ends.event.ends[0].all);
        assert_int_equal (ends.event.ends[0].may_go_on, rows[i].may_go_on);
    }
}

static void
given_more_than_fit_when_added_then_all_ends (void **state)
{
    (void) state;
    texts_ends_t ends;
    texts_ends_init (&ends);
    for (uint64_t i = 0; i <= BR_TEXT_ENDS_MAX; i++)
        texts_ends_add (&ends, TEXTS_ENDS_CHANNEL, CHANNEL (i), i);
    assert_int_equal (ends.event.nends, 1);
    assert_true (ends.event.ends[0].all && !ends.event.ends[0].may_go_on);
}

static void
given_pieces_when_ordered_then_ends_of_theirs_come_behind (void **state)
{
    (void) state;
    texts_ends_t ends;
    texts_ends_init (&ends);
    texts_ends_note (&ends, CHANNEL (2));
    texts_ends_note (&ends, CHANNEL (2));
    texts_ends_add (&ends, TEXTS_ENDS_CHANNEL, CHANNEL (1), 1);
    texts_ends_add (&ends, TEXTS_ENDS_CHANNEL, CHANNEL (2), 2);
    texts_ends_add (&ends, TEXTS_ENDS_CHOICE, 0, 2);
    texts_ends_add (&ends, TEXTS_ENDS_CHOICE, 0, 3);
    texts_ends_order (&ends);
    assert_int_equal (ends.npieces, 1);
    assert_false (ends.event.ends[0].behind);
    assert_true (ends.event.ends[1].behind);
    assert_true (ends.event.ends[2].behind);
    assert_false (ends.event.ends[3].behind);
    for (uint64_t i = 0; i < TEXTS_PIECES_MAX + 1; i++)
        texts_ends_note (&ends, CHANNEL (100 + i));
    texts_ends_order (&ends);
    assert_true (ends.event.ends[3].behind);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_nothing_to_end_when_added_then_nothing_ends),
        cmocka_unit_test (given_ends_when_added_then_they_say_what_may_go_on),
        cmocka_unit_test (given_ends_of_all_when_added_then_one_hard_end_makes_all_hard),
        cmocka_unit_test (given_more_than_fit_when_added_then_all_ends),
        cmocka_unit_test (given_pieces_when_ordered_then_ends_of_theirs_come_behind),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
