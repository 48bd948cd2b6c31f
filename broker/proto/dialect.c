//  dialect: how one provider's model differs from its protocol's book, as rows of data.
//
//  A row names what is so; all else is as the book has it. In `replay` it is the text of
//  reasoning that counts: blobs go back to whoever reads them, as `family` tells. Globs know
//  "*", "?", one character of a [set], and "|" between two of them; case does not count. A
//  vendor in front of a model's name ("anthropic/claude-opus-4.6") may be there or not.

#include <ctype.h>
#include <string.h>

#include "broker/proto/dialect.h"

//  Models that reason, by OpenAI.
#define O_SERIES "o1|o1-*|o3|o3-*|o4-*|gpt-5*|gpt-[6-9]*|codex-*"
//  Models that do not.
#define NO_SERIES "gpt-3*|gpt-4*|chatgpt-*"
#define CHAT_SERIES "gpt-5*-chat*|gpt-5-chat*"
//  Hosts of open models.
#define OPEN_HOSTS                                                                       \
    "together*|fireworks*|deepinfra|novita|siliconflow|huggingface|hf|nebius"
#define LOCAL_HOSTS "vllm*|sglang*|llama*|ollama*|lmstudio*"
#define KIMI "moonshot*|kimi*"
#define QWEN "qwen*|alibaba*|dashscope*"
#define GLM "zai*|z-ai*|z.ai*|zhipu*|bigmodel*"
#define GEMINI "google*|gemini*|vertex*"
#define GROK "xai|x-ai|grok"

