//  messages_stream_write: writes a stream for a client. One block is open at a time; its
//  index is ours, and grows with each block that is written. A block begins with its
//  first piece of text, so that blobs which have to stand in front of it still can.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/proto/messages/messages_parts.h"

#define MALFORMED_TEXT "the model's call of a tool makes no sense; try again"

typedef enum {
    OPEN_NOTHING,
    OPEN_TEXT,
    OPEN_THINKING,
    OPEN_CALL
} open_t;

typedef enum {
    ARGS_NONE, //  but blanks
    ARGS_LIVE, //  an object, which is passed on as it comes
    ARGS_HELD  //  something else, to be made an object of
} args_t;

//  A blob that waits, as it travels.
typedef struct _held_t {
    struct _held_t *next;
    br_text_t data;
    bool signature; //  one of Anthropic's own
} held_t;

typedef struct {
    const br_asked_t *asked; //  borrowed
    br_arena_t *arena;       //  of what is kept
    bool told;               //  message_start was written
    bool ended;
    open_t open;
    bool begun;     //  content_block_start of the open block was written
    unsigned block; //  the open one's number in the deltas
    unsigned index; //  of the next block that begins
    held_t *held;   //  of the open block
    bool spoke;     //  of the open block: thinking was written
    br_text_t id, name;
    bool custom;
    args_t args_state;
    br_buf_t args;
    unsigned calls; //  so far
    br_text_t message_id;
    br_usage_t usage;
    br_finish_t finish;
    br_text_t stop_sequence;
} writer_t;

void *
messages_writer_new (const br_asked_t *asked)
{
    writer_t *self = BR_NEW (writer_t);
    self->asked = asked;
    self->arena = br_arena_new ();
    br_buf_init (&self->args, BR_REPLY_BYTES_MAX);
    return self;
}

void
messages_writer_destroy (void **writer_p)
{
    if (!writer_p || !*writer_p)
        return;
    writer_t *self = *writer_p;
    br_buf_free (&self->args);
    br_arena_destroy (&self->arena);
    free (self);
    *writer_p = NULL;
}

//  ---- events

static json_writer_t
s_event (br_buf_t *out, const char *name)
{
    br_buf_adds (out, "event: ");
    br_buf_adds (out, name);
    br_buf_adds (out, "\ndata: ");
    json_writer_t json = json_writer (out);
    json_open (&json, NULL, '{');
    json_put_string (&json, "type", name);
    return json;
}

static void
s_event_end (json_writer_t *json)
{
    json_close (json, '}');
    br_buf_adds (json->out, "\n\n");
}

static void
s_put_start (writer_t *self, br_buf_t *out)
{
    if (self->told)
        return;
    self->told = true;
    json_writer_t json = s_event (out, "message_start");
    json_open (&json, "message", '{');
    json_put (&json, "id",
              messages_reply_id (self->message_id, self->asked, self->arena));
    json_put_string (&json, "type", "message");
    json_put_string (&json, "role", "assistant");
    json_put (&json, "model", self->asked->model);
    json_put_raw (&json, "content", BR_TEXT ("[]"));
    json_put_null (&json, "stop_reason");
    json_put_null (&json, "stop_sequence");
    br_usage_write (&self->usage, BR_PROTOCOL_MESSAGES, "usage", &json);
    json_close (&json, '}');
    s_event_end (&json);
}

//  Its content_block is open for more members.
static json_writer_t
s_block_start (writer_t *self, const char *type, br_buf_t *out)
{
    json_writer_t json = s_event (out, "content_block_start");
    json_put_integer (&json, "index", self->index);
    json_open (&json, "content_block", '{');
    json_put_string (&json, "type", type);
    return json;
}

static void
s_block_started (json_writer_t *json)
{
    json_close (json, '}');
    s_event_end (json);
}

static void
s_put_delta (writer_t *self, const char *type, const char *key, br_text_t text,
             br_buf_t *out)
{
    json_writer_t json = s_event (out, "content_block_delta");
    json_put_integer (&json, "index", self->index);
    json_open (&json, "delta", '{');
    json_put_string (&json, "type", type);
    json_put (&json, key, text);
    json_close (&json, '}');
    s_event_end (&json);
}

static void
s_put_stop (writer_t *self, br_buf_t *out)
{
    json_writer_t json = s_event (out, "content_block_stop");
    json_put_integer (&json, "index", self->index++);
    s_event_end (&json);
}

//  ---- blobs

static void
s_put_redacted (writer_t *self, held_t *list, br_buf_t *out)
{
    for (; list; list = list->next) {
        json_writer_t json = s_block_start (self, "redacted_thinking", out);
        json_put (&json, "data", list->data);
        s_block_started (&json);
        s_put_stop (self, out);
    }
}

