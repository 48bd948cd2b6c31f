//  chat_messages_write: the turns of a call as messages. A turn of the user's can become
//  several: one for each result of a tool, and one for what the user said.

#include "broker/proto/chat/chat_parts.h"
#include "broker/proto/document.h"

static br_arena_t *
s_arena (const chat_write_t *self)
{
    return self->call->arena;
}

static void
s_open (chat_write_t *self, const char *role)
{
    json_open (&self->out, NULL, '{');
    json_put_string (&self->out, "role", role);
}

//  ---- ids

static void
s_note_ids (chat_write_t *self)
{
    size_t count = 0;
    for (const br_turn_t *turn = self->call->turns; turn; turn = turn->next)
        for (const br_block_t *block = turn->blocks; block; block = block->next)
            count += block->kind == BR_BLOCK_CALL;
    self->ids = br_arena_take (s_arena (self), (count + 1) * sizeof *self->ids);
    for (const br_turn_t *turn = self->call->turns; turn; turn = turn->next)
        for (const br_block_t *block = turn->blocks; block; block = block->next) {
            if (block->kind != BR_BLOCK_CALL)
                continue;
            br_text_t name = br_tool_name (block->name, BR_PROTOCOL_CHAT, s_arena (self));
            chat_id_t *id = &self->ids[self->ids_size];
            id->id = block->id;
            id->wire = br_tool_id (block->id, name, (unsigned) self->ids_size,
                                   self->target->dialect, s_arena (self));
            self->ids_size++;
        }
}

//  Results come in the order of their calls, so that the search mostly ends at once.
static br_text_t
s_wire_id (chat_write_t *self, const br_block_t *block)
{
    for (size_t i = 0; i < self->ids_size; i++) {
        size_t at = (self->ids_next + i) % self->ids_size;
        if (!br_text_equal (self->ids[at].id, block->id))
            continue;
        self->ids_next = at + 1;
        return self->ids[at].wire;
    }
    return br_tool_id (block->id, block->name, (unsigned) self->ids_size,
                       self->target->dialect, s_arena (self));
}

//  ---- texts

//  A refusal is text to whom does not know the member.
static bool
s_is_said (const chat_write_t *self, const br_block_t *block)
{
    return block->text.size
           && (block->kind == BR_BLOCK_TEXT
               || (block->kind == BR_BLOCK_REFUSAL && !self->lenient));
}

static bool
s_is_any_said (const chat_write_t *self, const br_block_t *list)
{
    for (; list; list = list->next)
        if (s_is_said (self, list))
            return true;
    return false;
}

//  Marks are worth a list of parts; where they are not taken they are lost.
static bool
s_has_marks (const chat_write_t *self, const br_block_t *list)
{
    const br_dialect_t *dialect = self->target->dialect;
    bool takes = dialect->takes_cache_marks || dialect->cache_points;
    bool has = false;
    for (; list; list = list->next)
        has = has || (list->cache.at && list->kind == BR_BLOCK_TEXT);
    if (has && !takes)
        chat_lose_field (self, BR_FIELD_CACHE, false);
    return has && takes;
}

//  As one string, which all hosts take.
static void
s_write_joined (chat_write_t *self, const br_block_t *list, const char *separator)
{
    bool some = false;
    bool gap = false;
    json_text_begin (&self->out, "content");
    for (; list; list = list->next) {
        if (!s_is_said (self, list)) {
            gap = some;
            continue;
        }
        if (some)
            json_text_add (&self->out, gap ? BR_TEXT ("\n\n") : br_text (separator));
        json_text_add (&self->out, list->text);
        some = true;
        gap = false;
    }
    json_text_end (&self->out);
}

//  What is said as one string, or as parts when one is marked.
static void
s_write_said (chat_write_t *self, const br_block_t *list, const char *separator)
{
    if (!s_has_marks (self, list)) {
        s_write_joined (self, list, separator);
        return;
    }
    json_open (&self->out, "content", '[');
    for (; list; list = list->next) {
        if (!s_is_said (self, list))
            continue;
        json_open (&self->out, NULL, '{');
        json_put_string (&self->out, "type", "text");
        json_put (&self->out, "text", list->text);
        chat_write_cache (self, list->cache);
        json_close (&self->out, '}');
    }
    json_close (&self->out, ']');
}

static void
s_write_system (chat_write_t *self, const br_block_t *list, br_text_t name)
{
    if (!s_is_any_said (self, list))
        return;
    s_open (self, self->target->dialect->developer ? "developer" : "system");
    s_write_said (self, list, "\n\n");
    json_put_given (&self->out, "name", name);
    json_close (&self->out, '}');
}

//  ---- user

