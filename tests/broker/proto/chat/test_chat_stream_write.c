//  An answer as chunks for the client.

#include "tests/broker/proto/chat/chat_test.h"

//  What is written of deltas.
static char *
s_write (const br_call_t *call, const br_delta_t *deltas, size_t count)
{
    br_asked_t asked = { .call = call,
                         .model = BR_TEXT ("mine"),
                         .id = "ABCDEFGHIJKLMNOPQRSTUVWX",
                         .now = 7 };
    br_buf_t out;
    br_buf_init (&out, 1u << 20);
    void *writer = chat_codec.writer_new (&asked);
    for (size_t i = 0; i < count; i++)
        chat_codec.write_delta (writer, &deltas[i], &out);
    chat_codec.writer_destroy (&writer);
    char *text = br_strdup (br_buf_text (&out));
    br_buf_free (&out);
    return text;
}

#define EXPECT(call, deltas, wanted)                                                     \
    do {                                                                                 \
        char *text = s_write (call, deltas, sizeof deltas / sizeof deltas[0]);           \
        assert_string_equal (text, wanted);                                              \
        free (text);                                                                     \
    } while (0)

static const br_call_t s_plain;
static const br_call_t s_usage = { .want_usage = true };
static const br_call_t s_legacy = { .legacy_functions = true };

#define STARTED                                                                          \
    {                                                                                    \
        .kind = BR_DELTA_START                                                           \
    }
#define SAID(words)                                                                      \
    {                                                                                    \
        .kind = BR_DELTA_TEXT, .text = BR_TEXT (words)                                   \
    }
#define USED                                                                             \
    {                                                                                    \
        .kind = BR_DELTA_USAGE, .usage = {                                               \
            .known = true,                                                               \
            .input = 5,                                                                  \
            .cache_read = 2,                                                             \
            .output = 3,                                                                 \
            .reasoning = 1                                                               \
        }                                                                                \
    }
#define CALLED(number, its_id)                                                           \
    {                                                                                    \
        .kind = BR_DELTA_CALL, .block = number, .id = BR_TEXT (its_id),                  \
        .name = BR_TEXT ("f")                                                            \
    }
#define ARGS(number, words)                                                              \
    {                                                                                    \
        .kind = BR_DELTA_ARGS, .block = number, .text = BR_TEXT (words)                  \
    }
#define FINISHED(how)                                                                    \
    {                                                                                    \
        .kind = BR_DELTA_FINISH, .finish = how                                           \
    }
#define ENDED                                                                            \
    {                                                                                    \
        .kind = BR_DELTA_END                                                             \
    }

static void
given_text_when_written_then_there_is_role_text_finish_and_done (void **state)
{
    (void) state;
    {
        const br_delta_t deltas[] = { STARTED, SAID ("Hi\n"), FINISHED (BR_FINISH_STOP),
                                      ENDED };
        EXPECT (&s_plain, deltas,
                "data: "
                "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat."
                "completion.chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{"
                "\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
                "\"logprobs\":null,\"finish_reason\":null}]}\n\ndata: "
                "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat."
                "completion.chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{"
                "\"index\":0,\"delta\":{\"content\":\"Hi\\n\"},\"logprobs\":null,"
                "\"finish_reason\":null}]}\n\ndata: "
                "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat."
                "completion.chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{"
                "\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]}"
                "\n\ndata: [DONE]\n\n");
    }
}

static void
given_usage_when_the_client_asked_then_it_is_a_chunk_of_its_own (void **state)
{
    (void) state;
    {
        const br_delta_t deltas[] = { STARTED, USED, FINISHED (BR_FINISH_STOP), ENDED };
        EXPECT (
            &s_usage, deltas,
            "data: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
            "\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,"
            "\"finish_reason\":null}],\"usage\":null}\n\ndata: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
            "\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":null}"
            "\n\ndata: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[],\"usage\":{\"prompt_"
            "tokens\":5,\"completion_tokens\":3,\"total_tokens\":8,\"prompt_tokens_"
            "details\":{\"cached_tokens\":2,\"cache_write_tokens\":0},\"completion_"
            "tokens_details\":{\"reasoning_tokens\":1}}}\n\ndata: [DONE]\n\n");
    }
}

static void
given_usage_when_the_client_did_not_ask_then_it_hears_nothing_of_it (void **state)
{
    (void) state;
    {
        const br_delta_t deltas[] = { STARTED, USED, FINISHED (BR_FINISH_STOP), ENDED };
        EXPECT (&s_plain, deltas,
                "data: "
                "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat."
                "completion.chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{"
                "\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
                "\"logprobs\":null,\"finish_reason\":null}]}\n\ndata: "
                "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat."
                "completion.chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{"
                "\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]}"
                "\n\ndata: [DONE]\n\n");
    }
}