static void
s_hold (writer_t *self, const br_opaque_t *opaque)
{
    bool native = false;
    br_text_t call_id = self->open == OPEN_CALL ? self->id : BR_TEXT_NONE;
    br_text_t data = messages_seal (opaque, call_id, self->arena, &native);
    if (!data.size || br_arena_bytes (self->arena) > BR_REPLY_BYTES_MAX)
        return;
    held_t **at = &self->held;
    while (*at)
        at = &(*at)->next;
    *at = BR_ARENA_NEW (self->arena, held_t);
    (*at)->data = native ? br_arena_text (self->arena, data) : data;
    (*at)->signature = native && opaque->kind == BR_OPAQUE_SIGNATURE;
}

//  ---- blocks

static void
s_begin_text (writer_t *self, br_buf_t *out)
{
    json_writer_t json = s_block_start (self, "text", out);
    json_put_string (&json, "text", "");
    s_block_started (&json);
}

static void
s_begin_thinking (writer_t *self, br_buf_t *out)
{
    json_writer_t json = s_block_start (self, "thinking", out);
    json_put_string (&json, "thinking", "");
    json_put_string (&json, "signature", "");
    s_block_started (&json);
}

static void
s_begin_call (writer_t *self, br_buf_t *out)
{
    s_put_redacted (self, self->held, out);
    self->held = NULL;
    json_writer_t json = s_block_start (self, "tool_use", out);
    json_put (&json, "id", self->id);
    json_put (&json, "name", self->name);
    json_put_raw (&json, "input", BR_TEXT ("{}"));
    s_block_started (&json);
}

typedef void (step_fn) (writer_t *self, br_buf_t *out);

static step_fn *const s_begins[] = {
    [OPEN_TEXT] = s_begin_text,
    [OPEN_THINKING] = s_begin_thinking,
    [OPEN_CALL] = s_begin_call,
};

static void
s_begin (writer_t *self, br_buf_t *out)
{
    if (self->begun)
        return;
    self->begun = true;
    s_begins[self->open](self, out);
}

static void
s_end_text (writer_t *self, br_buf_t *out)
{
    if (self->begun)
        s_put_stop (self, out);
    s_put_redacted (self, self->held, out);
}

//  The first blob signs the text. Where there is none it is a block of its own, but for a
//  signature of Anthropic's, whose text may be left out. Clients keep a thought only when
//  it is signed.
static void
s_end_thinking (writer_t *self, br_buf_t *out)
{
    held_t *rest = self->held;
    if (rest && rest->signature)
        s_begin (self, out);
    if (self->begun) {
        s_put_delta (self, "signature_delta", "signature",
                     rest ? rest->data
                          : br_envelope_empty (BR_OPAQUE_SIGNATURE, self->arena),
                     out);
        rest = rest ? rest->next : NULL;
        s_put_stop (self, out);
    }
    s_put_redacted (self, rest, out);
}

static void
s_put_args (writer_t *self, br_text_t text, br_buf_t *out)
{
    s_put_delta (self, "input_json_delta", "partial_json", text, out);
}

static void
s_end_args (writer_t *self, br_buf_t *out)
{
    if (self->custom && self->args_state == ARGS_LIVE) {
        s_put_args (self, BR_TEXT ("\"}"), out);
        return;
    }
    if (self->args_state != ARGS_HELD)
        return;
    br_buf_t object;
    br_buf_init (&object, 2 * (size_t) BR_REPLY_BYTES_MAX);
    json_writer_t json = json_writer (&object);
    json_tree_t *tree = json_tree_new ();
    messages_put_args (&json, NULL,
                       (br_text_t) { (const char *) self->args.data, self->args.size },
                       false, tree);
    s_put_args (self, (br_text_t) { (const char *) object.data, object.size }, out);
    json_tree_destroy (&tree);
    br_buf_free (&object);
}

static void
s_end_call (writer_t *self, br_buf_t *out)
{
    s_begin (self, out);
    s_end_args (self, out);
    s_put_stop (self, out);
    s_put_redacted (self, self->held, out);
    br_buf_clear (&self->args);
}

static step_fn *const s_ends[] = {
    [OPEN_TEXT] = s_end_text,
    [OPEN_THINKING] = s_end_thinking,
    [OPEN_CALL] = s_end_call,
};

static void
s_close (writer_t *self, br_buf_t *out)
{
    if (self->open != OPEN_NOTHING)
        s_ends[self->open](self, out);
    self->open = OPEN_NOTHING;
    self->held = NULL;
    self->begun = false;
    self->spoke = false;
    self->args_state = ARGS_NONE;
}

