//  Tools of a request, and which of them may be called.

#include "tests/broker/proto/chat/chat_test.h"

static void
given_functions_and_custom_tools_when_read_then_all_is_kept (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"description\":"
        "\"d\",\"parameters\":{\"type\":\"object\",\"properties\":{}},\"strict\":true}},{"
        "\"type\":"
        "\"custom\",\"custom\":{\"name\":\"g\",\"format\":{\"type\":\"text\"}}}]}",
        "openai", "gpt-5",
        "\"name\":\"f\",\"description\":\"d\",\"parameters\":{\"type\":\"object\","
        "\"properties\":{}},"
        "\"strict\":true\n{\"type\":\"custom\",\"custom\":{\"name\":\"g\",\"format\":{"
        "\"type\":\"text\"}}}",
        NULL, "");
}

static void
given_choices_when_read_then_each_form_is_understood (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
                    "\"f\"}}],\"tool_choice\":\"auto\"}",
                    "openai", "gpt-5", "\"tool_choice\":\"auto\"", NULL, NULL);
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
                    "\"f\"}}],\"tool_choice\":\"none\"}",
                    "openai", "gpt-5", "\"tool_choice\":\"none\"", NULL, NULL);
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
                    "\"f\"}}],\"tool_choice\":\"any\"}",
                    "openai", "gpt-5", "\"tool_choice\":\"required\"", NULL, NULL);
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_"
        "choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}}",
        "openai", "gpt-5",
        "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}", NULL,
        NULL);
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_"
        "choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"required\","
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]}}}",
        "openai", "gpt-5",
        "\"allowed_tools\":{\"mode\":\"required\",\"tools\":[{\"type\":\"function\","
        "\"function\":{\"name\":\"f\"}}]}",
        NULL, NULL);
}

static void
given_functions_of_the_old_form_when_read_then_they_are_tools (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"functions\":[{\"name\":\"f\",\"parameters\":{}}],"
                    "\"function_call\":{\"name\":\"f\"}}",
                    "openai", "gpt-4o",
                    "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
                    "\"f\"\n\"tool_choice\":{\"type\":\"function\"",
                    NULL, NULL);
}

static void
given_a_tool_of_a_provider_when_read_then_it_is_dropped_and_told (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"tools\":[{\"type\":\"browser_search\"},{\"type\":"
                    "\"function\",\"function\":{\"name\":\"f\"}}]}",
                    "openai", "gpt-4o", "\"name\":\"f\"", "browser_search",
                    "dropped tools[0]");
}

static void
given_bad_tools_when_read_then_they_are_refused (void **state)
{
    (void) state;
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                     "\"hi\"}],\"tools\":[{\"type\":\"function\"}]}",
                     "`tools[0].function` is missing");
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                     "\"hi\"}],\"tools\":[{\"type\":\"function\",\"function\":{}}]}",
                     "`tools[0].function.name` is missing");
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                     "\"hi\"}],\"tools\":{}}",
                     "`tools` must be an array");
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                     "\"hi\"}],\"tool_choice\":\"maybe\"}",
                     "`tool_choice` must be");
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                     "\"hi\"}],\"tool_choice\":1}",
                     "`tool_choice` must be");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_functions_and_custom_tools_when_read_then_all_is_kept),
        cmocka_unit_test (given_choices_when_read_then_each_form_is_understood),
        cmocka_unit_test (given_functions_of_the_old_form_when_read_then_they_are_tools),
        cmocka_unit_test (
            given_a_tool_of_a_provider_when_read_then_it_is_dropped_and_told),
        cmocka_unit_test (given_bad_tools_when_read_then_they_are_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
