//  messages_tool: reads tools and the choice between them.

#include "broker/proto/messages/messages_parts.h"

//  Members of a tool that have a place in the canonical form.
static const char *const s_known[] = {
    "type", "name", "description", "input_schema", "strict", "cache_control", NULL
};

static void
s_note_extras (const messages_in_t *in, const json_node_t *node, br_call_t *call,
               const br_tool_t *tool)
{
    for (const json_node_t *member = json_first (in->tree, node); member;
         member = json_next (in->tree, member)) {
        size_t i = 0;
        while (s_known[i] && !json_key_is (in->tree, member, s_known[i]))
            i++;
        if (s_known[i] || json_is (member, JSON_NULL))
            continue;
        br_text_t key = json_key (in->tree, member, in->arena);
        br_call_add_extra (call,
                           br_arena_textf (in->arena, "%.*s.%.*s", (int) tool->path.size,
                                           tool->path.at, (int) key.size, key.at));
    }
}

static int
s_read_function (const messages_in_t *in, const json_node_t *node, br_call_t *call,
                 br_text_t path)
{
    br_tool_t *tool = br_call_add_tool (call, BR_TOOL_FUNCTION);
    tool->path = path;
    if (messages_must (in, node, "name", &tool->name)
        || messages_may (in, node, "description", &tool->description)
        || messages_cache (in, node, &tool->cache))
        return -1;
    const json_node_t *strict = json_given (in->tree, node, "strict");
    bool yes = false;
    if (strict && messages_bool (in, strict, &yes))
        return -1;
    if (strict)
        tool->strict = yes ? BR_YES : BR_NO;
    const json_node_t *schema = json_given (in->tree, node, "input_schema");
    if (!schema)
        return messages_missing (in, node, "input_schema");
    if (!json_is (schema, JSON_OBJECT))
        return messages_wrong (in, schema, "an object");
    tool->schema = json_raw (in->tree, schema);
    s_note_extras (in, node, call, tool);
    return 0;
}

static int
s_read_tool (const messages_in_t *in, const json_node_t *node, br_call_t *call,
             br_text_t path)
{
    if (!json_is (node, JSON_OBJECT))
        return messages_wrong (in, node, "an object");
    br_text_t type = BR_TEXT ("custom");
    int rc = messages_may (in, node, "type", &type);
    if (rc)
        return rc;
    if (br_text_is (type, "custom"))
        return s_read_function (in, node, call, path);
    br_tool_t *tool = br_call_add_tool (call, BR_TOOL_HOSTED);
    tool->path = path;
    tool->name = type;
    tool->family = BR_FAMILY_ANTHROPIC;
    tool->raw = json_raw (in->tree, node);
    rc = messages_may (in, node, "name", &tool->name);
    return rc ? rc : messages_cache (in, node, &tool->cache);
}

int
messages_read_tools (const messages_in_t *in, const json_node_t *node, br_call_t *call)
{
    if (!json_is (node, JSON_ARRAY))
        return messages_wrong (in, node, "an array");
    unsigned i = 0;
    for (const json_node_t *item = json_first (in->tree, node); item;
         item = json_next (in->tree, item), i++) {
        int rc = s_read_tool (in, item, call, br_arena_textf (in->arena, "tools[%u]", i));
        if (rc)
            return rc;
    }
    return 0;
}

typedef struct {
    const char *word;
    br_choice_t choice;
} choice_row_t;

static const choice_row_t s_choices[] = {
    { "auto", BR_CHOICE_AUTO },
    { "any", BR_CHOICE_REQUIRED },
    { "tool", BR_CHOICE_NAMED },
    { "none", BR_CHOICE_NONE },
};

static int
s_read_name (const messages_in_t *in, const json_node_t *node, br_call_t *call)
{
    br_text_t *name = BR_ARENA_NEW (in->arena, br_text_t);
    int rc = messages_must (in, node, "name", name);
    if (rc)
        return rc;
    call->choice_names = (br_texts_t) { name, 1 };
    return 0;
}

int
messages_read_choice (const messages_in_t *in, const json_node_t *node, br_call_t *call)
{
    br_text_t type = BR_TEXT_NONE;
    if (!json_is (node, JSON_OBJECT))
        return messages_wrong (in, node, "an object");
    int rc = messages_must (in, node, "type", &type);
    if (rc)
        return rc;
    for (size_t i = 0; i < sizeof s_choices / sizeof s_choices[0]; i++)
        if (br_text_is (type, s_choices[i].word))
            call->choice = s_choices[i].choice;
    if (call->choice == BR_CHOICE_UNSET)
        return messages_wrong (in, json_get (in->tree, node, "type"),
                               "auto, any, tool or none");
    if (call->choice == BR_CHOICE_NAMED && s_read_name (in, node, call))
        return -1;
    const json_node_t *one = json_given (in->tree, node, "disable_parallel_tool_use");
    bool yes = false;
    if (one && messages_bool (in, one, &yes))
        return -1;
    if (one)
        call->parallel = yes ? BR_NO : BR_YES;
    return 0;
}
