//  Turns of a call as messages.

#include "tests/broker/proto/chat/chat_test.h"

static void
given_instructions_when_written_then_the_role_is_the_models (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"system\",\"content\":"
                    "\"S\"},{\"role\":\"user\",\"content\":\"hi\"}]}",
                    "openai", "gpt-5", "{\"role\":\"developer\",\"content\":\"S\"}", NULL,
                    NULL);
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"developer\",\"content\":\"S\"},{"
        "\"role\":\"system\",\"content\":\"T\"},{\"role\":\"user\",\"content\":\"hi\"}]}",
        "openai", "gpt-4o", "{\"role\":\"system\",\"content\":\"S\\n\\nT\"}", NULL, NULL);
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"system\",\"content\":\"late\"},{\"role\":\"user\",\"content\":\"hi\"}]}",
        "openai", "gpt-4o",
        "{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"system\",\"content\":"
        "\"late\"},{\"role\":\"user\"",
        NULL, NULL);
}

static void
given_results_when_written_then_they_stand_before_the_users_text (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_a\",\"type\":"
        "\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"call_a\",\"content\":\"5\"},{\"role\":"
        "\"user\",\"content\":\"hi\"}]}",
        "openai", "gpt-4o",
        "{\"role\":\"tool\",\"tool_call_id\":\"call_a\",\"content\":\"5\"},{\"role\":"
        "\"user\",\"content\":\"hi\"}",
        NULL, NULL);
}

static void
given_an_image_in_a_result_when_written_then_the_user_shows_it (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_a\",\"type\":"
        "\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"call_a\",\"content\":[{\"type\":\"image_"
        "url\",\"image_url\":{\"url\":\"https://i\"}}]}]}",
        "openai", "gpt-4o",
        "\"content\":\"(image "
        "follows)\"},{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_"
        "url\":{\"url\":\"https://i\"}}]}",
        NULL, "changed messages[2]");
}

static void
given_reasoning_when_written_then_it_goes_to_who_wants_it (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"reasoning_content\":\"R\",\"tool_calls\":[{"
        "\"id\":\"call_a\",\"type\":\"function\",\"function\":{\"name\":\"add\","
        "\"arguments\":\"{\\\"a\\\":1}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"call_"
        "a\",\"content\":\"5\"}]}",
        "openai", "gpt-4o", NULL, "reasoning\n\"R\"", "dropped reasoning");
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"reasoning_content\":\"R\",\"tool_calls\":[{"
        "\"id\":\"call_a\",\"type\":\"function\",\"function\":{\"name\":\"add\","
        "\"arguments\":\"{\\\"a\\\":1}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"call_"
        "a\",\"content\":\"5\"}]}",
        "deepseek", "deepseek-chat", "\"reasoning_content\":\"R\"", NULL, NULL);
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_a\",\"type\":"
        "\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"call_a\",\"content\":\"5\"}]}",
        "deepseek", "deepseek-chat", "\"reasoning_content\":\"\"", NULL, NULL);
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_a\",\"type\":"
        "\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"call_a\",\"content\":\"5\"}]}",
        "zai", "glm-5", NULL, "reasoning_content", NULL);
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"},{\"role\":\"assistant\",\"content\":\"x\",\"reasoning_"
                    "content\":\"R\"},{\"role\":\"user\",\"content\":\"hi\"}]}",
                    "deepseek", "deepseek-chat", NULL, "reasoning_content", NULL);
}

static void
given_reasoning_when_written_to_an_unknown_host_then_only_what_nobody_signed (
    void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"reasoning_content\":\"R\",\"tool_calls\":[{"
        "\"id\":\"call_a\",\"type\":\"function\",\"function\":{\"name\":\"add\","
        "\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"call_a\","
        "\"content\":\"5\"}]}",
        "nobody", "some-model", "\"reasoning_content\":\"R\"", NULL, NULL);
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"reasoning_content\":\"R\","
        "\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"R\","
        "\"signature\":\"S\",\"format\":\"anthropic-claude-v1\"}],\"tool_calls\":[{"
        "\"id\":\"call_a\",\"type\":\"function\",\"function\":{\"name\":\"add\","
        "\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"call_a\","
        "\"content\":\"5\"}]}",
        "nobody", "some-model", NULL, "reasoning", NULL);
}

