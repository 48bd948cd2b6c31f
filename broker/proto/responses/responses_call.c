//  responses_call: reads a request: its members, but for the input and the tools.

#include <stdio.h>
#include <string.h>

#include "broker/proto/responses/responses_parts.h"

#define PATH_MAX_BYTES 160

int
responses_refuse (responses_read_t *self, const json_node_t *node, const char *wanted)
{
    char path[PATH_MAX_BYTES];
    json_path (self->tree, node, path, sizeof path);
    return br_error_set (self->reterr, BR_EINVALID, "%s must be %s", path, wanted);
}

int
responses_read_text (responses_read_t *self, const json_node_t *object, const char *key,
                     br_text_t *ret_text)
{
    const json_node_t *node = json_given (self->tree, object, key);
    if (node && !json_is (node, JSON_STRING))
        return responses_refuse (self, node, "a string");
    if (node)
        *ret_text = json_node_text (self->tree, node, self->call->arena);
    return 0;
}

int
responses_need_text (responses_read_t *self, const json_node_t *object, const char *key,
                     br_text_t *ret_text)
{
    if (responses_read_text (self, object, key, ret_text))
        return -1;
    if (ret_text->at)
        return 0;
    char path[PATH_MAX_BYTES];
    json_path (self->tree, object, path, sizeof path);
    return br_error_set (self->reterr, BR_EINVALID,
                         "%s.%s is missing: it must be a string", path, key);
}

//  ---- members that are objects or lists

static int
s_read_instructions (responses_read_t *self, const json_node_t *node)
{
    if (json_is (node, JSON_ARRAY))
        return responses_read_content (self, node, BR_TEXT ("instructions"),
                                       &self->call->system);
    if (!json_is (node, JSON_STRING))
        return responses_refuse (self, node, "a string");
    //  it comes before the system items of the input, wherever it stands in the request
    br_block_t *rest = self->call->system;
    self->call->system = NULL;
    br_block_t *block = br_block_add (&self->call->system, BR_BLOCK_TEXT,
                                      self->call->arena);
    block->text = json_node_text (self->tree, node, self->call->arena);
    block->path = BR_TEXT ("instructions");
    block->next = rest;
    return 0;
}

static int
s_read_include (responses_read_t *self, const json_node_t *list)
{
    if (!json_is (list, JSON_ARRAY))
        return responses_refuse (self, list, "an array");
    for (const json_node_t *node = json_first (self->tree, list); node;
         node = json_next (self->tree, node)) {
        if (!json_is (node, JSON_STRING))
            return responses_refuse (self, node, "a string");
        if (json_node_is (self->tree, node, "reasoning.encrypted_content"))
            self->call->want_encrypted = true;
        else if (json_node_is (self->tree, node, "message.output_text.logprobs"))
            self->call->logprobs = BR_YES;
        else
            br_call_add_extra (self->call, BR_TEXT ("include"));
    }
    return 0;
}

static int
s_read_reasoning (responses_read_t *self, const json_node_t *node)
{
    if (!json_is (node, JSON_OBJECT))
        return responses_refuse (self, node, "an object");
    br_call_t *call = self->call;
    br_text_t effort = BR_TEXT_NONE;
    br_text_t summary = BR_TEXT_NONE;
    br_text_t older = BR_TEXT_NONE;
    if (responses_read_text (self, node, "effort", &effort)
        || responses_read_text (self, node, "summary", &summary)
        || responses_read_text (self, node, "generate_summary", &older))
        return -1;
    if (effort.at) {
        call->effort = br_effort_of (effort);
        if (call->effort == BR_EFFORT_UNSET)
            return responses_refuse (self, json_get (self->tree, node, "effort"),
                                     "none, minimal, low, medium, high, xhigh or max");
    }
    if (summary.at || older.at)
        call->show_reasoning = BR_YES;
    if (json_given (self->tree, node, "context"))
        br_call_add_extra (call, BR_TEXT ("reasoning.context"));
    return 0;
}

