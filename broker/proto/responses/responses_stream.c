//  responses_stream: the events of a stream become deltas.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/responses/responses_stream_parts.h"

void *
responses_reader_new (void)
{
    responses_reader_t *self = BR_NEW (responses_reader_t);
    for (size_t i = 0; i < RESPONSES_TEXTS; i++)
        br_buf_init (&self->texts[i], BR_REPLY_BYTES_MAX);
    return self;
}

void
responses_reader_destroy (void **reader_p)
{
    if (!reader_p || !*reader_p)
        return;
    responses_reader_t *self = *reader_p;
    for (size_t i = 0; i < RESPONSES_TEXTS; i++)
        br_buf_free (&self->texts[i]);
    free (self->items);
    free (self);
    *reader_p = NULL;
}

br_text_t
responses_event_text (responses_reader_t *self, const json_node_t *node, unsigned place)
{
    if (!json_is (node, JSON_STRING))
        return BR_TEXT_NONE;
    br_text_t raw = json_raw (self->tree, node);
    if (node->plain)
        return (br_text_t) { raw.at + 1, raw.size - 2 };
    br_buf_t *buf = &self->texts[place];
    br_buf_clear (buf);
    if (json_node_add (self->tree, node, buf))
        return BR_TEXT_NONE;
    return (br_text_t) { buf->size ? (const char *) buf->data : "", buf->size };
}

br_text_t
responses_event_member (responses_reader_t *self, const json_node_t *object,
                        const char *key, unsigned place)
{
    return responses_event_text (self, json_given (self->tree, object, key), place);
}

void
responses_event_say (responses_reader_t *self, const br_delta_t *delta)
{
    self->fn (self->arg, delta);
}

//  ---- the response

static void
s_start (responses_reader_t *self, const json_node_t *response)
{
    if (self->started)
        return;
    self->started = true;
    double created = 0;
    if (json_node_number (self->tree, json_given (self->tree, response, "created_at"),
                          &created)
        || created < 0 || created > 1e15)
        created = 0;
    responses_event_say (
        self, &(br_delta_t) {
                  .kind = BR_DELTA_START,
                  .id = responses_event_member (self, response, "id", RESPONSES_TEXT_ID),
                  .model = responses_event_member (self, response, "model",
                                                   RESPONSES_TEXT_NAME),
                  .created = (uint64_t) created,
              });
}

static int
s_on_created (responses_reader_t *self, const json_node_t *event)
{
    s_start (self, json_given (self->tree, event, "response"));
    return 0;
}

static void
s_say_usage (responses_reader_t *self, const json_node_t *response)
{
    const json_node_t *node = json_given (self->tree, response, "usage");
    br_delta_t delta = { .kind = BR_DELTA_USAGE };
    if (!json_is (node, JSON_OBJECT))
        return;
    br_text_t raw = json_raw (self->tree, node);
    if (br_usage_read (BR_PROTOCOL_RESPONSES, raw.at, raw.size, &delta.usage) == 0)
        responses_event_say (self, &delta);
}

static br_finish_t
s_finish (responses_reader_t *self, br_text_t reason, bool incomplete)
{
    if (br_text_is (reason, "content_filter"))
        return BR_FINISH_FILTER;
    if (incomplete)
        return BR_FINISH_LENGTH;
    if (self->called)
        return BR_FINISH_TOOL_USE;
    return self->refused ? BR_FINISH_REFUSAL : BR_FINISH_STOP;
}

//  What ends an answer that is whole.
static void
s_end (responses_reader_t *self, const json_node_t *response, bool incomplete)
{
    s_start (self, response);
    const json_node_t *details = json_given (self->tree, response, "incomplete_details");
    br_text_t reason = responses_event_member (self, details, "reason",
                                               RESPONSES_TEXT_NAME);
    const char *status = incomplete ? "incomplete" : "completed";
    s_say_usage (self, response);
    responses_event_say (self, &(br_delta_t) {
                                   .kind = BR_DELTA_FINISH,
                                   .finish = s_finish (self, reason, incomplete),
                                   .native = reason.size ? reason : br_text (status),
                               });
    responses_event_say (self, &(br_delta_t) { .kind = BR_DELTA_END });
    self->ended = true;
}

