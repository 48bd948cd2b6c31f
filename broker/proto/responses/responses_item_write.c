//  responses_item_write: the items of a streamed answer, event by event.
//
//  A block of an answer is one item of the output; it is open until another begins. What
//  an item grew to is written once, when it is closed, and repeated at the end, for the
//  last event holds the whole answer.

#include <string.h>

#include "broker/proto/responses/responses_stream_write_parts.h"

br_text_t
responses_buf_text (const br_buf_t *buf)
{
    return (br_text_t) { buf->size ? (const char *) buf->data : "", buf->size };
}

//  ---- events

responses_event_t
responses_event_begin (responses_writer_t *self, const char *type)
{
    br_buf_addf (self->out, "event: %s\ndata: ", type);
    responses_event_t event = { json_writer (self->out), self->out->size };
    json_open (&event.w, NULL, '{');
    json_put_string (&event.w, "type", type);
    json_put_integer (&event.w, "sequence_number", self->sequence++);
    return event;
}

void
responses_event_end (responses_event_t *event)
{
    br_buf_t *out = event->w.out;
    json_close (&event->w, '}');
    for (size_t i = event->start; i < out->size; i++)
        if (out->data[i] == '\n' || out->data[i] == '\r')
            out->data[i] = ' ';
    br_buf_add (out, "\n\n", 2);
}

responses_event_t
responses_event_of_item (responses_writer_t *self, const char *type, const char *index,
                         unsigned number)
{
    responses_event_t event = responses_event_begin (self, type);
    json_put (&event.w, "item_id", self->item.id);
    json_put_integer (&event.w, "output_index", self->items);
    if (index)
        json_put_integer (&event.w, index, number);
    return event;
}

//  ---- items

static void
s_say_added (responses_writer_t *self, const responses_item_t *item)
{
    responses_event_t event = responses_event_begin (self, "response.output_item.added");
    json_put_integer (&event.w, "output_index", self->items);
    responses_write_item (&event.w, "item", item, true);
    responses_event_end (&event);
}

//  Writes the item into the output, and from there into the event.
static void
s_say_done (responses_writer_t *self, const responses_item_t *item)
{
    if (self->items)
        br_buf_addc (&self->output, ',');
    size_t start = self->output.size;
    json_writer_t w = json_writer (&self->output);
    responses_write_item (&w, NULL, item, false);
    br_text_t text = responses_buf_text (&self->output);
    text.at += start;
    text.size -= start;
    responses_event_t event = responses_event_begin (self, "response.output_item.done");
    json_put_integer (&event.w, "output_index", self->items);
    json_put_raw (&event.w, "item", text);
    responses_event_end (&event);
    self->items++;
}

static br_text_t
s_item_id (responses_writer_t *self, const responses_item_t *item)
{
    char id[RESPONSES_ID_MAX];
    responses_item_id (self->asked, item, self->items, id);
    return br_arena_text (self->arena, br_text (id));
}

void
responses_say_sealed (responses_writer_t *self, br_text_t sealed)
{
    responses_item_t item = { .kind = BR_BLOCK_REASONING, .encrypted = sealed };
    item.id = s_item_id (self, &item);
    s_say_added (self, &item);
    s_say_done (self, &item);
}

void
responses_say_hosted (responses_writer_t *self, br_text_t raw)
{
    responses_item_t item = { .kind = BR_BLOCK_HOSTED, .raw = raw };
    if (!raw.size)
        return;
    s_say_added (self, &item);
    s_say_done (self, &item);
}

void
responses_item_open (responses_writer_t *self)
{
    self->state = RESPONSES_ITEM_OPEN;
    self->item.status = "in_progress";
    if (!self->item.id.size)
        self->item.id = s_item_id (self, &self->item);
    s_say_added (self, &self->item);
    if (self->item.kind != BR_BLOCK_TEXT && self->item.kind != BR_BLOCK_REFUSAL)
        return;
    responses_event_t event = responses_event_of_item (
        self, "response.content_part.added", "content_index", 0);
    responses_write_answer_part (&event.w, "part", &self->item);
    responses_event_end (&event);
}

//  ---- the ends of items

void
responses_part_close (responses_writer_t *self)
{
    if (!self->part_open)
        return;
    responses_event_t event = responses_event_of_item (
        self, "response.reasoning_summary_text.done", "summary_index", self->part);
    json_put (&event.w, "text", responses_buf_text (&self->text));
    responses_event_end (&event);
    if (self->part)
        br_buf_addc (&self->parts, ',');
    size_t start = self->parts.size;
    json_writer_t w = json_writer (&self->parts);
    json_open (&w, NULL, '{');
    json_put_string (&w, "type", "summary_text");
    json_put (&w, "text", responses_buf_text (&self->text));
    json_close (&w, '}');
    br_text_t part = responses_buf_text (&self->parts);
    part.at += start;
    part.size -= start;
    event = responses_event_of_item (self, "response.reasoning_summary_part.done",
                                     "summary_index", self->part);
    json_put_raw (&event.w, "part", part);
    responses_event_end (&event);
    self->part_open = false;
    self->part++;
}

