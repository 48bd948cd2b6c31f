//  chat_messages: the messages of a request, as turns. Instructions that stand in front
//  of all others become the call's own; what a tool said becomes a result in a turn of
//  the user's.

#include "broker/proto/chat/chat_parts.h"

#define TEXTS CHAT_BIT (BR_BLOCK_TEXT)
#define SAID_BY_USER                                                                     \
    (TEXTS | CHAT_BIT (BR_BLOCK_IMAGE) | CHAT_BIT (BR_BLOCK_AUDIO)                       \
     | CHAT_BIT (BR_BLOCK_DOCUMENT) | CHAT_BIT (BR_BLOCK_VIDEO))
#define SAID_BY_MODEL                                                                    \
    (TEXTS | CHAT_BIT (BR_BLOCK_REFUSAL) | CHAT_BIT (BR_BLOCK_REASONING))
#define SAID_BY_TOOL (TEXTS | CHAT_BIT (BR_BLOCK_IMAGE))

typedef int (message_fn) (const chat_read_t *self, const json_node_t *message,
                          br_text_t path);

static int
s_instruction (const chat_read_t *self, const json_node_t *message, br_text_t path)
{
    br_call_t *call = self->call;
    br_block_t *blocks = NULL;
    const json_node_t *content = json_given (self->tree, message, "content");
    int rc = content ? chat_read_content (self, content, TEXTS, path,
                                          call->turns ? &blocks : &call->system)
                     : chat_need (self, message, "content", JSON_STRING, &content);
    if (rc || !call->turns)
        return rc;
    br_turn_t *turn = br_call_add_turn (call, BR_TURN_SYSTEM);
    turn->blocks = blocks;
    turn->path = path;
    return chat_may_text (self, message, "name", &turn->name);
}

static int
s_user (const chat_read_t *self, const json_node_t *message, br_text_t path)
{
    br_turn_t *turn = br_call_add_turn (self->call, BR_TURN_USER);
    turn->path = path;
    const json_node_t *content = json_given (self->tree, message, "content");
    if (!content)
        return chat_need (self, message, "content", JSON_STRING, &content);
    int rc = chat_may_text (self, message, "name", &turn->name);
    return rc ? -1 : chat_read_content (self, content, SAID_BY_USER, path, &turn->blocks);
}

static br_block_t *
s_add_result (const chat_read_t *self, br_text_t path)
{
    br_turn_t *turn = br_call_add_turn (self->call, BR_TURN_USER);
    turn->path = path;
    br_block_t *result = br_block_add (&turn->blocks, BR_BLOCK_RESULT, self->call->arena);
    result->path = path;
    return result;
}

static int
s_tool (const chat_read_t *self, const json_node_t *message, br_text_t path)
{
    br_block_t *result = s_add_result (self, path);
    int rc = chat_need_text (self, message, "tool_call_id", &result->id);
    if (rc == 0)
        rc = chat_may_text (self, message, "name", &result->name);
    const json_node_t *content = json_given (self->tree, message, "content");
    if (rc || !content)
        return rc;
    result->cache = chat_cache_mark (self, message);
    return chat_read_content (self, content, SAID_BY_TOOL, path, &result->blocks);
}

//  The form before tools: a result is matched by its name.
static int
s_function (const chat_read_t *self, const json_node_t *message, br_text_t path)
{
    br_block_t *result = s_add_result (self, path);
    int rc = chat_need_text (self, message, "name", &result->name);
    const json_node_t *content = json_given (self->tree, message, "content");
    if (rc || !content)
        return rc;
    return chat_read_content (self, content, TEXTS, path, &result->blocks);
}

//  ---- assistant

static void
s_add_blob (const chat_read_t *self, br_opaque_t **list, const br_opaque_t *blob)
{
    if (blob->family == BR_FAMILY_NONE)
        return;
    br_opaque_t *opaque = br_opaque_add (list, blob->family, blob->kind, blob->bytes,
                                         self->call->arena);
    opaque->id = blob->id;
    opaque->model = blob->model;
}

static br_block_t *
s_add_reasoning (const chat_read_t *self, br_turn_t *turn)
{
    br_block_t *block = br_block_add (&turn->blocks, BR_BLOCK_REASONING,
                                      self->call->arena);
    block->path = turn->path;
    return block;
}

//  reasoning_details under way: a blob ends its block.
typedef struct {
    const chat_read_t *read;
    br_turn_t *turn;
    br_block_t *block; //  under way, or NULL
    br_buf_t text;
    br_buf_t summary;
} details_t;

