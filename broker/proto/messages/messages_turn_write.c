//  messages_turn_write: writes the turns of a call as messages. Turns of one side that
//  follow each other make one message: a group. Of a user's group the results stand
//  first, as they must.

#include "broker/proto/messages/messages_parts.h"

//  A message under way: turns from first up to, and without, end.
typedef struct {
    const br_turn_t *first;
    const br_turn_t *end;
    bool assistant;
    bool empty;             //  nothing was written yet
    const br_block_t *last; //  block whose text must not end with blanks, or NULL
} group_t;

static group_t
s_group (const br_turn_t *first)
{
    group_t group = { .first = first, .end = first, .empty = true };
    group.assistant = first->role == BR_TURN_ASSISTANT;
    while (group.end && (group.end->role == BR_TURN_ASSISTANT) == group.assistant)
        group.end = group.end->next;
    return group;
}

//  The message is opened with its first block, so that there is none without.
static void
s_begin (messages_out_t *self, group_t *group)
{
    if (!group->empty)
        return;
    group->empty = false;
    json_open (&self->json, NULL, '{');
    json_put_string (&self->json, "role", group->assistant ? "assistant" : "user");
    json_open (&self->json, "content", '[');
}

static void
s_end (messages_out_t *self)
{
    json_close (&self->json, ']');
    json_close (&self->json, '}');
}

static void
s_lose (messages_out_t *self, const br_block_t *block, bool changed)
{
    messages_lose_at (self, block->path, "messages", changed);
}

//  ---- blocks

static void
s_put_raw (messages_out_t *self, const br_block_t *block)
{
    self->marks += block->cache.at != NULL;
    json_put_raw (&self->json, NULL, block->raw);
}

static void
s_put_text (messages_out_t *self, group_t *group, const br_block_t *block)
{
    br_text_t text = block->text;
    if (block == group->last)
        while (text.size && (unsigned char) text.at[text.size - 1] <= ' ')
            text.size--;
    if (br_text_is_blank (text))
        return;
    s_begin (self, group);
    if (block->raw.size && block->family == BR_FAMILY_ANTHROPIC) {
        s_put_raw (self, block);
        return;
    }
    json_open (&self->json, NULL, '{');
    json_put_string (&self->json, "type", "text");
    json_put (&self->json, "text", text);
    if (block->family == BR_FAMILY_ANTHROPIC)
        json_put_raw_given (&self->json, "citations", block->citations);
    messages_put_cache (self, block->cache, block->path);
    json_close (&self->json, '}');
}

static void
s_put_system (messages_out_t *self, group_t *group, const br_block_t *block)
{
    if (block->kind != BR_BLOCK_TEXT || br_text_is_blank (block->text)) {
        s_lose (self, block, false);
        return;
    }
    s_begin (self, group);
    json_open (&self->json, NULL, '{');
    json_put_string (&self->json, "type", "text");
    json_text_begin (&self->json, "text");
    json_text_add (&self->json, BR_TEXT ("<system-reminder>\n"));
    json_text_add (&self->json, block->text);
    json_text_add (&self->json, BR_TEXT ("\n</system-reminder>"));
    json_text_end (&self->json);
    messages_put_cache (self, block->cache, block->path);
    json_close (&self->json, '}');
    s_lose (self, block, true);
}

static void
s_put_hosted (messages_out_t *self, group_t *group, const br_block_t *block)
{
    if (block->family != BR_FAMILY_ANTHROPIC
        || self->target->dialect->family != BR_FAMILY_ANTHROPIC) {
        s_lose (self, block, false);
        return;
    }
    s_begin (self, group);
    s_put_raw (self, block);
}

//  ---- thinking

bool
messages_sends_reasoning (const br_block_t *block, const br_target_t *target)
{
    if (target->dialect->family == BR_FAMILY_ANTHROPIC)
        return messages_readable (block->opaques, target) != NULL;
    return target->dialect->replay != BR_REPLAY_NONE
           && (block->text.size || block->summary.size);
}

static void
s_put_thinking (messages_out_t *self, br_text_t text, br_text_t signature)
{
    json_open (&self->json, NULL, '{');
    json_put_string (&self->json, "type", "thinking");
    json_put (&self->json, "thinking", text.at ? text : BR_TEXT (""));
    json_put (&self->json, "signature", signature.at ? signature : BR_TEXT (""));
    json_close (&self->json, '}');
}

static void
s_put_redacted (messages_out_t *self, br_text_t data)
{
    json_open (&self->json, NULL, '{');
    json_put_string (&self->json, "type", "redacted_thinking");
    json_put (&self->json, "data", data);
    json_close (&self->json, '}');
}

