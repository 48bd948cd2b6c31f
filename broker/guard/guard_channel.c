//  guard_channel: a text on its way, with redactions made.
//
//  What is taken lies in `kept` until it is given. The engine says up to where all is decided
//  and which ranges are to be redacted; a text that is JSON has two engines, one of them sees
//  its view without escapes, and the lesser of both decides. Ranges are widened to whole
//  characters, escapes and scalars, so that none is cut in two.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_channel.h"
#include "broker/guard/guard_json.h"
#include "broker/guard/guard_ranges.h"
#include "broker/guard/guard_told.h"
#include "broker/guard/guard_utf8.h"

#define SLICE 16384                 //  bytes that are taken at once
#define KEPT_MAX ((size_t) 1 << 20) //  bytes taken and not given
#define BEFORE_MAX 64               //  bytes in front of them

enum {
    REDACTED,  //  what is to be redacted
    ALONE,     //  matches in keys alone: the keys are redacted
    ALONG,     //  matches in keys and values: the keys stay
    ALONE_NOW, //  the same, widened to what is whole
    ALONG_NOW,
    RANGES
};

struct _guard_channel_t {
    guard_finding_fn *fn;          //  borrowed
    void *arg;                     //  borrowed
    br_buf_t *noted;               //  borrowed: of guard_replaced_t; MAY
    guard_text_t *text;            //  the text as it stands
    guard_text_t *view;            //  without escapes; NULL when the text is plain
    guard_json_t *json;            //  the same
    guard_told_t told;             //  by both
    br_buf_t kept;                 //  taken and not given
    br_buf_t fresh;                //  of the view: what is being taken
    uint8_t half[GUARD_UTF8_HALF]; //  of a surrogate pair, in front of what comes
    size_t half_size;              //  bytes
    uint8_t before[BEFORE_MAX]; //  of a plain text: what was given last, as it was taken
    size_t before_size;         //  bytes
    guard_ranges_t ranges[RANGES];
    uint64_t given; //  bytes
    uint64_t old;   //  bytes that were there at old_ms; none when they were given
    uint64_t old_ms;
    uint64_t decided; //  bytes; the end of a whole character, escape or scalar
    bool ended;
    bool blocked;
    bool changed;
    bool redacted; //  what was given last is GUARD_REDACTED
};

//  ---- findings

//  Where an offset of the view stands in the text; what was not read lies at its end.
static uint64_t
s_source (const guard_channel_t *self, uint64_t view_at)
{
    const guard_run_t *run = guard_json_run_of_view (self->json, view_at);
    if (!run)
        return guard_json_size (self->json);
    return run->is_whole ? run->at : run->at + (view_at - run->view_at);
}

//  ... and what ends there.
static uint64_t
s_source_end (const guard_channel_t *self, uint64_t view_at)
{
    const guard_run_t *run = view_at ? guard_json_run_of_view (self->json, view_at - 1)
                                     : NULL;
    if (!run)
        return s_source (self, view_at);
    return run->is_whole ? run->at + run->size : run->at + (view_at - run->view_at);
}

//  Whether keys that a match has in it stay. What is in no match that was told so is in one
//  that failed, and does not.
static void
s_sort (guard_channel_t *self, const guard_finding_t *finding, uint64_t from, uint64_t to)
{
    if (!self->json || finding->kind != GUARD_FOUND || finding->action < GUARD_REDACT)
        return;
    bool has_key = false;
    bool has_value = false;
    for (uint64_t at = from; at < to;) {
        const guard_run_t *run = guard_json_run (self->json, at);
        guard_leaf_t leaf = run ? run->leaf : guard_json_leaf (self->json);
        has_key = has_key || leaf == GUARD_LEAF_KEY;
        has_value = has_value || leaf == GUARD_LEAF_VALUE || leaf == GUARD_LEAF_SCALAR;
        at = run ? run->at + run->size : to;
    }
    if (has_key)
        guard_ranges_add (&self->ranges[has_value ? ALONG : ALONE], from, to);
}

static void
s_hear (guard_channel_t *self, const guard_finding_t *finding, uint64_t from, uint64_t to)
{
    s_sort (self, finding, from, to);
    //  Only JSON is looked at in two ways; what failed is told once anyhow.
    bool may_repeat = self->json || finding->kind == GUARD_FAILED;
    if (may_repeat && !guard_told_add (&self->told, finding, from, to))
        return;
    guard_finding_t found = *finding;
    found.at = from;
    self->fn (self->arg, &found);
}

