//  guard_text: a window over the text. Behind each pattern's mark nothing is decided yet; a
//  block of new bytes goes through the prefilter, each pattern that has hints in it is tried
//  there, and each that could have a match under way at the end keeps its mark there. The
//  least mark, and what is looked at in front of it, is where the window begins.
//
//  The prefilter begins at the least mark each time, so that a mark is all that there is to
//  know about a pattern between two pieces.

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_redactions.h"
#include "broker/guard/guard_rules_state.h"
#include "broker/guard/guard_text.h"
#include "broker/guard/guard_try.h"

#define BLOCK 65536 //  bytes that are looked at in one go
#define SPANS 2048  //  where patterns are to be tried in a block; more are united
#define GAP (GUARD_HINT_BYTES * 2) //  bytes; spans that are nearer are one
#define PURSUED 1024               //  bytes of a pursuit in one go

//  Where a pattern is to be tried: offsets in the window.
typedef struct {
    uint32_t from;
    uint32_t to;
    uint16_t next; //  the pattern's next one, its number + 1; 0 = it is in track
} span_t;

typedef enum {
    SEARCHES,
    STUCK,   //  over a limit at its mark, and waits for as much text as that is about
    PURSUES, //  of a failed match, what follows
} track_mode_t;

typedef struct {
    uint64_t mark; //  bytes from the text's start; counts while waits
    uint64_t hint; //  with a guess: no hint in front of this one can still be under way
    uint8_t mode;
    bool used;   //  it is in the list of those
    bool waits;  //  for more text; else its mark is the end
    bool guess;  //  its mark is as far back as a match could be, it was not tried there
    bool called; //  is in the list of the block
    bool told;   //  that it failed
    bool has_span;
    uint16_t tail;        //  bytes of a hint that are there at the end
    uint16_t first, last; //  spans, their number + 1; 0 = none
    uint32_t from, to;    //  the last span
    uint64_t work;        //  see guard_try.h
    guard_pursuit_t *pursuit;
} track_t;

struct _guard_text_t {
    const guard_rules_t *rules;
    guard_plan_t *plan; //  owned
    guard_finding_fn *fn;
    void *arg;
    track_t *tracks; //  owned, by pattern; NULL until there is anything to look at
    uint16_t *used;  //  behind the tracks: those that are not as new
    size_t used_size;
    uint16_t *waiting; //
    size_t waiting_size;
    uint16_t *called; //  of the block
    size_t called_size;
    uint8_t *window; //  owned
    size_t size;     //  bytes in it
    size_t room;
    uint64_t base; //  where it begins
    guard_redactions_t redactions;
    bool ended;
    bool blocked;
};

//  ---- a text's life

guard_text_t *
guard_text_new (const guard_rules_t *rules, guard_sets_t sets,
                guard_direction_t direction, guard_action_t least, guard_action_t most,
                guard_finding_fn *fn, void *arg)
{
    guard_text_t *self = BR_NEW (guard_text_t);
    guard_kind_t kind = { sets, direction, least, most };
    self->rules = rules;
    self->plan = guard_plans_get (guard_rules_plans (rules), rules, &kind);
    self->fn = fn;
    self->arg = arg;
    return self;
}

//  Most texts of a call are never there, and those that are leave their tracks as new.
static void
s_begin (guard_text_t *self)
{
    size_t count = self->plan->count;
    self->tracks = self->plan->spare;
    self->plan->spare = NULL;
    if (!self->tracks)
        self->tracks = br_alloc (count + 1,
                                 sizeof *self->tracks + 3 * sizeof *self->used);
    for (size_t i = 0; i < count; i++)
        self->tracks[i].work = 0;
    self->used = (uint16_t *) (self->tracks + count);
    self->waiting = self->used + count;
    self->called = self->waiting + count;
}

void
guard_text_destroy (guard_text_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_text_t *self = *self_p;
    guard_text_reset (self);
    guard_redactions_free (&self->redactions);
    free (self->window);
    if (!self->plan->spare)
        self->plan->spare = self->tracks;
    else
        free (self->tracks);
    guard_plans_let_go (guard_rules_plans (self->rules), &self->plan);
    free (self);
    *self_p = NULL;
}

