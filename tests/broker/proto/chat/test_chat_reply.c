//  Whole answers, read and written.

#include "tests/broker/proto/chat/chat_test.h"

//  What is written of a provider's answer.
static void
s_expect (const br_call_t *call, const char *json, const char *wanted)
{
    br_asked_t asked = { .call = call,
                         .model = BR_TEXT ("mine"),
                         .id = "ABCDEFGHIJKLMNOPQRSTUVWX",
                         .now = 7 };
    br_error_t error = { 0 };
    br_buf_t out;
    br_buf_init (&out, 1u << 20);
    json_tree_t *tree = json_tree_new ();
    br_reply_t *reply = br_reply_new ();
    const json_node_t *root = json_tree_parse (tree, json, strlen (json), NULL);
    if (chat_codec.read_reply (reply, tree, root, &error))
        br_buf_addf (&out, "%s %s", br_code_name (error.code), error.text);
    else
        chat_codec.write_reply (reply, &asked, &out);
    assert_string_equal (br_buf_text (&out), wanted);
    br_reply_destroy (&reply);
    json_tree_destroy (&tree);
    br_buf_free (&out);
}

static const br_call_t s_plain;
static const br_call_t s_legacy = { .legacy_functions = true };

static void
given_text_and_usage_when_written_then_all_members_are_there (void **state)
{
    (void) state;
    s_expect (&s_plain,
              "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{"
              "\"role\":\"assistant\",\"content\":\"Hi\"},\"finish_reason\":\"stop\"}],"
              "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}",
              "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat."
              "completion\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
              "\"message\":{\"role\":\"assistant\",\"content\":\"Hi\",\"refusal\":null},"
              "\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_"
              "tokens\":3,\"completion_tokens\":1,\"total_tokens\":4,\"prompt_tokens_"
              "details\":{\"cached_tokens\":0,\"cache_write_tokens\":0},\"completion_"
              "tokens_details\":{\"reasoning_tokens\":0}}}");
}

static void
given_calls_when_written_then_content_is_null_and_stop_is_tool_calls (void **state)
{
    (void) state;
    s_expect (&s_plain,
              "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{"
              "\"content\":null,\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":"
              "\"f\",\"arguments\":\"\"}},{\"function\":{\"name\":\"g\",\"arguments\":\"{"
              "}\"}}]},\"finish_reason\":\"stop\"}]}",
              "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat."
              "completion\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
              "\"message\":{\"role\":\"assistant\",\"content\":null,\"refusal\":null,"
              "\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\",\"function\":{"
              "\"name\":\"f\",\"arguments\":\"{}\"}},{\"id\":\"call_"
              "ABCDEFGHIJKLMNOPQRST0001\",\"type\":\"function\",\"function\":{\"name\":"
              "\"g\",\"arguments\":\"{}\"}}]},\"logprobs\":null,\"finish_reason\":\"tool_"
              "calls\"}],\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0,\"total_"
              "tokens\":0,\"prompt_tokens_details\":{\"cached_tokens\":0,\"cache_write_"
              "tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":0}}}");
    s_expect (
        &s_legacy,
        "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{"
        "\"content\":null,\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"f\","
        "\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_calls\"}]}",
        "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion\","
        "\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,\"message\":{"
        "\"role\":\"assistant\",\"content\":null,\"refusal\":null,\"function_call\":{"
        "\"name\":\"f\",\"arguments\":\"{}\"}},\"logprobs\":null,\"finish_reason\":"
        "\"function_call\"}],\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0,"
        "\"total_tokens\":0,\"prompt_tokens_details\":{\"cached_tokens\":0,\"cache_write_"
        "tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":0}}}");
}

//  Envelopes of the blobs S and E, of the model m.
#define SEALED_S "br1.aLAJeSGJEzRhcwABAABtUw"
#define SEALED_E "br1.dL57H6OMvEBvZQABAAJtcnNF"

