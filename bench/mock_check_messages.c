//  mock_check_messages: an Anthropic Messages request, as strictly as the real provider
//  reads it.

#include <stdio.h>
#include <string.h>

#include "bench/mock_turn.h"

#define BUDGET_LEAST 1024 //  tokens of thinking

static const char *const s_names[] = {
    "cache_control",
    "container",
    "context_management",
    "inference_geo",
    "max_tokens",
    "mcp_servers",
    "messages",
    "metadata",
    "model",
    "output_config",
    "output_format",
    "service_tier",
    "speed",
    "stop_sequences",
    "stream",
    "system",
    "temperature",
    "thinking",
    "tool_choice",
    "tools",
    "top_k",
    "top_p",
    NULL,
};

//  One message while its blocks are read.
typedef struct {
    mock_turn_t *turn;
    bool thinks;        //  the request wants thinking
    size_t index;       //  of the block
    bool has_other;     //  than results
    bool has_thinking;  //  in front
    bool needs_thought; //  a call came without thinking in front
} message_t;

static void
s_tools (mock_turn_t *turn, const cJSON *tools)
{
    const cJSON *tool;
    cJSON_ArrayForEach (tool, tools)
    {
        const cJSON *schema = mock_turn_get (tool, "input_schema");
        const char *type = mock_turn_text (schema, "type");
        mock_turn_tool_name (turn, mock_turn_text (tool, "name"), 128, "_-");
        if (!type || strcmp (type, "object"))
            mock_turn_refuse (turn, "tools[].input_schema.type must be object");
        turn->has_tools = true;
    }
}

static bool
s_is_blank (const char *text)
{
    return !text || !text[strspn (text, " \t\r\n")];
}

static void
s_text (message_t *self, const cJSON *block)
{
    if (s_is_blank (mock_turn_text (block, "text")))
        mock_turn_refuse (self->turn, "text content blocks must not be empty");
    self->has_other = true;
}

static void
s_other (message_t *self, const cJSON *block)
{
    (void) block;
    self->has_other = true;
}

static void
s_thinking (message_t *self, const cJSON *block)
{
    const char *signature = mock_turn_text (block, "signature");
    const char *text = mock_turn_text (block, "thinking");
    if (!signature || strcmp (signature, MOCK_SEAL) || !text
        || (text[0] && strcmp (text, MOCK_THOUGHT)))
        mock_turn_refuse (self->turn, "invalid signature in thinking block");
    self->has_thinking |= self->index == 0;
}

static void
s_redacted (message_t *self, const cJSON *block)
{
    const char *data = mock_turn_text (block, "data");
    if (!data || strcmp (data, MOCK_SEAL))
        mock_turn_refuse (self->turn, "invalid data in redacted_thinking block");
    self->has_thinking |= self->index == 0;
}

static void
s_use (message_t *self, const cJSON *block)
{
    const char *id = mock_turn_text (block, "id");
    mock_turn_tool_name (self->turn, id, MOCK_ID_BYTES - 1, "_-");
    if (!cJSON_IsObject (mock_turn_get (block, "input")))
        mock_turn_refuse (self->turn, "tool_use.input must be an object");
    mock_turn_call (self->turn, id, mock_turn_text (block, "name"),
                    mock_turn_get (block, "input"));
    self->needs_thought |= !self->has_thinking;
    self->has_other = true;
}

static void
s_result (message_t *self, const cJSON *block)
{
    const cJSON *content = mock_turn_get (block, "content");
    const char *id = mock_turn_text (block, "tool_use_id");
    if (self->has_other)
        mock_turn_refuse (self->turn, "tool_result blocks must come first");
    if (cJSON_IsArray (content))
        content = mock_turn_get (cJSON_GetArrayItem (content, 0), "text");
    mock_turn_result (self->turn, id ? id : "(none)", NULL,
                      cJSON_GetStringValue (content));
}

#define NAMES_MAX 8 //  members of a block, with the end of the list

typedef struct {
    const char *type;
    char role; //  'u', 'a', or ' ' for both
    void (*check) (message_t *self, const cJSON *block);
    const char *names[NAMES_MAX]; //  of its members; NULL ends them
} block_row_t;

static const block_row_t s_blocks[] = {
    { "text", ' ', s_text, { "type", "text", "cache_control", "citations" } },
    { "thinking", 'a', s_thinking, { "type", "thinking", "signature" } },
    { "redacted_thinking", 'a', s_redacted, { "type", "data" } },
    { "tool_use",
      'a',
      s_use,
      { "type", "id", "name", "input", "caller", "cache_control" } },
    { "tool_result",
      'u',
      s_result,
      { "type", "tool_use_id", "content", "is_error", "cache_control" } },
    { "image", 'u', s_other, { "type", "source", "cache_control" } },
    { "document",
      'u',
      s_other,
      { "type", "source", "title", "context", "citations", "cache_control" } },
};