static const br_dialect_t s_chat[] = {
    { "openrouter", "kimi-*", "recorded: functions.NAME:N come through, 2026-08",
      .ids = BR_IDS_FUNCTIONS, .replay = BR_REPLAY_DETAILS,
      .thinking = BR_THINKING_EFFORT, .family = BR_FAMILY_OPENROUTER, .takes_top_k = true,
      .takes_cache_marks = true },
    { "openrouter", "*",
      "OpenRouter API reference: parameters, reasoning tokens, prompt caching",
      .replay = BR_REPLAY_DETAILS, .thinking = BR_THINKING_EFFORT,
      .family = BR_FAMILY_OPENROUTER, .takes_top_k = true, .takes_cache_marks = true },
    { "openai|azure*", "o1-mini*|o1-preview*",
      "recorded: refuses system and developer roles and reasoning_effort",
      .max_completion = true, .no_sampling = true },
    { "openai|azure*", CHAT_SERIES, "OpenAI model pages: the chat models take no effort",
      .max_completion = true, .developer = true },
    { "openai", "gpt-5.[6-9]*|gpt-[6-9]*",
      "OpenAI docs, prompt caching: breakpoints since gpt-5.6, 2026-08",
      .thinking = BR_THINKING_EFFORT, .max_completion = true, .developer = true,
      .no_sampling = true, .cache_points = true },
    { "openai|azure*", O_SERIES,
      "OpenAI API reference; refusals of temperature and max_tokens, recorded 2026-08",
      .thinking = BR_THINKING_EFFORT, .max_completion = true, .developer = true,
      .no_sampling = true },
    { "openai", "*", "OpenAI API reference: max_tokens is the deprecated name",
      .max_completion = true },
    { "azure*", "*",
      .source = "Azure OpenAI reference: the deployment name tells no model" },
    { "deepseek", "*", "DeepSeek API docs; DeepSeek-V3 issue 1376, pi issue 3636",
      .replay = BR_REPLAY_REQUIRED, .thinking = BR_THINKING_SWITCH,
      .family = BR_FAMILY_PLAIN, .no_forced_choice = true },
    { KIMI, "kimi-k2-thinking*", "Moonshot API docs: it always thinks",
      .ids = BR_IDS_FUNCTIONS, .replay = BR_REPLAY_REQUIRED, .family = BR_FAMILY_PLAIN,
      .no_forced_choice = true },
    { KIMI, "kimi-k2|kimi-k2-*|moonshot-*",
      "litellm pull 34523: rewritten ids lose calls", .ids = BR_IDS_FUNCTIONS,
      .replay = BR_REPLAY_CONTENT, .family = BR_FAMILY_PLAIN },
    { KIMI, "*",
      "Moonshot API docs: thinking {type}; temperature is fixed while thinking",
      .ids = BR_IDS_FUNCTIONS, .replay = BR_REPLAY_REQUIRED,
      .thinking = BR_THINKING_SWITCH, .family = BR_FAMILY_PLAIN, .no_sampling = true,
      .no_forced_choice = true },
    { QWEN, "*-instruct*|*coder*|*-thinking*|qwen-max*|qwq*|qvq*",
      "DashScope docs: models that always or never think", .replay = BR_REPLAY_CONTENT,
      .family = BR_FAMILY_PLAIN, .takes_top_k = true, .takes_cache_marks = true },
    { QWEN, "*", "DashScope docs: enable_thinking; no named choice while thinking",
      .replay = BR_REPLAY_CONTENT, .thinking = BR_THINKING_ENABLE,
      .family = BR_FAMILY_PLAIN, .takes_top_k = true, .takes_cache_marks = true,
      .no_forced_choice = true },
    { GLM, "*", "Z.ai API docs: thinking {type}", .replay = BR_REPLAY_CONTENT,
      .thinking = BR_THINKING_SWITCH, .family = BR_FAMILY_PLAIN,
      .takes_cache_marks = true },
    { "minimax*", "*", "MiniMax API docs: it always thinks", .replay = BR_REPLAY_CONTENT,
      .family = BR_FAMILY_PLAIN, .takes_cache_marks = true },
    { "mistral*", "magistral*|mistral-small-2603*|mistral-medium-3.5*",
      "Mistral API docs: reasoning_effort; the rest as below", .ids = BR_IDS_NINE,
      .thinking = BR_THINKING_EFFORT, .no_stream_options = true, .choice_any = true,
      .random_seed = true },
    { "mistral*|codestral", "*",
      "Mistral API docs; opencode issue 1680; recorded: usage comes unasked",
      .ids = BR_IDS_NINE, .no_stream_options = true, .choice_any = true,
      .random_seed = true },
    { GROK, "grok-3-mini*|grok-4.2*|grok-4.3*|grok-5*",
      "xAI docs: models that take reasoning_effort", .thinking = BR_THINKING_EFFORT },
    { GROK, "*", .source = "xAI docs: grok-4 refuses reasoning_effort" },
    { "groq", "gpt-oss-*", "Groq API reference: reasoning_effort low to high",
      .thinking = BR_THINKING_EFFORT, .max_completion = true },
    { "groq", "kimi-*", "litellm pull 34523: rewritten ids lose calls",
      .ids = BR_IDS_FUNCTIONS, .max_completion = true },
    { "groq", "*", "Groq API reference: max_tokens is the deprecated name",
      .max_completion = true },
    { GEMINI, "gemini-3*|gemini-[4-9]*",
      "Gemini docs, OpenAI compatibility: signatures in extra_content",
      .thinking = BR_THINKING_EFFORT, .family = BR_FAMILY_GOOGLE, .signatures = true },
    { GEMINI, "gemini-2.5-*", "Gemini docs, OpenAI compatibility: reasoning_effort",
      .thinking = BR_THINKING_EFFORT, .family = BR_FAMILY_GOOGLE },
    { GEMINI, "*", "Gemini docs, OpenAI compatibility", .family = BR_FAMILY_GOOGLE },
    { "anthropic*", "*",
      "Anthropic docs, OpenAI SDK compatibility: no caching, no effort",
      .max_completion = true },
    { "cerebras", "gpt-oss-*",
      "Cerebras API reference: reasoning_effort; members it does not know are refused",
      .thinking = BR_THINKING_EFFORT, .max_completion = true },
    { "cerebras", "*", "Cerebras API reference: max_completion_tokens",
      .max_completion = true },
    { OPEN_HOSTS, "kimi-*", "litellm pull 34523: rewritten ids lose calls",
      .ids = BR_IDS_FUNCTIONS, .replay = BR_REPLAY_CONTENT, .family = BR_FAMILY_PLAIN,
      .takes_top_k = true },
    { OPEN_HOSTS, "gpt-oss-*", "API references of the hosts: reasoning_effort, top_k",
      .thinking = BR_THINKING_EFFORT, .takes_top_k = true },
    { OPEN_HOSTS, "deepseek-*|glm-*|minimax-*|qwen*",
      "API references of the hosts: top_k; models that answer reasoning_content",
      .replay = BR_REPLAY_CONTENT, .family = BR_FAMILY_PLAIN, .takes_top_k = true },
    { OPEN_HOSTS, "*", "API references of the hosts: top_k", .takes_top_k = true },
    { LOCAL_HOSTS, "kimi-*", "litellm pull 34523: rewritten ids lose calls",
      .ids = BR_IDS_FUNCTIONS, .replay = BR_REPLAY_CONTENT, .family = BR_FAMILY_PLAIN,
      .takes_top_k = true },
    { LOCAL_HOSTS, "*",
      "vLLM, llama.cpp and Ollama docs: top_k beside the members of OpenAI",
      .takes_top_k = true },
    { "*", CHAT_SERIES, "OpenAI model pages, at another host", .max_completion = true },
    { "*", O_SERIES, "as at OpenAI, by a gateway", .thinking = BR_THINKING_EFFORT,
      .max_completion = true, .no_sampling = true },
    { "*", NO_SERIES, .source = "OpenAI model pages, at another host: no reasoning" },
    { "*", "gpt-oss-*", "gpt-oss model card: effort low to high",
      .thinking = BR_THINKING_EFFORT },
    { "*", "kimi-k2|kimi-k2-*", "litellm pull 34523: rewritten ids lose calls",
      .ids = BR_IDS_FUNCTIONS, .replay = BR_REPLAY_CONTENT, .family = BR_FAMILY_PLAIN },
    { "*", "kimi-*", "litellm pull 34523; as at Moonshot, by a gateway",
      .ids = BR_IDS_FUNCTIONS, .replay = BR_REPLAY_REQUIRED, .family = BR_FAMILY_PLAIN,
      .no_forced_choice = true },
    { "*", "deepseek-v4*|deepseek-reasoner*",
      "9router issue 355: as at DeepSeek, by a gateway", .replay = BR_REPLAY_REQUIRED,
      .family = BR_FAMILY_PLAIN, .no_forced_choice = true },
    { "*", "deepseek-*|glm-*|minimax-*|mimo-*", "models that answer reasoning_content",
      .replay = BR_REPLAY_CONTENT, .family = BR_FAMILY_PLAIN },
    { "*", "*", "what all compatible hosts take; an effort is used or passed over",
      .replay = BR_REPLAY_PLAIN, .thinking = BR_THINKING_EFFORT },
};

