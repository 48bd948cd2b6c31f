//  guard_prefilter: a state is the set of all places in hints that the last bytes of a text may
//  be at; the state behind a byte follows from it, and is made when a text first leads there.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_prefilter.h"

#define ROOM_LEAST 64 //  states
#define SPREAD 4      //  slots for each state there is room for

#define LANES 4
#define LANE_BYTES 2048                    //  at the most
#define LANE_LEAST 32                      //  bytes; less are read in one
#define LANE_PLACES 512                    //  at the most
#define BEHIND_MOST (GUARD_HINT_BYTES - 1) //  bytes that a state is about

//  A step: where the row of a state is, so that one step is one look-up. From this bit on the
//  fast way is left: hints end there, or the step is not known yet.
#define LEAVES 0x80000000u
#define UNKNOWN 0xffffffffu

typedef struct {
    uint32_t hash;
    uint32_t at; //  first one of its places in the list
    uint32_t count;
    uint32_t ends_at;  //  first one of the hints that end, in told
    uint32_t under_at; //  first one of those under way, in told; UNKNOWN = not asked yet
    uint16_t ends;
    uint16_t under_way;
} state_t;

struct _guard_prefilter_t {
    guard_hints_t *hints; //  owned
    unsigned width;       //  classes
    //  What is kept; it is emptied as one.
    state_t *states; //  owned
    size_t count;
    size_t room;
    uint32_t *next;  //  owned: by state, a row: class -> a step; and the state's number
    uint32_t *slots; //  owned: hash -> number + 1
    size_t slot_count;
    uint32_t *places; //  owned: those of all states
    size_t places_size;
    size_t places_room;
    guard_hint_t *told; //  owned
    size_t told_size;
    size_t told_room;
    uint64_t lives; //  how often it was emptied
};

guard_prefilter_t *
guard_prefilter_new (void)
{
    guard_prefilter_t *self = BR_NEW (guard_prefilter_t);
    self->hints = guard_hints_new ();
    return self;
}

void
guard_prefilter_destroy (guard_prefilter_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_prefilter_t *self = *self_p;
    free (self->told);
    free (self->places);
    free (self->slots);
    free (self->next);
    free (self->states);
    guard_hints_destroy (&self->hints);
    free (self);
    *self_p = NULL;
}

int
guard_prefilter_add (guard_prefilter_t *self, unsigned pattern, const char *hint,
                     bool caseless, br_error_t *reterr)
{
    return guard_hints_add (self->hints, pattern, hint, caseless, reterr);
}

//  ---- states

static void
s_add_place (guard_prefilter_t *self, uint32_t place)
{
    if (self->places_size == self->places_room) {
        self->places_room = self->places_room ? self->places_room * 2 : 256;
        self->places = br_realloc (self->places,
                                   self->places_room * sizeof *self->places);
    }
    self->places[self->places_size++] = place;
}

static void
s_tell (guard_prefilter_t *self, guard_hint_t hint)
{
    if (self->told_size == self->told_room) {
        self->told_room = self->told_room ? self->told_room * 2 : 256;
        self->told = br_realloc (self->told, self->told_room * sizeof *self->told);
    }
    self->told[self->told_size++] = hint;
}

static void
s_fill_slots (guard_prefilter_t *self)
{
    memset (self->slots, 0, self->slot_count * sizeof *self->slots);
    for (size_t i = 0; i < self->count; i++) {
        size_t slot = self->states[i].hash % self->slot_count;
        while (self->slots[slot])
            slot = (slot + 1) % self->slot_count;
        self->slots[slot] = (uint32_t) i + 1;
    }
}

//  Bytes of a row of steps: one for each class, and the number of its state.
static size_t
s_row_bytes (const guard_prefilter_t *self)
{
    return (self->width + 1) * sizeof *self->next;
}

static void
s_grow (guard_prefilter_t *self)
{
    self->room = self->room ? self->room * 2 : ROOM_LEAST;
    self->states = br_realloc (self->states, self->room * sizeof *self->states);
    self->next = br_realloc (self->next, self->room * s_row_bytes (self));
    self->slot_count = self->room * SPREAD;
    self->slots = br_realloc (self->slots, self->slot_count * sizeof *self->slots);
    s_fill_slots (self);
}

//  A new state with the places from `at` to the end.
static uint32_t
s_add_state (guard_prefilter_t *self, size_t at, uint32_t hash)
{
    uint32_t number = (uint32_t) self->count++;
    state_t *state = &self->states[number];
    *state = (state_t) { .hash = hash,
                         .at = (uint32_t) at,
                         .count = (uint32_t) (self->places_size - at),
                         .ends_at = (uint32_t) self->told_size,
                         .under_at = UNKNOWN };
    for (size_t i = at; i < self->places_size; i++) {
        guard_hint_t hint;
        if (!guard_hints_ends (self->hints, self->places[i], &hint))
            continue;
        s_tell (self, hint);
        state->ends++;
    }
    uint32_t *row = self->next + number * (self->width + 1);
    memset (row, 0xff, s_row_bytes (self));
    row[self->width] = number;
    return number;
}

