//  mock_check_responses: a Responses request, as strictly as the real provider reads it.
//  The mock stores nothing, but where store is not false it knows the items it sent.

#include <stdio.h>
#include <string.h>

#include "bench/mock_turn.h"

static const char *const s_names[] = {
    "background",
    "context_management",
    "conversation",
    "include",
    "input",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "model",
    "moderation",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
    NULL,
};

//  Where a reasoning item stands in the list of items.
typedef struct {
    mock_turn_t *turn;
    bool is_stored;
    bool after_reasoning; //  the item before this one was reasoning
    bool has_reasoning;   //  since the last user message
} place_t;

static void
s_tools (mock_turn_t *turn, const cJSON *tools)
{
    const cJSON *tool;
    cJSON_ArrayForEach (tool, tools)
    {
        const char *type = mock_turn_text (tool, "type");
        if (!type || strcmp (type, "function") || mock_turn_get (tool, "function"))
            mock_turn_refuse (turn, "tools[]: a flat function is needed");
        mock_turn_tool_name (turn, mock_turn_text (tool, "name"), 64, "_-");
        turn->has_tools = true;
    }
}

static void
s_message (place_t *place, const cJSON *item)
{
    const char *role = mock_turn_text (item, "role");
    const cJSON *content = mock_turn_get (item, "content");
    if (!role || (!cJSON_IsString (content) && !cJSON_IsArray (content)))
        mock_turn_refuse (place->turn, "input[]: a message needs role and content");
    bool is_assistant = role && !strcmp (role, "assistant");
    const cJSON *part;
    if (cJSON_IsArray (content))
        cJSON_ArrayForEach (part, content)
        {
            const char *type = mock_turn_text (part, "type");
            bool is_output = type && !strcmp (type, "output_text");
            bool is_refusal = type && !strcmp (type, "refusal");
            bool is_input = type && !strncmp (type, "input_", 6);
            if (is_assistant ? !is_output && !is_refusal : !is_input)
                mock_turn_refuse (place->turn,
                                  "input[]: the part %.40s does not fit %.20s",
                                  type ? type : "(none)", role ? role : "");
        }
    if (place->after_reasoning && !is_assistant)
        mock_turn_refuse (place->turn, "reasoning without the item that follows it");
    if (is_assistant)
        return;
    mock_turn_next (place->turn);
    place->has_reasoning = false;
}

static void
s_reasoning (place_t *place, const cJSON *item)
{
    const char *seal = mock_turn_text (item, "encrypted_content");
    if (!cJSON_IsArray (mock_turn_get (item, "summary")))
        mock_turn_refuse (place->turn, "reasoning: summary is needed");
    if (cJSON_IsNull (mock_turn_get (item, "encrypted_content"))
        || cJSON_IsNull (mock_turn_get (item, "content"))
        || cJSON_IsNull (mock_turn_get (item, "status")))
        mock_turn_refuse (place->turn, "reasoning: null is not accepted");
    if (!seal && !place->is_stored)
        mock_turn_refuse (place->turn,
                          "reasoning: items are not kept when store is false");
    if (seal && strcmp (seal, MOCK_SEAL))
        mock_turn_refuse (place->turn, "reasoning: encrypted_content is not what it was");
    place->has_reasoning = true;
}

static void
s_call (place_t *place, const cJSON *item)
{
    const char *id = mock_turn_text (item, "call_id");
    const char *arguments = mock_turn_text (item, "arguments");
    if (!id || !id[0] || strlen (id) > 64 || !arguments)
        mock_turn_refuse (place->turn, "function_call: call_id or arguments is wrong");
    if (place->turn->is_strict && !place->has_reasoning)
        mock_turn_refuse (place->turn, "function_call without its reasoning");
    cJSON *tree = arguments ? cJSON_Parse (arguments) : NULL;
    mock_turn_call (place->turn, id, mock_turn_text (item, "name"), tree);
    cJSON_Delete (tree);
}

