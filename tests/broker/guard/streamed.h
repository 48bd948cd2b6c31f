//  streamed: what a stream of events says, text by text, and what it should say behind the
//  guard: each text put together of all its pieces and redacted at once.

#ifndef BR_TEST_STREAMED_H
#define BR_TEST_STREAMED_H

#include <assert.h>

#include "broker/guard/guard_events.h"
#include "broker/guard/guard_kept.h"
#include "broker/guard/guard_piece.h"
#include "broker/guard/guard_stream.h"
#include "broker/guard/guard_utf8.h"
#include "tests/broker/guard/channelled.h"

#define STREAMED_SETS 1
#define STREAMED_TEXTS (GUARD_CHANNELS_MAX + 1)

typedef struct {
    uint64_t number;
    guard_form_t form;
    br_buf_t text;
} streamed_text_t;

//  Where the texts of an event stand, as br_texts_of_event says it: out: *told, and spans,
//  appended. ret: 0, or -1 when it cannot be read
typedef int (streamed_texts_fn) (br_surface_t surface, br_text_t data,
                                 br_text_event_t *told, br_buf_t *spans);

typedef struct {
    br_surface_t surface;
    streamed_texts_fn *texts_of; //  who reads the events; NULL = br_texts_of_event
    const guard_rules_t *rules;  //  NULL: the texts are told as they are
    br_buf_t told;               //  a line for each text, in the order of their ends
    br_buf_t spans;              //  of the event under way
    streamed_text_t texts[STREAMED_TEXTS];
    size_t ntexts;
    size_t unreadable; //  events
    size_t repeated;   //  spans that say words once more
    bool joins;        //  what has one number is one text, whatever ends
    //  ---- texts that were said to have ended
    br_buf_t numbers; //  those that have, of uint64_t
    size_t again;     //  pieces of these that came later
    bool may_end;     //  one may have
    size_t since;     //  events and comments behind that
    size_t late;      //  pieces so late behind it that it was the end for the guard
} streamed_t;

static inline void
streamed_tell (streamed_t *self, guard_form_t form, uint64_t number, br_buf_t *text)
{
    br_buf_t out;
    br_buf_init (&out, CHANNELLED_MAX);
    if (self->rules) {
        guard_channel_t *channel = guard_channel_new (self->rules, STREAMED_SETS,
                                                      GUARD_DOWN, form, NULL, NULL);
        int rc = guard_channel_push (channel, text->data, text->size, &out);
        assert (rc == 0);
        rc = guard_channel_end (channel, &out);
        assert (rc == 0);
        guard_channel_destroy (&channel);
    } else {
        br_buf_add (&out, text->data, text->size);
    }
    br_buf_addf (&self->told, "%llx ", (unsigned long long) number);
    br_buf_add_json (&self->told, br_buf_text (&out), out.size);
    br_buf_addc (&self->told, '\n');
    br_buf_free (&out);
}

static inline bool
streamed_has_ended (const streamed_t *self, uint64_t number)
{
    const uint64_t *numbers = (const uint64_t *) (const void *) self->numbers.data;
    for (size_t i = 0; i < self->numbers.size / sizeof number; i++)
        if (numbers[i] == number)
            return true;
    return false;
}

static inline void
streamed_close (streamed_t *self, size_t index)
{
    streamed_text_t *text = &self->texts[index];
    if (!streamed_has_ended (self, text->number))
        br_buf_add (&self->numbers, &text->number, sizeof text->number);
    streamed_tell (self, text->form, text->number, &text->text);
    br_buf_free (&text->text);
    for (self->ntexts--; index < self->ntexts; index++)
        self->texts[index] = self->texts[index + 1];
}

static inline int
streamed_keep (void *arg, const br_text_span_t *span)
{
    return br_buf_add (arg, span, sizeof *span);
}

//  What the events ends of all that was said before it, or in it. What may go on does.
static inline void
streamed_end (streamed_t *self, const br_text_event_t *event, bool behind)
{
    for (size_t i = 0; i < event->nends && !self->joins; i++) {
        const br_text_end_t *end = &event->ends[i];
        self->may_end = self->may_end || end->may_go_on;
        if (end->behind != behind || end->may_go_on)
            continue;
        for (size_t t = 0; t < self->ntexts;) {
            uint64_t number = self->texts[t].number;
            bool is_meant = end->all || (end->channel && end->channel == number)
                            || (end->is_choice
                                && br_texts_choice (number) == end->choice);
            if (is_meant)
                streamed_close (self, t);
            else
                t++;
        }
    }
}

//  Adds a piece; halves of a surrogate pair on both sides of the seam are one character.
static inline void
streamed_add (br_buf_t *text, const br_buf_t *piece)
{
    uint8_t whole[GUARD_UTF8_MAX];
    size_t half = guard_utf8_half (text->data, text->size);
    size_t skip = 0;
    if (half
        && guard_utf8_join (text->data + text->size - half, piece->data, piece->size,
                            whole)) {
        text->size -= half;
        br_buf_add (text, whole, sizeof whole);
        skip = GUARD_UTF8_HALF;
    }
    br_buf_add (text, piece->data + skip, piece->size - skip);
}

