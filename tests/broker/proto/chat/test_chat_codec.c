//  The pitfalls of the protocol, one test each, by their numbers in the reference.

#include "tests/broker/proto/chat/chat_test.h"

static void
given_the_codec_when_looked_at_then_all_its_parts_are_set (void **state)
{
    (void) state;
    const br_codec_t *codec = &chat_codec;
    assert_int_equal (codec->protocol, BR_PROTOCOL_CHAT);
    assert_non_null (codec->name);
    assert_string_equal (codec->label, "chat_completions");
    assert_true (codec->read_call && codec->write_call && codec->read_reply
                 && codec->write_reply && codec->reader_new && codec->reader_destroy
                 && codec->read_event && codec->read_mark && codec->read_end
                 && codec->writer_new && codec->writer_destroy && codec->write_delta
                 && codec->write_error && codec->status);
}

static void
p01_given_cached_tokens_when_read_then_input_is_all_of_them (void **state)
{
    (void) state;
    reader_expect ("{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
                   "\"content\":\"a\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_"
                   "tokens\":10,\"completion_tokens\":2,\"prompt_tokens_details\":{"
                   "\"cached_tokens\":8}}}\n[DONE]\n",
                   "start c1 m\ntext 0 a\nusage 10/2/0\nfinish stop (stop)\nend\n");
}

static void
p04_given_a_length_when_a_call_was_seen_then_it_stays_a_length (void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_"
        "calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":"
        "\"{\\\"x\"}}]}}]}\n{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,"
        "\"delta\":{},\"finish_reason\":\"length\"}]}\n[DONE]\n",
        "start c1 m\ncall 0 a f\nargs 0 {\"x\nfinish length (length)\nend\n");
}

static void
p06_given_a_malformed_call_when_read_then_it_is_no_stop (void **state)
{
    (void) state;
    reader_expect ("{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
                   "\"content\":\"\"},\"finish_reason\":\"function_call_filter: "
                   "MALFORMED_FUNCTION_CALL\"}]}\n[DONE]\n",
                   "start c1 m\nfinish function_call_filter: MALFORMED_FUNCTION_CALL "
                   "(malformed)\nend\n");
}

static void
p07_given_a_native_finish_when_read_then_the_normal_one_counts (void **state)
{
    (void) state;
    reader_expect ("{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":"
                   "\"a\"},\"finish_reason\":\"stop\",\"native_finish_reason\":\"STOP_"
                   "SEQUENCE\"}]}\n[DONE]\n",
                   "start c1 m\ntext 0 a\nfinish stop (stop)\nend\n");
}

static void
p08_given_a_usage_chunk_without_choices_when_read_then_nothing_breaks (void **state)
{
    (void) state;
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
        "\"a\"},\"finish_reason\":\"stop\"}]}\n{\"usage\":{\"prompt_tokens\":1,"
        "\"completion_tokens\":1}}\n{\"choices\":[],\"usage\":{\"prompt_tokens\":1,"
        "\"completion_tokens\":2}}\n[DONE]\n",
        "start c1 m\ntext 0 a\nusage 1/1/0\nusage 1/2/0\nfinish stop (stop)\nend\n");
}

static void
p10_given_an_empty_id_and_model_when_read_then_the_first_given_count (void **state)
{
    (void) state;
    reader_expect ("{\"choices\":[],\"id\":\"\",\"model\":\"\"}\n{\"id\":\"c1\","
                   "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
                   "\"a\"},\"finish_reason\":\"stop\"}]}\n[DONE]\n",
                   "start c1 m\ntext 0 a\nfinish stop (stop)\nend\n");
}