static void
s_output (place_t *place, const cJSON *item)
{
    const cJSON *output = mock_turn_get (item, "output");
    const char *id = mock_turn_text (item, "call_id");
    if (cJSON_IsArray (output))
        output = mock_turn_get (cJSON_GetArrayItem (output, 0), "text");
    mock_turn_result (place->turn, id ? id : "(none)", NULL,
                      cJSON_GetStringValue (output));
}

//  What the mock sent before, by its id.
static void
s_reference (place_t *place, const cJSON *item)
{
    const char *id = mock_turn_text (item, "id");
    cJSON *args = cJSON_Parse ("{\"a\":2,\"b\":3}");
    if (!place->is_stored || !id)
        mock_turn_refuse (place->turn, "item_reference: nothing is stored");
    else if (!strcmp (id, "rs_mock"))
        place->has_reasoning = true;
    else if (!strcmp (id, "fc_mock_add"))
        mock_turn_call (place->turn, "call_mock_add", "add", args);
    else if (!strcmp (id, "fc_mock_multiply"))
        mock_turn_call (place->turn, "call_mock_multiply", "multiply", args);
    else if (strcmp (id, "msg_mock"))
        mock_turn_refuse (place->turn, "item_reference: no item %.60s", id);
    cJSON_Delete (args);
}

typedef struct {
    const char *type;
    void (*check) (place_t *place, const cJSON *item);
} item_row_t;

static const item_row_t s_items[] = {
    { "message", s_message },          { "reasoning", s_reasoning },
    { "function_call", s_call },       { "function_call_output", s_output },
    { "item_reference", s_reference },
};

static void
s_item (place_t *place, const cJSON *item)
{
    const char *type = mock_turn_text (item, "type");
    size_t count = sizeof s_items / sizeof s_items[0];
    size_t i = 0;
    while (type && i < count && strcmp (s_items[i].type, type))
        i++;
    if (i == count) {
        mock_turn_refuse (place->turn, "input[]: unknown type %.60s", type);
        return;
    }
    bool is_reasoning = s_items[i].check == s_reasoning;
    bool is_result = s_items[i].check == s_output;
    if (place->after_reasoning && (is_reasoning || is_result))
        mock_turn_refuse (place->turn, "reasoning without the item that follows it");
    s_items[i].check (place, item);
    place->after_reasoning = is_reasoning;
}

static void
s_reasons (mock_turn_t *turn, const cJSON *body)
{
    const cJSON *reasoning = mock_turn_get (body, "reasoning");
    const char *effort = mock_turn_text (reasoning, "effort");
    const cJSON *word;
    if (!effort || strcmp (effort, "none"))
        turn->needs |= MOCK_THINKS;
    if (mock_turn_text (reasoning, "summary"))
        turn->needs |= MOCK_SHOWS;
    cJSON_ArrayForEach (word, mock_turn_get (body, "include"))
    {
        const char *text = cJSON_GetStringValue (word);
        if (text && !strcmp (text, "reasoning.encrypted_content"))
            turn->needs |= MOCK_SEALS;
    }
}

void
mock_check_responses (mock_turn_t *turn, const cJSON *body)
{
    const cJSON *input = mock_turn_get (body, "input");
    const cJSON *most = mock_turn_get (body, "max_output_tokens");
    const cJSON *item;
    place_t place = { .turn = turn,
                      .is_stored = !cJSON_IsFalse (mock_turn_get (body, "store")) };
    mock_turn_names (turn, body, s_names);
    if (mock_turn_text (body, "previous_response_id"))
        mock_turn_refuse (turn, "previous_response_id: no such response");
    if (most && cJSON_IsNumber (most) && most->valuedouble < 16)
        mock_turn_refuse (turn, "max_output_tokens is at least 16");
    if (!cJSON_IsString (input) && !cJSON_GetArraySize (input))
        mock_turn_refuse (turn, "input is needed");
    s_tools (turn, mock_turn_get (body, "tools"));
    if (cJSON_IsArray (input))
        cJSON_ArrayForEach (item, input) s_item (&place, item);
    if (place.after_reasoning)
        mock_turn_refuse (turn, "reasoning without the item that follows it");
    if (mock_turn_missing (turn))
        mock_turn_next (turn);
    s_reasons (turn, body);
    turn->needs |= MOCK_COUNTS;
}