static void
s_open (writer_t *self, const br_delta_t *delta, open_t open, br_buf_t *out)
{
    if (self->open == open && self->block == delta->block)
        return;
    s_close (self, out);
    self->open = open;
    self->block = delta->block;
}

//  ---- deltas

typedef void (delta_fn) (writer_t *self, const br_delta_t *delta, br_buf_t *out);

static void
s_on_start (writer_t *self, const br_delta_t *delta, br_buf_t *out)
{
    (void) out;
    self->message_id = br_arena_text (self->arena, delta->id);
}

static void
s_on_text (writer_t *self, const br_delta_t *delta, br_buf_t *out)
{
    if (delta->text.size == 0)
        return;
    s_open (self, delta, OPEN_TEXT, out);
    s_begin (self, out);
    s_put_delta (self, "text_delta", "text", delta->text, out);
}

static void
s_on_reasoning (writer_t *self, const br_delta_t *delta, br_buf_t *out)
{
    if (delta->text.size == 0)
        return;
    s_open (self, delta, OPEN_THINKING, out);
    s_begin (self, out);
    if (delta->first_of_part && self->spoke)
        s_put_delta (self, "thinking_delta", "thinking", BR_TEXT ("\n\n"), out);
    self->spoke = true;
    s_put_delta (self, "thinking_delta", "thinking", delta->text, out);
}

//  Of a block that has not begun it is reasoning's.
static void
s_on_opaque (writer_t *self, const br_delta_t *delta, br_buf_t *out)
{
    if (!delta->opaque)
        return;
    if (self->open == OPEN_NOTHING || self->block != delta->block)
        s_open (self, delta, OPEN_THINKING, out);
    s_hold (self, delta->opaque);
}

static void
s_on_citation (writer_t *self, const br_delta_t *delta, br_buf_t *out)
{
    if (delta->family != BR_FAMILY_ANTHROPIC || !delta->raw.size)
        return;
    s_open (self, delta, OPEN_TEXT, out);
    s_begin (self, out);
    json_writer_t json = s_event (out, "content_block_delta");
    json_put_integer (&json, "index", self->index);
    json_open (&json, "delta", '{');
    json_put_string (&json, "type", "citations_delta");
    messages_put_line (&json, "citation", delta->raw);
    json_close (&json, '}');
    s_event_end (&json);
}

static void
s_on_call (writer_t *self, const br_delta_t *delta, br_buf_t *out)
{
    s_close (self, out);
    self->open = OPEN_CALL;
    self->block = delta->block;
    self->custom = delta->custom;
    self->name = br_arena_text (self->arena, delta->name);
    if (!self->name.at)
        self->name = BR_TEXT ("");
    self->id = br_arena_text (self->arena, delta->id);
    if (!self->id.size)
        self->id = br_arena_textf (self->arena, "toolu_%.20s%04u", self->asked->id,
                                   self->calls % 10000);
    self->calls++;
}

//  Text of a freeform tool, as the inside of a JSON string.
static void
s_put_custom (writer_t *self, br_text_t text, br_buf_t *out)
{
    br_buf_t string;
    br_buf_init (&string, BR_REPLY_BYTES_MAX);
    br_buf_add_json (&string, text.at, text.size);
    br_text_t inside = { (const char *) string.data + 1, string.size - 2 };
    if (self->args_state == ARGS_NONE)
        s_put_args (self, BR_TEXT ("{\"input\":\""), out);
    self->args_state = ARGS_LIVE;
    if (!string.overflow && inside.size)
        s_put_args (self, inside, out);
    br_buf_free (&string);
}

static void
s_on_args (writer_t *self, const br_delta_t *delta, br_buf_t *out)
{
    br_text_t text = delta->text;
    if (self->open != OPEN_CALL || text.size == 0)
        return;
    s_begin (self, out);
    if (self->custom) {
        s_put_custom (self, text, out);
        return;
    }
    if (self->args_state == ARGS_NONE) {
        size_t blanks = 0;
        while (blanks < text.size && (unsigned char) text.at[blanks] <= ' ')
            blanks++;
        if (blanks == text.size)
            return;
        self->args_state = text.at[blanks] == '{' ? ARGS_LIVE : ARGS_HELD;
    }
    if (self->args_state == ARGS_LIVE)
        s_put_args (self, text, out);
    else
        br_buf_add (&self->args, text.at, text.size);
}

