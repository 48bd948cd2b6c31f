//  chat_stream_write: an answer as a stream of chunks for the client. A delta is a chunk;
//  what stands around it is the same in all of them and made once.

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/proto/chat/chat_choice.h"

#define HEAD_MAX (1u << 20) //  bytes around a delta, where the model's name is

//  A choice under way.
typedef struct {
    unsigned number;
    unsigned calls; //  that have begun
    bool in_call;
    unsigned call; //  block of the open call
    bool custom;
    bool has_args; //  the open call
    bool refused;
    unsigned details; //  index of the next item of reasoning_details
    bool in_reasoning;
    unsigned reasoning; //  block of the text below
    br_buf_t text;      //  of the reasoning under way, which goes with its signature
} choice_t;

typedef struct {
    const br_asked_t *asked; //  borrowed
    br_buf_t head;           //  "data: {" to the choices' bracket
    choice_t *choices;
    size_t nchoices;
    br_usage_t usage;
    bool ended;
} writer_t;

void *
chat_writer_new (const br_asked_t *asked)
{
    writer_t *self = BR_NEW (writer_t);
    self->asked = asked;
    br_buf_init (&self->head, HEAD_MAX);
    br_buf_addf (&self->head,
                 "data: {\"id\":\"chatcmpl-%s\",\"object\":\"chat.completion.chunk\","
                 "\"created\":%" PRIu64 ",\"model\":",
                 asked->id, asked->now);
    br_buf_add_json (&self->head, asked->model.at ? asked->model.at : "",
                     asked->model.size);
    br_buf_adds (&self->head, ",\"choices\":[");
    return self;
}

void
chat_writer_destroy (void **writer_p)
{
    if (!writer_p || !*writer_p)
        return;
    writer_t *self = *writer_p;
    for (size_t i = 0; i < self->nchoices; i++)
        br_buf_free (&self->choices[i].text);
    free (self->choices);
    br_buf_free (&self->head);
    free (self);
    *writer_p = NULL;
}

//  NULL when there are too many.
static choice_t *
s_choice_of (writer_t *self, unsigned number)
{
    for (size_t i = 0; i < self->nchoices; i++)
        if (self->choices[i].number == number)
            return &self->choices[i];
    if (self->nchoices == CHAT_CHOICES_MAX)
        return NULL;
    self->choices = br_realloc (self->choices,
                                (self->nchoices + 1) * sizeof *self->choices);
    choice_t *choice = &self->choices[self->nchoices++];
    *choice = (choice_t) { .number = number };
    br_buf_init (&choice->text, BR_REPLY_BYTES_MAX);
    return choice;
}

//  ---- chunks

static json_writer_t
s_open (writer_t *self, const choice_t *choice, br_buf_t *out)
{
    br_buf_add (out, self->head.data, self->head.size);
    json_writer_t writer = json_writer (out);
    json_open (&writer, NULL, '{');
    json_put_integer (&writer, "index", choice->number);
    json_open (&writer, "delta", '{');
    return writer;
}

static void
s_close (writer_t *self, json_writer_t *writer, br_text_t logprobs, const char *finish)
{
    json_close (writer, '}');
    json_put_raw (writer, "logprobs", logprobs);
    json_put_string (writer, "finish_reason", finish);
    json_close (writer, '}');
    json_close (writer, ']');
    if (self->asked->call->want_usage)
        json_put_null (writer, "usage");
    br_buf_add (writer->out, "}\n\n", 3);
}

static void
s_close_plain (writer_t *self, json_writer_t *writer)
{
    s_close (self, writer, BR_TEXT ("null"), NULL);
}

static void
s_write_text (writer_t *self, const choice_t *choice, const char *key, br_text_t text,
              br_buf_t *out)
{
    if (text.size == 0)
        return;
    json_writer_t writer = s_open (self, choice, out);
    json_put (&writer, key, text);
    s_close_plain (self, &writer);
}

//  ---- calls

//  Opens what stands around a piece of the open call.
static void
s_open_call (const writer_t *self, const choice_t *choice, json_writer_t *writer)
{
    if (self->asked->call->legacy_functions) {
        json_open (writer, "function_call", '{');
        return;
    }
    json_open (writer, "tool_calls", '[');
    json_open (writer, NULL, '{');
    json_put_integer (writer, "index", choice->calls - 1);
}

static void
s_close_call (const writer_t *self, json_writer_t *writer)
{
    json_close (writer, '}');
    if (!self->asked->call->legacy_functions)
        json_close (writer, ']');
}

//  The old form has room for one call.
static bool
s_is_silent (const writer_t *self, const choice_t *choice)
{
    return self->asked->call->legacy_functions && choice->calls > 1;
}

