//  A request is written as the dialect of its target has it.

#include "tests/broker/proto/chat/chat_test.h"

static void
given_a_limit_when_written_then_it_has_the_name_that_the_model_knows (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"max_tokens\":9}",
                    "openai", "gpt-5", "\"max_completion_tokens\":9",
                    "max_tokens\":9,\"max_tokens", NULL);
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"max_completion_tokens\":9}",
                    "deepseek", "deepseek-chat", "\"max_tokens\":9",
                    "max_completion_tokens", NULL);
}

static void
given_sampling_when_the_model_refuses_it_then_it_is_dropped_and_told (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
        "\"temperature\":0.2,\"top_p\":0.9,\"presence_penalty\":1,\"seed\":3}",
        "openai", "o3", "\"seed\":3", "temperature\ntop_p\npresence",
        "dropped temperature, dropped top_p, dropped presence_penalty");
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"temperature\":0.2,\"top_k\":4}",
                    "openai", "gpt-4o", "\"temperature\":0.2", "top_k", "dropped top_k");
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"top_k\":4}",
                    "openrouter", "x/y", "\"top_k\":4", NULL, "");
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"seed\":4}",
                    "mistral", "mistral-large", "\"random_seed\":4", "\"seed\"", NULL);
}

static void
given_a_stream_when_written_then_usage_is_always_asked_for (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"stream\":true}",
                    "openai", "gpt-4o",
                    "\"stream\":true,\"stream_options\":{\"include_usage\":true}", NULL,
                    NULL);
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"stream\":true}",
                    "mistral", "mistral-large", "\"stream\":true", "stream_options",
                    NULL);
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
        "openai", "gpt-4o", NULL, "stream", NULL);
}

static void
given_too_many_stops_when_written_then_four_are_kept (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"]}",
                    "openai", "gpt-4o", "\"stop\":[\"a\",\"b\",\"c\",\"d\"]", NULL,
                    "changed stop");
}

static void
given_a_schema_when_written_then_it_has_a_name (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
        "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{"
        "\"type\":\"object\"}}}}",
        "openai", "gpt-4o",
        "\"json_schema\":{\"name\":\"response\",\"schema\":{\"type\":\"object\"}}", NULL,
        NULL);
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"response_format\":{\"type\":\"json_object\"}}",
                    "openai", "gpt-4o", "\"response_format\":{\"type\":\"json_object\"}",
                    NULL, NULL);
}

static void
given_metadata_without_store_when_written_then_it_is_dropped (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"metadata\":{\"a\":\"b\"}}",
                    "openai", "gpt-4o", NULL, "metadata", "dropped metadata");
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"metadata\":{\"a\":\"b\"},\"store\":true}",
                    "openai", "gpt-4o", "\"store\":true\n\"metadata\":{\"a\":\"b\"}",
                    NULL, NULL);
}

static void
given_a_long_user_when_written_then_its_hash_is_told (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"user\":"
        "\"uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu\"}",
        "openai", "gpt-5", "\"safety_identifier\":\"", "uuuu", "changed user");
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"user\":\"me\"}",
                    "openai", "gpt-4o", "\"safety_identifier\":\"me\"", NULL, NULL);
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"user\":\"me\"}",
                    "openrouter", "x", "\"user\":\"me\"", NULL, NULL);
}

static void
given_a_client_of_another_protocol_when_the_host_is_strict_then_members_of_openai_are_dropped (
    void **state)
{
    (void) state;
    br_call_t *call = br_call_new (BR_PROTOCOL_MESSAGES);
    br_block_add (&br_call_add_turn (call, BR_TURN_USER)->blocks, BR_BLOCK_TEXT,
                  call->arena)
        ->text = BR_TEXT ("hi");
    call->user = BR_TEXT ("me");
    call->top_k = (br_number_t) { BR_TEXT ("4"), 4 };
    br_target_t target = { .provider = "mistral",
                           .model = "mistral-large",
                           .dialect = br_dialect_of (BR_PROTOCOL_CHAT, "mistral",
                                                     "mistral-large") };
    br_loss_t *losses = NULL;
    br_buf_t out;
    br_buf_init (&out, 4096);
    assert_int_equal (chat_codec.write_call (call, &target, &losses, &out, NULL), 0);
    assert_null (strstr (br_buf_text (&out), "user\":\"me"));
    br_buf_clear (&out);
    br_loss_write (losses, &out);
    assert_string_equal (br_buf_text (&out), "dropped top_k, dropped metadata.user_id");
    br_buf_free (&out);
    br_call_destroy (&call);
}

static void
given_an_earlier_response_when_written_then_it_is_refused (void **state)
{
    (void) state;
    br_call_t *call = br_call_new (BR_PROTOCOL_RESPONSES);
    call->previous_id = BR_TEXT ("resp_1");
    br_target_t target = { .provider = "openai",
                           .model = "gpt-4o",
                           .dialect = br_dialect_of (BR_PROTOCOL_CHAT, "openai",
                                                     "gpt-4o") };
    br_loss_t *losses = NULL;
    br_error_t error;
    br_buf_t out;
    br_buf_init (&out, 4096);
    assert_int_equal (chat_codec.write_call (call, &target, &losses, &out, &error), -1);
    assert_int_equal (error.code, BR_EINVALID);
    assert_non_null (strstr (error.text, "previous_response_id"));
    assert_non_null (strstr (error.text, "gpt-4o of openai"));
    br_buf_free (&out);
    br_call_destroy (&call);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_a_limit_when_written_then_it_has_the_name_that_the_model_knows),
        cmocka_unit_test (
            given_sampling_when_the_model_refuses_it_then_it_is_dropped_and_told),
        cmocka_unit_test (given_a_stream_when_written_then_usage_is_always_asked_for),
        cmocka_unit_test (given_too_many_stops_when_written_then_four_are_kept),
        cmocka_unit_test (given_a_schema_when_written_then_it_has_a_name),
        cmocka_unit_test (given_metadata_without_store_when_written_then_it_is_dropped),
        cmocka_unit_test (given_a_long_user_when_written_then_its_hash_is_told),
        cmocka_unit_test (
            given_a_client_of_another_protocol_when_the_host_is_strict_then_members_of_openai_are_dropped),
        cmocka_unit_test (given_an_earlier_response_when_written_then_it_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