static void
p11_p12_p13_given_calls_without_signatures_when_written_to_google_then_each_step_has_a_placeholder (
    void **state)
{
    (void) state;
    request_t request;
    const char
        *json = "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{"
                "\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"function\":{"
                "\"name\":\"f\",\"arguments\":\"{}\"}},{\"id\":\"b\",\"function\":{"
                "\"name\":\"f\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_"
                "id\":\"a\",\"content\":\"1\"},{\"role\":\"tool\",\"tool_call_id\":\"b\","
                "\"content\":\"2\"},{\"role\":\"assistant\",\"tool_calls\":[{\"id\":"
                "\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},{\"role\":"
                "\"tool\",\"tool_call_id\":\"c\",\"content\":\"3\"}]}";
    assert_int_equal (request_read (&request, json, strlen (json)), 0);
    assert_int_equal (request_write (&request, "google", "gemini-3-pro"), 0);
    const char *out = br_buf_text (&request.out);
    unsigned count = 0;
    for (const char *at = out; (at = strstr (at, "skip_thought_signature_validator"));
         at++)
        count++;
    assert_int_equal (count, 2);
    request_free (&request);
}

static void
p14_p16_given_a_signature_of_another_family_when_written_then_it_is_left_out (
    void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"reasoning_details\":[{\"type\":\"reasoning."
        "text\",\"text\":\"R\",\"signature\":\"SIG\",\"format\":\"anthropic-claude-v1\"}]"
        ",\"tool_calls\":[{\"id\":\"call_a\",\"type\":\"function\",\"function\":{"
        "\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}}]},{\"role\":\"tool\",\"tool_"
        "call_id\":\"call_a\",\"content\":\"5\"}]}",
        "google", "gemini-2.5-pro", NULL, "SIG\nbr1.", NULL);
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"reasoning_details\":[{\"type\":\"reasoning."
        "text\",\"text\":\"R\",\"signature\":\"SIG\",\"format\":\"anthropic-claude-v1\"}]"
        ",\"tool_calls\":[{\"id\":\"call_a\",\"type\":\"function\",\"function\":{"
        "\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}}]},{\"role\":\"tool\",\"tool_"
        "call_id\":\"call_a\",\"content\":\"5\"}]}",
        "deepseek", "deepseek-chat", "\"reasoning_content\":\"R\"", "SIG\nbr1.", NULL);
}

static void
p18_given_a_forced_choice_when_deepseek_thinks_then_it_is_auto (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"tool_"
        "choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}},\"tools\":[{"
        "\"type\":\"function\",\"function\":{\"name\":\"f\"}}]}",
        "deepseek", "deepseek-v4", "\"tool_choice\":\"auto\"", NULL, NULL);
}

static void
p19_given_a_turn_with_calls_when_written_to_deepseek_then_it_has_reasoning (void **state)
{
    (void) state;
    request_expect (
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_a\",\"type\":"
        "\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"call_a\",\"content\":\"5\"}]}",
        "deepseek", "deepseek-v4", "\"reasoning_content\":\"\"", NULL, NULL);
}

static void
p28_given_an_id_of_kimi_when_written_to_kimi_then_it_is_the_same (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"},{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{"
                    "\"id\":\"functions.add:0\",\"type\":\"function\",\"function\":{"
                    "\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}}]},{\"role\":"
                    "\"tool\",\"tool_call_id\":\"functions.add:0\",\"content\":\"5\"}]}",
                    "moonshot", "kimi-k2",
                    "\"id\":\"functions.add:0\"\n\"tool_call_id\":\"functions.add:0\"",
                    NULL, NULL);
}

static void
p29_given_an_id_that_is_too_long_when_written_then_call_and_result_are_cut_alike (
    void **state)
{
    (void) state;
    request_t request;
    const char *json =
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_"
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "\",\"type\":\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{"
        "\\\"a\\\":1}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"call_"
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "\",\"content\":\"5\"}]}";
    assert_int_equal (request_read (&request, json, strlen (json)), 0);
    assert_int_equal (request_write (&request, "openai", "gpt-4o"), 0);
    char *out = br_strdup (br_buf_text (&request.out));
    char *id = strstr (out, "\"id\":\"") + 6;
    char *other = strstr (out, "\"tool_call_id\":\"") + 16;
    *strchr (id, '"') = 0;
    *strchr (other, '"') = 0;
    assert_string_equal (id, other);
    assert_true (strlen (id) <= 64);
    free (out);
    request_free (&request);
}

