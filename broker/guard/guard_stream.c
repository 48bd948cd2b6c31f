//  guard_stream: a stream of events on its way to the client, with redactions made.
//
//  An event is looked at when it is whole. First go, in front of it, the rests of the texts
//  that it ends, each in an event like the one that brought its last piece; then the event
//  itself, with what the channels let go of its pieces, now or held before. Nothing but text
//  is held, so events never wait.

#include <stdio.h>
#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/core/json_value.h"
#include "broker/guard/guard_edits.h"
#include "broker/guard/guard_lane.h"
#include "broker/guard/guard_stream.h"

#define SPANS_MAX 65536 //  texts of one event
#define OUT_MAX (256u << 20)

struct _guard_stream_t {
    guard_lane_rules_t rules;
    br_surface_t surface;
    bool only_looks; //  nothing is changed or held back
    bool failed;     //  nothing goes any more
    bool is_blind;   //  it only looks, and could not read on
    guard_events_t *events;
    guard_lane_t *lanes[GUARD_CHANNELS_MAX]; //  owned, by their age
    size_t nlanes;
    guard_lane_t *wholes[GUARD_JSON + 1]; //  owned, for texts that are whole
    guard_piece_t piece;
    bool changed; //  ever
    //  ---- numbers of events
    uint64_t added; //  events that were put in
    uint64_t next;  //  number of the next event, as it goes out
    //  ---- the event under way
    const guard_event_t *event; //  borrowed
    br_buf_t spans;             //  of br_text_span_t
    br_text_event_t told;
    guard_edits_t edits;
    br_buf_t front; //  events that go in front of it
    br_buf_t *out;  //  borrowed
};

//  ---- spans of the event

static const br_text_span_t *
s_spans (const guard_stream_t *self, size_t *ret_count)
{
    *ret_count = self->spans.size / sizeof (br_text_span_t);
    return (const br_text_span_t *) (const void *) self->spans.data;
}

static int
s_keep_span (void *arg, const br_text_span_t *span)
{
    return br_buf_add (arg, span, sizeof *span);
}

//  The event's last piece of a text, or NULL.
static const br_text_span_t *
s_last_piece (const guard_stream_t *self, uint64_t number)
{
    size_t count = 0;
    const br_text_span_t *spans = s_spans (self, &count);
    while (count-- > 0)
        if (guard_piece_is_part (&spans[count]) && spans[count].channel == number)
            return &spans[count];
    return NULL;
}

//  Whether the event ends a text, behind its own pieces of it or in front of them.
static bool
s_ends (const guard_stream_t *self, uint64_t number, bool behind)
{
    if (behind && self->event->is_cut)
        return true;
    for (size_t i = 0; i < self->told.nends; i++) {
        const br_text_end_t *end = &self->told.ends[i];
        bool is_meant = end->all || (end->channel && end->channel == number)
                        || (end->is_choice && br_texts_choice (number) == end->choice);
        if (is_meant && end->behind == behind)
            return true;
    }
    return false;
}

//  ---- lanes

//  The rest of a text goes, in an event of its own.
static int
s_flush (guard_stream_t *self, guard_lane_t *lane, br_buf_t *out)
{
    guard_piece_begin (&self->piece, lane->channel, BR_TEXT_STRING);
    if (guard_piece_end (&self->piece) != 0)
        return -1;
    self->changed = self->changed || guard_channel_is_changed (lane->channel);
    if (self->only_looks || self->piece.out.size == 0)
        return 0;
    br_buf_t value;
    br_buf_init (&value, GUARD_PIECE_MAX);
    guard_piece_write (&self->piece, &value);
    br_text_t text = { br_buf_text (&value), value.size };
    int rc = guard_lane_write (lane, self->surface, self->next, text, out);
    br_buf_free (&value);
    self->next++;
    self->added++;
    return rc;
}

static void
s_remove (guard_stream_t *self, size_t index)
{
    guard_lane_destroy (&self->lanes[index]);
    self->nlanes--;
    for (size_t i = index; i < self->nlanes; i++)
        self->lanes[i] = self->lanes[i + 1];
}

static int
s_flush_all (guard_stream_t *self, br_buf_t *out)
{
    while (self->nlanes) {
        if (s_flush (self, self->lanes[0], out) != 0)
            return -1;
        s_remove (self, 0);
    }
    return 0;
}

//  Texts whose rest goes in front of the event: it ends them, and has no piece of them that
//  the rest could go behind.
static int
s_flush_ended (guard_stream_t *self)
{
    for (size_t i = 0; i < self->nlanes;) {
        guard_lane_t *lane = self->lanes[i];
        bool behind = s_ends (self, lane->number, true)
                      && !s_last_piece (self, lane->number);
        if (!behind && !s_ends (self, lane->number, false)) {
            i++;
            continue;
        }
        if (s_flush (self, lane, &self->front) != 0)
            return -1;
        s_remove (self, i);
    }
    return 0;
}

