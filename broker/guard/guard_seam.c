//  guard_seam: the place between the end of a text and more text with the same number.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_seam.h"

#define KEPT_MAX (16u << 20) //  bytes of the text behind that are held

struct _guard_seam_t {
    guard_lane_rules_t rules;
    br_text_place_t place;
    guard_channel_t *channel; //  sees the end of the text in front, and the one behind
    uint64_t before;          //  bytes of the text in front
    br_buf_t kept;            //  of the text behind, not given
    br_buf_t nothing;         //  what the channel gives is not used
    bool is_crossed;
    bool is_over;
};

//  Whether the stream goes on though a match lies over the seam.
static bool
s_is_open (const guard_seam_t *self, const guard_finding_t *finding)
{
    const guard_lane_rules_t *rules = &self->rules;
    return finding->action < GUARD_REDACT
           || (finding->action == GUARD_REDACT
               && guard_rules_fails_open (rules->rules, rules->sets, rules->direction,
                                          finding->pattern));
}

static void
s_found (void *arg, const guard_finding_t *finding)
{
    guard_seam_t *self = arg;
    if (finding->at >= self->before || finding->at + finding->size <= self->before)
        return;
    bool is_open = s_is_open (self, finding);
    if (is_open && finding->kind != GUARD_FAILED)
        return;
    guard_finding_t found = *finding;
    found.action = is_open ? GUARD_WARN : GUARD_BLOCK;
    self->is_crossed = self->is_crossed || !is_open;
    if (self->rules.fn)
        self->rules.fn (self->rules.arg, &found, self->place);
}

guard_seam_t *
guard_seam_new (const guard_lane_rules_t *rules, guard_form_t form, br_text_place_t place,
                br_text_t before)
{
    guard_seam_t *self = BR_NEW (guard_seam_t);
    self->rules = *rules;
    self->place = place;
    self->before = before.size;
    br_buf_init (&self->kept, KEPT_MAX);
    br_buf_init (&self->nothing, KEPT_MAX);
    self->channel = guard_channel_new_between (rules->rules, rules->sets,
                                               rules->direction, rules->least,
                                               rules->most, form, s_found, self);
    self->is_crossed = guard_channel_push (self->channel, before.at, before.size,
                                           &self->nothing)
                       != 0;
    return self;
}

void
guard_seam_destroy (guard_seam_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_seam_t *self = *self_p;
    guard_channel_destroy (&self->channel);
    br_buf_free (&self->nothing);
    br_buf_free (&self->kept);
    free (self);
    *self_p = NULL;
}

//  All but what the channel still holds of the text behind.
static void
s_give (guard_seam_t *self, br_buf_t *out)
{
    size_t held = guard_channel_held (self->channel);
    self->is_over = held <= self->kept.size;
    size_t size = self->is_over ? self->kept.size : 0;
    (void) br_buf_add (out, self->kept.data, size);
    br_buf_shift (&self->kept, size);
}

int
guard_seam_push (guard_seam_t *self, const void *bytes, size_t size, br_buf_t *out)
{
    if (self->is_over)
        return br_buf_add (out, bytes, size);
    br_buf_clear (&self->nothing);
    if (br_buf_add (&self->kept, bytes, size) != 0
        || guard_channel_push (self->channel, bytes, size, &self->nothing) != 0
        || self->is_crossed)
        return -1;
    s_give (self, out);
    return out->overflow ? -1 : 0;
}

int
guard_seam_end (guard_seam_t *self, br_buf_t *out)
{
    if (self->is_over)
        return 0;
    br_buf_clear (&self->nothing);
    if (guard_channel_end (self->channel, &self->nothing) != 0 || self->is_crossed)
        return -1;
    s_give (self, out);
    return out->overflow ? -1 : 0;
}

int
guard_seam_age (guard_seam_t *self, uint64_t now_ms, br_buf_t *out)
{
    if (self->kept.size == 0) {
        guard_channel_renew (self->channel);
        return 0;
    }
    br_buf_clear (&self->nothing);
    if (guard_channel_age (self->channel, now_ms, &self->nothing) != 0
        || self->is_crossed)
        return -1;
    s_give (self, out);
    return out->overflow ? -1 : 0;
}

bool
guard_seam_is_over (const guard_seam_t *self)
{
    return self->is_over;
}

size_t
guard_seam_held (const guard_seam_t *self)
{
    return self->kept.size;
}

void
guard_seam_undecided (const guard_seam_t *self, br_buf_t *out)
{
    guard_channel_before (self->channel, out);
    guard_channel_undecided (self->channel, out);
}
