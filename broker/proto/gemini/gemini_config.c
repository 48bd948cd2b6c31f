//  gemini_config: reads what a request says beside its contents: generationConfig, tools
//  and toolConfig.

#include <stdlib.h>

#include "broker/proto/gemini/gemini_parts.h"
#include "broker/proto/gemini/gemini_schema.h"

typedef int (member_fn) (br_call_t *call, const json_tree_t *tree,
                         const json_node_t *node, br_error_t *reterr);

typedef struct {
    const char *key;
    member_fn *fn; //  NULL = it is no loss to leave it out
} row_t;

//  Hands each member that is not null to its row; one without a row is an extra.
static int
s_members (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
           const row_t *rows, size_t count, br_error_t *reterr)
{
    if (gemini_want (tree, node, JSON_OBJECT, reterr))
        return -1;
    for (const json_node_t *n = json_first (tree, node); n; n = json_next (tree, n)) {
        size_t i = 0;
        while (i < count && !gemini_key_is (tree, n, rows[i].key))
            i++;
        if (n->type == JSON_NULL)
            continue;
        if (i == count)
            br_call_add_extra (call, gemini_path (tree, n, call->arena));
        else if (rows[i].fn && rows[i].fn (call, tree, n, reterr))
            return -1;
    }
    return 0;
}

//  Numbers may come as texts, as 64 bit ones do in protobuf's JSON.
static int
s_number (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
          br_number_t *out, br_error_t *reterr)
{
    char path[256];
    if (node->type == JSON_NUMBER && json_node_number (tree, node, &out->value) == 0) {
        out->raw = json_raw (tree, node);
        return 0;
    }
    br_text_t text = br_arena_text (call->arena,
                                    json_node_text (tree, node, call->arena));
    char *end = NULL;
    if (text.size && text.size < 32 && text.at[0] >= '0' && text.at[0] <= '9')
        out->value = (double) strtoull (text.at, &end, 10);
    if (end && end == text.at + text.size) {
        out->raw = br_arena_textf (call->arena, "%.0f", out->value);
        return 0;
    }
    json_path (tree, node, path, sizeof path);
    return br_error_set (reterr, BR_EINVALID, "%s must be a number, not %s", path,
                         json_type_name (node->type));
}

static int
s_texts (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
         br_texts_t *out, br_error_t *reterr)
{
    if (gemini_want (tree, node, JSON_ARRAY, reterr))
        return -1;
    br_text_t *texts = br_arena_take (call->arena, (node->count + 1) * sizeof *texts);
    size_t size = 0;
    for (const json_node_t *n = json_first (tree, node); n; n = json_next (tree, n)) {
        if (gemini_want (tree, n, JSON_STRING, reterr))
            return -1;
        if (n->type == JSON_STRING)
            texts[size++] = json_node_text (tree, n, call->arena);
    }
    *out = (br_texts_t) { texts, size };
    return 0;
}

//  ---- generationConfig

#define S_NUMBER(name, field)                                                            \
    static int name (br_call_t *call, const json_tree_t *tree, const json_node_t *node,  \
                     br_error_t *reterr)                                                 \
    {                                                                                    \
        return s_number (call, tree, node, &call->field, reterr);                        \
    }

S_NUMBER (s_temperature, temperature)
S_NUMBER (s_top_p, top_p)
S_NUMBER (s_top_k, top_k)
S_NUMBER (s_n, n)
S_NUMBER (s_max_output, max_output)
S_NUMBER (s_presence, presence_penalty)
S_NUMBER (s_frequency, frequency_penalty)
S_NUMBER (s_seed, seed)
S_NUMBER (s_top_logprobs, top_logprobs)

static int
s_stop (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
        br_error_t *reterr)
{
    return s_texts (call, tree, node, &call->stop, reterr);
}

static int
s_logprobs (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
            br_error_t *reterr)
{
    call->logprobs = json_node_bool (tree, node, false) ? BR_YES : BR_NO;
    return gemini_want (tree, node, JSON_BOOL, reterr);
}

static int
s_mime (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
        br_error_t *reterr)
{
    if (gemini_want (tree, node, JSON_STRING, reterr))
        return -1;
    if (!json_node_is (tree, node, "application/json")) {
        if (!json_node_is (tree, node, "text/plain"))
            br_call_add_extra (call, gemini_path (tree, node, call->arena));
        return 0;
    }
    if (call->format == BR_FORMAT_TEXT)
        call->format = BR_FORMAT_JSON;
    return 0;
}

static int
s_schema (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
          br_error_t *reterr)
{
    if (gemini_want (tree, node, JSON_OBJECT, reterr))
        return -1;
    call->format = BR_FORMAT_SCHEMA;
    call->schema = gemini_schema_read (tree, node, call->arena);
    return 0;
}