static void
s_write_result_text (chat_write_t *self, const char *key, const br_block_t *result)
{
    br_text_t text = br_block_join (result->blocks, "\n", s_arena (self));
    if (text.size == 0 && result->blocks && result->blocks->kind != BR_BLOCK_TEXT)
        text = BR_TEXT ("(image follows)");
    json_text_begin (&self->out, key);
    if (result->error && !br_text_starts (text, "Error"))
        json_text_add (&self->out, BR_TEXT ("Error: "));
    json_text_add (&self->out, text);
    json_text_end (&self->out);
}

static void
s_write_result (chat_write_t *self, const br_block_t *result)
{
    s_open (self, "tool");
    json_put (&self->out, "tool_call_id", s_wire_id (self, result));
    if (result->cache.at && self->target->dialect->takes_cache_marks) {
        json_open (&self->out, "content", '[');
        json_open (&self->out, NULL, '{');
        json_put_string (&self->out, "type", "text");
        s_write_result_text (self, "text", result);
        chat_write_cache (self, result->cache);
        json_close (&self->out, '}');
        json_close (&self->out, ']');
    } else {
        s_write_result_text (self, "content", result);
        if (result->cache.at)
            chat_lose_field (self, BR_FIELD_CACHE, false);
    }
    json_close (&self->out, '}');
}

//  Tools can only say text here: what else they gave is shown by the user.
static int
s_write_shown (chat_write_t *self, const br_block_t *list)
{
    int rc = 0;
    for (; list && rc == 0; list = list->next) {
        if (list->kind != BR_BLOCK_RESULT)
            continue;
        for (const br_block_t *part = list->blocks; part && rc == 0; part = part->next)
            if (part->kind != BR_BLOCK_TEXT) {
                chat_lose (self, list->path.size ? list->path : BR_TEXT ("messages"),
                           true);
                rc = chat_write_part (self, part);
            }
    }
    return rc;
}

static bool
s_is_only_text (const br_block_t *list)
{
    for (; list; list = list->next) {
        if (list->kind != BR_BLOCK_TEXT && list->kind != BR_BLOCK_RESULT)
            return false;
        for (const br_block_t *part = list->blocks; part; part = part->next)
            if (part->kind != BR_BLOCK_TEXT)
                return false;
    }
    return true;
}

static int
s_write_parts (chat_write_t *self, const br_block_t *list)
{
    json_open (&self->out, "content", '[');
    int rc = s_write_shown (self, list);
    for (; list && rc == 0; list = list->next)
        if (list->kind != BR_BLOCK_RESULT
            && (list->kind != BR_BLOCK_TEXT || list->text.size))
            rc = chat_write_part (self, list);
    json_close (&self->out, ']');
    return rc;
}

static int
s_write_user (chat_write_t *self, const br_turn_t *turn)
{
    for (const br_block_t *block = turn->blocks; block; block = block->next)
        if (block->kind == BR_BLOCK_RESULT)
            s_write_result (self, block);
    bool is_text = s_is_only_text (turn->blocks);
    if (is_text && !s_is_any_said (self, turn->blocks))
        return 0;
    int rc = 0;
    s_open (self, "user");
    if (is_text)
        s_write_said (self, turn->blocks, "\n\n");
    else
        rc = s_write_parts (self, turn->blocks);
    json_put_given (&self->out, "name", turn->name);
    json_close (&self->out, '}');
    return rc;
}

//  ---- assistant

static bool
s_has (const br_turn_t *turn, br_block_kind_t kind)
{
    for (const br_block_t *block = turn->blocks; block; block = block->next)
        if (block->kind == kind)
            return true;
    return false;
}

static br_text_t
s_thought_of (const br_block_t *block)
{
    return block->text.size ? block->text : block->summary;
}

//  The texts of reasoning, of blocks without a blob alone if so wished.
static void
s_write_thoughts (chat_write_t *self, const char *key, const br_turn_t *turn, bool bare)
{
    json_text_begin (&self->out, key);
    for (const br_block_t *block = turn->blocks; block; block = block->next)
        if (block->kind == BR_BLOCK_REASONING && (!bare || !block->opaques))
            json_text_add (&self->out, s_thought_of (block));
    json_text_end (&self->out);
}

static bool
s_has_thoughts (const br_turn_t *turn, bool bare)
{
    for (const br_block_t *block = turn->blocks; block; block = block->next)
        if (block->kind == BR_BLOCK_REASONING && (!bare || !block->opaques)
            && s_thought_of (block).size)
            return true;
    return false;
}

