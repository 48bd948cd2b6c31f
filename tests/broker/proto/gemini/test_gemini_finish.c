//  Google's words for why an answer ended.

#include "tests/broker/proto/gemini/gemini_fixture.h"

static void
given_words_when_read_then_finishes (void **state)
{
    (void) state;
    static const struct {
        const char *word;
        br_finish_t finish;
    } rows[] = {
        { "STOP", BR_FINISH_STOP },
        { "MAX_TOKENS", BR_FINISH_LENGTH },
        { "SAFETY", BR_FINISH_FILTER },
        { "RECITATION", BR_FINISH_FILTER },
        { "MALFORMED_FUNCTION_CALL", BR_FINISH_MALFORMED },
        { "UNEXPECTED_TOOL_CALL", BR_FINISH_MALFORMED },
        { "OTHER", BR_FINISH_STOP },
        { "SOMETHING_NEW", BR_FINISH_STOP },
        { "", BR_FINISH_STOP },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal (gemini_finish_of (br_text (rows[i].word)), rows[i].finish);
}

static void
given_finishes_when_written_then_words_and_googles_own_as_they_were (void **state)
{
    (void) state;
    for (int i = 0; i < BR_FINISH_COUNT; i++)
        assert_non_null (gemini_finish_word ((br_finish_t) i, BR_TEXT_NONE));
    assert_string_equal (gemini_finish_word (BR_FINISH_TOOL_USE, BR_TEXT ("tool_use")),
                         "STOP");
    assert_string_equal (gemini_finish_word (BR_FINISH_REFUSAL, BR_TEXT_NONE), "SAFETY");
    assert_string_equal (gemini_finish_word (BR_FINISH_CONTEXT, BR_TEXT_NONE),
                         "MAX_TOKENS");
    assert_string_equal (gemini_finish_word (BR_FINISH_FILTER, BR_TEXT ("SPII")), "SPII");
    assert_string_equal (gemini_finish_word (BR_FINISH_LENGTH, BR_TEXT ("SPII")),
                         "MAX_TOKENS");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_words_when_read_then_finishes),
        cmocka_unit_test (
            given_finishes_when_written_then_words_and_googles_own_as_they_were),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