void
guard_text_reset (guard_text_t *self)
{
    for (size_t i = 0; i < self->used_size; i++) {
        track_t *track = &self->tracks[self->used[i]];
        guard_pursuit_destroy (&track->pursuit);
        *track = (track_t) { .work = track->work };
    }
    self->used_size = 0;
    self->waiting_size = 0;
    self->size = 0;
    self->base = 0;
    guard_redactions_reset (&self->redactions);
    self->ended = false;
    self->blocked = false;
}

static uint64_t
s_end (const guard_text_t *self)
{
    return self->base + self->size;
}

//  ---- findings

static void
s_tell (guard_text_t *self, unsigned pattern, guard_finding_kind_t kind, uint64_t from,
        uint64_t to, guard_action_t action, bool aloud)
{
    guard_finding_t finding = { .kind = kind,
                                .pattern = pattern,
                                .action = action,
                                .at = from,
                                .size = (size_t) (to - from),
                                .bytes = (const char *) self->window
                                         + (from - self->base) };
    if (aloud && self->fn)
        self->fn (self->arg, &finding);
    if (action == GUARD_REDACT)
        guard_redactions_add (&self->redactions, from, to);
    if (action == GUARD_BLOCK)
        self->blocked = true;
}

//  ret: where the search goes on
static uint64_t
s_found (guard_text_t *self, unsigned number, const guard_match_t *match)
{
    const guard_pattern_t *pattern = guard_rules_pattern (self->rules, number);
    const char *bytes = (const char *) self->window;
    const char *group = match->has_group ? bytes + match->group_from : NULL;
    uint64_t from = self->base + match->from, to = self->base + match->to;
    if (!guard_pattern_passes (pattern, bytes + match->from, match->to - match->from,
                               group, match->group_to - match->group_from))
        return from + 1;
    if (!guard_rules_allows (self->rules, bytes + match->from, match->to - match->from))
        s_tell (self, number, GUARD_FOUND, from, to,
                (guard_action_t) self->plan->actions[number], true);
    return to;
}

//  ---- failures

static bool
s_wait (track_t *track, uint64_t mark)
{
    track->waits = true;
    track->mark = mark;
    return true;
}

//  What follows the failed match that ends at *at, as long as the pattern does not let go.
//  ret: whether it waits for more
static bool
s_pursue (guard_text_t *self, unsigned number, uint64_t *at)
{
    track_t *track = &self->tracks[number];
    while (track->mode == PURSUES) {
        uint64_t left = s_end (self) - *at;
        if (left < PURSUED && !self->ended)
            return s_wait (track, *at);
        size_t from = (size_t) (*at - self->base), more = left < PURSUED ? left : PURSUED;
        size_t behind = guard_rules_behind (self->rules);
        behind = behind < from ? behind : from;
        size_t to = behind;
        guard_outcome_t outcome = guard_pursuit_run (
            track->pursuit, self->window + from - behind, behind + more, behind,
            self->ended && more == left, &to);
        if (outcome != GUARD_TRY_FOUND || to <= behind)
            to = behind + more;
        if (to > behind)
            s_tell (self, number, GUARD_FAILED, *at, *at + to - behind, GUARD_REDACT,
                    false);
        *at += to - behind;
        if (outcome == GUARD_TRY_UNDER_WAY && *at < s_end (self))
            continue;
        if (outcome == GUARD_TRY_UNDER_WAY && !self->ended)
            return s_wait (track, *at);
        track->mode = SEARCHES;
        guard_pursuit_destroy (&track->pursuit);
    }
    return false;
}