static const br_dialect_t s_responses[] = {
    { "openai|azure*|chatgpt|codex|github-copilot|opencode-zen", CHAT_SERIES,
      "OpenAI model pages: the chat models take no effort", .family = BR_FAMILY_OPENAI,
      .developer = true },
    { "openai|azure*|chatgpt|codex|github-copilot|opencode-zen", O_SERIES,
      "OpenAI API reference; refusals of temperature and max_tokens, recorded 2026-08",
      .thinking = BR_THINKING_EFFORT, .family = BR_FAMILY_OPENAI, .developer = true,
      .no_sampling = true },
    { "openai|azure*|chatgpt|codex|github-copilot", "*", "OpenAI API reference",
      .family = BR_FAMILY_OPENAI, .developer = true },
    { "*", CHAT_SERIES "|" NO_SERIES, "OpenAI model pages, at another host: no reasoning",
      .family = BR_FAMILY_OPENAI },
    { "openrouter", "o1*|o3*|o4*|gpt-5*",
      "OpenRouter docs, Responses API: reasoning items of OpenAI's models",
      .thinking = BR_THINKING_EFFORT, .family = BR_FAMILY_OPENAI },
    { "deepseek", "*", "rikkahub issue 1690: each call wants its reasoning in front",
      .replay = BR_REPLAY_REQUIRED, .thinking = BR_THINKING_EFFORT,
      .family = BR_FAMILY_PLAIN },
    { GROK, "grok-3-mini*|grok-4.2*|grok-4.3*|grok-5*",
      "xAI docs: models that take an effort", .thinking = BR_THINKING_EFFORT },
    { GROK, "*", .source = "xAI docs: grok-4 refuses an effort" },
    { "*", O_SERIES, "as at OpenAI, by a gateway", .thinking = BR_THINKING_EFFORT,
      .family = BR_FAMILY_OPENAI, .no_sampling = true },
    { "*", "*", "OpenAI API reference: an unknown host is mostly a way to theirs",
      .thinking = BR_THINKING_EFFORT, .family = BR_FAMILY_OPENAI },
};