static void
s_found_in_text (void *arg, const guard_finding_t *finding)
{
    s_hear (arg, finding, finding->at, finding->at + finding->size);
}

static void
s_found_in_view (void *arg, const guard_finding_t *finding)
{
    guard_channel_t *self = arg;
    s_hear (self, finding, s_source (self, finding->at),
            s_source_end (self, finding->at + finding->size));
}

static void
s_hear_nothing (void *arg, const guard_finding_t *finding)
{
    (void) arg;
    (void) finding;
}

//  ---- life

guard_channel_t *
guard_channel_new_between (const guard_rules_t *rules, guard_sets_t sets,
                           guard_direction_t direction, guard_action_t least,
                           guard_action_t most, guard_form_t form, guard_finding_fn *fn,
                           void *arg)
{
    guard_channel_t *self = BR_NEW (guard_channel_t);
    self->fn = fn ? fn : s_hear_nothing;
    self->arg = arg;
    self->text = guard_text_new (rules, sets, direction, least, most, s_found_in_text,
                                 self);
    if (form == GUARD_JSON) {
        self->view = guard_text_new (rules, sets, direction, least, most, s_found_in_view,
                                     self);
        self->json = guard_json_new ();
    }
    guard_told_init (&self->told);
    for (size_t i = 0; i < RANGES; i++)
        guard_ranges_init (&self->ranges[i]);
    br_buf_init (&self->kept, KEPT_MAX);
    br_buf_init (&self->fresh, KEPT_MAX);
    return self;
}

guard_channel_t *
guard_channel_new (const guard_rules_t *rules, guard_sets_t sets,
                   guard_direction_t direction, guard_form_t form, guard_finding_fn *fn,
                   void *arg)
{
    return guard_channel_new_between (rules, sets, direction, GUARD_REDACT, GUARD_BLOCK,
                                      form, fn, arg);
}

void
guard_channel_destroy (guard_channel_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_channel_t *self = *self_p;
    br_buf_free (&self->fresh);
    br_buf_free (&self->kept);
    for (size_t i = 0; i < RANGES; i++)
        guard_ranges_free (&self->ranges[i]);
    guard_told_free (&self->told);
    guard_json_destroy (&self->json);
    guard_text_destroy (&self->view);
    guard_text_destroy (&self->text);
    free (self);
    *self_p = NULL;
}

guard_form_t
guard_channel_form (const guard_channel_t *self)
{
    return self->json ? GUARD_JSON : GUARD_PLAIN;
}

void
guard_channel_reset (guard_channel_t *self)
{
    guard_text_reset (self->text);
    if (self->json) {
        guard_text_reset (self->view);
        guard_json_reset (self->json);
    }
    guard_told_reset (&self->told);
    for (size_t i = 0; i < RANGES; i++)
        guard_ranges_clear (&self->ranges[i]);
    br_buf_clear (&self->kept);
    self->given = self->decided = self->old = 0;
    self->half_size = self->before_size = 0;
    self->ended = self->blocked = self->changed = self->redacted = false;
}

void
guard_channel_note (guard_channel_t *self, br_buf_t *rows)
{
    self->noted = rows;
}

size_t
guard_channel_held (const guard_channel_t *self)
{
    return self->kept.size + self->half_size;
}

bool
guard_channel_is_changed (const guard_channel_t *self)
{
    return self->changed;
}

void
guard_channel_undecided (const guard_channel_t *self, br_buf_t *out)
{
    (void) br_buf_add (out, self->kept.data, self->kept.size);
    (void) br_buf_add (out, self->half, self->half_size);
}

void
guard_channel_before (const guard_channel_t *self, br_buf_t *out)
{
    if (!self->json) {
        (void) br_buf_add (out, self->before, self->before_size);
        return;
    }
    const guard_run_t *run = guard_json_run (self->json, self->given);
    guard_leaf_t leaf = run ? run->leaf : guard_json_leaf (self->json);
    if (leaf == GUARD_LEAF_KEY || leaf == GUARD_LEAF_VALUE)
        (void) br_buf_addc (out, '"');
}

//  ---- whole characters, escapes and scalars

//  The run that an offset is in, as far as it was not given. ret: false = none
static bool
s_run (const guard_channel_t *self, uint64_t at, guard_run_t *ret_run)
{
    if (self->json) {
        const guard_run_t *run = guard_json_run (self->json, at);
        if (run)
            *ret_run = *run;
        return run != NULL;
    }
    size_t size = self->kept.size;
    if (!self->ended)
        size = guard_utf8_whole (self->kept.data, size);
    *ret_run = (guard_run_t) { .leaf = GUARD_LEAF_VALUE, .at = self->given };
    ret_run->size = size;
    return at >= self->given && at - self->given < size;
}

