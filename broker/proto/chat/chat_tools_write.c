//  chat_tools_write: the tools of a request, and which of them may be called.

#include "broker/proto/chat/chat_parts.h"

#define ONE_INPUT                                                                        \
    "{\"type\":\"object\",\"properties\":{\"input\":{\"type\":\"string\"}},"             \
    "\"required\":[\"input\"],\"additionalProperties\":false}"

static br_text_t
s_name (const chat_write_t *self, br_text_t name)
{
    return br_tool_name (name, BR_PROTOCOL_CHAT, self->call->arena);
}

//  The models that know custom tools and lists of allowed ones are those that know the
//  role of the developer.
static bool
s_is_native (const chat_write_t *self, const br_tool_t *tool)
{
    return tool->kind == BR_TOOL_CUSTOM && self->target->dialect->developer;
}

static bool
s_is_subset (const chat_write_t *self)
{
    br_choice_t choice = self->call->choice;
    return (choice == BR_CHOICE_ALLOWED || choice == BR_CHOICE_ALLOWED_REQUIRED)
           && !self->target->dialect->developer;
}

static bool
s_is_named (const br_call_t *call, br_text_t name)
{
    for (size_t i = 0; i < call->choice_names.size; i++)
        if (br_text_equal (call->choice_names.at[i], name))
            return true;
    return false;
}

static bool
s_is_sent (const chat_write_t *self, const br_tool_t *tool)
{
    return tool->kind != BR_TOOL_HOSTED
           && (!s_is_subset (self) || s_is_named (self->call, tool->name));
}

static br_sent_t
s_sent (const void *writer, const br_tool_t *tool)
{
    return s_is_sent (writer, tool) ? BR_SENT : BR_SENT_NOT;
}

//  A freeform tool becomes a function with one text where the model has only functions.
static void
s_write_tool (chat_write_t *self, const br_tool_t *tool)
{
    json_writer_t *out = &self->out;
    bool native = s_is_native (self, tool);
    json_open (out, NULL, '{');
    json_put_string (out, "type", native ? "custom" : "function");
    json_open (out, native ? "custom" : "function", '{');
    json_put (out, "name", s_name (self, tool->name));
    json_put_given (out, "description", tool->description);
    if (native)
        json_put_raw_given (out, "format", tool->format);
    else if (tool->kind == BR_TOOL_CUSTOM)
        json_put_raw (out, "parameters", BR_TEXT (ONE_INPUT));
    else
        json_put_raw (out, "parameters",
                      br_tool_schema (tool->schema, self->call->arena));
    if (tool->kind == BR_TOOL_FUNCTION && tool->strict != BR_UNSET)
        json_put_bool (out, "strict", tool->strict == BR_YES);
    json_close (out, '}');
    if (tool->cache.at && self->target->dialect->cache_points)
        chat_lose_field (self, BR_FIELD_CACHE, false);
    else
        chat_write_cache (self, tool->cache);
    json_close (out, '}');
    if (tool->kind == BR_TOOL_CUSTOM && !native)
        chat_lose (self, tool->path, true);
}

static void
s_write_named (chat_write_t *self, const char *key, br_text_t name)
{
    const br_tool_t *tool = br_call_chosen (self->call, name);
    bool native = tool && s_is_native (self, tool);
    json_open (&self->out, key, '{');
    json_put_string (&self->out, "type", native ? "custom" : "function");
    json_open (&self->out, native ? "custom" : "function", '{');
    json_put (&self->out, "name", s_name (self, name));
    json_close (&self->out, '}');
    json_close (&self->out, '}');
}

static bool
s_is_name_sent (const chat_write_t *self, br_text_t name)
{
    const br_tool_t *tool = br_call_chosen (self->call, name);
    return tool && s_is_sent (self, tool);
}

