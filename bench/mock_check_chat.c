//  mock_check_chat: a Chat Completions request, as strictly as the real provider reads
//  it.

#include <stdio.h>
#include <string.h>

#include "bench/mock_turn.h"

static void
s_tools (mock_turn_t *turn, const cJSON *body)
{
    const cJSON *tools = mock_turn_get (body, "tools");
    const cJSON *tool;
    if (tools && (!cJSON_IsArray (tools) || !cJSON_GetArraySize (tools)))
        mock_turn_refuse (turn, "tools must be an array with members");
    cJSON_ArrayForEach (tool, tools)
    {
        const cJSON *function = mock_turn_get (tool, "function");
        const char *type = mock_turn_text (tool, "type");
        if (!type || strcmp (type, "function") || !cJSON_IsObject (function))
            mock_turn_refuse (turn, "tools[]: type and function are needed");
        mock_turn_tool_name (turn, mock_turn_text (function, "name"), 64, "_-");
        turn->has_tools = true;
    }
    if (!turn->has_tools
        && (mock_turn_get (body, "tool_choice")
            || mock_turn_get (body, "parallel_tool_calls")))
        mock_turn_refuse (turn, "tool_choice and parallel_tool_calls need tools");
}

static void
s_call (mock_turn_t *turn, const cJSON *call)
{
    const cJSON *function = mock_turn_get (call, "function");
    const char *arguments = mock_turn_text (function, "arguments");
    const char *type = mock_turn_text (call, "type");
    const char *id = mock_turn_text (call, "id");
    if (!id || !id[0] || !type || strcmp (type, "function") || !arguments)
        mock_turn_refuse (turn, "tool_calls[]: id, type and arguments are needed");
    cJSON *tree = arguments ? cJSON_Parse (arguments) : NULL;
    mock_turn_call (turn, id, mock_turn_text (function, "name"), tree);
    cJSON_Delete (tree);
}

static void
s_assistant (mock_turn_t *turn, const cJSON *message)
{
    const cJSON *calls = mock_turn_get (message, "tool_calls");
    const cJSON *content = mock_turn_get (message, "content");
    const cJSON *call;
    bool has_content = cJSON_IsString (content) || cJSON_IsArray (content);
    bool has_calls = cJSON_GetArraySize (calls) > 0;
    if (!has_content && !has_calls)
        mock_turn_refuse (turn, "an assistant needs content or tool_calls");
    if (cJSON_IsArray (calls) && !has_calls)
        mock_turn_refuse (turn, "tool_calls is empty");
    const char *thought = mock_turn_text (message, "reasoning_content");
    if (turn->is_strict && has_calls && (!thought || strcmp (thought, MOCK_THOUGHT)))
        mock_turn_refuse (turn, "reasoning_content must be passed back");
    cJSON_ArrayForEach (call, calls) s_call (turn, call);
}

//  Text of a string or of the first text part.
static const char *
s_content (const cJSON *message)
{
    const cJSON *content = mock_turn_get (message, "content");
    if (cJSON_IsArray (content))
        return mock_turn_text (cJSON_GetArrayItem (content, 0), "text");
    return cJSON_GetStringValue (content);
}

static void
s_message (mock_turn_t *turn, const cJSON *message)
{
    static const char *const roles[] = { "developer", "system", "user", "assistant" };
    const char *role = mock_turn_text (message, "role");
    if (role && !strcmp (role, "tool")) {
        const char *id = mock_turn_text (message, "tool_call_id");
        mock_turn_result (turn, id ? id : "(none)", NULL, s_content (message));
        return;
    }
    mock_turn_next (turn);
    size_t i = 0;
    while (i < 4 && (!role || strcmp (role, roles[i])))
        i++;
    if (i == 4)
        mock_turn_refuse (turn, "messages[]: bad role %.40s", role ? role : "(none)");
    if (i == 3)
        s_assistant (turn, message);
    else if (!s_content (message))
        mock_turn_refuse (turn, "messages[]: content is needed");
}

void
mock_check_chat (mock_turn_t *turn, const cJSON *body)
{
    const cJSON *messages = mock_turn_get (body, "messages");
    const cJSON *options = mock_turn_get (body, "stream_options");
    const char *effort = mock_turn_text (body, "reasoning_effort");
    const cJSON *message;
    if (!cJSON_GetArraySize (messages))
        mock_turn_refuse (turn, "messages is needed");
    if (options && !turn->request->peek.stream)
        mock_turn_refuse (turn, "stream_options needs stream");
    s_tools (turn, body);
    cJSON_ArrayForEach (message, messages) s_message (turn, message);
    if (mock_turn_missing (turn))
        mock_turn_next (turn);
    if (!effort || strcmp (effort, "none"))
        turn->needs |= MOCK_THINKS | MOCK_SHOWS;
    if (cJSON_IsTrue (mock_turn_get (options, "include_usage")))
        turn->needs |= MOCK_COUNTS;
}