static int
s_json_schema (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
               br_error_t *reterr)
{
    if (gemini_want (tree, node, JSON_OBJECT, reterr))
        return -1;
    call->format = BR_FORMAT_SCHEMA;
    call->schema = json_raw (tree, node);
    return 0;
}

//  Canonical are OpenAI's words, in lower case.
static int
s_modalities (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
              br_error_t *reterr)
{
    br_texts_t words;
    if (s_texts (call, tree, node, &words, reterr))
        return -1;
    br_buf_t made;
    br_buf_init (&made, BR_CALL_BYTES_MAX);
    json_writer_t writer = json_writer (&made);
    json_open (&writer, NULL, '[');
    for (size_t i = 0; i < words.size; i++)
        json_put (&writer, NULL, gemini_lower (words.at[i], call->arena));
    json_close (&writer, ']');
    call->modalities = br_arena_text (
        call->arena, (br_text_t) { (const char *) made.data, made.size });
    br_buf_free (&made);
    return 0;
}

static int
s_include_thoughts (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
                    br_error_t *reterr)
{
    call->show_reasoning = json_node_bool (tree, node, false) ? BR_YES : BR_NO;
    return gemini_want (tree, node, JSON_BOOL, reterr);
}

static int
s_budget (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
          br_error_t *reterr)
{
    if (s_number (call, tree, node, &call->budget, reterr))
        return -1;
    bool off = call->budget.value > -0.5 && call->budget.value < 0.5;
    call->reasoning = off ? BR_NO : BR_YES;
    return 0;
}

static int
s_level (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
         br_error_t *reterr)
{
    if (gemini_want (tree, node, JSON_STRING, reterr))
        return -1;
    br_text_t level = gemini_lower (json_node_text (tree, node, call->arena),
                                    call->arena);
    call->effort = br_effort_of (level);
    if (call->effort == BR_EFFORT_UNSET
        && !br_text_is (level, "thinking_level_unspecified"))
        br_call_add_extra (call, gemini_path (tree, node, call->arena));
    return 0;
}

static int
s_thinking (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
            br_error_t *reterr)
{
    static const row_t rows[] = { { "includeThoughts", s_include_thoughts },
                                  { "thinkingBudget", s_budget },
                                  { "thinkingLevel", s_level } };
    return s_members (call, tree, node, rows, 3, reterr);
}

int
gemini_read_config (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
                    br_error_t *reterr)
{
    static const row_t rows[] = {
        { "temperature", s_temperature },
        { "topP", s_top_p },
        { "topK", s_top_k },
        { "candidateCount", s_n },
        { "maxOutputTokens", s_max_output },
        { "presencePenalty", s_presence },
        { "frequencyPenalty", s_frequency },
        { "seed", s_seed },
        { "stopSequences", s_stop },
        { "responseLogprobs", s_logprobs },
        { "logprobs", s_top_logprobs },
        { "responseMimeType", s_mime },
        { "responseSchema", s_schema },
        { "responseJsonSchema", s_json_schema },
        { "responseModalities", s_modalities },
        { "thinkingConfig", s_thinking },
    };
    return s_members (call, tree, node, rows, sizeof rows / sizeof rows[0], reterr);
}

//  ---- tools

static int
s_function (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
            br_error_t *reterr)
{
    static const char *const lost[] = { "response", "responseJsonSchema", "behavior" };
    const json_node_t *name = gemini_get (tree, node, "name");
    const json_node_t *description = gemini_get (tree, node, "description");
    const json_node_t *parameters = gemini_get (tree, node, "parameters");
    const json_node_t *schema = gemini_get (tree, node, "parametersJsonSchema");
    br_text_t path = gemini_path (tree, node, call->arena);
    if (gemini_want (tree, node, JSON_OBJECT, reterr)
        || gemini_want (tree, name, JSON_STRING, reterr)
        || gemini_want (tree, description, JSON_STRING, reterr)
        || gemini_want (tree, parameters, JSON_OBJECT, reterr)
        || gemini_want (tree, schema, JSON_OBJECT, reterr))
        return -1;
    if (!name || json_node_is (tree, name, ""))
        return br_error_set (reterr, BR_EINVALID, "%.*s needs a name", (int) path.size,
                             path.at);
    br_tool_t *tool = br_call_add_tool (call, BR_TOOL_FUNCTION);
    tool->path = path;
    tool->name = json_node_text (tree, name, call->arena);
    tool->description = json_node_text (tree, description, call->arena);
    if (schema)
        tool->schema = json_raw (tree, schema);
    else if (parameters)
        tool->schema = gemini_schema_read (tree, parameters, call->arena);
    for (size_t i = 0; i < 3; i++) {
        const json_node_t *extra = gemini_get (tree, node, lost[i]);
        if (extra)
            br_call_add_extra (call, gemini_path (tree, extra, call->arena));
    }
    return 0;
}

