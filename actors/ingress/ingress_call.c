//  ingress_call: the states of a call and what leads from one to the next.
//
//  Nothing is written until the head of an attempt has come (WAIT), nor while a single
//  answer may still turn out short (HOLD). The first byte written is the commit point:
//  from then on (STREAM) the answer ends well or with the protocol's own error, and no
//  other attempt may follow, but for one that goes on where the attempt broke off: that is
//  waited for (JOIN). When the router is gone (ALONE) the call settles itself, and nothing
//  goes on.

#include <stdlib.h>

#include "actors/ingress/ingress_step.h"
#include "broker/core/alloc.h"

typedef enum {
    HEAD, //  words of the newest attempt, in sequence
    DELTA,
    END,
    ERROR,
    BROKEN,
    GAP,   //  a word out of sequence
    STALE, //  a word of an attempt that no longer counts
    FENCE,
    WRITTEN,
    ROUTER_GONE,
    UPSTREAM_GONE,
    GUARD_GONE,
    CLIENT_GONE,
    CANCELLED,
    EXPIRED,
    SILENCE,
    EVENTS
} event_t;

//  ---- the table

static ingress_step_fn *const s_table[CALL_STATES][EVENTS] = {
    [CALL_WAIT] = { [HEAD] = ingress_step_begin,
                    [DELTA] = ingress_step_nonsense,
                    [END] = ingress_step_nonsense,
                    [ERROR] = ingress_step_refuse,
                    [BROKEN] = ingress_step_nonsense,
                    [GAP] = ingress_step_nonsense,
                    [STALE] = ingress_step_stop,
                    [FENCE] = ingress_step_fence,
                    [WRITTEN] = ingress_step_ignore,
                    [ROUTER_GONE] = ingress_step_fail_gone,
                    [UPSTREAM_GONE] = ingress_step_note_gone,
                    [GUARD_GONE] = ingress_step_lose_guard,
                    [CLIENT_GONE] = ingress_step_leave,
                    [CANCELLED] = ingress_step_cancel,
                    [EXPIRED] = ingress_step_expire,
                    [SILENCE] = ingress_step_ignore },
    [CALL_HOLD] = { [HEAD] = ingress_step_nonsense,
                    [DELTA] = ingress_step_collect,
                    [END] = ingress_step_reply,
                    [ERROR] = ingress_step_refuse,
                    [BROKEN] = ingress_step_nonsense,
                    [GAP] = ingress_step_nonsense,
                    [STALE] = ingress_step_stop,
                    [FENCE] = ingress_step_fence,
                    [WRITTEN] = ingress_step_ignore,
                    [ROUTER_GONE] = ingress_step_fail_gone,
                    [UPSTREAM_GONE] = ingress_step_note_gone,
                    [GUARD_GONE] = ingress_step_lose_guard,
                    [CLIENT_GONE] = ingress_step_leave,
                    [CANCELLED] = ingress_step_cancel,
                    [EXPIRED] = ingress_step_expire,
                    [SILENCE] = ingress_step_ignore },
    [CALL_STREAM] = { [HEAD] = ingress_step_nonsense,
                      [DELTA] = ingress_step_pass,
                      [END] = ingress_step_finish,
                      [ERROR] = ingress_step_break,
                      [BROKEN] = ingress_step_join,
                      [GAP] = ingress_step_nonsense,
                      [STALE] = ingress_step_stop,
                      [FENCE] = ingress_step_fence_late,
                      [WRITTEN] = ingress_step_move_on,
                      [ROUTER_GONE] = ingress_step_go_alone,
                      [UPSTREAM_GONE] = ingress_step_note_gone,
                      [GUARD_GONE] = ingress_step_lose_guard,
                      [CLIENT_GONE] = ingress_step_leave,
                      [CANCELLED] = ingress_step_cancel,
                      [EXPIRED] = ingress_step_expire,
                      [SILENCE] = ingress_step_keep },
    [CALL_JOIN] = { [HEAD] = ingress_step_go_on,
                    [DELTA] = ingress_step_nonsense,
                    [END] = ingress_step_nonsense,
                    [ERROR] = ingress_step_break,
                    [BROKEN] = ingress_step_nonsense,
                    [GAP] = ingress_step_nonsense,
                    [STALE] = ingress_step_stop,
                    [FENCE] = ingress_step_fence_join,
                    [WRITTEN] = ingress_step_move_on,
                    [ROUTER_GONE] = ingress_step_fail_alone,
                    [UPSTREAM_GONE] = ingress_step_ignore,
                    [GUARD_GONE] = ingress_step_lose_guard,
                    [CLIENT_GONE] = ingress_step_leave,
                    [CANCELLED] = ingress_step_cancel,
                    [EXPIRED] = ingress_step_expire,
                    [SILENCE] = ingress_step_keep },
    [CALL_ALONE] = { [HEAD] = ingress_step_nonsense,
                     [DELTA] = ingress_step_pass,
                     [END] = ingress_step_finish,
                     [ERROR] = ingress_step_break,
                     [BROKEN] = ingress_step_break_alone,
                     [GAP] = ingress_step_nonsense,
                     [STALE] = ingress_step_stop,
                     [FENCE] = ingress_step_fence_late,
                     [WRITTEN] = ingress_step_move_on,
                     [ROUTER_GONE] = ingress_step_ignore,
                     [UPSTREAM_GONE] = ingress_step_fail_alone,
                     [GUARD_GONE] = ingress_step_fail_alone,
                     [CLIENT_GONE] = ingress_step_leave_alone,
                     [CANCELLED] = ingress_step_cancel,
                     [EXPIRED] = ingress_step_expire,
                     [SILENCE] = ingress_step_keep },
    [CALL_OVER] = { [HEAD] = ingress_step_ignore,
                    [DELTA] = ingress_step_ignore,
                    [END] = ingress_step_ignore,
                    [ERROR] = ingress_step_ignore,
                    [BROKEN] = ingress_step_ignore,
                    [GAP] = ingress_step_ignore,
                    [STALE] = ingress_step_ignore,
                    [FENCE] = ingress_step_fence_over,
                    [WRITTEN] = ingress_step_ignore,
                    [ROUTER_GONE] = ingress_step_ignore,
                    [UPSTREAM_GONE] = ingress_step_ignore,
                    [GUARD_GONE] = ingress_step_ignore,
                    [CLIENT_GONE] = ingress_step_ignore,
                    [CANCELLED] = ingress_step_ignore,
                    [EXPIRED] = ingress_step_ignore,
                    [SILENCE] = ingress_step_ignore },
};

