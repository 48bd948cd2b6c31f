//  chat_call_tools: the tools of a request, and which of them may be called; with the
//  functions that there were before tools.

#include "broker/proto/chat/chat_parts.h"

static int
s_read_function (const chat_read_t *self, const json_node_t *object, br_tool_t *tool)
{
    const json_node_t *schema = NULL;
    const json_node_t *strict = NULL;
    int rc = chat_need_text (self, object, "name", &tool->name);
    if (rc == 0)
        rc = chat_may_text (self, object, "description", &tool->description);
    if (rc == 0)
        rc = chat_may (self, object, "parameters", JSON_OBJECT, &schema);
    if (rc == 0)
        rc = chat_may (self, object, "strict", JSON_BOOL, &strict);
    if (rc)
        return -1;
    if (schema)
        tool->schema = json_raw (self->tree, schema);
    if (strict)
        tool->strict = json_node_bool (self->tree, strict, false) ? BR_YES : BR_NO;
    return 0;
}

static int
s_read_custom (const chat_read_t *self, const json_node_t *object, br_tool_t *tool)
{
    const json_node_t *format = NULL;
    int rc = chat_need_text (self, object, "name", &tool->name);
    if (rc == 0)
        rc = chat_may_text (self, object, "description", &tool->description);
    if (rc == 0)
        rc = chat_may (self, object, "format", JSON_OBJECT, &format);
    if (rc == 0 && format)
        tool->format = json_raw (self->tree, format);
    return rc;
}

static br_tool_t *
s_add (const chat_read_t *self, br_tool_kind_t kind, const char *list, unsigned number)
{
    br_tool_t *tool = br_call_add_tool (self->call, kind);
    tool->path = br_arena_textf (self->call->arena, "%s[%u]", list, number);
    return tool;
}

//  Providers have tools of their own under other types: nobody else knows them.
static int
s_read_tool (const chat_read_t *self, const json_node_t *item, unsigned number)
{
    const json_node_t *type = NULL;
    const json_node_t *inner = NULL;
    int rc = chat_want (self, item, JSON_OBJECT);
    if (rc == 0)
        rc = chat_may (self, item, "type", JSON_STRING, &type);
    if (rc)
        return -1;
    bool is_custom = json_node_is (self->tree, type, "custom");
    bool is_function = !type || json_node_is (self->tree, type, "function");
    if (!is_custom && !is_function) {
        br_tool_t *tool = s_add (self, BR_TOOL_HOSTED, "tools", number);
        tool->name = chat_text (self, type);
        tool->raw = json_raw (self->tree, item);
        return 0;
    }
    rc = chat_need (self, item, is_custom ? "custom" : "function", JSON_OBJECT, &inner);
    if (rc)
        return -1;
    br_tool_t *tool = s_add (self, is_custom ? BR_TOOL_CUSTOM : BR_TOOL_FUNCTION, "tools",
                             number);
    tool->cache = chat_cache_mark (self, item);
    return is_custom ? s_read_custom (self, inner, tool)
                     : s_read_function (self, inner, tool);
}

int
chat_read_tools (const chat_read_t *self, const json_node_t *list)
{
    int rc = 0;
    unsigned i = 0;
    for (const json_node_t *item = json_first (self->tree, list); item && rc == 0;
         item = json_next (self->tree, item))
        rc = s_read_tool (self, item, i++);
    return rc;
}

int
chat_read_functions (const chat_read_t *self, const json_node_t *list)
{
    int rc = 0;
    unsigned i = 0;
    for (const json_node_t *item = json_first (self->tree, list); item && rc == 0;
         item = json_next (self->tree, item)) {
        rc = chat_want (self, item, JSON_OBJECT);
        if (rc == 0)
            rc = s_read_function (self, item,
                                  s_add (self, BR_TOOL_FUNCTION, "functions", i++));
    }
    self->call->legacy_functions = list->count > 0;
    return rc;
}

//  ---- choice

