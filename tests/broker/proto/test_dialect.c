//  Which row is whose.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "broker/proto/dialect.h"

static const br_dialect_t *
s_chat (const char *provider, const char *model)
{
    return br_dialect_of (BR_PROTOCOL_CHAT, provider, model);
}

static const br_dialect_t *
s_messages (const char *provider, const char *model)
{
    return br_dialect_of (BR_PROTOCOL_MESSAGES, provider, model);
}

static const br_dialect_t *
s_google (const char *model)
{
    return br_dialect_of (BR_PROTOCOL_GOOGLE, "google", model);
}

static void
there_is_always_a_row_with_a_source (void **state)
{
    (void) state;
    static const char *const names[] = { NULL, "", "nobody", "a/b/", "*", "|", "\xff" };
    for (br_protocol_t protocol = 0; protocol < BR_PROTOCOL_COUNT; protocol++)
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            const br_dialect_t *row = br_dialect_of (protocol, names[i], names[i]);
            assert_non_null (row);
            assert_string_equal (row->provider, "*");
            assert_string_equal (row->model, "*");
            assert_true (strlen (row->source) > 10);
        }
}

static void
openais_reasoners_take_no_sampling_and_max_completion_tokens (void **state)
{
    (void) state;
    static const char *const models[] = { "o1",    "o3-mini",      "o4-mini",
                                          "gpt-5", "gpt-5.4-nano", "GPT-5-codex" };
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        const br_dialect_t *row = s_chat ("openai", models[i]);
        assert_true (row->max_completion && row->developer && row->no_sampling);
        assert_int_equal (row->thinking, BR_THINKING_EFFORT);
    }
    const br_dialect_t *mini = s_chat ("openai", "o1-mini-2024-09-12");
    assert_true (mini->max_completion && mini->no_sampling && !mini->developer);
    assert_int_equal (mini->thinking, BR_THINKING_NONE);
    const br_dialect_t *gpt = s_chat ("openai", "gpt-4o");
    assert_true (gpt->max_completion && !gpt->developer && !gpt->no_sampling);
    assert_false (s_chat ("openai", "gpt-5-chat-latest")->no_sampling);
}

static void
a_reasoner_behind_a_gateway_keeps_the_role_system (void **state)
{
    (void) state;
    const br_dialect_t *row = s_chat ("bitrouter", "openai/gpt-5-mini");
    assert_true (row->max_completion && row->no_sampling && !row->developer);
    assert_false (s_chat ("bitrouter", "openai/gpt-oss-120b")->max_completion);
    assert_false (s_chat ("bitrouter", "foo/o1xy")->max_completion);
}

static void
reasoning_goes_back_to_those_who_want_it (void **state)
{
    (void) state;
    const br_dialect_t *row = s_chat ("deepseek", "deepseek-v4-flash");
    assert_int_equal (row->replay, BR_REPLAY_REQUIRED);
    assert_int_equal (row->thinking, BR_THINKING_SWITCH);
    assert_int_equal (row->family, BR_FAMILY_PLAIN);
    assert_true (row->no_forced_choice);
    static const char *const names[] = { "moonshot", "moonshotai", "kimi" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        row = s_chat (names[i], "kimi-k2.6");
        assert_int_equal (row->ids, BR_IDS_FUNCTIONS);
        assert_int_equal (row->replay, BR_REPLAY_REQUIRED);
        assert_int_equal (row->thinking, BR_THINKING_SWITCH);
    }
    assert_int_equal (s_chat ("openai", "gpt-4o")->replay, BR_REPLAY_NONE);
    assert_int_equal (s_chat ("openrouter", "x-ai/grok-4")->replay, BR_REPLAY_DETAILS);
    assert_int_equal (s_chat ("openrouter", "x-ai/grok-4")->family, BR_FAMILY_OPENROUTER);
}

static void
p28_ids_of_kimi_are_kept_at_every_host (void **state)
{
    (void) state;
    static const char *const hosts[] = { "groq",         "together",   "fireworks",
                                         "opencode-zen", "openrouter", "vllm" };
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        assert_int_equal (s_chat (hosts[i], "moonshotai/kimi-k2-instruct")->ids,
                          BR_IDS_FUNCTIONS);
        assert_int_equal (s_chat (hosts[i], "kimi-k2.5")->ids, BR_IDS_FUNCTIONS);
    }
    assert_int_equal (s_messages ("moonshot", "kimi-k2.6")->ids, BR_IDS_ANY);
}

