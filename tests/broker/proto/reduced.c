//  reduced: what must stay the same of a call or an answer.

#include "tests/broker/proto/reduced.h"

#include <string.h>

#include "broker/core/json_writer.h"
#include "broker/net/sse.h"
#include "broker/proto/error_words.h"

static const char *const s_names[REDUCED_FIELDS] = {
    [REDUCED_SAID] = "said",
    [REDUCED_REASONING] = "reasoning",
    [REDUCED_CALLS] = "calls",
    [REDUCED_RESULTS] = "results",
    [REDUCED_TOOLS] = "tools",
    [REDUCED_FINISH] = "finish",
    [REDUCED_INPUT] = "input",
    [REDUCED_CACHE_READ] = "cache read",
    [REDUCED_CACHE_WRITE] = "cache write",
    [REDUCED_OUTPUT] = "output",
    [REDUCED_THOUGHTS] = "reasoning tokens",
};

//  Kinds of finish that some protocol cannot tell apart.
static const char *const s_classes[BR_FINISH_COUNT] = {
    [BR_FINISH_UNSET] = "stop",         [BR_FINISH_STOP] = "stop",
    [BR_FINISH_STOP_SEQUENCE] = "stop", [BR_FINISH_LENGTH] = "length",
    [BR_FINISH_CONTEXT] = "length",     [BR_FINISH_TOOL_USE] = "tool use",
    [BR_FINISH_FILTER] = "refused",     [BR_FINISH_REFUSAL] = "refused",
    [BR_FINISH_PAUSE] = "stop",         [BR_FINISH_MALFORMED] = "malformed",
};

const char *
reduced_field_name (reduced_field_t field)
{
    return s_names[field];
}

static void
s_init (reduced_t *self)
{
    for (size_t i = 0; i < REDUCED_FIELDS; i++)
        br_buf_init (&self->fields[i], REDUCED_BYTES_MAX);
}

void
reduced_free (reduced_t *self)
{
    for (size_t i = 0; i < REDUCED_FIELDS; i++)
        br_buf_free (&self->fields[i]);
}

static void
s_add (reduced_t *self, reduced_field_t field, br_text_t text)
{
    if (text.size)
        br_buf_add (&self->fields[field], text.at, text.size);
}

//  ---- arguments

static void
s_dump (const json_tree_t *tree, const json_node_t *node, br_arena_t *arena,
        json_writer_t *out)
{
    bool object = node->type == JSON_OBJECT;
    if (node->type == JSON_STRING) {
        json_put (out, NULL, json_node_text (tree, node, arena));
        return;
    }
    if (!object && node->type != JSON_ARRAY) {
        json_put_raw (out, NULL, json_raw (tree, node));
        return;
    }
    json_open (out, NULL, object ? '{' : '[');
    for (const json_node_t *n = json_first (tree, node); n; n = json_next (tree, n)) {
        if (object)
            json_put_key (out, json_key (tree, n, arena));
        s_dump (tree, n, arena, out);
    }
    json_close (out, object ? '}' : ']');
}

//  Blank arguments are none; what is no JSON stands as it is.
static void
s_add_args (reduced_t *self, const br_block_t *block)
{
    br_buf_t *out = &self->fields[REDUCED_CALLS];
    json_tree_t *tree = json_tree_new ();
    br_arena_t *arena = br_arena_new ();
    const json_node_t *root = NULL;
    if (!block->custom)
        root = json_tree_parse (tree, block->text.at, block->text.size, NULL);
    json_writer_t writer = json_writer (out);
    if (root)
        s_dump (tree, root, arena, &writer);
    else if (br_text_is_blank (block->text) && !block->custom)
        br_buf_adds (out, "{}");
    else
        s_add (self, REDUCED_CALLS, block->text);
    br_arena_destroy (&arena);
    json_tree_destroy (&tree);
}

