//  Why an answer ended, in the words of the providers.

#include "tests/broker/proto/chat/chat_test.h"
#include "broker/proto/chat/chat_parts.h"

static void
given_words_when_read_then_each_has_its_class (void **state)
{
    (void) state;
    static const struct {
        const char *word;
        br_finish_t finish;
        bool broken;
    } rows[] = {
        { "stop", BR_FINISH_STOP, false },
        { "length", BR_FINISH_LENGTH, false },
        { "tool_calls", BR_FINISH_TOOL_USE, false },
        { "function_call", BR_FINISH_TOOL_USE, false },
        { "content_filter", BR_FINISH_FILTER, false },
        { "sensitive", BR_FINISH_FILTER, false },
        { "model_length", BR_FINISH_CONTEXT, false },
        { "eos", BR_FINISH_STOP, false },
        { "something new", BR_FINISH_STOP, false },
        { "function_call_filter: MALFORMED_FUNCTION_CALL", BR_FINISH_MALFORMED, false },
        { "error", BR_FINISH_STOP, true },
        { "insufficient_system_resource", BR_FINISH_STOP, true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool broken = false;
        assert_int_equal (chat_finish_of (br_text (rows[i].word), &broken),
                          rows[i].finish);
        assert_int_equal (broken, rows[i].broken);
    }
}

static void
given_classes_when_written_then_each_has_a_word_of_openai (void **state)
{
    (void) state;
    assert_string_equal (chat_finish_word (BR_FINISH_STOP, false, false), "stop");
    assert_string_equal (chat_finish_word (BR_FINISH_STOP, true, false), "tool_calls");
    assert_string_equal (chat_finish_word (BR_FINISH_CONTEXT, true, false), "length");
    assert_string_equal (chat_finish_word (BR_FINISH_FILTER, true, false),
                         "content_filter");
    assert_string_equal (chat_finish_word (BR_FINISH_REFUSAL, false, true), "stop");
    assert_string_equal (chat_finish_word (BR_FINISH_REFUSAL, false, false),
                         "content_filter");
    assert_string_equal (chat_finish_word (BR_FINISH_PAUSE, false, false), "stop");
    assert_string_equal (chat_finish_word (BR_FINISH_COUNT, false, false), "stop");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_words_when_read_then_each_has_its_class),
        cmocka_unit_test (given_classes_when_written_then_each_has_a_word_of_openai),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
