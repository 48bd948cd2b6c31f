//  guard_words: every action, way and place has a name, and names lead back.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "broker/guard/guard_words.h"

static void
an_action_is_found_by_its_name (void **state)
{
    (void) state;
    guard_action_t found = GUARD_OFF;
    for (int i = 0; i < GUARD_ACTIONS; i++) {
        const char *name = guard_action_name ((guard_action_t) i);
        assert_int_equal (guard_action_of (name, &found), 0);
        assert_int_equal (found, i);
    }
    assert_int_equal (guard_action_of ("Warn", &found), -1);
    assert_int_equal (found, GUARD_BLOCK);
    assert_string_equal (guard_action_name (GUARD_REDACT), "redact");
}

static void
every_place_has_a_name_both_ways (void **state)
{
    (void) state;
    for (int place = 0; place < BR_TEXT_PLACES; place++) {
        assert_non_null (guard_place_name (GUARD_UP, (br_text_place_t) place));
        assert_non_null (guard_place_name (GUARD_DOWN, (br_text_place_t) place));
    }
    assert_string_equal (guard_place_name (GUARD_UP, BR_TEXT_USER), "user message");
    assert_string_equal (guard_place_name (GUARD_DOWN, BR_TEXT_ANSWER), "text");
    assert_string_equal (guard_direction_name (GUARD_UP), "upgoing");
    assert_string_equal (guard_direction_name (GUARD_DOWN), "downgoing");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (an_action_is_found_by_its_name),
        cmocka_unit_test (every_place_has_a_name_both_ways),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
