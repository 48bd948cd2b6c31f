//  grammar: checks a stream of Anthropic Messages against its grammar.

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "broker/core/json_tree.h"
#include "broker/net/sse.h"
#include "tests/broker/proto/messages/grammar.h"

typedef struct {
    char type[64]; //  of the open block; "" = none is open
    int64_t index; //  of the newest block
    bool started;
    bool finished; //  message_delta was there
    bool ended;    //  message_stop or error
    bool signed_;  //  the open block has its signature
    br_buf_t args; //  pieces of the open block's input
    json_tree_t *tree;
    const json_node_t *root;
    char *why;
    size_t room;
    bool failed;
    unsigned events;
} checking_t;

static void __attribute__ ((format (printf, 2, 3)))
s_fail (checking_t *self, const char *format, ...)
{
    if (self->failed)
        return;
    self->failed = true;
    int size = snprintf (self->why, self->room, "event %u: ", self->events);
    va_list args;
    va_start (args, format);
    if (size > 0 && (size_t) size < self->room)
        vsnprintf (self->why + size, self->room - (size_t) size, format, args);
    va_end (args);
}

static const json_node_t *
s_get (const checking_t *self, const json_node_t *node, const char *key)
{
    return json_get (self->tree, node, key);
}

static bool
s_has (const checking_t *self, const json_node_t *node, const char *key, json_type_t type)
{
    return json_is (s_get (self, node, key), type);
}

static bool
s_is (const checking_t *self, const json_node_t *node, const char *key, const char *text)
{
    return json_node_is (self->tree, s_get (self, node, key), text);
}

static void
s_start (checking_t *self)
{
    const json_node_t *message = s_get (self, self->root, "message");
    const json_node_t *content = s_get (self, message, "content");
    const json_node_t *usage = s_get (self, message, "usage");
    if (self->started)
        s_fail (self, "a second message_start");
    self->started = true;
    if (!s_has (self, message, "id", JSON_STRING)
        || !s_has (self, message, "model", JSON_STRING)
        || !s_is (self, message, "type", "message")
        || !s_is (self, message, "role", "assistant"))
        s_fail (self, "message_start lacks id, model, type or role");
    if (!json_is (content, JSON_ARRAY) || content->count)
        s_fail (self, "message_start's content is no empty array");
    if (!s_has (self, message, "stop_reason", JSON_NULL)
        || !s_has (self, message, "stop_sequence", JSON_NULL))
        s_fail (self, "message_start's stop_reason or stop_sequence is not null");
    if (!s_has (self, usage, "input_tokens", JSON_NUMBER)
        || !s_has (self, usage, "output_tokens", JSON_NUMBER))
        s_fail (self, "message_start's usage lacks input_tokens or output_tokens");
}

//  Members that a new block has to have, and that are empty then.
static const struct {
    const char *type;
    const char *key;
} s_empties[] = {
    { "text", "text" },
    { "thinking", "thinking" },
    { "thinking", "signature" },
};

static void
s_block_start (checking_t *self)
{
    const json_node_t *block = s_get (self, self->root, "content_block");
    int64_t index = json_node_integer (self->tree, s_get (self, self->root, "index"), -1);
    if (self->type[0])
        s_fail (self, "a block begins inside of another");
    if (self->finished)
        s_fail (self, "a block begins behind message_delta");
    if (index != self->index + 1)
        s_fail (self, "index %lld follows %lld", (long long) index,
                (long long) self->index);
    self->index = index;
    self->signed_ = false;
    br_buf_clear (&self->args);
    if (!s_has (self, block, "type", JSON_STRING)) {
        s_fail (self, "a block without a type");
        return;
    }
    br_text_t raw = json_raw (self->tree, s_get (self, block, "type"));
    snprintf (self->type, sizeof self->type, "%.*s", (int) raw.size - 2, raw.at + 1);
    for (size_t i = 0; i < sizeof s_empties / sizeof s_empties[0]; i++)
        if (strcmp (self->type, s_empties[i].type) == 0
            && !s_is (self, block, s_empties[i].key, ""))
            s_fail (self, "a %s block whose %s is not \"\"", self->type,
                    s_empties[i].key);
    if (strcmp (self->type, "redacted_thinking") == 0
        && (!s_has (self, block, "data", JSON_STRING) || s_is (self, block, "data", "")))
        s_fail (self, "a redacted_thinking block without data");
    const json_node_t *input = s_get (self, block, "input");
    if (strcmp (self->type, "tool_use") == 0
        && (!s_has (self, block, "id", JSON_STRING) || s_is (self, block, "id", "")
            || !s_has (self, block, "name", JSON_STRING) || s_is (self, block, "name", "")
            || !json_is (input, JSON_OBJECT) || input->count))
        s_fail (self, "a tool_use block lacks id, name or an input of {}");
}

//  Pieces: the member that holds them, and the kind of block that they are of; "*": any
//  call of a tool.
static const struct {
    const char *type;
    const char *key;
    json_type_t kind;
    const char *block;
} s_deltas[] = {
    { "text_delta", "text", JSON_STRING, "text" },
    { "citations_delta", "citation", JSON_OBJECT, "text" },
    { "thinking_delta", "thinking", JSON_STRING, "thinking" },
    { "signature_delta", "signature", JSON_STRING, "thinking" },
    { "input_json_delta", "partial_json", JSON_STRING, "*" },
};

