//  messages_call: reads a request. Each member is a row; members without one are extras.

#include <stddef.h>
#include <string.h>

#include "broker/proto/messages/messages_parts.h"

typedef int (member_fn) (const messages_in_t *in, const json_node_t *node,
                         br_call_t *call);

typedef struct {
    const char *key;
    member_fn *read; //  NULL: a number, at `number` in the call
    size_t number;
} member_row_t;

static int
s_read_model (const messages_in_t *in, const json_node_t *node, br_call_t *call)
{
    return messages_text (in, node, &call->model);
}

static int
s_read_max_tokens (const messages_in_t *in, const json_node_t *node, br_call_t *call)
{
    return messages_count (in, node, &call->max_output);
}

static int
s_read_stream (const messages_in_t *in, const json_node_t *node, br_call_t *call)
{
    return messages_bool (in, node, &call->stream);
}

static int
s_read_system (const messages_in_t *in, const json_node_t *node, br_call_t *call)
{
    return messages_read_content (in, node, MESSAGES_SYSTEM, BR_TEXT ("system"),
                                  &call->system);
}

//  ---- turns

typedef struct {
    const char *word;
    br_turn_role_t role;
    messages_place_t place;
} role_row_t;

static const role_row_t s_roles[] = {
    { "user", BR_TURN_USER, MESSAGES_USER },
    { "assistant", BR_TURN_ASSISTANT, MESSAGES_ASSISTANT },
    { "system", BR_TURN_SYSTEM, MESSAGES_SYSTEM },
};

static const role_row_t *
s_role (const messages_in_t *in, const json_node_t *node)
{
    br_text_t role = BR_TEXT_NONE;
    if (!json_is (node, JSON_OBJECT)) {
        messages_wrong (in, node, "an object");
        return NULL;
    }
    int rc = messages_must (in, node, "role", &role);
    if (rc)
        return NULL;
    for (size_t i = 0; i < sizeof s_roles / sizeof s_roles[0]; i++)
        if (br_text_is (role, s_roles[i].word))
            return &s_roles[i];
    messages_wrong (in, json_get (in->tree, node, "role"), "user, assistant or system");
    return NULL;
}

static int
s_read_turn (const messages_in_t *in, const json_node_t *node, unsigned number,
             br_call_t *call)
{
    const role_row_t *row = s_role (in, node);
    if (!row)
        return -1;
    br_turn_t *turn = br_call_add_turn (call, row->role);
    turn->path = br_arena_textf (in->arena, "messages[%u]", number);
    const json_node_t *content = json_given (in->tree, node, "content");
    if (!content)
        return messages_missing (in, node, "content");
    return messages_read_content (
        in, content, row->place,
        br_arena_textf (in->arena, "messages[%u].content", number), &turn->blocks);
}

static int
s_read_messages (const messages_in_t *in, const json_node_t *node, br_call_t *call)
{
    if (!json_is (node, JSON_ARRAY))
        return messages_wrong (in, node, "an array");
    if (node->count == 0)
        return messages_wrong (in, node, "an array of at least one message");
    unsigned i = 0;
    for (const json_node_t *item = json_first (in->tree, node); item;
         item = json_next (in->tree, item), i++) {
        int rc = s_read_turn (in, item, i, call);
        if (rc)
            return rc;
    }
    return 0;
}

static int
s_read_stop (const messages_in_t *in, const json_node_t *node, br_call_t *call)
{
    if (!json_is (node, JSON_ARRAY))
        return messages_wrong (in, node, "an array of strings");
    br_text_t *texts = br_arena_take (in->arena, (node->count + 1) * sizeof *texts);
    size_t count = 0;
    for (const json_node_t *item = json_first (in->tree, node); item;
         item = json_next (in->tree, item)) {
        int rc = messages_text (in, item, &texts[count++]);
        if (rc)
            return rc;
    }
    call->stop = (br_texts_t) { texts, count };
    return 0;
}

//  ---- reasoning and format

static int
s_read_display (const messages_in_t *in, const json_node_t *node, br_call_t *call)
{
    br_text_t display = BR_TEXT ("summarized");
    int rc = messages_may (in, node, "display", &display);
    call->show_reasoning = br_text_is (display, "omitted") ? BR_NO : BR_YES;
    return rc;
}

static int
s_read_thinking (const messages_in_t *in, const json_node_t *node, br_call_t *call)
{
    br_text_t type = BR_TEXT_NONE;
    if (!json_is (node, JSON_OBJECT))
        return messages_wrong (in, node, "an object");
    int rc = messages_must (in, node, "type", &type);
    if (rc)
        return rc;
    const json_node_t *budget = json_given (in->tree, node, "budget_tokens");
    bool enabled = br_text_is (type, "enabled");
    if (br_text_is (type, "disabled")) {
        call->reasoning = BR_NO;
        return 0;
    }
    if (!enabled && !br_text_is (type, "adaptive"))
        return messages_wrong (in, json_get (in->tree, node, "type"),
                               "enabled, adaptive or disabled");
    call->reasoning = BR_YES;
    if (enabled && budget && messages_count (in, budget, &call->budget))
        return -1;
    return s_read_display (in, node, call);
}