//  The state with the places from `at` to the end; they go again where there is one. They are
//  in one order only: those with the most bytes of a hint first, as the hints were added.
static uint32_t
s_state (guard_prefilter_t *self, size_t at)
{
    size_t count = self->places_size - at;
    uint32_t hash = 2166136261u;
    for (size_t i = at; i < self->places_size; i++)
        hash = (hash ^ self->places[i]) * 16777619u;
    hash ^= hash >> 15;
    if (self->count == self->room)
        s_grow (self);
    size_t slot = hash % self->slot_count;
    for (; self->slots[slot]; slot = (slot + 1) % self->slot_count) {
        const state_t *old = &self->states[self->slots[slot] - 1];
        if (old->hash != hash || old->count != count
            || (count > 0
                && memcmp (self->places + old->at, self->places + at,
                           count * sizeof *self->places)))
            continue;
        self->places_size = at;
        return self->slots[slot] - 1;
    }
    uint32_t number = s_add_state (self, at, hash);
    self->slots[slot] = number + 1;
    return number;
}

size_t
guard_prefilter_states (const guard_prefilter_t *self)
{
    return self->count;
}

size_t
guard_prefilter_bytes (const guard_prefilter_t *self)
{
    size_t each = sizeof *self->states + s_row_bytes (self);
    return self->count * each + self->slot_count * sizeof *self->slots
           + self->places_size * sizeof *self->places
           + self->told_size * sizeof *self->told;
}

//  Forgets all states but the one at hand.
static uint32_t
s_begin_anew (guard_prefilter_t *self, uint32_t state)
{
    state_t kept = self->states[state];
    self->lives++;
    self->count = self->places_size = self->told_size = 0;
    s_fill_slots (self);
    s_state (self, 0);
    memmove (self->places, self->places + kept.at, kept.count * sizeof *self->places);
    self->places_size = kept.count;
    return s_state (self, 0);
}

//  Makes the step from a state for a class.
static uint32_t
s_step (guard_prefilter_t *self, uint32_t state, unsigned kind)
{
    if (self->count >= GUARD_STATES_MAX
        || guard_prefilter_bytes (self) >= GUARD_STATES_BYTES_MAX)
        state = s_begin_anew (self, state);
    state_t from = self->states[state];
    size_t at = self->places_size, starts_count = 0;
    for (size_t i = 0; i < from.count; i++) {
        uint32_t place = self->places[from.at + i];
        if (guard_hints_goes_on (self->hints, place, kind))
            s_add_place (self, place + 1);
    }
    const uint32_t *starts = guard_hints_starts (self->hints, kind, &starts_count);
    for (size_t i = 0; i < starts_count; i++)
        s_add_place (self, starts[i]);
    uint32_t next = s_state (self, at), row = self->width + 1;
    uint32_t step = next * row | (self->states[next].ends ? LEAVES : 0);
    self->next[state * row + kind] = step;
    return step;
}

void
guard_prefilter_build (guard_prefilter_t *self)
{
    guard_hints_close (self->hints);
    self->width = guard_hints_width (self->hints);
    s_state (self, 0);
}

//  ---- reading

size_t
guard_prefilter_run (guard_prefilter_t *self, uint32_t *state, const uint8_t *bytes,
                     size_t size, const guard_hint_t **ret_hints, size_t *ret_count)
{
    const uint32_t *next = self->next;
    const uint8_t *classes = guard_hints_classes (self->hints);
    const uint8_t *at = bytes, *end = bytes + size;
    uint32_t now = *state;
    *ret_count = 0;
    while (at < end) {
        uint8_t kind = classes[*at++];
        uint32_t step = next[now + kind];
        if (step < LEAVES) {
            now = step;
            continue;
        }
        if (step == UNKNOWN) {
            step = s_step (self, next[now + self->width], kind);
            next = self->next;
        }
        now = step & ~LEAVES;
        if (step >= LEAVES) {
            const state_t *row = &self->states[next[now + self->width]];
            *ret_hints = self->told + row->ends_at;
            *ret_count = row->ends;
            break;
        }
    }
    *state = now;
    return (size_t) (at - bytes);
}

//  Of several hints of a pattern the first one has the most bytes.
static void
s_tell_under_way (guard_prefilter_t *self, state_t *state, guard_hint_t hint)
{
    for (size_t i = 0; i < state->under_way; i++)
        if (self->told[state->under_at + i].pattern == hint.pattern)
            return;
    s_tell (self, hint);
    state->under_way++;
}

const guard_hint_t *
guard_prefilter_under_way (guard_prefilter_t *self, uint32_t state, size_t *ret_count)
{
    state_t *row = &self->states[self->next[state + self->width]];
    if (row->under_at == UNKNOWN) {
        row->under_at = (uint32_t) self->told_size;
        for (size_t i = 0; i < row->count; i++) {
            guard_hint_t hint;
            if (!guard_hints_ends (self->hints, self->places[row->at + i], &hint))
                s_tell_under_way (self, row, hint);
        }
    }
    *ret_count = row->under_way;
    return row->under_way ? self->told + row->under_at : NULL;
}

//  ---- a whole piece