static void
s_block_delta (checking_t *self)
{
    const json_node_t *delta = s_get (self, self->root, "delta");
    int64_t index = json_node_integer (self->tree, s_get (self, self->root, "index"), -1);
    if (!self->type[0] || index != self->index) {
        s_fail (self, "a delta of a block that is not open");
        return;
    }
    if (self->signed_)
        s_fail (self, "a delta behind signature_delta");
    for (size_t i = 0; i < sizeof s_deltas / sizeof s_deltas[0]; i++) {
        if (!s_is (self, delta, "type", s_deltas[i].type))
            continue;
        bool tools = strcmp (s_deltas[i].block, "*") == 0;
        if (tools ? strstr (self->type, "tool_use") == NULL
                  : strcmp (self->type, s_deltas[i].block) != 0)
            s_fail (self, "a %s in a %s block", s_deltas[i].type, self->type);
        if (!s_has (self, delta, s_deltas[i].key, s_deltas[i].kind))
            s_fail (self, "a %s without its %s", s_deltas[i].type, s_deltas[i].key);
        self->signed_ = strcmp (s_deltas[i].type, "signature_delta") == 0;
        if (tools)
            json_node_add (self->tree, s_get (self, delta, "partial_json"), &self->args);
        return;
    }
    s_fail (self, "a delta of an unknown type");
}

static void
s_block_stop (checking_t *self)
{
    int64_t index = json_node_integer (self->tree, s_get (self, self->root, "index"), -1);
    if (!self->type[0] || index != self->index)
        s_fail (self, "a stop of a block that is not open");
    self->type[0] = 0;
    if (!self->args.size)
        return;
    json_tree_t *tree = json_tree_new ();
    if (!json_is (json_tree_parse (tree, self->args.data, self->args.size, NULL),
                  JSON_OBJECT))
        s_fail (self, "pieces of input_json_delta that add up to no object");
    json_tree_destroy (&tree);
}

static void
s_message_delta (checking_t *self)
{
    if (self->finished)
        s_fail (self, "a second message_delta");
    if (self->type[0])
        s_fail (self, "a message_delta while a block is open");
    self->finished = true;
    if (!s_has (self, s_get (self, self->root, "delta"), "stop_reason", JSON_STRING))
        s_fail (self, "message_delta has no stop_reason");
    if (!s_has (self, s_get (self, self->root, "usage"), "output_tokens", JSON_NUMBER))
        s_fail (self, "message_delta has no usage.output_tokens");
}

static void
s_message_stop (checking_t *self)
{
    if (!self->finished)
        s_fail (self, "a message_stop without a message_delta");
    self->ended = true;
}

static void
s_error (checking_t *self)
{
    const json_node_t *error = s_get (self, self->root, "error");
    if (!s_has (self, error, "type", JSON_STRING)
        || !s_has (self, error, "message", JSON_STRING))
        s_fail (self, "an error lacks type or message");
    self->ended = true;
}

static void
s_ping (checking_t *self)
{
    if (!self->started)
        s_fail (self, "a ping in front of message_start");
}

static const struct {
    const char *type;
    void (*check) (checking_t *self);
} s_events[] = {
    { "message_start", s_start },
    { "content_block_start", s_block_start },
    { "content_block_delta", s_block_delta },
    { "content_block_stop", s_block_stop },
    { "message_delta", s_message_delta },
    { "message_stop", s_message_stop },
    { "ping", s_ping },
    { "error", s_error },
};

static void
s_event (void *arg, const char *name, const uint8_t *data, size_t size)
{
    checking_t *self = arg;
    self->events++;
    if (self->failed)
        return;
    self->root = json_tree_parse (self->tree, data, size, NULL);
    if (!json_is (self->root, JSON_OBJECT))
        s_fail (self, "data is no JSON object: %.*s", (int) size, (const char *) data);
    else if (!s_is (self, self->root, "type", name))
        s_fail (self, "the name \"%s\" is not the type of its data", name);
    else if (self->ended)
        s_fail (self, "%s behind the end", name);
    else if (!self->started && strcmp (name, "message_start") && strcmp (name, "error"))
        s_fail (self, "%s in front of message_start", name);
    for (size_t i = 0; i < sizeof s_events / sizeof s_events[0] && !self->failed; i++)
        if (strcmp (name, s_events[i].type) == 0) {
            s_events[i].check (self);
            return;
        }
    s_fail (self, "an unknown event %s", name);
}

int
messages_grammar_check (const char *sse, size_t size, char *why, size_t room)
{
    static const sse_handler_t handler = { .event = s_event };
    checking_t self = { .index = -1, .tree = json_tree_new (), .why = why, .room = room };
    br_buf_init (&self.args, SSE_EVENT_MAX);
    sse_t *parser = sse_new (&handler, &self, SSE_EVENT_MAX);
    if (room)
        why[0] = 0;
    if (sse_push (parser, sse, size, NULL) || sse_end (parser, NULL))
        s_fail (&self, "no server-sent events");
    if (!self.ended)
        s_fail (&self, "the stream ends without message_stop or error");
    if (size < 2 || memcmp (sse + size - 2, "\n\n", 2) != 0)
        s_fail (&self, "no blank line behind the last event");
    sse_destroy (&parser);
    br_buf_free (&self.args);
    json_tree_destroy (&self.tree);
    return self.failed ? -1 : 0;
}