static int
s_functions (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
             br_error_t *reterr)
{
    int rc = gemini_want (tree, node, JSON_ARRAY, reterr);
    for (const json_node_t *n = json_first (tree, node); n && rc == 0;
         n = json_next (tree, n))
        rc = s_function (call, tree, n, reterr);
    return rc;
}

//  "code_execution" and "codeExecution" are the same.
static br_text_t
s_camel (br_text_t key, br_arena_t *arena)
{
    char *bytes = br_arena_take (arena, key.size + 1);
    size_t n = 0;
    for (size_t i = 0; i < key.size; i++) {
        char c = key.at[i];
        if (c == '_' && i + 1 < key.size && key.at[i + 1] >= 'a' && key.at[i + 1] <= 'z')
            c = (char) (key.at[++i] - ('a' - 'A'));
        bytes[n++] = c;
    }
    return (br_text_t) { bytes, n };
}

//  One of Google's own tools: its name and what is set there.
static void
s_hosted (br_call_t *call, const json_tree_t *tree, const json_node_t *node)
{
    br_buf_t made;
    br_buf_init (&made, BR_CALL_BYTES_MAX);
    json_writer_t writer = json_writer (&made);
    br_tool_t *tool = br_call_add_tool (call, BR_TOOL_HOSTED);
    tool->name = s_camel (json_key (tree, node, call->arena), call->arena);
    tool->path = gemini_path (tree, node, call->arena);
    tool->family = BR_FAMILY_GOOGLE;
    json_open (&writer, NULL, '{');
    json_put_key (&writer, tool->name);
    json_put_raw (&writer, NULL, json_raw (tree, node));
    json_close (&writer, '}');
    tool->raw = br_arena_text (call->arena,
                               (br_text_t) { (const char *) made.data, made.size });
    br_buf_free (&made);
}

static int
s_tool (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
        br_error_t *reterr)
{
    if (gemini_want (tree, node, JSON_OBJECT, reterr))
        return -1;
    for (const json_node_t *n = json_first (tree, node); n; n = json_next (tree, n)) {
        if (n->type == JSON_NULL)
            continue;
        if (!gemini_key_is (tree, n, "functionDeclarations"))
            s_hosted (call, tree, n);
        else if (s_functions (call, tree, n, reterr))
            return -1;
    }
    return 0;
}

int
gemini_read_tools (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
                   br_error_t *reterr)
{
    int rc = gemini_want (tree, node, JSON_ARRAY, reterr);
    for (const json_node_t *n = json_first (tree, node); n && rc == 0;
         n = json_next (tree, n))
        rc = s_tool (call, tree, n, reterr);
    return rc;
}

//  ---- toolConfig

static int
s_allowed (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
           br_error_t *reterr)
{
    return s_texts (call, tree, node, &call->choice_names, reterr);
}

//  VALIDATED is AUTO with arguments that are held to the schema, which is lost.
static int
s_mode (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
        br_error_t *reterr)
{
    static const struct {
        const char *word;
        br_choice_t choice;
    } rows[] = { { "AUTO", BR_CHOICE_AUTO },
                 { "ANY", BR_CHOICE_REQUIRED },
                 { "NONE", BR_CHOICE_NONE },
                 { "VALIDATED", BR_CHOICE_AUTO },
                 { "MODE_UNSPECIFIED", BR_CHOICE_UNSET } };
    if (gemini_want (tree, node, JSON_STRING, reterr))
        return -1;
    br_text_t mode = gemini_upper (json_node_text (tree, node, call->arena), call->arena);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (br_text_is (mode, rows[i].word)) {
            call->choice = rows[i].choice;
            if (br_text_is (mode, "VALIDATED"))
                br_call_add_extra (call, gemini_path (tree, node, call->arena));
            return 0;
        }
    return br_error_set (reterr, BR_EINVALID,
                         "toolConfig.functionCallingConfig.mode must be AUTO, ANY, NONE "
                         "or VALIDATED");
}

static int
s_calling (br_call_t *call, const json_tree_t *tree, const json_node_t *node,
           br_error_t *reterr)
{
    static const row_t rows[] = { { "mode", s_mode },
                                  { "allowedFunctionNames", s_allowed } };
    if (s_members (call, tree, node, rows, 2, reterr))
        return -1;
    if (call->choice_names.size == 0 || call->choice == BR_CHOICE_NONE)
        return 0;
    if (call->choice != BR_CHOICE_REQUIRED)
        call->choice = BR_CHOICE_ALLOWED;
    else
        call->choice = call->choice_names.size == 1 ? BR_CHOICE_NAMED
                                                    : BR_CHOICE_ALLOWED_REQUIRED;
    return 0;
}

int
gemini_read_tool_config (br_call_t *call, const json_tree_t *tree,
                         const json_node_t *node, br_error_t *reterr)
{
    static const row_t rows[] = { { "functionCallingConfig", s_calling } };
    return s_members (call, tree, node, rows, 1, reterr);
}
