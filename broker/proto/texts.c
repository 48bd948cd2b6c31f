//  texts: where in a body or an event the texts stand. What a protocol's bodies look like is a
//  table in its own folder; all of them are walked by texts_walk.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/core/json_lex.h"
#include "broker/core/text.h"
#include "broker/proto/form_texts.h"
#include "broker/proto/texts.h"
#include "broker/proto/texts_plain.h"
#include "broker/proto/texts_walk.h"

static const texts_protocol_t *const s_protocols[BR_PROTOCOL_COUNT] = {
    [BR_PROTOCOL_CHAT] = &chat_texts,         [BR_PROTOCOL_RESPONSES] = &responses_texts,
    [BR_PROTOCOL_MESSAGES] = &messages_texts, [BR_PROTOCOL_GOOGLE] = &gemini_texts,
    [BR_PROTOCOL_COMPLETIONS] = &chat_texts,
};

static int
s_row (br_surface_t surface, const br_surface_row_t **ret_row, br_error_t *reterr)
{
    *ret_row = br_surface_row (surface);
    if (*ret_row)
        return 0;
    return br_error_set (reterr, BR_EINVALID, "surface %d is none", (int) surface);
}

//  The first byte that is not blank; 0 = there is none.
static uint8_t
s_first (const uint8_t *at, size_t size)
{
    while (size && json_lex_is_blank (*at)) {
        at++;
        size--;
    }
    return size ? *at : 0;
}

//  By its first byte.
static bool
s_is_json (const uint8_t *at, size_t size)
{
    uint8_t first = s_first (at, size);
    return first == '{' || first == '[';
}

//  A multipart body; where it is JSON instead it is walked as such.
static bool
s_is_form (br_surface_t surface, texts_of_t of, const void *bytes, size_t size)
{
    const br_surface_row_t *row = br_surface_row (surface);
    return of == TEXTS_REQUEST && row && row->place == REQUEST_FORM
           && !s_is_json (bytes, size);
}

//  An answer that is no JSON where it may be anything, and is words. One that begins with a
//  bracket ("[music]") is told to be only when it turns out to be no JSON.
static br_text_t
s_plain (br_surface_t surface, texts_of_t of, const void *bytes, size_t size)
{
    const br_surface_row_t *row = br_surface_row (surface);
    bool may_be = of == TEXTS_ANSWER && row && row->any_answer && size
                  && s_first (bytes, size) != '{';
    bool is_plain = may_be && texts_plain_of (bytes, size, true) == TEXTS_PLAIN_WORDS;
    return (br_text_t) { is_plain ? bytes : NULL, is_plain ? size : 0 };
}

static int
s_tell_plain (br_text_t plain, br_text_fn *fn, void *arg)
{
    const br_text_span_t span = { .place = BR_TEXT_ANSWER,
                                  .form = BR_TEXT_RAW,
                                  .size = plain.size };
    return fn (arg, &span);
}

//  A body without texts has no walk.
static int
s_walk_of (br_surface_t surface, texts_of_t of, const void *bytes, size_t size,
           const texts_protocol_t **ret_protocol, br_error_t *reterr)
{
    const br_surface_row_t *row = NULL;
    int rc = s_row (surface, &row, reterr);
    if (rc)
        return -1;
    bool is_without = of == TEXTS_REQUEST ? row->place == REQUEST_NOWHERE && size == 0
                                          : of == TEXTS_ANSWER && row->any_answer
                                                && !s_is_json (bytes, size);
    *ret_protocol = is_without ? NULL : s_protocols[row->wire];
    return 0;
}

//  ---- whole bodies

struct _br_texts_t {
    texts_walk_t *walk; //  NULL = there is nothing to tell, or it is a form
    br_text_t form;     //  a multipart body, borrowed; NULL once it was told
    br_text_t plain;  //  words, borrowed, unless they are JSON; NULL once they were told
    br_error_t error; //  why it cannot be walked
};

static br_texts_t *
s_new (br_surface_t surface, texts_of_t of, const void *bytes, size_t size)
{
    br_texts_t *self = BR_NEW (br_texts_t);
    const texts_protocol_t *protocol = NULL;
    if (s_is_form (surface, of, bytes, size)) {
        self->form = (br_text_t) { bytes, size };
        return self;
    }
    int rc = s_walk_of (surface, of, bytes, size, &protocol, &self->error);
    if (rc == 0 && protocol)
        self->walk = texts_walk_new (protocol, of, bytes, size);
    self->plain = s_plain (surface, of, bytes, size);
    return self;
}

br_texts_t *
br_texts_new_request (br_surface_t surface, const void *bytes, size_t size)
{
    return s_new (surface, TEXTS_REQUEST, bytes, size);
}

br_texts_t *
br_texts_new_answer (br_surface_t surface, const void *bytes, size_t size)
{
    return s_new (surface, TEXTS_ANSWER, bytes, size);
}

void
br_texts_destroy (br_texts_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    texts_walk_destroy (&(*self_p)->walk);
    free (*self_p);
    *self_p = NULL;
}