static uint64_t
s_down (const guard_channel_t *self, uint64_t at)
{
    guard_run_t run;
    if (at <= self->given || !s_run (self, at, &run))
        return at;
    if (run.is_whole)
        return run.at;
    uint64_t from = run.at > self->given ? run.at : self->given;
    const uint8_t *bytes = self->kept.data + (from - self->given);
    return from + guard_utf8_down (bytes, run.at + run.size - from, at - from);
}

static uint64_t
s_up (const guard_channel_t *self, uint64_t at)
{
    guard_run_t run;
    if (at <= self->given || !s_run (self, at - 1, &run))
        return at;
    if (run.is_whole)
        return run.at + run.size;
    uint64_t from = run.at > self->given ? run.at : self->given;
    const uint8_t *bytes = self->kept.data + (from - self->given);
    return from + guard_utf8_up (bytes, run.at + run.size - from, at - from);
}

//  ---- what is decided

static void
s_decide (guard_channel_t *self)
{
    uint64_t taken = self->given + self->kept.size;
    uint64_t decided = self->ended ? taken : guard_text_decided (self->text);
    if (self->json && !self->ended) {
        uint64_t other = s_source (self, guard_text_decided (self->view));
        decided = other < decided ? other : decided;
    }
    self->decided = s_down (self, decided);
}

//  Adds ranges, widened.
static void
s_widen (guard_channel_t *self, const guard_range_t *ranges, size_t count, bool of_view,
         guard_ranges_t *out)
{
    for (; count; count--, ranges++) {
        uint64_t from = of_view ? s_source (self, ranges->from) : ranges->from;
        uint64_t to = of_view ? s_source_end (self, ranges->to) : ranges->to;
        guard_ranges_add (out, s_down (self, from), s_up (self, to));
    }
}

static void
s_collect (guard_channel_t *self)
{
    size_t count = 0;
    guard_ranges_clear (&self->ranges[REDACTED]);
    const guard_range_t *ranges = guard_text_ranges (self->text, &count);
    s_widen (self, ranges, count, false, &self->ranges[REDACTED]);
    if (!self->json)
        return;
    ranges = guard_text_ranges (self->view, &count);
    s_widen (self, ranges, count, true, &self->ranges[REDACTED]);
    for (size_t i = ALONE; i <= ALONG; i++) {
        guard_ranges_t *now = &self->ranges[i + ALONE_NOW - ALONE];
        guard_ranges_clear (now);
        ranges = guard_ranges_behind (&self->ranges[i], 0);
        s_widen (self, ranges, guard_ranges_count (&self->ranges[i]), false, now);
    }
}

//  ---- giving

static void
s_add (guard_channel_t *self, uint64_t from, uint64_t to, br_buf_t *out)
{
    (void) br_buf_add (out, self->kept.data + (from - self->given), to - from);
    self->redacted = false;
}

//  in:   goes_on, what was noted last was in front of it
static void
s_note (guard_channel_t *self, uint64_t from, uint64_t to, bool has_quotes, bool goes_on)
{
    if (!self->noted || self->noted->overflow)
        return;
    guard_replaced_t row = { .from = from, .to = to, .has_quotes = has_quotes };
    size_t count = self->noted->size / sizeof row;
    if (goes_on && count > 0)
        ((guard_replaced_t *) (void *) self->noted->data)[count - 1].to = to;
    else
        (void) br_buf_add (self->noted, &row, sizeof row);
}

static void
s_redact (guard_channel_t *self, const guard_run_t *run, uint64_t from, uint64_t to,
          br_buf_t *out)
{
    bool has_quotes = run->leaf == GUARD_LEAF_SCALAR;
    self->changed = true;
    s_note (self, from, to, has_quotes, self->redacted);
    if (!self->redacted)
        (void) br_buf_adds (out, has_quotes ? "\"" GUARD_REDACTED "\"" : GUARD_REDACTED);
    self->redacted = true;
}

//  How far it is from `at` to the next end of a range. ret: whether at is in one
static bool
s_is_in (const guard_channel_t *self, size_t which, uint64_t at, uint64_t *to)
{
    const guard_range_t *range = guard_ranges_behind (&self->ranges[which], at);
    if (!range)
        return false;
    uint64_t next = range->from <= at ? range->to : range->from;
    *to = next < *to ? next : *to;
    return range->from <= at;
}

