//  Requests are written: sampling, limits, system, and what cannot be carried.

#include "tests/broker/proto/messages/given.h"

static void
given_no_limit_when_written_then_max_tokens_comes_from_target_or_dialect (void **state)
{
    (void) state;
    given_t given = given_other (BR_PROTOCOL_CHAT);
    given_block (&given, BR_TURN_USER, BR_BLOCK_TEXT, "hi");
    assert_int_equal (given_write (&given, "anthropic", OLD, 64000), 0);
    assert_has (br_buf_text (&given.out), "\"max_tokens\":64000");
    assert_has (given_sent (&given, "claude-3-opus-20240229"), "\"max_tokens\":4096");
    assert_has (given_sent (&given, OLD), "\"max_tokens\":8192");
    given.call->max_output = (br_number_t) { BR_TEXT ("17"), 17 };
    assert_has (given_sent (&given, OLD), "\"max_tokens\":17");
    assert_null (given.losses);
    given_free (&given);
}

static void
given_sampling_when_written_then_limits_of_the_model_hold (void **state)
{
    (void) state;
    given_t given = given_other (BR_PROTOCOL_CHAT);
    given_block (&given, BR_TURN_USER, BR_BLOCK_TEXT, "hi");
    given.call->temperature = (br_number_t) { BR_TEXT ("1.7"), 1.7 };
    given.call->top_k = (br_number_t) { BR_TEXT ("40"), 40 };
    const char *sent = given_sent (&given, OLD);
    assert_has (sent, "\"temperature\":1,");
    assert_has (sent, "\"top_k\":40");
    assert_changed (&given, "temperature");
    given.call->top_p = (br_number_t) { BR_TEXT ("0.5"), 0.5 };
    assert_lacks (given_sent (&given, OLD), "top_p");
    assert_dropped (&given, "top_p");
    assert_has (given_sent (&given, "claude-3-opus-20240229"), "\"top_p\":0.5");
    given.losses = NULL;
    sent = given_sent (&given, NEWEST);
    assert_lacks (sent, "temperature");
    assert_lacks (sent, "top_");
    assert_dropped (&given, "temperature");
    assert_dropped (&given, "top_k");
    given_free (&given);
}

static void
given_members_without_a_place_when_written_then_they_are_losses (void **state)
{
    (void) state;
    given_t given = given_other (BR_PROTOCOL_CHAT);
    br_call_t *call = given.call;
    const br_number_t one = { BR_TEXT ("1"), 1 };
    given_block (&given, BR_TURN_USER, BR_BLOCK_TEXT, "hi");
    call->frequency_penalty = call->presence_penalty = call->seed = call->n = one;
    call->top_logprobs = call->min_p = one;
    call->logprobs = call->store = BR_YES;
    call->logit_bias = call->metadata = BR_TEXT ("{}");
    call->verbosity = BR_TEXT ("low");
    call->cache_key = BR_TEXT ("k");
    call->service_tier = BR_TEXT ("flex");
    call->user = BR_TEXT ("me");
    const char *sent = given_sent (&given, OLD);
    assert_has (sent, "\"metadata\":{\"user_id\":\"me\"}");
    static const char *const lost[] = { "frequency_penalty",
                                        "presence_penalty",
                                        "seed",
                                        "top_logprobs",
                                        "min_p",
                                        "logprobs",
                                        "store",
                                        "logit_bias",
                                        "metadata",
                                        "verbosity",
                                        "prompt_cache_key",
                                        "service_tier" };
    for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++) {
        if (!given_lost (&given, lost[i], false))
            fail_msg ("%s is not told", lost[i]);
        assert_lacks (sent, lost[i][0] == 'm' ? "min_p" : lost[i]);
    }
    given_free (&given);
}

static void
given_stop_and_tier_when_written_then_blanks_are_left_out (void **state)
{
    (void) state;
    static const br_text_t stops[] = { { " \n", 2 }, { "END", 3 } };
    given_t given = given_other (BR_PROTOCOL_GOOGLE);
    given_block (&given, BR_TURN_USER, BR_BLOCK_TEXT, "hi");
    given.call->stop = (br_texts_t) { stops, 2 };
    given.call->service_tier = BR_TEXT ("priority");
    const char *sent = given_sent (&given, OLD);
    assert_has (sent, "\"stop_sequences\":[\"END\"]");
    assert_has (sent, "\"service_tier\":\"auto\"");
    assert_changed (&given, "generationConfig.stopSequences");
    assert_changed (&given, "serviceTier");
    given_free (&given);
}