//  Reads on from a state.
//  ret: the state behind the last byte
static uint32_t
s_read (guard_prefilter_t *self, uint32_t state, const uint8_t *bytes, size_t from,
        size_t to, guard_place_fn *fn, void *arg)
{
    for (size_t at = from, count = 0; at < to;) {
        const guard_hint_t *hints = NULL;
        at += guard_prefilter_run (self, &state, bytes + at, to - at, &hints, &count);
        for (size_t i = 0; i < count && fn; i++)
            fn (arg, hints[i].pattern, at - hints[i].size);
    }
    return state;
}

//  The state at a place: no more bytes in front of it are of interest than a hint has.
static uint32_t
s_state_at (guard_prefilter_t *self, const uint8_t *bytes, size_t at)
{
    return s_read (self, 0, bytes, at > BEHIND_MOST ? at - BEHIND_MOST : 0, at, NULL,
                   NULL);
}

//  Where the processor looks up a step it has to wait for the step before. So a piece is cut
//  in lanes that are read side by side.
typedef struct {
    const uint8_t *at;
    uint32_t now;
    size_t count;
    struct {
        uint32_t at; //  offset in the piece
        uint16_t pattern;
    } places[LANE_PLACES];
} lane_t;

//  Reads all lanes on as far as no hint ends and each step is known. ret: bytes of each
static size_t
s_read_lanes (const guard_prefilter_t *self, lane_t lanes[LANES], size_t most)
{
    const uint32_t *next = self->next;
    const uint8_t *classes = guard_hints_classes (self->hints);
    const uint8_t *a = lanes[0].at, *b = lanes[1].at, *c = lanes[2].at, *d = lanes[3].at;
    uint32_t in_a = lanes[0].now, in_b = lanes[1].now;
    uint32_t in_c = lanes[2].now, in_d = lanes[3].now;
    size_t i = 0;
    for (; i < most; i++) {
        uint32_t to_a = next[in_a + classes[a[i]]], to_b = next[in_b + classes[b[i]]];
        uint32_t to_c = next[in_c + classes[c[i]]], to_d = next[in_d + classes[d[i]]];
        if ((to_a | to_b | to_c | to_d) >= LEAVES)
            break;
        in_a = to_a, in_b = to_b, in_c = to_c, in_d = to_d;
    }
    uint32_t now[LANES] = { in_a, in_b, in_c, in_d };
    for (size_t k = 0; k < LANES; k++) {
        lanes[k].now = now[k];
        lanes[k].at += i;
    }
    return i;
}

//  Reads one byte of a lane. ret: whether all goes on: there was room for hints that end, and
//  the states of other lanes are still there
static bool
s_step_lane (guard_prefilter_t *self, lane_t *lane, const uint8_t *bytes)
{
    const guard_hint_t *hints = NULL;
    size_t count = 0;
    uint64_t lives = self->lives;
    guard_prefilter_run (self, &lane->now, lane->at, 1, &hints, &count);
    if (count > LANE_PLACES - lane->count)
        return false;
    lane->at++;
    for (size_t i = 0; i < count; i++, lane->count++) {
        lane->places[lane->count].at = (uint32_t) (lane->at - bytes) - hints[i].size;
        lane->places[lane->count].pattern = hints[i].pattern;
    }
    return lives == self->lives;
}

//  Reads lanes of so many bytes each, from an offset on. A lane that had to stop is read to
//  its end by itself.
static void
s_scan_lanes (guard_prefilter_t *self, const uint8_t *bytes, size_t from, size_t size,
              guard_place_fn *fn, void *arg)
{
    lane_t lanes[LANES];
    uint64_t lives = self->lives;
    for (size_t k = 0; k < LANES; k++) {
        lanes[k].at = bytes + from + k * size;
        lanes[k].now = s_state_at (self, bytes, from + k * size);
        lanes[k].count = 0;
    }
    bool goes_on = lives == self->lives;
    for (size_t done = 0; goes_on && done < size; done++) {
        done += s_read_lanes (self, lanes, size - done);
        for (size_t k = 0; goes_on && done < size && k < LANES; k++)
            goes_on = s_step_lane (self, &lanes[k], bytes);
    }
    for (size_t k = 0; k < LANES; k++) {
        for (size_t i = 0; i < lanes[k].count; i++)
            fn (arg, lanes[k].places[i].pattern, lanes[k].places[i].at);
        size_t at = (size_t) (lanes[k].at - bytes), end = from + (k + 1) * size;
        if (at < end)
            s_read (self, s_state_at (self, bytes, at), bytes, at, end, fn, arg);
    }
}

uint32_t
guard_prefilter_scan (guard_prefilter_t *self, const uint8_t *bytes, size_t size,
                      guard_place_fn *fn, void *arg)
{
    size_t at = 0;
    while (size - at >= LANES * LANE_LEAST) {
        size_t each = (size - at) / LANES;
        each = each < LANE_BYTES ? each : LANE_BYTES;
        s_scan_lanes (self, bytes, at, each, fn, arg);
        at += each * LANES;
    }
    return s_read (self, s_state_at (self, bytes, at), bytes, at, size, fn, arg);
}