static void
s_put_reasoning (messages_out_t *self, group_t *group, const br_block_t *block)
{
    if (!messages_sends_reasoning (block, self->target)) {
        s_lose (self, block, false);
        return;
    }
    s_begin (self, group);
    const br_opaque_t *blob = messages_readable (block->opaques, self->target);
    if (blob && blob->kind == BR_OPAQUE_REDACTED && !block->text.size)
        s_put_redacted (self, blob->bytes);
    else
        s_put_thinking (self, block->text.size ? block->text : block->summary,
                        blob ? blob->bytes : BR_TEXT_NONE);
}

//  Some hosts want thinking in front of every call of a tool, be it empty.
static void
s_put_missing_thinking (messages_out_t *self, group_t *group)
{
    if (self->target->dialect->replay != BR_REPLAY_REQUIRED)
        return;
    bool calls = false;
    for (const br_turn_t *turn = group->first; turn != group->end; turn = turn->next)
        for (const br_block_t *block = turn->blocks; block; block = block->next) {
            calls |= block->kind == BR_BLOCK_CALL;
            if (block->kind == BR_BLOCK_REASONING
                && messages_sends_reasoning (block, self->target))
                return;
        }
    if (!calls)
        return;
    s_begin (self, group);
    s_put_thinking (self, BR_TEXT (""), BR_TEXT (""));
}

//  ---- tools

static br_text_t
s_wire_id (messages_out_t *self, const br_block_t *block)
{
    //  Settled turns have results in the order of their calls.
    const messages_sent_t *sent = self->next_sent;
    if (!sent || !br_text_equal (sent->id, block->id))
        for (sent = self->sent; sent && !br_text_equal (sent->id, block->id);)
            sent = sent->next;
    self->next_sent = sent ? sent->next : NULL;
    if (sent)
        return sent->wire;
    return br_tool_id (block->id, block->name, self->calls, self->target->dialect,
                       self->arena);
}

static void
s_put_call (messages_out_t *self, group_t *group, const br_block_t *block)
{
    messages_sent_t *sent = BR_ARENA_NEW (self->arena, messages_sent_t);
    sent->id = block->id;
    sent->wire = br_tool_id (block->id, block->name, self->calls++, self->target->dialect,
                             self->arena);
    if (self->sent)
        self->last_sent->next = sent;
    else
        self->next_sent = self->sent = sent;
    self->last_sent = sent;
    s_begin (self, group);
    json_open (&self->json, NULL, '{');
    json_put_string (&self->json, "type", "tool_use");
    json_put (&self->json, "id", sent->wire);
    json_put (&self->json, "name",
              br_tool_name (block->name, BR_PROTOCOL_MESSAGES, self->arena));
    bool changed = messages_put_args (&self->json, "input", block->text, block->custom,
                                      self->tree);
    messages_put_cache (self, block->cache, block->path);
    json_close (&self->json, '}');
    if (changed)
        s_lose (self, block, true);
}

static int
s_put_result_content (messages_out_t *self, const br_block_t *result)
{
    json_open (&self->json, "content", '[');
    group_t inside = { .empty = false };
    for (const br_block_t *block = result->blocks; block; block = block->next) {
        int rc = 0;
        if (block->kind == BR_BLOCK_TEXT)
            s_put_text (self, &inside, block);
        else if (block->kind == BR_BLOCK_HOSTED)
            s_put_hosted (self, &inside, block);
        else if (block->raw.size && block->family == BR_FAMILY_ANTHROPIC)
            s_put_raw (self, block);
        else
            rc = messages_put_media (self, block);
        if (rc)
            return rc;
    }
    json_close (&self->json, ']');
    return 0;
}

static int
s_put_result (messages_out_t *self, group_t *group, const br_block_t *block)
{
    s_begin (self, group);
    json_open (&self->json, NULL, '{');
    json_put_string (&self->json, "type", "tool_result");
    json_put (&self->json, "tool_use_id", s_wire_id (self, block));
    int rc = 0;
    const br_block_t *only = block->blocks;
    bool plain = only && !only->next && only->kind == BR_BLOCK_TEXT && !only->cache.at
                 && !only->raw.size;
    if (plain)
        json_put (&self->json, "content", only->text.at ? only->text : BR_TEXT (""));
    else if (only)
        rc = s_put_result_content (self, block);
    if (block->error)
        json_put_bool (&self->json, "is_error", true);
    messages_put_cache (self, block->cache, block->path);
    json_close (&self->json, '}');
    return rc;
}

//  ---- groups

