//  guard_stream: a stream of events on its way to the client, with redactions made.
//
//  An event is looked at when it is whole. First go, in front of it, the rests of the texts
//  that it ends, each in an event like the one that brought its last piece; then the event
//  itself, with what the channels let go of its pieces, now or held before.
//
//  Text is held, and events do not wait, but for one: an event that says that a text has
//  ended, as some providers do in each, while something of it is undecided. It is kept with
//  those behind it. When more of the text comes, or nothing is undecided, it was not the
//  end, and goes as it is; when the stream ends, or there are too many, it was, and the rest
//  of the text goes with it.

#include <stdio.h>
#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/core/json_value.h"
#include "broker/guard/guard_edits.h"
#include "broker/guard/guard_ends.h"
#include "broker/guard/guard_kept.h"
#include "broker/guard/guard_lanes.h"
#include "broker/guard/guard_outlet.h"
#include "broker/guard/guard_stream.h"

#define OUT_MAX (256u << 20)

struct _guard_stream_t {
    guard_lane_rules_t rules;
    br_surface_t surface;
    bool only_looks; //  nothing is changed or held back
    bool failed;     //  nothing goes any more
    bool is_blind;   //  it only looks, and could not read on
    bool has_missed; //  an event could not be read, and went on
    guard_events_t *events;
    guard_lanes_t *lanes;
    guard_lane_t *wholes[GUARD_JSON + 1]; //  owned, for texts that are whole
    guard_outlet_t *outlet;
    guard_kept_t *kept;
    guard_piece_t piece;
    bool changed; //  ever
    //  ---- numbers of events
    uint64_t added; //  events that were put in
    uint64_t next;  //  number of the next event, as it goes out
    //  ---- the event under way
    uint64_t count;             //  of events
    const guard_event_t *event; //  borrowed
    br_buf_t spans;             //  of br_text_span_t
    br_text_event_t told;
    guard_edits_t edits;
    size_t waiting;       //  texts that may end with it
    size_t waiting_edits; //  edits of theirs
    bool is_hidden;       //  what it says once more
    br_buf_t front;       //  events that go in front of it
    br_buf_t *out;        //  borrowed
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

//  Whether the event has a piece of a text.
static bool
s_has_piece (const guard_stream_t *self, const guard_lane_t *lane)
{
    return lane->event == self->count;
}

//  What the event says of a text's end, behind its own pieces of it or in front of them. What
//  only looks waits for nothing, and goes on; what cannot be kept ends.
static guard_end_t
s_end_of (const guard_stream_t *self, uint64_t number, bool behind)
{
    if (behind && self->event->is_cut)
        return GUARD_ENDS;
    bool may_wait = self->only_looks
                    || (guard_kept_may (self->event->raw.size)
                        && !self->told.has_sequence);
    return guard_ends_of (&self->told, number, behind, may_wait);
}

//  ---- ends of texts

//  The rest of a text is in self->piece.
static int
s_take_rest (guard_stream_t *self, guard_lane_t *lane, br_text_form_t form)
{
    if (!self->only_looks)
        guard_lanes_note_end (self->lanes, lane);
    guard_piece_begin (&self->piece, lane->channel, form);
    if (guard_piece_end (&self->piece) != 0
        || guard_lane_pass (lane, &self->piece, true) != 0)
        return -1;
    self->changed = self->changed || guard_channel_is_changed (lane->channel);
    return 0;
}

//  What is in self->piece goes, in an event of its own.
static int
s_write (guard_stream_t *self, const guard_lane_t *lane, br_buf_t *out)
{
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

//  The rest of a text goes, in an event of its own.
static int
s_flush (guard_stream_t *self, guard_lane_t *lane, br_buf_t *out)
{
    return s_take_rest (self, lane, BR_TEXT_STRING) == 0 ? s_write (self, lane, out) : -1;
}

//  The event that is kept was not the end of this text.
static void
s_go_on (guard_lane_t *lane)
{
    guard_kept_row_t *row = lane->waits;
    if (!row)
        return;
    if (lane->is_in_it)
        guard_kept_hide (row);
    row->waits--;
    lane->waits = NULL;
}

//  It was, and has a piece of it: the rest goes behind that.
static int
s_complete (guard_stream_t *self, guard_lane_t *lane)
{
    if (s_take_rest (self, lane, lane->kept_span.form) != 0)
        return -1;
    guard_lane_say_more (lane, &self->piece);
    return 0;
}

//  A text has ended: its rest goes with the event that is kept for it, or to front.
static int
s_end (guard_stream_t *self, guard_lane_t *lane, br_buf_t *front)
{
    guard_kept_row_t *row = lane->waits;
    int rc = 0;
    if (row && lane->is_in_it)
        rc = s_complete (self, lane);
    else
        rc = s_flush (self, lane, row ? &row->front : front);
    if (row)
        row->waits--;
    lane->waits = NULL;
    if (rc == 0)
        guard_lanes_remove (self->lanes, lane);
    return rc;
}

static int
s_end_all (guard_stream_t *self, br_buf_t *front)
{
    while (guard_lanes_count (self->lanes))
        if (s_end (self, guard_lanes_at (self->lanes, 0), front) != 0)
            return -1;
    return 0;
}

//  All texts that an event is kept for.
static int
s_end_waiting (guard_stream_t *self)
{
    for (size_t i = 0; i < guard_lanes_count (self->lanes);) {
        guard_lane_t *lane = guard_lanes_at (self->lanes, i);
        if (!lane->waits)
            i++;
        else if (s_end (self, lane, NULL) != 0)
            return -1;
    }
    return 0;
}

//  Texts whose rest goes in front of the event: it ends them, and has no piece of them that
//  the rest could go behind.
static int
s_end_ended (guard_stream_t *self)
{
    for (size_t i = 0; i < guard_lanes_count (self->lanes);) {
        guard_lane_t *lane = guard_lanes_at (self->lanes, i);
        bool is_behind = s_end_of (self, lane->number, true) == GUARD_ENDS
                         && (!s_has_piece (self, lane) || lane->waits);
        if (!is_behind && s_end_of (self, lane->number, false) != GUARD_ENDS)
            i++;
        else if (s_end (self, lane, &self->front) != 0)
            return -1;
    }
    return 0;
}

//  ---- texts of the event

//  Which texts it has pieces of. One that more comes of has not ended before.
//  ret:  0, or -1 when there are too many
static int
s_find_pieces (guard_stream_t *self)
{
    size_t count = 0;
    const br_text_span_t *spans = s_spans (self, &count);
    for (size_t i = 0; i < count; i++) {
        if (!guard_piece_is_part (&spans[i]))
            continue;
        guard_lane_t *lane = guard_lanes_get (self->lanes, spans[i].channel,
                                              guard_piece_form (spans[i].form));
        if (!lane)
            return -1;
        lane->event = self->count;
        lane->last = i;
        size_t size = 0;
        (void) guard_piece_inside (spans[i].form, spans[i].size, &size);
        if (size)
            s_go_on (lane);
    }
    return 0;
}

//  in:   end, of the text with this piece
static int
s_pass (guard_stream_t *self, guard_lane_t *lane, const br_text_span_t *span,
        guard_end_t end)
{
    lane->place = span->place;
    size_t size = 0;
    size_t at = span->at + guard_piece_inside (span->form, span->size, &size);
    guard_piece_begin (&self->piece, lane->channel, span->form);
    if (guard_piece_push (&self->piece, self->event->data.at + at, size, true) != 0)
        return -1;
    if (end == GUARD_ENDS && lane->number && !self->only_looks)
        guard_lanes_note_end (self->lanes, lane);
    if (end == GUARD_ENDS && guard_piece_end (&self->piece) != 0)
        return -1;
    if (guard_lane_pass (lane, &self->piece, end == GUARD_ENDS) != 0)
        return -1;
    self->changed = self->changed || guard_channel_is_changed (lane->channel);
    if (end == GUARD_MAY_END && !self->only_looks && !lane->waits)
        guard_lane_say (lane, &self->piece, span);
    if (guard_piece_is_same (&self->piece))
        return 0;
    guard_piece_write (&self->piece,
                       guard_edits_begin (&self->edits, span->at, span->size));
    guard_edits_end (&self->edits);
    return 0;
}

//  in:   index, of the span
static int
s_pass_piece (guard_stream_t *self, const br_text_span_t *span, size_t index)
{
    guard_lane_t *lane = guard_lanes_get (self->lanes, span->channel,
                                          guard_piece_form (span->form));
    if (!lane)
        return -1;
    bool is_last = s_has_piece (self, lane) && lane->last == index;
    guard_end_t end = is_last ? s_end_of (self, span->channel, true) : GUARD_GOES_ON;
    if (s_pass (self, lane, span, end) != 0)
        return -1;
    if (end == GUARD_ENDS)
        guard_lanes_remove (self->lanes, lane);
    return 0;
}

static int
s_pass_whole (guard_stream_t *self, const br_text_span_t *span)
{
    guard_lane_t *lane = self->wholes[guard_piece_form (span->form)];
    guard_channel_reset (lane->channel);
    return s_pass (self, lane, span, GUARD_ENDS);
}

static int
s_pass_texts (guard_stream_t *self)
{
    size_t count = 0;
    const br_text_span_t *spans = s_spans (self, &count);
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        if (spans[i].form == BR_TEXT_REPEATED)
            continue;
        rc = guard_piece_is_part (&spans[i]) ? s_pass_piece (self, &spans[i], i)
                                             : s_pass_whole (self, &spans[i]);
    }
    return rc;
}

//  Texts that may end with this event, and are not decided.
static void
s_wait (guard_stream_t *self)
{
    for (size_t i = 0; i < guard_lanes_count (self->lanes) && !self->only_looks; i++) {
        guard_lane_t *lane = guard_lanes_at (self->lanes, i);
        if (lane->waits || guard_lane_held (lane) == 0
            || (s_end_of (self, lane->number, true) != GUARD_MAY_END
                && s_end_of (self, lane->number, false) != GUARD_MAY_END))
            continue;
        lane->is_waiting = true;
        lane->is_in_it = s_has_piece (self, lane);
        self->waiting++;
        self->waiting_edits += lane->is_in_it && guard_lane_is_changed (lane);
    }
}

//  Where words are said once more, token by token, they are not said any more as soon as any
//  was changed or is held: it may be one of them. Of a text that may end with this event that
//  is known later.
static void
s_hide_repeated (guard_stream_t *self)
{
    size_t held = guard_stream_held (self);
    for (size_t i = 0; self->waiting && i < guard_lanes_count (self->lanes); i++) {
        const guard_lane_t *lane = guard_lanes_at (self->lanes, i);
        if (lane->is_waiting && lane->is_in_it)
            held -= guard_lane_held (lane);
    }
    if (guard_edits_count (&self->edits) == self->waiting_edits && !self->changed
        && held == 0)
        return;
    size_t count = 0;
    const br_text_span_t *spans = s_spans (self, &count);
    guard_kept_hide_spans (&self->edits, self->event->data, spans, count);
    self->is_hidden = true;
}

//  ret:  0, or -1 when there is too much to be kept
static int
s_keep_lanes (guard_stream_t *self)
{
    size_t count = 0;
    const br_text_span_t *spans = s_spans (self, &count);
    size_t kept = self->only_looks ? 0 : guard_lanes_kept (self->lanes);
    for (size_t i = 0; i < guard_lanes_count (self->lanes) && !self->only_looks; i++) {
        guard_lane_t *lane = guard_lanes_at (self->lanes, i);
        if (!s_has_piece (self, lane) || guard_lane_held (lane) == 0)
            continue;
        kept -= guard_lane_kept (lane);
        guard_lane_keep (lane, self->event, spans, count, &spans[lane->last]);
        kept += guard_lane_kept (lane);
        if (kept > GUARD_EVENTS_MAX)
            return -1;
    }
    return 0;
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

//  An event goes, with what is to stand in front of it.
static int
s_give (guard_stream_t *self, const guard_event_t *event, const guard_edits_t *edits,
        const br_buf_t *front)
{
    if (self->only_looks)
        return 0;
    return guard_outlet_give (self->outlet, event, edits, front, self->out);
}

//  Events go that nothing waits for, up to the first one that something does.
static int
s_release (guard_stream_t *self)
{
    guard_kept_row_t *row = NULL;
    while ((row = guard_kept_first (self->kept)) && row->waits == 0) {
        if (s_give (self, &row->event, &row->edits, &row->front) != 0)
            return -1;
        br_text_t behind = { br_buf_text (&row->behind), row->behind.size };
        guard_outlet_give_bare (self->outlet, behind, self->out);
        guard_kept_drop_first (self->kept);
    }
    return self->out && self->out->overflow ? -1 : 0;
}

//  The event under way is kept, with what it says once more as long as that may be hidden.
static void
s_keep (guard_stream_t *self)
{
    guard_kept_row_t *row = guard_kept_add (self->kept, self->event, &self->edits,
                                            &self->front);
    size_t count = 0;
    const br_text_span_t *span = s_spans (self, &count);
    for (; count && !self->is_hidden; count--, span++)
        if (span->form == BR_TEXT_REPEATED)
            (void) br_buf_add (&row->repeated, span, sizeof *span);
    for (size_t i = 0; self->waiting && i < guard_lanes_count (self->lanes); i++) {
        guard_lane_t *lane = guard_lanes_at (self->lanes, i);
        if (!lane->is_waiting)
            continue;
        lane->is_waiting = false;
        lane->waits = row;
        row->waits++;
    }
}

//  The event under way goes, or is kept: behind others, or since it may be an end.
static int
s_give_or_keep (guard_stream_t *self)
{
    if (!guard_kept_first (self->kept) && self->waiting == 0)
        return s_give (self, self->event, &self->edits, &self->front);
    s_keep (self);
    return 0;
}

//  Makes room behind events that are kept; else they have waited for long enough.
static int
s_make_room (guard_stream_t *self)
{
    if (s_release (self) != 0)
        return -1;
    if (!guard_kept_first (self->kept)
        || guard_kept_has_room (self->kept, self->event->raw))
        return 0;
    return s_end_waiting (self) == 0 ? s_release (self) : -1;
}

//  All that waits goes: there is nothing behind it.
static int
s_finish (guard_stream_t *self, br_buf_t *front)
{
    return s_end_all (self, front) == 0 ? s_release (self) : -1;
}

//  An event without anything to look at.
static int
s_give_bare (guard_stream_t *self)
{
    bool is_last = guard_event_is_done (self->event) || self->event->is_cut;
    int rc = is_last ? s_finish (self, &self->front) : s_make_room (self);
    if (rc != 0)
        return -1;
    if (!guard_kept_first (self->kept))
        return s_give (self, self->event, &self->edits, &self->front);
    guard_kept_add_bare (self->kept, self->event->raw);
    return 0;
}

static int
s_give_unreadable (guard_stream_t *self)
{
    int rc = self->event->is_cut ? s_finish (self, &self->front) : s_make_room (self);
    if (rc != 0)
        return -1;
    if (!guard_lane_rules_are_closed (&self->rules)) {
        self->has_missed = true;
        return s_give_or_keep (self);
    }
    if (!self->only_looks)
        (void) br_buf_add (self->out, self->front.data, self->front.size);
    return -1;
}

static int
s_look (guard_stream_t *self)
{
    bool has_number = s_number (self);
    if (s_find_pieces (self) != 0 || s_release (self) != 0 || s_end_ended (self) != 0
        || s_make_room (self) != 0 || s_pass_texts (self) != 0)
        return -1;
    s_wait (self);
    s_hide_repeated (self);
    if (s_keep_lanes (self) != 0)
        return -1;
    s_count (self, has_number);
    return s_give_or_keep (self);
}

static int
s_event (void *arg, const guard_event_t *event)
{
    guard_stream_t *self = arg;
    self->event = event;
    self->count++;
    self->waiting = self->waiting_edits = 0;
    self->is_hidden = false;
    br_buf_clear (&self->spans);
    br_buf_clear (&self->front);
    self->spans.overflow = false;
    guard_edits_clear (&self->edits);
    self->told = (br_text_event_t) { .nends = 0 };
    if (br_text_is_blank (event->data) || guard_event_is_done (event))
        return s_give_bare (self);
    //  what is said twice may be put together otherwise by the client
    if (br_texts_of_event (self->surface, event->data.at, event->data.size, &self->told,
                           s_keep_span, &self->spans, NULL)
            == 0
        && (!self->told.doubled || self->only_looks))
        return s_look (self);
    br_buf_clear (&self->spans);
    return s_give_unreadable (self);
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
    self->lanes = guard_lanes_new (&self->rules);
    self->outlet = guard_outlet_new (&self->rules);
    self->kept = guard_kept_new ();
    guard_piece_init (&self->piece);
    br_buf_init (&self->spans, GUARD_EVENT_TEXTS_MAX * sizeof (br_text_span_t));
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
    guard_kept_destroy (&self->kept);
    guard_outlet_destroy (&self->outlet);
    guard_lanes_destroy (&self->lanes);
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
    int rc = guard_events_end (self->events);
    br_buf_clear (&self->front);
    if (rc == 0)
        rc = s_finish (self, &self->front);
    if (rc == 0 && self->front.size)
        rc = br_buf_add (out, self->front.data, self->front.size);
    return rc == 0 ? 0 : s_fail (self);
}

//  ---- what waits for too long

//  What goes of a text does so where its rest would if it ended: in the event that is kept for
//  it, which then is as if more had come, or in one of its own.
static int
s_age_lane (guard_stream_t *self, guard_lane_t *lane, uint64_t now_ms)
{
    guard_kept_row_t *row = lane->waits;
    bool is_in_it = row && lane->is_in_it;
    guard_piece_begin (&self->piece, lane->channel,
                       is_in_it ? lane->kept_span.form : BR_TEXT_STRING);
    if (guard_lane_age (lane, &self->piece, now_ms) != 0)
        return -1;
    self->changed = self->changed || guard_channel_is_changed (lane->channel);
    if (!is_in_it && s_write (self, lane, row ? &row->front : self->out) != 0)
        return -1;
    if (is_in_it && self->piece.out.size)
        guard_lane_say_more (lane, &self->piece);
    if (guard_lane_held (lane) == 0)
        s_go_on (lane);
    return 0;
}

//  in:   waits, whether those that an event is kept for, or the others
static int
s_age (guard_stream_t *self, bool waits, uint64_t now_ms)
{
    for (size_t i = 0; i < guard_lanes_count (self->lanes); i++) {
        guard_lane_t *lane = guard_lanes_at (self->lanes, i);
        if ((lane->waits != NULL) == waits && s_age_lane (self, lane, now_ms) != 0)
            return -1;
    }
    return s_release (self);
}

//  What stands behind an event that is kept waits with it.
int
guard_stream_age (guard_stream_t *self, uint64_t now_ms, br_buf_t *out)
{
    if (self->failed || self->only_looks)
        return self->failed ? -1 : 0;
    self->out = out;
    int rc = s_age (self, true, now_ms);
    if (rc == 0 && !guard_kept_first (self->kept))
        rc = s_age (self, false, now_ms);
    return rc == 0 ? 0 : s_fail (self);
}

size_t
guard_stream_held (const guard_stream_t *self)
{
    return self->only_looks ? 0 : guard_lanes_held (self->lanes);
}

bool
guard_stream_has_missed (const guard_stream_t *self)
{
    return self->has_missed;
}
