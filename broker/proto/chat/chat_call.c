//  chat_call: reads a request of Chat Completions. A table says which member is which of
//  the call; what it does not name becomes an extra.

#include <stddef.h>

#include "broker/proto/chat/chat_parts.h"

typedef int (member_fn) (const chat_read_t *self, const json_node_t *node);

typedef enum {
    ROW_TEXT,   //  br_text_t
    ROW_NUMBER, //  br_number_t
    ROW_TRI,    //  br_tri_t
    ROW_FLAG,   //  bool
    ROW_OBJECT, //  br_text_t, JSON
    ROW_ARRAY,  //  br_text_t, JSON
    ROW_READ,   //  read
    ROW_READ_ARRAY
} row_type_t;

//  One member. Where two rows fill one member of the call, the later row wins.
typedef struct {
    const char *key;
    row_type_t type;
    size_t offset;   //  in br_call_t
    member_fn *read; //  of ROW_READ alone
} row_t;

//  ---- members with an inside

static int
s_read_stop (const chat_read_t *self, const json_node_t *node)
{
    bool is_list = json_is (node, JSON_ARRAY);
    int rc = is_list ? 0 : chat_want (self, node, JSON_STRING);
    if (rc)
        return -1;
    size_t count = is_list ? node->count : 1;
    br_text_t *texts = br_arena_take (self->call->arena, (count + 1) * sizeof *texts);
    self->call->stop = (br_texts_t) { texts, count };
    if (!is_list) {
        texts[0] = chat_text (self, node);
        return 0;
    }
    for (const json_node_t *item = json_first (self->tree, node); item && rc == 0;
         item = json_next (self->tree, item)) {
        rc = chat_want (self, item, JSON_STRING);
        *texts++ = chat_text (self, item);
    }
    return rc;
}

static int
s_read_stream_options (const chat_read_t *self, const json_node_t *node)
{
    const json_node_t *usage = NULL;
    int rc = chat_want (self, node, JSON_OBJECT);
    if (rc == 0)
        rc = chat_may (self, node, "include_usage", JSON_BOOL, &usage);
    self->call->want_usage = json_node_bool (self->tree, usage, false);
    return rc;
}

static int
s_read_schema (const chat_read_t *self, const json_node_t *node)
{
    br_call_t *call = self->call;
    const json_node_t *inner;
    const json_node_t *schema = NULL;
    const json_node_t *strict = NULL;
    int rc = chat_need (self, node, "json_schema", JSON_OBJECT, &inner);
    if (rc == 0)
        rc = chat_may_text (self, inner, "name", &call->schema_name);
    if (rc == 0)
        rc = chat_may_text (self, inner, "description", &call->schema_description);
    if (rc == 0)
        rc = chat_may (self, inner, "schema", JSON_OBJECT, &schema);
    if (rc == 0)
        rc = chat_may (self, inner, "strict", JSON_BOOL, &strict);
    if (rc)
        return -1;
    call->format = BR_FORMAT_SCHEMA;
    call->schema = schema ? json_raw (self->tree, schema) : BR_TEXT ("{}");
    if (strict)
        call->schema_strict = json_node_bool (self->tree, strict, false) ? BR_YES : BR_NO;
    return 0;
}

static int
s_read_format (const chat_read_t *self, const json_node_t *node)
{
    const json_node_t *type;
    int rc = chat_want (self, node, JSON_OBJECT);
    if (rc == 0)
        rc = chat_need (self, node, "type", JSON_STRING, &type);
    if (rc)
        return -1;
    if (json_node_is (self->tree, type, "json_schema"))
        return s_read_schema (self, node);
    if (json_node_is (self->tree, type, "json_object"))
        self->call->format = BR_FORMAT_JSON;
    else if (!json_node_is (self->tree, type, "text"))
        return chat_refuse (self, type,
                            "must be \"text\", \"json_object\" or \"json_schema\"");
    return 0;
}

//  ---- reasoning, as OpenAI, OpenRouter, DeepSeek and Qwen ask for it

//  Words that are no effort, such as Groq's "default", leave it to the model.
static int
s_read_effort (const chat_read_t *self, const json_node_t *node)
{
    int rc = chat_want (self, node, JSON_STRING);
    if (rc)
        return -1;
    self->call->effort = br_effort_of (chat_text (self, node));
    if (self->call->effort == BR_EFFORT_UNSET)
        br_call_add_extra (self->call, json_key (self->tree, node, self->call->arena));
    return 0;
}

