//  call: a request in canonical form. What is done to its turns before it is written
//  stands in call_turns.c.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/call.h"

#define LOSS_FIELD_MAX 96 //  bytes of one field in a header's value

static const char *const s_efforts[] = {
    [BR_EFFORT_UNSET] = "",          [BR_EFFORT_NONE] = "none",
    [BR_EFFORT_MINIMAL] = "minimal", [BR_EFFORT_LOW] = "low",
    [BR_EFFORT_MEDIUM] = "medium",   [BR_EFFORT_HIGH] = "high",
    [BR_EFFORT_XHIGH] = "xhigh",     [BR_EFFORT_MAX] = "max",
};

#define EFFORTS (sizeof s_efforts / sizeof s_efforts[0])

br_call_t *
br_call_new (br_protocol_t protocol)
{
    br_call_t *self = BR_NEW (br_call_t);
    self->arena = br_arena_new ();
    self->protocol = protocol;
    return self;
}

void
br_call_destroy (br_call_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_call_t *self = *self_p;
    br_arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}

br_turn_t *
br_call_add_turn (br_call_t *self, br_turn_role_t role)
{
    br_turn_t *turn = BR_ARENA_NEW (self->arena, br_turn_t);
    turn->role = role;
    br_turn_t **end = self->last_turn ? &self->last_turn->next : &self->turns;
    while (*end)
        end = &(*end)->next;
    *end = turn;
    self->last_turn = turn;
    return turn;
}

br_tool_t *
br_call_add_tool (br_call_t *self, br_tool_kind_t kind)
{
    br_tool_t *tool = BR_ARENA_NEW (self->arena, br_tool_t);
    tool->kind = kind;
    br_tool_t **end = self->last_tool ? &self->last_tool->next : &self->tools;
    while (*end)
        end = &(*end)->next;
    *end = tool;
    self->last_tool = tool;
    return tool;
}

void
br_call_add_extra (br_call_t *self, br_text_t field)
{
    br_loss_add (&self->extras, self->arena, field, false);
}

const br_tool_t *
br_call_tool (const br_call_t *self, br_protocol_t protocol, br_text_t wire_name)
{
    for (const br_tool_t *tool = self->tools; tool; tool = tool->next)
        if (tool->kind != BR_TOOL_HOSTED
            && br_text_equal (br_tool_name (tool->name, protocol, self->arena),
                              wire_name))
            return tool;
    return NULL;
}

bool
br_call_wants_logprobs (const br_call_t *self)
{
    bool others = self->top_logprobs.raw.at && self->top_logprobs.value > 0;
    return self->logprobs == BR_YES || (self->logprobs == BR_UNSET && others);
}

br_effort_t
br_effort_of (br_text_t word)
{
    for (unsigned i = BR_EFFORT_NONE; i < EFFORTS; i++)
        if (br_text_is (word, s_efforts[i]))
            return (br_effort_t) i;
    return BR_EFFORT_UNSET;
}

const char *
br_effort_name (br_effort_t effort)
{
    return (unsigned) effort < EFFORTS ? s_efforts[effort] : "";
}

void
br_loss_add (br_loss_t **list, br_arena_t *arena, br_text_t field, bool changed)
{
    unsigned count = 0;
    for (; *list; list = &(*list)->next, count++)
        if (br_text_equal ((*list)->field, field))
            return;
    if (count == BR_LOSSES_MAX)
        return;
    br_loss_t *loss = BR_ARENA_NEW (arena, br_loss_t);
    loss->field = br_arena_text (arena, field);
    loss->changed = changed;
    *list = loss;
}

//  What a header line can hold of a field, which a client may have named.
//  in:   out, of LOSS_FIELD_MAX + 1 bytes
static size_t
s_clean (br_text_t field, char *out)
{
    size_t size = 0;
    for (size_t i = 0; i < field.size && size < LOSS_FIELD_MAX; i++)
        if (field.at[i] >= 0x20 && field.at[i] < 0x7f)
            out[size++] = field.at[i];
    out[size] = '\0';
    return size;
}

void
br_loss_write (const br_loss_t *list, br_buf_t *out)
{
    static const char more[] = ", and more";
    size_t start = out->size;
    for (const br_loss_t *loss = list; loss; loss = loss->next) {
        char field[LOSS_FIELD_MAX + 1];
        size_t size = s_clean (loss->field, field);
        if (size == 0)
            continue;
        const char *gap = out->size > start ? ", " : "";
        const char *verb = loss->changed ? "changed " : "dropped ";
        size_t whole = strlen (gap) + strlen (verb) + size;
        if (out->size - start + whole + sizeof more - 1 > BR_LOSS_LINE_MAX) {
            br_buf_adds (out, more);
            return;
        }
        br_buf_addf (out, "%s%s%s", gap, verb, field);
    }
}