static br_text_t
s_take (details_t *self, br_buf_t *buf)
{
    br_text_t text = { buf->size ? br_buf_text (buf) : NULL, buf->size };
    text = br_arena_text (self->read->call->arena, text);
    br_buf_clear (buf);
    return text;
}

static void
s_close_block (details_t *self)
{
    if (!self->block)
        return;
    self->block->text = s_take (self, &self->text);
    self->block->summary = s_take (self, &self->summary);
    self->block = NULL;
}

static void
s_read_detail (details_t *self, const json_node_t *item)
{
    chat_detail_t detail;
    chat_detail_read (self->read->tree, item, self->read->call->arena, &detail);
    if (!detail.text.size && !detail.summary.size && !detail.is_blob)
        return;
    if (detail.is_blob && detail.opaque.kind == BR_OPAQUE_REDACTED)
        s_close_block (self);
    if (!self->block)
        self->block = s_add_reasoning (self->read, self->turn);
    br_buf_add (&self->text, detail.text.at, detail.text.size);
    br_buf_add (&self->summary, detail.summary.at, detail.summary.size);
    if (!detail.is_blob)
        return;
    s_add_blob (self->read, &self->block->opaques, &detail.opaque);
    s_close_block (self);
}

//  The text of all blocks is in reasoning_content; which text goes with which blob stands
//  in the details alone.
static void
s_place_text (const chat_read_t *self, br_text_t text, br_turn_t *turn)
{
    br_block_t *first = turn->blocks;
    if (text.size == 0)
        return;
    for (const br_block_t *at = first; at; at = at->next)
        if (at->text.size || at->summary.size)
            return;
    if (!first)
        first = s_add_reasoning (self, turn);
    bool is_summary = br_opaque_of (first->opaques, BR_FAMILY_OPENAI,
                                    BR_OPAQUE_ENCRYPTED);
    *(is_summary ? &first->summary : &first->text) = text;
}

static void
s_read_details (const chat_read_t *self, const json_node_t *list, br_turn_t *turn)
{
    details_t details = { .read = self, .turn = turn };
    br_buf_init (&details.text, BR_CALL_BYTES_MAX);
    br_buf_init (&details.summary, BR_CALL_BYTES_MAX);
    for (const json_node_t *item = json_first (self->tree, list); item;
         item = json_next (self->tree, item))
        s_read_detail (&details, item);
    s_close_block (&details);
    br_buf_free (&details.summary);
    br_buf_free (&details.text);
}

static int
s_read_reasoning (const chat_read_t *self, const json_node_t *message, br_turn_t *turn)
{
    br_text_t text = BR_TEXT_NONE;
    const json_node_t *details;
    int rc = chat_may_text (self, message, "reasoning_content", &text);
    if (rc == 0 && text.size == 0)
        rc = chat_may_text (self, message, "reasoning", &text);
    if (rc == 0)
        rc = chat_may (self, message, "reasoning_details", JSON_ARRAY, &details);
    if (rc)
        return -1;
    s_read_details (self, details, turn);
    s_place_text (self, text, turn);
    return 0;
}

//  Arguments as an object are no OpenAI form, but their meaning is plain.
static int
s_read_arguments (const chat_read_t *self, const json_node_t *object, const char *key,
                  br_text_t *ret_text)
{
    const json_node_t *node = json_given (self->tree, object, key);
    if (json_is (node, JSON_OBJECT)) {
        *ret_text = json_raw (self->tree, node);
        return 0;
    }
    return chat_may_text (self, object, key, ret_text);
}

static void
s_read_thought (const chat_read_t *self, const json_node_t *item, br_block_t *call)
{
    const json_node_t *extra = json_given (self->tree, item, "extra_content");
    const json_node_t *google = json_given (self->tree, extra, "google");
    br_opaque_t blob = { .family = BR_FAMILY_GOOGLE, .kind = BR_OPAQUE_THOUGHT };
    blob.bytes = chat_text (self, json_given (self->tree, google, "thought_signature"));
    chat_blob_open (&blob, self->call->arena);
    if (blob.bytes.size)
        s_add_blob (self, &call->opaques, &blob);
}

