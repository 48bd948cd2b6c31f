//  translate_teller: the end of a translation that faces the client.

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/translate_teller.h"

#define MADE_ID_SIZE 24 //  characters behind the prefix
#define EVENTS_WAITED 2 //  that the start waits for

//  What the call that is open means to the client.
typedef enum {
    CALL_NONE,
    CALL_PLAIN,
    CALL_ANSWER,  //  it is the answer's text
    CALL_FREEFORM //  its one argument is the input of a freeform tool
} call_t;

//  What has been said of one choice. br_order bounds how many there are.
typedef struct _choice_t {
    struct _choice_t *next;
    unsigned number;
    call_t call;    //  the open one
    unsigned block; //  of the open call
    bool has_args;  //  of the open call, which are not blank
    br_buf_t args;  //  of a freeform call
    br_buf_t held;  //  text that is the answer if no call is
    unsigned held_block;
    bool called;   //  a tool
    bool answered; //  by a call that is the answer
    bool refused;  //  in words
    bool finished;
    br_delta_t finish; //  waits for the end of the answer
} choice_t;

struct _translate_teller_t {
    translate_sides_t sides;
    tap_result_t *result;
    br_buf_t *out;
    void *writer;      //  the client's; NULL when it wants no stream
    br_reply_t *reply; //  NULL when it wants one
    br_arena_t *arena; //  of what is held and made
    unsigned events;   //  of the provider's, up to the release
    bool started;      //  start holds something
    bool released;
    bool told;
    bool over;
    br_delta_t start;
    br_usage_t usage;
    choice_t *choices;
};

static void
s_play (void *arg, const br_delta_t *delta)
{
    translate_teller_t *self = arg;
    self->sides.client->write_delta (self->writer, delta, self->out);
}

//  Brings the writer to where the one before it stood.
static void
s_resume (translate_teller_t *self)
{
    const br_resume_t *told = self->sides.told;
    br_buf_t nowhere;
    br_buf_init (&nowhere, 0);
    self->out = &nowhere;
    br_resume_play (told, s_play, self);
    self->out = NULL;
    br_buf_free (&nowhere);
    if (self->sides.client->writer_resume)
        self->sides.client->writer_resume (self->writer, br_resume_events (told));
}

translate_teller_t *
translate_teller_new (const translate_sides_t *sides, tap_result_t *result)
{
    translate_teller_t *self = BR_NEW (translate_teller_t);
    self->sides = *sides;
    self->result = result;
    self->arena = br_arena_new ();
    if (sides->asked->call->stream)
        self->writer = sides->client->writer_new (sides->asked);
    else
        self->reply = br_reply_new ();
    if (sides->told)
        s_resume (self);
    return self;
}

void
translate_teller_destroy (translate_teller_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    translate_teller_t *self = *self_p;
    br_reply_destroy (&self->reply);
    if (self->writer)
        self->sides.client->writer_destroy (&self->writer);
    for (choice_t *choice = self->choices; choice; choice = choice->next) {
        br_buf_free (&choice->args);
        br_buf_free (&choice->held);
    }
    br_arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}

void
translate_teller_set_out (translate_teller_t *self, br_buf_t *out)
{
    self->out = out;
}

bool
translate_teller_is_over (const translate_teller_t *self)
{
    return self->over;
}

bool
translate_teller_has_told (const translate_teller_t *self)
{
    return self->told;
}

//  ---- writing

static void
s_note_told (translate_teller_t *self, size_t size_before)
{
    if (self->out->size == size_before)
        return;
    self->told = true;
    if (self->result->first == TAP_NOTHING)
        self->result->first = TAP_DATA;
}

static void
s_record (translate_teller_t *self, const br_delta_t *delta, size_t size_before)
{
    const br_buf_t *out = self->out;
    br_resume_add (self->sides.record, delta);
    if (out->overflow)
        br_resume_spoil (self->sides.record);
    if (out->size > size_before)
        br_resume_add_bytes (self->sides.record, out->data + size_before,
                             out->size - size_before);
}

//  Who has heard a part of the answer hears of the error too, unless others may go on
//  with it; who has not may ask elsewhere.
static void
s_fail (translate_teller_t *self, const br_delta_t *error)
{
    self->over = true;
    self->result->error = true;
    if (self->result->first == TAP_NOTHING)
        self->result->first = TAP_ERROR;
    bool may_go_on = self->sides.record && !br_resume_is_spoilt (self->sides.record);
    if (self->told && !may_go_on)
        self->sides.client->write_delta (self->writer, error, self->out);
}

