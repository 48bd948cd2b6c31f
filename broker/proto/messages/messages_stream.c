//  messages_stream: reads a provider's stream. At most one block is open; what it is is a
//  row of a table, and what has to be whole before it is handed on waits in its buffers.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/messages/messages_parts.h"

#define MODEL_MAX 512 //  bytes of a model's name

typedef enum {
    OPEN_NOTHING,
    OPEN_TEXT,
    OPEN_THINKING,
    OPEN_REDACTED,
    OPEN_CALL,
    OPEN_HOSTED
} open_t;

typedef struct {
    open_t open;
    int64_t index;  //  the provider's, of the open block
    unsigned block; //  ours, of the open block; the next one's while none is open
    bool started;
    bool finished; //  FINISH was said
    bool ended;    //  END or ERROR was said
    bool pieces;   //  of the open block: pieces of JSON came
    br_usage_t usage;
    br_buf_t text;  //  of one delta, unescaped
    br_buf_t held;  //  of the open block: its signature, or its input
    br_buf_t item;  //  of the open block: the item, without the end of its object
    br_buf_t model; //  the provider's name of it
} reader_t;

//  One event under way.
typedef struct {
    reader_t *self;
    const json_tree_t *tree;
    const json_node_t *root;
    br_delta_fn *fn;
    void *arg;
    br_error_t *reterr;
} event_t;

void *
messages_reader_new (void)
{
    reader_t *self = BR_NEW (reader_t);
    br_buf_init (&self->text, BR_REPLY_BYTES_MAX);
    br_buf_init (&self->held, BR_REPLY_BYTES_MAX);
    br_buf_init (&self->item, BR_REPLY_BYTES_MAX);
    br_buf_init (&self->model, MODEL_MAX);
    return self;
}

void
messages_reader_destroy (void **reader_p)
{
    if (!reader_p || !*reader_p)
        return;
    reader_t *self = *reader_p;
    br_buf_free (&self->model);
    br_buf_free (&self->item);
    br_buf_free (&self->held);
    br_buf_free (&self->text);
    free (self);
    *reader_p = NULL;
}

static int
s_broken (const event_t *event, const char *what)
{
    return br_error_set (event->reterr, BR_EUPINVALID, "the provider's stream: %s", what);
}

static void
s_say (const event_t *event, br_delta_t delta)
{
    delta.block = event->self->block;
    event->fn (event->arg, &delta);
}

static br_text_t
s_whole (const br_buf_t *buf)
{
    return (br_text_t) { buf->data ? (const char *) buf->data : "", buf->size };
}

//  A string's text, until the next one. Empty when it is none.
static br_text_t
s_text (const event_t *event, const json_node_t *node)
{
    br_buf_t *text = &event->self->text;
    br_buf_clear (text);
    if (json_node_add (event->tree, node, text))
        br_buf_clear (text);
    return s_whole (text);
}

static const json_node_t *
s_given (const event_t *event, const json_node_t *node, const char *key)
{
    return json_given (event->tree, node, key);
}

//  ---- usage

//  open: it is that of the start.
static void
s_tell_usage (const event_t *event, const json_node_t *usage, bool open)
{
    reader_t *self = event->self;
    if (!json_is (usage, JSON_OBJECT))
        return;
    br_text_t raw = json_raw (event->tree, usage);
    br_usage_merge (&self->usage, raw.at, raw.size);
    self->usage.open = open;
    if (self->usage.known)
        s_say (event, (br_delta_t) { .kind = BR_DELTA_USAGE, .usage = self->usage });
}

//  ---- the start

//  Some hosts say it twice.
static int
s_on_start (const event_t *event)
{
    reader_t *self = event->self;
    const json_node_t *message = s_given (event, event->root, "message");
    if (self->started)
        return 0;
    self->started = true;
    br_buf_clear (&self->model);
    json_node_add (event->tree, s_given (event, message, "model"), &self->model);
    br_text_t id = s_text (event, s_given (event, message, "id"));
    s_say (event, (br_delta_t) { .kind = BR_DELTA_START,
                                 .id = id,
                                 .model = s_whole (&self->model) });
    s_tell_usage (event, s_given (event, message, "usage"), true);
    return 0;
}

//  ---- blocks

static void
s_say_text (const event_t *event, br_delta_kind_t kind, const json_node_t *node)
{
    br_text_t text = s_text (event, node);
    if (text.size)
        s_say (event, (br_delta_t) { .kind = kind, .text = text });
}

