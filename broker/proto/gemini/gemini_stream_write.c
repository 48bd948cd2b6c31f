//  gemini_stream_write: writes a stream with alt=sse: an event for each delta that brings
//  something, with only that. Calls wait until they are whole. What ends the candidates,
//  and the counts, stand in the last event.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/gemini/gemini_parts.h"

typedef struct {
    bool used; //  something was said of it
    br_finish_t finish;
    char native[GEMINI_WORD_MAX];
    br_delta_kind_t last; //  of the block that came last
    unsigned block;       //  its number
    bool calling;         //  a call waits
    bool called;          //  one was said
    bool custom;
    br_buf_t id, name, args, signature; //  of the call
    br_buf_t pending;                   //  an envelope for the next part
    br_buf_t grounding;                 //  JSON
    br_buf_t hosted;                    //  parts of Google's own tools, JSON
} choice_t;

typedef struct {
    const br_asked_t *asked;
    choice_t *choices[GEMINI_CHOICES_MAX]; //  owned; NULL: nothing came of it
    br_usage_t usage;
    json_tree_t *tree; //  to look into arguments with
    bool ended;
} writer_t;

//  One event under way.
typedef struct {
    json_writer_t json;
    unsigned number; //  of the choice
} event_t;

#define CHOICE_BUFS 7

static void
s_bufs (choice_t *choice, br_buf_t *out[CHOICE_BUFS])
{
    out[0] = &choice->id;
    out[1] = &choice->name;
    out[2] = &choice->args;
    out[3] = &choice->signature;
    out[4] = &choice->pending;
    out[5] = &choice->grounding;
    out[6] = &choice->hosted;
}

static choice_t *
s_choice (writer_t *self, unsigned number)
{
    br_buf_t *bufs[CHOICE_BUFS];
    if (self->choices[number])
        return self->choices[number];
    choice_t *choice = BR_NEW (choice_t);
    s_bufs (choice, bufs);
    for (size_t i = 0; i < CHOICE_BUFS; i++)
        br_buf_init (bufs[i], BR_REPLY_BYTES_MAX);
    self->choices[number] = choice;
    return choice;
}

void *
gemini_writer_new (const br_asked_t *asked)
{
    writer_t *self = BR_NEW (writer_t);
    self->asked = asked;
    self->tree = json_tree_new ();
    return self;
}

void
gemini_writer_destroy (void **writer_p)
{
    br_buf_t *bufs[CHOICE_BUFS];
    if (!writer_p || !*writer_p)
        return;
    writer_t *self = *writer_p;
    for (size_t i = 0; i < GEMINI_CHOICES_MAX; i++) {
        if (!self->choices[i])
            continue;
        s_bufs (self->choices[i], bufs);
        for (size_t k = 0; k < CHOICE_BUFS; k++)
            br_buf_free (bufs[k]);
        free (self->choices[i]);
    }
    json_tree_destroy (&self->tree);
    free (self);
    *writer_p = NULL;
}

//  ---- events

static br_text_t
s_of (const br_buf_t *buf)
{
    return buf->size ? (br_text_t) { (const char *) buf->data, buf->size } : BR_TEXT_NONE;
}

static void
s_set (br_buf_t *buf, br_text_t text)
{
    br_buf_clear (buf);
    if (text.size)
        br_buf_add (buf, text.at, text.size);
}

//  Begins an event as far as its one part.
static event_t
s_begin (unsigned number, br_buf_t *out)
{
    br_buf_adds (out, "data: ");
    event_t event = { json_writer (out), number };
    json_open (&event.json, NULL, '{');
    json_open (&event.json, "candidates", '[');
    json_open (&event.json, NULL, '{');
    json_open (&event.json, "content", '{');
    json_open (&event.json, "parts", '[');
    return event;
}

static void
s_end_content (event_t *event)
{
    json_close (&event->json, ']');
    json_put_string (&event->json, "role", "model");
    json_close (&event->json, '}');
}