static int
s_read_call (const chat_read_t *self, const json_node_t *item, unsigned number,
             br_turn_t *turn)
{
    int rc = chat_want (self, item, JSON_OBJECT);
    if (rc)
        return -1;
    br_arena_t *arena = self->call->arena;
    br_block_t *call = br_block_add (&turn->blocks, BR_BLOCK_CALL, arena);
    call->path = br_arena_textf (arena, "%.*s.tool_calls[%u]", (int) turn->path.size,
                                 turn->path.at, number);
    const json_node_t *type = json_given (self->tree, item, "type");
    call->custom = json_node_is (self->tree, type, "custom");
    if (type && !call->custom && !json_node_is (self->tree, type, "function"))
        return chat_refuse (self, type, "must be \"function\" or \"custom\"");
    const json_node_t *inner;
    rc = chat_may_text (self, item, "id", &call->id);
    if (rc == 0)
        rc = chat_need (self, item, call->custom ? "custom" : "function", JSON_OBJECT,
                        &inner);
    if (rc == 0)
        rc = chat_need_text (self, inner, "name", &call->name);
    if (rc == 0)
        rc = s_read_arguments (self, inner, call->custom ? "input" : "arguments",
                               &call->text);
    if (rc == 0)
        s_read_thought (self, item, call);
    return rc;
}

static int
s_read_calls (const chat_read_t *self, const json_node_t *message, br_turn_t *turn)
{
    const json_node_t *list;
    int rc = chat_may (self, message, "tool_calls", JSON_ARRAY, &list);
    unsigned i = 0;
    for (const json_node_t *item = rc ? NULL : json_first (self->tree, list);
         item && rc == 0; item = json_next (self->tree, item))
        rc = s_read_call (self, item, i++, turn);
    const json_node_t *legacy = NULL;
    if (rc == 0)
        rc = chat_may (self, message, "function_call", JSON_OBJECT, &legacy);
    if (rc || !legacy)
        return rc;
    br_block_t *call = br_block_add (&turn->blocks, BR_BLOCK_CALL, self->call->arena);
    call->path = turn->path;
    rc = chat_need_text (self, legacy, "name", &call->name);
    return rc ? -1 : s_read_arguments (self, legacy, "arguments", &call->text);
}

static int
s_assistant (const chat_read_t *self, const json_node_t *message, br_text_t path)
{
    br_turn_t *turn = br_call_add_turn (self->call, BR_TURN_ASSISTANT);
    turn->path = path;
    int rc = chat_may_text (self, message, "name", &turn->name);
    if (rc == 0)
        rc = s_read_reasoning (self, message, turn);
    const json_node_t *content = json_given (self->tree, message, "content");
    if (rc == 0 && content)
        rc = chat_read_content (self, content, SAID_BY_MODEL, path, &turn->blocks);
    br_text_t refusal = BR_TEXT_NONE;
    if (rc == 0)
        rc = chat_may_text (self, message, "refusal", &refusal);
    if (rc == 0 && refusal.size) {
        br_block_t *block = br_block_add (&turn->blocks, BR_BLOCK_REFUSAL,
                                          self->call->arena);
        block->text = refusal;
        block->path = path;
    }
    if (rc == 0 && json_given (self->tree, message, "audio"))
        br_call_add_extra (self->call, br_arena_textf (self->call->arena, "%.*s.audio",
                                                       (int) path.size, path.at));
    return rc ? -1 : s_read_calls (self, message, turn);
}

//  ---- all of them

static const struct {
    const char *role;
    message_fn *read;
} s_roles[] = {
    { "user", s_user },
    { "assistant", s_assistant },
    { "tool", s_tool },
    { "system", s_instruction },
    { "developer", s_instruction },
    { "function", s_function },
};

static int
s_read_message (const chat_read_t *self, const json_node_t *message, unsigned number)
{
    const json_node_t *role;
    int rc = chat_want (self, message, JSON_OBJECT);
    if (rc == 0)
        rc = chat_need (self, message, "role", JSON_STRING, &role);
    if (rc)
        return -1;
    br_text_t path = br_arena_textf (self->call->arena, "messages[%u]", number);
    for (size_t i = 0; i < sizeof s_roles / sizeof s_roles[0]; i++)
        if (json_node_is (self->tree, role, s_roles[i].role))
            return s_roles[i].read (self, message, path);
    br_text_t word = json_raw (self->tree, role);
    return chat_refuse (self, role, "is no role: %.*s",
                        word.size > 40 ? 40 : (int) word.size, word.at);
}

int
chat_read_messages (const chat_read_t *self, const json_node_t *list)
{
    int rc = 0;
    unsigned i = 0;
    for (const json_node_t *message = json_first (self->tree, list); message && rc == 0;
         message = json_next (self->tree, message))
        rc = s_read_message (self, message, i++);
    return rc;
}
