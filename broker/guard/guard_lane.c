//  guard_lane: one text of an answer on its way.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_kept.h"
#include "broker/guard/guard_lane.h"
#include "broker/guard/guard_seam.h"

#define KEPT_MAX (16u << 20) //  bytes of an event that is kept

static void
s_found (void *arg, const guard_finding_t *finding)
{
    guard_lane_t *self = arg;
    if (self->fn)
        self->fn (self->arg, finding, self->place);
}

bool
guard_lane_rules_are_closed (const guard_lane_rules_t *rules)
{
    size_t count = guard_rules_count (rules->rules);
    for (unsigned i = 0; i < count; i++) {
        guard_action_t action = guard_rules_action (rules->rules, rules->sets,
                                                    rules->direction, i);
        if (action >= GUARD_REDACT && action >= rules->least && action <= rules->most
            && !guard_rules_fails_open (rules->rules, rules->sets, rules->direction, i))
            return true;
    }
    return false;
}

guard_lane_t *
guard_lane_new (const guard_lane_rules_t *rules, uint64_t number, guard_form_t form)
{
    guard_lane_t *self = BR_NEW (guard_lane_t);
    self->number = number;
    self->fn = rules->fn;
    self->arg = rules->arg;
    self->channel = guard_channel_new_between (rules->rules, rules->sets,
                                               rules->direction, rules->least,
                                               rules->most, form, s_found, self);
    br_buf_init (&self->came, GUARD_PIECE_MAX);
    br_buf_init (&self->said, GUARD_PIECE_MAX);
    br_buf_init (&self->data, KEPT_MAX);
    br_buf_init (&self->spans, KEPT_MAX);
    br_buf_init (&self->name, KEPT_MAX);
    return self;
}

void
guard_lane_destroy (guard_lane_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_lane_t *self = *self_p;
    br_buf_free (&self->name);
    br_buf_free (&self->spans);
    br_buf_free (&self->data);
    br_buf_free (&self->said);
    br_buf_free (&self->came);
    guard_seam_destroy (&self->seam);
    guard_channel_destroy (&self->channel);
    free (self);
    *self_p = NULL;
}

//  ---- the seam

void
guard_lane_follow (guard_lane_t *self, const guard_lane_rules_t *rules,
                   br_text_place_t place, br_text_t before)
{
    if (before.size == 0)
        return;
    guard_seam_destroy (&self->seam);
    self->seam = guard_seam_new (rules, guard_channel_form (self->channel), place,
                                 before);
}

int
guard_lane_pass (guard_lane_t *self, guard_piece_t *piece, bool is_end)
{
    if (!self->seam)
        return 0;
    br_buf_t out;
    br_buf_init (&out, GUARD_PIECE_MAX);
    int rc = guard_seam_push (self->seam, piece->out.data, piece->out.size, &out);
    if (rc == 0 && is_end)
        rc = guard_seam_end (self->seam, &out);
    br_buf_free (&piece->out);
    piece->out = out;
    if (guard_seam_is_over (self->seam))
        guard_seam_destroy (&self->seam);
    return rc;
}

int
guard_lane_age (guard_lane_t *self, guard_piece_t *piece, uint64_t now_ms)
{
    if (guard_channel_age (self->channel, now_ms, &piece->out) != 0
        || guard_lane_pass (self, piece, false) != 0)
        return -1;
    return self->seam ? guard_seam_age (self->seam, now_ms, &piece->out) : 0;
}

void
guard_lane_undecided (const guard_lane_t *self, br_buf_t *out)
{
    if (self->seam)
        guard_seam_undecided (self->seam, out);
    else if (guard_channel_held (self->channel))
        guard_channel_before (self->channel, out);
    guard_channel_undecided (self->channel, out);
}

size_t
guard_lane_held (const guard_lane_t *self)
{
    return guard_channel_held (self->channel)
           + (self->seam ? guard_seam_held (self->seam) : 0);
}

//  ---- events

size_t
guard_lane_kept (const guard_lane_t *self)
{
    return self->data.size + self->spans.size;
}

void
guard_lane_say (guard_lane_t *self, const guard_piece_t *piece,
                const br_text_span_t *span)
{
    br_buf_clear (&self->came);
    br_buf_clear (&self->said);
    (void) br_buf_add (&self->came, piece->in.data, piece->in.size);
    (void) br_buf_add (&self->said, piece->out.data, piece->out.size);
    self->kept_span = *span;
}

void
guard_lane_say_more (guard_lane_t *self, guard_piece_t *piece)
{
    guard_kept_row_t *row = self->waits;
    const br_text_span_t *span = &self->kept_span;
    (void) br_buf_add (&self->said, piece->out.data, piece->out.size);
    br_buf_clear (&piece->in);
    br_buf_clear (&piece->out);
    (void) br_buf_add (&piece->in, self->came.data, self->came.size);
    (void) br_buf_add (&piece->out, self->said.data, self->said.size);
    guard_edits_drop (&row->edits, span->at);
    if (guard_piece_is_same (piece))
        return;
    guard_piece_write (piece, guard_edits_begin (&row->edits, span->at, span->size));
    guard_edits_end (&row->edits);
    guard_kept_hide (row);
}

bool
guard_lane_is_changed (const guard_lane_t *self)
{
    return self->said.size != self->came.size
           || (self->said.size
               && memcmp (self->said.data, self->came.data, self->said.size) != 0);
}

void
guard_lane_keep (guard_lane_t *self, const guard_event_t *event,
                 const br_text_span_t *spans, size_t nspans, const br_text_span_t *span)
{
    br_buf_clear (&self->data);
    br_buf_clear (&self->spans);
    br_buf_clear (&self->name);
    (void) br_buf_add (&self->data, event->data.at, event->data.size);
    (void) br_buf_add (&self->spans, spans, nspans * sizeof *spans);
    self->has_name = event->name.at != NULL;
    (void) br_buf_add (&self->name, event->name.at, event->name.size);
    (void) snprintf (self->eol, sizeof self->eol, "%s", event->eol);
    self->span = *span;
}

int
guard_lane_write (const guard_lane_t *self, br_surface_t surface, uint64_t sequence,
                  br_text_t value, br_buf_t *out)
{
    if (self->data.size == 0 || self->data.overflow || self->spans.overflow)
        return -1;
    guard_clone_t clone = { .surface = surface, .span = self->span, .value = value };
    clone.data = (br_text_t) { (const char *) self->data.data, self->data.size };
    clone.spans = (const br_text_span_t *) (const void *) self->spans.data;
    clone.nspans = self->spans.size / sizeof (br_text_span_t);
    clone.sequence = sequence;
    br_text_t name = BR_TEXT_NONE;
    if (self->has_name)
        name = (br_text_t) { self->name.size ? (const char *) self->name.data : "",
                             self->name.size };
    name = guard_clone_name (&clone, name);
    if (name.at) {
        (void) br_buf_adds (out, "event: ");
        (void) br_buf_add (out, name.at, name.size);
        (void) br_buf_adds (out, self->eol);
    }
    br_buf_t data;
    br_buf_init (&data, GUARD_PIECE_MAX);
    int rc = guard_clone_write (&clone, &data);
    guard_event_lines ((br_text_t) { br_buf_text (&data), data.size }, self->eol, out);
    (void) br_buf_adds (out, self->eol);
    br_buf_free (&data);
    return rc;
}