//  The blobs of a block that mean something to the model; NULL when none does.
static br_opaque_t *
s_fitting (const chat_write_t *self, const br_block_t *block)
{
    br_opaque_t *list = NULL;
    br_arena_t *arena = s_arena (self);
    br_text_t model = br_text (self->target->model);
    for (const br_opaque_t *blob = block->opaques; blob; blob = blob->next) {
        if (!chat_detail_fits (blob->family, model))
            continue;
        br_opaque_t *copy = br_opaque_add (&list, blob->family, blob->kind, blob->bytes,
                                           arena);
        copy->id = blob->id;
        if (block->kind == BR_BLOCK_CALL && copy->id.size == 0)
            copy->id = block->id;
    }
    return list;
}

//  OpenRouter: blobs go to models of their maker; text without one goes along.
static void
s_write_details (chat_write_t *self, const br_turn_t *turn)
{
    unsigned index = 0;
    bool any = false;
    for (const br_block_t *block = turn->blocks; block; block = block->next) {
        br_block_t copy = *block;
        copy.opaques = s_fitting (self, block);
        if (!copy.opaques)
            continue;
        if (!any)
            json_open (&self->out, "reasoning_details", '[');
        any = true;
        chat_detail_write_block (&self->out, &copy, &index);
    }
    if (any)
        json_close (&self->out, ']');
    if (s_has_thoughts (turn, true))
        s_write_thoughts (self, "reasoning", turn, true);
}

//  Whether a block of reasoning goes back, as far as the model takes it. The text of turns
//  without calls does not: its providers pass it over.
static bool
s_is_replayed (const chat_write_t *self, const br_block_t *block, bool called)
{
    br_replay_t replay = self->target->dialect->replay;
    bool bare = !block->opaques;
    switch (replay) {
    case BR_REPLAY_NONE: return false;
    case BR_REPLAY_DETAILS: return bare || s_fitting (self, block);
    case BR_REPLAY_PLAIN: return bare;
    case BR_REPLAY_CONTENT:
    case BR_REPLAY_REQUIRED: return bare || (called && s_thought_of (block).size);
    }
    return false;
}

static void
s_lose_reasoning (const chat_write_t *self, const br_turn_t *turn, bool called)
{
    for (const br_block_t *block = turn->blocks; block; block = block->next)
        if (block->kind == BR_BLOCK_REASONING
            && (block->opaques || s_thought_of (block).size)
            && !s_is_replayed (self, block, called))
            chat_lose (self, BR_TEXT ("reasoning"), false);
}

static void
s_write_reasoning (chat_write_t *self, const br_turn_t *turn)
{
    br_replay_t replay = self->target->dialect->replay;
    bool bare = replay == BR_REPLAY_PLAIN;
    bool wanted = replay == BR_REPLAY_REQUIRED
                  || (replay != BR_REPLAY_NONE && s_has_thoughts (turn, bare));
    if (replay == BR_REPLAY_DETAILS)
        s_write_details (self, turn);
    else if (wanted && s_has (turn, BR_BLOCK_CALL))
        s_write_thoughts (self, "reasoning_content", turn, bare);
}

//  Google checks the first call of each step (P-11, P-13).
static void
s_write_signature (chat_write_t *self, const br_block_t *call, bool first)
{
    const br_dialect_t *dialect = self->target->dialect;
    if (dialect->family != BR_FAMILY_GOOGLE)
        return;
    const br_opaque_t *blob = br_opaque_of (call->opaques, BR_FAMILY_GOOGLE,
                                            BR_OPAQUE_THOUGHT);
    if (blob)
        chat_thought_write (&self->out, blob->bytes);
    else if (first && dialect->signatures)
        chat_thought_write (&self->out, BR_TEXT (BR_THOUGHT_UNKNOWN));
}

//  Freeform input in the form of a function with one text.
static br_text_t
s_wrapped (const chat_write_t *self, br_text_t input)
{
    br_buf_t buf;
    br_buf_init (&buf, BR_CALL_BYTES_MAX);
    json_writer_t writer = json_writer (&buf);
    json_open (&writer, NULL, '{');
    json_put (&writer, "input", input.at ? input : BR_TEXT (""));
    json_close (&writer, '}');
    br_text_t text = { br_buf_text (&buf), buf.size };
    text = br_arena_text (s_arena (self), text);
    br_buf_free (&buf);
    return text;
}

static void
s_write_call (chat_write_t *self, const br_block_t *call, bool first)
{
    bool native = call->custom && self->target->dialect->developer;
    br_text_t args = call->text;
    if (call->custom && !native)
        args = s_wrapped (self, args);
    else if (!native && br_text_is_blank (args))
        args = BR_TEXT ("{}");
    json_open (&self->out, NULL, '{');
    json_put (&self->out, "id", self->ids[self->calls++].wire);
    json_put_string (&self->out, "type", native ? "custom" : "function");
    json_open (&self->out, native ? "custom" : "function", '{');
    json_put (&self->out, "name",
              br_tool_name (call->name, BR_PROTOCOL_CHAT, s_arena (self)));
    json_put (&self->out, native ? "input" : "arguments", args.at ? args : BR_TEXT (""));
    json_close (&self->out, '}');
    s_write_signature (self, call, first);
    json_close (&self->out, '}');
}