//  Takes the items of a whole response. -1 when they are out of bounds.
static int
s_take_output (responses_reader_t *self, const json_node_t *response)
{
    int64_t index = 0;
    const json_node_t *output = json_given (self->tree, response, "output");
    for (const json_node_t *node = json_first (self->tree, output); node;
         node = json_next (self->tree, node)) {
        responses_entry_t *item = responses_item_at (self, index++);
        if (!item)
            return br_error_set (self->reterr, BR_EUPINVALID,
                                 "the provider's answer has over %d items",
                                 RESPONSES_ITEMS_MAX);
        responses_item_end (self, item, node);
    }
    return 0;
}

static int
s_say_error (responses_reader_t *self, const json_node_t *error)
{
    const json_node_t *code = json_given (self->tree, error, "code");
    const json_node_t *type = json_given (self->tree, error, "type");
    br_text_t text = responses_event_member (self, error, "message",
                                             RESPONSES_TEXT_PIECE);
    br_code_t meant = responses_error_code (self->tree, code);
    if (meant == BR_EUPBAD)
        meant = responses_error_code (self->tree, type);
    responses_event_say (
        self,
        &(br_delta_t) {
            .kind = BR_DELTA_ERROR,
            .code = meant,
            .text = text.size ? text : BR_TEXT ("the provider broke the answer off"),
        });
    self->ended = true;
    return 0;
}

//  Servers that stream no item at all give them with the end.
static int
s_on_whole (responses_reader_t *self, const json_node_t *event, bool incomplete)
{
    const json_node_t *response = json_given (self->tree, event, "response");
    s_start (self, response);
    if (!self->seen && s_take_output (self, response))
        return -1;
    s_end (self, response, incomplete);
    return 0;
}

static int
s_on_completed (responses_reader_t *self, const json_node_t *event)
{
    return s_on_whole (self, event, false);
}

static int
s_on_incomplete (responses_reader_t *self, const json_node_t *event)
{
    return s_on_whole (self, event, true);
}

static int
s_on_failed (responses_reader_t *self, const json_node_t *event)
{
    const json_node_t *response = json_given (self->tree, event, "response");
    s_start (self, response);
    s_say_usage (self, response);
    return s_say_error (self, json_given (self->tree, response, "error"));
}

static int
s_on_error (responses_reader_t *self, const json_node_t *event)
{
    const json_node_t *error = json_given (self->tree, event, "error");
    return s_say_error (self, error ? error : event);
}

static int
s_on_keepalive (responses_reader_t *self, const json_node_t *event)
{
    (void) event;
    responses_event_say (self, &(br_delta_t) { .kind = BR_DELTA_PING });
    return 0;
}

//  ---- the table of events; all others mean nothing here

static const struct {
    const char *type;
    responses_piece_t piece;
    bool done; //  it has the whole text
} s_piece_events[] = {
    { "response.output_text.delta", RESPONSES_PIECE_SAID, false },
    { "response.reasoning_summary_text.delta", RESPONSES_PIECE_SUMMARY, false },
    { "response.reasoning_text.delta", RESPONSES_PIECE_THOUGHT, false },
    { "response.refusal.delta", RESPONSES_PIECE_REFUSAL, false },
    { "response.output_text.done", RESPONSES_PIECE_SAID, true },
    { "response.reasoning_summary_text.done", RESPONSES_PIECE_SUMMARY, true },
    { "response.reasoning_text.done", RESPONSES_PIECE_THOUGHT, true },
    { "response.refusal.done", RESPONSES_PIECE_REFUSAL, true },
};

