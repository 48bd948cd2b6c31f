//  tool_choice: whether what a choice forces can be forced at a target. One rule for all
//  protocols; each writer says which tools it sends.

#include "broker/proto/call.h"

//  A provider's search has one name in a choice, whatever its version is.
static bool
s_is_search (br_text_t name)
{
    return br_text_starts (name, "web_search");
}

const br_tool_t *
br_call_chosen (const br_call_t *self, br_text_t name)
{
    const br_tool_t *search = NULL;
    for (const br_tool_t *tool = self->tools; tool; tool = tool->next) {
        if (br_text_equal (tool->name, name))
            return tool;
        if (!search && tool->kind == BR_TOOL_HOSTED && s_is_search (tool->name))
            search = tool;
    }
    return s_is_search (name) ? search : NULL;
}

static const char *
s_why_not_named (const br_call_t *self, br_tool_sent_fn *fn, const void *writer)
{
    if (self->choice_names.size == 0)
        return NULL;
    const br_tool_t *tool = br_call_chosen (self, self->choice_names.at[0]);
    if (!tool)
        return "it forces a tool that is not in the request";
    switch (fn (writer, tool)) {
    case BR_SENT: return NULL;
    case BR_SENT_FREE: return "it forces a tool that cannot be forced there";
    case BR_SENT_NOT: break;
    }
    return "it forces a tool that only another provider runs";
}

static bool
s_is_any_allowed_sent (const br_call_t *self, br_tool_sent_fn *fn, const void *writer)
{
    for (size_t i = 0; i < self->choice_names.size; i++) {
        const br_tool_t *tool = br_call_chosen (self, self->choice_names.at[i]);
        if (tool && fn (writer, tool) == BR_SENT)
            return true;
    }
    return false;
}

static bool
s_is_any_sent (const br_call_t *self, br_tool_sent_fn *fn, const void *writer)
{
    for (const br_tool_t *tool = self->tools; tool; tool = tool->next)
        if (fn (writer, tool) == BR_SENT)
            return true;
    return false;
}

const char *
br_call_why_not_forced (const br_call_t *self, br_tool_sent_fn *fn, const void *writer)
{
    bool fine = true;
    if (self->count_only)
        return NULL;
    if (self->choice == BR_CHOICE_NAMED)
        return s_why_not_named (self, fn, writer);
    if (self->choice == BR_CHOICE_REQUIRED)
        fine = s_is_any_sent (self, fn, writer);
    if (self->choice == BR_CHOICE_ALLOWED_REQUIRED)
        fine = s_is_any_allowed_sent (self, fn, writer);
    return fine ? NULL : "it forces a tool, and none that can be forced is sent there";
}
