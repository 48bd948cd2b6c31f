//  responses_tools: reads the tools of a request, and which of them is to be called.

#include "broker/proto/responses/responses_parts.h"

static int
s_read_function (responses_read_t *self, const json_node_t *node, br_tool_t *tool)
{
    const json_node_t *strict = json_given (self->tree, node, "strict");
    const json_node_t *schema = json_given (self->tree, node, "parameters");
    if (responses_need_text (self, node, "name", &tool->name)
        || responses_read_text (self, node, "description", &tool->description))
        return -1;
    if (strict && !json_is (strict, JSON_BOOL))
        return responses_refuse (self, strict, "true or false");
    if (schema && !json_is (schema, JSON_OBJECT))
        return responses_refuse (self, schema, "an object");
    if (strict)
        tool->strict = json_node_bool (self->tree, strict, false) ? BR_YES : BR_NO;
    tool->schema = json_raw (self->tree, schema);
    if (!schema)
        tool->schema = BR_TEXT_NONE;
    static const char *const lost[] = { "defer_loading", "output_schema" };
    for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++)
        if (json_given (self->tree, node, lost[i]))
            br_call_add_extra (self->call, br_arena_textf (self->call->arena, "%.*s.%s",
                                                           (int) tool->path.size,
                                                           tool->path.at, lost[i]));
    return 0;
}

static int
s_read_custom (responses_read_t *self, const json_node_t *node, br_tool_t *tool)
{
    const json_node_t *format = json_given (self->tree, node, "format");
    if (format && !json_is (format, JSON_OBJECT))
        return responses_refuse (self, format, "an object");
    if (format)
        tool->format = json_raw (self->tree, format);
    return responses_need_text (self, node, "name", &tool->name)
                   || responses_read_text (self, node, "description", &tool->description)
               ? -1
               : 0;
}

static int
s_read_tool (responses_read_t *self, const json_node_t *node, unsigned index)
{
    if (!json_is (node, JSON_OBJECT))
        return responses_refuse (self, node, "an object");
    br_text_t type = BR_TEXT_NONE;
    if (responses_need_text (self, node, "type", &type))
        return -1;
    bool function = br_text_is (type, "function");
    bool custom = br_text_is (type, "custom");
    br_tool_t *tool = br_call_add_tool (self->call, function ? BR_TOOL_FUNCTION
                                                    : custom ? BR_TOOL_CUSTOM
                                                             : BR_TOOL_HOSTED);
    tool->path = br_arena_textf (self->call->arena, "tools[%u]", index);
    if (function)
        return s_read_function (self, node, tool);
    if (custom)
        return s_read_custom (self, node, tool);
    tool->name = type;
    tool->raw = json_raw (self->tree, node);
    tool->family = BR_FAMILY_OPENAI;
    return 0;
}

int
responses_read_tools (responses_read_t *self, const json_node_t *tools)
{
    if (!json_is (tools, JSON_ARRAY))
        return responses_refuse (self, tools, "an array");
    unsigned index = 0;
    for (const json_node_t *node = json_first (self->tree, tools); node;
         node = json_next (self->tree, node))
        if (s_read_tool (self, node, index++))
            return -1;
    return 0;
}

//  ---- tool_choice

//  The name that a choice or a row of allowed tools gives; a hosted tool's is its type.
static int
s_read_name (responses_read_t *self, const json_node_t *node, br_text_t *ret_name)
{
    br_text_t type = BR_TEXT_NONE;
    if (!json_is (node, JSON_OBJECT))
        return responses_refuse (self, node, "an object");
    if (responses_need_text (self, node, "type", &type))
        return -1;
    if (br_text_is (type, "function") || br_text_is (type, "custom"))
        return responses_need_text (self, node, "name", ret_name);
    *ret_name = type;
    return 0;
}

static int
s_read_allowed (responses_read_t *self, const json_node_t *choice)
{
    br_call_t *call = self->call;
    const json_node_t *tools = json_given (self->tree, choice, "tools");
    if (!json_is (tools, JSON_ARRAY))
        return responses_refuse (self, tools ? tools : choice,
                                 "an object with an array of tools");
    call->choice = json_node_is (self->tree, json_get (self->tree, choice, "mode"),
                                 "required")
                       ? BR_CHOICE_ALLOWED_REQUIRED
                       : BR_CHOICE_ALLOWED;
    br_text_t *names = br_arena_take (call->arena, (tools->count + 1) * sizeof *names);
    size_t size = 0;
    for (const json_node_t *node = json_first (self->tree, tools); node;
         node = json_next (self->tree, node))
        if (s_read_name (self, node, &names[size++]))
            return -1;
    call->choice_names = (br_texts_t) { names, size };
    return 0;
}

static int
s_read_word (responses_read_t *self, const json_node_t *choice)
{
    static const struct {
        const char *word;
        br_choice_t choice;
    } words[] = {
        { "auto", BR_CHOICE_AUTO },
        { "none", BR_CHOICE_NONE },
        { "required", BR_CHOICE_REQUIRED },
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (json_node_is (self->tree, choice, words[i].word)) {
            self->call->choice = words[i].choice;
            return 0;
        }
    return responses_refuse (self, choice, "none, auto, required or an object");
}

int
responses_read_choice (responses_read_t *self, const json_node_t *choice)
{
    if (!json_is (choice, JSON_OBJECT))
        return s_read_word (self, choice);
    if (json_node_is (self->tree, json_get (self->tree, choice, "type"), "allowed_tools"))
        return s_read_allowed (self, choice);
    br_text_t *name = BR_ARENA_NEW (self->call->arena, br_text_t);
    if (s_read_name (self, choice, name))
        return -1;
    self->call->choice = BR_CHOICE_NAMED;
    self->call->choice_names = (br_texts_t) { name, 1 };
    return 0;
}
