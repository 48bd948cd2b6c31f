//  Tools of a request in the form of the target.

#include "tests/broker/proto/chat/chat_test.h"

static void
given_a_forced_choice_when_the_model_thinks_then_it_is_left_to_the_model (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
                    "\"f\"}}],\"tool_choice\":\"required\"}",
                    "deepseek", "deepseek-chat", "\"tool_choice\":\"auto\"", NULL,
                    "changed tool_choice");
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_"
        "choice\":\"required\",\"thinking\":{\"type\":\"disabled\"}}",
        "deepseek", "deepseek-chat", "\"tool_choice\":\"required\"", NULL, "");
}

static void
given_required_when_written_to_mistral_then_it_is_any (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
                    "\"f\"}}],\"tool_choice\":\"required\"}",
                    "mistral", "mistral-large", "\"tool_choice\":\"any\"", NULL, NULL);
}

static void
given_allowed_tools_when_the_model_does_not_know_them_then_only_those_are_sent (
    void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"fa\"}},{\"type\":"
        "\"function\",\"function\":{\"name\":\"fb\"}}],\"tool_choice\":{\"type\":"
        "\"allowed_tools\",\"allowed_tools\":{\"mode\":\"required\",\"tools\":[{\"type\":"
        "\"function\",\"function\":{\"name\":\"fb\"}}]}}}",
        "openai", "gpt-4o", "\"name\":\"fb\"\n\"tool_choice\":\"required\"",
        "\"name\":\"fa\"", "changed tool_choice");
}

static void
given_a_custom_tool_when_the_model_has_only_functions_then_it_is_one_with_a_text (
    void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
        "\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"g\"}}],\"tool_choice\":{"
        "\"type\":\"custom\",\"custom\":{\"name\":\"g\"}}}",
        "openai", "gpt-4o",
        "\"function\":{\"name\":\"g\",\"parameters\":{\"type\":\"object\",\"properties\":"
        "{\"input\"\n\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"g\"}"
        "}",
        "custom", "changed tools[0]");
}

static void
given_a_forced_tool_of_a_provider_when_written_then_it_is_refused (void **state)
{
    (void) state;
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                     "\"hi\"}],\"tools\":[{\"type\":\"browser_search\"}],\"tool_choice\":"
                     "{\"type\":\"browser_search\"}}",
                     "`tool_choice` cannot be carried");
    request_refused (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
        "\"tools\":[{\"type\":\"browser_search\"}],\"tool_choice\":\"required\"}",
        "`tool_choice` cannot be carried");
}

static void
given_no_tools_when_written_then_nothing_of_them_is_said (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"tool_choice\":\"auto\",\"parallel_tool_calls\":false}",
                    "openai", "gpt-4o", NULL, "tool", NULL);
}

static void
given_a_tool_without_parameters_when_written_then_it_has_an_empty_object (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"parallel_tool_calls\":false,\"tools\":[{\"type\":"
                    "\"function\",\"function\":{\"name\":\"f\"}}]}",
                    "openai", "gpt-4o",
                    "\"parameters\":{\"type\":\"object\",\"properties\":{}}\n\"parallel_"
                    "tool_calls\":false",
                    NULL, NULL);
}

static void
given_a_name_that_is_refused_when_written_then_it_is_changed_everywhere (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_a\",\"type\":"
        "\"function\",\"function\":{\"name\":\"a.b\",\"arguments\":\"{\\\"a\\\":1}\"}}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"call_a\",\"content\":\"5\"}],\"tools\":[{"
        "\"type\":\"function\",\"function\":{\"name\":\"a.b\"}}],\"tool_choice\":{"
        "\"type\":\"function\",\"function\":{\"name\":\"a.b\"}}}",
        "openai", "gpt-4o", "\"name\":\"a_b", "\"a.b\"", NULL);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_a_forced_choice_when_the_model_thinks_then_it_is_left_to_the_model),
        cmocka_unit_test (given_required_when_written_to_mistral_then_it_is_any),
        cmocka_unit_test (
            given_allowed_tools_when_the_model_does_not_know_them_then_only_those_are_sent),
        cmocka_unit_test (
            given_a_custom_tool_when_the_model_has_only_functions_then_it_is_one_with_a_text),
        cmocka_unit_test (
            given_a_forced_tool_of_a_provider_when_written_then_it_is_refused),
        cmocka_unit_test (given_no_tools_when_written_then_nothing_of_them_is_said),
        cmocka_unit_test (
            given_a_tool_without_parameters_when_written_then_it_has_an_empty_object),
        cmocka_unit_test (
            given_a_name_that_is_refused_when_written_then_it_is_changed_everywhere),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
