//  Usage objects of providers, the normal form of each, and the objects that are written.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "broker/core/buf.h"
#include "broker/proto/usage.h"

typedef struct {
    const char *json;
    br_usage_t usage; //  not known = refused
} case_t;

static const case_t s_chat[] = {
    { "{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15}",
      { true, 10, 0, 0, 5, 0, 0, 0, 0, false } },
    { "{\"prompt_tokens\":100,\"completion_tokens\":50,\"total_tokens\":150,"
      "\"prompt_tokens_details\":{\"cached_tokens\":60,\"cache_write_tokens\":30},"
      "\"completion_tokens_details\":{\"reasoning_tokens\":40}}",
      { true, 100, 60, 30, 50, 40, 0, 0, 0, false } },
    { "{\"prompt_tokens\":10,\"completion_tokens\":5,\"prompt_tokens_details\":null,"
      "\"completion_tokens_details\":null}",
      { true, 10, 0, 0, 5, 0, 0, 0, 0, false } },
    //  DeepSeek
    { "{\"prompt_tokens\":1003,\"completion_tokens\":85,\"prompt_cache_hit_tokens\":768,"
      "\"prompt_cache_miss_tokens\":235,\"total_tokens\":1088}",
      { true, 1003, 768, 0, 85, 0, 0, 0, 0, false } },
    //  both names: the details win
    { "{\"prompt_cache_hit_tokens\":1,\"prompt_tokens\":9,\"completion_tokens\":1,"
      "\"prompt_tokens_details\":{\"cached_tokens\":4}}",
      { true, 9, 4, 0, 1, 0, 0, 0, 0, false } },
    //  Moonshot
    { "{\"prompt_tokens\":10,\"completion_tokens\":5,\"cached_tokens\":4}",
      { true, 10, 4, 0, 5, 0, 0, 0, 0, false } },
    //  xAI: reasoning is not in completion_tokens
    { "{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":45,"
      "\"completion_tokens_details\":{\"reasoning_tokens\":30}}",
      { true, 10, 0, 0, 35, 30, 0, 0, 0, false } },
    //  a gateway to Claude
    { "{\"prompt_tokens\":90,\"completion_tokens\":5,\"cache_creation_input_tokens\":70,"
      "\"prompt_tokens_details\":{\"cached_tokens\":10}}",
      { true, 90, 10, 70, 5, 0, 0, 0, 0, false } },
    //  parts over their total are cut down
    { "{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15,"
      "\"prompt_tokens_details\":{\"cached_tokens\":8,\"cache_write_tokens\":7},"
      "\"completion_tokens_details\":{\"reasoning_tokens\":11}}",
      { true, 10, 8, 2, 5, 5, 0, 0, 0, false } },
    //  sound
    { "{\"prompt_tokens\":100,\"completion_tokens\":50,\"prompt_tokens_details\":{"
      "\"cached_tokens\":20,\"audio_tokens\":30},\"completion_tokens_details\":{"
      "\"reasoning_tokens\":10,\"audio_tokens\":40,\"text_tokens\":0}}",
      { true, 100, 20, 0, 50, 10, 0, 30, 40, false } },
    //  who says nothing but zeros does not know
    { "{\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0}", { 0 } },
    //  embeddings have no output; a count may come as a float
    { "{\"prompt_tokens\":7.0,\"total_tokens\":7}",
      { true, 7, 0, 0, 0, 0, 0, 0, 0, false } },
    //  a total that nobody can have counted is none
    { "{\"prompt_tokens\":-1,\"completion_tokens\":2}", { 0 } },
    { "{\"prompt_tokens\":50.5,\"completion_tokens\":2}", { 0 } },
    { "{\"prompt_tokens\":5,\"completion_tokens\":1e30}", { 0 } },
    { "{}", { 0 } },
    { "null", { 0 } },
    { "[]", { 0 } },
    { "{\"prompt_tokens\":\"10\"}", { 0 } },
    { "{\"prompt_tokens\":10", { 0 } },
    { "{\"prompt_tokens\":18446744073709551615}", { 0 } },
    { NULL, { 0 } },
};