static void
s_write (translate_teller_t *self, const br_delta_t *delta)
{
    if (self->over)
        return;
    size_t before = self->out->size;
    br_error_t error;
    if (self->writer) {
        self->sides.client->write_delta (self->writer, delta, self->out);
        if (self->sides.record)
            s_record (self, delta, before);
        s_note_told (self, before);
    } else if (br_reply_add (self->reply, delta, &error))
        s_fail (self, &(br_delta_t) { .kind = BR_DELTA_ERROR, .code = error.code });
}

static void
s_release (translate_teller_t *self)
{
    if (self->released)
        return;
    self->released = true;
    if (self->started)
        s_write (self, &self->start);
    if (self->usage.known)
        s_write (self, &(br_delta_t) { .kind = BR_DELTA_USAGE, .usage = self->usage });
}

static void
s_say (translate_teller_t *self, const br_delta_t *delta)
{
    s_release (self);
    s_write (self, delta);
}

//  ---- calls

static choice_t *
s_choice (translate_teller_t *self, unsigned number)
{
    choice_t **at = &self->choices;
    while (*at && (*at)->number != number)
        at = &(*at)->next;
    if (!*at) {
        *at = BR_ARENA_NEW (self->arena, choice_t);
        (*at)->number = number;
        br_buf_init (&(*at)->args, BR_REPLY_BYTES_MAX);
        br_buf_init (&(*at)->held, BR_REPLY_BYTES_MAX);
    }
    return *at;
}

//  The text of {"input": …}; what is no such object is the input itself.
static void
s_say_input (translate_teller_t *self, const br_buf_t *args, br_delta_t *delta)
{
    json_tree_t *tree = json_tree_new ();
    br_arena_t *arena = br_arena_new ();
    const json_node_t *root = json_tree_parse (tree, args->data, args->size, NULL);
    delta->text = json_node_text (tree, json_get (tree, root, "input"), arena);
    if (!delta->text.at)
        delta->text = (br_text_t) { (const char *) args->data, args->size };
    s_say (self, delta);
    br_arena_destroy (&arena);
    json_tree_destroy (&tree);
}

//  What is said beside the call that is the answer is no part of the answer.
static void
s_hold (translate_teller_t *self, choice_t *choice, const br_delta_t *delta)
{
    if (choice->answered || delta->kind != BR_DELTA_TEXT)
        return;
    if (choice->held.size == 0)
        choice->held_block = delta->block;
    br_buf_add (&choice->held, delta->text.at, delta->text.size);
    if (choice->held.overflow)
        s_fail (self,
                &(br_delta_t) { .kind = BR_DELTA_ERROR,
                                .code = BR_EUPINVALID,
                                .text = BR_TEXT ("the provider's answer is too long") });
}

static void
s_say_held (translate_teller_t *self, choice_t *choice)
{
    if (choice->held.size && !choice->answered)
        s_say (self, &(br_delta_t) { .kind = BR_DELTA_TEXT,
                                     .choice = choice->number,
                                     .block = choice->held_block,
                                     .text = { (const char *) choice->held.data,
                                               choice->held.size } });
    br_buf_clear (&choice->held);
}

//  whole: it was not cut short, so that no arguments are an empty object of them
static void
s_close_call (translate_teller_t *self, choice_t *choice, bool whole)
{
    br_delta_t delta = { .kind = BR_DELTA_ARGS,
                         .choice = choice->number,
                         .block = choice->block,
                         .text = BR_TEXT ("{}") };
    call_t call = choice->call;
    choice->call = CALL_NONE;
    if (call == CALL_FREEFORM)
        s_say_input (self, &choice->args, &delta);
    if (call == CALL_PLAIN && whole && !choice->has_args)
        s_say (self, &delta);
}

static br_text_t
s_make_id (translate_teller_t *self, const br_delta_t *delta)
{
    uint8_t hash[crypto_generichash_BYTES_MIN];
    char hex[2 * sizeof hash + 1];
    br_text_t seed = br_arena_textf (self->arena, "%s:%u:%u", self->sides.asked->id,
                                     delta->choice, delta->block);
    crypto_generichash (hash, sizeof hash, (const uint8_t *) seed.at, seed.size, NULL, 0);
    sodium_bin2hex (hex, sizeof hex, hash, sizeof hash);
    const char *prefix = self->sides.client->protocol == BR_PROTOCOL_MESSAGES ? "toolu_"
                                                                              : "call_";
    return br_arena_textf (self->arena, "%s%.*s", prefix, MADE_ID_SIZE, hex);
}