static void
given_reasoning_and_blobs_when_written_then_blobs_come_in_envelopes (void **state)
{
    (void) state;
    s_expect (&s_plain,
              "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{"
              "\"content\":\"x\",\"reasoning\":\"ab\",\"reasoning_details\":[{\"type\":"
              "\"reasoning.text\",\"text\":\"ab\",\"signature\":\"S\",\"format\":"
              "\"anthropic-claude-v1\",\"index\":0}]},\"finish_reason\":\"stop\"}]}",
              "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat."
              "completion\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
              "\"message\":{\"role\":\"assistant\",\"content\":\"x\",\"refusal\":null,"
              "\"reasoning_content\":\"ab\",\"reasoning_details\":[{\"type\":\"reasoning."
              "text\",\"text\":\"ab\",\"signature\":\"" SEALED_S
              "\",\"format\":\"anthropic-claude-"
              "v1\",\"index\":0}]},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
              "\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0,"
              "\"prompt_tokens_details\":{\"cached_tokens\":0,\"cache_write_tokens\":0},"
              "\"completion_tokens_details\":{\"reasoning_tokens\":0}}}");
    s_expect (
        &s_plain,
        "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{"
        "\"content\":\"x\",\"reasoning_content\":\"ab\"},\"finish_reason\":\"stop\"}]}",
        "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion\","
        "\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,\"message\":{"
        "\"role\":\"assistant\",\"content\":\"x\",\"refusal\":null,\"reasoning_content\":"
        "\"ab\"},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_"
        "tokens\":0,\"completion_tokens\":0,\"total_tokens\":0,\"prompt_tokens_details\":"
        "{\"cached_tokens\":0,\"cache_write_tokens\":0},\"completion_tokens_details\":{"
        "\"reasoning_tokens\":0}}}");
    s_expect (
        &s_plain,
        "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{"
        "\"content\":\"x\",\"reasoning_details\":[{\"type\":\"reasoning.summary\","
        "\"summary\":\"s\"},{\"type\":\"reasoning.encrypted\",\"data\":\"E\",\"id\":"
        "\"rs\",\"format\":\"openai-responses-v1\"}]},\"finish_reason\":\"stop\"}]}",
        "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion\","
        "\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,\"message\":{"
        "\"role\":\"assistant\",\"content\":\"x\",\"refusal\":null,\"reasoning_content\":"
        "\"s\",\"reasoning_details\":[{\"type\":\"reasoning.summary\",\"summary\":\"s\","
        "\"format\":\"openai-responses-v1\",\"index\":0},{\"type\":\"reasoning."
        "encrypted\",\"data\":\"" SEALED_E
        "\",\"id\":\"rs\",\"format\":\"openai-responses-v1\","
        "\"index\":1}]},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{"
        "\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0,\"prompt_tokens_"
        "details\":{\"cached_tokens\":0,\"cache_write_tokens\":0},\"completion_tokens_"
        "details\":{\"reasoning_tokens\":0}}}");
}

static void
given_refusal_and_annotations_when_written_then_they_have_their_members (void **state)
{
    (void) state;
    s_expect (&s_plain,
              "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{"
              "\"content\":null,\"refusal\":\"no\"},\"finish_reason\":\"stop\"}]}",
              "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat."
              "completion\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
              "\"message\":{\"role\":\"assistant\",\"content\":null,\"refusal\":\"no\"},"
              "\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_"
              "tokens\":0,\"completion_tokens\":0,\"total_tokens\":0,\"prompt_tokens_"
              "details\":{\"cached_tokens\":0,\"cache_write_tokens\":0},\"completion_"
              "tokens_details\":{\"reasoning_tokens\":0}}}");
    s_expect (
        &s_plain,
        "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{"
        "\"content\":\"x\",\"annotations\":[{\"type\":\"url_citation\",\"url_citation\":{"
        "\"url\":\"u\",\"title\":\"t\",\"start_index\":1,\"end_index\":2}}]},\"finish_"
        "reason\":\"stop\"}]}",
        "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion\","
        "\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,\"message\":{"
        "\"role\":\"assistant\",\"content\":\"x\",\"refusal\":null,\"annotations\":[{"
        "\"type\":\"url_citation\",\"url_citation\":{\"start_index\":1,\"end_index\":2,"
        "\"url\":\"u\",\"title\":\"t\"}}]},\"logprobs\":null,\"finish_reason\":\"stop\"}]"
        ",\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0,"
        "\"prompt_tokens_details\":{\"cached_tokens\":0,\"cache_write_tokens\":0},"
        "\"completion_tokens_details\":{\"reasoning_tokens\":0}}}");
}