static void
s_close_message (responses_writer_t *self)
{
    bool refusal = self->item.kind == BR_BLOCK_REFUSAL;
    self->item.text = responses_buf_text (&self->text);
    self->item.annotations = responses_buf_text (&self->annotations);
    self->item.logprobs = responses_buf_text (&self->logprobs);
    responses_event_t event = responses_event_of_item (
        self, refusal ? "response.refusal.done" : "response.output_text.done",
        "content_index", 0);
    json_put (&event.w, refusal ? "refusal" : "text", self->item.text);
    if (!refusal)
        responses_put_list (&event.w, "logprobs", self->item.logprobs);
    responses_event_end (&event);
    event = responses_event_of_item (self, "response.content_part.done", "content_index",
                                     0);
    responses_write_answer_part (&event.w, "part", &self->item);
    responses_event_end (&event);
}

void
responses_say_args (responses_writer_t *self, br_text_t piece)
{
    responses_event_t event = responses_event_of_item (
        self,
        self->item.custom ? "response.custom_tool_call_input.delta"
                          : "response.function_call_arguments.delta",
        NULL, 0);
    json_put (&event.w, "delta", piece);
    responses_event_end (&event);
}

static void
s_close_call (responses_writer_t *self)
{
    br_text_t text = responses_buf_text (&self->text);
    if (!self->item.custom && !text.size) {
        text = BR_TEXT ("{}");
        responses_say_args (self, text);
    }
    self->item.text = text;
    responses_event_t event = responses_event_of_item (
        self,
        self->item.custom ? "response.custom_tool_call_input.done"
                          : "response.function_call_arguments.done",
        NULL, 0);
    json_put (&event.w, self->item.custom ? "input" : "arguments", text);
    if (!self->item.custom)
        json_put (&event.w, "name", self->item.name);
    responses_event_end (&event);
}

//  Clients that keep the conversation drop reasoning without a blob. What came without
//  one gets an envelope that holds nothing.
static void
s_close_reasoning (responses_writer_t *self)
{
    responses_part_close (self);
    if (self->asked->call->want_encrypted && !self->item.encrypted.size)
        self->item.encrypted = br_envelope_empty (BR_OPAQUE_ENCRYPTED, self->arena);
}

void
responses_item_close (responses_writer_t *self, const char *status)
{
    if (self->state == RESPONSES_ITEM_NONE)
        return;
    if (self->state == RESPONSES_ITEM_HELD)
        responses_item_open (self);
    if (self->item.kind == BR_BLOCK_REASONING)
        s_close_reasoning (self);
    else if (self->item.kind == BR_BLOCK_CALL)
        s_close_call (self);
    else
        s_close_message (self);
    self->item.parts = responses_buf_text (&self->parts);
    self->item.status = status;
    s_say_done (self, &self->item);
    self->state = RESPONSES_ITEM_NONE;
    for (const responses_sealed_t *sealed = self->behind; sealed; sealed = sealed->next)
        responses_say_sealed (self, sealed->text);
    self->behind = NULL;
}

void
responses_item_begin (responses_writer_t *self, const br_delta_t *delta,
                      br_block_kind_t kind)
{
    responses_item_close (self, "completed");
    br_buf_clear (&self->text);
    br_buf_clear (&self->parts);
    br_buf_clear (&self->annotations);
    br_buf_clear (&self->logprobs);
    self->item = (responses_item_t) { .kind = kind };
    self->block = delta->block;
    self->notes = self->part = 0;
    self->part_open = false;
}

bool
responses_item_is_at (const responses_writer_t *self, const br_delta_t *delta,
                      br_block_kind_t kind)
{
    return self->state != RESPONSES_ITEM_NONE && self->block == delta->block
           && self->item.kind == kind;
}

bool
responses_item_is_named (const responses_writer_t *self, br_text_t id)
{
    for (const responses_named_t *named = self->named; named; named = named->next)
        if (br_text_equal (named->id, id))
            return true;
    return false;
}

//  The provider's id for the item, unless another has it.
static void
s_name (responses_writer_t *self, br_text_t id)
{
    if (!br_text_starts (id, "rs_") || self->nnamed == RESPONSES_NAMED_MAX
        || responses_item_is_named (self, id))
        return;
    responses_named_t *named = BR_ARENA_NEW (self->arena, responses_named_t);
    *named = (responses_named_t) { self->named, br_arena_text (self->arena, id) };
    self->named = named;
    self->nnamed++;
    self->item.id = named->id;
}

void
responses_item_need (responses_writer_t *self, const br_delta_t *delta,
                     br_block_kind_t kind)
{
    if (responses_item_is_at (self, delta, kind))
        return;
    responses_item_begin (self, delta, kind);
    if (kind == BR_BLOCK_REASONING)
        s_name (self, delta->item_id);
    responses_item_open (self);
}