//  A key in a range waits until all matches in it are known. ret: up to where it was given
static uint64_t
s_give_key (guard_channel_t *self, const guard_run_t *run, uint64_t at, uint64_t to,
            br_buf_t *out)
{
    bool is_alone = s_is_in (self, ALONE_NOW, at, &to);
    bool stays = s_is_in (self, ALONG_NOW, at, &to) && !is_alone;
    to = to < self->decided ? to : self->decided;
    if (to <= at || (run->is_whole && to < run->at + run->size))
        return at;
    if (stays)
        s_add (self, at, to, out);
    else
        s_redact (self, run, at, to, out);
    return to;
}

//  Bytes of a run that lie in a range. ret: up to where they were given
static uint64_t
s_give_in_range (guard_channel_t *self, const guard_range_t *range,
                 const guard_run_t *run, uint64_t at, br_buf_t *out)
{
    uint64_t end = run->at + run->size;
    uint64_t to = range->to < end ? range->to : end;
    if (run->leaf == GUARD_LEAF_KEY)
        return s_give_key (self, run, at, to, out);
    if (run->leaf == GUARD_LEAF_STRUCTURE)
        s_add (self, at, to, out);
    else
        s_redact (self, run, at, to, out);
    return to;
}

//  Bytes of a run that lie in no range, as far as they are decided. ret: up to where
static uint64_t
s_give_as_is (guard_channel_t *self, const guard_range_t *range, const guard_run_t *run,
              uint64_t at, br_buf_t *out)
{
    uint64_t end = run->at + run->size;
    uint64_t to = end < self->decided ? end : self->decided;
    if (range && range->from < to)
        to = range->from;
    if (to <= at || (run->is_whole && to < end))
        return at;
    s_add (self, at, to, out);
    return to;
}

//  size bytes of what is kept were given.
static void
s_shift (guard_channel_t *self, size_t size)
{
    size_t more = size < BEFORE_MAX ? size : BEFORE_MAX;
    size_t room = BEFORE_MAX - more;
    size_t stay = self->before_size < room ? self->before_size : room;
    if (!self->json && more) {
        memmove (self->before, self->before + self->before_size - stay, stay);
        memcpy (self->before + stay, self->kept.data + size - more, more);
        self->before_size = stay + more;
    }
    br_buf_shift (&self->kept, size);
    self->given += size;
}

//  All that may go.
static void
s_give (guard_channel_t *self, br_buf_t *out)
{
    uint64_t at = self->given;
    guard_run_t run;
    while (s_run (self, at, &run)) {
        const guard_range_t *range = guard_ranges_behind (&self->ranges[REDACTED], at);
        uint64_t to = !range || range->from > at
                          ? s_give_as_is (self, range, &run, at, out)
                          : s_give_in_range (self, range, &run, at, out);
        if (to == at)
            break;
        at = to;
    }
    s_shift (self, at - self->given);
}

//  What lies in front of all that is given and decided is not needed any more.
static void
s_forget (guard_channel_t *self)
{
    uint64_t upto = self->given < self->decided ? self->given : self->decided;
    guard_text_drop (self->text, upto);
    guard_told_drop (&self->told, upto);
    if (!self->json)
        return;
    guard_ranges_drop (&self->ranges[ALONE], upto);
    guard_ranges_drop (&self->ranges[ALONG], upto);
    const guard_run_t *run = guard_json_run (self->json, upto);
    if (run)
        guard_text_drop (self->view, run->view_at + (run->is_whole ? 0 : upto - run->at));
    guard_json_drop (self->json, upto);
}

static int
s_give_decided (guard_channel_t *self, br_buf_t *out)
{
    s_decide (self);
    s_collect (self);
    s_give (self, out);
    s_forget (self);
    return out->overflow ? -1 : 0;
}

//  ---- taking

//  What is read of the JSON has to be known when something is found in it.
static void
s_read (guard_channel_t *self)
{
    size_t at = (size_t) (guard_json_size (self->json) - self->given);
    br_buf_clear (&self->fresh);
    if (self->kept.size > at)
        (void) guard_json_read (self->json, self->kept.data + at, self->kept.size - at,
                                self->ended, &self->fresh);
}

