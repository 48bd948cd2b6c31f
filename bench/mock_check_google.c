//  mock_check_google: a generateContent request, as strictly as the real provider reads
//  it: unknown names are refused, calls are signed, and results are as many as calls.

#include <stdio.h>
#include <string.h>

#include "bench/mock_turn.h"

#define DEPTH_MAX 64 //  of a schema

static const char *const s_names[] = {
    "contents",
    "systemInstruction",
    "system_instruction",
    "tools",
    "toolConfig",
    "tool_config",
    "safetySettings",
    "safety_settings",
    "generationConfig",
    "generation_config",
    "cachedContent",
    "cached_content",
    "labels",
    "serviceTier",
    "model",
    "store",
    NULL,
};

static const char *const s_config_names[] = {
    "temperature",
    "topP",
    "topK",
    "candidateCount",
    "maxOutputTokens",
    "stopSequences",
    "presencePenalty",
    "frequencyPenalty",
    "seed",
    "responseLogprobs",
    "logprobs",
    "responseMimeType",
    "responseSchema",
    "responseJsonSchema",
    "responseModalities",
    "speechConfig",
    "imageConfig",
    "mediaResolution",
    "thinkingConfig",
    "audioTimestamp",
    NULL,
};

static const char *const s_part_names[] = {
    "text",          "inlineData",       "fileData",
    "functionCall",  "executableCode",   "codeExecutionResult",
    "toolCall",      "functionResponse", "toolResponse",
    "thought",       "thoughtSignature", "thought_signature",
    "videoMetadata", "mediaResolution",  NULL,
};

static const char *const s_call_names[] = { "id", "name", "args", NULL };

static const char *const s_response_names[] = { "id",    "name",       "response",
                                                "parts", "scheduling", "willContinue",
                                                NULL };

//  Schema, a part of what OpenAPI has.
static const char *const s_schema_names[] = {
    "type",
    "format",
    "title",
    "description",
    "nullable",
    "enum",
    "items",
    "minItems",
    "maxItems",
    "properties",
    "required",
    "minimum",
    "minProperties",
    "maxProperties",
    "propertyOrdering",
    "minLength",
    "maxLength",
    "pattern",
    "maximum",
    "anyOf",
    "default",
    "example",
    NULL,
};

//  The data of a part; each part has exactly one.
static const char *const s_data[] = {
    "text",
    "inlineData",
    "fileData",
    "functionCall",
    "functionResponse",
    "executableCode",
    "codeExecutionResult",
    "toolCall",
    "toolResponse",
    NULL,
};

static void
s_schema (mock_turn_t *turn, const cJSON *schema, int depth)
{
    const cJSON *child;
    if (!cJSON_IsObject (schema) || depth == DEPTH_MAX) {
        mock_turn_refuse (turn, "parameters: a schema is needed");
        return;
    }
    mock_turn_names (turn, schema, s_schema_names);
    if (!cJSON_IsString (mock_turn_get (schema, "type"))
        && !mock_turn_get (schema, "anyOf"))
        mock_turn_refuse (turn, "parameters: type must be a text");
    cJSON_ArrayForEach (child, mock_turn_get (schema, "properties"))
        s_schema (turn, child, depth + 1);
    cJSON_ArrayForEach (child, mock_turn_get (schema, "anyOf"))
        s_schema (turn, child, depth + 1);
    if (mock_turn_get (schema, "items"))
        s_schema (turn, mock_turn_get (schema, "items"), depth + 1);
}

static void
s_declaration (mock_turn_t *turn, const cJSON *function)
{
    const cJSON *parameters = mock_turn_get (function, "parameters");
    const cJSON *free_form = mock_turn_get (function, "parametersJsonSchema");
    mock_turn_tool_name (turn, mock_turn_text (function, "name"), 128, "_-.:");
    if (parameters && free_form)
        mock_turn_refuse (turn, "parameters and parametersJsonSchema exclude each other");
    if (parameters)
        s_schema (turn, parameters, 0);
    turn->has_tools = true;
}

static void
s_tools (mock_turn_t *turn, const cJSON *tools)
{
    const cJSON *tool;
    const cJSON *function;
    cJSON_ArrayForEach (tool, tools)
    {
        const cJSON *list = mock_turn_get (tool, "functionDeclarations");
        if (!list)
            list = mock_turn_get (tool, "function_declarations");
        cJSON_ArrayForEach (function, list) s_declaration (turn, function);
    }
}

