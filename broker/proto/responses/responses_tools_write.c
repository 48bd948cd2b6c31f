//  responses_tools_write: writes the tools of a request, and which of them is to be
//  called.

#include "broker/proto/field.h"
#include "broker/proto/responses/responses_parts.h"

static br_text_t
s_wire_name (responses_write_t *self, br_text_t name)
{
    return br_tool_name (name, BR_PROTOCOL_RESPONSES, self->arena);
}

//  Left out, strict means yes here and no elsewhere. So it is said, unless the client
//  meant what this protocol means.
static void
s_write_strict (responses_write_t *self, const br_tool_t *tool)
{
    bool own = self->call->protocol == BR_PROTOCOL_RESPONSES;
    if (own && tool->strict == BR_UNSET)
        return;
    bool strict = tool->strict == BR_YES && responses_schema_is_strict (tool->schema);
    json_put_bool (&self->w, "strict", strict);
    if (tool->strict == BR_YES && !strict)
        responses_lose (self,
                        br_arena_textf (self->arena, "%.*s.strict", (int) tool->path.size,
                                        tool->path.at ? tool->path.at : "tools"),
                        true);
}

static void
s_write_function (responses_write_t *self, const br_tool_t *tool)
{
    json_open (&self->w, NULL, '{');
    json_put_string (&self->w, "type", "function");
    json_put (&self->w, "name", s_wire_name (self, tool->name));
    json_put_given (&self->w, "description", tool->description);
    json_put_raw (&self->w, "parameters", br_tool_schema (tool->schema, self->arena));
    s_write_strict (self, tool);
    json_close (&self->w, '}');
}

static void
s_write_custom (responses_write_t *self, const br_tool_t *tool)
{
    json_open (&self->w, NULL, '{');
    json_put_string (&self->w, "type", "custom");
    json_put (&self->w, "name", s_wire_name (self, tool->name));
    json_put_given (&self->w, "description", tool->description);
    json_put_raw_given (&self->w, "format", tool->format);
    json_close (&self->w, '}');
}

static bool
s_is_carried (const br_tool_t *tool)
{
    return tool->kind != BR_TOOL_HOSTED || tool->family == BR_FAMILY_OPENAI;
}

static br_sent_t
s_sent (const void *writer, const br_tool_t *tool)
{
    (void) writer;
    return s_is_carried (tool) ? BR_SENT : BR_SENT_NOT;
}

static void
s_write_tool (responses_write_t *self, const br_tool_t *tool)
{
    if (tool->cache.at)
        responses_lose (self, BR_TEXT ("cache_control"), false);
    if (!s_is_carried (tool))
        responses_lose (self, tool->path.size ? tool->path : tool->name, false);
    else if (tool->kind == BR_TOOL_HOSTED)
        json_put_raw (&self->w, NULL, tool->raw);
    else if (tool->kind == BR_TOOL_CUSTOM)
        s_write_custom (self, tool);
    else
        s_write_function (self, tool);
}

//  ---- tool_choice

static void
s_write_choice_of (responses_write_t *self, const char *key, br_text_t name)
{
    const br_tool_t *tool = br_call_chosen (self->call, name);
    json_open (&self->w, key, '{');
    if (tool && tool->kind == BR_TOOL_HOSTED) {
        json_put (&self->w, "type", name);
    } else {
        bool custom = tool && tool->kind == BR_TOOL_CUSTOM;
        json_put_string (&self->w, "type", custom ? "custom" : "function");
        json_put (&self->w, "name", s_wire_name (self, name));
    }
    json_close (&self->w, '}');
}

static bool
s_is_name_carried (const responses_write_t *self, br_text_t name)
{
    const br_tool_t *tool = br_call_chosen (self->call, name);
    return tool && s_is_carried (tool);
}

//  Where none of the allowed ones is carried, none may be called.
static void
s_write_allowed (responses_write_t *self)
{
    const br_call_t *call = self->call;
    size_t first = 0;
    while (first < call->choice_names.size
           && !s_is_name_carried (self, call->choice_names.at[first]))
        first++;
    if (first == call->choice_names.size) {
        json_put_string (&self->w, "tool_choice", "none");
        return;
    }
    json_open (&self->w, "tool_choice", '{');
    json_put_string (&self->w, "type", "allowed_tools");
    json_put_string (&self->w, "mode",
                     call->choice == BR_CHOICE_ALLOWED ? "auto" : "required");
    json_open (&self->w, "tools", '[');
    for (size_t i = first; i < call->choice_names.size; i++)
        if (s_is_name_carried (self, call->choice_names.at[i]))
            s_write_choice_of (self, NULL, call->choice_names.at[i]);
    json_close (&self->w, ']');
    json_close (&self->w, '}');
}

//  A choice that is not left to the model, where it may not be forced while it thinks.
static bool
s_is_too_hard (const responses_write_t *self)
{
    const br_call_t *call = self->call;
    bool forced = call->choice == BR_CHOICE_REQUIRED || call->choice == BR_CHOICE_NAMED
                  || call->choice == BR_CHOICE_ALLOWED_REQUIRED;
    bool thinks = call->effort > BR_EFFORT_NONE || call->reasoning == BR_YES
                  || (call->budget.raw.at && call->budget.value != 0);
    return forced && thinks && self->target->dialect->no_forced_choice;
}

static void
s_write_choice (responses_write_t *self)
{
    static const char *const words[] = {
        [BR_CHOICE_AUTO] = "auto",
        [BR_CHOICE_NONE] = "none",
        [BR_CHOICE_REQUIRED] = "required",
    };
    const br_call_t *call = self->call;
    if (s_is_too_hard (self)) {
        json_put_string (&self->w, "tool_choice", "auto");
        responses_lose (self, BR_TEXT ("tool_choice"), true);
        return;
    }
    switch (call->choice) {
    case BR_CHOICE_UNSET: return;
    case BR_CHOICE_AUTO:
    case BR_CHOICE_NONE:
    case BR_CHOICE_REQUIRED:
        json_put_string (&self->w, "tool_choice", words[call->choice]);
        return;
    case BR_CHOICE_NAMED:
        if (call->choice_names.size)
            s_write_choice_of (self, "tool_choice", call->choice_names.at[0]);
        return;
    case BR_CHOICE_ALLOWED:
    case BR_CHOICE_ALLOWED_REQUIRED: s_write_allowed (self); return;
    }
}

int
responses_write_tools (responses_write_t *self)
{
    const br_call_t *call = self->call;
    const char *why = br_call_why_not_forced (call, s_sent, self);
    if (why)
        return responses_cannot (
            self, br_text (br_field_name (BR_FIELD_CHOICE, call->protocol)), why);
    bool any = false;
    for (const br_tool_t *tool = call->tools; tool; tool = tool->next)
        any = any || s_is_carried (tool);
    if (any)
        json_open (&self->w, "tools", '[');
    for (const br_tool_t *tool = call->tools; tool; tool = tool->next)
        s_write_tool (self, tool);
    if (any)
        json_close (&self->w, ']');
    if (!any)
        return 0;
    s_write_choice (self);
    if (call->parallel != BR_UNSET)
        json_put_bool (&self->w, "parallel_tool_calls", call->parallel == BR_YES);
    return 0;
}
