//  guard_lanes: the texts of an answer that are under way, by their numbers.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_lanes.h"

//  A text that has ended while something of it was undecided.
typedef struct {
    uint64_t number;
    br_text_place_t place;
    br_buf_t undecided;
} ended_t;

struct _guard_lanes_t {
    guard_lane_rules_t rules;
    guard_lane_t *by_age[GUARD_CHANNELS_MAX];    //  owned
    guard_lane_t *by_number[GUARD_CHANNELS_MAX]; //  the same, ascending
    size_t count;
    ended_t ended[GUARD_ENDED_MAX]; //  by their age
    size_t nended;
    size_t ended_bytes;
};

guard_lanes_t *
guard_lanes_new (const guard_lane_rules_t *rules)
{
    guard_lanes_t *self = BR_NEW (guard_lanes_t);
    self->rules = *rules;
    return self;
}

static void
s_forget (guard_lanes_t *self, size_t index)
{
    self->ended_bytes -= self->ended[index].undecided.size;
    br_buf_free (&self->ended[index].undecided);
    self->nended--;
    memmove (self->ended + index, self->ended + index + 1,
             (self->nended - index) * sizeof *self->ended);
}

void
guard_lanes_destroy (guard_lanes_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_lanes_t *self = *self_p;
    while (self->nended)
        s_forget (self, self->nended - 1);
    while (self->count)
        guard_lane_destroy (&self->by_age[--self->count]);
    free (self);
    *self_p = NULL;
}

size_t
guard_lanes_count (const guard_lanes_t *self)
{
    return self->count;
}

guard_lane_t *
guard_lanes_at (const guard_lanes_t *self, size_t index)
{
    return self->by_age[index];
}

//  ---- ends

static ended_t *
s_ended (guard_lanes_t *self, uint64_t number)
{
    for (size_t i = 0; i < self->nended; i++)
        if (self->ended[i].number == number)
            return &self->ended[i];
    return NULL;
}

void
guard_lanes_note_end (guard_lanes_t *self, const guard_lane_t *lane)
{
    ended_t *old = s_ended (self, lane->number);
    if (old)
        s_forget (self, (size_t) (old - self->ended));
    ended_t ended = { .number = lane->number, .place = lane->place };
    br_buf_init (&ended.undecided, GUARD_ENDED_BYTES);
    guard_lane_undecided (lane, &ended.undecided);
    if (ended.undecided.size == 0) {
        br_buf_free (&ended.undecided);
        return;
    }
    while (self->nended == GUARD_ENDED_MAX
           || self->ended_bytes + ended.undecided.size > GUARD_ENDED_BYTES)
        s_forget (self, 0);
    self->ended_bytes += ended.undecided.size;
    self->ended[self->nended++] = ended;
}

//  ---- lanes

//  Where it stands, or would stand.
static size_t
s_place (const guard_lanes_t *self, uint64_t number)
{
    size_t first = 0;
    size_t last = self->count;
    while (first < last) {
        size_t middle = first + (last - first) / 2;
        if (self->by_number[middle]->number < number)
            first = middle + 1;
        else
            last = middle;
    }
    return first;
}

guard_lane_t *
guard_lanes_get (guard_lanes_t *self, uint64_t number, guard_form_t form)
{
    size_t at = s_place (self, number);
    if (at < self->count && self->by_number[at]->number == number)
        return self->by_number[at];
    if (self->count == GUARD_CHANNELS_MAX)
        return NULL;
    guard_lane_t *lane = guard_lane_new (&self->rules, number, form);
    const ended_t *ended = s_ended (self, number);
    if (ended)
        guard_lane_follow (
            lane, &self->rules, ended->place,
            (br_text_t) { (const char *) ended->undecided.data, ended->undecided.size });
    memmove (self->by_number + at + 1, self->by_number + at,
             (self->count - at) * sizeof *self->by_number);
    self->by_number[at] = lane;
    self->by_age[self->count++] = lane;
    return lane;
}

static void
s_cut (guard_lane_t **lanes, size_t index, size_t count)
{
    memmove (lanes + index, lanes + index + 1, (count - index - 1) * sizeof *lanes);
}

void
guard_lanes_remove (guard_lanes_t *self, guard_lane_t *lane)
{
    size_t age = 0;
    while (self->by_age[age] != lane)
        age++;
    s_cut (self->by_number, s_place (self, lane->number), self->count);
    s_cut (self->by_age, age, self->count);
    self->count--;
    guard_lane_destroy (&lane);
}

//  ---- sums

size_t
guard_lanes_held (const guard_lanes_t *self)
{
    size_t held = 0;
    for (size_t i = 0; i < self->count; i++)
        held += guard_lane_held (self->by_age[i]);
    return held;
}

size_t
guard_lanes_kept (const guard_lanes_t *self)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->count; i++)
        kept += guard_lane_kept (self->by_age[i]);
    return kept;
}