//  Result text of the usual members, else the whole object is no text and refused.
static void
s_response (mock_turn_t *turn, const cJSON *response)
{
    static const char *const members[] = { "output", "result", "content", "value" };
    const cJSON *object = mock_turn_get (response, "response");
    char number[MOCK_VALUE_BYTES];
    const char *value = NULL;
    for (size_t i = 0; i < 4 && !value; i++) {
        const cJSON *member = mock_turn_get (object, members[i]);
        value = cJSON_GetStringValue (member);
        if (cJSON_IsNumber (member)) {
            snprintf (number, sizeof number, "%g", member->valuedouble);
            value = number;
        }
    }
    const char *name = mock_turn_text (response, "name");
    mock_turn_names (turn, response, s_response_names);
    if (!cJSON_IsObject (object))
        mock_turn_refuse (turn, "functionResponse.response must be an object");
    if (!name)
        mock_turn_refuse (turn, "functionResponse.name is needed");
    mock_turn_result (turn, mock_turn_text (response, "id"), name, value);
}

//  The first call of a step carries the signature.
static void
s_call (mock_turn_t *turn, const cJSON *part, const cJSON *call)
{
    const char *seal = mock_turn_text (part, "thoughtSignature");
    if (!seal)
        seal = mock_turn_text (part, "thought_signature");
    mock_turn_names (turn, call, s_call_names);
    bool is_placeholder = seal && !strcmp (seal, MOCK_PLACEHOLDER) && !turn->is_strict;
    if (!seal && turn->calls_count == 0)
        mock_turn_refuse (turn, "Function call is missing a thought_signature");
    if (seal && !is_placeholder && strcmp (seal, MOCK_SEAL))
        mock_turn_refuse (turn, "Corrupted thought signature");
    mock_turn_call (turn, mock_turn_text (call, "id"), mock_turn_text (call, "name"),
                    mock_turn_get (call, "args"));
}

static void
s_part (mock_turn_t *turn, const cJSON *part, bool is_model)
{
    size_t data = 0;
    for (size_t i = 0; s_data[i]; i++)
        data += mock_turn_get (part, s_data[i]) != NULL;
    const cJSON *call = mock_turn_get (part, "functionCall");
    const cJSON *response = mock_turn_get (part, "functionResponse");
    mock_turn_names (turn, part, s_part_names);
    if (data != 1 && !(data == 0 && mock_turn_get (part, "thoughtSignature")))
        mock_turn_refuse (turn, "parts[]: exactly one kind of data is needed");
    if ((call && !is_model) || (response && is_model))
        mock_turn_refuse (turn, "parts[]: a call or a result in the wrong role");
    if (call)
        s_call (turn, part, call);
    if (response)
        s_response (turn, response);
}

static void
s_content (mock_turn_t *turn, const cJSON *content, bool is_first)
{
    const char *role = mock_turn_text (content, "role");
    const cJSON *parts = mock_turn_get (content, "parts");
    const cJSON *part;
    bool is_model = role && !strcmp (role, "model");
    if (role && !is_model && strcmp (role, "user") && strcmp (role, "function"))
        mock_turn_refuse (turn, "contents[]: bad role %.40s", role);
    if (is_first && is_model)
        mock_turn_refuse (turn, "contents must begin with the user");
    if (!cJSON_GetArraySize (parts))
        mock_turn_refuse (turn, "contents[].parts must not be empty");
    if (is_model || !mock_turn_missing (turn))
        mock_turn_next (turn);
    cJSON_ArrayForEach (part, parts) s_part (turn, part, is_model);
    if (!is_model && mock_turn_missing (turn))
        mock_turn_refuse (turn, "as many functionResponse parts as functionCall parts "
                                "are needed");
}

void
mock_check_google (mock_turn_t *turn, const cJSON *body)
{
    const cJSON *contents = mock_turn_get (body, "contents");
    const cJSON *config = mock_turn_get (body, "generationConfig");
    const cJSON *thinking = mock_turn_get (config, "thinkingConfig");
    const cJSON *content;
    bool is_first = true;
    mock_turn_names (turn, body, s_names);
    mock_turn_names (turn, config, s_config_names);
    if (!cJSON_GetArraySize (contents))
        mock_turn_refuse (turn, "contents is needed");
    if (mock_turn_get (thinking, "thinkingBudget")
        && mock_turn_get (thinking, "thinkingLevel"))
        mock_turn_refuse (turn, "thinkingBudget and thinkingLevel exclude each other");
    s_tools (turn, mock_turn_get (body, "tools"));
    cJSON_ArrayForEach (content, contents)
    {
        s_content (turn, content, is_first);
        is_first = false;
    }
    if (mock_turn_missing (turn))
        mock_turn_next (turn);
    turn->needs |= MOCK_THINKS | MOCK_SEALS | MOCK_COUNTS;
    if (cJSON_IsTrue (mock_turn_get (thinking, "includeThoughts")))
        turn->needs |= MOCK_SHOWS;
}