static void
s_add_call (reduced_t *self, const br_block_t *block, br_protocol_t protocol)
{
    br_arena_t *arena = br_arena_new ();
    s_add (self, REDUCED_CALLS, br_tool_name (block->name, protocol, arena));
    br_buf_adds (&self->fields[REDUCED_CALLS], block->custom ? "! " : " ");
    s_add_args (self, block);
    br_buf_adds (&self->fields[REDUCED_CALLS], "\n");
    br_arena_destroy (&arena);
}

//  ---- answers

static void
s_add_block (reduced_t *self, const br_block_t *block, br_protocol_t protocol)
{
    if (block->kind == BR_BLOCK_TEXT || block->kind == BR_BLOCK_REFUSAL)
        s_add (self, REDUCED_SAID, block->text);
    if (block->kind == BR_BLOCK_REASONING) {
        s_add (self, REDUCED_REASONING, block->summary);
        s_add (self, REDUCED_REASONING, block->text);
    }
    if (block->kind == BR_BLOCK_CALL)
        s_add_call (self, block, protocol);
}

//  Chat has no word for an answer that refuses, but a place for the refusal.
static const char *
s_class (const br_reply_t *reply)
{
    br_finish_t finish = br_reply_finish (reply);
    for (const br_block_t *block = reply->blocks; block; block = block->next)
        if (block->kind == BR_BLOCK_REFUSAL && finish == BR_FINISH_STOP)
            finish = BR_FINISH_REFUSAL;
    return s_classes[finish];
}

static void
s_add_count (reduced_t *self, reduced_field_t field, uint64_t count)
{
    br_buf_addf (&self->fields[field], "%llu", (unsigned long long) count);
}

void
reduced_reply (const br_reply_t *reply, br_protocol_t protocol, reduced_t *ret)
{
    s_init (ret);
    const br_usage_t *usage = &reply->usage;
    s_add_count (ret, REDUCED_INPUT, usage->input);
    s_add_count (ret, REDUCED_CACHE_READ, usage->cache_read);
    s_add_count (ret, REDUCED_CACHE_WRITE, usage->cache_write);
    s_add_count (ret, REDUCED_OUTPUT, usage->output);
    s_add_count (ret, REDUCED_THOUGHTS, usage->reasoning);
    for (; reply; reply = reply->next) {
        for (const br_block_t *block = reply->blocks; block; block = block->next)
            s_add_block (ret, block, protocol);
        br_buf_adds (&ret->fields[REDUCED_FINISH], s_class (reply));
    }
}

//  ---- calls

//  White space between pieces depends on how they are cut.
static void
s_add_words (reduced_t *self, reduced_field_t field, br_text_t text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!strchr (" \t\r\n", text.at[i]) || !text.at[i])
            br_buf_addc (&self->fields[field], text.at[i]);
}

static void
s_add_turn_block (reduced_t *self, const br_block_t *block, br_protocol_t protocol)
{
    br_arena_t *arena = br_arena_new ();
    if (block->kind == BR_BLOCK_RESULT) {
        s_add (self, REDUCED_RESULTS, br_tool_name (block->name, protocol, arena));
        br_buf_adds (&self->fields[REDUCED_RESULTS], " ");
        s_add_words (self, REDUCED_RESULTS, br_block_join (block->blocks, "", arena));
        br_buf_adds (&self->fields[REDUCED_RESULTS], "\n");
    } else if (block->kind == BR_BLOCK_CALL)
        s_add_call (self, block, protocol);
    else if (block->kind == BR_BLOCK_TEXT || block->kind == BR_BLOCK_REFUSAL)
        s_add_words (self, REDUCED_SAID, block->text);
    else if (block->kind == BR_BLOCK_DOCUMENT
             && br_text_is (block->media.mime, "text/plain"))
        s_add_words (self, REDUCED_SAID, block->media.data);
    br_arena_destroy (&arena);
}