static call_t
s_kind_of_call (const translate_teller_t *self, const br_delta_t *delta,
                const br_tool_t *tool)
{
    const char *answer_tool = self->sides.answer_tool;
    if (!tool && answer_tool && br_text_is (delta->name, answer_tool))
        return CALL_ANSWER;
    if (delta->custom)
        return CALL_NONE;
    return tool && tool->kind == BR_TOOL_CUSTOM ? CALL_FREEFORM : CALL_PLAIN;
}

static void
s_on_call (translate_teller_t *self, const br_delta_t *delta)
{
    choice_t *choice = s_choice (self, delta->choice);
    s_close_call (self, choice, true);
    const br_tool_t *tool = br_call_tool (self->sides.asked->call,
                                          self->sides.provider->protocol, delta->name);
    choice->call = s_kind_of_call (self, delta, tool);
    choice->block = delta->block;
    choice->has_args = false;
    br_buf_clear (&choice->args);
    if (choice->call == CALL_ANSWER) {
        choice->answered = true;
        return;
    }
    s_say_held (self, choice);
    choice->called = true;
    br_delta_t call = *delta;
    call.custom = delta->custom || choice->call == CALL_FREEFORM;
    if (tool)
        call.name = tool->name;
    if (call.id.size == 0)
        call.id = s_make_id (self, delta);
    s_say (self, &call);
}

static void
s_on_args (translate_teller_t *self, const br_delta_t *delta)
{
    choice_t *choice = s_choice (self, delta->choice);
    br_delta_t piece = *delta;
    if (choice->call == CALL_ANSWER)
        piece.kind = BR_DELTA_TEXT;
    if (!br_text_is_blank (delta->text))
        choice->has_args = true;
    if (choice->call != CALL_FREEFORM) {
        s_say (self, &piece);
        return;
    }
    br_buf_add (&choice->args, delta->text.at, delta->text.size);
    if (choice->args.overflow)
        s_fail (self,
                &(br_delta_t) { .kind = BR_DELTA_ERROR,
                                .code = BR_EUPINVALID,
                                .text = BR_TEXT ("the provider's call is too long") });
}

//  ---- the other kinds

static void
s_on_content (translate_teller_t *self, const br_delta_t *delta)
{
    choice_t *choice = s_choice (self, delta->choice);
    if (choice->block != delta->block)
        s_close_call (self, choice, true);
    if (delta->kind == BR_DELTA_REFUSAL)
        choice->refused = true;
    bool words = delta->kind == BR_DELTA_TEXT || delta->kind == BR_DELTA_CITATION;
    if (words && self->sides.answer_tool && !choice->called)
        s_hold (self, choice, delta);
    else {
        if (delta->block != choice->held_block)
            s_say_held (self, choice); // blocks come one after the other
        s_say (self, delta);
    }
}

static void
s_on_logprobs (translate_teller_t *self, const br_delta_t *delta)
{
    s_say (self, delta);
}

static void
s_copy_name (char *out, size_t room, br_text_t text)
{
    if (!out[0] && text.size < room && text.size)
        snprintf (out, room, "%.*s", (int) text.size, text.at);
}

static void
s_on_start (translate_teller_t *self, const br_delta_t *delta)
{
    s_copy_name (self->result->id, sizeof self->result->id, delta->id);
    s_copy_name (self->result->model, sizeof self->result->model, delta->model);
    if (self->sides.told)
        return;
    if (self->released || self->started) {
        s_say (self, delta);
        return;
    }
    self->started = true;
    self->start = *delta;
    self->start.id = br_arena_text (self->arena, delta->id);
    self->start.model = br_arena_text (self->arena, delta->model);
}

static void
s_on_usage (translate_teller_t *self, const br_delta_t *delta)
{
    self->result->usage = delta->usage;
    if (self->released)
        s_write (self, delta);
    else
        self->usage = delta->usage;
}

static void
s_on_ping (translate_teller_t *self, const br_delta_t *delta)
{
    if (self->released && self->told)
        s_write (self, delta);
}

