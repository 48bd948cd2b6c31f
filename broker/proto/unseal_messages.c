//  unseal_messages: envelopes in a request of Messages: blocks of thinking.

#include "broker/proto/messages/messages_codec.h"
#include "broker/proto/unseal_parts.h"

#define NO_THINKING "{\"type\":\"disabled\"}"
#define EMPTY_THINKING "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}"

static unseal_fate_t
s_without_signature (unseal_t *self, const json_node_t *block, const json_node_t *slot,
                     bool redacted)
{
    br_replay_t replay = self->target->dialect->replay;
    bool is_theirs = self->target->dialect->family == BR_FAMILY_ANTHROPIC;
    bool has_text = !redacted && unseal_is_given (self, block, "thinking");
    if (!is_theirs && replay != BR_REPLAY_NONE && has_text) {
        unseal_put (self, slot, BR_TEXT (""));
        return UNSEAL_KEEP;
    }
    unseal_lose (self, block);
    if (is_theirs || replay != BR_REPLAY_REQUIRED)
        return UNSEAL_CUT;
    unseal_put_raw (self, block, BR_TEXT (EMPTY_THINKING));
    return UNSEAL_KEEP;
}

static unseal_fate_t
s_thinking (unseal_t *self, const json_node_t *block, bool redacted)
{
    const json_node_t *slot = json_given (self->tree, block,
                                          redacted ? "data" : "signature");
    br_opaque_t opaque;
    if (!unseal_is_sealed (self, slot, &opaque))
        return UNSEAL_KEEP;
    br_opaque_kind_t kind = redacted ? BR_OPAQUE_REDACTED : BR_OPAQUE_SIGNATURE;
    if (opaque.kind != kind || !messages_readable (&opaque, self->target))
        return s_without_signature (self, block, slot, redacted);
    unseal_put (self, slot, opaque.bytes);
    return UNSEAL_KEEP;
}

static unseal_fate_t
s_messages_block (unseal_t *self, const json_node_t *block)
{
    bool redacted = unseal_type_is (self, block, "redacted_thinking");
    bool thinks = redacted || unseal_type_is (self, block, "thinking");
    unseal_fate_t fate = thinks ? s_thinking (self, block, redacted) : UNSEAL_KEEP;
    unseal_said_t *said = &self->said;
    said->result = said->result || unseal_type_is (self, block, "tool_result");
    said->cut = said->cut || fate == UNSEAL_CUT;
    if (fate == UNSEAL_KEEP && !said->begun) {
        said->begun = true;
        said->thinks = thinks;
    }
    return fate;
}

//  Messages of the assistant that follow each other are one.
static void
s_note_said (unseal_t *self, bool assistant)
{
    const unseal_said_t *said = &self->said;
    if (!assistant && !said->result)
        self->messages = 0;
    if (!assistant) {
        self->goes_on = false;
        return;
    }
    if (!self->goes_on) {
        self->messages++;
        self->last = (unseal_said_t) { .begun = false };
    }
    self->goes_on = true;
    if (!self->last.begun) {
        self->last.begun = said->begun;
        self->last.thinks = said->thinks;
    }
    self->last.cut = self->last.cut || said->cut;
    if (self->messages == 1)
        self->first = self->last;
}

static unseal_fate_t
s_messages_message (unseal_t *self, const json_node_t *message)
{
    const json_node_t *content = json_given (self->tree, message, "content");
    const json_node_t *role = json_given (self->tree, message, "role");
    self->said = (unseal_said_t) { .begun = json_is (content, JSON_STRING) };
    unseal_fate_t fate = unseal_each (self, content, s_messages_block);
    s_note_said (self, json_node_is (self->tree, role, "assistant"));
    return fate;
}

static unseal_fate_t
s_clearing_edit (unseal_t *self, const json_node_t *edit)
{
    const json_node_t *type = json_given (self->tree, edit, "type");
    br_text_t name = json_node_text (self->tree, type, self->arena);
    if (!br_text_starts (name, "clear_thinking"))
        return UNSEAL_KEEP;
    unseal_lose (self, edit);
    return UNSEAL_CUT;
}

static unseal_fate_t
s_context_member (unseal_t *self, const json_node_t *member)
{
    if (!json_key_is (self->tree, member, "edits"))
        return UNSEAL_KEEP;
    return unseal_each (self, member, s_clearing_edit);
}

static unseal_fate_t
s_unthinking_member (unseal_t *self, const json_node_t *member)
{
    if (json_key_is (self->tree, member, "context_management"))
        return unseal_each (self, member, s_context_member);
    bool on = json_key_is (self->tree, member, "thinking")
              && (unseal_type_is (self, member, "enabled")
                  || unseal_type_is (self, member, "adaptive"));
    if (on) {
        unseal_put_raw (self, member, BR_TEXT (NO_THINKING));
        unseal_lose_field (self, BR_FIELD_REASONING);
    }
    return UNSEAL_KEEP;
}

//  Anthropic checks that the turn which a tool's results go back to began with thinking,
//  be it the first message of it or the last. Without thinking nothing may be cleared of
//  it.
static void
s_check_thinking (unseal_t *self, const json_node_t *root)
{
    const unseal_said_t *first = &self->first;
    const unseal_said_t *last = &self->last;
    const json_node_t *thinking = json_given (self->tree, root, "thinking");
    bool lacks = self->messages && (first->cut || last->cut) && first->begun
                 && !first->thinks && last->begun && !last->thinks;
    if (lacks && thinking && !unseal_type_is (self, thinking, "disabled"))
        (void) unseal_each (self, root, s_unthinking_member);
}

void
unseal_messages (unseal_t *self, const json_node_t *root)
{
    (void) unseal_each (self, json_given (self->tree, root, "messages"),
                        s_messages_message);
    if (self->target->dialect->family == BR_FAMILY_ANTHROPIC)
        s_check_thinking (self, root);
}