static void
given_details_when_written_to_openrouter_then_blobs_go_to_models_of_their_maker (
    void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"reasoning_details\":[{\"type\":\"reasoning."
        "text\",\"text\":\"R\",\"signature\":\"S\",\"format\":\"anthropic-claude-v1\","
        "\"index\":0}],\"tool_calls\":[{\"id\":\"call_a\",\"type\":\"function\","
        "\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}}]},{\"role\":"
        "\"tool\",\"tool_call_id\":\"call_a\",\"content\":\"5\"}]}",
        "openrouter", "anthropic/claude-opus-4",
        "\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"R\","
        "\"signature\":\"S\",\"format\":\"anthropic-claude-v1\",\"index\":0}]",
        NULL, NULL);
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"reasoning_details\":[{\"type\":\"reasoning."
        "text\",\"text\":\"R\",\"signature\":\"S\",\"format\":\"anthropic-claude-v1\","
        "\"index\":0}],\"tool_calls\":[{\"id\":\"call_a\",\"type\":\"function\","
        "\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}}]},{\"role\":"
        "\"tool\",\"tool_call_id\":\"call_a\",\"content\":\"5\"}]}",
        "openrouter", "openai/gpt-5", NULL, "reasoning\n\"S\"", NULL);
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"reasoning_details\":[{\"type\":\"x\",\"text\":"
        "\"R\",\"signature\":\"S\",\"format\":\"new\",\"index\":0}],\"tool_calls\":[{"
        "\"id\":\"call_a\",\"type\":\"function\",\"function\":{\"name\":\"add\","
        "\"arguments\":\"{\\\"a\\\":1}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"call_"
        "a\",\"content\":\"5\"}]}",
        "openrouter", "openai/gpt-5",
        "\"reasoning_details\":[{\"type\":\"x\",\"text\":\"R\",\"signature\":\"S\","
        "\"format\":\"new\",\"index\":0}]",
        NULL, NULL);
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"},{\"role\":\"assistant\",\"content\":null,\"reasoning\":"
                    "\"R\",\"tool_calls\":[{\"id\":\"call_a\",\"type\":\"function\","
                    "\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}}]},{"
                    "\"role\":\"tool\",\"tool_call_id\":\"call_a\",\"content\":\"5\"}]}",
                    "openrouter", "openai/gpt-5", "\"reasoning\":\"R\"", NULL, NULL);
}

static void
given_ids_when_written_then_calls_and_results_have_what_the_target_takes (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_a\",\"type\":"
        "\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"call_a\",\"content\":\"5\"}]}",
        "moonshot", "kimi-k2",
        "\"id\":\"functions.add:0\"\n\"tool_call_id\":\"functions.add:0\"", NULL, NULL);
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_a\",\"type\":"
        "\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"call_a\",\"content\":\"5\"}]}",
        "mistral", "mistral-large", NULL, "call_a", NULL);
}

static void
given_an_answer_that_is_to_go_on_when_written_to_mistral_then_it_is_told_so (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"},{\"role\":\"assistant\",\"content\":\"x\"}]}",
                    "mistral", "mistral-large", "\"prefix\":true", NULL, NULL);
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"},{\"role\":\"assistant\",\"content\":\"x\"}]}",
                    "openai", "gpt-4o", NULL, "prefix", NULL);
}

static void
given_a_refusal_when_written_then_it_is_a_member (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"},{\"role\":\"assistant\",\"content\":[{\"type\":\"refusal\","
                    "\"refusal\":\"no\"}]},{\"role\":\"user\",\"content\":\"hi\"}]}",
                    "openai", "gpt-4o", "\"content\":null,\"refusal\":\"no\"", NULL,
                    NULL);
}

