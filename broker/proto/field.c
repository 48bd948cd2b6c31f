//  field: members of requests, by protocol.

#include "broker/proto/field.h"

#define GOOGLE(name) ("generationConfig." name)

//  In the order of br_protocol_t. What is absent is called as in Chat.
static const char *const s_names[BR_FIELDS][BR_PROTOCOL_COUNT] = {
    [BR_FIELD_MESSAGES] = { "messages", "input", "messages", "contents", "prompt" },
    [BR_FIELD_SYSTEM] = { "messages", "instructions", "system", "systemInstruction",
                          "prompt" },
    [BR_FIELD_MAX_OUTPUT] = { "max_completion_tokens", "max_output_tokens", "max_tokens",
                              GOOGLE ("maxOutputTokens"), "max_tokens" },
    [BR_FIELD_TEMPERATURE] = { "temperature", NULL, NULL, GOOGLE ("temperature") },
    [BR_FIELD_TOP_P] = { "top_p", NULL, NULL, GOOGLE ("topP") },
    [BR_FIELD_TOP_K] = { "top_k", NULL, NULL, GOOGLE ("topK") },
    [BR_FIELD_MIN_P] = { "min_p" },
    [BR_FIELD_FREQUENCY_PENALTY] = { "frequency_penalty", NULL, NULL,
                                     GOOGLE ("frequencyPenalty") },
    [BR_FIELD_PRESENCE_PENALTY] = { "presence_penalty", NULL, NULL,
                                    GOOGLE ("presencePenalty") },
    [BR_FIELD_SEED] = { "seed", NULL, NULL, GOOGLE ("seed") },
    [BR_FIELD_N] = { "n", NULL, NULL, GOOGLE ("candidateCount") },
    [BR_FIELD_STOP] = { "stop", NULL, "stop_sequences", GOOGLE ("stopSequences") },
    [BR_FIELD_LOGPROBS] = { "logprobs", "include", NULL, GOOGLE ("responseLogprobs") },
    [BR_FIELD_TOP_LOGPROBS] = { "top_logprobs", NULL, NULL, GOOGLE ("logprobs") },
    [BR_FIELD_LOGIT_BIAS] = { "logit_bias" },
    [BR_FIELD_REASONING] = { "reasoning_effort", "reasoning", "thinking",
                             GOOGLE ("thinkingConfig") },
    [BR_FIELD_EFFORT] = { "reasoning_effort", "reasoning.effort", "output_config.effort",
                          GOOGLE ("thinkingConfig.thinkingLevel") },
    [BR_FIELD_BUDGET] = { "thinking.budget_tokens", NULL, NULL,
                          GOOGLE ("thinkingConfig.thinkingBudget") },
    [BR_FIELD_TOOLS] = { "tools" },
    [BR_FIELD_CHOICE] = { "tool_choice", NULL, NULL, "toolConfig" },
    [BR_FIELD_FORMAT] = { "response_format", "text.format", "output_config.format",
                          GOOGLE ("responseSchema") },
    [BR_FIELD_STRICT] = { "response_format.json_schema.strict", "text.format.strict",
                          "output_config.format", GOOGLE ("responseSchema") },
    [BR_FIELD_VERBOSITY] = { "verbosity", "text.verbosity" },
    [BR_FIELD_MODALITIES] = { "modalities", NULL, NULL, GOOGLE ("responseModalities") },
    [BR_FIELD_STORE] = { "store" },
    [BR_FIELD_PREVIOUS] = { "previous_response_id" },
    [BR_FIELD_METADATA] = { "metadata", NULL, NULL, "labels" },
    [BR_FIELD_USER] = { "user", "safety_identifier", "metadata.user_id" },
    [BR_FIELD_TIER] = { "service_tier", NULL, NULL, "serviceTier" },
    [BR_FIELD_CACHE_KEY] = { "prompt_cache_key", NULL, NULL, "cachedContent" },
    [BR_FIELD_CACHE] = { "prompt_cache_breakpoint", NULL, "cache_control",
                         "cachedContent" },
};

const char *
br_field_name (br_field_t field, br_protocol_t protocol)
{
    const char *name = s_names[field][protocol];
    return name ? name : s_names[field][BR_PROTOCOL_CHAT];
}