//  Where none of the allowed ones is sent, none may be called.
static void
s_write_allowed (chat_write_t *self, bool required)
{
    const br_texts_t *names = &self->call->choice_names;
    size_t first = 0;
    while (first < names->size && !s_is_name_sent (self, names->at[first]))
        first++;
    if (first == names->size) {
        json_put_string (&self->out, "tool_choice", "none");
        return;
    }
    json_open (&self->out, "tool_choice", '{');
    json_put_string (&self->out, "type", "allowed_tools");
    json_open (&self->out, "allowed_tools", '{');
    json_put_string (&self->out, "mode", required ? "required" : "auto");
    json_open (&self->out, "tools", '[');
    for (size_t i = first; i < names->size; i++)
        if (s_is_name_sent (self, names->at[i]))
            s_write_named (self, NULL, names->at[i]);
    json_close (&self->out, ']');
    json_close (&self->out, '}');
    json_close (&self->out, '}');
}

//  Some models refuse to be forced while they think (P-18).
static br_choice_t
s_choice (chat_write_t *self)
{
    br_choice_t choice = self->call->choice;
    bool forced = choice == BR_CHOICE_REQUIRED || choice == BR_CHOICE_NAMED
                  || choice == BR_CHOICE_ALLOWED_REQUIRED;
    if (forced && self->thinks && self->target->dialect->no_forced_choice) {
        chat_lose_field (self, BR_FIELD_CHOICE, true);
        return choice == BR_CHOICE_ALLOWED_REQUIRED ? BR_CHOICE_ALLOWED : BR_CHOICE_AUTO;
    }
    return choice;
}

static void
s_write_choice (chat_write_t *self)
{
    const br_dialect_t *dialect = self->target->dialect;
    const char *required = dialect->choice_any ? "any" : "required";
    switch (s_choice (self)) {
    case BR_CHOICE_UNSET: return;
    case BR_CHOICE_AUTO: json_put_string (&self->out, "tool_choice", "auto"); return;
    case BR_CHOICE_NONE: json_put_string (&self->out, "tool_choice", "none"); return;
    case BR_CHOICE_REQUIRED:
        json_put_string (&self->out, "tool_choice", required);
        return;
    case BR_CHOICE_NAMED:
        s_write_named (self, "tool_choice", self->call->choice_names.at[0]);
        return;
    case BR_CHOICE_ALLOWED:
        if (dialect->developer)
            s_write_allowed (self, false);
        return;
    case BR_CHOICE_ALLOWED_REQUIRED:
        if (dialect->developer)
            s_write_allowed (self, true);
        else
            json_put_string (&self->out, "tool_choice", required);
        return;
    }
}

//  The model must not be forced to a tool that it does not get.
static int
s_check_choice (const chat_write_t *self)
{
    const br_call_t *call = self->call;
    const char *why = br_call_why_not_forced (call, s_sent, self);
    if (!why)
        return 0;
    return chat_refuse_write (
        self, br_text (br_field_name (BR_FIELD_CHOICE, call->protocol)), why);
}

static void
s_write_parallel (chat_write_t *self)
{
    br_tri_t parallel = self->call->parallel;
    if (parallel == BR_NO || (parallel == BR_YES && self->lenient))
        json_put_bool (&self->out, "parallel_tool_calls", parallel == BR_YES);
}

int
chat_write_tools (chat_write_t *self)
{
    size_t sent = 0;
    for (const br_tool_t *tool = self->call->tools; tool; tool = tool->next) {
        if (tool->kind == BR_TOOL_HOSTED)
            chat_lose (self, tool->path.size ? tool->path : BR_TEXT ("tools"), false);
        sent += s_is_sent (self, tool);
    }
    int rc = s_check_choice (self);
    if (rc || sent == 0)
        return rc;
    json_open (&self->out, "tools", '[');
    for (const br_tool_t *tool = self->call->tools; tool; tool = tool->next)
        if (s_is_sent (self, tool))
            s_write_tool (self, tool);
    json_close (&self->out, ']');
    if (s_is_subset (self))
        chat_lose_field (self, BR_FIELD_CHOICE, true);
    s_write_choice (self);
    s_write_parallel (self);
    return 0;
}
