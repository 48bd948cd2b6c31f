//  messages_tool_write: writes tools and the choice between them.

#include "broker/proto/messages/messages_parts.h"

bool
messages_unwraps (const br_call_t *call, const br_target_t *target)
{
    return call->format == BR_FORMAT_SCHEMA && !target->dialect->structured;
}

//  The client may have a tool of that name, which is not this one.
const char *
messages_answer_tool (const br_call_t *call)
{
    static const char *const names[] = { MESSAGES_ANSWER_TOOL, "structured_answer",
                                         "final_json_answer", "bitrouter_json_answer" };
    size_t last = sizeof names / sizeof names[0] - 1;
    for (size_t i = 0; i < last; i++)
        if (!br_call_tool (call, BR_PROTOCOL_MESSAGES, br_text (names[i])))
            return names[i];
    return names[last];
}

//  ---- tools

static bool
s_is_allowed (const br_call_t *call, const br_tool_t *tool)
{
    if (call->choice != BR_CHOICE_ALLOWED && call->choice != BR_CHOICE_ALLOWED_REQUIRED)
        return true;
    for (size_t i = 0; i < call->choice_names.size; i++)
        if (br_text_equal (call->choice_names.at[i], tool->name))
            return true;
    return false;
}

//  Hosted tools run at one provider alone.
static bool
s_is_sent (const messages_out_t *self, const br_tool_t *tool)
{
    if (!s_is_allowed (self->call, tool))
        return false;
    return tool->kind != BR_TOOL_HOSTED
           || (tool->family == BR_FAMILY_ANTHROPIC
               && self->target->dialect->family == BR_FAMILY_ANTHROPIC);
}

static br_sent_t
s_sent (const void *writer, const br_tool_t *tool)
{
    return s_is_sent (writer, tool) ? BR_SENT : BR_SENT_NOT;
}

static void
s_put_name (messages_out_t *self, const br_tool_t *tool)
{
    json_put (&self->json, "name",
              br_tool_name (tool->name, BR_PROTOCOL_MESSAGES, self->arena));
    json_put_given (&self->json, "description", tool->description);
}

static void
s_put_function (messages_out_t *self, const br_tool_t *tool)
{
    json_open (&self->json, NULL, '{');
    s_put_name (self, tool);
    bool changed = messages_put_input_schema (&self->json, "input_schema", tool->schema,
                                              self->tree);
    if (tool->strict == BR_YES && self->target->dialect->structured && !changed)
        json_put_bool (&self->json, "strict", true);
    else if (tool->strict == BR_YES)
        messages_lose_at (self,
                          br_arena_textf (self->arena, "%.*s.strict",
                                          (int) tool->path.size, tool->path.at),
                          "strict", false);
    messages_put_cache (self, tool->cache, tool->path);
    json_close (&self->json, '}');
    if (changed)
        messages_lose_at (self, tool->path, "tools", true);
}

//  Freeform input becomes the one property of an object.
static void
s_put_custom (messages_out_t *self, const br_tool_t *tool)
{
    json_open (&self->json, NULL, '{');
    s_put_name (self, tool);
    json_put_raw (&self->json, "input_schema",
                  BR_TEXT ("{\"type\":\"object\",\"properties\":{\"input\":{\"type\":"
                           "\"string\"}},\"required\":[\"input\"]}"));
    messages_put_cache (self, tool->cache, tool->path);
    json_close (&self->json, '}');
    messages_lose_at (self, tool->path, "tools", true);
}

static void
s_put_hosted (messages_out_t *self, const br_tool_t *tool)
{
    self->marks += tool->cache.at != NULL;
    json_put_raw (&self->json, NULL, tool->raw);
}

static void
s_put_tool (messages_out_t *self, const br_tool_t *tool)
{
    if (tool->kind == BR_TOOL_FUNCTION)
        s_put_function (self, tool);
    else if (tool->kind == BR_TOOL_CUSTOM)
        s_put_custom (self, tool);
    else
        s_put_hosted (self, tool);
}

//  The tool by which the model answers, see messages_unwraps.
static void
s_put_answer (messages_out_t *self)
{
    const br_call_t *call = self->call;
    json_open (&self->json, NULL, '{');
    json_put_string (&self->json, "name", messages_answer_tool (call));
    json_put (&self->json, "description",
              call->schema_description.size
                  ? call->schema_description
                  : BR_TEXT ("Gives the answer. Call it once, with the whole answer."));
    messages_put_input_schema (&self->json, "input_schema", call->schema, self->tree);
    json_close (&self->json, '}');
    messages_lose (self, BR_FIELD_FORMAT, true);
}