static void
s_block (message_t *self, const cJSON *block, char role)
{
    const char *type = mock_turn_text (block, "type");
    for (size_t i = 0; type && i < sizeof s_blocks / sizeof s_blocks[0]; i++) {
        const block_row_t *row = &s_blocks[i];
        if (strcmp (row->type, type) || (row->role != ' ' && row->role != role))
            continue;
        mock_turn_names (self->turn, block, row->names);
        row->check (self, block);
        self->index++;
        return;
    }
    mock_turn_refuse (self->turn, "content[]: bad type %.40s", type ? type : "(none)");
}

static void
s_message (message_t *self, const cJSON *message, bool is_first)
{
    const char *role = mock_turn_text (message, "role");
    const cJSON *content = mock_turn_get (message, "content");
    const cJSON *block;
    bool is_assistant = role && !strcmp (role, "assistant");
    if (!role || (strcmp (role, "user") && !is_assistant))
        mock_turn_refuse (self->turn, "messages[]: bad role %.40s",
                          role ? role : "(none)");
    if (is_first && is_assistant)
        mock_turn_refuse (self->turn, "the first message must be the user's");
    if (!cJSON_IsArray (content) && s_is_blank (cJSON_GetStringValue (content)))
        mock_turn_refuse (self->turn, "messages[]: content must not be empty");
    if (cJSON_IsArray (content) && !cJSON_GetArraySize (content))
        mock_turn_refuse (self->turn, "messages[]: content must not be empty");
    //  Results answer the calls of the message before; all other messages begin anew.
    bool has_calls = self->turn->calls_count && mock_turn_missing (self->turn);
    if (is_assistant || !has_calls)
        mock_turn_next (self->turn);
    if (is_assistant)
        self->needs_thought = false;
    self->index = 0;
    self->has_other = self->has_thinking = false;
    if (cJSON_IsArray (content))
        cJSON_ArrayForEach (block, content)
            s_block (self, block, is_assistant ? 'a' : 'u');
    if (!is_assistant && mock_turn_missing (self->turn))
        mock_turn_refuse (self->turn, "tool_use without its tool_result right after it");
}

//  The members about thinking, and what does not go with it.
static bool
s_thinks (mock_turn_t *turn, const cJSON *body)
{
    const cJSON *thinking = mock_turn_get (body, "thinking");
    const cJSON *heat = mock_turn_get (body, "temperature");
    const char *type = mock_turn_text (thinking, "type");
    const char *choice = mock_turn_text (mock_turn_get (body, "tool_choice"), "type");
    if (!type || !strcmp (type, "disabled"))
        return false;
    double budget = cJSON_GetNumberValue (mock_turn_get (thinking, "budget_tokens"));
    double most = cJSON_GetNumberValue (mock_turn_get (body, "max_tokens"));
    if (!strcmp (type, "enabled") && !(budget >= BUDGET_LEAST && budget < most))
        mock_turn_refuse (turn, "thinking.budget_tokens: 1024 or more, below max_tokens");
    if (choice && (!strcmp (choice, "any") || !strcmp (choice, "tool")))
        mock_turn_refuse (turn, "thinking may not be enabled when a tool is forced");
    if (cJSON_IsNumber (heat) && heat->valuedouble != 1)
        mock_turn_refuse (turn, "temperature must be 1 when thinking is enabled");
    const char *display = mock_turn_text (thinking, "display");
    turn->needs |= MOCK_THINKS;
    if (!display || strcmp (display, "omitted"))
        turn->needs |= MOCK_SHOWS;
    return true;
}

void
mock_check_messages (mock_turn_t *turn, const cJSON *body)
{
    const cJSON *messages = mock_turn_get (body, "messages");
    const cJSON *most = mock_turn_get (body, "max_tokens");
    const cJSON *system = mock_turn_get (body, "system");
    const cJSON *message;
    mock_turn_names (turn, body, s_names);
    if (!turn->request->version[0])
        mock_turn_refuse (turn, "anthropic-version: header is required");
    if (!cJSON_IsNumber (most) || most->valuedouble < 1)
        mock_turn_refuse (turn, "max_tokens: field required");
    if (system && !cJSON_IsString (system) && !cJSON_IsArray (system))
        mock_turn_refuse (turn, "system: text or blocks are needed");
    if (!cJSON_GetArraySize (messages))
        mock_turn_refuse (turn, "messages is needed");
    s_tools (turn, mock_turn_get (body, "tools"));
    message_t place = { .turn = turn, .thinks = s_thinks (turn, body) };
    bool is_first = true;
    cJSON_ArrayForEach (message, messages)
    {
        s_message (&place, message, is_first);
        is_first = false;
    }
    if (mock_turn_missing (turn))
        mock_turn_next (turn);
    bool is_loop = turn->values_count && place.needs_thought;
    if (is_loop && (place.thinks || turn->is_strict))
        mock_turn_refuse (turn,
                          "the assistant's turn must start with its thinking block");
    turn->needs |= MOCK_COUNTS | MOCK_SEALS;
}