static void
given_calls_when_written_then_they_are_counted_and_stop_is_tool_calls (void **state)
{
    (void) state;
    {
        const br_delta_t deltas[] = {
            STARTED,        SAID ("x"),     CALLED (1, "a"),
            ARGS (1, "{}"), CALLED (2, ""), FINISHED (BR_FINISH_STOP),
            ENDED
        };
        EXPECT (
            &s_plain, deltas,
            "data: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
            "\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,"
            "\"finish_reason\":null}]}\n\ndata: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
            "\"delta\":{\"content\":\"x\"},\"logprobs\":null,\"finish_reason\":null}]}"
            "\n\ndata: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
            "\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"type\":\"function\","
            "\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]},\"logprobs\":null,"
            "\"finish_reason\":null}]}\n\ndata: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
            "\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{}\"}}"
            "]},\"logprobs\":null,\"finish_reason\":null}]}\n\ndata: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
            "\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":\"call_"
            "ABCDEFGHIJKLMNOPQRST0001\",\"type\":\"function\",\"function\":{\"name\":"
            "\"f\",\"arguments\":\"\"}}]},\"logprobs\":null,\"finish_reason\":null}]}"
            "\n\ndata: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
            "\"delta\":{\"tool_calls\":[{\"index\":1,\"function\":{\"arguments\":\"{}\"}}"
            "]},\"logprobs\":null,\"finish_reason\":null}]}\n\ndata: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
            "\"delta\":{},\"logprobs\":null,\"finish_reason\":\"tool_calls\"}]}\n\ndata: "
            "[DONE]\n\n");
    }
}

static void
given_a_client_of_the_old_form_when_written_then_there_is_one_function_call (void **state)
{
    (void) state;
    {
        const br_delta_t deltas[] = { STARTED,        CALLED (0, "a"),
                                      ARGS (0, "{}"), CALLED (1, "b"),
                                      ARGS (1, "{}"), FINISHED (BR_FINISH_STOP),
                                      ENDED };
        EXPECT (&s_legacy, deltas,
                "data: "
                "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat."
                "completion.chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{"
                "\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
                "\"logprobs\":null,\"finish_reason\":null}]}\n\ndata: "
                "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat."
                "completion.chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{"
                "\"index\":0,\"delta\":{\"function_call\":{\"name\":\"f\",\"arguments\":"
                "\"\"}},\"logprobs\":null,\"finish_reason\":null}]}\n\ndata: "
                "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat."
                "completion.chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{"
                "\"index\":0,\"delta\":{\"function_call\":{\"arguments\":\"{}\"}},"
                "\"logprobs\":null,\"finish_reason\":null}]}\n\ndata: "
                "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat."
                "completion.chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{"
                "\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"function_"
                "call\"}]}\n\ndata: [DONE]\n\n");
    }
}

static void
given_reasoning_with_a_signature_when_written_then_the_details_have_both (void **state)
{
    (void) state;
    const br_opaque_t blob = { .family = BR_FAMILY_ANTHROPIC,
                               .kind = BR_OPAQUE_SIGNATURE,
                               .bytes = BR_TEXT ("S") };
    {
        const br_delta_t deltas[] = {
            { .kind = BR_DELTA_REASONING, .text = BR_TEXT ("a") },
            { .kind = BR_DELTA_REASONING, .text = BR_TEXT ("b") },
            { .kind = BR_DELTA_OPAQUE, .opaque = &blob }
        };
        EXPECT (
            &s_plain, deltas,
            "data: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
            "\"delta\":{\"reasoning_content\":\"a\"},\"logprobs\":null,\"finish_reason\":"
            "null}]}\n\ndata: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
            "\"delta\":{\"reasoning_content\":\"b\"},\"logprobs\":null,\"finish_reason\":"
            "null}]}\n\ndata: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
            "\"delta\":{\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":"
            "\"ab\",\"signature\":\"br1.nbJBa4y50mlhcwAAAABT\",\"format\":\"anthropic-"
            "claude-v1\",\"index\":0}]}"
            ",\"logprobs\":null,\"finish_reason\":null}]}\n\n");
    }
}

static void
given_a_thought_of_a_call_when_written_then_it_stands_at_the_call (void **state)
{
    (void) state;
    const br_opaque_t blob = { .family = BR_FAMILY_GOOGLE,
                               .kind = BR_OPAQUE_THOUGHT,
                               .bytes = BR_TEXT ("T") };
    {
        const br_delta_t deltas[] = { CALLED (0, "a"),
                                      ARGS (0, "{}"),
                                      { .kind = BR_DELTA_OPAQUE, .opaque = &blob } };
        EXPECT (
            &s_plain, deltas,
            "data: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
            "\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"type\":\"function\","
            "\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]},\"logprobs\":null,"
            "\"finish_reason\":null}]}\n\ndata: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
            "\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{}\"}}"
            "]},\"logprobs\":null,\"finish_reason\":null}]}\n\ndata: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
            "\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\"},"
            "\"extra_content\":{\"google\":{\"thought_signature\":\"br1."
            "afirOMB0Ep1ndAAAAABU\"}}}]},"
            "\"logprobs\":null,\"finish_reason\":null}]}\n\n");
    }
}