//  The pattern could not be tried to its end at *at: a range as long as a match could be, or
//  as long as may be held, is taken for one.
//  in:   is_long, the match is longer than what may be held
//  ret:  whether it waits for more
static bool
s_fail (guard_text_t *self, unsigned number, uint64_t *at, bool is_long)
{
    const guard_pattern_t *pattern = guard_rules_pattern (self->rules, number);
    track_t *track = &self->tracks[number];
    uint64_t size = s_end (self) - *at, most = GUARD_HOLD_MAX;
    if (!is_long && pattern->reach > 0 && pattern->reach < most)
        most = pattern->reach;
    track->mode = STUCK;
    if (size < most && !self->ended)
        return s_wait (track, *at);
    track->mode = SEARCHES;
    size = size < most ? size : most;
    guard_action_t action = GUARD_WARN;
    if (!self->plan->fails_open[number])
        action = self->plan->actions[number] == GUARD_BLOCK ? GUARD_BLOCK : GUARD_REDACT;
    s_tell (self, number, GUARD_FAILED, *at, *at + size, action, !track->told);
    track->told = true;
    size_t from = (size_t) (*at - self->base);
    *at += size;
    if (!is_long || action != GUARD_REDACT)
        return false;
    track->pursuit = guard_pursuit_new (pattern, self->window, from + size, from);
    if (!track->pursuit)
        return false;
    track->mode = PURSUES;
    return s_pursue (self, number, at);
}

//  ---- tries

typedef enum {
    NO_HINT,
    MAYBE_HINT, //  when more text comes
    HINT
} hint_t;

//  Whether a hint of the pattern begins where one must for a match that begins at from.
//  in:   offsets in the window; to, where the match ends at the most
static hint_t
s_hint (const guard_text_t *self, unsigned number, size_t from, size_t to)
{
    const guard_pattern_t *pattern = guard_rules_pattern (self->rules, number);
    if (!pattern->has_hints)
        return HINT;
    size_t most = from + pattern->lead + GUARD_HINT_BYTES;
    size_t end = most < to ? most : to;
    uint32_t state = 0;
    for (size_t at = from, count = 0; at < end;) {
        const guard_hint_t *hints = NULL;
        at += guard_prefilter_run (guard_rules_prefilter (self->rules), &state,
                                   self->window + at, end - at, &hints, &count);
        for (size_t i = 0; i < count; i++)
            if (hints[i].pattern == number && at - hints[i].size <= from + pattern->lead)
                return HINT;
    }
    return most > self->size && !self->ended ? MAYBE_HINT : NO_HINT;
}

//  Tries a pattern from *at up to `to`. No more than GUARD_HOLD_MAX bytes behind the place
//  of a try are looked at, however many there are, so that what is found does not depend
//  on how the text is cut.
//  ret: whether it waits for more
static bool
s_search (guard_text_t *self, unsigned number, uint64_t *at, uint64_t to)
{
    guard_pattern_t *pattern = guard_rules_pattern (self->rules, number);
    while (*at < to && *at < s_end (self)) {
        size_t from = (size_t) (*at - self->base);
        size_t size = from + GUARD_HOLD_MAX < self->size ? from + GUARD_HOLD_MAX
                                                         : self->size;
        guard_match_t match;
        guard_outcome_t outcome = guard_try_run (
            guard_rules_tries (self->rules), pattern, self->window, size, from,
            (size_t) (to - self->base), self->ended && size == self->size,
            &self->tracks[number].work, &match);
        if (outcome == GUARD_TRY_NONE) {
            *at = to < self->base + size ? to : self->base + size;
            continue;
        }
        *at = self->base + match.start;
        hint_t hint = s_hint (self, number, match.start, match.to);
        if (hint == NO_HINT || (hint == MAYBE_HINT && outcome == GUARD_TRY_FOUND))
            ++*at;
        else if (outcome == GUARD_TRY_FOUND)
            *at = s_found (self, number, &match);
        else if (hint == MAYBE_HINT
                 || (outcome == GUARD_TRY_UNDER_WAY && size == self->size))
            return s_wait (&self->tracks[number], *at);
        else if ((outcome == GUARD_TRY_LIMIT || match.from == from)
                 && s_fail (self, number, at, outcome == GUARD_TRY_UNDER_WAY))
            return true;
    }
    return false;
}