static int
s_read_format (const messages_in_t *in, const json_node_t *node, br_call_t *call)
{
    br_text_t type = BR_TEXT_NONE;
    if (!json_is (node, JSON_OBJECT))
        return messages_wrong (in, node, "an object");
    int rc = messages_must (in, node, "type", &type);
    if (rc)
        return rc;
    if (!br_text_is (type, "json_schema"))
        return messages_wrong (in, json_get (in->tree, node, "type"), "json_schema");
    const json_node_t *schema = json_given (in->tree, node, "schema");
    if (!schema)
        return messages_missing (in, node, "schema");
    if (!json_is (schema, JSON_OBJECT))
        return messages_wrong (in, schema, "an object");
    call->format = BR_FORMAT_SCHEMA;
    call->schema = json_raw (in->tree, schema);
    return 0;
}

static int
s_read_effort (const messages_in_t *in, const json_node_t *node, br_call_t *call)
{
    br_text_t word = BR_TEXT_NONE;
    int rc = messages_text (in, node, &word);
    if (rc)
        return rc;
    call->effort = br_effort_of (word);
    if (call->effort == BR_EFFORT_UNSET)
        return messages_wrong (in, node, "low, medium, high, xhigh or max");
    return 0;
}

//  Members of a member without a place in a call.
static void
s_note_extras (const messages_in_t *in, const json_node_t *node, const char *parent,
               const char *const *known, br_call_t *call)
{
    for (const json_node_t *member = json_first (in->tree, node); member;
         member = json_next (in->tree, member)) {
        size_t i = 0;
        while (known[i] && !json_key_is (in->tree, member, known[i]))
            i++;
        if (known[i] || json_is (member, JSON_NULL))
            continue;
        br_text_t key = json_key (in->tree, member, in->arena);
        br_call_add_extra (
            call, br_arena_textf (in->arena, "%s.%.*s", parent, (int) key.size, key.at));
    }
}

static int
s_read_output_config (const messages_in_t *in, const json_node_t *node, br_call_t *call)
{
    static const char *const known[] = { "effort", "format", NULL };
    if (!json_is (node, JSON_OBJECT))
        return messages_wrong (in, node, "an object");
    const json_node_t *effort = json_given (in->tree, node, "effort");
    const json_node_t *format = json_given (in->tree, node, "format");
    if ((effort && s_read_effort (in, effort, call))
        || (format && s_read_format (in, format, call)))
        return -1;
    s_note_extras (in, node, "output_config", known, call);
    return 0;
}

//  ---- the rest

static int
s_read_metadata (const messages_in_t *in, const json_node_t *node, br_call_t *call)
{
    static const char *const known[] = { "user_id", NULL };
    if (!json_is (node, JSON_OBJECT))
        return messages_wrong (in, node, "an object");
    int rc = messages_may (in, node, "user_id", &call->user);
    s_note_extras (in, node, "metadata", known, call);
    return rc;
}

//  standard_only is what others call default.
static int
s_read_tier (const messages_in_t *in, const json_node_t *node, br_call_t *call)
{
    int rc = messages_text (in, node, &call->service_tier);
    if (rc == 0 && br_text_is (call->service_tier, "standard_only"))
        call->service_tier = BR_TEXT ("default");
    return rc;
}

//  src: Anthropic's reference of POST /v1/messages, 2026-08; output_format is the older
//  spelling of output_config.format.
static const member_row_t s_members[] = {
    { "model", s_read_model, 0 },
    { "max_tokens", s_read_max_tokens, 0 },
    { "stream", s_read_stream, 0 },
    { "system", s_read_system, 0 },
    { "messages", s_read_messages, 0 },
    { "stop_sequences", s_read_stop, 0 },
    { "temperature", NULL, offsetof (br_call_t, temperature) },
    { "top_p", NULL, offsetof (br_call_t, top_p) },
    { "top_k", NULL, offsetof (br_call_t, top_k) },
    { "thinking", s_read_thinking, 0 },
    { "output_format", s_read_format, 0 },
    { "output_config", s_read_output_config, 0 },
    { "tools", messages_read_tools, 0 },
    { "tool_choice", messages_read_choice, 0 },
    { "metadata", s_read_metadata, 0 },
    { "service_tier", s_read_tier, 0 },
};

#define MEMBERS (sizeof s_members / sizeof s_members[0])

static int
s_read_member (const messages_in_t *in, const member_row_t *row, const json_node_t *node,
               br_call_t *call)
{
    if (row->read)
        return row->read (in, node, call);
    return messages_number (in, node, (br_number_t *) ((char *) call + row->number));
}

static void
s_read_extras (const messages_in_t *in, const json_node_t *root, br_call_t *call)
{
    for (const json_node_t *member = json_first (in->tree, root); member;
         member = json_next (in->tree, member)) {
        size_t i = 0;
        while (i < MEMBERS && !json_key_is (in->tree, member, s_members[i].key))
            i++;
        if (i == MEMBERS && !json_is (member, JSON_NULL))
            br_call_add_extra (call, json_key (in->tree, member, in->arena));
    }
}

int
messages_read_call (br_call_t *call, const json_tree_t *tree, const json_node_t *root,
                    br_error_t *reterr)
{
    const messages_in_t in = { tree, call->arena, BR_EINVALID, reterr };
    if (!json_is (root, JSON_OBJECT))
        return messages_wrong (&in, root, "an object");
    for (size_t i = 0; i < MEMBERS; i++) {
        const json_node_t *node = json_given (tree, root, s_members[i].key);
        int rc = node ? s_read_member (&in, &s_members[i], node, call) : 0;
        if (rc)
            return rc;
    }
    if (!call->model.at)
        return messages_missing (&in, root, "model");
    if (!call->turns)
        return messages_missing (&in, root, "messages");
    if (!call->max_output.raw.at && !call->count_only)
        return messages_missing (&in, root, "max_tokens");
    s_read_extras (&in, root, call);
    return 0;
}