static int
s_open_text (const event_t *event, const json_node_t *block)
{
    s_say_text (event, BR_DELTA_TEXT, s_given (event, block, "text"));
    const json_node_t *citations = s_given (event, block, "citations");
    if (!json_is (citations, JSON_ARRAY))
        return 0;
    for (const json_node_t *item = json_first (event->tree, citations); item;
         item = json_next (event->tree, item))
        s_say (event, (br_delta_t) { .kind = BR_DELTA_CITATION,
                                     .raw = json_raw (event->tree, item),
                                     .family = BR_FAMILY_ANTHROPIC });
    return 0;
}

static int
s_open_thinking (const event_t *event, const json_node_t *block)
{
    s_say_text (event, BR_DELTA_REASONING, s_given (event, block, "thinking"));
    json_node_add (event->tree, s_given (event, block, "signature"), &event->self->held);
    return 0;
}

static int
s_open_redacted (const event_t *event, const json_node_t *block)
{
    json_node_add (event->tree, s_given (event, block, "data"), &event->self->held);
    return 0;
}

//  A whole input may stand here already.
static void
s_hold_input (const event_t *event, const json_node_t *block)
{
    const json_node_t *input = s_given (event, block, "input");
    if (!json_is (input, JSON_OBJECT) || input->count == 0)
        return;
    br_text_t raw = json_raw (event->tree, input);
    br_buf_add (&event->self->held, raw.at, raw.size);
}

static int
s_open_call (const event_t *event, const json_node_t *block)
{
    br_arena_t *arena = br_arena_new ();
    br_text_t name = json_node_text (event->tree, s_given (event, block, "name"), arena);
    br_text_t id = s_text (event, s_given (event, block, "id"));
    if (name.size)
        s_say (event, (br_delta_t) { .kind = BR_DELTA_CALL, .id = id, .name = name });
    int rc = name.size ? 0 : s_broken (event, "a tool_use block has no name");
    br_arena_destroy (&arena);
    s_hold_input (event, block);
    return rc;
}

//  An input that is empty here comes in pieces, and is put at the end of the item.
static int
s_open_hosted (const event_t *event, const json_node_t *block)
{
    br_buf_t *item = &event->self->item;
    const char *bytes = (const char *) json_tree_bytes (event->tree);
    const json_node_t *input = json_get (event->tree, block, "input");
    bool pieces = json_is (input, JSON_OBJECT) && input->count == 0;
    event->self->pieces = pieces;
    for (const json_node_t *member = json_first (event->tree, block); member;
         member = json_next (event->tree, member)) {
        if (pieces && json_key_is (event->tree, member, "input"))
            continue;
        br_buf_addc (item, item->size ? ',' : '{');
        br_buf_add (item, bytes + member->key_offset, member->key_size);
        br_buf_addc (item, ':');
        br_buf_add (item, bytes + member->offset, member->size);
    }
    return 0;
}

//  ---- pieces of blocks

static int
s_add_text (const event_t *event, const json_node_t *delta)
{
    s_say_text (event, BR_DELTA_TEXT, s_given (event, delta, "text"));
    return 0;
}

static int
s_add_citation (const event_t *event, const json_node_t *delta)
{
    const json_node_t *citation = s_given (event, delta, "citation");
    if (json_is (citation, JSON_OBJECT))
        s_say (event, (br_delta_t) { .kind = BR_DELTA_CITATION,
                                     .raw = json_raw (event->tree, citation),
                                     .family = BR_FAMILY_ANTHROPIC });
    return 0;
}

static int
s_add_thinking (const event_t *event, const json_node_t *delta)
{
    s_say_text (event, BR_DELTA_REASONING, s_given (event, delta, "thinking"));
    return 0;
}

static int
s_add_signature (const event_t *event, const json_node_t *delta)
{
    json_node_add (event->tree, s_given (event, delta, "signature"), &event->self->held);
    return 0;
}

//  What the start held is no part of what comes in pieces.
static int
s_add_args (const event_t *event, const json_node_t *delta)
{
    br_text_t text = s_text (event, s_given (event, delta, "partial_json"));
    if (text.size == 0)
        return 0;
    event->self->pieces = true;
    br_buf_clear (&event->self->held);
    s_say (event, (br_delta_t) { .kind = BR_DELTA_ARGS, .text = text });
    return 0;
}

static int
s_add_input (const event_t *event, const json_node_t *delta)
{
    json_node_add (event->tree, s_given (event, delta, "partial_json"),
                   &event->self->held);
    return 0;
}

//  ---- ends of blocks

static void
s_say_opaque (const event_t *event, br_opaque_kind_t kind)
{
    const reader_t *self = event->self;
    if (self->held.size == 0)
        return;
    const br_opaque_t opaque = { .family = BR_FAMILY_ANTHROPIC,
                                 .kind = kind,
                                 .model = s_whole (&self->model),
                                 .bytes = s_whole (&self->held) };
    s_say (event, (br_delta_t) { .kind = BR_DELTA_OPAQUE, .opaque = &opaque });
}