//  ret:  NULL when there are too many
static guard_lane_t *
s_lane (guard_stream_t *self, const br_text_span_t *span, size_t *ret_index)
{
    for (size_t i = 0; i < self->nlanes; i++)
        if (self->lanes[i]->number == span->channel) {
            *ret_index = i;
            return self->lanes[i];
        }
    if (self->nlanes == GUARD_CHANNELS_MAX)
        return NULL;
    *ret_index = self->nlanes;
    self->lanes[self->nlanes] = guard_lane_new (&self->rules, span->channel,
                                                guard_piece_form (span->form));
    return self->lanes[self->nlanes++];
}

//  ---- texts of the event

//  in:   ends, the text ends with this piece
static int
s_pass (guard_stream_t *self, guard_lane_t *lane, const br_text_span_t *span, bool ends)
{
    lane->place = span->place;
    size_t size = 0;
    size_t at = span->at + guard_piece_inside (span->form, span->size, &size);
    guard_piece_begin (&self->piece, lane->channel, span->form);
    if (guard_piece_push (&self->piece, self->event->data.at + at, size, true) != 0)
        return -1;
    if (ends && guard_piece_end (&self->piece) != 0)
        return -1;
    self->changed = self->changed || guard_channel_is_changed (lane->channel);
    if (guard_piece_is_same (&self->piece))
        return 0;
    guard_piece_write (&self->piece,
                       guard_edits_begin (&self->edits, span->at, span->size));
    guard_edits_end (&self->edits);
    return 0;
}

static int
s_pass_piece (guard_stream_t *self, const br_text_span_t *span)
{
    size_t index = 0;
    guard_lane_t *lane = s_lane (self, span, &index);
    if (!lane)
        return -1;
    bool ends = s_ends (self, span->channel, true)
                && s_last_piece (self, span->channel) == span;
    if (s_pass (self, lane, span, ends) != 0)
        return -1;
    if (ends)
        s_remove (self, index);
    return 0;
}

static int
s_pass_whole (guard_stream_t *self, const br_text_span_t *span)
{
    guard_lane_t *lane = self->wholes[guard_piece_form (span->form)];
    guard_channel_reset (lane->channel);
    return s_pass (self, lane, span, true);
}

static int
s_pass_texts (guard_stream_t *self)
{
    size_t count = 0;
    const br_text_span_t *span = s_spans (self, &count);
    int rc = 0;
    for (; count && rc == 0; count--, span++) {
        if (span->form == BR_TEXT_REPEATED)
            continue;
        rc = guard_piece_is_part (span) ? s_pass_piece (self, span)
                                        : s_pass_whole (self, span);
    }
    return rc;
}

//  Where words are said once more, token by token, they are not said any more as soon as any
//  was changed or is held: it may be one of them.
static void
s_hide_repeated (guard_stream_t *self)
{
    if (guard_edits_count (&self->edits) == 0 && !self->changed
        && guard_stream_held (self) == 0)
        return;
    size_t count = 0;
    const br_text_span_t *span = s_spans (self, &count);
    for (; count; count--, span++)
        if (span->form == BR_TEXT_REPEATED)
            guard_edits_put (&self->edits, span->at, span->size,
                             self->event->data.at[span->at] == '[' ? BR_TEXT ("[]")
                                                                   : BR_TEXT ("null"));
}

static void
s_keep_lanes (guard_stream_t *self)
{
    size_t count = 0;
    const br_text_span_t *spans = s_spans (self, &count);
    for (size_t i = 0; i < self->nlanes && !self->only_looks; i++) {
        const br_text_span_t *span = s_last_piece (self, self->lanes[i]->number);
        if (span && guard_channel_held (self->lanes[i]->channel))
            guard_lane_keep (self->lanes[i], self->event, spans, count, span);
    }
}

//  ---- numbers

//  Counts the event itself; those that were put in raise its number.
static void
s_count (guard_stream_t *self, bool has_number)
{
    if (!has_number)
        return;
    if (self->added) {
        char text[24];
        int size = snprintf (text, sizeof text, "%llu", (unsigned long long) self->next);
        guard_edits_put (&self->edits, self->told.sequence_at, self->told.sequence_size,
                         (br_text_t) { text, (size_t) size });
    }
    self->next++;
}

//  ret:  whether the event has a number; then self->next is the one it goes out with, as
//        long as nothing is put in front of it
static bool
s_number (guard_stream_t *self)
{
    int64_t number = 0;
    if (!self->told.has_sequence
        || json_integer (self->event->data.at + self->told.sequence_at,
                         self->told.sequence_size, &number, NULL)
               != 0
        || number < 0)
        return false;
    self->next = (uint64_t) number + self->added;
    return true;
}

//  ---- events

//  Whether what cannot be read has to stop: a rule that changes or blocks fails closed.
static bool
s_is_closed (const guard_stream_t *self)
{
    const guard_lane_rules_t *rules = &self->rules;
    size_t count = guard_rules_count (rules->rules);
    for (unsigned i = 0; i < count; i++) {
        guard_action_t action = guard_rules_action (rules->rules, rules->sets, GUARD_DOWN,
                                                    i);
        if (action >= GUARD_REDACT && action >= rules->least && action <= rules->most
            && !guard_rules_fails_open (rules->rules, rules->sets, GUARD_DOWN, i))
            return true;
    }
    return false;
}

