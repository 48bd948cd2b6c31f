//  completions_stream_write: writes an answer as events, one for each piece of text.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/proto/completions/completions_parts.h"

typedef struct {
    const br_asked_t *asked; //  borrowed
    br_usage_t usage;
    bool ended;
} writer_t;

void *
completions_writer_new (const br_asked_t *asked)
{
    writer_t *self = BR_NEW (writer_t);
    self->asked = asked;
    return self;
}

void
completions_writer_destroy (void **writer_p)
{
    if (!writer_p)
        return;
    free (*writer_p);
    *writer_p = NULL;
}

static void
s_write (const writer_t *self, unsigned choice, br_text_t text, const char *finish,
         br_buf_t *out)
{
    br_buf_adds (out, "data: ");
    json_writer_t writer = completions_open (self->asked, out);
    completions_open_choice (&writer);
    json_text_add (&writer, text);
    completions_close_choice (&writer, choice, finish);
    br_buf_adds (out, "]}\n\n");
}

static void
s_fail (writer_t *self, br_code_t code, br_text_t text, br_buf_t *out)
{
    char *string = br_strndup (text.at ? text.at : "", text.size);
    self->ended = true;
    br_buf_adds (out, "data: ");
    completions_write_error (code, string, BR_TEXT_NONE, out);
    br_buf_adds (out, "\n\n");
    free (string);
}

static void
s_end (writer_t *self, br_buf_t *out)
{
    self->ended = true;
    if (self->asked->call->want_usage && self->usage.known) {
        br_buf_adds (out, "data: ");
        json_writer_t writer = completions_open (self->asked, out);
        json_close (&writer, ']');
        br_usage_write (&self->usage, BR_PROTOCOL_COMPLETIONS, "usage", &writer);
        br_buf_adds (out, "}\n\n");
    }
    br_buf_adds (out, "data: [DONE]\n\n");
}

static void
s_finish (writer_t *self, const br_delta_t *delta, br_buf_t *out)
{
    if (delta->finish == BR_FINISH_MALFORMED)
        s_fail (self, BR_EUPINVALID,
                BR_TEXT ("the model called a tool in a way that makes no sense"), out);
    else
        s_write (self, delta->choice, BR_TEXT (""),
                 completions_finish_word (delta->finish), out);
}

//  All else has no place here: a client cannot have asked for it.
void
completions_write_delta (void *writer, const br_delta_t *delta, br_buf_t *out)
{
    writer_t *self = writer;
    if (self->ended)
        return;
    switch (delta->kind) {
    case BR_DELTA_TEXT:
    case BR_DELTA_REFUSAL: s_write (self, delta->choice, delta->text, NULL, out); return;
    case BR_DELTA_USAGE: self->usage = delta->usage; return;
    case BR_DELTA_FINISH: s_finish (self, delta, out); return;
    case BR_DELTA_PING: br_buf_adds (out, ": keep-alive\n"); return;
    case BR_DELTA_ERROR: s_fail (self, delta->code, delta->text, out); return;
    case BR_DELTA_END: s_end (self, out); return;
    default: return;
    }
}