static void
s_write_args (writer_t *self, choice_t *choice, br_text_t text, br_buf_t *out)
{
    if (s_is_silent (self, choice) || text.size == 0)
        return;
    choice->has_args = true;
    bool legacy = self->asked->call->legacy_functions;
    json_writer_t writer = s_open (self, choice, out);
    s_open_call (self, choice, &writer);
    if (!legacy)
        json_open (&writer, choice->custom ? "custom" : "function", '{');
    json_put (&writer, choice->custom ? "input" : "arguments", text);
    if (!legacy)
        json_close (&writer, '}');
    s_close_call (self, &writer);
    s_close_plain (self, &writer);
}

//  Clients parse the arguments, and nothing is no JSON.
static void
s_end_call (writer_t *self, choice_t *choice, br_buf_t *out)
{
    if (choice->in_call && !choice->has_args && !choice->custom)
        s_write_args (self, choice, BR_TEXT ("{}"), out);
    choice->in_call = false;
}

static void
s_on_call (writer_t *self, choice_t *choice, const br_delta_t *delta, br_buf_t *out)
{
    choice->calls++;
    choice->in_call = true;
    choice->call = delta->block;
    choice->custom = delta->custom;
    choice->has_args = false;
    if (s_is_silent (self, choice))
        return;
    json_writer_t writer = s_open (self, choice, out);
    s_open_call (self, choice, &writer);
    if (self->asked->call->legacy_functions) {
        json_put (&writer, "name", delta->name);
        json_put_string (&writer, "arguments", "");
    } else {
        chat_write_call_head (&writer, delta->id, delta->name, choice->calls - 1,
                              self->asked, delta->custom);
        json_put_string (&writer, delta->custom ? "input" : "arguments", "");
        json_close (&writer, '}');
    }
    s_close_call (self, &writer);
    s_close_plain (self, &writer);
}

static void
s_on_args (writer_t *self, choice_t *choice, const br_delta_t *delta, br_buf_t *out)
{
    s_write_args (self, choice, delta->text, out);
}

//  ---- reasoning

static void
s_on_reasoning (writer_t *self, choice_t *choice, const br_delta_t *delta, br_buf_t *out)
{
    if (!choice->in_reasoning || choice->reasoning != delta->block)
        br_buf_clear (&choice->text);
    bool parted = delta->first_of_part && choice->text.size;
    choice->in_reasoning = true;
    choice->reasoning = delta->block;
    (void) br_buf_add (&choice->text, delta->text.at, delta->text.size);
    if (parted)
        s_write_text (self, choice, "reasoning_content", BR_TEXT ("\n\n"), out);
    s_write_text (self, choice, "reasoning_content", delta->text, out);
}

static void
s_write_thought (writer_t *self, choice_t *choice, const br_opaque_t *opaque,
                 br_arena_t *arena, br_buf_t *out)
{
    br_text_t thought = br_envelope_seal (opaque, arena);
    if (!thought.at || self->asked->call->legacy_functions)
        return;
    json_writer_t writer = s_open (self, choice, out);
    s_open_call (self, choice, &writer);
    //  Clients look for a function in every piece of a call.
    json_open (&writer, choice->custom ? "custom" : "function", '{');
    json_put_string (&writer, choice->custom ? "input" : "arguments", "");
    json_close (&writer, '}');
    chat_thought_write (&writer, thought);
    s_close_call (self, &writer);
    s_close_plain (self, &writer);
}

static void
s_on_opaque (writer_t *self, choice_t *choice, const br_delta_t *delta, br_buf_t *out)
{
    br_arena_t *arena = br_arena_new ();
    if (choice->in_call && choice->call == delta->block)
        s_write_thought (self, choice, delta->opaque, arena, out);
    else {
        bool is_own = choice->in_reasoning && choice->reasoning == delta->block;
        br_text_t text = { (const char *) choice->text.data,
                           is_own ? choice->text.size : 0 };
        json_writer_t writer = s_open (self, choice, out);
        json_open (&writer, "reasoning_details", '[');
        chat_detail_seal (&writer, delta->opaque, text, &choice->details, arena);
        json_close (&writer, ']');
        s_close_plain (self, &writer);
    }
    br_arena_destroy (&arena);
}

//  ---- the rest of a choice

static void
s_on_start (writer_t *self, choice_t *choice, const br_delta_t *delta, br_buf_t *out)
{
    (void) delta;
    json_writer_t writer = s_open (self, choice, out);
    json_put_string (&writer, "role", "assistant");
    json_put_string (&writer, "content", "");
    s_close_plain (self, &writer);
}

static void
s_on_text (writer_t *self, choice_t *choice, const br_delta_t *delta, br_buf_t *out)
{
    s_write_text (self, choice, "content", delta->text, out);
}

static void
s_on_refusal (writer_t *self, choice_t *choice, const br_delta_t *delta, br_buf_t *out)
{
    choice->refused = true;
    s_write_text (self, choice, "refusal", delta->text, out);
}