//  Goes on with what a pattern waits for. ret: whether it waits for more
static bool
s_go_on (guard_text_t *self, unsigned number, uint64_t *at)
{
    track_t *track = &self->tracks[number];
    if (track->waits)
        *at = track->mark;
    track->waits = track->guess = false;
    if (track->mode == STUCK)
        return s_fail (self, number, at, false);
    return track->mode == PURSUES && s_pursue (self, number, at);
}

//  Where a match may be under way, if any: behind at, in the text's last bytes.
static void
s_guess (guard_text_t *self, unsigned number, uint64_t at, uint64_t last)
{
    uint64_t mark = at > last ? at : last;
    if (mark >= s_end (self))
        return;
    track_t *track = &self->tracks[number];
    s_wait (track, mark);
    track->guess = true;
    track->hint = s_end (self) - track->tail;
}

//  Tries a pattern in a span, as far as that is in front of the text's last bytes, in which a
//  hint may be under way that begins earlier than others. ret: whether all of it was
static bool
s_try_span (guard_text_t *self, unsigned number, uint64_t *at, const span_t *span,
            uint64_t last)
{
    uint64_t from = self->base + span->from, to = self->base + span->to;
    if (from >= last)
        return false;
    *at = *at > from ? *at : from;
    s_search (self, number, at, to < last ? to : last);
    return to <= last;
}

//  Tries a pattern at its hints, and in the last bytes.
//  in:   last, where those begin
static void
s_try_hints (guard_text_t *self, unsigned number, const span_t *spans, uint64_t at,
             uint64_t last)
{
    track_t *track = &self->tracks[number];
    bool goes_on = true;
    for (uint16_t i = track->first; goes_on && i && !track->waits; i = spans[i - 1].next)
        goes_on = s_try_span (self, number, &at, &spans[i - 1], last);
    span_t span = { track->from, track->to, 0 };
    if (goes_on && track->has_span && !track->waits)
        goes_on = s_try_span (self, number, &at, &span, last);
    if (track->waits)
        return;
    if (goes_on)
        s_guess (self, number, at, last);
    else {
        at = at > last ? at : last;
        s_search (self, number, &at, s_end (self));
    }
}

//  Tries a pattern in a block that begins at `begin`; one without hints everywhere.
static void
s_try (guard_text_t *self, unsigned number, const span_t *spans, uint64_t begin)
{
    const guard_pattern_t *pattern = guard_rules_pattern (self->rules, number);
    track_t *track = &self->tracks[number];
    uint64_t at = begin, end = s_end (self);
    size_t last = self->ended ? 0 : track->tail + pattern->lead;
    last = last < self->size ? last : self->size;
    bool waits = s_go_on (self, number, &at);
    if (!waits && pattern->has_hints)
        s_try_hints (self, number, spans, at, end - last);
    else if (!waits)
        s_search (self, number, &at, end);
    track->first = track->last = track->tail = 0;
    track->has_span = track->called = false;
}

//  ---- a block

static void
s_call (guard_text_t *self, unsigned pattern)
{
    track_t *track = &self->tracks[pattern];
    if (track->called)
        return;
    if (!track->used)
        self->used[self->used_size++] = (uint16_t) pattern;
    track->used = track->called = true;
    self->called[self->called_size++] = (uint16_t) pattern;
}

//  A place where a hint begins. Those of one pattern come nearly in order: what is out of
//  order is nearer than the gap in which two spans are one.
static void
s_add_span (guard_text_t *self, unsigned number, span_t *spans, size_t *count, size_t at)
{
    track_t *track = &self->tracks[number];
    size_t lead = guard_rules_pattern (self->rules, number)->lead;
    uint32_t from = (uint32_t) (at > lead ? at - lead : 0), to = (uint32_t) at + 1;
    if (track->has_span && (from <= track->to + GAP || *count == SPANS)) {
        track->from = track->from < from ? track->from : from;
        track->to = track->to > to ? track->to : to;
        return;
    }
    if (track->has_span) {
        spans[*count] = (span_t) { track->from, track->to, 0 };
        ++*count;
        if (track->last)
            spans[track->last - 1].next = (uint16_t) *count;
        else
            track->first = (uint16_t) *count;
        track->last = (uint16_t) *count;
    }
    track->has_span = true;
    track->from = from;
    track->to = to;
}