//  What a word of an answer is: itself, if it is the next one of the newest attempt. An
//  attempt that was not heard of takes the place of the one before, unless something of
//  that was written, and it did not break off; the router's last word counts even then.
static event_t
s_judge (ingress_call_t *self, event_t event, uint32_t attempt, uint64_t seq)
{
    if (attempt <= self->fenced || attempt < self->attempt)
        return STALE;
    bool fresh = attempt > self->attempt;
    if (fresh && (self->state == CALL_STREAM || self->state == CALL_ALONE))
        return event == ERROR && seq == 0 ? ERROR : STALE;
    if (fresh && self->state != CALL_OVER) {
        if (self->state == CALL_JOIN)
            self->seq = 0;
        else
            ingress_step_drop (self);
        self->attempt = attempt;
    }
    if (seq != self->seq)
        return GAP;
    self->seq++;
    return event;
}

static void
s_feed (ingress_call_t *self, event_t event, const ingress_word_t *word)
{
    s_table[self->state][event](self, word);
}

static void
s_feed_word (ingress_call_t *self, event_t event, uint64_t seq,
             const ingress_word_t *word)
{
    s_feed (self, s_judge (self, event, word->attempt, seq), word);
}

//  ---- public functions

ingress_call_t *
ingress_call_new (br_surface_t surface, const ingress_out_t *out, void *arg)
{
    ingress_call_t *self = BR_NEW (ingress_call_t);
    self->out = out;
    self->arg = arg;
    ingress_answer_init (&self->answer, surface, out, arg);
    return self;
}