//  What the base64 of UTF-8 says; anything else says what stands there.
static inline void
streamed_base64 (const char *raw, size_t size, br_buf_t *text)
{
    guard_base64_t base64;
    guard_base64_init (&base64);
    (void) guard_base64_push (&base64, raw, size, text);
    (void) guard_base64_end (&base64, text);
    bool is_good = guard_base64_is_good (&base64);
    guard_base64_free (&base64);
    if (is_good
        && (text->size == 0 || guard_utf8_valid (text->data, text->size) == text->size))
        return;
    text_string_t string;
    text_string_init (&string);
    br_buf_clear (text);
    text_string_push (&string, raw, size, text);
    text_string_end (&string, text);
    text_string_free (&string);
}

static inline void
streamed_span (streamed_t *self, const br_text_span_t *span, const char *data)
{
    if (span->form == BR_TEXT_REPEATED) {
        self->repeated++;
        return;
    }
    br_buf_t text;
    br_buf_init (&text, CHANNELLED_MAX);
    if (span->form == BR_TEXT_JSON_VALUE) {
        br_buf_add (&text, data + span->at, span->size);
    } else if (span->form == BR_TEXT_BASE64) {
        streamed_base64 (data + span->at, span->size, &text);
    } else {
        text_string_t string;
        text_string_init (&string);
        text_string_push (&string, data + span->at + 1, span->size - 2, &text);
        text_string_end (&string, &text);
        text_string_free (&string);
    }
    size_t t = 0;
    while (t < self->ntexts && self->texts[t].number != span->channel)
        t++;
    if (span->channel == 0 || span->form == BR_TEXT_JSON_VALUE) {
        streamed_tell (self, guard_piece_form (span->form), 0, &text);
    } else {
        assert (t < STREAMED_TEXTS);
        if (t == self->ntexts) {
            self->texts[t].number = span->channel;
            self->texts[t].form = guard_piece_form (span->form);
            br_buf_init (&self->texts[t].text, CHANNELLED_MAX);
            self->ntexts++;
        }
        self->again += text.size && streamed_has_ended (self, span->channel);
        self->late += text.size && self->may_end && self->since >= GUARD_KEPT_MAX;
        if (text.size)
            streamed_add (&self->texts[t].text, &text);
    }
    br_buf_free (&text);
}

static inline int
streamed_texts (br_surface_t surface, br_text_t data, br_text_event_t *told,
                br_buf_t *spans)
{
    return br_texts_of_event (surface, data.at, data.size, told, streamed_keep, spans,
                              NULL);
}

static inline int
streamed_event (void *arg, const guard_event_t *event)
{
    streamed_t *self = arg;
    br_text_event_t told = { .nends = 0 };
    br_buf_clear (&self->spans);
    self->since = self->may_end && event->raw.size > 2 ? self->since + 1 : self->since;
    if (br_text_is_blank (event->data))
        return 0;
    if (br_text_is (event->data, "[DONE]")) {
        while (self->ntexts && !self->joins)
            streamed_close (self, 0);
        return 0;
    }
    streamed_texts_fn *texts_of = self->texts_of ? self->texts_of : streamed_texts;
    if (texts_of (self->surface, event->data, &told, &self->spans) != 0) {
        self->unreadable++;
        return 0;
    }
    streamed_end (self, &told, false);
    size_t count = self->spans.size / sizeof (br_text_span_t);
    const br_text_span_t *span = (const br_text_span_t *) (const void *) self->spans.data;
    for (; count; count--, span++)
        streamed_span (self, span, event->data.at);
    streamed_end (self, &told, true);
    return 0;
}

static inline void
streamed_init (streamed_t *self, br_surface_t surface, const guard_rules_t *rules)
{
    *self = (streamed_t) { .surface = surface, .rules = rules };
    br_buf_init (&self->told, CHANNELLED_MAX);
    br_buf_init (&self->spans, CHANNELLED_MAX);
    br_buf_init (&self->numbers, CHANNELLED_MAX);
}

//  Reads a whole stream.
static inline void
streamed_read (streamed_t *self, const void *bytes, size_t size)
{
    guard_events_t *events = guard_events_new (CHANNELLED_MAX, streamed_event, self);
    guard_events_push (events, bytes, size);
    guard_events_end (events);
    guard_events_destroy (&events);
    while (self->ntexts)
        streamed_close (self, 0);
}

static inline void
streamed_free (streamed_t *self)
{
    br_buf_free (&self->numbers);
    br_buf_free (&self->spans);
    br_buf_free (&self->told);
}

//  Sends a stream through the guard: first bytes, then pieces of at most `most`.
//  ret:  0, or -1 when it was stopped
static inline int
streamed_guard (const guard_rules_t *rules, br_surface_t surface, const void *bytes,
                size_t size, size_t first, size_t most, br_buf_t *out)
{
    guard_stream_t *stream = guard_stream_new (rules, STREAMED_SETS, GUARD_REDACT,
                                               GUARD_BLOCK, surface, NULL, NULL);
    int rc = 0;
    for (size_t at = 0; at < size && rc == 0;) {
        size_t length = at == 0 && first ? first : most;
        length = size - at < length ? size - at : length;
        uint8_t *copy = channelled_copy ((const uint8_t *) bytes + at, length);
        rc = guard_stream_push (stream, copy, length, out);
        free (copy);
        at += length;
    }
    if (rc == 0)
        rc = guard_stream_end (stream, out);
    if (rc == 0)
        assert (guard_stream_held (stream) == 0);
    guard_stream_destroy (&stream);
    return rc;
}

#endif