static int
s_give (guard_stream_t *self, const guard_event_t *event)
{
    if (self->only_looks)
        return 0;
    (void) br_buf_add (self->out, self->front.data, self->front.size);
    if (guard_edits_count (&self->edits) == 0) {
        (void) br_buf_add (self->out, event->raw.at, event->raw.size);
        return self->out->overflow ? -1 : 0;
    }
    br_buf_t data;
    br_buf_init (&data, OUT_MAX);
    int rc = guard_edits_write (&self->edits, event->data, &data, NULL);
    if (rc == 0)
        guard_event_write (event, (br_text_t) { br_buf_text (&data), data.size },
                           self->out);
    br_buf_free (&data);
    return self->out->overflow ? -1 : rc;
}

//  An event without anything to look at.
static int
s_give_bare (guard_stream_t *self, const guard_event_t *event)
{
    if ((guard_event_is_done (event) || event->is_cut)
        && s_flush_all (self, &self->front) != 0)
        return -1;
    return s_give (self, event);
}

static int
s_give_unreadable (guard_stream_t *self, const guard_event_t *event)
{
    if (event->is_cut && s_flush_all (self, &self->front) != 0)
        return -1;
    if (!s_is_closed (self))
        return s_give (self, event);
    if (!self->only_looks)
        (void) br_buf_add (self->out, self->front.data, self->front.size);
    return -1;
}

static int
s_event (void *arg, const guard_event_t *event)
{
    guard_stream_t *self = arg;
    self->event = event;
    br_buf_clear (&self->spans);
    br_buf_clear (&self->front);
    guard_edits_clear (&self->edits);
    self->told = (br_text_event_t) { .nends = 0 };
    if (br_text_is_blank (event->data) || guard_event_is_done (event))
        return s_give_bare (self, event);
    if (br_texts_of_event (self->surface, event->data.at, event->data.size, &self->told,
                           s_keep_span, &self->spans, NULL)
        != 0)
        return s_give_unreadable (self, event);
    bool has_number = s_number (self);
    if (s_flush_ended (self) != 0 || s_pass_texts (self) != 0)
        return -1;
    s_hide_repeated (self);
    s_keep_lanes (self);
    s_count (self, has_number);
    return s_give (self, event);
}

//  ---- life

guard_stream_t *
guard_stream_new (const guard_rules_t *rules, guard_sets_t sets, guard_action_t least,
                  guard_action_t most, br_surface_t surface, guard_body_fn *fn, void *arg)
{
    guard_stream_t *self = BR_NEW (guard_stream_t);
    self->rules = (guard_lane_rules_t) { rules, sets, GUARD_DOWN, least, most, fn, arg };
    self->surface = surface;
    self->only_looks = most < GUARD_REDACT;
    self->events = guard_events_new (GUARD_EVENT_MAX, s_event, self);
    for (guard_form_t form = GUARD_PLAIN; form <= GUARD_JSON; form++)
        self->wholes[form] = guard_lane_new (&self->rules, 0, form);
    guard_piece_init (&self->piece);
    br_buf_init (&self->spans, SPANS_MAX * sizeof (br_text_span_t));
    guard_edits_init (&self->edits);
    br_buf_init (&self->front, OUT_MAX);
    return self;
}

void
guard_stream_destroy (guard_stream_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_stream_t *self = *self_p;
    br_buf_free (&self->front);
    guard_edits_free (&self->edits);
    br_buf_free (&self->spans);
    guard_piece_free (&self->piece);
    while (self->nlanes)
        guard_lane_destroy (&self->lanes[--self->nlanes]);
    for (guard_form_t form = GUARD_PLAIN; form <= GUARD_JSON; form++)
        guard_lane_destroy (&self->wholes[form]);
    guard_events_destroy (&self->events);
    free (self);
    *self_p = NULL;
}

//  ---- taking

//  What only looks stops nothing: it does not look any more.
static int
s_fail (guard_stream_t *self)
{
    self->is_blind = self->only_looks;
    self->failed = !self->only_looks;
    return self->failed ? -1 : 0;
}

int
guard_stream_push (guard_stream_t *self, const void *bytes, size_t size, br_buf_t *out)
{
    if (self->failed || self->is_blind)
        return self->failed ? -1 : 0;
    self->out = out;
    return guard_events_push (self->events, bytes, size) == 0 ? 0 : s_fail (self);
}

int
guard_stream_end (guard_stream_t *self, br_buf_t *out)
{
    if (self->failed || self->is_blind)
        return self->failed ? -1 : 0;
    self->out = out;
    br_buf_clear (&self->front);
    int rc = guard_events_end (self->events);
    if (rc == 0)
        rc = s_flush_all (self, out);
    return rc == 0 ? 0 : s_fail (self);
}

size_t
guard_stream_held (const guard_stream_t *self)
{
    size_t held = 0;
    for (size_t i = 0; i < self->nlanes && !self->only_looks; i++)
        held += guard_channel_held (self->lanes[i]->channel);
    return held;
}