void
ingress_call_destroy (ingress_call_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ingress_call_t *self = *self_p;
    ingress_answer_free (&self->answer);
    free (self);
    *self_p = NULL;
}

void
ingress_call_as_array (ingress_call_t *self)
{
    ingress_answer_as_array (&self->answer);
}

void
ingress_call_finish_unattended (ingress_call_t *self)
{
    self->unattended = true;
}

void
ingress_call_pass_guard (ingress_call_t *self)
{
    self->guarded = true;
}

void
ingress_call_head (ingress_call_t *self, uint32_t attempt,
                   const struct br_reply_head *head, br_blob_t *body)
{
    ingress_word_t word = { .attempt = attempt, .fields = head, .body = body };
    s_feed_word (self, HEAD, head->seq, &word);
}

void
ingress_call_delta (ingress_call_t *self, uint32_t attempt,
                    const struct br_reply_delta *delta, br_blob_t *body)
{
    ingress_word_t word = { .attempt = attempt, .fields = delta, .body = body };
    s_feed_word (self, DELTA, delta->seq, &word);
}

void
ingress_call_end (ingress_call_t *self, uint32_t attempt, const struct br_reply_end *end)
{
    ingress_word_t word = { .attempt = attempt, .fields = end };
    s_feed_word (self, END, end->seq, &word);
}

void
ingress_call_error (ingress_call_t *self, uint32_t attempt,
                    const struct br_reply_error *error, br_blob_t *body)
{
    ingress_word_t word = { .attempt = attempt, .fields = error, .body = body };
    s_feed_word (self, ERROR, error->seq, &word);
}

void
ingress_call_broken (ingress_call_t *self, uint32_t attempt,
                     const struct br_reply_broken *broken)
{
    ingress_word_t word = { .attempt = attempt, .fields = broken };
    s_feed_word (self, BROKEN, broken->seq, &word);
}

void
ingress_call_fence (ingress_call_t *self, uint32_t attempt)
{
    ingress_word_t word = { .attempt = attempt };
    s_feed (self, FENCE, &word);
}

void
ingress_call_written (ingress_call_t *self, uint64_t body_bytes)
{
    ingress_word_t word = { .bytes = body_bytes };
    s_feed (self, WRITTEN, &word);
}

void
ingress_call_news (ingress_call_t *self, ingress_news_t news)
{
    static const event_t events[] = {
        [INGRESS_ROUTER_GONE] = ROUTER_GONE, [INGRESS_UPSTREAM_GONE] = UPSTREAM_GONE,
        [INGRESS_GUARD_GONE] = GUARD_GONE,   [INGRESS_CLIENT_GONE] = CLIENT_GONE,
        [INGRESS_CANCELLED] = CANCELLED,     [INGRESS_EXPIRED] = EXPIRED,
        [INGRESS_SILENCE] = SILENCE
    };
    ingress_word_t word = { .attempt = self->attempt };
    s_feed (self, events[news], &word);
}

bool
ingress_call_is_over (const ingress_call_t *self)
{
    return self->state == CALL_OVER;
}

bool
ingress_call_is_committed (const ingress_call_t *self)
{
    return self->answer.status != 0;
}

bool
ingress_call_is_between (const ingress_call_t *self)
{
    return ingress_answer_is_between (&self->answer);
}

bool
ingress_call_counts (const ingress_call_t *self, uint32_t attempt)
{
    bool may_follow = self->state == CALL_JOIN || self->answer.status == 0;
    return attempt == self->attempt || (attempt > self->attempt && may_follow);
}

uint32_t
ingress_call_attempt (const ingress_call_t *self)
{
    return self->attempt;
}

const char *
ingress_call_provider (const ingress_call_t *self)
{
    return self->answer.provider;
}

const char *
ingress_call_model (const ingress_call_t *self)
{
    return self->answer.model;
}

unsigned
ingress_call_status (const ingress_call_t *self)
{
    return self->answer.status;
}
