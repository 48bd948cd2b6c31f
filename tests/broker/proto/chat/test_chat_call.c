//  A request is read member by member.

#include "tests/broker/proto/chat/chat_test.h"

static void
given_all_members_when_read_then_the_call_has_them (void **state)
{
    (void) state;
    const char *json =
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
        "\"stream\":true,\"stream_options\":{\"include_usage\":true},\"temperature\":0.5,"
        "\"top_p\":1,\"top_k\":3,\"seed\":7,\"n\":2,\"max_tokens\":10,\"max_completion_"
        "tokens\":20,\"stop\":[\"a\",\"b\"],\"logprobs\":true,\"top_logprobs\":3,\"logit_"
        "bias\":{\"1\":2},\"parallel_tool_calls\":false,\"reasoning_effort\":\"high\","
        "\"verbosity\":\"low\",\"store\":true,\"metadata\":{\"a\":\"b\"},\"user\":\"u\","
        "\"safety_identifier\":\"s\",\"prompt_cache_key\":\"k\",\"service_tier\":"
        "\"flex\",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{"
        "\"name\":\"n\",\"schema\":{},\"strict\":true}}}";
    request_t request;
    assert_int_equal (request_read (&request, json, strlen (json)), 0);
    const br_call_t *call = request.call;
    assert_true (br_text_is (call->model, "x"));
    assert_true (call->stream && call->want_usage);
    assert_true (br_text_is (call->temperature.raw, "0.5"));
    assert_true (br_text_is (call->top_p.raw, "1"));
    assert_true (call->top_k.value == 3 && call->seed.value == 7 && call->n.value == 2);
    assert_true (call->max_output.value == 20);
    assert_int_equal (call->stop.size, 2);
    assert_int_equal (call->logprobs, BR_YES);
    assert_true (br_text_is (call->logit_bias, "{\"1\":2}"));
    assert_int_equal (call->parallel, BR_NO);
    assert_int_equal (call->effort, BR_EFFORT_HIGH);
    assert_int_equal (call->show_reasoning, BR_YES);
    assert_true (br_text_is (call->verbosity, "low"));
    assert_int_equal (call->store, BR_YES);
    assert_true (br_text_is (call->metadata, "{\"a\":\"b\"}"));
    assert_true (br_text_is (call->user, "s"));
    assert_true (br_text_is (call->cache_key, "k"));
    assert_true (br_text_is (call->service_tier, "flex"));
    assert_int_equal (call->format, BR_FORMAT_SCHEMA);
    assert_true (br_text_is (call->schema_name, "n"));
    assert_int_equal (call->schema_strict, BR_YES);
    assert_null (call->extras);
    request_free (&request);
}

static void
given_unknown_members_when_read_then_they_are_extras_and_told_as_dropped (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
        "\"prediction\":{\"type\":\"content\"},\"web_search_options\":{}}",
        "openai", "gpt-4o", NULL, "prediction",
        "dropped prediction, dropped web_search_options");
}

static void
given_reasoning_of_other_providers_when_read_then_it_is_understood (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"reasoning\":{\"effort\":\"low\"}}",
                    "openai", "gpt-5", "\"reasoning_effort\":\"low\"", NULL, NULL);
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
        "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":9000}}",
        "openai", "gpt-5", "\"reasoning_effort\":\"medium\"", NULL, NULL);
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"enable_thinking\":false}",
                    "deepseek", "deepseek-chat", "\"thinking\":{\"type\":\"disabled\"}",
                    NULL, NULL);
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"reasoning_effort\":\"default\"}",
                    "openai", "gpt-5", NULL, "reasoning_effort",
                    "dropped reasoning_effort");
}

static void
given_bad_values_when_read_then_they_are_refused (void **state)
{
    (void) state;
    request_refused ("[]", "`the request` must be an object");
    request_refused ("{\"model\":\"x\",\"messages\":[]}", "`messages` is empty");
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                     "\"hi\"}],\"temperature\":1e400}",
                     "`temperature` is out of range");
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                     "\"hi\"}],\"stop\":[1]}",
                     "`stop[0]` must be a string");
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                     "\"hi\"}],\"response_format\":{\"type\":\"xml\"}}",
                     "`response_format.type` must be");
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                     "\"hi\"}],\"stream\":\"yes\"}",
                     "`stream` must be");
    request_refused ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                     "\"hi\"}],\"logit_bias\":[]}",
                     "`logit_bias` must be");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_all_members_when_read_then_the_call_has_them),
        cmocka_unit_test (
            given_unknown_members_when_read_then_they_are_extras_and_told_as_dropped),
        cmocka_unit_test (
            given_reasoning_of_other_providers_when_read_then_it_is_understood),
        cmocka_unit_test (given_bad_values_when_read_then_they_are_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
