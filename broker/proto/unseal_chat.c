//  unseal_chat: envelopes in a request of Chat: items of reasoning_details, and signatures of
//  calls.

#include "broker/core/json_writer.h"
#include "broker/proto/chat/chat_codec.h"
#include "broker/proto/unseal_parts.h"

static unseal_fate_t
s_chat_detail (unseal_t *self, const json_node_t *item)
{
    bool signature = unseal_is_given (self, item, "signature");
    const json_node_t *slot = json_given (self->tree, item,
                                          signature ? "signature" : "data");
    br_opaque_t opaque;
    if (!unseal_is_sealed (self, slot, &opaque))
        return UNSEAL_KEEP;
    bool fits = chat_detail_takes (&opaque, self->target, signature);
    br_text_t inside = BR_TEXT ("");
    if (fits && opaque.kind == BR_OPAQUE_DETAILS)
        inside = chat_detail_inside (&opaque);
    if (inside.size)
        unseal_put_raw (self, item, inside);
    else if (fits && opaque.kind != BR_OPAQUE_DETAILS)
        unseal_put (self, slot, opaque.bytes);
    else {
        unseal_lose (self, item);
        return UNSEAL_CUT;
    }
    return UNSEAL_KEEP;
}

//  OpenRouter has the thoughts of calls in its details.
static void
s_move (unseal_t *self, const br_opaque_t *opaque)
{
    const json_node_t *id = json_given (self->tree, self->call, "id");
    br_opaque_t *moved = br_opaque_add (&self->moved, opaque->family, opaque->kind,
                                        opaque->bytes, self->arena);
    moved->id = opaque->id.size ? opaque->id
                                : json_node_text (self->tree, id, self->arena);
}

//  Down a call's extra_content.google.thought_signature.
static unseal_fate_t
s_chat_thought (unseal_t *self, const json_node_t *member)
{
    static const char *const keys[] = { "extra_content", "google", "thought_signature" };
    br_opaque_t opaque;
    if (!json_key_is (self->tree, member, keys[self->depth]))
        return UNSEAL_KEEP;
    if (self->depth < 2) {
        self->depth++;
        unseal_fate_t fate = unseal_each (self, member, s_chat_thought);
        self->depth--;
        return fate;
    }
    if (!unseal_is_sealed (self, member, &opaque))
        return UNSEAL_KEEP;
    if (chat_thought_takes (&opaque, self->target)) {
        unseal_put (self, member, opaque.bytes);
        return UNSEAL_KEEP;
    }
    if (!chat_detail_takes (&opaque, self->target, false))
        return unseal_without_thought (self, member, &opaque, self->call->place == 0);
    s_move (self, &opaque);
    return UNSEAL_CUT;
}

static unseal_fate_t
s_chat_call (unseal_t *self, const json_node_t *call)
{
    self->call = call;
    return unseal_each (self, call, s_chat_thought);
}

static unseal_fate_t
s_chat_member (unseal_t *self, const json_node_t *member)
{
    if (json_key_is (self->tree, member, "tool_calls"))
        return unseal_each (self, member, s_chat_call);
    if (!json_key_is (self->tree, member, "reasoning_details"))
        return UNSEAL_KEEP;
    unseal_fate_t fate = unseal_each (self, member, s_chat_detail);
    self->cut = fate == UNSEAL_CUT;
    return fate;
}

//  Behind the items that the message has, or as a member in front of all others.
static void
s_put_moved (unseal_t *self, const json_node_t *message)
{
    const json_node_t *list = json_get (self->tree, message, "reasoning_details");
    bool has_list = list && !self->cut;
    bool has_items = has_list && list->count;
    unsigned index = has_items ? list->count : 0;
    br_buf_t buf;
    br_buf_init (&buf, BR_CALL_BYTES_MAX);
    json_writer_t writer = json_writer (&buf);
    if (has_items)
        writer.comma = true;
    else
        json_open (&writer, has_list ? NULL : "reasoning_details", '[');
    for (const br_opaque_t *blob = self->moved; blob; blob = blob->next)
        chat_detail_write (&writer, blob, BR_TEXT_NONE, &index);
    if (!has_items)
        json_close (&writer, ']');
    if (!has_list)
        br_buf_addc (&buf, ',');
    br_text_t json = { (const char *) buf.data, buf.size };
    json = br_arena_text (self->arena, json);
    if (has_items)
        br_splice_put (self->splice, unseal_end (list) - 1, 0, json);
    else if (has_list)
        unseal_put_raw (self, list, json);
    else
        br_splice_put (self->splice, unseal_start (json_first (self->tree, message)), 0,
                       json);
    br_buf_free (&buf);
}

static bool
s_says_something (const unseal_t *self, const json_node_t *message)
{
    static const char *const keys[] = { "content", "tool_calls", "refusal",
                                        "function_call", "audio" };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (unseal_is_given (self, message, keys[i]))
            return true;
    return false;
}

static unseal_fate_t
s_chat_message (unseal_t *self, const json_node_t *message)
{
    self->moved = NULL;
    self->cut = false;
    unseal_fate_t fate = unseal_each (self, message, s_chat_member);
    if (self->moved)
        s_put_moved (self, message);
    return self->cut && !s_says_something (self, message) ? UNSEAL_CUT : fate;
}

void
unseal_chat (unseal_t *self, const json_node_t *root)
{
    (void) unseal_each (self, json_given (self->tree, root, "messages"), s_chat_message);
}
