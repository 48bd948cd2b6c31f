//  gemini_reply: whole answers. One is read as a stream of one event; it is written part
//  by part.

#include "broker/proto/gemini/gemini_parts.h"

//  ---- reading

typedef struct {
    br_reply_t *reply;
    br_error_t *reterr;
    bool failed;
} sum_t;

static void
s_add (void *arg, const br_delta_t *delta)
{
    sum_t *self = arg;
    if (self->failed)
        return;
    if (delta->kind == BR_DELTA_ERROR)
        self->failed = br_error_set (self->reterr, delta->code, "%.*s",
                                     (int) delta->text.size, delta->text.at);
    else if (br_reply_add (self->reply, delta, self->reterr))
        self->failed = true;
}

//  countTokens answers with a number.
static bool
s_read_count (br_reply_t *reply, const json_tree_t *tree, const json_node_t *root)
{
    int64_t total = json_node_integer (tree, json_given (tree, root, "totalTokens"), -1);
    int64_t cached = json_node_integer (
        tree, json_given (tree, root, "cachedContentTokenCount"), 0);
    if (total < 0 || json_given (tree, root, "candidates"))
        return false;
    reply->usage = (br_usage_t) { .known = true, .input = (uint64_t) total };
    if (cached > 0)
        reply->usage.cache_read = (uint64_t) (cached < total ? cached : total);
    reply->finish = BR_FINISH_STOP;
    return true;
}

int
gemini_read_reply (br_reply_t *reply, const json_tree_t *tree, const json_node_t *root,
                   br_error_t *reterr)
{
    sum_t sum = { .reply = reply, .reterr = reterr };
    if (json_is (root, JSON_OBJECT) && s_read_count (reply, tree, root))
        return 0;
    void *reader = gemini_reader_new ();
    int rc = gemini_read_event (reader, "", tree, root, s_add, &sum, reterr);
    if (rc == 0 && !sum.failed && gemini_read_end (reader, s_add, &sum, NULL))
        rc = br_error_set (reterr, BR_EUPINVALID,
                           "the provider's answer has no finishReason");
    gemini_reader_destroy (&reader);
    return rc || sum.failed ? -1 : 0;
}

//  ---- writing

typedef struct {
    json_writer_t writer;
    json_tree_t *tree; //  to look into arguments with
    br_arena_t *arena;
    br_text_t pending; //  an envelope for the next part, or absent
    bool called;       //  the candidate has a call already
} writer_t;

static void
s_put_signed (writer_t *self, br_text_t text, bool thought, br_text_t signature)
{
    json_open (&self->writer, NULL, '{');
    json_put (&self->writer, "text", text.at ? text : BR_TEXT (""));
    if (thought)
        json_put_bool (&self->writer, "thought", true);
    if (signature.at)
        json_put (&self->writer, "thoughtSignature", signature);
    json_close (&self->writer, '}');
}

static void
s_put_pending (writer_t *self)
{
    if (self->pending.at)
        s_put_signed (self, BR_TEXT (""), false, self->pending);
    self->pending = BR_TEXT_NONE;
}

//  Blobs of other families travel in envelopes, on the part that comes next.
static void
s_seal (writer_t *self, const br_opaque_t *list)
{
    for (const br_opaque_t *o = list; o; o = o->next) {
        if (o->family == BR_FAMILY_GOOGLE)
            continue;
        s_put_pending (self);
        self->pending = br_envelope_seal (o, self->arena);
    }
}

//  The signature of a part that comes now, or absent.
static br_text_t
s_take_signature (writer_t *self, const br_block_t *block)
{
    s_seal (self, block->opaques);
    const br_opaque_t *own = gemini_signature_of (block->opaques);
    if (own) {
        s_put_pending (self);
        return own->bytes;
    }
    br_text_t signature = self->pending;
    self->pending = BR_TEXT_NONE;
    return signature;
}

static void
s_write_text (writer_t *self, const br_block_t *block)
{
    if (block->text.size || block->opaques)
        s_put_signed (self, block->text, false, s_take_signature (self, block));
}

static void
s_write_reasoning (writer_t *self, const br_block_t *block)
{
    const br_opaque_t *own = gemini_signature_of (block->opaques);
    br_text_t text = block->text.size ? block->text : block->summary;
    if (text.size || own)
        s_put_signed (self, text, true, own ? own->bytes : BR_TEXT_NONE);
    s_seal (self, block->opaques);
}