static void
providers_have_their_own_words (void **state)
{
    (void) state;
    const br_dialect_t *mistral = s_chat ("mistral", "mistral-small-latest");
    assert_int_equal (mistral->ids, BR_IDS_NINE);
    assert_true (mistral->choice_any && mistral->random_seed);
    assert_true (mistral->no_stream_options);
    assert_int_equal (s_chat ("qwen", "qwen-plus")->thinking, BR_THINKING_ENABLE);
    assert_int_equal (s_chat ("alibaba", "qwen3.5-plus")->thinking, BR_THINKING_ENABLE);
    assert_int_equal (s_chat ("qwen", "qwen3-coder-plus")->thinking, BR_THINKING_NONE);
    assert_int_equal (s_chat ("zai", "glm-4.6")->thinking, BR_THINKING_SWITCH);
    assert_int_equal (s_chat ("z-ai", "glm-5")->thinking, BR_THINKING_SWITCH);
    assert_int_equal (s_chat ("xai", "grok-4")->thinking, BR_THINKING_NONE);
    assert_int_equal (s_chat ("xai", "grok-3-mini")->thinking, BR_THINKING_EFFORT);
    assert_true (s_chat ("groq", "llama-3.3-70b-versatile")->max_completion);
    assert_true (s_chat ("openrouter", "anthropic/claude-opus-4.6")->takes_cache_marks);
    assert_false (s_chat ("openai", "gpt-4o")->takes_cache_marks);
    assert_true (s_chat ("openai", "gpt-5.6")->cache_points);
    assert_true (s_chat ("openai", "gpt-5.6-mini")->cache_points);
    assert_false (s_chat ("openai", "gpt-5.1")->cache_points);
    assert_true (s_chat ("google", "models/gemini-3-pro-preview")->signatures);
}

typedef struct {
    const char *model;
    br_thinking_t thinking;
    bool no_sampling;
    bool no_prefill;
    bool structured;
    uint32_t max_output;
} claude_t;

static const claude_t s_claudes[] = {
    { "claude-3-haiku-20240307", BR_THINKING_NONE, false, false, false, 4096 },
    { "claude-3-opus-latest", BR_THINKING_NONE, false, false, false, 4096 },
    { "claude-3-5-sonnet-20241022", BR_THINKING_NONE, false, false, false, 8192 },
    { "anthropic/claude-3.5-haiku", BR_THINKING_NONE, false, false, false, 8192 },
    { "claude-3-7-sonnet-20250219", BR_THINKING_BUDGET, false, false, false, 8192 },
    { "anthropic/claude-3.7-sonnet:thinking", BR_THINKING_BUDGET, false, false, false,
      8192 },
    { "claude-sonnet-4", BR_THINKING_BUDGET, false, false, false, 0 },
    { "claude-sonnet-4-0", BR_THINKING_BUDGET, false, false, false, 0 },
    { "claude-opus-4-20250514", BR_THINKING_BUDGET, false, false, false, 0 },
    { "claude-opus-4@20250514", BR_THINKING_BUDGET, false, false, false, 0 },
    { "us.anthropic.claude-sonnet-4-20250514-v1:0", BR_THINKING_BUDGET, false, false,
      false, 0 },
    { "claude-opus-4-1", BR_THINKING_BUDGET, false, false, true, 0 },
    { "anthropic/claude-opus-4.1", BR_THINKING_BUDGET, false, false, true, 0 },
    { "claude-opus-4-1-20250805", BR_THINKING_BUDGET, false, false, true, 0 },
    { "claude-haiku-4-5-20251001", BR_THINKING_BUDGET, false, false, true, 0 },
    { "claude-haiku-4-5@20251001", BR_THINKING_BUDGET, false, false, true, 0 },
    { "anthropic.claude-sonnet-4-5-20250929-v1:0", BR_THINKING_BUDGET, false, false, true,
      0 },
    { "claude-4.5-sonnet", BR_THINKING_BUDGET, false, false, true, 0 },
    { "claude-opus-4-6", BR_THINKING_ADAPTIVE, false, true, true, 0 },
    { "anthropic/claude-sonnet-4.6", BR_THINKING_ADAPTIVE, false, true, true, 0 },
    { "claude-opus-4-7", BR_THINKING_ADAPTIVE, true, true, true, 0 },
    { "claude-opus-4-8-20260601", BR_THINKING_ADAPTIVE, true, true, true, 0 },
    { "claude-sonnet-5", BR_THINKING_ADAPTIVE, true, true, true, 0 },
    { "claude-fable-5", BR_THINKING_ADAPTIVE, true, true, true, 0 },
};

static void
p35_each_generation_of_claude_has_its_own_row (void **state)
{
    (void) state;
    static const char *const hosts[] = { "anthropic", "openrouter", "nobody" };
    for (size_t i = 0; i < sizeof s_claudes / sizeof s_claudes[0]; i++)
        for (size_t j = 0; j < sizeof hosts / sizeof hosts[0]; j++) {
            const claude_t *claude = &s_claudes[i];
            const br_dialect_t *row = s_messages (hosts[j], claude->model);
            assert_int_equal (row->thinking, claude->thinking);
            assert_int_equal (row->no_sampling, claude->no_sampling);
            assert_int_equal (row->no_prefill, claude->no_prefill);
            assert_int_equal (row->structured, claude->structured);
            assert_int_equal (row->max_output, claude->max_output);
            assert_int_equal (row->ids, BR_IDS_WORD);
            assert_int_equal (row->family, BR_FAMILY_ANTHROPIC);
        }
}

