//  launch_agents: what each agent reads to learn where its models are.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/buf.h"
#include "broker/core/conf_file.h"
#include "cli/launch_agents.h"

#define TEXT_MAX 65536    //  bytes of an expanded text
#define OWN_MAX (1 << 20) //  bytes of settings of a person
#define CLAUDE_HEADERS                                                                   \
    "x-bitrouter-session: {session}\nx-bitrouter-run: {session}\n"                       \
    "x-bitrouter-agent: claude"

//  src:  code.claude.com/docs env-vars: the base URL is without /v1; ANTHROPIC_AUTH_TOKEN is
//        a bearer token; headers are "Name: value" lines. An ANTHROPIC_API_KEY beside it
//        conflicts; CLAUDE_CODE_USE_... goes to a cloud before all of them.
//  src:  Codex's config reference: model_providers.ID.{name, base_url, env_key, wire_api,
//        http_headers}, set by -c KEY=VALUE, values are TOML
//  src:  google-gemini/gemini-cli pull 21561 (March 2026): GOOGLE_GEMINI_BASE_URL, plain http
//        for loopback alone; its core/contentGenerator.ts: what it believes first, and
//        GEMINI_CLI_CUSTOM_HEADERS, "Name: value" between commas. On a terminal it asks for
//        the way of signing in, or takes the one of its user's settings, which may be an
//        account at Google. Settings of the system win, but must be root's; GEMINI_CLI_HOME
//        is where it looks for its user's (0.61).
//  src:  opencode.ai/docs/config: OPENCODE_CONFIG_CONTENT is laid over all other files
//  src:  aider.chat/docs/llms/openai-compat.html; without --model it takes the first vendor
//        whose key is set
//  src:  qwenlm.github.io/qwen-code-docs, OpenAI authentication
//  src:  goose's provider table: OPENAI_HOST without a path, OPENAI_BASE_PATH
//  All looked up in November 2026.

static const char s_codex_headers[] =
    "model_providers.bitrouter.http_headers={x-bitrouter-session=\"{session}\","
    "x-bitrouter-run=\"{session}\",x-bitrouter-agent=\"codex\"}";

static const cli_launch_agent_t s_agents[] = {
    { .name = "claude",
      .title = "Claude Code",
      .install = "npm install -g @anthropic-ai/claude-code",
      .variables = { { "ANTHROPIC_BASE_URL", "{url}" },
                     { "ANTHROPIC_AUTH_TOKEN", "{token}" },
                     { "ANTHROPIC_API_KEY", NULL },
                     { "CLAUDE_CODE_USE_BEDROCK", NULL },
                     { "CLAUDE_CODE_USE_VERTEX", NULL },
                     { "CLAUDE_CODE_USE_FOUNDRY", NULL },
                     { "ANTHROPIC_CUSTOM_HEADERS", CLAUDE_HEADERS } } },
    { .name = "codex",
      .title = "Codex",
      .install = "npm install -g @openai/codex",
      .variables = { { "BITROUTER_TOKEN", "{token}" } },
      .args = { "-c", "model_provider=\"bitrouter\"", "-c",
                "model_providers.bitrouter.name=\"bitrouter\"", "-c",
                "model_providers.bitrouter.base_url=\"{url}/v1\"", "-c",
                "model_providers.bitrouter.env_key=\"BITROUTER_TOKEN\"", "-c",
                "model_providers.bitrouter.wire_api=\"responses\"", "-c",
                s_codex_headers } },
    { .name = "gemini",
      .title = "Gemini CLI",
      .install = "npm install -g @google/gemini-cli",
      .file_name = ".gemini/settings.json",
      .file_text = "{\"security\":{\"auth\":{\"selectedType\":\"gemini-api-key\"}}}\n",
      .own_file = ".gemini/settings.json",
      .own_word = "\"gemini-api-key\"",
      .variables = { { "GOOGLE_GEMINI_BASE_URL", "{url}" },
                     { "GEMINI_API_KEY", "{token}" },
                     { "GOOGLE_API_KEY", NULL },
                     { "GOOGLE_GENAI_USE_GCA", NULL },
                     { "GOOGLE_GENAI_USE_VERTEXAI", NULL },
                     { "GEMINI_CLI_CUSTOM_HEADERS",
                       "x-bitrouter-session: {session}, x-bitrouter-run: {session}, "
                       "x-bitrouter-agent: gemini" },
                     { "GEMINI_CLI_HOME", CLI_LAUNCH_HOME } } },
    { .name = "opencode",
      .title = "opencode",
      .install = "npm install -g opencode-ai",
      .variables = { { "BITROUTER_TOKEN", "{token}" },
                     { "OPENCODE_CONFIG_CONTENT",
                       "{\"provider\":{"
                       "\"openai\":{\"options\":{\"baseURL\":\"{url}/v1\","
                       "\"apiKey\":\"{env:BITROUTER_TOKEN}\",\"headers\":"
                       "{\"x-bitrouter-session\":\"{session}\",\"x-bitrouter-run\":\"{"
                       "session}\"}}},"
                       "\"anthropic\":{\"options\":{\"baseURL\":\"{url}/v1\","
                       "\"apiKey\":\"{env:BITROUTER_TOKEN}\",\"headers\":"
                       "{\"x-bitrouter-session\":\"{session}\",\"x-bitrouter-run\":\"{"
                       "session}\"}}},"
                       "\"google\":{\"options\":{\"baseURL\":\"{url}/v1beta\","
                       "\"apiKey\":\"{env:BITROUTER_TOKEN}\"}}}}" } } },
    { .name = "aider",
      .title = "Aider",
      .install = "python3 -m pip install aider-install && aider-install",
      .variables = { { "OPENAI_API_BASE", "{url}/v1" },
                     { "OPENAI_API_KEY", "{token}" },
                     { "ANTHROPIC_API_KEY", NULL },
                     { "DEEPSEEK_API_KEY", NULL },
                     { "GEMINI_API_KEY", NULL },
                     { "OPENROUTER_API_KEY", NULL } } },
    { .name = "qwen",
      .title = "Qwen Code",
      .install = "npm install -g @qwen-code/qwen-code",
      .variables = { { "OPENAI_BASE_URL", "{url}/v1" },
                     { "OPENAI_API_KEY", "{token}" } } },
    { .name = "goose",
      .title = "Goose",
      .variables = { { "GOOSE_PROVIDER", "openai" },
                     { "OPENAI_HOST", "{url}" },
                     { "OPENAI_BASE_PATH", "v1/chat/completions" },
                     { "OPENAI_API_KEY", "{token}" } } },
    //  What most SDKs read.
    { .title = "any other",
      .variables = { { "OPENAI_BASE_URL", "{url}/v1" },
                     { "OPENAI_API_BASE", "{url}/v1" },
                     { "OPENAI_API_KEY", "{token}" },
                     { "ANTHROPIC_BASE_URL", "{url}" },
                     { "ANTHROPIC_AUTH_TOKEN", "{token}" },
                     { "ANTHROPIC_API_KEY", NULL },
                     { "GOOGLE_GEMINI_BASE_URL", "{url}" },
                     { "GEMINI_API_KEY", "{token}" },
                     { "GOOGLE_API_KEY", "{token}" },
                     { "GOOGLE_GENAI_USE_VERTEXAI", NULL } } },
};