static void
given_the_rest_when_written_then_each_has_its_member (void **state)
{
    (void) state;
    const br_media_t media = { .data = BR_TEXT ("QQ=="), .mime = BR_TEXT ("image/gif") };
    {
        const br_delta_t deltas[] = {
            { .kind = BR_DELTA_REFUSAL, .text = BR_TEXT ("no") },
            { .kind = BR_DELTA_LOGPROBS, .raw = BR_TEXT ("{}") },
            { .kind = BR_DELTA_CITATION,
              .family = BR_FAMILY_OPENAI,
              .raw = BR_TEXT (
                  "{\"type\":\"url_citation\",\"url\":\"u\",\"title\":\"t\"}") },
            { .kind = BR_DELTA_CITATION,
              .family = BR_FAMILY_ANTHROPIC,
              .raw = BR_TEXT ("{}") },
            { .kind = BR_DELTA_MEDIA, .media_kind = BR_BLOCK_IMAGE, .media = &media },
            { .kind = BR_DELTA_MEDIA, .media_kind = BR_BLOCK_AUDIO, .media = &media },
            { .kind = BR_DELTA_HOSTED }
        };
        EXPECT (
            &s_plain, deltas,
            "data: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
            "\"delta\":{\"refusal\":\"no\"},\"logprobs\":null,\"finish_reason\":null}]}"
            "\n\ndata: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
            "\"delta\":{},\"logprobs\":{},\"finish_reason\":null}]}\n\ndata: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
            "\"delta\":{\"annotations\":[{\"type\":\"url_citation\",\"url_citation\":{"
            "\"start_index\":0,\"end_index\":0,\"url\":\"u\",\"title\":\"t\"}}]},"
            "\"logprobs\":null,\"finish_reason\":null}]}\n\ndata: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
            "\"delta\":{\"images\":[{\"type\":\"image_url\",\"image_url\":{\"url\":"
            "\"data:image/"
            "gif;base64,QQ==\"}}]},\"logprobs\":null,\"finish_reason\":null}]}\n\ndata: "
            "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat.completion."
            "chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{\"index\":0,"
            "\"delta\":{\"audio\":{\"id\":\"audio_ABCDEFGHIJKLMNOPQRSTUVWX\",\"data\":"
            "\"QQ==\",\"expires_at\":7,\"transcript\":\"\"}},\"logprobs\":null,\"finish_"
            "reason\":null}]}\n\n");
    }
}

static void
given_a_ping_when_written_then_it_is_a_comment_line (void **state)
{
    (void) state;
    {
        const br_delta_t deltas[] = { { .kind = BR_DELTA_PING } };
        EXPECT (&s_plain, deltas, ": keep-alive\n");
    }
}

static void
given_an_error_when_written_then_it_is_the_last_and_there_is_no_done (void **state)
{
    (void) state;
    {
        const br_delta_t deltas[] = {
            { .kind = BR_DELTA_ERROR, .code = BR_EUPCUT, .text = BR_TEXT ("m") },
            FINISHED (BR_FINISH_STOP),
            ENDED
        };
        EXPECT (&s_plain, deltas,
                "data: "
                "{\"error\":{\"message\":\"m\",\"type\":\"upstream_error\",\"param\":"
                "null,\"code\":\"upstream_truncated\"}}\n\n");
    }
}

static void
given_several_choices_when_written_then_each_has_its_index (void **state)
{
    (void) state;
    {
        const br_delta_t deltas[] = {
            { .kind = BR_DELTA_TEXT, .choice = 1, .text = BR_TEXT ("b") }
        };
        EXPECT (&s_plain, deltas,
                "data: "
                "{\"id\":\"chatcmpl-ABCDEFGHIJKLMNOPQRSTUVWX\",\"object\":\"chat."
                "completion.chunk\",\"created\":7,\"model\":\"mine\",\"choices\":[{"
                "\"index\":1,\"delta\":{\"content\":\"b\"},\"logprobs\":null,\"finish_"
                "reason\":null}]}\n\n");
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (
            given_text_when_written_then_there_is_role_text_finish_and_done),
        cmocka_unit_test (
            given_usage_when_the_client_asked_then_it_is_a_chunk_of_its_own),
        cmocka_unit_test (
            given_usage_when_the_client_did_not_ask_then_it_hears_nothing_of_it),
        cmocka_unit_test (
            given_calls_when_written_then_they_are_counted_and_stop_is_tool_calls),
        cmocka_unit_test (
            given_a_client_of_the_old_form_when_written_then_there_is_one_function_call),
        cmocka_unit_test (
            given_reasoning_with_a_signature_when_written_then_the_details_have_both),
        cmocka_unit_test (
            given_a_thought_of_a_call_when_written_then_it_stands_at_the_call),
        cmocka_unit_test (given_the_rest_when_written_then_each_has_its_member),
        cmocka_unit_test (given_a_ping_when_written_then_it_is_a_comment_line),
        cmocka_unit_test (
            given_an_error_when_written_then_it_is_the_last_and_there_is_no_done),
        cmocka_unit_test (given_several_choices_when_written_then_each_has_its_index),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