static void
s_close_thinking (const event_t *event)
{
    s_say_opaque (event, BR_OPAQUE_SIGNATURE);
}

static void
s_close_redacted (const event_t *event)
{
    s_say_opaque (event, BR_OPAQUE_REDACTED);
}

static void
s_close_call (const event_t *event)
{
    const reader_t *self = event->self;
    if (self->pieces)
        return;
    br_text_t args = self->held.size ? s_whole (&self->held) : BR_TEXT ("{}");
    s_say (event, (br_delta_t) { .kind = BR_DELTA_ARGS, .text = args });
}

//  Pieces that add up to no object are put into one.
static void
s_put_input (reader_t *self)
{
    json_tree_t *tree = json_tree_new ();
    json_writer_t json = { .out = &self->item, .comma = true };
    messages_put_args (&json, "input", s_whole (&self->held), false, tree);
    json_tree_destroy (&tree);
}

static void
s_close_hosted (const event_t *event)
{
    reader_t *self = event->self;
    if (self->item.size == 0)
        return;
    if (self->pieces)
        s_put_input (self);
    br_buf_addc (&self->item, '}');
    if (!self->item.overflow)
        s_say (event, (br_delta_t) { .kind = BR_DELTA_HOSTED,
                                     .raw = s_whole (&self->item),
                                     .family = BR_FAMILY_ANTHROPIC });
}

//  ---- tables

typedef struct {
    const char *type;
    open_t open;
    int (*begin) (const event_t *event, const json_node_t *block);
    void (*end) (const event_t *event); //  NULL: nothing waits
} block_row_t;

static const block_row_t s_blocks[] = {
    { "text", OPEN_TEXT, s_open_text, NULL },
    { "thinking", OPEN_THINKING, s_open_thinking, s_close_thinking },
    { "redacted_thinking", OPEN_REDACTED, s_open_redacted, s_close_redacted },
    { "tool_use", OPEN_CALL, s_open_call, s_close_call },
    { NULL, OPEN_HOSTED, s_open_hosted, s_close_hosted }, //  all others
};

typedef struct {
    const char *type;
    open_t open; //  the block that it is a piece of
    int (*add) (const event_t *event, const json_node_t *delta);
} delta_row_t;

static const delta_row_t s_deltas[] = {
    { "text_delta", OPEN_TEXT, s_add_text },
    { "citations_delta", OPEN_TEXT, s_add_citation },
    { "thinking_delta", OPEN_THINKING, s_add_thinking },
    { "signature_delta", OPEN_THINKING, s_add_signature },
    { "input_json_delta", OPEN_CALL, s_add_args },
    { "input_json_delta", OPEN_HOSTED, s_add_input },
};

static void
s_close (const event_t *event)
{
    reader_t *self = event->self;
    if (self->open == OPEN_NOTHING)
        return;
    const block_row_t *row = s_blocks;
    while (row->open != self->open)
        row++;
    if (row->end)
        row->end (event);
    self->open = OPEN_NOTHING;
    self->block++;
    br_buf_clear (&self->held);
    br_buf_clear (&self->item);
}

static int
s_on_block_start (const event_t *event)
{
    reader_t *self = event->self;
    const json_node_t *block = s_given (event, event->root, "content_block");
    const json_node_t *type = s_given (event, block, "type");
    if (!self->started || !json_is (type, JSON_STRING))
        return s_broken (event, "a content_block_start makes no sense");
    s_close (event);
    const block_row_t *row = s_blocks;
    while (row->type && !json_node_is (event->tree, type, row->type))
        row++;
    self->open = row->open;
    self->pieces = false;
    self->index = json_node_integer (event->tree, s_given (event, event->root, "index"),
                                     self->index + 1);
    return row->begin (event, block);
}

//  Pieces of a kind that is unknown are passed over.
static int
s_on_block_delta (const event_t *event)
{
    const reader_t *self = event->self;
    const json_node_t *delta = s_given (event, event->root, "delta");
    const json_node_t *type = s_given (event, delta, "type");
    int64_t index = json_node_integer (event->tree, s_given (event, event->root, "index"),
                                       self->index);
    if (self->open == OPEN_NOTHING || index != self->index)
        return s_broken (event, "a content_block_delta is of no open block");
    bool known = false;
    for (size_t i = 0; i < sizeof s_deltas / sizeof s_deltas[0]; i++) {
        if (!json_node_is (event->tree, type, s_deltas[i].type))
            continue;
        known = true;
        if (s_deltas[i].open == self->open)
            return s_deltas[i].add (event, delta);
    }
    return known ? s_broken (event, "a content_block_delta does not fit its block") : 0;
}