static int
s_step (br_texts_t *self, size_t slice_bytes, texts_ear_t ear, br_error_t *reterr)
{
    if (self->walk)
        return texts_walk_step (self->walk, slice_bytes, ear, reterr);
    if (!self->error.code)
        return 0;
    if (reterr)
        *reterr = self->error;
    return -1;
}

//  It has few parts, and the bytes of files cost next to nothing: one step is enough.
static int
s_step_form (br_texts_t *self, br_text_fn *fn, void *arg, br_error_t *reterr)
{
    br_text_t form = self->form;
    self->form = (br_text_t) { NULL, 0 };
    return form_texts (form.at, form.size, fn, arg, reterr) ? -1 : 0;
}

int
br_texts_step (br_texts_t *self, size_t slice_bytes, br_text_fn *fn, void *arg,
               br_error_t *reterr)
{
    br_error_t error = { .code = BR_OK };
    if (self->form.at)
        return s_step_form (self, fn, arg, reterr);
    int rc = s_step (self, slice_bytes, (texts_ear_t) { .text = fn, .arg = arg }, &error);
    br_text_t plain = self->plain;
    if (plain.at && (!self->walk || error.code)) {
        self->plain = (br_text_t) { NULL, 0 };
        return s_tell_plain (plain, fn, arg) ? -1 : 0;
    }
    if (reterr && error.code)
        *reterr = error;
    return rc;
}

int
br_texts_step_calls (br_texts_t *self, size_t slice_bytes, br_call_fn *fn, void *arg,
                     br_error_t *reterr)
{
    return s_step (self, slice_bytes, (texts_ear_t) { .call = fn, .arg = arg }, reterr);
}

//  ---- at once

static int
s_walk (br_surface_t surface, texts_of_t of, br_text_t body, texts_ear_t ear,
        br_error_t *reterr)
{
    const texts_protocol_t *protocol = NULL;
    int rc = s_walk_of (surface, of, body.at, body.size, &protocol, reterr);
    if (rc || !protocol)
        return rc;
    return texts_walk (protocol, of, body.at, body.size, NULL, ear, reterr);
}

int
br_texts_of_request (br_surface_t surface, const void *bytes, size_t size, br_text_fn *fn,
                     void *arg, br_error_t *reterr)
{
    if (s_is_form (surface, TEXTS_REQUEST, bytes, size))
        return form_texts (bytes, size, fn, arg, reterr);
    return s_walk (surface, TEXTS_REQUEST, (br_text_t) { bytes, size },
                   (texts_ear_t) { .text = fn, .arg = arg }, reterr);
}

int
br_texts_of_answer (br_surface_t surface, const void *bytes, size_t size, br_text_fn *fn,
                    void *arg, br_error_t *reterr)
{
    br_error_t error = { .code = BR_OK };
    br_text_t plain = s_plain (surface, TEXTS_ANSWER, bytes, size);
    if (plain.at && !s_is_json (bytes, size))
        return s_tell_plain (plain, fn, arg);
    int rc = s_walk (surface, TEXTS_ANSWER, (br_text_t) { bytes, size },
                     (texts_ear_t) { .text = fn, .arg = arg }, &error);
    if (plain.at && error.code)
        return s_tell_plain (plain, fn, arg);
    if (reterr && error.code)
        *reterr = error;
    return rc;
}

int
br_texts_calls_of_answer (br_surface_t surface, const void *bytes, size_t size,
                          br_call_fn *fn, void *arg, br_error_t *reterr)
{
    return s_walk (surface, TEXTS_ANSWER, (br_text_t) { bytes, size },
                   (texts_ear_t) { .call = fn, .arg = arg }, reterr);
}

//  ---- events

//  Images and sounds stream in events of the form that Responses has.
static const texts_protocol_t *
s_protocol_of_events (const br_surface_row_t *row)
{
    bool is_other = row->wire == BR_PROTOCOL_CHAT && row->kind == BR_SURFACE_PASS;
    return is_other ? &responses_texts : s_protocols[row->wire];
}

static int
s_walk_event (br_surface_t surface, br_text_t event, br_text_event_t *ret_event,
              texts_ear_t ear, br_error_t *reterr)
{
    const br_surface_row_t *row = NULL;
    int rc = s_row (surface, &row, reterr);
    if (rc)
        return -1;
    return texts_walk (s_protocol_of_events (row), TEXTS_EVENT, event.at, event.size,
                       ret_event, ear, reterr);
}

int
br_texts_of_event (br_surface_t surface, const void *bytes, size_t size,
                   br_text_event_t *ret_event, br_text_fn *fn, void *arg,
                   br_error_t *reterr)
{
    return s_walk_event (surface, (br_text_t) { bytes, size }, ret_event,
                         (texts_ear_t) { .text = fn, .arg = arg }, reterr);
}

int
br_texts_calls_of_event (br_surface_t surface, const void *bytes, size_t size,
                         br_text_event_t *ret_event, br_call_fn *fn, void *arg,
                         br_error_t *reterr)
{
    return s_walk_event (surface, (br_text_t) { bytes, size }, ret_event,
                         (texts_ear_t) { .call = fn, .arg = arg }, reterr);
}
