//  responses_stream_write: deltas become the events of a stream.
//
//  A call is held back until its first piece comes, so that a blob that belongs to it can
//  stand in front of it as an item of its own.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/responses/responses_stream_write_parts.h"

#define KEEP_ALIVE ": keep-alive\n"

void *
responses_writer_new (const br_asked_t *asked)
{
    responses_writer_t *self = BR_NEW (responses_writer_t);
    self->asked = asked;
    self->arena = br_arena_new ();
    self->model = asked->model;
    self->created = asked->now;
    br_buf_init (&self->nowhere, 0);
    br_buf_init (&self->echo, BR_CALL_BYTES_MAX);
    br_buf_init (&self->output, BR_REPLY_BYTES_MAX);
    br_buf_init (&self->text, BR_REPLY_BYTES_MAX);
    br_buf_init (&self->parts, BR_REPLY_BYTES_MAX);
    br_buf_init (&self->annotations, BR_REPLY_BYTES_MAX);
    br_buf_init (&self->logprobs, BR_REPLY_BYTES_MAX);
    responses_write_echo (asked, &self->echo);
    return self;
}

void
responses_writer_destroy (void **writer_p)
{
    if (!writer_p || !*writer_p)
        return;
    responses_writer_t *self = *writer_p;
    br_buf_free (&self->logprobs);
    br_buf_free (&self->annotations);
    br_buf_free (&self->parts);
    br_buf_free (&self->text);
    br_buf_free (&self->output);
    br_buf_free (&self->echo);
    br_buf_free (&self->nowhere);
    br_arena_destroy (&self->arena);
    free (self);
    *writer_p = NULL;
}

//  Events are numbered; what was played again made fewer of them.
void
responses_writer_resume (void *writer, uint64_t events)
{
    responses_writer_t *self = writer;
    self->sequence = (unsigned) events;
}

void
responses_writer_whole (void *writer, br_buf_t *out)
{
    responses_writer_t *self = writer;
    self->whole = out;
}

//  ---- the response

static void
s_say_answer (responses_writer_t *self, const char *type, responses_answer_t *answer)
{
    answer->model = self->model;
    answer->created = self->created;
    answer->echo = responses_buf_text (&self->echo);
    responses_event_t event = responses_event_begin (self, type);
    responses_write_answer (&event.w, "response", answer, self->asked);
    responses_event_end (&event);
}

static void
s_start (responses_writer_t *self)
{
    if (self->started)
        return;
    self->started = true;
    responses_answer_t answer = { .status = "in_progress" };
    s_say_answer (self, "response.created", &answer);
    s_say_answer (self, "response.in_progress", &answer);
}

//  ---- deltas

static void
s_on_start (responses_writer_t *self, const br_delta_t *delta)
{
    if (!self->model.size)
        self->model = br_arena_text (self->arena, delta->model);
    if (!self->created)
        self->created = delta->created;
}

static void
s_on_text (responses_writer_t *self, const br_delta_t *delta)
{
    bool refusal = delta->kind == BR_DELTA_REFUSAL;
    if (!delta->text.size)
        return;
    self->refused |= refusal;
    responses_item_need (self, delta, refusal ? BR_BLOCK_REFUSAL : BR_BLOCK_TEXT);
    responses_event_t event = responses_event_of_item (
        self, refusal ? "response.refusal.delta" : "response.output_text.delta",
        "content_index", 0);
    json_put (&event.w, "delta", delta->text);
    if (!refusal)
        json_put_raw (&event.w, "logprobs", BR_TEXT ("[]"));
    responses_event_end (&event);
    br_buf_add (&self->text, delta->text.at, delta->text.size);
}

static void
s_open_part (responses_writer_t *self, bool summary)
{
    responses_part_close (self);
    br_buf_clear (&self->text);
    self->part_open = true;
    self->part_of_summary = summary;
    responses_event_t event = responses_event_of_item (
        self, "response.reasoning_summary_part.added", "summary_index", self->part);
    json_put_raw (&event.w, "part",
                  BR_TEXT ("{\"type\":\"summary_text\",\"text\":\"\"}"));
    responses_event_end (&event);
}

static void
s_on_reasoning (responses_writer_t *self, const br_delta_t *delta)
{
    bool first = delta->first_of_part || self->part_of_summary != delta->summary;
    if (!delta->text.size)
        return;
    responses_item_need (self, delta, BR_BLOCK_REASONING);
    if (first || !self->part_open)
        s_open_part (self, delta->summary);
    responses_event_t event = responses_event_of_item (
        self, "response.reasoning_summary_text.delta", "summary_index", self->part);
    json_put (&event.w, "delta", delta->text);
    responses_event_end (&event);
    br_buf_add (&self->text, delta->text.at, delta->text.size);
}

