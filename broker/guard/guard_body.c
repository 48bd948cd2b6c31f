//  guard_body: a whole body against the rules.
//
//  Where its texts stand is found at once, in one walk; they go through two channels, one for
//  plain texts and one for JSON, a slice at a time. What a channel replaced is replaced, all
//  other bytes stay. A text in several parts has a lane of its own, and only when
//  it turns out to be changed are its parts written.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_body.h"
#include "broker/guard/guard_edits.h"
#include "broker/guard/guard_lane.h"
#include "broker/guard/guard_replaced.h"
#include "broker/guard/guard_stream.h"

#define SPANS_MAX                                                                        \
    1000000          //  texts of one body; a body with more is as one that is unreadable
#define TEXT_COST 64 //  bytes that a text counts besides its own, in a slice

struct _guard_body_t {
    br_text_t source; //  borrowed
    guard_lane_rules_t rules;
    br_buf_t spans; //  of br_text_span_t
    size_t next;    //  index of the span under way
    size_t done;    //  bytes of its inside
    br_text_place_t place;
    guard_channel_t *channels[GUARD_JSON + 1];
    guard_lane_t *lanes[GUARD_CHANNELS_MAX]; //  owned
    size_t nlanes;
    guard_piece_t piece;
    br_buf_t replaced; //  of guard_replaced_t, in the text under way
    guard_edits_t edits;
    guard_body_verdict_t verdict;
};

static void
s_found (void *arg, const guard_finding_t *finding)
{
    guard_body_t *self = arg;
    if (self->rules.fn)
        self->rules.fn (self->rules.arg, finding, self->place);
}

static int
s_keep_span (void *arg, const br_text_span_t *span)
{
    return br_buf_add (arg, span, sizeof *span);
}

guard_body_t *
guard_body_new (const guard_rules_t *rules, guard_sets_t sets,
                guard_direction_t direction, guard_action_t least, guard_action_t most,
                br_surface_t surface, const void *bytes, size_t size, guard_body_fn *fn,
                void *arg)
{
    guard_body_t *self = BR_NEW (guard_body_t);
    self->source = (br_text_t) { bytes, size };
    self->rules = (guard_lane_rules_t) { rules, sets, direction, least, most, fn, arg };
    br_buf_init (&self->replaced, GUARD_REPLACED_MAX * sizeof (guard_replaced_t));
    for (guard_form_t form = GUARD_PLAIN; form <= GUARD_JSON; form++) {
        self->channels[form] = guard_channel_new_between (rules, sets, direction, least,
                                                          most, form, s_found, self);
        guard_channel_note (self->channels[form], &self->replaced);
    }
    guard_piece_init (&self->piece);
    guard_edits_init (&self->edits);
    br_buf_init (&self->spans, SPANS_MAX * sizeof (br_text_span_t));
    int rc = direction == GUARD_UP ? br_texts_of_request (surface, bytes, size,
                                                          s_keep_span, &self->spans, NULL)
                                   : br_texts_of_answer (surface, bytes, size,
                                                         s_keep_span, &self->spans, NULL);
    if (rc != 0)
        self->verdict = GUARD_BODY_UNREADABLE;
    return self;
}

void
guard_body_destroy (guard_body_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_body_t *self = *self_p;
    br_buf_free (&self->spans);
    guard_edits_free (&self->edits);
    guard_piece_free (&self->piece);
    while (self->nlanes)
        guard_lane_destroy (&self->lanes[--self->nlanes]);
    for (guard_form_t form = GUARD_PLAIN; form <= GUARD_JSON; form++)
        guard_channel_destroy (&self->channels[form]);
    br_buf_free (&self->replaced);
    free (self);
    *self_p = NULL;
}

guard_body_verdict_t
guard_body_verdict (const guard_body_t *self)
{
    return self->verdict;
}

static const br_text_span_t *
s_span (const guard_body_t *self, size_t index)
{
    size_t count = self->spans.size / sizeof (br_text_span_t);
    if (index >= count)
        return NULL;
    return (const br_text_span_t *) (const void *) self->spans.data + index;
}

//  ret:  NULL when there are too many
static guard_lane_t *
s_lane (guard_body_t *self, const br_text_span_t *span)
{
    for (size_t i = 0; i < self->nlanes; i++)
        if (self->lanes[i]->number == span->channel)
            return self->lanes[i];
    if (self->nlanes == GUARD_CHANNELS_MAX)
        return NULL;
    guard_lane_t *lane = guard_lane_new (&self->rules, span->channel,
                                         guard_piece_form (span->form));
    self->lanes[self->nlanes++] = lane;
    return lane;
}

static int
s_begin (guard_body_t *self, const br_text_span_t *span)
{
    guard_channel_t *channel = self->channels[guard_piece_form (span->form)];
    self->place = span->place;
    if (guard_piece_is_part (span)) {
        guard_lane_t *lane = s_lane (self, span);
        if (!lane)
            return -1;
        lane->place = span->place;
        channel = lane->channel;
    } else {
        guard_channel_reset (channel);
        br_buf_clear (&self->replaced);
    }
    guard_piece_begin (&self->piece, channel, span->form);
    return 0;
}

static void
s_put_piece (guard_body_t *self, const br_text_span_t *span)
{
    guard_piece_write (&self->piece,
                       guard_edits_begin (&self->edits, span->at, span->size));
    guard_edits_end (&self->edits);
}