#define AGENTS (sizeof s_agents / sizeof *s_agents)

const cli_launch_agent_t *
cli_launch_agent_find (const char *program)
{
    const char *slash = strrchr (program, '/');
    const char *name = slash ? slash + 1 : program;
    const cli_launch_agent_t *row = s_agents;
    while (row->name && strcmp (row->name, name) != 0)
        row++;
    return row;
}

const cli_launch_agent_t *
cli_launch_agent_at (unsigned index)
{
    return index + 1 < AGENTS ? &s_agents[index] : NULL;
}

bool
cli_launch_is_kept (const cli_launch_agent_t *agent,
                    const cli_launch_variable_t *variable, const char *home)
{
    if (!variable->value || strcmp (variable->value, CLI_LAUNCH_HOME) != 0)
        return false;
    const char *set = getenv (variable->name);
    if ((set && *set) || !home || !agent->own_file)
        return set && *set;
    size_t size = 0;
    char *path = br_strf ("%s/%s", home, agent->own_file);
    char *text = br_conf_file_read (path, OWN_MAX, &size, NULL);
    bool is_kept = text && strstr (text, agent->own_word);
    free (text);
    free (path);
    return is_kept;
}

//  The value that stands at a place of the text, or NULL; *ret_size is that of its name.
static const char *
s_value (const char *at, const cli_launch_values_t *values, size_t *ret_size)
{
    const struct {
        const char *name;
        const char *value;
    } rows[] = {
        { "{url}", values->url },
        { CLI_LAUNCH_TOKEN, values->token },
        { "{session}", values->session },
        { CLI_LAUNCH_HOME, values->home },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        *ret_size = strlen (rows[i].name);
        if (strncmp (at, rows[i].name, *ret_size) == 0)
            return rows[i].value;
    }
    return NULL;
}

char *
cli_launch_expand (const char *text, const cli_launch_values_t *values)
{
    br_buf_t out;
    br_buf_init (&out, TEXT_MAX);
    while (*text) {
        size_t size;
        const char *value = s_value (text, values, &size);
        if (value)
            br_buf_add (&out, value, strlen (value));
        else
            br_buf_add (&out, text, 1);
        text += value ? size : 1;
    }
    char *expanded = br_strdup (br_buf_text (&out));
    br_buf_free (&out);
    return expanded;
}