static void
given_what_would_change_in_silence_when_written_then_it_is_refused (void **state)
{
    (void) state;
    given_t given = given_other (BR_PROTOCOL_CHAT);
    given_block (&given, BR_TURN_USER, BR_BLOCK_TEXT, "hi");
    given.call->n = (br_number_t) { BR_TEXT ("2"), 2 };
    assert_int_equal (given_write (&given, "anthropic", OLD, 0), -1);
    assert_int_equal (given.error.code, BR_EINVALID);
    assert_has (given.error.text, "n: " OLD " at anthropic");
    given.call->n = (br_number_t) { BR_TEXT_NONE, 0 };
    given.call->modalities = BR_TEXT ("[\"text\",\"audio\"]");
    assert_int_equal (given_write (&given, "anthropic", OLD, 0), -1);
    assert_has (given.error.text, "modalities: ");
    given.call->modalities = BR_TEXT ("[\"text\"]");
    given.call->previous_id = BR_TEXT ("resp_1");
    assert_int_equal (given_write (&given, "anthropic", OLD, 0), -1);
    assert_has (given.error.text, "previous_response_id: ");
    given_free (&given);
}

static void
given_json_when_written_then_a_line_of_system_asks_for_it (void **state)
{
    (void) state;
    given_t given = given_other (BR_PROTOCOL_CHAT);
    given_block (&given, BR_TURN_USER, BR_BLOCK_TEXT, "hi");
    br_block_add (&given.call->system, BR_BLOCK_TEXT, given.call->arena)->text = BR_TEXT (
        " ");
    given.call->format = BR_FORMAT_JSON;
    const char *sent = given_sent (&given, OLD);
    assert_has (sent, "\"system\":[{\"type\":\"text\",\"text\":\"Answer with one JSON");
    assert_changed (&given, "response_format");
    given_free (&given);
}

static void
given_a_schema_when_written_then_format_or_a_tool_carries_it (void **state)
{
    (void) state;
    given_t given = given_other (BR_PROTOCOL_CHAT);
    given_block (&given, BR_TURN_USER, BR_BLOCK_TEXT, "hi");
    given.call->format = BR_FORMAT_SCHEMA;
    given.call->schema = BR_TEXT ("{\"type\":\"object\",\"properties\":{},"
                                  "\"additionalProperties\":false}");
    const char *sent = given_sent (&given, MIDDLE);
    assert_has (sent,
                "\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":"
                "{\"type\":\"object\"");
    assert_lacks (sent, "json_response");
    assert_null (given.losses);
    sent = given_sent (&given, OLD);
    assert_has (sent, "\"tools\":[{\"name\":\"json_response\"");
    assert_has (sent, "\"tool_choice\":{\"type\":\"tool\",\"name\":\"json_response\"}");
    assert_changed (&given, "response_format");
    const br_target_t target = { .dialect = br_dialect_of (BR_PROTOCOL_MESSAGES,
                                                           "anthropic", OLD) };
    assert_true (messages_unwraps (given.call, &target));
    given_free (&given);
}

static void
given_a_count_when_written_then_nothing_of_the_answer_is_said (void **state)
{
    (void) state;
    given_t given = given_call ("{" HEAD ",\"stream\":true,\"temperature\":1," HI "}");
    given.call->count_only = true;
    const char *sent = given_sent (&given, OLD);
    assert_string_equal (sent, "{\"model\":\"" OLD "\",\"messages\":[{\"role\":\"user\","
                               "\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]}]}");
    given_free (&given);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_no_limit_when_written_then_max_tokens_comes_from_target_or_dialect),
        cmocka_unit_test (given_sampling_when_written_then_limits_of_the_model_hold),
        cmocka_unit_test (
            given_members_without_a_place_when_written_then_they_are_losses),
        cmocka_unit_test (given_stop_and_tier_when_written_then_blanks_are_left_out),
        cmocka_unit_test (
            given_what_would_change_in_silence_when_written_then_it_is_refused),
        cmocka_unit_test (given_json_when_written_then_a_line_of_system_asks_for_it),
        cmocka_unit_test (given_a_schema_when_written_then_format_or_a_tool_carries_it),
        cmocka_unit_test (given_a_count_when_written_then_nothing_of_the_answer_is_said),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