static void
p30_given_an_id_when_written_to_mistral_then_it_has_nine_characters (void **state)
{
    (void) state;
    request_t request;
    const char *json =
        "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
        "\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_a\",\"type\":"
        "\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":1}\"}}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"call_a\",\"content\":\"5\"}]}";
    assert_int_equal (request_read (&request, json, strlen (json)), 0);
    assert_int_equal (request_write (&request, "mistral", "mistral-large"), 0);
    const char *id = strstr (br_buf_text (&request.out), "\"id\":\"") + 6;
    const char *other = strstr (br_buf_text (&request.out), "\"tool_call_id\":\"") + 16;
    assert_int_equal (strcspn (id, "\""), 9);
    assert_memory_equal (id, other, 10);
    request_free (&request);
}

static void
p31_given_a_name_with_dots_when_written_then_it_is_changed (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":"
                    "\"hi\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
                    "\"mcp.server/tool\"}}]}",
                    "openai", "gpt-4o", "\"name\":\"mcp_server_tool", "mcp.server", NULL);
}

static void
p36_given_cache_marks_when_written_then_none_are_added (void **state)
{
    (void) state;
    request_expect ("{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":[{"
                    "\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\","
                    "\"cache_control\":{\"type\":\"ephemeral\"}}]}]}",
                    "openrouter", "x/y",
                    "[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":"
                    "\"b\",\"cache_control\":{\"type\":\"ephemeral\"}}]",
                    NULL, NULL);
}

static void
p40_given_errors_in_a_stream_when_read_then_they_end_it (void **state)
{
    (void) state;
    reader_expect ("{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{"
                   "\"content\":\"a\"}}]}\nevent error "
                   "{\"error\":{\"message\":\"m\",\"failed_generation\":\"x\"}}\nEOF",
                   "start c1 m\ntext 0 a\nerror m EUPBAD\n");
    reader_expect (
        "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
        "\"a\"},\"finish_reason\":\"length\"}]}\n{\"error\":{\"code\":400,\"message\":"
        "\"m\"},\"choices\":[{\"delta\":{\"content\":\"\"},\"finish_reason\":null}],"
        "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}\n[DONE]\n",
        "start c1 m\ntext 0 a\nerror m EUPBAD\n");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_the_codec_when_looked_at_then_all_its_parts_are_set),
        cmocka_unit_test (p01_given_cached_tokens_when_read_then_input_is_all_of_them),
        cmocka_unit_test (p04_given_a_length_when_a_call_was_seen_then_it_stays_a_length),
        cmocka_unit_test (p06_given_a_malformed_call_when_read_then_it_is_no_stop),
        cmocka_unit_test (p07_given_a_native_finish_when_read_then_the_normal_one_counts),
        cmocka_unit_test (
            p08_given_a_usage_chunk_without_choices_when_read_then_nothing_breaks),
        cmocka_unit_test (
            p10_given_an_empty_id_and_model_when_read_then_the_first_given_count),
        cmocka_unit_test (
            p11_p12_p13_given_calls_without_signatures_when_written_to_google_then_each_step_has_a_placeholder),
        cmocka_unit_test (
            p14_p16_given_a_signature_of_another_family_when_written_then_it_is_left_out),
        cmocka_unit_test (p18_given_a_forced_choice_when_deepseek_thinks_then_it_is_auto),
        cmocka_unit_test (
            p19_given_a_turn_with_calls_when_written_to_deepseek_then_it_has_reasoning),
        cmocka_unit_test (
            p28_given_an_id_of_kimi_when_written_to_kimi_then_it_is_the_same),
        cmocka_unit_test (
            p29_given_an_id_that_is_too_long_when_written_then_call_and_result_are_cut_alike),
        cmocka_unit_test (
            p30_given_an_id_when_written_to_mistral_then_it_has_nine_characters),
        cmocka_unit_test (p31_given_a_name_with_dots_when_written_then_it_is_changed),
        cmocka_unit_test (p36_given_cache_marks_when_written_then_none_are_added),
        cmocka_unit_test (p40_given_errors_in_a_stream_when_read_then_they_end_it),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