static void
s_add_behind (responses_writer_t *self, br_text_t text)
{
    responses_sealed_t **at = &self->behind;
    while (*at)
        at = &(*at)->next;
    *at = BR_ARENA_NEW (self->arena, responses_sealed_t);
    (*at)->text = text;
}

//  A blob of a call or of a text: in front of it while that can be, else behind.
static void
s_on_thought (responses_writer_t *self, const br_delta_t *delta)
{
    bool same = self->state != RESPONSES_ITEM_NONE && self->block == delta->block;
    if (same && self->state == RESPONSES_ITEM_OPEN) {
        s_add_behind (self, responses_seal (delta->opaque, true, self->arena));
        return;
    }
    if (!same)
        responses_item_close (self, "completed");
    responses_say_sealed (self, responses_seal (delta->opaque, false, self->arena));
}

//  A blob whose item stood before is told no second time: an id names one item.
static void
s_on_opaque (responses_writer_t *self, const br_delta_t *delta)
{
    const br_opaque_t *opaque = delta->opaque;
    if (!opaque || !opaque->bytes.size)
        return;
    bool reasoning = responses_item_is_at (self, delta, BR_BLOCK_REASONING);
    bool same = self->state != RESPONSES_ITEM_NONE && self->block == delta->block;
    if (!reasoning && (same || opaque->kind == BR_OPAQUE_THOUGHT)) {
        s_on_thought (self, delta);
        return;
    }
    if (!reasoning) {
        br_delta_t named = *delta;
        if (opaque->family == BR_FAMILY_OPENAI) {
            if (responses_item_is_named (self, opaque->id))
                return;
            named.item_id = opaque->id;
        }
        responses_item_need (self, &named, BR_BLOCK_REASONING);
    }
    br_text_t sealed = responses_seal (opaque, false, self->arena);
    if (self->item.encrypted.size)
        s_add_behind (self, sealed);
    else
        self->item.encrypted = sealed;
}

static void
s_on_citation (responses_writer_t *self, const br_delta_t *delta)
{
    if (delta->family != BR_FAMILY_OPENAI || !delta->raw.size)
        return;
    responses_item_need (self, delta, BR_BLOCK_TEXT);
    responses_event_t event = responses_event_of_item (
        self, "response.output_text.annotation.added", "content_index", 0);
    json_put_integer (&event.w, "annotation_index", self->notes);
    json_put_raw (&event.w, "annotation", delta->raw);
    responses_event_end (&event);
    if (self->notes++)
        br_buf_addc (&self->annotations, ',');
    br_buf_add (&self->annotations, delta->raw.at, delta->raw.size);
}

//  They come behind their text: with a piece of it that is empty. Those of a text that is
//  closed have no place.
static void
s_on_logprobs (responses_writer_t *self, const br_delta_t *delta)
{
    size_t start = self->logprobs.size;
    if (self->state != RESPONSES_ITEM_OPEN || self->item.kind != BR_BLOCK_TEXT)
        return;
    responses_add_logprobs (&self->logprobs, delta->raw);
    br_text_t tokens = responses_buf_text (&self->logprobs);
    start += start > 0; // the comma
    if (tokens.size <= start)
        return;
    tokens.at += start;
    tokens.size -= start;
    responses_event_t event = responses_event_of_item (self, "response.output_text.delta",
                                                       "content_index", 0);
    json_put_string (&event.w, "delta", "");
    responses_put_list (&event.w, "logprobs", tokens);
    responses_event_end (&event);
}

static void
s_on_call (responses_writer_t *self, const br_delta_t *delta)
{
    char id[RESPONSES_ID_MAX];
    responses_call_id (self->asked, self->items, id);
    responses_item_begin (self, delta, BR_BLOCK_CALL);
    self->item.custom = delta->custom;
    self->item.name = br_arena_text (self->arena, delta->name);
    self->item.call_id = br_arena_text (self->arena,
                                        delta->id.size ? delta->id : br_text (id));
    self->state = RESPONSES_ITEM_HELD;
}

static void
s_on_args (responses_writer_t *self, const br_delta_t *delta)
{
    if (!responses_item_is_at (self, delta, BR_BLOCK_CALL) || !delta->text.size)
        return;
    if (self->state == RESPONSES_ITEM_HELD)
        responses_item_open (self);
    responses_say_args (self, delta->text);
    br_buf_add (&self->text, delta->text.at, delta->text.size);
}

static void
s_on_media (responses_writer_t *self, const br_delta_t *delta)
{
    if (!delta->media || !delta->media->data.size || delta->media_kind != BR_BLOCK_IMAGE)
        return;
    responses_item_close (self, "completed");
    responses_say_hosted (
        self, responses_image_item (delta->media, self->asked, self->items, self->arena));
}

