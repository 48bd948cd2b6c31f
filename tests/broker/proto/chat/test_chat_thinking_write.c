//  How much a model is to think, in the way of its provider.

#include "tests/broker/proto/chat/chat_test.h"

static void
given_an_effort_when_written_then_each_style_says_it (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"reasoning_effort\":\"high\"}",
                    "openai", "gpt-5", "\"reasoning_effort\":\"high\"", NULL, "");
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"reasoning_effort\":\"high\"}",
                    "openrouter", "x/y", "\"reasoning\":{\"effort\":\"high\"}", NULL, "");
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"reasoning_effort\":\"high\"}",
                    "deepseek", "deepseek-chat", "\"thinking\":{\"type\":\"enabled\"}",
                    NULL, "");
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"reasoning_effort\":\"high\"}",
                    "qwen", "qwen3", "\"enable_thinking\":true", NULL, "");
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"reasoning_effort\":\"high\"}",
                    "openai", "gpt-4o", NULL, "effort", "dropped reasoning_effort");
}

static void
given_no_thinking_when_written_then_each_style_says_it (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"thinking\":{\"type\":\"disabled\"}}",
                    "deepseek", "deepseek-chat", "\"thinking\":{\"type\":\"disabled\"}",
                    NULL, NULL);
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"thinking\":{\"type\":\"disabled\"}}",
                    "openrouter", "x/y", "\"reasoning\":{\"enabled\":false}", NULL, NULL);
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"thinking\":{\"type\":\"disabled\"}}",
                    "openai", "o3", "\"reasoning_effort\":\"low\"", NULL,
                    "changed reasoning_effort");
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"thinking\":{\"type\":\"disabled\"}}",
                    "openai", "gpt-4o", NULL, "thinking\neffort", "");
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"reasoning_effort\":\"none\"}",
                    "openai", "gpt-5", "\"reasoning_effort\":\"none\"", NULL, NULL);
}

static void
given_a_budget_when_written_then_it_is_kept_or_becomes_an_effort (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
        "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000}}",
        "openrouter", "x/y", "\"reasoning\":{\"max_tokens\":2000}", NULL, NULL);
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
        "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000}}",
        "qwen", "qwen3", "\"enable_thinking\":true\n\"thinking_budget\":2000", NULL,
        NULL);
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
        "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":50000}}",
        "openai", "gpt-5", "\"reasoning_effort\":\"high\"", NULL,
        "changed thinking.budget_tokens");
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":-1}}",
                    "openai", "gpt-5", NULL, "effort", NULL);
}

static void
given_nothing_when_written_then_nothing_is_said (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
        "deepseek", "deepseek-chat", NULL, "thinking\nreasoning", "");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_an_effort_when_written_then_each_style_says_it),
        cmocka_unit_test (given_no_thinking_when_written_then_each_style_says_it),
        cmocka_unit_test (
            given_a_budget_when_written_then_it_is_kept_or_becomes_an_effort),
        cmocka_unit_test (given_nothing_when_written_then_nothing_is_said),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
