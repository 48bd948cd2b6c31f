//  guard_body: a whole body against the rules.
//
//  Where its texts stand is found in slices, and so are they looked at: those that stand in one
//  place by guard_whole, those in several by guard_parts, which has something left to do when
//  all are through. Places are kept no longer than until they are looked at.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_body.h"
#include "broker/guard/guard_edits.h"
#include "broker/guard/guard_parts.h"
#include "broker/guard/guard_whole.h"

#define WALKED 16384         //  bytes that are walked at once
#define WALK_SHARE 4         //  a byte that is walked counts one of so many
#define SPANS_MAX 1000000    //  texts of one walk
#define REPEATED_MAX 1000000 //  of one body; one with more is as one that is unreadable
#define REPEATED_COST 64     //  bytes that it counts
#define FINDING_COST 512     //  bytes that a finding counts: about 1.5 us

typedef enum {
    LOOKS,    //
    FINISHES, //  texts in several parts
    FORGETS,  //  words that are said once more, when some were changed
    DONE
} phase_t;

//  The part of a span that is under way.
typedef enum {
    NOTHING,
    WHOLE,
    PART
} busy_t;

struct _guard_body_t {
    br_text_t source; //  borrowed
    guard_lane_rules_t rules;
    guard_body_fn *fn; //  borrowed; MAY be NULL
    void *arg;         //  borrowed
    br_texts_t *texts; //  owned
    bool is_walked;
    br_buf_t spans; //  of br_text_span_t: of the last walk
    size_t next;    //  index of the span under way
    busy_t busy;
    br_text_place_t place;
    br_buf_t repeated; //  of br_text_span_t
    guard_channel_t *channels[GUARD_JSON + 1];
    guard_whole_t *whole;
    guard_parts_t *parts;
    guard_edits_t edits;
    phase_t phase;
    size_t left; //  bytes of the step under way
    guard_body_verdict_t verdict;
};

static void
s_hear (void *arg, const guard_finding_t *finding, br_text_place_t place)
{
    guard_body_t *self = arg;
    guard_whole_spend (&self->left, FINDING_COST);
    if (self->fn)
        self->fn (self->arg, finding, place);
}

static void
s_found (void *arg, const guard_finding_t *finding)
{
    guard_body_t *self = arg;
    s_hear (self, finding, self->place);
}

guard_body_t *
guard_body_new (const guard_rules_t *rules, guard_sets_t sets,
                guard_direction_t direction, guard_action_t least, guard_action_t most,
                br_surface_t surface, const void *bytes, size_t size, guard_body_fn *fn,
                void *arg)
{
    guard_body_t *self = BR_NEW (guard_body_t);
    self->source = (br_text_t) { bytes, size };
    self->rules = (guard_lane_rules_t) {
        rules, sets, direction, least, most, s_hear, self
    };
    self->fn = fn;
    self->arg = arg;
    self->texts = direction == GUARD_UP ? br_texts_new_request (surface, bytes, size)
                                        : br_texts_new_answer (surface, bytes, size);
    br_buf_init (&self->spans, SPANS_MAX * sizeof (br_text_span_t));
    br_buf_init (&self->repeated, REPEATED_MAX * sizeof (br_text_span_t));
    for (guard_form_t form = GUARD_PLAIN; form <= GUARD_JSON; form++)
        self->channels[form] = guard_channel_new_between (rules, sets, direction, least,
                                                          most, form, s_found, self);
    self->whole = guard_whole_new (self->channels[GUARD_PLAIN],
                                   self->channels[GUARD_JSON]);
    guard_edits_init (&self->edits);
    return self;
}

void
guard_body_destroy (guard_body_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_body_t *self = *self_p;
    guard_edits_free (&self->edits);
    guard_parts_destroy (&self->parts);
    guard_whole_destroy (&self->whole);
    for (guard_form_t form = GUARD_PLAIN; form <= GUARD_JSON; form++)
        guard_channel_destroy (&self->channels[form]);
    br_buf_free (&self->repeated);
    br_buf_free (&self->spans);
    br_texts_destroy (&self->texts);
    free (self);
    *self_p = NULL;
}

guard_body_verdict_t
guard_body_verdict (const guard_body_t *self)
{
    return self->verdict;
}

