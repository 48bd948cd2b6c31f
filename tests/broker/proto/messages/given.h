//  given: calls, answers and streams of Messages as the tests of its codec need them.

#ifndef BR_TEST_MESSAGES_GIVEN_H
#define BR_TEST_MESSAGES_GIVEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "broker/core/alloc.h"
#include "broker/net/sse.h"
#include "broker/proto/messages/messages_parts.h"

#define OLD "claude-sonnet-4-20250514" //  thinks by budget, takes no format
#define MIDDLE "claude-sonnet-4-5"     //  thinks by budget
#define NEWER "claude-opus-4-6"        //  adaptive, takes no prefill
#define NEWEST "claude-opus-4-8"       //  takes no sampling
#define HEAD "\"model\":\"m\",\"max_tokens\":100"
#define HI "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"
#define GIVEN_MAX (64u << 20)

//  A call with the tree and the losses that go with it. Released by given_free.
typedef struct {
    br_call_t *call;
    json_tree_t *tree;
    br_loss_t *losses;
    br_buf_t out;
    br_error_t error;
    int rc;
} given_t;

static inline void
given_free (given_t *self)
{
    br_call_destroy (&self->call);
    json_tree_destroy (&self->tree);
    br_buf_free (&self->out);
}

//  A call that was read from JSON, which has to outlive it. rc and error tell how it
//  went.
static inline given_t
given_read (const char *json, size_t size)
{
    given_t self = { .call = br_call_new (BR_PROTOCOL_MESSAGES),
                     .tree = json_tree_new () };
    br_buf_init (&self.out, GIVEN_MAX);
    const json_node_t *root = json_tree_parse (self.tree, json, size, &self.error);
    assert_non_null (root);
    self.rc = messages_codec.read_call (self.call, self.tree, root, &self.error);
    return self;
}

static inline given_t
given_call (const char *json)
{
    given_t self = given_read (json, strlen (json));
    if (self.rc)
        fail_msg ("not read: %s", self.error.text);
    return self;
}

//  An empty call of a client of another protocol, with one turn that says hi.
static inline given_t
given_other (br_protocol_t protocol)
{
    given_t self = { .call = br_call_new (protocol), .tree = json_tree_new () };
    br_buf_init (&self.out, GIVEN_MAX);
    self.call->model = BR_TEXT ("m");
    return self;
}

static inline br_block_t *
given_block (given_t *self, br_turn_role_t role, br_block_kind_t kind, const char *text)
{
    br_turn_t *turn = br_call_add_turn (self->call, role);
    br_block_t *block = br_block_add (&turn->blocks, kind, self->call->arena);
    block->text = br_text (text);
    return block;
}

static inline int
given_write (given_t *self, const char *provider, const char *model, uint32_t max_output)
{
    const br_target_t target = { .protocol = BR_PROTOCOL_MESSAGES,
                                 .provider = provider,
                                 .model = model,
                                 .dialect = br_dialect_of (BR_PROTOCOL_MESSAGES, provider,
                                                           model),
                                 .max_output = max_output };
    br_call_settle_turns (self->call, &self->losses);
    br_buf_clear (&self->out);
    self->rc = messages_codec.write_call (self->call, &target, &self->losses, &self->out,
                                          &self->error);
    return self->rc;
}

//  What is sent to Anthropic for a model.
static inline const char *
given_sent (given_t *self, const char *model)
{
    if (given_write (self, "anthropic", model, 0))
        fail_msg ("not written: %s", self->error.text);
    json_tree_t *tree = json_tree_new ();
    br_error_t error = { 0 };
    if (!json_tree_parse (tree, self->out.data, self->out.size, &error))
        fail_msg ("%s in %s", error.text, br_buf_text (&self->out));
    json_tree_destroy (&tree);
    return br_buf_text (&self->out);
}

static inline void
assert_has (const char *text, const char *part)
{
    if (!strstr (text, part))
        fail_msg ("\"%s\" is not in %s", part, text);
}

static inline void
assert_lacks (const char *text, const char *part)
{
    if (strstr (text, part))
        fail_msg ("\"%s\" is in %s", part, text);
}

static inline void
assert_text (br_text_t text, const char *wanted)
{
    if (!br_text_is (text, wanted))
        fail_msg ("\"%.*s\" is not \"%s\"", (int) text.size, text.at ? text.at : "",
                  wanted);
}

//  Whether a field is noted as lost or changed.
static inline bool
given_lost (const given_t *self, const char *field, bool changed)
{
    for (const br_loss_t *loss = self->losses; loss; loss = loss->next)
        if (br_text_is (loss->field, field) && loss->changed == changed)
            return true;
    return false;
}