static const struct {
    const char *word;
    br_choice_t choice;
} s_words[] = {
    { "auto", BR_CHOICE_AUTO },
    { "none", BR_CHOICE_NONE },
    { "required", BR_CHOICE_REQUIRED },
    { "any", BR_CHOICE_REQUIRED }, //  Mistral's word
};

static int
s_read_word (const chat_read_t *self, const json_node_t *node)
{
    for (size_t i = 0; i < sizeof s_words / sizeof s_words[0]; i++)
        if (json_node_is (self->tree, node, s_words[i].word)) {
            self->call->choice = s_words[i].choice;
            return 0;
        }
    return chat_refuse (self, node, "must be \"auto\", \"none\" or \"required\"");
}

static void
s_set_name (const chat_read_t *self, br_text_t name)
{
    br_text_t *names = br_arena_take (self->call->arena, sizeof *names);
    names[0] = name;
    self->call->choice = BR_CHOICE_NAMED;
    self->call->choice_names = (br_texts_t) { names, 1 };
}

//  The name in {"type":"function","function":{"name":…}}, or custom likewise.
static int
s_read_name (const chat_read_t *self, const json_node_t *item, br_text_t *ret_name)
{
    const json_node_t *inner;
    int rc = chat_want (self, item, JSON_OBJECT);
    if (rc)
        return -1;
    const json_node_t *type = json_given (self->tree, item, "type");
    bool is_custom = json_node_is (self->tree, type, "custom");
    if (type && !is_custom && !json_node_is (self->tree, type, "function")) {
        *ret_name = chat_text (self, type);
        return ret_name->at ? 0 : chat_want (self, type, JSON_STRING);
    }
    rc = chat_need (self, item, is_custom ? "custom" : "function", JSON_OBJECT, &inner);
    return rc ? -1 : chat_need_text (self, inner, "name", ret_name);
}

static int
s_read_allowed (const chat_read_t *self, const json_node_t *choice)
{
    const json_node_t *allowed;
    const json_node_t *list;
    int rc = chat_need (self, choice, "allowed_tools", JSON_OBJECT, &allowed);
    if (rc == 0)
        rc = chat_need (self, allowed, "tools", JSON_ARRAY, &list);
    if (rc)
        return -1;
    br_text_t *names = br_arena_take (self->call->arena,
                                      (list->count + 1) * sizeof *names);
    size_t count = 0;
    for (const json_node_t *item = json_first (self->tree, list); item && rc == 0;
         item = json_next (self->tree, item))
        rc = s_read_name (self, item, &names[count++]);
    const json_node_t *mode = json_given (self->tree, allowed, "mode");
    self->call->choice = json_node_is (self->tree, mode, "required")
                             ? BR_CHOICE_ALLOWED_REQUIRED
                             : BR_CHOICE_ALLOWED;
    self->call->choice_names = (br_texts_t) { names, count };
    return rc;
}

int
chat_read_choice (const chat_read_t *self, const json_node_t *choice)
{
    if (json_is (choice, JSON_STRING))
        return s_read_word (self, choice);
    if (!json_is (choice, JSON_OBJECT))
        return chat_refuse (self, choice, "must be a string or an object, not %s",
                            json_type_name (choice->type));
    const json_node_t *type = json_given (self->tree, choice, "type");
    if (json_node_is (self->tree, type, "allowed_tools"))
        return s_read_allowed (self, choice);
    br_text_t name = BR_TEXT_NONE;
    int rc = s_read_name (self, choice, &name);
    if (rc == 0)
        s_set_name (self, name);
    return rc;
}

int
chat_read_function_call (const chat_read_t *self, const json_node_t *choice)
{
    if (json_is (choice, JSON_STRING))
        return s_read_word (self, choice);
    br_text_t name = BR_TEXT_NONE;
    int rc = chat_want (self, choice, JSON_OBJECT);
    if (rc == 0)
        rc = chat_need_text (self, choice, "name", &name);
    if (rc == 0)
        s_set_name (self, name);
    return rc;
}