static void
s_on_citation (writer_t *self, choice_t *choice, const br_delta_t *delta, br_buf_t *out)
{
    if (delta->family != BR_FAMILY_OPENAI)
        return;
    json_tree_t *tree = json_tree_new ();
    const json_node_t *root = json_tree_parse (tree, delta->raw.at, delta->raw.size,
                                               NULL);
    json_writer_t writer = s_open (self, choice, out);
    json_open (&writer, "annotations", '[');
    chat_write_annotation (&writer, tree, root);
    json_close (&writer, ']');
    s_close_plain (self, &writer);
    json_tree_destroy (&tree);
}

static void
s_on_media (writer_t *self, choice_t *choice, const br_delta_t *delta, br_buf_t *out)
{
    bool is_image = delta->media_kind == BR_BLOCK_IMAGE;
    if (!is_image && delta->media_kind != BR_BLOCK_AUDIO)
        return;
    json_writer_t writer = s_open (self, choice, out);
    if (is_image) {
        json_open (&writer, "images", '[');
        chat_write_image (&writer, delta->media);
        json_close (&writer, ']');
    } else
        chat_write_audio (&writer, delta->media, self->asked);
    s_close_plain (self, &writer);
}

static void
s_on_logprobs (writer_t *self, choice_t *choice, const br_delta_t *delta, br_buf_t *out)
{
    json_writer_t writer = s_open (self, choice, out);
    s_close (self, &writer, delta->raw, NULL);
}

static void
s_fail (writer_t *self, br_code_t code, br_text_t text, br_buf_t *out)
{
    char *string = br_strndup (text.at ? text.at : "", text.size);
    self->ended = true;
    br_buf_adds (out, "data: ");
    chat_error_write (code, string, BR_TEXT_NONE, out);
    br_buf_adds (out, "\n\n");
    free (string);
}

//  A call that makes no sense is no answer (P-06).
static void
s_on_finish (writer_t *self, choice_t *choice, const br_delta_t *delta, br_buf_t *out)
{
    if (delta->finish == BR_FINISH_MALFORMED) {
        s_fail (self, BR_EUPINVALID,
                BR_TEXT ("the model called a tool in a way that makes no sense"), out);
        return;
    }
    bool called = choice->calls > 0;
    const char *word = chat_finish_word (delta->finish, called, choice->refused);
    if (self->asked->call->legacy_functions && br_text_is (br_text (word), "tool_calls"))
        word = "function_call";
    json_writer_t writer = s_open (self, choice, out);
    s_close (self, &writer, BR_TEXT ("null"), word);
}

typedef void (choice_fn) (writer_t *self, choice_t *choice, const br_delta_t *delta,
                          br_buf_t *out);

//  goes_on: the delta belongs to the call that is open.
static const struct {
    choice_fn *write;
    bool goes_on;
} s_rows[] = {
    [BR_DELTA_START] = { s_on_start, true },
    [BR_DELTA_TEXT] = { s_on_text, false },
    [BR_DELTA_REFUSAL] = { s_on_refusal, false },
    [BR_DELTA_REASONING] = { s_on_reasoning, false },
    [BR_DELTA_OPAQUE] = { s_on_opaque, true },
    [BR_DELTA_CITATION] = { s_on_citation, false },
    [BR_DELTA_CALL] = { s_on_call, false },
    [BR_DELTA_ARGS] = { s_on_args, true },
    [BR_DELTA_MEDIA] = { s_on_media, false },
    [BR_DELTA_HOSTED] = { NULL, false }, //  has no place here
    [BR_DELTA_LOGPROBS] = { s_on_logprobs, true },
    [BR_DELTA_FINISH] = { s_on_finish, false },
};

//  ---- the whole

static void
s_end (writer_t *self, br_buf_t *out)
{
    self->ended = true;
    if (self->asked->call->want_usage && self->usage.known) {
        br_buf_add (out, self->head.data, self->head.size);
        json_writer_t writer = json_writer (out);
        json_close (&writer, ']');
        br_usage_write (&self->usage, BR_PROTOCOL_CHAT, "usage", &writer);
        br_buf_adds (out, "}\n\n");
    }
    br_buf_adds (out, "data: [DONE]\n\n");
}

static void
s_write_choice (writer_t *self, const br_delta_t *delta, br_buf_t *out)
{
    if ((unsigned) delta->kind >= sizeof s_rows / sizeof s_rows[0])
        return;
    choice_t *choice = s_choice_of (self, delta->choice);
    if (!choice)
        return;
    if (!s_rows[delta->kind].goes_on)
        s_end_call (self, choice, out);
    if (s_rows[delta->kind].write)
        s_rows[delta->kind].write (self, choice, delta, out);
}

void
chat_write_delta (void *writer, const br_delta_t *delta, br_buf_t *out)
{
    writer_t *self = writer;
    if (self->ended)
        return;
    switch (delta->kind) {
    case BR_DELTA_PING: br_buf_adds (out, ": keep-alive\n"); return;
    case BR_DELTA_USAGE: self->usage = delta->usage; return;
    case BR_DELTA_ERROR: s_fail (self, delta->code, delta->text, out); return;
    case BR_DELTA_END: s_end (self, out); return;
    default: s_write_choice (self, delta, out);
    }
}