#define assert_dropped(given, field) assert_true (given_lost ((given), (field), false))
#define assert_changed(given, field) assert_true (given_lost ((given), (field), true))

//  ---- answers

static inline br_asked_t
given_asked (void)
{
    return (br_asked_t) { .model = BR_TEXT ("asked-model"),
                          .id = "AAAAAAAAAAAAAAAAAAAAAAAA",
                          .now = 1 };
}

static inline br_reply_t *
given_reply (const char *json, size_t size, json_tree_t *tree)
{
    br_error_t error = { 0 };
    br_reply_t *reply = br_reply_new ();
    const json_node_t *root = json_tree_parse (tree, json, size, &error);
    if (!root || messages_codec.read_reply (reply, tree, root, &error))
        fail_msg ("no reply: %s in %.*s", error.text, (int) size, json);
    return reply;
}

//  ---- streams

//  A stream that is read: what came of it.
typedef struct {
    void *reader;
    json_tree_t *tree;
    br_reply_t *reply; //  the sum
    void *writer;      //  or NULL: deltas are also written
    br_buf_t written;
    br_error_t error;
    unsigned events;
    unsigned limit; //  events that are read at the most
    unsigned ends, errors, pings, starts, finishes;
    br_code_t code; //  of the last ERROR
    int rc;
} stream_t;

static inline void
stream_take (void *arg, const br_delta_t *delta)
{
    stream_t *self = arg;
    assert_int_equal (self->ends + self->errors, 0);
    self->ends += delta->kind == BR_DELTA_END;
    self->errors += delta->kind == BR_DELTA_ERROR;
    self->pings += delta->kind == BR_DELTA_PING;
    self->starts += delta->kind == BR_DELTA_START;
    self->finishes += delta->kind == BR_DELTA_FINISH;
    if (delta->kind == BR_DELTA_ERROR)
        self->code = delta->code;
    assert_int_equal (br_reply_add (self->reply, delta, NULL), 0);
    if (self->writer)
        messages_codec.write_delta (self->writer, delta, &self->written);
}

static inline void
stream_event (void *arg, const char *name, const uint8_t *data, size_t size)
{
    stream_t *self = arg;
    if (self->rc || self->events == self->limit)
        return;
    self->events++;
    const json_node_t *root = json_tree_parse (self->tree, data, size, NULL);
    if (root)
        self->rc = messages_codec.read_event (self->reader, name, self->tree, root,
                                              stream_take, self, &self->error);
    else
        self->rc = messages_codec.read_mark (self->reader,
                                             (br_text_t) { (const char *) data, size },
                                             stream_take, self, &self->error);
}

//  Reads at most limit events, and the end. Released by stream_free.
static inline stream_t
stream_read (const char *sse, size_t size, unsigned limit, const br_asked_t *asked)
{
    static const sse_handler_t handler = { .event = stream_event };
    stream_t self = { .reader = messages_codec.reader_new (),
                      .tree = json_tree_new (),
                      .reply = br_reply_new (),
                      .limit = limit };
    br_buf_init (&self.written, GIVEN_MAX);
    if (asked)
        self.writer = messages_codec.writer_new (asked);
    sse_t *parser = sse_new (&handler, &self, SSE_EVENT_MAX);
    assert_int_equal (sse_push (parser, sse, size, NULL), 0);
    assert_int_equal (sse_end (parser, NULL), 0);
    sse_destroy (&parser);
    if (self.rc == 0)
        self.rc = messages_codec.read_end (self.reader, stream_take, &self, &self.error);
    return self;
}

static inline void
stream_free (stream_t *self)
{
    messages_codec.reader_destroy (&self->reader);
    messages_codec.writer_destroy (&self->writer);
    json_tree_destroy (&self->tree);
    br_reply_destroy (&self->reply);
    br_buf_free (&self->written);
}

//  Deltas that are written one by one.
typedef struct {
    br_asked_t asked;
    void *writer;
    br_buf_t out;
} writing_t;

static inline void
writing_begin (writing_t *self)
{
    self->asked = given_asked ();
    self->writer = messages_codec.writer_new (&self->asked);
    br_buf_init (&self->out, GIVEN_MAX);
}

static inline void
writing_say (writing_t *self, br_delta_t delta)
{
    messages_codec.write_delta (self->writer, &delta, &self->out);
}

static inline void
writing_free (writing_t *self)
{
    messages_codec.writer_destroy (&self->writer);
    br_buf_free (&self->out);
}

#endif