static void
s_on_hosted (responses_writer_t *self, const br_delta_t *delta)
{
    if (delta->family != BR_FAMILY_OPENAI)
        return;
    responses_item_close (self, "completed");
    responses_say_hosted (self, delta->raw);
}

static void
s_on_usage (responses_writer_t *self, const br_delta_t *delta)
{
    self->usage = delta->usage;
}

static void
s_on_finish (responses_writer_t *self, const br_delta_t *delta)
{
    self->finish = delta->finish;
}

//  ---- ends

//  The last event, or the one object.
static void
s_say_last (responses_writer_t *self, const char *type, responses_answer_t *answer)
{
    answer->usage = &self->usage;
    answer->output = self->output.overflow ? BR_TEXT_NONE
                                           : responses_buf_text (&self->output);
    self->ended = true;
    if (!self->whole) {
        s_say_answer (self, type, answer);
        return;
    }
    answer->model = self->model;
    answer->created = self->created;
    answer->echo = responses_buf_text (&self->echo);
    json_writer_t w = json_writer (self->whole);
    responses_write_answer (&w, NULL, answer, self->asked);
}

static void
s_fail (responses_writer_t *self, br_code_t code, br_text_t text)
{
    responses_answer_t answer = {
        .status = "failed",
        .error = responses_error_word (code),
        .message = text,
    };
    s_say_last (self, "response.failed", &answer);
}

static void
s_on_error (responses_writer_t *self, const br_delta_t *delta)
{
    s_fail (self, delta->code, delta->text);
}

//  A refusal without a word of it would look like an answer without any.
static void
s_on_end (responses_writer_t *self, const br_delta_t *delta)
{
    (void) delta;
    static const struct {
        const char *status, *type;
    } types[] = {
        { "completed", "response.completed" },
        { "incomplete", "response.incomplete" },
        { "failed", "response.failed" },
    };
    responses_answer_t answer = { .completed = self->asked->now };
    bool silent = self->finish == BR_FINISH_REFUSAL && !self->refused;
    responses_answer_finish (&answer, silent ? BR_FINISH_FILTER : self->finish);
    responses_item_close (self, answer.incomplete ? "incomplete" : "completed");
    if (self->output.overflow)
        return;
    size_t i = 0;
    while (strcmp (types[i].status, answer.status) != 0)
        i++;
    if (i > 0)
        answer.completed = 0;
    s_say_last (self, types[i].type, &answer);
}

static void
s_on_ping (responses_writer_t *self, const br_delta_t *delta)
{
    (void) delta;
    br_buf_adds (self->out, KEEP_ALIVE);
}

static void (*const s_rows[]) (responses_writer_t *self, const br_delta_t *delta) = {
    [BR_DELTA_START] = s_on_start,       [BR_DELTA_TEXT] = s_on_text,
    [BR_DELTA_REFUSAL] = s_on_text,      [BR_DELTA_REASONING] = s_on_reasoning,
    [BR_DELTA_OPAQUE] = s_on_opaque,     [BR_DELTA_CITATION] = s_on_citation,
    [BR_DELTA_CALL] = s_on_call,         [BR_DELTA_ARGS] = s_on_args,
    [BR_DELTA_MEDIA] = s_on_media,       [BR_DELTA_HOSTED] = s_on_hosted,
    [BR_DELTA_LOGPROBS] = s_on_logprobs, [BR_DELTA_USAGE] = s_on_usage,
    [BR_DELTA_FINISH] = s_on_finish,     [BR_DELTA_PING] = s_on_ping,
    [BR_DELTA_ERROR] = s_on_error,       [BR_DELTA_END] = s_on_end,
};

void
responses_write_delta (void *writer, const br_delta_t *delta, br_buf_t *out)
{
    responses_writer_t *self = writer;
    if (self->ended || delta->choice
        || (unsigned) delta->kind >= sizeof s_rows / sizeof s_rows[0]
        || !s_rows[delta->kind])
        return;
    self->out = self->whole ? &self->nowhere : out;
    if (delta->kind != BR_DELTA_START && delta->kind != BR_DELTA_PING)
        s_start (self);
    s_rows[delta->kind](self, delta);
    if (delta->kind == BR_DELTA_START)
        s_start (self);
    bool full = self->output.overflow || self->text.overflow || self->parts.overflow
                || self->annotations.overflow || self->logprobs.overflow;
    if (full && !self->ended)
        s_fail (self, BR_EUPINVALID, BR_TEXT ("the answer is too long to be collected"));
}