static void
s_end (const writer_t *self, event_t *event)
{
    json_put (&event->json, "modelVersion", self->asked->model);
    if (self->asked->id)
        json_put_string (&event->json, "responseId", self->asked->id);
    json_close (&event->json, '}');
    br_buf_adds (event->json.out, "\r\n\r\n");
}

static void
s_end_part (const writer_t *self, event_t *event)
{
    s_end_content (event);
    json_put_integer (&event->json, "index", event->number);
    json_close (&event->json, '}');
    json_close (&event->json, ']');
    s_end (self, event);
}

static void
s_say_text (const writer_t *self, unsigned number, br_text_t text, bool thought,
            br_text_t signature, br_buf_t *out)
{
    event_t event = s_begin (number, out);
    json_open (&event.json, NULL, '{');
    json_put (&event.json, "text", text.at ? text : BR_TEXT (""));
    if (thought)
        json_put_bool (&event.json, "thought", true);
    if (signature.at)
        json_put (&event.json, "thoughtSignature", signature);
    json_close (&event.json, '}');
    s_end_part (self, &event);
}

//  ---- envelopes and calls

static void
s_say_pending (writer_t *self, unsigned number, br_buf_t *out)
{
    choice_t *choice = self->choices[number];
    if (choice->pending.size == 0)
        return;
    s_say_text (self, number, BR_TEXT (""), false, s_of (&choice->pending), out);
    br_buf_clear (&choice->pending);
}

//  Its own signature, or else the envelope that waits; one that holds nothing for the
//  first call that has neither.
static void
s_sign_call (choice_t *choice)
{
    br_arena_t *arena = br_arena_new ();
    if (choice->signature.size == 0 && choice->pending.size) {
        s_set (&choice->signature, s_of (&choice->pending));
        br_buf_clear (&choice->pending);
    } else if (choice->signature.size == 0 && !choice->called)
        s_set (&choice->signature, br_envelope_empty (BR_OPAQUE_THOUGHT, arena));
    choice->called = true;
    br_arena_destroy (&arena);
}

static void
s_say_call (writer_t *self, unsigned number, br_buf_t *out)
{
    choice_t *choice = self->choices[number];
    if (!choice->calling)
        return;
    choice->calling = false;
    if (choice->signature.size)
        s_say_pending (self, number, out);
    s_sign_call (choice);
    event_t event = s_begin (number, out);
    json_open (&event.json, NULL, '{');
    json_open (&event.json, "functionCall", '{');
    json_put_given (&event.json, "id", s_of (&choice->id));
    json_put (&event.json, "name",
              choice->name.size ? s_of (&choice->name) : BR_TEXT (""));
    gemini_put_args (&event.json, s_of (&choice->args), choice->custom, self->tree);
    json_close (&event.json, '}');
    json_put_given (&event.json, "thoughtSignature", s_of (&choice->signature));
    json_close (&event.json, '}');
    s_end_part (self, &event);
    br_buf_clear (&choice->signature);
}

//  Items of Google's own tools go out together: a call among them is told from a client's
//  by the answer that stands behind it.
static void
s_say_hosted (writer_t *self, unsigned number, br_buf_t *out)
{
    choice_t *choice = self->choices[number];
    if (choice->hosted.size == 0)
        return;
    event_t event = s_begin (number, out);
    json_put_raw (&event.json, NULL, s_of (&choice->hosted));
    s_end_part (self, &event);
    br_buf_clear (&choice->hosted);
}

//  ---- deltas

typedef struct {
    writer_t *writer;
    choice_t *choice;
    const br_delta_t *delta;
    br_buf_t *out;
} step_t;

static void
s_on_text (const step_t *step)
{
    choice_t *choice = step->choice;
    if (step->delta->text.size == 0)
        return;
    s_say_text (step->writer, step->delta->choice, step->delta->text, false,
                s_of (&choice->pending), step->out);
    br_buf_clear (&choice->pending);
}

static void
s_on_reasoning (const step_t *step)
{
    if (step->delta->text.size)
        s_say_text (step->writer, step->delta->choice, step->delta->text, true,
                    BR_TEXT_NONE, step->out);
}