static int
s_read_number (const chat_read_t *self, const json_node_t *node, br_number_t *number)
{
    int rc = chat_want (self, node, JSON_NUMBER);
    if (rc)
        return -1;
    if (json_node_number (self->tree, node, &number->value))
        return chat_refuse (self, node, "is out of range");
    number->raw = json_raw (self->tree, node);
    return 0;
}

static int
s_read_budget (const chat_read_t *self, const json_node_t *node)
{
    return s_read_number (self, node, &self->call->budget);
}

static br_tri_t
s_tri (const chat_read_t *self, const json_node_t *node)
{
    return json_node_bool (self->tree, node, false) ? BR_YES : BR_NO;
}

//  OpenRouter's.
static int
s_read_reasoning (const chat_read_t *self, const json_node_t *node)
{
    br_call_t *call = self->call;
    int rc = chat_want (self, node, JSON_OBJECT);
    const json_node_t *effort = json_given (self->tree, node, "effort");
    const json_node_t *budget = json_given (self->tree, node, "max_tokens");
    const json_node_t *enabled = NULL;
    const json_node_t *exclude = NULL;
    if (rc == 0 && effort)
        rc = s_read_effort (self, effort);
    if (rc == 0 && budget)
        rc = s_read_budget (self, budget);
    if (rc == 0)
        rc = chat_may (self, node, "enabled", JSON_BOOL, &enabled);
    if (rc == 0)
        rc = chat_may (self, node, "exclude", JSON_BOOL, &exclude);
    if (rc == 0 && enabled)
        call->reasoning = s_tri (self, enabled);
    if (rc == 0 && exclude)
        call->show_reasoning = s_tri (self, exclude) == BR_YES ? BR_NO : BR_YES;
    return rc;
}

static int
s_read_thinking (const chat_read_t *self, const json_node_t *node)
{
    br_text_t type = BR_TEXT_NONE;
    int rc = chat_want (self, node, JSON_OBJECT);
    if (rc == 0)
        rc = chat_need_text (self, node, "type", &type);
    if (rc)
        return -1;
    self->call->reasoning = br_text_is (type, "disabled") ? BR_NO : BR_YES;
    const json_node_t *budget = json_given (self->tree, node, "budget_tokens");
    return budget ? s_read_budget (self, budget) : 0;
}

//  ---- the table

#define AT(member) offsetof (br_call_t, member)

static const row_t s_rows[] = {
    { "model", ROW_TEXT, AT (model), NULL },
    { "messages", ROW_READ_ARRAY, 0, chat_read_messages },
    { "stream", ROW_FLAG, AT (stream), NULL },
    { "stream_options", ROW_READ, 0, s_read_stream_options },
    { "temperature", ROW_NUMBER, AT (temperature), NULL },
    { "top_p", ROW_NUMBER, AT (top_p), NULL },
    { "top_k", ROW_NUMBER, AT (top_k), NULL },
    { "min_p", ROW_NUMBER, AT (min_p), NULL },
    { "frequency_penalty", ROW_NUMBER, AT (frequency_penalty), NULL },
    { "presence_penalty", ROW_NUMBER, AT (presence_penalty), NULL },
    { "seed", ROW_NUMBER, AT (seed), NULL },
    { "n", ROW_NUMBER, AT (n), NULL },
    { "max_tokens", ROW_NUMBER, AT (max_output), NULL },
    { "max_completion_tokens", ROW_NUMBER, AT (max_output), NULL },
    { "stop", ROW_READ, 0, s_read_stop },
    { "logprobs", ROW_TRI, AT (logprobs), NULL },
    { "top_logprobs", ROW_NUMBER, AT (top_logprobs), NULL },
    { "logit_bias", ROW_OBJECT, AT (logit_bias), NULL },
    { "functions", ROW_READ_ARRAY, 0, chat_read_functions },
    { "function_call", ROW_READ, 0, chat_read_function_call },
    { "tools", ROW_READ_ARRAY, 0, chat_read_tools },
    { "tool_choice", ROW_READ, 0, chat_read_choice },
    { "parallel_tool_calls", ROW_TRI, AT (parallel), NULL },
    { "response_format", ROW_READ, 0, s_read_format },
    { "reasoning_effort", ROW_READ, 0, s_read_effort },
    { "reasoning", ROW_READ, 0, s_read_reasoning },
    { "include_reasoning", ROW_TRI, AT (show_reasoning), NULL },
    { "thinking", ROW_READ, 0, s_read_thinking },
    { "enable_thinking", ROW_TRI, AT (reasoning), NULL },
    { "thinking_budget", ROW_READ, 0, s_read_budget },
    { "verbosity", ROW_TEXT, AT (verbosity), NULL },
    { "modalities", ROW_ARRAY, AT (modalities), NULL },
    { "store", ROW_TRI, AT (store), NULL },
    { "metadata", ROW_OBJECT, AT (metadata), NULL },
    { "user", ROW_TEXT, AT (user), NULL },
    { "safety_identifier", ROW_TEXT, AT (user), NULL },
    { "prompt_cache_key", ROW_TEXT, AT (cache_key), NULL },
    { "service_tier", ROW_TEXT, AT (service_tier), NULL },
};