static const struct {
    const char *type;
    int (*read) (responses_reader_t *self, const json_node_t *event);
    bool item; //  of an item: something must have started
} s_events[] = {
    { "response.function_call_arguments.delta", responses_on_args_delta, true },
    { "response.custom_tool_call_input.delta", responses_on_args_delta, true },
    { "response.output_item.added", responses_on_item_added, true },
    { "response.output_item.done", responses_on_item_done, true },
    { "response.output_text.annotation.added", responses_on_annotation, true },
    { "response.function_call_arguments.done", responses_on_args_done, true },
    { "response.custom_tool_call_input.done", responses_on_args_done, true },
    { "response.created", s_on_created, false },
    { "response.in_progress", s_on_created, false },
    { "response.queued", s_on_created, false },
    { "response.completed", s_on_completed, false },
    { "response.incomplete", s_on_incomplete, false },
    { "response.failed", s_on_failed, false },
    { "response.cancelled", s_on_failed, false },
    { "error", s_on_error, false },
    { "keepalive", s_on_keepalive, false },
};

#define PIECE_EVENTS (sizeof s_piece_events / sizeof s_piece_events[0])
#define EVENTS (sizeof s_events / sizeof s_events[0])

static void
s_take (responses_reader_t *self, const json_tree_t *tree, br_delta_fn *fn, void *arg,
        br_error_t *reterr)
{
    self->tree = tree;
    self->fn = fn;
    self->arg = arg;
    self->reterr = reterr;
}

int
responses_read_event (void *reader, const char *name, const json_tree_t *tree,
                      const json_node_t *root, br_delta_fn *fn, void *arg,
                      br_error_t *reterr)
{
    responses_reader_t *self = reader;
    s_take (self, tree, fn, arg, reterr);
    if (self->ended)
        return 0;
    if (!json_is (root, JSON_OBJECT))
        return br_error_set (reterr, BR_EUPINVALID,
                             "an event of the provider's stream is no object");
    br_text_t type = responses_event_member (self, root, "type", RESPONSES_TEXT_NAME);
    if (!type.size)
        type = br_text (name);
    if (!type.size && json_given (tree, root, "error"))
        type = BR_TEXT ("error");
    for (size_t i = 0; i < PIECE_EVENTS; i++)
        if (br_text_is (type, s_piece_events[i].type)) {
            s_start (self, NULL);
            responses_on_piece (self, root, s_piece_events[i].piece,
                                s_piece_events[i].done);
            return 0;
        }
    for (size_t i = 0; i < EVENTS; i++) {
        if (!br_text_is (type, s_events[i].type))
            continue;
        if (s_events[i].item)
            s_start (self, NULL);
        return s_events[i].read (self, root);
    }
    return 0;
}

int
responses_read_mark (void *reader, br_text_t data, br_delta_fn *fn, void *arg,
                     br_error_t *reterr)
{
    responses_reader_t *self = reader;
    (void) fn;
    (void) arg;
    //  OpenRouter ends a stream with [DONE]; what ends it is the event in front of that
    if (self->ended || br_text_is (data, "[DONE]"))
        return 0;
    return br_error_set (reterr, BR_EUPINVALID,
                         "an event of the provider's stream is no JSON");
}

int
responses_read_end (void *reader, br_delta_fn *fn, void *arg, br_error_t *reterr)
{
    const responses_reader_t *self = reader;
    (void) fn;
    (void) arg;
    if (self->ended)
        return 0;
    return br_error_set (reterr, BR_EUPCUT,
                         "the provider's stream ended without its last event");
}

int
responses_reader_whole (void *reader, const json_tree_t *tree,
                        const json_node_t *response, br_delta_fn *fn, void *arg,
                        br_error_t *reterr)
{
    responses_reader_t *self = reader;
    s_take (self, tree, fn, arg, reterr);
    const json_node_t *status = json_given (tree, response, "status");
    bool incomplete = json_node_is (tree, status, "incomplete");
    s_start (self, response);
    if (s_take_output (self, response))
        return -1;
    s_end (self, response, incomplete);
    return 0;
}