static int
s_on_block_stop (const event_t *event)
{
    s_close (event);
    return 0;
}

//  ---- the end

static void
s_say_finish (const event_t *event, const json_node_t *delta)
{
    reader_t *self = event->self;
    const json_node_t *reason = s_given (event, delta, "stop_reason");
    if (self->finished || !json_is (reason, JSON_STRING))
        return;
    br_arena_t *arena = br_arena_new ();
    br_delta_t finish = { .kind = BR_DELTA_FINISH };
    finish.native = json_node_text (event->tree, reason, arena);
    finish.finish = messages_finish_of (finish.native);
    finish.stop_sequence = json_node_text (
        event->tree, s_given (event, delta, "stop_sequence"), arena);
    self->finished = true;
    s_say (event, finish);
    br_arena_destroy (&arena);
}

static int
s_on_message_delta (const event_t *event)
{
    if (!event->self->started)
        return s_broken (event, "a message_delta without a message_start");
    s_close (event);
    s_tell_usage (event, s_given (event, event->root, "usage"), false);
    s_say_finish (event, s_given (event, event->root, "delta"));
    return 0;
}

static int
s_on_message_stop (const event_t *event)
{
    reader_t *self = event->self;
    if (!self->started)
        return s_broken (event, "a message_stop without a message_start");
    s_close (event);
    if (!self->finished)
        s_say (event, (br_delta_t) { .kind = BR_DELTA_FINISH, .finish = BR_FINISH_STOP });
    self->ended = true;
    s_say (event, (br_delta_t) { .kind = BR_DELTA_END });
    return 0;
}

static int
s_on_ping (const event_t *event)
{
    s_say (event, (br_delta_t) { .kind = BR_DELTA_PING });
    return 0;
}

static int
s_on_error (const event_t *event)
{
    const json_node_t *error = s_given (event, event->root, "error");
    br_code_t code = messages_error_code (s_text (event, s_given (event, error, "type")));
    br_text_t text = s_text (event, s_given (event, error, "message"));
    event->self->ended = true;
    s_say (event, (br_delta_t) { .kind = BR_DELTA_ERROR, .code = code, .text = text });
    return 0;
}

typedef struct {
    const char *type;
    int (*read) (const event_t *event);
} event_row_t;

static const event_row_t s_events[] = {
    { "content_block_delta", s_on_block_delta },
    { "content_block_start", s_on_block_start },
    { "content_block_stop", s_on_block_stop },
    { "message_start", s_on_start },
    { "message_delta", s_on_message_delta },
    { "message_stop", s_on_message_stop },
    { "ping", s_on_ping },
    { "error", s_on_error },
};

//  The event is what its data says; the name counts where that says nothing. A gateway's
//  own error may have neither.
int
messages_read_event (void *reader, const char *name, const json_tree_t *tree,
                     const json_node_t *root, br_delta_fn *fn, void *arg,
                     br_error_t *reterr)
{
    const event_t event = { reader, tree, root, fn, arg, reterr };
    if (event.self->ended)
        return 0;
    if (!json_is (root, JSON_OBJECT))
        return s_broken (&event, "an event is no object");
    const json_node_t *type = json_given (tree, root, "type");
    for (size_t i = 0; i < sizeof s_events / sizeof s_events[0]; i++) {
        const char *ours = s_events[i].type;
        if (type ? json_node_is (tree, type, ours) : strcmp (name, ours) == 0)
            return s_events[i].read (&event);
    }
    bool error = !type && json_is (json_given (tree, root, "error"), JSON_OBJECT);
    return error ? s_on_error (&event) : 0;
}

//  Gateways put [DONE] behind the end.
int
messages_read_mark (void *reader, br_text_t data, br_delta_fn *fn, void *arg,
                    br_error_t *reterr)
{
    (void) fn;
    (void) arg;
    const reader_t *self = reader;
    if (self->ended || br_text_is_blank (data) || br_text_is (data, "[DONE]"))
        return 0;
    return br_error_set (reterr, BR_EUPINVALID,
                         "the provider's stream: an event is no JSON");
}

int
messages_read_end (void *reader, br_delta_fn *fn, void *arg, br_error_t *reterr)
{
    (void) fn;
    (void) arg;
    const reader_t *self = reader;
    if (self->ended)
        return 0;
    return br_error_set (reterr, BR_EUPCUT,
                         "the provider's stream ended without a message_stop");
}