#define ROWS (sizeof s_rows / sizeof s_rows[0])

static const json_type_t s_types[] = {
    [ROW_TEXT] = JSON_STRING, [ROW_NUMBER] = JSON_NUMBER,    [ROW_TRI] = JSON_BOOL,
    [ROW_FLAG] = JSON_BOOL,   [ROW_OBJECT] = JSON_OBJECT,    [ROW_ARRAY] = JSON_ARRAY,
    [ROW_READ] = JSON_NONE,   [ROW_READ_ARRAY] = JSON_ARRAY,
};

static int
s_read_row (const chat_read_t *self, const row_t *row, const json_node_t *node)
{
    void *member = (char *) self->call + row->offset;
    if (s_types[row->type] != JSON_NONE && chat_want (self, node, s_types[row->type]))
        return -1;
    switch (row->type) {
    case ROW_TEXT: *(br_text_t *) member = chat_text (self, node); return 0;
    case ROW_NUMBER: return s_read_number (self, node, member);
    case ROW_TRI: *(br_tri_t *) member = s_tri (self, node); return 0;
    case ROW_FLAG: *(bool *) member = json_node_bool (self->tree, node, false); return 0;
    case ROW_OBJECT:
    case ROW_ARRAY: *(br_text_t *) member = json_raw (self->tree, node); return 0;
    case ROW_READ:
    case ROW_READ_ARRAY: break;
    }
    return row->read (self, node);
}

//  in:   nodes, of ROWS; filled. The last of doubled members counts.
static void
s_find_members (const chat_read_t *self, const json_node_t *root,
                const json_node_t **nodes)
{
    for (const json_node_t *node = json_first (self->tree, root); node;
         node = json_next (self->tree, node)) {
        size_t i = 0;
        while (i < ROWS && !json_key_is (self->tree, node, s_rows[i].key))
            i++;
        if (i < ROWS)
            nodes[i] = json_is (node, JSON_NULL) ? NULL : node;
        else if (!json_is (node, JSON_NULL))
            br_call_add_extra (self->call,
                               json_key (self->tree, node, self->call->arena));
    }
}

//  Hosts of this protocol show the reasoning that was asked for, without a word.
static void
s_settle_show (br_call_t *call)
{
    bool off = call->reasoning == BR_NO || call->effort == BR_EFFORT_NONE;
    bool asked = call->reasoning == BR_YES || call->effort != BR_EFFORT_UNSET
                 || call->budget.raw.at;
    if (call->show_reasoning == BR_UNSET && asked && !off)
        call->show_reasoning = BR_YES;
}

int
chat_read_call (br_call_t *call, const json_tree_t *tree, const json_node_t *root,
                br_error_t *reterr)
{
    chat_read_t self = { .tree = tree, .call = call, .reterr = reterr };
    const json_node_t *nodes[ROWS] = { NULL };
    const json_node_t *needed;
    int rc = chat_want (&self, root, JSON_OBJECT);
    if (rc == 0)
        rc = chat_need (&self, root, "model", JSON_STRING, &needed);
    if (rc == 0)
        rc = chat_need (&self, root, "messages", JSON_ARRAY, &needed);
    if (rc)
        return -1;
    if (needed->count == 0)
        return chat_refuse (&self, needed, "is empty; it must hold a message");
    s_find_members (&self, root, nodes);
    for (size_t i = 0; i < ROWS && rc == 0; i++)
        if (nodes[i])
            rc = s_read_row (&self, &s_rows[i], nodes[i]);
    if (rc == 0)
        s_settle_show (call);
    return rc;
}
