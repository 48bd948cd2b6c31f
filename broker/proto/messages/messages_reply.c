//  messages_reply: reads and writes whole answers.

#include "broker/proto/messages/messages_parts.h"

//  ---- why it ended

//  A word may stand in two rows; the first is how it is read.
typedef struct {
    const char *word;
    br_finish_t finish;
} finish_row_t;

static const finish_row_t s_finishes[] = {
    { "end_turn", BR_FINISH_STOP },
    { "stop_sequence", BR_FINISH_STOP_SEQUENCE },
    { "max_tokens", BR_FINISH_LENGTH },
    { "model_context_window_exceeded", BR_FINISH_CONTEXT },
    { "tool_use", BR_FINISH_TOOL_USE },
    { "refusal", BR_FINISH_REFUSAL },
    { "refusal", BR_FINISH_FILTER },
    { "pause_turn", BR_FINISH_PAUSE },
    { "compaction", BR_FINISH_PAUSE },
};

#define FINISHES (sizeof s_finishes / sizeof s_finishes[0])

br_finish_t
messages_finish_of (br_text_t word)
{
    for (size_t i = 0; i < FINISHES; i++)
        if (br_text_is (word, s_finishes[i].word))
            return s_finishes[i].finish;
    return BR_FINISH_STOP;
}

const char *
messages_finish_word (br_finish_t finish)
{
    for (size_t i = 0; i < FINISHES; i++)
        if (finish == s_finishes[i].finish)
            return s_finishes[i].word;
    return "end_turn";
}

void
messages_put_stop_details (json_writer_t *json, br_finish_t finish)
{
    if (finish != BR_FINISH_REFUSAL && finish != BR_FINISH_FILTER)
        return;
    json_open (json, "stop_details", '{');
    json_put_string (json, "type", "refusal");
    json_put_null (json, "category");
    json_put_null (json, "explanation");
    json_close (json, '}');
}

br_text_t
messages_reply_id (br_text_t id, const br_asked_t *asked, br_arena_t *arena)
{
    if (br_text_starts (id, "msg_"))
        return id;
    return br_arena_textf (arena, "msg_%s", asked->id);
}

//  ---- reading

static void
s_name_model (br_block_t *blocks, br_text_t model)
{
    for (br_block_t *block = blocks; block; block = block->next)
        for (br_opaque_t *opaque = block->opaques; opaque; opaque = opaque->next)
            opaque->model = model;
}

static int
s_read_end (br_reply_t *reply, const messages_in_t *in, const json_node_t *root)
{
    const json_node_t *usage = json_given (in->tree, root, "usage");
    if (messages_may (in, root, "stop_reason", &reply->native_finish)
        || messages_may (in, root, "stop_sequence", &reply->stop_sequence))
        return -1;
    if (reply->native_finish.at)
        reply->finish = messages_finish_of (reply->native_finish);
    if (!usage)
        return 0;
    br_text_t raw = json_raw (in->tree, usage);
    br_usage_read (BR_PROTOCOL_MESSAGES, raw.at, raw.size, &reply->usage);
    return 0;
}

static int
s_read_error (const messages_in_t *in, const json_node_t *root)
{
    const json_node_t *error = json_given (in->tree, root, "error");
    br_text_t message = json_node_text (in->tree, json_given (in->tree, error, "message"),
                                        in->arena);
    return br_error_set (in->reterr, in->code, "the provider answered an error: %.*s",
                         (int) message.size, message.at ? message.at : "");
}

int
messages_read_reply (br_reply_t *reply, const json_tree_t *tree, const json_node_t *root,
                     br_error_t *reterr)
{
    const messages_in_t in = { tree, reply->arena, BR_EUPINVALID, reterr };
    if (!json_is (root, JSON_OBJECT))
        return messages_wrong (&in, root, "an object");
    if (json_node_is (tree, json_get (tree, root, "type"), "error"))
        return s_read_error (&in, root);
    const json_node_t *content = json_given (tree, root, "content");
    if (!json_is (content, JSON_ARRAY))
        return messages_missing (&in, root, "content");
    if (messages_may (&in, root, "id", &reply->id)
        || messages_may (&in, root, "model", &reply->model))
        return -1;
    int rc = messages_read_content (&in, content, MESSAGES_REPLY, BR_TEXT ("content"),
                                    &reply->blocks);
    if (rc)
        return rc;
    s_name_model (reply->blocks, reply->model);
    return s_read_end (reply, &in, root);
}

//  ---- writing

typedef struct {
    const br_asked_t *asked;
    json_writer_t json;
    json_tree_t *tree;
    br_arena_t *arena;
    unsigned calls; //  so far
} writing_t;

static void
s_put_redacted (writing_t *self, br_text_t data)
{
    if (!data.size)
        return;
    json_open (&self->json, NULL, '{');
    json_put_string (&self->json, "type", "redacted_thinking");
    json_put (&self->json, "data", data);
    json_close (&self->json, '}');
}