static void
s_write_calls (chat_write_t *self, const br_turn_t *turn)
{
    bool first = true;
    json_open (&self->out, "tool_calls", '[');
    for (const br_block_t *block = turn->blocks; block; block = block->next)
        if (block->kind == BR_BLOCK_CALL) {
            s_write_call (self, block, first);
            first = false;
        }
    json_close (&self->out, ']');
}

static void
s_write_refusal (chat_write_t *self, const br_turn_t *turn)
{
    if (!self->lenient || !s_has (turn, BR_BLOCK_REFUSAL))
        return;
    json_text_begin (&self->out, "refusal");
    for (const br_block_t *block = turn->blocks; block; block = block->next)
        if (block->kind == BR_BLOCK_REFUSAL)
            json_text_add (&self->out, block->text);
    json_text_end (&self->out);
}

//  Pictures and a provider's own items cannot stand in what a model said.
static void
s_lose_rest (const chat_write_t *self, const br_turn_t *turn)
{
    for (const br_block_t *block = turn->blocks; block; block = block->next)
        if (block->kind >= BR_BLOCK_IMAGE && block->kind != BR_BLOCK_CALL)
            chat_lose (self, block->path.size ? block->path : BR_TEXT ("messages"),
                       false);
}

//  Mistral wants to be told that an answer goes on.
static int
s_write_prefix (chat_write_t *self, const br_turn_t *turn, bool called)
{
    const br_dialect_t *dialect = self->target->dialect;
    if (turn->next || called)
        return 0;
    if (dialect->no_prefill)
        return chat_refuse_write (
            self, turn->path.size ? turn->path : BR_TEXT ("messages"),
            "it does not go on with an answer; end with a message of the user");
    if (dialect->ids == BR_IDS_NINE)
        json_put_bool (&self->out, "prefix", true);
    return 0;
}

static int
s_write_assistant (chat_write_t *self, const br_turn_t *turn)
{
    bool called = s_has (turn, BR_BLOCK_CALL);
    bool said = s_is_any_said (self, turn->blocks);
    s_lose_rest (self, turn);
    s_lose_reasoning (self, turn, called);
    if (!called && !said && !(self->lenient && s_has (turn, BR_BLOCK_REFUSAL)))
        return 0;
    s_open (self, "assistant");
    if (said)
        s_write_said (self, turn->blocks, "");
    else
        json_put_null (&self->out, "content");
    s_write_refusal (self, turn);
    s_write_reasoning (self, turn);
    if (called)
        s_write_calls (self, turn);
    json_put_given (&self->out, "name", turn->name);
    int rc = s_write_prefix (self, turn, called);
    json_close (&self->out, '}');
    return rc;
}

//  ---- all of them

//  Documents of other protocols' clients may be more than this one's files.
static int
s_write_shown_turn (chat_write_t *self, const br_turn_t *turn)
{
    br_turn_t shown = *turn;
    if (self->call->protocol != BR_PROTOCOL_CHAT)
        shown.blocks = br_document_unfold (turn->blocks,
                                           BR_DOCUMENT_NAMED | BR_DOCUMENT_TYPED,
                                           self->losses, s_arena (self));
    shown.blocks = br_call_spell_results (shown.blocks, s_arena (self), self->losses);
    return s_write_user (self, &shown);
}

static int
s_write_turn (chat_write_t *self, const br_turn_t *turn)
{
    if (turn->role == BR_TURN_ASSISTANT)
        return s_write_assistant (self, turn);
    if (turn->role == BR_TURN_USER)
        return s_write_shown_turn (self, turn);
    s_write_system (self, turn->blocks, turn->name);
    return 0;
}

//  A list without a message is refused.
static void
s_write_dot (chat_write_t *self)
{
    s_open (self, "user");
    json_put_string (&self->out, "content", ".");
    json_close (&self->out, '}');
    chat_lose_field (self, BR_FIELD_MESSAGES, true);
}

int
chat_write_messages (chat_write_t *self)
{
    int rc = 0;
    s_note_ids (self);
    json_open (&self->out, "messages", '[');
    s_write_system (self, self->call->system, BR_TEXT_NONE);
    for (const br_turn_t *turn = self->call->turns; turn && rc == 0; turn = turn->next)
        rc = s_write_turn (self, turn);
    if (!self->out.comma)
        s_write_dot (self);
    json_close (&self->out, ']');
    return rc;
}