static void
s_on_call (const step_t *step)
{
    choice_t *choice = step->choice;
    choice->calling = true;
    choice->custom = step->delta->custom;
    s_set (&choice->id, step->delta->id);
    s_set (&choice->name, step->delta->name);
    br_buf_clear (&choice->args);
    br_buf_clear (&choice->signature);
}

static void
s_on_args (const step_t *step)
{
    if (step->delta->text.size)
        br_buf_add (&step->choice->args, step->delta->text.at, step->delta->text.size);
}

//  Google's own goes out as it is: on its call, or on an empty part of its kind.
static void
s_on_google (const step_t *step)
{
    choice_t *choice = step->choice;
    bool calls = choice->calling && choice->block == step->delta->block;
    bool thought = choice->last == BR_DELTA_REASONING;
    if (calls)
        s_set (&choice->signature, step->delta->opaque->bytes);
    else
        s_say_text (step->writer, step->delta->choice, BR_TEXT (""), thought,
                    step->delta->opaque->bytes, step->out);
}

//  Those of other families wait for the next call or text, in an envelope.
static void
s_on_opaque (const step_t *step)
{
    const br_opaque_t *opaque = step->delta->opaque;
    if (!opaque)
        return;
    if (opaque->family == BR_FAMILY_GOOGLE && opaque->kind == BR_OPAQUE_THOUGHT) {
        s_on_google (step);
        return;
    }
    br_arena_t *arena = br_arena_new ();
    s_say_pending (step->writer, step->delta->choice, step->out);
    s_set (&step->choice->pending, br_envelope_seal (opaque, arena));
    br_arena_destroy (&arena);
}

static void
s_on_media (const step_t *step)
{
    if (!step->delta->media)
        return;
    event_t event = s_begin (step->delta->choice, step->out);
    json_open (&event.json, NULL, '{');
    gemini_put_media (&event.json, step->delta->media, step->delta->media_kind);
    json_close (&event.json, '}');
    s_end_part (step->writer, &event);
}

static void
s_on_hosted (const step_t *step)
{
    br_buf_t *hosted = &step->choice->hosted;
    if (step->delta->family != BR_FAMILY_GOOGLE)
        return;
    json_writer_t parts = { hosted, hosted->size > 0 };
    gemini_put_flat (&parts, NULL, step->delta->raw);
}

static void
s_on_citation (const step_t *step)
{
    if (step->delta->family == BR_FAMILY_GOOGLE)
        s_set (&step->choice->grounding, step->delta->raw);
}

//  With a text that is empty: parsers of clients look for a part in every event (P-05).
static void
s_on_logprobs (const step_t *step)
{
    event_t event = s_begin (step->delta->choice, step->out);
    json_open (&event.json, NULL, '{');
    json_put_string (&event.json, "text", "");
    json_close (&event.json, '}');
    s_end_content (&event);
    json_put_integer (&event.json, "index", event.number);
    gemini_write_logprobs (&event.json, step->writer->tree, step->delta->raw);
    json_close (&event.json, '}');
    json_close (&event.json, ']');
    s_end (step->writer, &event);
}

static void
s_on_usage (const step_t *step)
{
    step->writer->usage = step->delta->usage;
}

static void
s_on_finish (const step_t *step)
{
    choice_t *choice = step->choice;
    br_text_t native = step->delta->native;
    size_t size = native.size < GEMINI_WORD_MAX ? native.size : 0;
    choice->finish = step->delta->finish;
    if (size)
        memcpy (choice->native, native.at, size);
    choice->native[size] = 0;
}

static void
s_on_error (const step_t *step)
{
    br_arena_t *arena = br_arena_new ();
    br_text_t text = br_arena_text (arena, step->delta->text);
    br_buf_adds (step->out, "data: ");
    gemini_write_error (step->delta->code, text.at ? text.at : "", BR_TEXT_NONE,
                        step->out);
    br_buf_adds (step->out, "\r\n\r\n");
    br_arena_destroy (&arena);
    step->writer->ended = true;
}

//  ---- the end