static int
s_put_user_block (messages_out_t *self, group_t *group, const br_block_t *block)
{
    if (block->kind == BR_BLOCK_RESULT)
        return 0;
    if (block->kind == BR_BLOCK_TEXT || block->kind == BR_BLOCK_REFUSAL)
        s_put_text (self, group, block);
    else if (block->kind == BR_BLOCK_HOSTED)
        s_put_hosted (self, group, block);
    else if (block->kind == BR_BLOCK_REASONING || block->kind == BR_BLOCK_CALL)
        s_lose (self, block, false);
    else {
        s_begin (self, group);
        if (!block->raw.size || block->family != BR_FAMILY_ANTHROPIC)
            return messages_put_media (self, block);
        s_put_raw (self, block);
    }
    return 0;
}

static int
s_put_user (messages_out_t *self, group_t *group)
{
    int rc = 0;
    for (const br_turn_t *turn = group->first; turn != group->end; turn = turn->next)
        for (const br_block_t *block = turn->blocks; block && rc == 0;
             block = block->next)
            if (block->kind == BR_BLOCK_RESULT)
                rc = s_put_result (self, group, block);
    for (const br_turn_t *turn = group->first; turn != group->end; turn = turn->next)
        for (const br_block_t *block = turn->blocks; block && rc == 0;
             block = block->next) {
            if (turn->role == BR_TURN_SYSTEM)
                s_put_system (self, group, block);
            else
                rc = s_put_user_block (self, group, block);
        }
    self->sent = NULL;
    self->next_sent = NULL;
    return rc;
}

static void
s_put_said (messages_out_t *self, group_t *group, const br_block_t *block)
{
    switch (block->kind) {
    case BR_BLOCK_REFUSAL:
        s_lose (self, block, true);
        s_put_text (self, group, block);
        break;
    case BR_BLOCK_TEXT: s_put_text (self, group, block); break;
    case BR_BLOCK_REASONING: s_put_reasoning (self, group, block); break;
    case BR_BLOCK_CALL: s_put_call (self, group, block); break;
    case BR_BLOCK_HOSTED: s_put_hosted (self, group, block); break;
    default: s_lose (self, block, false); break;
    }
}

//  The block that an answer of the model's would go on from: the last that is written.
static const br_block_t *
s_last_block (const group_t *group)
{
    const br_block_t *last = NULL;
    for (const br_turn_t *turn = group->first; turn != group->end; turn = turn->next)
        for (const br_block_t *block = turn->blocks; block; block = block->next) {
            bool text = block->kind == BR_BLOCK_TEXT || block->kind == BR_BLOCK_REFUSAL;
            if (!text || !br_text_is_blank (block->text))
                last = block;
        }
    if (last && (last->kind == BR_BLOCK_TEXT || last->kind == BR_BLOCK_REFUSAL))
        return last;
    return NULL;
}

static int
s_put_assistant (messages_out_t *self, group_t *group)
{
    if (!group->end)
        group->last = s_last_block (group);
    if (group->first && group->last && self->target->dialect->no_prefill) {
        br_text_t path = group->first->path;
        return messages_refuse (self, path.size ? path : BR_TEXT ("messages"),
                                "takes no last turn of the assistant to go on from; end "
                                "with a turn of the user");
    }
    s_put_missing_thinking (self, group);
    for (const br_turn_t *turn = group->first; turn != group->end; turn = turn->next)
        for (const br_block_t *block = turn->blocks; block; block = block->next)
            s_put_said (self, group, block);
    return 0;
}

//  A turn of the user's without content stands between two of the assistant's.
static void
s_put_dot (messages_out_t *self)
{
    group_t group = { .empty = true };
    s_begin (self, &group);
    json_open (&self->json, NULL, '{');
    json_put_string (&self->json, "type", "text");
    json_put_string (&self->json, "text", ".");
    json_close (&self->json, '}');
    s_end (self);
    messages_lose (self, BR_FIELD_MESSAGES, true);
}

static void
s_note_names (messages_out_t *self, const group_t *group)
{
    for (const br_turn_t *turn = group->first; turn != group->end; turn = turn->next)
        if (turn->name.size)
            messages_lose_at (self,
                              br_arena_textf (self->arena, "%.*s.name",
                                              (int) turn->path.size, turn->path.at),
                              "name", false);
}

int
messages_put_turns (messages_out_t *self)
{
    const br_turn_t *turn = self->call->turns;
    json_open (&self->json, "messages", '[');
    if (!turn || turn->role == BR_TURN_ASSISTANT)
        s_put_dot (self);
    while (turn) {
        group_t group = s_group (turn);
        s_note_names (self, &group);
        int rc = group.assistant ? s_put_assistant (self, &group)
                                 : s_put_user (self, &group);
        if (rc)
            return rc;
        if (!group.empty)
            s_end (self);
        else if (!group.assistant)
            s_put_dot (self);
        turn = group.end;
    }
    json_close (&self->json, ']');
    return 0;
}