static void
other_hosts_of_messages_read_no_signatures (void **state)
{
    (void) state;
    static const char *const hosts[] = { "deepseek", "moonshot", "zai", "minimax",
                                         "qwen" };
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        const br_dialect_t *row = s_messages (hosts[i], "some-model");
        assert_int_equal (row->family, BR_FAMILY_PLAIN);
        assert_int_equal (row->thinking, BR_THINKING_BUDGET);
        assert_false (row->structured || row->no_sampling);
    }
    assert_int_equal (s_messages ("deepseek", "deepseek-v4-pro")->replay,
                      BR_REPLAY_REQUIRED);
}

static void
unknown_hosts_are_taken_for_the_vendor_of_their_protocol (void **state)
{
    (void) state;
    const br_dialect_t *row = s_messages ("nobody", "some-model");
    assert_int_equal (row->family, BR_FAMILY_ANTHROPIC);
    assert_int_equal (row->thinking, BR_THINKING_BUDGET);
    assert_false (row->no_sampling || row->structured);
    row = br_dialect_of (BR_PROTOCOL_RESPONSES, "nobody", "some-model");
    assert_int_equal (row->family, BR_FAMILY_OPENAI);
    assert_int_equal (row->thinking, BR_THINKING_EFFORT);
    row = br_dialect_of (BR_PROTOCOL_GOOGLE, "nobody", "some-model");
    assert_int_equal (row->family, BR_FAMILY_GOOGLE);
    assert_int_equal (row->thinking, BR_THINKING_LEVEL);
    assert_true (row->signatures && row->json_schema);
    row = s_chat ("nobody", "some-model");
    assert_int_equal (row->thinking, BR_THINKING_EFFORT);
    assert_int_equal (row->replay, BR_REPLAY_PLAIN);
}

static void
generations_of_gemini_think_in_their_own_ways (void **state)
{
    (void) state;
    static const char *const threes[] = { "gemini-3-pro-preview", "gemini-3.5-flash",
                                          "models/gemini-3.1-flash-lite",
                                          "publishers/google/models/gemini-4-pro" };
    for (size_t i = 0; i < sizeof threes / sizeof threes[0]; i++) {
        const br_dialect_t *row = s_google (threes[i]);
        assert_int_equal (row->thinking, BR_THINKING_LEVEL);
        assert_true (row->signatures && row->json_schema);
        assert_int_equal (row->ids, BR_IDS_ANY);
    }
    const br_dialect_t *two = s_google ("gemini-2.5-flash-preview-05-20");
    assert_int_equal (two->thinking, BR_THINKING_BUDGET);
    assert_true (two->json_schema && !two->signatures);
    assert_int_equal (two->ids, BR_IDS_OMIT);
    assert_int_equal (s_google ("gemini-2.5-flash-image")->thinking, BR_THINKING_NONE);
    static const char *const olds[] = { "gemini-2.0-flash", "gemini-1.5-pro",
                                        "gemma-3-27b-it", "tunedModels/x" };
    for (size_t i = 0; i < sizeof olds / sizeof olds[0]; i++) {
        const br_dialect_t *row = s_google (olds[i]);
        assert_int_equal (row->thinking, BR_THINKING_NONE);
        assert_false (row->json_schema || row->signatures);
        assert_int_equal (row->ids, BR_IDS_OMIT);
    }
}

static void
blobs_of_responses_are_openais (void **state)
{
    (void) state;
    const br_dialect_t *row = br_dialect_of (BR_PROTOCOL_RESPONSES, "openai", "gpt-5");
    assert_int_equal (row->family, BR_FAMILY_OPENAI);
    assert_int_equal (row->thinking, BR_THINKING_EFFORT);
    assert_true (row->no_sampling);
    row = br_dialect_of (BR_PROTOCOL_RESPONSES, "openai", "gpt-4.1");
    assert_int_equal (row->thinking, BR_THINKING_NONE);
    assert_false (row->no_sampling);
    row = br_dialect_of (BR_PROTOCOL_RESPONSES, "xai", "grok-4");
    assert_int_equal (row->family, BR_FAMILY_NONE);
    row = br_dialect_of (BR_PROTOCOL_RESPONSES, "deepseek", "deepseek-v4-flash");
    assert_int_equal (row->replay, BR_REPLAY_REQUIRED);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (there_is_always_a_row_with_a_source),
        cmocka_unit_test (openais_reasoners_take_no_sampling_and_max_completion_tokens),
        cmocka_unit_test (a_reasoner_behind_a_gateway_keeps_the_role_system),
        cmocka_unit_test (reasoning_goes_back_to_those_who_want_it),
        cmocka_unit_test (p28_ids_of_kimi_are_kept_at_every_host),
        cmocka_unit_test (providers_have_their_own_words),
        cmocka_unit_test (p35_each_generation_of_claude_has_its_own_row),
        cmocka_unit_test (other_hosts_of_messages_read_no_signatures),
        cmocka_unit_test (unknown_hosts_are_taken_for_the_vendor_of_their_protocol),
        cmocka_unit_test (generations_of_gemini_think_in_their_own_ways),
        cmocka_unit_test (blobs_of_responses_are_openais),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