static const case_t s_responses[] = {
    { "{\"input_tokens\":100,\"input_tokens_details\":{\"cached_tokens\":60,"
      "\"cache_write_tokens\":30},\"output_tokens\":50,"
      "\"output_tokens_details\":{\"reasoning_tokens\":40},\"total_tokens\":150}",
      { true, 100, 60, 30, 50, 40, 0, 0, 0, false } },
    { "{\"input_tokens\":3,\"input_tokens_details\":null,\"output_tokens\":4}",
      { true, 3, 0, 0, 4, 0, 0, 0, 0, false } },
    { "{\"prompt_tokens\":3}", { 0 } },
    { "null", { 0 } },
    { "{\"input_tokens\":0,\"output_tokens\":0,\"input_tokens_details\":{"
      "\"cached_tokens\":0}}",
      { 0 } },
    { "{\"input_tokens\":9,\"output_tokens\":8,\"input_tokens_details\":{"
      "\"audio_tokens\":10},\"output_tokens_details\":{\"audio_tokens\":7}}",
      { true, 9, 0, 0, 8, 0, 0, 9, 7, false } },
    { NULL, { 0 } },
};

static const case_t s_messages[] = {
    { "{\"input_tokens\":10,\"cache_creation_input_tokens\":30,"
      "\"cache_read_input_tokens\":60,\"cache_creation\":{\"ephemeral_5m_input_tokens\":"
      "10,"
      "\"ephemeral_1h_input_tokens\":20},\"output_tokens\":50,"
      "\"output_tokens_details\":{\"thinking_tokens\":40},\"service_tier\":\"standard\"}",
      { true, 100, 60, 30, 50, 40, 20, 0, 0, false } },
    { "{\"input_tokens\":10,\"output_tokens\":5,\"cache_creation\":null,"
      "\"cache_read_input_tokens\":null}",
      { true, 10, 0, 0, 5, 0, 0, 0, 0, false } },
    //  the parts without their sum
    { "{\"input_tokens\":1,\"cache_creation\":{\"ephemeral_5m_input_tokens\":3,"
      "\"ephemeral_1h_input_tokens\":4}}",
      { true, 8, 0, 7, 0, 0, 4, 0, 0, false } },
    { "{\"output_tokens\":7}", { true, 0, 0, 0, 7, 0, 0, 0, 0, false } },
    { "{\"cache_read_input_tokens\":7}", { 0 } },
    { "[]", { 0 } },
    { NULL, { 0 } },
};

static const case_t s_google[] = {
    { "{\"promptTokenCount\":100,\"candidatesTokenCount\":10,\"thoughtsTokenCount\":40,"
      "\"cachedContentTokenCount\":60,\"totalTokenCount\":157,"
      "\"toolUsePromptTokenCount\":7,\"promptTokensDetails\":[{\"tokenCount\":100}]}",
      { true, 107, 60, 0, 50, 40, 0, 0, 0, false } },
    //  all of it went into thoughts
    { "{\"promptTokenCount\":9,\"thoughtsTokenCount\":40,\"totalTokenCount\":49}",
      { true, 9, 0, 0, 40, 40, 0, 0, 0, false } },
    //  64 bit numbers of protobuf
    { "{\"promptTokenCount\":\"9\",\"candidatesTokenCount\":\"2\"}",
      { true, 9, 0, 0, 2, 0, 0, 0, 0, false } },
    { "{\"promptTokenCount\":\"\",\"candidatesTokenCount\":2}",
      { true, 0, 0, 0, 2, 0, 0, 0, 0, false } },
    { "{\"totalTokenCount\":2}", { 0 } },
    { "{\"promptTokenCount\":0,\"totalTokenCount\":0}", { 0 } },
    //  sound, in the prompt, in what tools said, and in the answer
    { "{\"promptTokenCount\":100,\"candidatesTokenCount\":50,"
      "\"toolUsePromptTokenCount\":10,\"promptTokensDetails\":[{\"modality\":\"TEXT\","
      "\"tokenCount\":70},{\"modality\":\"AUDIO\",\"tokenCount\":30}],"
      "\"toolUsePromptTokensDetails\":[{\"modality\":\"AUDIO\",\"tokenCount\":\"5\"}],"
      "\"candidatesTokensDetails\":[{\"modality\":\"AUDIO\",\"tokenCount\":50},7,"
      "{\"modality\":\"AUDIO\"}]}",
      { true, 110, 0, 0, 50, 0, 0, 35, 50, false } },
    { NULL, { 0 } },
};