//  A call of a tool is the reason for which it stopped, and so is a refusal, for which
//  Chat has no word of its own. But no answer that was cut short becomes anything else by
//  them.
static br_finish_t
s_finish_of (const choice_t *choice, br_finish_t finish)
{
    if (finish == BR_FINISH_STOP || finish == BR_FINISH_UNSET)
        return choice->called    ? BR_FINISH_TOOL_USE
               : choice->refused ? BR_FINISH_REFUSAL
                                 : BR_FINISH_STOP;
    if (finish == BR_FINISH_TOOL_USE && choice->answered && !choice->called)
        return BR_FINISH_STOP;
    return finish;
}

static void
s_on_finish (translate_teller_t *self, const br_delta_t *delta)
{
    br_text_t native = delta->native;
    if (native.size == 0)
        native = br_text (br_finish_name (delta->finish));
    self->result->finish[0] = 0;
    s_copy_name (self->result->finish, sizeof self->result->finish, native);
    if (delta->finish == BR_FINISH_MALFORMED) {
        s_copy_name (self->result->error_type, TAP_WORD_MAX, native);
        s_fail (self, &(br_delta_t) { .kind = BR_DELTA_ERROR,
                                      .code = BR_EUPBAD,
                                      .text = BR_TEXT ("the model called a tool in a way "
                                                       "that makes no sense") });
        return;
    }
    choice_t *choice = s_choice (self, delta->choice);
    choice->finish = *delta;
    choice->finish.native = br_arena_text (self->arena, delta->native);
    choice->finish.stop_sequence = br_arena_text (self->arena, delta->stop_sequence);
    choice->finish.finish = s_finish_of (choice, delta->finish);
    s_close_call (self, choice, choice->finish.finish == BR_FINISH_TOOL_USE);
    choice->finished = true;
}

//  Only now is it known that the answer is whole: a finish that was told earlier would
//  make it look so.
static void
s_say_finishes (translate_teller_t *self)
{
    if (!s_choice (self, 0)->finished)
        s_on_finish (
            self, &(br_delta_t) { .kind = BR_DELTA_FINISH, .native = BR_TEXT ("stop") });
    for (choice_t *choice = self->choices; choice; choice = choice->next) {
        s_say_held (self, choice);
        if (choice->finished)
            s_say (self, &choice->finish);
    }
}

static void
s_on_end (translate_teller_t *self, const br_delta_t *delta)
{
    s_say_finishes (self);
    s_say (self, delta);
    if (self->over)
        return;
    size_t before = self->out->size;
    if (self->reply)
        self->sides.client->write_reply (self->reply, self->sides.asked, self->out);
    s_note_told (self, before);
    self->over = true;
    self->result->done = true;
    self->result->complete = true;
}

typedef void (take_fn) (translate_teller_t *self, const br_delta_t *delta);

static take_fn *const s_takers[] = {
    [BR_DELTA_START] = s_on_start,       [BR_DELTA_TEXT] = s_on_content,
    [BR_DELTA_REFUSAL] = s_on_content,   [BR_DELTA_REASONING] = s_on_content,
    [BR_DELTA_OPAQUE] = s_on_content,    [BR_DELTA_CITATION] = s_on_content,
    [BR_DELTA_CALL] = s_on_call,         [BR_DELTA_ARGS] = s_on_args,
    [BR_DELTA_MEDIA] = s_on_content,     [BR_DELTA_HOSTED] = s_on_content,
    [BR_DELTA_LOGPROBS] = s_on_logprobs, [BR_DELTA_USAGE] = s_on_usage,
    [BR_DELTA_FINISH] = s_on_finish,     [BR_DELTA_PING] = s_on_ping,
    [BR_DELTA_ERROR] = s_fail,           [BR_DELTA_END] = s_on_end,
};

//  While usage is not known, as a tap does.
static void
s_measure (translate_teller_t *self, const br_delta_t *delta)
{
    bool says = delta->kind == BR_DELTA_TEXT || delta->kind == BR_DELTA_REFUSAL
                || delta->kind == BR_DELTA_REASONING || delta->kind == BR_DELTA_ARGS;
    const br_usage_t *usage = &self->result->usage;
    if (says && (!usage->known || usage->open))
        self->result->told += tap_told_text (delta->text.at, delta->text.size);
}

void
translate_teller_take (translate_teller_t *self, const br_delta_t *delta)
{
    if (self->over)
        return;
    s_measure (self, delta);
    s_takers[delta->kind](self, delta);
}

void
translate_teller_next (translate_teller_t *self)
{
    if (self->over || self->released || !self->started)
        return;
    if (++self->events == EVENTS_WAITED)
        s_release (self);
}