static int
s_push (guard_text_t *text, const uint8_t *bytes, size_t size, bool is_end)
{
    if (size && guard_text_push (text, bytes, size) != 0)
        return -1;
    return is_end ? guard_text_end (text) : 0;
}

static int
s_take (guard_channel_t *self, const uint8_t *bytes, size_t size)
{
    if (br_buf_add (&self->kept, bytes, size) != 0)
        return -1;
    if (self->json)
        s_read (self);
    if (s_push (self->text, bytes, size, self->ended) != 0)
        return -1;
    if (!self->json)
        return 0;
    return s_push (self->view, self->fresh.data, self->fresh.size, self->ended);
}

static int
s_pass (guard_channel_t *self, const uint8_t *bytes, size_t size, br_buf_t *out)
{
    if (s_take (self, bytes, size) != 0) {
        self->blocked = true;
        return -1;
    }
    return s_give_decided (self, out);
}

static void
s_pass_all (guard_channel_t *self, const uint8_t *bytes, size_t size, br_buf_t *out)
{
    while (size && !self->blocked) {
        size_t slice = size < SLICE ? size : SLICE;
        if (s_pass (self, bytes, slice, out) != 0)
            self->blocked = true;
        bytes += slice;
        size -= slice;
    }
}

//  ---- what waits for too long

//  Where an offset of the text stands in the view; an escape or a scalar behind it all.
static uint64_t
s_seen (const guard_channel_t *self, uint64_t at)
{
    const guard_run_t *run = guard_json_run (self->json, at);
    if (!run)
        return UINT64_MAX;
    return run->view_at + (run->is_whole ? run->view_size : at - run->at);
}

//  No further than to where a rule that fails closed waits, in any of both.
static int
s_expire (guard_channel_t *self, uint64_t upto)
{
    upto = guard_text_closed (self->text, upto);
    if (self->json) {
        uint64_t closed = guard_text_closed (self->view, s_seen (self, upto));
        uint64_t at = closed == UINT64_MAX ? upto : s_source (self, closed);
        upto = at < upto ? at : upto;
    }
    if (guard_text_expire (self->text, upto) != 0)
        return -1;
    return self->json ? guard_text_expire (self->view, s_seen (self, upto)) : 0;
}

int
guard_channel_age (guard_channel_t *self, uint64_t now_ms, br_buf_t *out)
{
    size_t before = out->size;
    bool is_late = self->given < self->old && now_ms - self->old_ms >= GUARD_HOLD_MS;
    if (is_late && !self->blocked && !self->ended) {
        self->blocked = s_expire (self, self->old) != 0
                        || s_give_decided (self, out) != 0;
        if (self->blocked)
            out->size = before;
    }
    if (self->given >= self->old) {
        self->old = self->given + self->kept.size;
        self->old_ms = now_ms;
    }
    return self->blocked ? -1 : 0;
}

void
guard_channel_renew (guard_channel_t *self)
{
    self->old = 0;
}

//  ---- pieces

//  The half of a pair that waited, with the other one if that is what comes.
//  ret:  how many of the bytes it took
static size_t
s_pass_half (guard_channel_t *self, const uint8_t *bytes, size_t size, br_buf_t *out)
{
    uint8_t whole[GUARD_UTF8_MAX];
    size_t half_size = self->half_size;
    self->half_size = 0;
    if (half_size && guard_utf8_join (self->half, bytes, size, whole)) {
        s_pass_all (self, whole, sizeof whole, out);
        return GUARD_UTF8_HALF;
    }
    s_pass_all (self, self->half, half_size, out);
    return 0;
}

int
guard_channel_push (guard_channel_t *self, const void *bytes, size_t size, br_buf_t *out)
{
    const uint8_t *at = bytes;
    size_t before = out->size;
    if (size) {
        size_t taken = s_pass_half (self, at, size, out);
        at += taken;
        size -= taken;
        self->half_size = guard_utf8_half (at, size);
        size -= self->half_size;
        memcpy (self->half, at + size, self->half_size);
        s_pass_all (self, at, size, out);
    }
    if (self->blocked)
        out->size = before;
    return self->blocked ? -1 : 0;
}

int
guard_channel_end (guard_channel_t *self, br_buf_t *out)
{
    size_t before = out->size;
    (void) s_pass_half (self, NULL, 0, out);
    if (!self->ended && !self->blocked) {
        self->ended = true;
        if (s_pass (self, NULL, 0, out) != 0)
            self->blocked = true;
    }
    if (self->blocked)
        out->size = before;
    return self->blocked ? -1 : 0;
}