static const br_dialect_t s_messages[] = {
    { "*", "*claude-2*|*claude-instant*", "Anthropic model pages", .ids = BR_IDS_WORD,
      .family = BR_FAMILY_ANTHROPIC, .max_output = 4096 },
    { "*", "*claude-3?7*", "Anthropic docs, extended thinking", .ids = BR_IDS_WORD,
      .thinking = BR_THINKING_BUDGET, .family = BR_FAMILY_ANTHROPIC,
      .no_forced_choice = true, .max_output = 8192 },
    { "*", "*claude-3?5*", "Anthropic model pages", .ids = BR_IDS_WORD,
      .family = BR_FAMILY_ANTHROPIC, .max_output = 8192 },
    { "*", "*claude-3*", "Anthropic model pages", .ids = BR_IDS_WORD,
      .family = BR_FAMILY_ANTHROPIC, .max_output = 4096 },
    { "*", "*claude-*-4?5*|*claude-4?5*|*claude-*-4?1|*claude-*-4?1[-@:]*|*claude-4?1-*",
      "recorded list of models, 2026: enabled thinking, structured outputs",
      .ids = BR_IDS_WORD, .thinking = BR_THINKING_BUDGET, .family = BR_FAMILY_ANTHROPIC,
      .no_forced_choice = true, .structured = true },
    { "*", "*claude-*-4?6*|*claude-4?6*",
      "recorded 2026: adaptive thinking takes a forced choice; claude-code issue 52433: "
      "no prefill",
      .ids = BR_IDS_WORD, .thinking = BR_THINKING_ADAPTIVE, .family = BR_FAMILY_ANTHROPIC,
      .no_prefill = true, .structured = true },
    { "*",
      "*claude-*-4|*claude-*-4?0|*claude-*-4?20*|*claude-*-4-v*|*claude-*-4:*|*claude-4-*"
      "|*claude-4",
      "recorded list of models, 2026: enabled thinking", .ids = BR_IDS_WORD,
      .thinking = BR_THINKING_BUDGET, .family = BR_FAMILY_ANTHROPIC,
      .no_forced_choice = true },
    { "*", "*claude*",
      "recorded list of models, 2026; Anthropic docs: only temperature 1 after "
      "Opus 4.6",
      .ids = BR_IDS_WORD, .thinking = BR_THINKING_ADAPTIVE, .family = BR_FAMILY_ANTHROPIC,
      .no_sampling = true, .no_prefill = true, .no_forced_choice = true,
      .structured = true },
    { "deepseek", "*",
      "9router issue 355, pi issue 3636: thinking goes back, by their /anthropic",
      .ids = BR_IDS_WORD, .replay = BR_REPLAY_REQUIRED, .thinking = BR_THINKING_BUDGET,
      .family = BR_FAMILY_PLAIN, .no_forced_choice = true },
    { KIMI, "*", "litellm pull 34523: ids stay as they came, by their /anthropic",
      .replay = BR_REPLAY_REQUIRED, .thinking = BR_THINKING_BUDGET,
      .family = BR_FAMILY_PLAIN, .no_forced_choice = true },
    { GLM "|minimax*|" QWEN, "*",
      "docs of the hosts, by their /anthropic; hermes-agent issue 24401: no signatures",
      .ids = BR_IDS_WORD, .replay = BR_REPLAY_CONTENT, .thinking = BR_THINKING_BUDGET,
      .family = BR_FAMILY_PLAIN },
    { "anthropic|bedrock*|vertex*", "*",
      "Anthropic docs: a model without a known name is a new one", .ids = BR_IDS_WORD,
      .thinking = BR_THINKING_ADAPTIVE, .family = BR_FAMILY_ANTHROPIC,
      .no_sampling = true, .no_prefill = true, .no_forced_choice = true,
      .structured = true },
    { "*", "*",
      "Anthropic docs: an unknown host is mostly a way to theirs; all of them know "
      "budgets",
      .ids = BR_IDS_WORD, .thinking = BR_THINKING_BUDGET, .family = BR_FAMILY_ANTHROPIC,
      .no_forced_choice = true },
};