static void
given_media_when_written_then_they_have_their_members (void **state)
{
    (void) state;
    s_expect (
        &s_plain,
        "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{"
        "\"content\":null,\"audio\":{\"id\":\"a\",\"data\":\"QQ==\",\"transcript\":\"t\"}"
        "},\"finish_reason\":\"stop\"}]}",
        "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion\","
        "\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,\"message\":{"
        "\"role\":\"assistant\",\"content\":\"t\",\"refusal\":null,\"audio\":{\"id\":"
        "\"audio_ABCDEFGHIJKLMNOPQRSTUVWX\",\"data\":\"QQ==\",\"expires_at\":7,"
        "\"transcript\":\"\"}},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{"
        "\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0,\"prompt_tokens_"
        "details\":{\"cached_tokens\":0,\"cache_write_tokens\":0},\"completion_tokens_"
        "details\":{\"reasoning_tokens\":0}}}");
    s_expect (&s_plain,
              "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{"
              "\"content\":\"\",\"images\":[{\"type\":\"image_url\",\"image_url\":{"
              "\"url\":\"https://i\"}}]},\"finish_reason\":\"stop\"}]}",
              "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat."
              "completion\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
              "\"message\":{\"role\":\"assistant\",\"content\":null,\"refusal\":null,"
              "\"images\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://"
              "i\"}}]},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{"
              "\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0,\"prompt_"
              "tokens_details\":{\"cached_tokens\":0,\"cache_write_tokens\":0},"
              "\"completion_tokens_details\":{\"reasoning_tokens\":0}}}");
}

static void
given_several_choices_when_written_then_all_are_there (void **state)
{
    (void) state;
    s_expect (
        &s_plain,
        "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{"
        "\"content\":\"a\"},\"finish_reason\":\"stop\"},{\"index\":1,\"message\":{"
        "\"content\":\"b\"},\"finish_reason\":\"length\"}]}",
        "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion\","
        "\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,\"message\":{"
        "\"role\":\"assistant\",\"content\":\"a\",\"refusal\":null},\"logprobs\":null,"
        "\"finish_reason\":\"stop\"},{\"index\":1,\"message\":{\"role\":\"assistant\","
        "\"content\":\"b\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":"
        "\"length\"}],\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0,\"total_"
        "tokens\":0,\"prompt_tokens_details\":{\"cached_tokens\":0,\"cache_write_"
        "tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":0}}}");
}

static void
given_what_is_no_answer_when_read_then_it_is_refused (void **state)
{
    (void) state;
    s_expect (&s_plain, "{\"error\":{\"message\":\"m\",\"code\":429}}", "EUPLIMIT m");
    s_expect (&s_plain, "{\"choices\":[]}",
              "EUPINVALID the provider's answer ended without a choice");
    s_expect (&s_plain, "7",
              "EUPINVALID the provider's answer is a number where an object belongs");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (given_text_and_usage_when_written_then_all_members_are_there),
        cmocka_unit_test (
            given_calls_when_written_then_content_is_null_and_stop_is_tool_calls),
        cmocka_unit_test (
            given_reasoning_and_blobs_when_written_then_blobs_come_in_envelopes),
        cmocka_unit_test (
            given_refusal_and_annotations_when_written_then_they_have_their_members),
        cmocka_unit_test (given_media_when_written_then_they_have_their_members),
        cmocka_unit_test (given_several_choices_when_written_then_all_are_there),
        cmocka_unit_test (given_what_is_no_answer_when_read_then_it_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
