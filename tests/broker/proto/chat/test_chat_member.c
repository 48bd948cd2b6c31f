//  Members of a request: wrong types and absent ones are refused by their path.

#include "tests/broker/proto/chat/chat_test.h"

static void
given_a_member_of_a_wrong_type_when_read_then_its_path_and_both_types_are_told (
    void **state)
{
    (void) state;
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                     "\"hi\"}],\"temperature\":\"hot\"}",
                     "`temperature` must be a number, not a string");
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":7}]}",
                     "`messages[0].content` must be a string or an array");
    request_refused ("{\"model\":\"x\",\"messages\":[7]}",
                     "`messages[0]` must be an object");
}

static void
given_a_member_that_is_missing_when_read_then_its_path_is_told (void **state)
{
    (void) state;
    request_refused ("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
                     "`model` is missing");
    request_refused ("{\"model\":\"x\"}", "`messages` is missing");
    request_refused ("{\"model\":\"x\",\"messages\":[{\"content\":\"x\"}]}",
                     "`messages[0].role` is missing");
    request_refused (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]}",
        "`messages[0].tool_call_id` is missing");
}

static void
given_null_members_when_read_then_they_are_as_good_as_absent (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
        "\"temperature\":null,\"stop\":null,\"tools\":null,\"unknown\":null}",
        "openai", "gpt-4o", NULL, "temperature\nstop\ntools", "");
}

static void
given_cache_marks_when_read_then_openai_and_anthropic_forms_are_the_same (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
        "\"text\",\"text\":\"a\",\"prompt_cache_breakpoint\":{}}]}]}",
        "openrouter", "claude-x", "\"cache_control\":{\"type\":\"ephemeral\"}", NULL,
        NULL);
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":[{"
                    "\"type\":\"text\",\"text\":\"a\",\"cache_control\":{\"type\":"
                    "\"ephemeral\",\"ttl\":\"1h\"}}]}]}",
                    "openrouter", "claude-x", "\"ttl\":\"1h\"", NULL, NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_a_member_of_a_wrong_type_when_read_then_its_path_and_both_types_are_told),
        cmocka_unit_test (given_a_member_that_is_missing_when_read_then_its_path_is_told),
        cmocka_unit_test (given_null_members_when_read_then_they_are_as_good_as_absent),
        cmocka_unit_test (
            given_cache_marks_when_read_then_openai_and_anthropic_forms_are_the_same),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