static const br_dialect_t s_google[] = {
    { "*", "gemini-3*-image*", "Gemini docs, image generation: signatures, no level",
      .family = BR_FAMILY_GOOGLE, .json_schema = true, .signatures = true },
    { "*", "gemini-3*|gemini-[4-9]*", "Gemini docs, thinking and thought signatures",
      .thinking = BR_THINKING_LEVEL, .family = BR_FAMILY_GOOGLE, .json_schema = true,
      .signatures = true },
    { "*", "gemini-2.5*-image*|gemini-2.5*-tts*|gemini-*live*",
      "Gemini model pages: no thinking", .ids = BR_IDS_OMIT, .family = BR_FAMILY_GOOGLE },
    { "*", "gemini-2.5*|gemini-robotics*",
      "Gemini docs, thinking; recorded: JSON schemas are taken, ids are not sent",
      .ids = BR_IDS_OMIT, .thinking = BR_THINKING_BUDGET, .family = BR_FAMILY_GOOGLE,
      .json_schema = true },
    { "*", "gemini-*-latest|gemini-flash*|gemini-pro*",
      "Gemini docs: a moving name; 3 still takes a budget", .ids = BR_IDS_OMIT,
      .thinking = BR_THINKING_BUDGET, .family = BR_FAMILY_GOOGLE, .json_schema = true,
      .signatures = true },
    { "*", "*gemini-[12]*|gemini-exp*|*gemma*|learnlm*|tunedmodels*|palm*|*bison*",
      "Gemini model pages: 2.0 and before, Gemma", .ids = BR_IDS_OMIT,
      .family = BR_FAMILY_GOOGLE },
    { "*", "*", "Gemini docs: a model without a known name is a new one",
      .thinking = BR_THINKING_LEVEL, .family = BR_FAMILY_GOOGLE, .json_schema = true,
      .signatures = true },
};

//  Of protocols whose providers do not differ.
static const br_dialect_t s_plain[] = { { "*", "*", .source = "the protocol's book" } };

static const br_dialect_t *const s_rows[BR_PROTOCOL_COUNT] = {
    [BR_PROTOCOL_CHAT] = s_chat,
    [BR_PROTOCOL_RESPONSES] = s_responses,
    [BR_PROTOCOL_MESSAGES] = s_messages,
    [BR_PROTOCOL_GOOGLE] = s_google,
};

//  ---- globs

//  in:   set, behind its "["; first-last pairs and single characters
static bool
s_in_set (const char *set, int c)
{
    for (; *set && *set != ']'; set++) {
        const char *last = set[1] == '-' && set[2] != ']' ? set + 2 : set;
        if (c >= *set && c <= *last)
            return true;
        set = last;
    }
    return false;
}

//  One character of a glob against one of a name.
static bool
s_fits_one (const char *glob, int c)
{
    if (*glob == '[')
        return s_in_set (glob + 1, c);
    return *glob == '?' || *glob == c;
}

static const char *
s_behind_one (const char *glob)
{
    return *glob == '[' ? strchr (glob, ']') + 1 : glob + 1;
}

static bool
s_is_end (const char *glob)
{
    return *glob == 0 || *glob == '|';
}

//  One glob, up to its "|" or end. On a mismatch the last star takes one character more.
static bool
s_fits (const char *glob, const char *name)
{
    const char *star = NULL;
    const char *retry = NULL;
    while (*name || !s_is_end (glob)) {
        if (*glob == '*') {
            star = ++glob;
            retry = name;
        } else if (*name && !s_is_end (glob)
                   && s_fits_one (glob, tolower ((unsigned char) *name))) {
            glob = s_behind_one (glob);
            name++;
        } else if (star && *retry) {
            glob = star;
            name = ++retry;
        } else
            return false;
    }
    return true;
}

static bool
s_fits_any (const char *globs, const char *name)
{
    while (globs) {
        if (s_fits (globs, name))
            return true;
        globs = strchr (globs, '|');
        globs = globs ? globs + 1 : NULL;
    }
    return false;
}

bool
br_dialect_fits (const char *globs, const char *name)
{
    const char *slash = strrchr (name, '/');
    return s_fits_any (globs, name) || (slash && s_fits_any (globs, slash + 1));
}

static bool
s_is_of (const br_dialect_t *row, const char *provider, const char *model)
{
    return s_fits_any (row->provider, provider) && br_dialect_fits (row->model, model);
}

const br_dialect_t *
br_dialect_of (br_protocol_t protocol, const char *provider, const char *model)
{
    const br_dialect_t *row = s_rows[protocol] ? s_rows[protocol] : s_plain;
    while (!s_is_of (row, provider ? provider : "", model ? model : ""))
        row++; // the last row fits all
    return row;
}
