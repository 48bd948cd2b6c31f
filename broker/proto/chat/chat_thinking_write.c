//  chat_thinking_write: how much a model is to think, in the way that its provider wants
//  it said.

#include "broker/proto/chat/chat_parts.h"
#include "broker/proto/effort.h"

static const int s_tokens[] = {
    [BR_EFFORT_UNSET] = 8192,  [BR_EFFORT_NONE] = 0,      [BR_EFFORT_MINIMAL] = 1024,
    [BR_EFFORT_LOW] = 2048,    [BR_EFFORT_MEDIUM] = 8192, [BR_EFFORT_HIGH] = 16384,
    [BR_EFFORT_XHIGH] = 32768, [BR_EFFORT_MAX] = 64000,
};

static bool
s_is_off (const br_call_t *call)
{
    return br_effort_wanted (call) == BR_EFFORT_NONE;
}

static bool
s_is_asked (const br_call_t *call)
{
    return call->reasoning != BR_UNSET || call->effort != BR_EFFORT_UNSET
           || call->budget.raw.at;
}

bool
chat_thinks (const br_call_t *call)
{
    return !s_is_off (call);
}

static br_effort_t
s_choose (chat_write_t *self)
{
    br_effort_choice_t choice = br_effort_choose (self->call, self->target);
    if (choice.changed)
        chat_lose_field (self, choice.field, true);
    return choice.effort;
}

static void
s_write_effort (chat_write_t *self)
{
    br_effort_t effort = s_choose (self);
    if (effort != BR_EFFORT_UNSET)
        json_put_string (&self->out, "reasoning_effort", br_effort_name (effort));
}

//  OpenRouter passes it on in the way of each model.
static void
s_write_object (chat_write_t *self)
{
    const br_call_t *call = self->call;
    json_open (&self->out, "reasoning", '{');
    if (s_is_off (call))
        json_put_bool (&self->out, "enabled", false);
    else if (call->effort != BR_EFFORT_UNSET)
        json_put_string (&self->out, "effort", br_effort_name (s_choose (self)));
    else if (call->budget.raw.at && call->budget.value > 0)
        json_put_raw (&self->out, "max_tokens", call->budget.raw);
    else
        json_put_bool (&self->out, "enabled", true);
    json_close (&self->out, '}');
}

static void
s_write_switch (chat_write_t *self)
{
    json_open (&self->out, "thinking", '{');
    json_put_string (&self->out, "type", s_is_off (self->call) ? "disabled" : "enabled");
    json_close (&self->out, '}');
}

static void
s_write_budget (chat_write_t *self)
{
    const br_number_t *budget = &self->call->budget;
    json_open (&self->out, "thinking", '{');
    json_put_string (&self->out, "type", s_is_off (self->call) ? "disabled" : "enabled");
    if (!s_is_off (self->call) && budget->raw.at && budget->value > 0)
        json_put_raw (&self->out, "budget_tokens", budget->raw);
    else if (!s_is_off (self->call))
        json_put_integer (&self->out, "budget_tokens",
                          s_tokens[br_effort_wanted (self->call)]);
    json_close (&self->out, '}');
}

static void
s_write_enable (chat_write_t *self)
{
    const br_number_t *budget = &self->call->budget;
    json_put_bool (&self->out, "enable_thinking", !s_is_off (self->call));
    if (!s_is_off (self->call) && budget->raw.at && budget->value > 0)
        json_put_raw (&self->out, "thinking_budget", budget->raw);
}

static void
s_write_none (chat_write_t *self)
{
    if (!s_is_off (self->call))
        chat_lose_field (self, BR_FIELD_REASONING, false);
}

static void (*const s_styles[]) (chat_write_t *self) = {
    [BR_THINKING_NONE] = s_write_none,     [BR_THINKING_EFFORT] = s_write_effort,
    [BR_THINKING_BUDGET] = s_write_budget, [BR_THINKING_ADAPTIVE] = s_write_effort,
    [BR_THINKING_LEVEL] = s_write_effort,  [BR_THINKING_SWITCH] = s_write_switch,
    [BR_THINKING_ENABLE] = s_write_enable,
};

void
chat_write_thinking (chat_write_t *self)
{
    const br_dialect_t *dialect = self->target->dialect;
    if (!s_is_asked (self->call))
        return;
    if (dialect->replay == BR_REPLAY_DETAILS && dialect->thinking == BR_THINKING_EFFORT)
        s_write_object (self);
    else
        s_styles[dialect->thinking](self);
}