void
reduced_call (const br_call_t *call, br_protocol_t protocol, reduced_t *ret)
{
    s_init (ret);
    for (const br_block_t *block = call->system; block; block = block->next)
        s_add_words (ret, REDUCED_SAID, block->text);
    for (const br_turn_t *turn = call->turns; turn; turn = turn->next)
        for (const br_block_t *block = turn->blocks; block; block = block->next)
            s_add_turn_block (ret, block, protocol);
    for (const br_tool_t *tool = call->tools; tool; tool = tool->next) {
        if (tool->kind == BR_TOOL_HOSTED)
            continue;
        s_add (ret, REDUCED_TOOLS, br_tool_name (tool->name, protocol, call->arena));
        br_buf_adds (&ret->fields[REDUCED_TOOLS], "\n");
    }
}

//  ---- reading

typedef struct {
    const br_codec_t *codec;
    void *reader;
    br_order_t *order;
    json_tree_t *tree;
    br_reply_t *reply;
    bool ended, failed, broken;
} reading_t;

static void
s_collect (void *arg, const br_delta_t *delta)
{
    reading_t *self = arg;
    if (delta->kind == BR_DELTA_END)
        self->ended = true;
    if (delta->kind == BR_DELTA_ERROR)
        self->failed = true;
    if (br_reply_add (self->reply, delta, NULL))
        self->broken = true;
}

static void
s_put_in_order (void *arg, const br_delta_t *delta)
{
    reading_t *self = arg;
    if (br_order_push (self->order, delta, NULL))
        self->broken = true;
}

static void
s_event (void *arg, const char *name, const uint8_t *data, size_t size)
{
    reading_t *self = arg;
    if (size == 0 || self->ended || self->failed)
        return;
    int rc;
    const json_node_t *root = json_tree_parse (self->tree, data, size, NULL);
    if (root)
        rc = self->codec->read_event (self->reader, name, self->tree, root,
                                      s_put_in_order, self, NULL);
    else
        rc = self->codec->read_mark (self->reader,
                                     (br_text_t) { (const char *) data, size },
                                     s_put_in_order, self, NULL);
    if (rc)
        self->broken = true;
}

static const sse_handler_t s_handler = { .event = s_event };

static void
s_read_stream (reading_t *self, const void *bytes, size_t size)
{
    self->reader = self->codec->reader_new ();
    self->order = br_order_new (s_collect, self);
    sse_t *sse = sse_new (&s_handler, self, SSE_EVENT_MAX);
    if (sse_push (sse, bytes, size, NULL) || sse_end (sse, NULL))
        self->broken = true;
    if (!self->ended && !self->failed && !self->broken)
        (void) self->codec->read_end (self->reader, s_put_in_order, self, NULL);
    sse_destroy (&sse);
    br_order_destroy (&self->order);
    self->codec->reader_destroy (&self->reader);
}

static void
s_read_body (reading_t *self, const void *bytes, size_t size)
{
    const json_node_t *root = json_tree_parse (self->tree, bytes, size, NULL);
    if (root && error_words_is (self->tree, root))
        self->failed = true;
    else if (!root || self->codec->read_reply (self->reply, self->tree, root, NULL))
        self->broken = true;
    else
        self->ended = true;
}

reduced_end_t
reduced_read (br_protocol_t protocol, const void *bytes, size_t size, br_reply_t *reply)
{
    reading_t self = { .codec = br_codec_of (protocol), .reply = reply };
    self.tree = json_tree_new ();
    const char *at = bytes;
    size_t blank = strspn (size ? at : "", " \t\r\n");
    if (blank < size && (at[blank] == '{' || at[blank] == '['))
        s_read_body (&self, bytes, size);
    else
        s_read_stream (&self, bytes, size);
    json_tree_destroy (&self.tree);
    return self.failed   ? REDUCED_ERROR
           : self.broken ? REDUCED_NONSENSE
           : self.ended  ? REDUCED_WHOLE
                         : REDUCED_CUT;
}