static void
s_write_call (writer_t *self, const br_block_t *block)
{
    br_text_t signature = s_take_signature (self, block);
    if (!signature.at && !self->called)
        signature = br_envelope_empty (BR_OPAQUE_THOUGHT, self->arena);
    self->called = true;
    json_open (&self->writer, NULL, '{');
    json_open (&self->writer, "functionCall", '{');
    json_put_given (&self->writer, "id", block->id);
    json_put (&self->writer, "name", block->name.at ? block->name : BR_TEXT (""));
    gemini_put_args (&self->writer, block->text, block->custom, self->tree);
    json_close (&self->writer, '}');
    if (signature.at)
        json_put (&self->writer, "thoughtSignature", signature);
    json_close (&self->writer, '}');
}

static void
s_write_media (writer_t *self, const br_block_t *block)
{
    json_open (&self->writer, NULL, '{');
    gemini_put_media (&self->writer, &block->media, block->kind);
    json_close (&self->writer, '}');
}

static void
s_write_hosted (writer_t *self, const br_block_t *block)
{
    if (block->family == BR_FAMILY_GOOGLE)
        gemini_put_flat (&self->writer, NULL, block->raw);
}

typedef void (block_fn) (writer_t *self, const br_block_t *block);

static block_fn *const s_blocks[BR_BLOCK_KINDS] = {
    [BR_BLOCK_TEXT] = s_write_text,           [BR_BLOCK_REFUSAL] = s_write_text,
    [BR_BLOCK_REASONING] = s_write_reasoning, [BR_BLOCK_IMAGE] = s_write_media,
    [BR_BLOCK_DOCUMENT] = s_write_media,      [BR_BLOCK_AUDIO] = s_write_media,
    [BR_BLOCK_VIDEO] = s_write_media,         [BR_BLOCK_CALL] = s_write_call,
    [BR_BLOCK_HOSTED] = s_write_hosted,
};

//  The last that Google said of it counts.
static void
s_write_grounding (writer_t *self, const br_reply_t *reply)
{
    br_text_t last = BR_TEXT_NONE;
    for (const br_block_t *b = reply->blocks; b; b = b->next) {
        if (b->family != BR_FAMILY_GOOGLE || b->kind != BR_BLOCK_TEXT || !b->citations.at)
            continue;
        const json_node_t *list = json_tree_parse (self->tree, b->citations.at,
                                                   b->citations.size, NULL);
        for (const json_node_t *n = json_first (self->tree, list); n;
             n = json_next (self->tree, n))
            last = json_raw (self->tree, n);
    }
    if (last.at)
        gemini_put_flat (&self->writer, "groundingMetadata", last);
}

static void
s_write_candidate (writer_t *self, const br_reply_t *reply)
{
    json_writer_t *writer = &self->writer;
    json_open (writer, NULL, '{');
    json_open (writer, "content", '{');
    json_open (writer, "parts", '[');
    self->called = false;
    for (const br_block_t *b = reply->blocks; b; b = b->next)
        if (s_blocks[b->kind])
            s_blocks[b->kind](self, b);
    s_put_pending (self);
    json_close (writer, ']');
    json_put_string (writer, "role", "model");
    json_close (writer, '}');
    json_put_string (writer, "finishReason",
                     gemini_finish_word (br_reply_finish (reply), reply->native_finish));
    json_put_integer (writer, "index", reply->choice);
    s_write_grounding (self, reply);
    gemini_write_logprobs (writer, self->tree, reply->logprobs);
    json_close (writer, '}');
}

//  The answer to countTokens.
static void
s_write_count (const br_reply_t *reply, br_buf_t *out)
{
    json_writer_t writer = json_writer (out);
    json_open (&writer, NULL, '{');
    json_put_integer (&writer, "totalTokens", (int64_t) reply->usage.input);
    if (reply->usage.cache_read)
        json_put_integer (&writer, "cachedContentTokenCount",
                          (int64_t) reply->usage.cache_read);
    json_close (&writer, '}');
}

void
gemini_write_reply (const br_reply_t *reply, const br_asked_t *asked, br_buf_t *out)
{
    if (asked->call && asked->call->count_only) {
        s_write_count (reply, out);
        return;
    }
    writer_t self = { .writer = json_writer (out),
                      .tree = json_tree_new (),
                      .arena = br_arena_new () };
    json_open (&self.writer, NULL, '{');
    json_open (&self.writer, "candidates", '[');
    const br_reply_t *choice = reply;
    do {
        s_write_candidate (&self, choice);
        choice = choice->next;
    } while (choice);
    json_close (&self.writer, ']');
    if (reply->usage.known)
        br_usage_write (&reply->usage, BR_PROTOCOL_GOOGLE, "usageMetadata", &self.writer);
    json_put (&self.writer, "modelVersion", asked->model);
    if (asked->id)
        json_put_string (&self.writer, "responseId", asked->id);
    json_close (&self.writer, '}');
    br_arena_destroy (&self.arena);
    json_tree_destroy (&self.tree);
}