static void
s_put_opaques (writing_t *self, const br_opaque_t *list, br_text_t call_id)
{
    bool native = false;
    for (; list; list = list->next)
        s_put_redacted (self, messages_seal (list, call_id, self->arena, &native));
}

static void
s_put_text (writing_t *self, const br_block_t *block)
{
    if (block->text.size) {
        json_open (&self->json, NULL, '{');
        json_put_string (&self->json, "type", "text");
        json_put (&self->json, "text", block->text);
        if (block->family == BR_FAMILY_ANTHROPIC)
            json_put_raw_given (&self->json, "citations", block->citations);
        json_close (&self->json, '}');
    }
    s_put_opaques (self, block->opaques, BR_TEXT_NONE);
}

//  The first blob is the signature; without a text it is a block of its own, but for a
//  signature of Anthropic's, whose text may be left out.
static void
s_put_reasoning (writing_t *self, const br_block_t *block)
{
    const br_opaque_t *opaque = block->opaques;
    br_text_t text = block->text.size ? block->text : block->summary;
    bool native = false;
    br_text_t sealed = BR_TEXT_NONE;
    if (opaque)
        sealed = messages_seal (opaque, BR_TEXT_NONE, self->arena, &native);
    bool signature = native && opaque->kind == BR_OPAQUE_SIGNATURE;
    if (text.size == 0 && !signature) {
        s_put_opaques (self, opaque, BR_TEXT_NONE);
        return;
    }
    json_open (&self->json, NULL, '{');
    json_put_string (&self->json, "type", "thinking");
    json_put (&self->json, "thinking", text.at ? text : BR_TEXT (""));
    json_put (&self->json, "signature",
              sealed.size ? sealed
                          : br_envelope_empty (BR_OPAQUE_SIGNATURE, self->arena));
    json_close (&self->json, '}');
    if (opaque)
        s_put_opaques (self, opaque->next, BR_TEXT_NONE);
}

static void
s_put_call (writing_t *self, const br_block_t *block)
{
    br_text_t id = block->id;
    if (!id.size)
        id = br_arena_textf (self->arena, "toolu_%.20s%04u", self->asked->id,
                             self->calls % 10000);
    self->calls++;
    s_put_opaques (self, block->opaques, id);
    json_open (&self->json, NULL, '{');
    json_put_string (&self->json, "type", "tool_use");
    json_put (&self->json, "id", id);
    json_put (&self->json, "name", block->name.at ? block->name : BR_TEXT (""));
    messages_put_args (&self->json, "input", block->text, block->custom, self->tree);
    json_close (&self->json, '}');
}

static void
s_put_hosted (writing_t *self, const br_block_t *block)
{
    if (block->family == BR_FAMILY_ANTHROPIC)
        json_put_raw_given (&self->json, NULL, block->raw);
}

typedef void (put_fn) (writing_t *self, const br_block_t *block);

//  Images and sound have no place in an answer.
static put_fn *const s_puts[BR_BLOCK_KINDS] = {
    [BR_BLOCK_TEXT] = s_put_text,           [BR_BLOCK_REFUSAL] = s_put_text,
    [BR_BLOCK_REASONING] = s_put_reasoning, [BR_BLOCK_CALL] = s_put_call,
    [BR_BLOCK_HOSTED] = s_put_hosted,
};

void
messages_write_reply (const br_reply_t *reply, const br_asked_t *asked, br_buf_t *out)
{
    br_arena_t *arena = br_arena_new ();
    writing_t self = { .asked = asked,
                       .json = json_writer (out),
                       .tree = json_tree_new (),
                       .arena = arena };
    br_finish_t finish = br_reply_finish (reply);
    bool sequence = finish == BR_FINISH_STOP_SEQUENCE && reply->stop_sequence.size;
    json_open (&self.json, NULL, '{');
    json_put (&self.json, "id", messages_reply_id (reply->id, asked, arena));
    json_put_string (&self.json, "type", "message");
    json_put_string (&self.json, "role", "assistant");
    json_put (&self.json, "model", asked->model);
    json_open (&self.json, "content", '[');
    for (const br_block_t *block = reply->blocks; block; block = block->next)
        if ((unsigned) block->kind < BR_BLOCK_KINDS && s_puts[block->kind])
            s_puts[block->kind](&self, block);
    json_close (&self.json, ']');
    json_put_string (&self.json, "stop_reason", messages_finish_word (finish));
    json_put (&self.json, "stop_sequence",
              sequence ? reply->stop_sequence : BR_TEXT_NONE);
    messages_put_stop_details (&self.json, finish);
    br_usage_write (&reply->usage, BR_PROTOCOL_MESSAGES, "usage", &self.json);
    json_close (&self.json, '}');
    json_tree_destroy (&self.tree);
    br_arena_destroy (&arena);
}