static void
s_assert_equal (const br_usage_t *a, const br_usage_t *b)
{
    assert_int_equal (a->known, b->known);
    assert_int_equal (a->input, b->input);
    assert_int_equal (a->cache_read, b->cache_read);
    assert_int_equal (a->cache_write, b->cache_write);
    assert_int_equal (a->cache_write_1h, b->cache_write_1h);
    assert_int_equal (a->output, b->output);
    assert_int_equal (a->reasoning, b->reasoning);
    assert_int_equal (a->audio_input, b->audio_input);
    assert_int_equal (a->audio_output, b->audio_output);
}

static void
s_assert_read (br_protocol_t protocol, const case_t *row)
{
    for (; row->json; row++) {
        br_usage_t usage = { 0 };
        int rc = br_usage_read (protocol, row->json, strlen (row->json), &usage);
        assert_int_equal (rc, row->usage.known ? 0 : -1);
        s_assert_equal (&usage, &row->usage);
    }
}

static void
chat_usage_has_a_normal_form (void **state)
{
    (void) state;
    s_assert_read (BR_PROTOCOL_CHAT, s_chat);
}

static void
p01_input_of_responses_and_google_holds_what_was_cached (void **state)
{
    (void) state;
    s_assert_read (BR_PROTOCOL_RESPONSES, s_responses);
    s_assert_read (BR_PROTOCOL_GOOGLE, s_google);
}

static void
p01_input_of_messages_is_without_what_was_cached (void **state)
{
    (void) state;
    s_assert_read (BR_PROTOCOL_MESSAGES, s_messages);
}

static void
s_merge (br_usage_t *usage, const char *json)
{
    assert_int_equal (br_usage_merge (usage, json, strlen (json)), 0);
}

static void
p01_pieces_of_a_messages_stream_replace_what_they_tell (void **state)
{
    (void) state;
    br_usage_t usage = { 0 };
    s_merge (&usage, "{\"input_tokens\":10,\"cache_creation_input_tokens\":30,"
                     "\"cache_read_input_tokens\":60,\"cache_creation\":{"
                     "\"ephemeral_5m_input_tokens\":10,\"ephemeral_1h_input_tokens\":20},"
                     "\"output_tokens\":1}");
    s_assert_equal (&usage, &(br_usage_t) { true, 100, 60, 30, 1, 0, 20, 0, 0, false });
    s_merge (&usage, "{\"output_tokens\":50}");
    s_assert_equal (&usage, &(br_usage_t) { true, 100, 60, 30, 50, 0, 20, 0, 0, false });
    s_merge (&usage, "{\"input_tokens\":15,\"cache_creation_input_tokens\":30,"
                     "\"cache_read_input_tokens\":70,\"output_tokens\":55,"
                     "\"output_tokens_details\":{\"thinking_tokens\":5}}");
    s_assert_equal (&usage, &(br_usage_t) { true, 115, 70, 30, 55, 5, 20, 0, 0, false });
    s_merge (&usage, "{\"cache_creation\":{\"ephemeral_1h_input_tokens\":21}}");
    s_assert_equal (&usage, &(br_usage_t) { true, 116, 70, 31, 55, 5, 21, 0, 0, false });
    br_usage_t before = usage;
    s_merge (&usage, "{}");
    assert_int_equal (br_usage_merge (&usage, "null", 4), -1);
    assert_int_equal (br_usage_merge (&usage, "{\"input_tokens\":1", 17), -1);
    s_assert_equal (&usage, &before);
}