static int
s_read_schema (responses_read_t *self, const json_node_t *format)
{
    br_call_t *call = self->call;
    const json_node_t *schema = json_given (self->tree, format, "schema");
    const json_node_t *strict = json_given (self->tree, format, "strict");
    if (!json_is (schema, JSON_OBJECT))
        return responses_refuse (self, schema ? schema : format,
                                 "an object with a JSON schema");
    if (strict && !json_is (strict, JSON_BOOL))
        return responses_refuse (self, strict, "true or false");
    call->format = BR_FORMAT_SCHEMA;
    call->schema = json_raw (self->tree, schema);
    if (strict)
        call->schema_strict = json_node_bool (self->tree, strict, false) ? BR_YES : BR_NO;
    return responses_read_text (self, format, "name", &call->schema_name)
                   || responses_read_text (self, format, "description",
                                           &call->schema_description)
               ? -1
               : 0;
}

static int
s_read_text_member (responses_read_t *self, const json_node_t *node)
{
    if (!json_is (node, JSON_OBJECT))
        return responses_refuse (self, node, "an object");
    if (responses_read_text (self, node, "verbosity", &self->call->verbosity))
        return -1;
    const json_node_t *format = json_given (self->tree, node, "format");
    if (!format)
        return 0;
    if (!json_is (format, JSON_OBJECT))
        return responses_refuse (self, format, "an object");
    br_text_t type = BR_TEXT_NONE;
    if (responses_need_text (self, format, "type", &type))
        return -1;
    if (br_text_is (type, "json_schema"))
        return s_read_schema (self, format);
    if (br_text_is (type, "json_object"))
        self->call->format = BR_FORMAT_JSON;
    else if (!br_text_is (type, "text"))
        return responses_refuse (self, json_get (self->tree, format, "type"),
                                 "text, json_object or json_schema");
    return 0;
}

static int
s_read_metadata (responses_read_t *self, const json_node_t *node)
{
    if (!json_is (node, JSON_OBJECT))
        return responses_refuse (self, node, "an object");
    if (node->count)
        self->call->metadata = json_raw (self->tree, node);
    return 0;
}

static int
s_read_user (responses_read_t *self, const json_node_t *node)
{
    if (!json_is (node, JSON_STRING))
        return responses_refuse (self, node, "a string");
    if (!self->call->user.at || json_key_is (self->tree, node, "safety_identifier"))
        self->call->user = json_node_text (self->tree, node, self->call->arena);
    return 0;
}

//  An answer that is fetched later needs a store of answers.
static int
s_read_background (responses_read_t *self, const json_node_t *node)
{
    if (!json_is (node, JSON_BOOL))
        return responses_refuse (self, node, "true or false");
    if (json_node_bool (self->tree, node, false))
        return br_error_set (self->reterr, BR_EINVALID,
                             "background: an answer that is translated cannot be fetched "
                             "later; leave it out");
    return 0;
}

//  What stands for messages that only the provider holds.
static int
s_read_held (responses_read_t *self, const json_node_t *node)
{
    char path[PATH_MAX_BYTES];
    json_path (self->tree, node, path, sizeof path);
    return br_error_set (self->reterr, BR_EINVALID,
                         "%s names what only its provider holds and cannot be "
                         "translated; send the items themselves as input",
                         path);
}

static int
s_read_truncation (responses_read_t *self, const json_node_t *node)
{
    if (!json_node_is (self->tree, node, "disabled"))
        br_call_add_extra (self->call, BR_TEXT ("truncation"));
    return 0;
}

static int
s_read_nothing (responses_read_t *self, const json_node_t *node)
{
    (void) self;
    (void) node;
    return 0;
}

//  ---- the table of members

typedef enum {
    MEMBER_TEXT,   //  br_text_t
    MEMBER_NUMBER, //  br_number_t
    MEMBER_TRI,    //  br_tri_t
    MEMBER_FLAG,   //  bool
    MEMBER_READ    //  by a function
} member_kind_t;

typedef struct {
    const char *key;
    member_kind_t kind;
    size_t offset; //  in br_call_t
    int (*read) (responses_read_t *self, const json_node_t *node);
} member_t;

#define AT(member) offsetof (br_call_t, member), NULL