//  Hints of a piece, as they are found.
typedef struct {
    guard_text_t *text;
    span_t *spans;
    size_t *count;
    size_t begin; //  offset of the piece in the window
} filter_t;

static void
s_on_hint (void *arg, unsigned pattern, size_t at)
{
    filter_t *filter = arg;
    if (filter->text->plan->actions[pattern] == GUARD_OFF)
        return;
    s_call (filter->text, pattern);
    s_add_span (filter->text, pattern, filter->spans, filter->count, filter->begin + at);
}

//  Looks for hints in the bytes from `begin` on, an offset in the window.
static void
s_filter (guard_text_t *self, size_t begin, span_t *spans, size_t *count)
{
    guard_prefilter_t *prefilter = guard_rules_prefilter (self->rules);
    filter_t filter = { self, spans, count, begin };
    uint32_t state = guard_prefilter_scan (prefilter, self->window + begin,
                                           self->size - begin, s_on_hint, &filter);
    size_t hint_count = 0;
    const guard_hint_t *hints = guard_prefilter_under_way (prefilter, state, &hint_count);
    for (size_t i = 0; i < hint_count; i++) {
        track_t *track = &self->tracks[hints[i].pattern];
        if (self->plan->actions[hints[i].pattern] == GUARD_OFF)
            continue;
        s_call (self, hints[i].pattern);
        if (track->tail < hints[i].size)
            track->tail = hints[i].size;
    }
}

static void
s_try_called (guard_text_t *self, const span_t *spans, uint64_t begin)
{
    self->waiting_size = 0;
    for (size_t i = 0; i < self->called_size; i++) {
        unsigned pattern = self->called[i];
        s_try (self, pattern, spans, begin);
        if (self->tracks[pattern].waits)
            self->waiting[self->waiting_size++] = (uint16_t) pattern;
    }
    self->called_size = 0;
}

//  Tries a pattern where it guessed that a match may be under way.
static void
s_confirm (guard_text_t *self, unsigned number)
{
    track_t *track = &self->tracks[number];
    uint64_t at = track->mark;
    track->waits = track->guess = false;
    s_search (self, number, &at, s_end (self));
}

//  Only the least mark counts: of patterns that guessed theirs those are tried that would
//  have a lesser one; but where all that is looked for only warns, nobody waits for what is
//  decided, and a guess will do. ret: the least mark
static uint64_t
s_least (guard_text_t *self)
{
    uint64_t least = s_end (self);
    size_t kept = 0;
    bool only_warns = self->plan->kind.most <= GUARD_WARN;
    for (size_t i = 0; i < self->waiting_size; i++) {
        const track_t *track = &self->tracks[self->waiting[i]];
        if ((!track->guess || only_warns) && track->mark < least)
            least = track->mark;
    }
    for (size_t i = 0; i < self->waiting_size; i++) {
        unsigned number = self->waiting[i];
        const track_t *track = &self->tracks[number];
        if (track->guess && track->mark < least) {
            s_confirm (self, number);
            if (track->waits && track->mark < least)
                least = track->mark;
        }
        if (track->waits)
            self->waiting[kept++] = (uint16_t) number;
    }
    self->waiting_size = kept;
    return least;
}

//  A pattern that fails open does not wait for the match that is under way, and goes on
//  behind what was held for it.
static void
s_give_up (guard_text_t *self, unsigned number, uint64_t upto)
{
    track_t *track = &self->tracks[number];
    s_tell (self, number, GUARD_FAILED, track->mark, upto, GUARD_WARN, !track->told);
    track->told = true;
    track->waits = false;
    track->mode = SEARCHES;
    s_search (self, number, &upto, s_end (self));
}

//  Moves on what is decided, and the window behind it.
static void
s_settle (guard_text_t *self)
{
    uint64_t least = s_least (self);
    guard_redactions_settle (&self->redactions, least, self->ended);
    size_t keep = (size_t) (s_end (self) - least) + guard_rules_behind (self->rules);
    if (keep * 2 > self->size)
        return;
    self->base += self->size - keep;
    memmove (self->window, self->window + self->size - keep, keep);
    self->size = keep;
}