static void
a_piece_without_input_and_output_makes_nothing_known (void **state)
{
    (void) state;
    br_usage_t usage = { 0 };
    s_merge (&usage, "{\"cache_read_input_tokens\":60}");
    assert_false (usage.known);
    s_merge (&usage, "{\"output_tokens\":1}");
    s_assert_equal (&usage, &(br_usage_t) { true, 60, 60, 0, 1, 0, 0, 0, 0, false });
}

static void
pieces_of_zeros_make_nothing_known (void **state)
{
    (void) state;
    br_usage_t usage = { 0 };
    s_merge (&usage, "{\"input_tokens\":0,\"output_tokens\":0}");
    assert_false (usage.known);
    s_merge (&usage, "{\"input_tokens\":5,\"output_tokens\":2}");
    s_assert_equal (&usage, &(br_usage_t) { true, 5, 0, 0, 2, 0, 0, 0, 0, false });
}

static void
sound_is_written_where_the_protocol_has_a_word_for_it (void **state)
{
    (void) state;
    const br_usage_t usage = { true, 100, 0, 0, 50, 10, 0, 30, 40, false };
    static const br_protocol_t protocols[] = { BR_PROTOCOL_CHAT, BR_PROTOCOL_RESPONSES,
                                               BR_PROTOCOL_GOOGLE };
    br_buf_t out;
    br_buf_init (&out, 4096);
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
        json_writer_t writer = json_writer (&out);
        br_usage_t again = { 0 };
        br_buf_clear (&out);
        br_usage_write (&usage, protocols[i], NULL, &writer);
        assert_int_equal (br_usage_read (protocols[i], out.data, out.size, &again), 0);
        s_assert_equal (&again, &usage);
    }
    br_buf_free (&out);
}

#define CHAT_WRITTEN                                                                     \
    "{\"u\":{\"prompt_tokens\":100,\"completion_tokens\":50,\"total_tokens\":150,"       \
    "\"prompt_tokens_details\":{\"cached_tokens\":60,\"cache_write_tokens\":30},"        \
    "\"completion_tokens_details\":{\"reasoning_tokens\":40}}}"

static const char *const s_written[BR_PROTOCOL_COUNT] = {
    [BR_PROTOCOL_CHAT] = CHAT_WRITTEN,
    [BR_PROTOCOL_COMPLETIONS] = CHAT_WRITTEN,
    [BR_PROTOCOL_RESPONSES] =
        "{\"u\":{\"input_tokens\":100,\"input_tokens_details\":{\"cached_tokens\":60,"
        "\"cache_write_tokens\":30},\"output_tokens\":50,\"output_tokens_details\":{"
        "\"reasoning_tokens\":40},\"total_tokens\":150}}",
    [BR_PROTOCOL_MESSAGES] =
        "{\"u\":{\"input_tokens\":10,\"cache_creation_input_tokens\":30,"
        "\"cache_read_input_tokens\":60,\"cache_creation\":{"
        "\"ephemeral_5m_input_tokens\":10,\"ephemeral_1h_input_tokens\":20},"
        "\"output_tokens\":50,\"output_tokens_details\":{\"thinking_tokens\":40}}}",
    [BR_PROTOCOL_GOOGLE] =
        "{\"u\":{\"promptTokenCount\":100,\"cachedContentTokenCount\":60,"
        "\"candidatesTokenCount\":10,\"thoughtsTokenCount\":40,\"totalTokenCount\":150}}",
};