static void
given_a_thought_of_google_when_written_then_its_own_endpoint_gets_it (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_a\",\"type\":"
        "\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"},"
        "\"extra_content\":{\"google\":{\"thought_signature\":\"TS\"}}}]},{\"role\":"
        "\"tool\",\"tool_call_id\":\"call_a\",\"content\":\"5\"}]}",
        "google", "gemini-3-pro",
        "\"extra_content\":{\"google\":{\"thought_signature\":\"TS\"}}", NULL, NULL);
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_a\",\"type\":"
        "\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"},"
        "\"extra_content\":{\"google\":{\"thought_signature\":\"TS\"}}}]},{\"role\":"
        "\"tool\",\"tool_call_id\":\"call_a\",\"content\":\"5\"}]}",
        "openai", "gpt-4o", NULL, "TS", NULL);
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_a\",\"type\":"
        "\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"},"
        "\"extra_content\":{\"google\":{\"thought_signature\":\"TS\"}}}]},{\"role\":"
        "\"tool\",\"tool_call_id\":\"call_a\",\"content\":\"5\"}]}",
        "openrouter", "google/gemini-3",
        "\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":\"TS\",\"id\":"
        "\"call_a\",\"format\":\"google-gemini-v1\",\"index\":0}]",
        NULL, NULL);
}

static void
given_no_arguments_when_written_then_they_are_an_empty_object (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_a\",\"type\":"
        "\"function\",\"function\":{\"name\":\"add\",\"arguments\":\" "
        "\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"call_a\",\"content\":\"5\"}]}",
        "openai", "gpt-4o", "\"arguments\":\"{}\"", NULL, NULL);
}

static void
given_a_custom_call_when_the_model_has_only_functions_then_its_input_is_wrapped (
    void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"},{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a1\","
                    "\"type\":\"custom\",\"custom\":{\"name\":\"g\",\"input\":\"x\\\"y\"}"
                    "}]},{\"role\":\"tool\",\"tool_call_id\":\"a1\",\"content\":\"5\"}]}",
                    "openai", "gpt-4o",
                    "\"arguments\":\"{\\\"input\\\":\\\"x\\\\\\\"y\\\"}\"", NULL, NULL);
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"},{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a1\","
                    "\"type\":\"custom\",\"custom\":{\"name\":\"g\",\"input\":\"x\"}}]},{"
                    "\"role\":\"tool\",\"tool_call_id\":\"a1\",\"content\":\"5\"}]}",
                    "openai", "gpt-5", "\"custom\":{\"name\":\"g\",\"input\":\"x\"}",
                    NULL, NULL);
}

static void
given_nothing_that_is_said_when_written_then_there_is_a_message_yet (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"assistant\",\"content\":null}"
        "]}",
        "openai", "gpt-4o", "\"messages\":[{\"role\":\"user\",\"content\":\".\"}]", NULL,
        "changed messages");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_instructions_when_written_then_the_role_is_the_models),
        cmocka_unit_test (
            given_results_when_written_then_they_stand_before_the_users_text),
        cmocka_unit_test (given_an_image_in_a_result_when_written_then_the_user_shows_it),
        cmocka_unit_test (given_reasoning_when_written_then_it_goes_to_who_wants_it),
        cmocka_unit_test (
            given_reasoning_when_written_to_an_unknown_host_then_only_what_nobody_signed),
        cmocka_unit_test (
            given_details_when_written_to_openrouter_then_blobs_go_to_models_of_their_maker),
        cmocka_unit_test (
            given_ids_when_written_then_calls_and_results_have_what_the_target_takes),
        cmocka_unit_test (
            given_an_answer_that_is_to_go_on_when_written_to_mistral_then_it_is_told_so),
        cmocka_unit_test (given_a_refusal_when_written_then_it_is_a_member),
        cmocka_unit_test (
            given_a_thought_of_google_when_written_then_its_own_endpoint_gets_it),
        cmocka_unit_test (given_no_arguments_when_written_then_they_are_an_empty_object),
        cmocka_unit_test (
            given_a_custom_call_when_the_model_has_only_functions_then_its_input_is_wrapped),
        cmocka_unit_test (
            given_nothing_that_is_said_when_written_then_there_is_a_message_yet),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