//  What was replaced; of a body with very much of it, the text is written again as a whole.
static int
s_put (guard_body_t *self, const br_text_span_t *span)
{
    size_t count = self->replaced.size / sizeof (guard_replaced_t);
    if (!self->replaced.overflow
        && guard_edits_count (&self->edits) + count < GUARD_EDITS_MAX / 2)
        return guard_replaced_put (&self->replaced, self->source.at, span, &self->edits);
    s_put_piece (self, span);
    return 0;
}

//  The text is through.
static int
s_end (guard_body_t *self, const br_text_span_t *span)
{
    bool is_part = guard_piece_is_part (span);
    if (!is_part && guard_piece_end (&self->piece) != 0)
        return -1;
    if (!is_part && guard_channel_is_changed (self->piece.channel)
        && s_put (self, span) != 0)
        return -1;
    self->next++;
    self->done = 0;
    return 0;
}

//  A slice of one text. ret: bytes that it counts, or 0 when something blocks
static size_t
s_step (guard_body_t *self, const br_text_span_t *span, size_t slice)
{
    if (span->form == BR_TEXT_REPEATED) {
        self->next++;
        return TEXT_COST;
    }
    size_t size = 0;
    size_t inside = span->at + guard_piece_inside (span->form, span->size, &size);
    if (self->done == 0 && s_begin (self, span) != 0)
        return 0;
    size_t left = size - self->done;
    size_t most = left < slice ? left : slice;
    const char *at = self->source.at + inside + self->done;
    if (guard_piece_push (&self->piece, at, most, most == left) != 0)
        return 0;
    self->done += most;
    if (most == left && s_end (self, span) != 0)
        return 0;
    return most + TEXT_COST;
}

//  One part of a text, to be written. in: is_only, it is all of the text; else is_last
static int
s_write_part (guard_body_t *self, guard_channel_t *channel, const br_text_span_t *span,
              bool is_only, bool is_last)
{
    size_t size = 0;
    size_t at = span->at + guard_piece_inside (span->form, span->size, &size);
    guard_piece_begin (&self->piece, channel, span->form);
    if (guard_piece_push (&self->piece, self->source.at + at, size, true) != 0
        || (is_last && guard_piece_end (&self->piece) != 0))
        return -1;
    if (is_only)
        return s_put (self, span);
    if (!guard_piece_is_same (&self->piece))
        s_put_piece (self, span);
    return 0;
}

//  The parts of a text once more, to be written; what was found has been told.
static int
s_write_lane (guard_body_t *self, const guard_lane_t *lane)
{
    const guard_lane_rules_t *rules = &self->rules;
    guard_channel_t *channel = guard_channel_new_between (
        rules->rules, rules->sets, rules->direction, rules->least, rules->most,
        guard_channel_form (lane->channel), NULL, NULL);
    br_buf_clear (&self->replaced);
    guard_channel_note (channel, &self->replaced);
    size_t parts = 0;
    const br_text_span_t *span = NULL;
    for (size_t i = 0; (span = s_span (self, i)) != NULL; i++)
        parts += guard_piece_is_part (span) && span->channel == lane->number;
    int rc = 0;
    for (size_t i = 0, part = 0; part < parts && rc == 0; i++) {
        span = s_span (self, i);
        if (!guard_piece_is_part (span) || span->channel != lane->number)
            continue;
        part++;
        rc = s_write_part (self, channel, span, parts == 1, part == parts);
    }
    guard_channel_destroy (&channel);
    return rc;
}

static int
s_end_lanes (guard_body_t *self)
{
    int rc = 0;
    for (size_t i = 0; i < self->nlanes && rc == 0; i++) {
        guard_lane_t *lane = self->lanes[i];
        guard_piece_begin (&self->piece, lane->channel, BR_TEXT_STRING);
        rc = guard_piece_end (&self->piece);
        if (rc == 0 && guard_channel_is_changed (lane->channel))
            rc = s_write_lane (self, lane);
    }
    return rc;
}

//  Where words are said once more, token by token, they are not said any more.
static void
s_finish (guard_body_t *self)
{
    if (s_end_lanes (self) != 0)
        self->verdict = GUARD_BODY_BLOCKED;
    if (self->verdict == GUARD_BODY_BLOCKED || guard_edits_count (&self->edits) == 0)
        return;
    self->verdict = GUARD_BODY_CHANGED;
    const br_text_span_t *span = NULL;
    for (size_t i = 0; (span = s_span (self, i)) != NULL; i++)
        if (span->form == BR_TEXT_REPEATED)
            guard_edits_put (&self->edits, span->at, span->size,
                             self->source.at[span->at] == '[' ? BR_TEXT ("[]")
                                                              : BR_TEXT ("null"));
}

int
guard_body_step (guard_body_t *self, size_t slice)
{
    size_t left = slice ? slice : 1;
    while (self->verdict == GUARD_BODY_AS_IS && left) {
        const br_text_span_t *span = s_span (self, self->next);
        if (!span) {
            s_finish (self);
            return 0;
        }
        size_t cost = s_step (self, span, left);
        if (cost == 0)
            self->verdict = GUARD_BODY_BLOCKED;
        left -= cost < left ? cost : left;
    }
    return self->verdict == GUARD_BODY_AS_IS;
}

int
guard_body_write (guard_body_t *self, br_buf_t *out, size_t *at, br_error_t *reterr)
{
    if (guard_edits_write (&self->edits, self->source, out, reterr) != 0)
        return -1;
    if (at)
        *at = guard_edits_moved (&self->edits, *at);
    return 0;
}