//  Parsers of clients look for a part in every event, so there is an empty one (P-05).
static void
s_write_end (const choice_t *choice, unsigned number, event_t *event)
{
    json_writer_t *json = &event->json;
    json_open (json, NULL, '{');
    json_open (json, "content", '{');
    json_open (json, "parts", '[');
    json_open (json, NULL, '{');
    json_put_string (json, "text", "");
    json_close (json, '}');
    s_end_content (event);
    json_put_string (json, "finishReason",
                     gemini_finish_word (choice->finish, br_text (choice->native)));
    json_put_integer (json, "index", number);
    if (choice->grounding.size)
        gemini_put_flat (json, "groundingMetadata", s_of (&choice->grounding));
    json_close (json, '}');
}

static void
s_on_end (const step_t *step)
{
    writer_t *self = step->writer;
    s_choice (self, 0)->used = true;
    for (unsigned i = 0; i < GEMINI_CHOICES_MAX; i++) {
        if (!self->choices[i])
            continue;
        s_say_call (self, i, step->out);
        s_say_hosted (self, i, step->out);
        s_say_pending (self, i, step->out);
    }
    br_buf_adds (step->out, "data: ");
    event_t event = { json_writer (step->out), 0 };
    json_open (&event.json, NULL, '{');
    json_open (&event.json, "candidates", '[');
    for (unsigned i = 0; i < GEMINI_CHOICES_MAX; i++)
        if (self->choices[i] && self->choices[i]->used)
            s_write_end (self->choices[i], i, &event);
    json_close (&event.json, ']');
    if (self->usage.known)
        br_usage_write (&self->usage, BR_PROTOCOL_GOOGLE, "usageMetadata", &event.json);
    s_end (self, &event);
    self->ended = true;
}

typedef struct {
    void (*fn) (const step_t *step); //  NULL: nothing is written
    bool block;                      //  it belongs to one, and ends a call of another
} row_t;

static const row_t s_rows[] = {
    [BR_DELTA_START] = { NULL, false },
    [BR_DELTA_TEXT] = { s_on_text, true },
    [BR_DELTA_REFUSAL] = { s_on_text, true },
    [BR_DELTA_REASONING] = { s_on_reasoning, true },
    [BR_DELTA_OPAQUE] = { s_on_opaque, true },
    [BR_DELTA_CITATION] = { s_on_citation, false },
    [BR_DELTA_CALL] = { s_on_call, true },
    [BR_DELTA_ARGS] = { s_on_args, true },
    [BR_DELTA_MEDIA] = { s_on_media, true },
    [BR_DELTA_HOSTED] = { s_on_hosted, true },
    [BR_DELTA_LOGPROBS] = { s_on_logprobs, false },
    [BR_DELTA_USAGE] = { s_on_usage, false },
    [BR_DELTA_FINISH] = { s_on_finish, false },
    [BR_DELTA_PING] = { NULL, false },
    [BR_DELTA_ERROR] = { s_on_error, false },
    [BR_DELTA_END] = { s_on_end, false },
};

void
gemini_write_delta (void *writer, const br_delta_t *delta, br_buf_t *out)
{
    writer_t *self = writer;
    bool known = (unsigned) delta->kind < sizeof s_rows / sizeof s_rows[0];
    if (!known || self->ended || delta->choice >= GEMINI_CHOICES_MAX)
        return;
    const row_t *row = &s_rows[delta->kind];
    choice_t *choice = s_choice (self, delta->choice);
    step_t step = { self, choice, delta, out };
    choice->used = choice->used || row->block || delta->kind == BR_DELTA_FINISH;
    if (row->block && delta->kind != BR_DELTA_HOSTED)
        s_say_hosted (self, delta->choice, out);
    if (row->block && choice->block != delta->block) {
        s_say_call (self, delta->choice, out);
        choice->block = delta->block;
        choice->last = delta->kind;
    } else if (row->block && delta->kind != BR_DELTA_OPAQUE)
        choice->last = delta->kind;
    if (row->fn)
        row->fn (&step);
}
