//  tui_answers: what to ask next, and what was said.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "tui/tui_answers.h"

static void
every_question_is_asked_once_before_any_is_asked_again (void **state)
{
    (void) state;
    tui_answers_t *answers = tui_answers_new ();
    unsigned seen = 0;
    for (unsigned i = 0; i < TUI_QUESTIONS; i++) {
        tui_question_t question = tui_answers_next (answers, 1000 + i);
        assert_int_not_equal (question, TUI_QUESTIONS);
        assert_int_equal (seen & 1u << question, 0);
        seen |= 1u << question;
    }
    assert_int_equal (tui_answers_next (answers, 1050), TUI_QUESTIONS);
    assert_int_not_equal (tui_answers_next (answers, 60000), TUI_QUESTIONS);
    tui_answers_hurry (answers);
    assert_int_not_equal (tui_answers_next (answers, 60001), TUI_QUESTIONS);
    assert_string_equal (tui_question_command (TUI_SNAPSHOT), "snapshot");
    tui_answers_destroy (&answers);
}

static void
an_answer_takes_the_place_of_the_one_before (void **state)
{
    (void) state;
    tui_answers_t *answers = tui_answers_new ();
    assert_null (tui_answers_at (answers, TUI_CALLS));
    for (int i = 0; i < 2; i++) {
        cJSON *result = cJSON_Parse ("{\"n\":7,\"t\":\"x\",\"on\":true,\"minus\":-3}");
        tui_answers_take (answers, TUI_CALLS, &result);
        assert_null (result);
    }
    const cJSON *calls = tui_answers_at (answers, TUI_CALLS);
    assert_int_equal (tui_json_count (calls, "n"), 7);
    assert_string_equal (tui_json_text (calls, "t"), "x");
    assert_true (tui_json_is (calls, "on"));
    tui_answers_forget (answers);
    assert_null (tui_answers_at (answers, TUI_CALLS));
    tui_answers_destroy (&answers);
}

static void
members_of_a_wrong_type_are_as_if_they_were_not_there (void **state)
{
    (void) state;
    cJSON *wild = cJSON_Parse ("{\"n\":\"seven\",\"t\":7,\"big\":1e300,\"minus\":-3}");
    assert_int_equal (tui_json_count (wild, "n"), 0);
    assert_int_equal (tui_json_count (wild, "minus"), 0);
    assert_true (tui_json_count (wild, "big") > 1000000000000000000u);
    assert_string_equal (tui_json_text (wild, "t"), "");
    assert_string_equal (tui_json_text (NULL, "t"), "");
    assert_false (tui_json_is (wild, "n"));
    assert_null (tui_json (wild, "none"));
    cJSON_Delete (wild);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (every_question_is_asked_once_before_any_is_asked_again),
        cmocka_unit_test (an_answer_takes_the_place_of_the_one_before),
        cmocka_unit_test (members_of_a_wrong_type_are_as_if_they_were_not_there),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