static const member_t s_members[] = {
    { "model", MEMBER_TEXT, AT (model) },
    { "input", MEMBER_READ, 0, responses_read_input },
    { "instructions", MEMBER_READ, 0, s_read_instructions },
    { "stream", MEMBER_FLAG, AT (stream) },
    { "tools", MEMBER_READ, 0, responses_read_tools },
    { "tool_choice", MEMBER_READ, 0, responses_read_choice },
    { "parallel_tool_calls", MEMBER_TRI, AT (parallel) },
    { "temperature", MEMBER_NUMBER, AT (temperature) },
    { "top_p", MEMBER_NUMBER, AT (top_p) },
    { "max_output_tokens", MEMBER_NUMBER, AT (max_output) },
    { "top_logprobs", MEMBER_NUMBER, AT (top_logprobs) },
    { "store", MEMBER_TRI, AT (store) },
    { "previous_response_id", MEMBER_TEXT, AT (previous_id) },
    { "user", MEMBER_READ, 0, s_read_user },
    { "safety_identifier", MEMBER_READ, 0, s_read_user },
    { "metadata", MEMBER_READ, 0, s_read_metadata },
    { "service_tier", MEMBER_TEXT, AT (service_tier) },
    { "prompt_cache_key", MEMBER_TEXT, AT (cache_key) },
    { "reasoning", MEMBER_READ, 0, s_read_reasoning },
    { "text", MEMBER_READ, 0, s_read_text_member },
    { "include", MEMBER_READ, 0, s_read_include },
    { "background", MEMBER_READ, 0, s_read_background },
    { "conversation", MEMBER_READ, 0, s_read_held },
    { "prompt", MEMBER_READ, 0, s_read_held },
    { "truncation", MEMBER_READ, 0, s_read_truncation },
    { "stream_options", MEMBER_READ, 0, s_read_nothing }, //  padding of deltas only
};

static int
s_read_number (responses_read_t *self, const json_node_t *node, br_number_t *number)
{
    if (!json_is (node, JSON_NUMBER)
        || json_node_number (self->tree, node, &number->value))
        return responses_refuse (self, node, "a number");
    number->raw = json_raw (self->tree, node);
    return 0;
}

static int
s_read_member (responses_read_t *self, const member_t *member, const json_node_t *node)
{
    void *field = (char *) self->call + member->offset;
    bool value = json_node_bool (self->tree, node, false);
    switch (member->kind) {
    case MEMBER_READ: return member->read (self, node);
    case MEMBER_NUMBER: return s_read_number (self, node, field);
    case MEMBER_TEXT:
        if (!json_is (node, JSON_STRING))
            return responses_refuse (self, node, "a string");
        *(br_text_t *) field = json_node_text (self->tree, node, self->call->arena);
        return 0;
    case MEMBER_TRI:
    case MEMBER_FLAG: break;
    }
    if (!json_is (node, JSON_BOOL))
        return responses_refuse (self, node, "true or false");
    if (member->kind == MEMBER_FLAG)
        *(bool *) field = value;
    else
        *(br_tri_t *) field = value ? BR_YES : BR_NO;
    return 0;
}

//  An input that is given says something, unless an earlier answer is gone on from.
static int
s_check_input (responses_read_t *self, const json_node_t *root)
{
    const json_node_t *input = json_given (self->tree, root, "input");
    bool empty = json_is (input, JSON_ARRAY) && input->count == 0;
    if (!empty || self->call->previous_id.size)
        return 0;
    return br_error_set (self->reterr, BR_EINVALID,
                         "input is empty; it must hold a message");
}

int
responses_read_call (br_call_t *call, const json_tree_t *tree, const json_node_t *root,
                     br_error_t *reterr)
{
    responses_read_t self = { .call = call, .tree = tree, .reterr = reterr };
    if (!json_is (root, JSON_OBJECT))
        return br_error_set (reterr, BR_EINVALID, "the request must be an object");
    call->echo = json_raw (tree, root);
    for (const json_node_t *node = json_first (tree, root); node;
         node = json_next (tree, node)) {
        if (json_is (node, JSON_NULL))
            continue;
        size_t i = 0;
        while (i < sizeof s_members / sizeof s_members[0]
               && !json_key_is (tree, node, s_members[i].key))
            i++;
        if (i == sizeof s_members / sizeof s_members[0])
            br_call_add_extra (call, json_key (tree, node, call->arena));
        else if (s_read_member (&self, &s_members[i], node))
            return -1;
    }
    return s_check_input (&self, root);
}