//  The item stands in its start, whole.
static void
s_on_hosted (writer_t *self, const br_delta_t *delta, br_buf_t *out)
{
    if (delta->family != BR_FAMILY_ANTHROPIC || !delta->raw.size)
        return;
    s_close (self, out);
    json_writer_t json = s_event (out, "content_block_start");
    json_put_integer (&json, "index", self->index);
    messages_put_line (&json, "content_block", delta->raw);
    s_event_end (&json);
    s_put_stop (self, out);
}

static void
s_on_usage (writer_t *self, const br_delta_t *delta, br_buf_t *out)
{
    (void) out;
    self->usage = delta->usage;
}

static void
s_on_finish (writer_t *self, const br_delta_t *delta, br_buf_t *out)
{
    (void) out;
    self->finish = delta->finish;
    self->stop_sequence = br_arena_text (self->arena, delta->stop_sequence);
}

static void
s_on_ping (writer_t *self, const br_delta_t *delta, br_buf_t *out)
{
    (void) self;
    (void) delta;
    json_writer_t json = s_event (out, "ping");
    s_event_end (&json);
}

static void
s_put_error (writer_t *self, br_code_t code, const char *text, br_buf_t *out)
{
    self->ended = true;
    br_buf_adds (out, "event: error\ndata: ");
    messages_write_error (code, text, BR_TEXT_NONE, out);
    br_buf_adds (out, "\n\n");
}

static void
s_on_error (writer_t *self, const br_delta_t *delta, br_buf_t *out)
{
    br_text_t text = br_arena_text (self->arena, delta->text);
    s_put_error (self, delta->code, text.size ? text.at : br_code_about (delta->code),
                 out);
}

static br_finish_t
s_finish (const writer_t *self)
{
    bool plain = self->finish == BR_FINISH_STOP || self->finish == BR_FINISH_UNSET;
    return plain && self->calls ? BR_FINISH_TOOL_USE : self->finish;
}

static void
s_on_end (writer_t *self, const br_delta_t *delta, br_buf_t *out)
{
    (void) delta;
    br_finish_t finish = s_finish (self);
    s_close (self, out);
    if (finish == BR_FINISH_MALFORMED) {
        s_put_error (self, BR_EUPINVALID, MALFORMED_TEXT, out);
        return;
    }
    bool sequence = finish == BR_FINISH_STOP_SEQUENCE && self->stop_sequence.size;
    json_writer_t json = s_event (out, "message_delta");
    json_open (&json, "delta", '{');
    json_put_string (&json, "stop_reason", messages_finish_word (finish));
    json_put (&json, "stop_sequence", sequence ? self->stop_sequence : BR_TEXT_NONE);
    messages_put_stop_details (&json, finish);
    json_close (&json, '}');
    br_usage_write (&self->usage, BR_PROTOCOL_MESSAGES, "usage", &json);
    s_event_end (&json);
    json = s_event (out, "message_stop");
    s_event_end (&json);
    self->ended = true;
}

typedef struct {
    delta_fn *write; //  NULL: there is nothing to write
    bool quiet;      //  does not make message_start due
} delta_row_t;

static const delta_row_t s_rows[] = {
    [BR_DELTA_START] = { s_on_start, true },
    [BR_DELTA_TEXT] = { s_on_text, false },
    [BR_DELTA_REFUSAL] = { s_on_text, false },
    [BR_DELTA_REASONING] = { s_on_reasoning, false },
    [BR_DELTA_OPAQUE] = { s_on_opaque, false },
    [BR_DELTA_CITATION] = { s_on_citation, false },
    [BR_DELTA_CALL] = { s_on_call, false },
    [BR_DELTA_ARGS] = { s_on_args, false },
    [BR_DELTA_MEDIA] = { NULL, false },
    [BR_DELTA_HOSTED] = { s_on_hosted, false },
    [BR_DELTA_LOGPROBS] = { NULL, true },
    [BR_DELTA_USAGE] = { s_on_usage, true },
    [BR_DELTA_FINISH] = { s_on_finish, true },
    [BR_DELTA_PING] = { s_on_ping, false },
    [BR_DELTA_ERROR] = { s_on_error, true },
    [BR_DELTA_END] = { s_on_end, false },
};

//  message_start waits for what comes behind START, which may be the usage of the input.
void
messages_write_delta (void *writer, const br_delta_t *delta, br_buf_t *out)
{
    writer_t *self = writer;
    bool known = (unsigned) delta->kind < sizeof s_rows / sizeof s_rows[0];
    if (self->ended || !known || delta->choice != 0)
        return;
    const delta_row_t *row = &s_rows[delta->kind];
    if (!row->quiet)
        s_put_start (self, out);
    if (row->write)
        row->write (self, delta, out);
}