//  ---- looking; ret: 1 = there is more, 0 = the phase is over, -1 = something blocks

static int
s_keep_span (void *arg, const br_text_span_t *span)
{
    return br_buf_add (arg, span, sizeof *span);
}

//  Finds where the next texts stand.
static int
s_walk (guard_body_t *self)
{
    size_t most = self->left < WALKED ? self->left : WALKED;
    br_buf_clear (&self->spans);
    self->next = 0;
    guard_whole_spend (&self->left, most / WALK_SHARE + 1);
    int rc = br_texts_step (self->texts, most, s_keep_span, &self->spans, NULL);
    self->is_walked = rc == 0;
    if (rc < 0)
        self->verdict = GUARD_BODY_UNREADABLE;
    return 1;
}

static const br_text_span_t *
s_span (const guard_body_t *self)
{
    const br_text_span_t *spans = (const void *) self->spans.data;
    size_t count = self->spans.size / sizeof *spans;
    return self->next < count ? spans + self->next : NULL;
}

static int
s_keep_repeated (guard_body_t *self, const br_text_span_t *span)
{
    guard_whole_spend (&self->left, REPEATED_COST);
    self->next++;
    if (br_buf_add (&self->repeated, span, sizeof *span) != 0)
        self->verdict = GUARD_BODY_UNREADABLE;
    return 1;
}

static int
s_begin (guard_body_t *self, const br_text_span_t *span)
{
    if (span->form == BR_TEXT_REPEATED)
        return s_keep_repeated (self, span);
    self->place = span->place;
    self->busy = guard_piece_is_part (span) ? PART : WHOLE;
    if (self->busy == WHOLE) {
        guard_whole_begin (self->whole, self->source, span);
        return 1;
    }
    if (!self->parts)
        self->parts = guard_parts_new (&self->rules, self->source);
    return guard_parts_begin (self->parts, span, &self->left) != 0 ? -1 : 1;
}

static int
s_look (guard_body_t *self)
{
    if (self->busy == NOTHING) {
        const br_text_span_t *span = s_span (self);
        if (span)
            return s_begin (self, span);
        return self->is_walked ? 0 : s_walk (self);
    }
    int rc = self->busy == WHOLE
                 ? guard_whole_step (self->whole, &self->left, &self->edits)
                 : guard_parts_step (self->parts, &self->left);
    if (rc != 0)
        return rc;
    self->busy = NOTHING;
    self->next++;
    return 1;
}

static int
s_finish (guard_body_t *self)
{
    int rc = self->parts ? guard_parts_finish (self->parts, &self->left, &self->edits)
                         : 0;
    if (rc == 0 && guard_edits_count (&self->edits))
        self->next = 0;
    return rc;
}

//  Where words are said once more, token by token, they are not said any more.
static int
s_forget (guard_body_t *self)
{
    const br_text_span_t *spans = (const void *) self->repeated.data;
    bool is_changed = guard_edits_count (&self->edits) > 0;
    if (!is_changed || self->next == self->repeated.size / sizeof *spans)
        return 0;
    const br_text_span_t *span = spans + self->next++;
    guard_edits_put (&self->edits, span->at, span->size,
                     self->source.at[span->at] == '[' ? BR_TEXT ("[]")
                                                      : BR_TEXT ("null"));
    guard_whole_spend (&self->left, REPEATED_COST);
    return 1;
}

//  One act of the step. ret: whether there may be more to do
static bool
s_act (guard_body_t *self)
{
    static int (*const phases[DONE]) (guard_body_t *) = {
        [LOOKS] = s_look,
        [FINISHES] = s_finish,
        [FORGETS] = s_forget,
    };
    int rc = phases[self->phase](self);
    if (rc < 0)
        self->verdict = GUARD_BODY_BLOCKED;
    if (rc == 0)
        self->phase++;
    if (self->phase == DONE && guard_edits_count (&self->edits))
        self->verdict = GUARD_BODY_CHANGED;
    return self->phase != DONE && self->verdict == GUARD_BODY_AS_IS;
}

int
guard_body_step (guard_body_t *self, size_t slice)
{
    bool goes_on = self->phase != DONE && self->verdict == GUARD_BODY_AS_IS;
    self->left = slice ? slice : 1;
    while (goes_on && self->left)
        goes_on = s_act (self);
    return goes_on;
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