static unsigned
s_count_sent (const messages_out_t *self)
{
    unsigned count = 0;
    for (const br_tool_t *tool = self->call->tools; tool; tool = tool->next)
        count += s_is_sent (self, tool);
    return count;
}

//  What would be forced has to be there.
static int
s_check_choice (messages_out_t *self)
{
    const br_call_t *call = self->call;
    if (!br_call_why_not_forced (call, s_sent, self))
        return 0;
    return messages_refuse (self,
                            br_text (br_field_name (BR_FIELD_CHOICE, call->protocol)),
                            "cannot be made to call a tool that it does not have");
}

//  The input of a tool is an object, and so is the answer by one.
static int
s_check_answer (messages_out_t *self)
{
    const br_call_t *call = self->call;
    if (messages_schema_is_object (call->schema, self->tree))
        return 0;
    return messages_refuse (self,
                            br_text (br_field_name (BR_FIELD_FORMAT, call->protocol)),
                            "answers by a schema with an object alone");
}

int
messages_put_tools (messages_out_t *self)
{
    const br_call_t *call = self->call;
    bool answer = messages_unwraps (call, self->target);
    int rc = s_check_choice (self);
    if (rc == 0 && answer)
        rc = s_check_answer (self);
    if (rc)
        return rc;
    bool any = answer || s_count_sent (self) > 0;
    if (any)
        json_open (&self->json, "tools", '[');
    for (const br_tool_t *tool = call->tools; tool; tool = tool->next) {
        if (s_is_sent (self, tool))
            s_put_tool (self, tool);
        else
            messages_lose_at (self, tool->path, "tools", false);
    }
    if (answer)
        s_put_answer (self);
    if (any)
        json_close (&self->json, ']');
    return 0;
}

//  ---- the choice

static const char *const s_words[] = {
    [BR_CHOICE_UNSET] = NULL,
    [BR_CHOICE_AUTO] = "auto",
    [BR_CHOICE_NONE] = "none",
    [BR_CHOICE_REQUIRED] = "any",
    [BR_CHOICE_NAMED] = "tool",
    [BR_CHOICE_ALLOWED] = "auto",
    [BR_CHOICE_ALLOWED_REQUIRED] = "any",
};

static bool
s_is_forced (br_choice_t choice)
{
    return choice == BR_CHOICE_REQUIRED || choice == BR_CHOICE_NAMED
           || choice == BR_CHOICE_ALLOWED_REQUIRED;
}

//  The answer is a call too: of the one tool, or of any.
static br_choice_t
s_answer_choice (const messages_out_t *self)
{
    bool others = s_count_sent (self) > 0 && self->call->choice != BR_CHOICE_NONE;
    if (self->call->choice == BR_CHOICE_NAMED)
        return BR_CHOICE_NAMED;
    return others ? BR_CHOICE_REQUIRED : BR_CHOICE_NAMED;
}

//  A forced choice cannot go with thinking.
static br_choice_t
s_choice (messages_out_t *self, bool answer)
{
    br_choice_t choice = self->call->choice;
    if (answer)
        return s_answer_choice (self);
    if (s_is_forced (choice) && self->plan.on
        && self->target->dialect->no_forced_choice) {
        messages_lose (self, BR_FIELD_CHOICE, true);
        return BR_CHOICE_AUTO;
    }
    if (choice == BR_CHOICE_UNSET && self->call->parallel == BR_NO)
        return BR_CHOICE_AUTO;
    return choice;
}

bool
messages_put_choice (messages_out_t *self)
{
    const br_call_t *call = self->call;
    bool answer = messages_unwraps (call, self->target);
    if (!answer && s_count_sent (self) == 0)
        return false;
    br_choice_t choice = s_choice (self, answer);
    if (!s_words[choice])
        return false;
    json_open (&self->json, "tool_choice", '{');
    json_put_string (&self->json, "type", s_words[choice]);
    bool named = choice == BR_CHOICE_NAMED;
    if (named && call->choice == BR_CHOICE_NAMED && call->choice_names.size)
        json_put (
            &self->json, "name",
            br_tool_name (call->choice_names.at[0], BR_PROTOCOL_MESSAGES, self->arena));
    else if (named)
        json_put_string (&self->json, "name", messages_answer_tool (call));
    if (call->parallel == BR_NO && choice != BR_CHOICE_NONE)
        json_put_bool (&self->json, "disable_parallel_tool_use", true);
    json_close (&self->json, '}');
    return true;
}