static void
s_write (const br_usage_t *usage, br_protocol_t protocol, br_buf_t *out)
{
    json_writer_t writer = json_writer (out);
    br_buf_clear (out);
    json_open (&writer, NULL, '{');
    br_usage_write (usage, protocol, "u", &writer);
    json_close (&writer, '}');
}

static void
p01_each_protocol_writes_its_own_sums (void **state)
{
    (void) state;
    const br_usage_t usage = { true, 100, 60, 30, 50, 40, 20, 0, 0, false };
    br_buf_t out;
    br_buf_init (&out, 4096);
    for (br_protocol_t protocol = 0; protocol < BR_PROTOCOL_COUNT; protocol++) {
        s_write (&usage, protocol, &out);
        assert_string_equal (br_buf_text (&out), s_written[protocol]);
        br_usage_t again = { 0 };
        const char *object = br_buf_text (&out) + strlen ("{\"u\":");
        assert_int_equal (br_usage_read (protocol, object, strlen (object) - 1, &again),
                          0);
        //  Google has no word for what was written, and only Messages for how long it stays.
        br_usage_t expected = usage;
        expected.cache_write = protocol == BR_PROTOCOL_GOOGLE ? 0 : 30;
        expected.cache_write_1h = protocol == BR_PROTOCOL_MESSAGES ? 20 : 0;
        s_assert_equal (&again, &expected);
    }
    br_buf_free (&out);
}

static void
p02_what_is_not_known_is_written_as_zeros_with_its_details (void **state)
{
    (void) state;
    const br_usage_t usage = { 0 };
    br_buf_t out;
    br_buf_init (&out, 4096);
    s_write (&usage, BR_PROTOCOL_CHAT, &out);
    assert_non_null (strstr (br_buf_text (&out), "\"cached_tokens\":0"));
    assert_non_null (strstr (br_buf_text (&out), "\"reasoning_tokens\":0"));
    s_write (&usage, BR_PROTOCOL_RESPONSES, &out);
    assert_non_null (strstr (br_buf_text (&out), "\"input_tokens_details\":{"));
    assert_non_null (strstr (br_buf_text (&out), "\"output_tokens_details\":{"));
    s_write (&usage, BR_PROTOCOL_MESSAGES, &out);
    assert_non_null (strstr (br_buf_text (&out), "\"input_tokens\":0"));
    s_write (&usage, BR_PROTOCOL_GOOGLE, &out);
    assert_string_equal (br_buf_text (&out), "{\"u\":{\"promptTokenCount\":0,"
                                             "\"candidatesTokenCount\":0,"
                                             "\"totalTokenCount\":0}}");
    br_buf_free (&out);
}

static void
the_rest_of_a_total_is_told (void **state)
{
    (void) state;
    br_usage_t usage = { true, 100, 60, 30, 50, 40, 0, 0, 0, false };
    assert_int_equal (br_usage_input_uncached (&usage), 10);
    assert_int_equal (br_usage_output_text (&usage), 10);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (chat_usage_has_a_normal_form),
        cmocka_unit_test (p01_input_of_responses_and_google_holds_what_was_cached),
        cmocka_unit_test (p01_input_of_messages_is_without_what_was_cached),
        cmocka_unit_test (p01_pieces_of_a_messages_stream_replace_what_they_tell),
        cmocka_unit_test (a_piece_without_input_and_output_makes_nothing_known),
        cmocka_unit_test (pieces_of_zeros_make_nothing_known),
        cmocka_unit_test (sound_is_written_where_the_protocol_has_a_word_for_it),
        cmocka_unit_test (p01_each_protocol_writes_its_own_sums),
        cmocka_unit_test (p02_what_is_not_known_is_written_as_zeros_with_its_details),
        cmocka_unit_test (the_rest_of_a_total_is_told),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