static void
s_take (guard_text_t *self, const void *bytes, size_t size)
{
    if (self->size + size > self->room) {
        self->room = (self->size + size) * 2;
        self->window = br_realloc (self->window, self->room);
    }
    memcpy (self->window + self->size, bytes, size);
    self->size += size;
}

//  The first byte of new ones, or of those that a pattern with hints waits for.
static size_t
s_filter_from (const guard_text_t *self, size_t begin)
{
    for (size_t i = 0; i < self->waiting_size; i++) {
        const track_t *track = &self->tracks[self->waiting[i]];
        const guard_pattern_t *pattern = guard_rules_pattern (self->rules,
                                                              self->waiting[i]);
        uint64_t mark = track->mark;
        if (track->guess && track->hint > mark)
            mark = track->hint;
        if (pattern->has_hints && mark - self->base < begin)
            begin = (size_t) (mark - self->base);
    }
    return begin;
}

static void
s_look (guard_text_t *self, const void *bytes, size_t size)
{
    span_t spans[SPANS];
    size_t count = 0, begin = s_filter_from (self, self->size);
    uint64_t from = s_end (self);
    if (!self->tracks && size > 0)
        s_begin (self);
    if (!self->tracks) { //  it ends, and never had a byte
        s_settle (self);
        return;
    }
    if (size > 0)
        s_take (self, bytes, size);
    for (size_t i = 0; i < self->waiting_size; i++)
        s_call (self, self->waiting[i]);
    for (size_t i = 0; !self->ended && i < self->plan->always_size; i++)
        s_call (self, self->plan->always[i]);
    if (self->plan->has_hints && begin < self->size)
        s_filter (self, begin, spans, &count);
    s_try_called (self, spans, from);
    s_settle (self);
}

//  ---- public

int
guard_text_push (guard_text_t *self, const void *bytes, size_t size)
{
    assert (!self->ended);
    for (const uint8_t *at = bytes; size > 0;) {
        size_t some = size < BLOCK ? size : BLOCK;
        s_look (self, at, some);
        at += some;
        size -= some;
    }
    return self->blocked ? -1 : 0;
}

int
guard_text_end (guard_text_t *self)
{
    if (!self->ended) {
        self->ended = true;
        s_look (self, NULL, 0);
    }
    return self->blocked ? -1 : 0;
}

uint64_t
guard_text_closed (guard_text_t *self, uint64_t upto)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->waiting_size; i++) {
        unsigned number = self->waiting[i];
        const track_t *track = &self->tracks[number];
        if (track->guess && track->mark < upto)
            s_confirm (self, number);
        if (track->waits && track->mark < upto && !self->plan->fails_open[number])
            upto = track->mark;
        if (track->waits)
            self->waiting[kept++] = (uint16_t) number;
    }
    self->waiting_size = kept;
    return upto;
}

int
guard_text_expire (guard_text_t *self, uint64_t upto)
{
    size_t kept = 0;
    upto = guard_text_closed (self, upto < s_end (self) ? upto : s_end (self));
    for (size_t i = 0; i < self->waiting_size; i++) {
        unsigned number = self->waiting[i];
        if (self->tracks[number].mark < upto)
            s_give_up (self, number, upto);
        if (self->tracks[number].waits)
            self->waiting[kept++] = (uint16_t) number;
    }
    self->waiting_size = kept;
    s_settle (self);
    guard_redactions_expire (&self->redactions, upto);
    return self->blocked ? -1 : 0;
}

uint64_t
guard_text_decided (const guard_text_t *self)
{
    return self->redactions.decided;
}

const guard_range_t *
guard_text_ranges (const guard_text_t *self, size_t *ret_count)
{
    return guard_redactions_told (&self->redactions, ret_count);
}

void
guard_text_drop (guard_text_t *self, uint64_t upto)
{
    guard_redactions_drop (&self->redactions, upto);
}
