//  ingress_call: the states of a call and what leads from one to the next.
//
//  Nothing is written until the head of an attempt has come (WAIT), nor while a single
//  answer may still turn out short (HOLD). The first byte written is the commit point:
//  from then on (STREAM) the answer ends well or with the protocol's own error, and no
//  other attempt may follow, but for one that goes on where the attempt broke off: that is
//  waited for (JOIN). When the router is gone (ALONE) the call settles itself, and nothing
//  goes on.

#include <assert.h>
#include <stdlib.h>

#include "actors/ingress/ingress_call.h"
#include "broker/core/alloc.h"

typedef enum {
    WAIT,
    HOLD,
    STREAM,
    JOIN,
    ALONE,
    OVER,
    STATES
} state_t;

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

//  What an event brings; members that it does not bring are zero.
typedef struct _word_t {
    uint32_t attempt;
    const void *fields; //  the verb's struct
    br_blob_t *body;
    uint64_t bytes; //  written
} word_t;

struct _ingress_call_t {
    const ingress_out_t *out;
    void *arg; //  borrowed
    state_t state;
    uint32_t attempt; //  the newest that was heard of
    uint32_t fenced;  //  attempts up to it no longer count
    uint64_t seq;     //  of the next word
    bool upstream_gone;
    bool unattended; //  it goes on though the client has left
    bool guarded;    //  it passes a guard before it reaches a router
    ingress_answer_t answer;
};

//  ---- small parts

//  Forgets what came of the attempt; nothing of it was written.
static void
s_drop (ingress_call_t *self)
{
    assert (self->state == WAIT || self->state == HOLD);
    ingress_answer_drop (&self->answer);
    self->seq = 0;
    self->upstream_gone = false;
    self->state = WAIT;
}

static void
s_commit (ingress_call_t *self, br_blob_t *body, uint64_t upto)
{
    self->state = STREAM;
    ingress_answer_commit (&self->answer, body, upto);
}

static bool
s_is_committed (const ingress_call_t *self)
{
    return self->state == STREAM || self->state == JOIN || self->state == ALONE;
}

//  Ends the answer with an error, in whatever way is still possible.
static void
s_fail (ingress_call_t *self, br_code_t code, const char *text)
{
    bool committed = s_is_committed (self);
    self->state = OVER;
    if (committed) {
        ingress_answer_cut (&self->answer, code, text);
        return;
    }
    struct br_reply_error error = { .code = code, .error = text, .content_type = "" };
    error.attempts = self->attempt;
    error.elsewhere_us = INGRESS_UNTOLD;
    ingress_answer_error (&self->answer, &error, NULL);
}

//  Fails a call of which somebody else does not know yet that it is over.
static void
s_abort (ingress_call_t *self, br_code_t code, const char *text)
{
    bool alone = self->state == ALONE;
    s_fail (self, code, text);
    if (!alone) {
        self->out->cancel (self->arg, text);
        return;
    }
    self->out->stop (self->arg, self->attempt);
    self->out->settle (self->arg, BR_OUTCOME_FAILED, code, NULL);
}

//  ---- what is done in the cells of the table

static void
s_ignore (ingress_call_t *self, const word_t *word)
{
    (void) self;
    (void) word;
}

static void
s_begin (ingress_call_t *self, const word_t *word)
{
    const struct br_reply_head *head = word->fields;
    if (ingress_answer_head (&self->answer, word->attempt, head)) {
        s_abort (self, BR_EUPINVALID, "the provider's status is none");
        return;
    }
    self->state = HOLD;
    if (self->answer.is_sse
        || ingress_answer_hold (&self->answer, word->body, head->upto))
        s_commit (self, word->body, head->upto);
}

static void
s_collect (ingress_call_t *self, const word_t *word)
{
    const struct br_reply_delta *delta = word->fields;
    if (ingress_answer_hold (&self->answer, word->body, delta->upto))
        s_commit (self, word->body, delta->upto);
}

static void
s_reply (ingress_call_t *self, const word_t *word)
{
    (void) word;
    self->state = OVER;
    ingress_answer_reply (&self->answer);
}

static void
s_pass (ingress_call_t *self, const word_t *word)
{
    const struct br_reply_delta *delta = word->fields;
    ingress_answer_pass (&self->answer, word->body, delta->upto);
}

static void
s_finish (ingress_call_t *self, const word_t *word)
{
    bool alone = self->state == ALONE;
    self->state = OVER;
    ingress_answer_end (&self->answer);
    if (alone)
        self->out->settle (self->arg, BR_OUTCOME_OK, BR_OK, word->fields);
}

//  What the guard refuses no router has seen: nobody else settles it.
static void
s_refuse (ingress_call_t *self, const word_t *word)
{
    const struct br_reply_error *error = word->fields;
    self->state = OVER;
    ingress_answer_error (&self->answer, error, word->body);
    if (!self->guarded || error->attempts)
        return;
    self->attempt = 0; //  none was made
    self->out->settle (self->arg, BR_OUTCOME_FAILED, ingress_answer_code (error->code),
                       NULL);
}

static void
s_break (ingress_call_t *self, const word_t *word)
{
    const struct br_reply_error *error = word->fields;
    br_code_t code = ingress_answer_code (error->code);
    bool alone = self->state == ALONE;
    self->state = OVER;
    ingress_answer_cut (&self->answer, code, error->error);
    if (alone)
        self->out->settle (self->arg, BR_OUTCOME_FAILED, code, NULL);
}

//  All words of the attempt are here, and no more will come.
static void
s_join (ingress_call_t *self, const word_t *word)
{
    self->state = JOIN;
    self->fenced = word->attempt;
    self->out->joined (self->arg, word->attempt);
}

static void
s_break_alone (ingress_call_t *self, const word_t *word)
{
    const struct br_reply_broken *broken = word->fields;
    br_code_t code = ingress_answer_code (broken->code);
    self->state = OVER;
    ingress_answer_cut (&self->answer, code, broken->error);
    self->out->settle (self->arg, BR_OUTCOME_FAILED, code, NULL);
}

//  Another attempt goes on with the answer.
static void
s_go_on (ingress_call_t *self, const word_t *word)
{
    const struct br_reply_head *head = word->fields;
    self->upstream_gone = false;
    if (ingress_answer_go_on (&self->answer, word->attempt, head)) {
        s_abort (self, BR_EUPINVALID, "the answer cannot be gone on with");
        return;
    }
    self->state = STREAM;
    ingress_answer_pass (&self->answer, word->body, head->upto);
    self->out->commit (self->arg, word->attempt);
}

static void
s_nonsense (ingress_call_t *self, const word_t *word)
{
    (void) word;
    s_abort (self, BR_EUPCUT, "a part of the answer was lost on its way");
}

static void
s_stop (ingress_call_t *self, const word_t *word)
{
    self->out->stop (self->arg, word->attempt);
}

//  Nothing of the attempt was written, and nothing will be.
static void
s_fence (ingress_call_t *self, const word_t *word)
{
    if (word->attempt > self->fenced)
        self->fenced = word->attempt;
    if (word->attempt >= self->attempt)
        s_drop (self);
    self->out->fenced (self->arg, word->attempt, false);
}

static void
s_fence_late (ingress_call_t *self, const word_t *word)
{
    if (word->attempt < self->attempt) {
        self->out->fenced (self->arg, word->attempt, false);
        return;
    }
    bool alone = self->state == ALONE;
    s_fail (self, BR_EGONE, "the host that worked on the call is gone");
    self->out->fenced (self->arg, word->attempt, true);
    if (alone)
        self->out->settle (self->arg, BR_OUTCOME_FAILED, BR_EGONE, NULL);
}

//  Nothing of it is here, or all is, and the router will know the next step.
static void
s_fence_join (ingress_call_t *self, const word_t *word)
{
    if (word->attempt > self->fenced)
        self->fenced = word->attempt;
    self->out->fenced (self->arg, word->attempt, false);
}

static void
s_fence_over (ingress_call_t *self, const word_t *word)
{
    self->out->fenced (self->arg, word->attempt, self->answer.status != 0);
}

static void
s_move_on (ingress_call_t *self, const word_t *word)
{
    ingress_answer_written (&self->answer, word->bytes);
}

static void
s_fail_gone (ingress_call_t *self, const word_t *word)
{
    (void) word;
    s_fail (self, BR_EGONE, "the host that worked on the call is gone");
}

static void
s_fail_alone (ingress_call_t *self, const word_t *word)
{
    s_fail_gone (self, word);
    self->out->settle (self->arg, BR_OUTCOME_FAILED, BR_EGONE, NULL);
}

//  The call may have got as far as the router, or not: the first settle wins.
static void
s_lose_guard (ingress_call_t *self, const word_t *word)
{
    (void) word;
    s_fail (self, BR_EGONE, "the host of the guard is gone");
    self->out->cancel (self->arg, "the host of the guard is gone");
    self->out->settle (self->arg, BR_OUTCOME_FAILED, BR_EGONE, NULL);
}

static void
s_go_alone (ingress_call_t *self, const word_t *word)
{
    self->state = ALONE;
    if (self->upstream_gone)
        s_fail_alone (self, word);
}

static void
s_note_gone (ingress_call_t *self, const word_t *word)
{
    (void) word;
    self->upstream_gone = true; //  the router will fence
}

static void
s_leave (ingress_call_t *self, const word_t *word)
{
    (void) word;
    if (self->unattended) {
        ingress_answer_deafen (&self->answer);
        return;
    }
    self->state = OVER;
    self->out->cancel (self->arg, "the client is gone");
}

static void
s_leave_alone (ingress_call_t *self, const word_t *word)
{
    (void) word;
    if (self->unattended) {
        ingress_answer_deafen (&self->answer);
        return;
    }
    self->state = OVER;
    self->out->stop (self->arg, self->attempt);
    self->out->settle (self->arg, BR_OUTCOME_CANCELLED, BR_ECANCELLED, NULL);
}

static void
s_cancel (ingress_call_t *self, const word_t *word)
{
    (void) word;
    s_abort (self, BR_EUNAVAILABLE, "bitrouter is stopping; try again");
}

static void
s_expire (ingress_call_t *self, const word_t *word)
{
    (void) word;
    s_abort (self, BR_ETIMEOUT, "the time that the client allows has passed");
}

static void
s_keep (ingress_call_t *self, const word_t *word)
{
    (void) word;
    ingress_answer_keep (&self->answer);
}

//  ---- the table

typedef void (action_fn) (ingress_call_t *self, const word_t *word);

static action_fn *const s_table[STATES][EVENTS] = {
    [WAIT] = { [HEAD] = s_begin,
               [DELTA] = s_nonsense,
               [END] = s_nonsense,
               [ERROR] = s_refuse,
               [BROKEN] = s_nonsense,
               [GAP] = s_nonsense,
               [STALE] = s_stop,
               [FENCE] = s_fence,
               [WRITTEN] = s_ignore,
               [ROUTER_GONE] = s_fail_gone,
               [UPSTREAM_GONE] = s_note_gone,
               [GUARD_GONE] = s_lose_guard,
               [CLIENT_GONE] = s_leave,
               [CANCELLED] = s_cancel,
               [EXPIRED] = s_expire,
               [SILENCE] = s_ignore },
    [HOLD] = { [HEAD] = s_nonsense,
               [DELTA] = s_collect,
               [END] = s_reply,
               [ERROR] = s_refuse,
               [BROKEN] = s_nonsense,
               [GAP] = s_nonsense,
               [STALE] = s_stop,
               [FENCE] = s_fence,
               [WRITTEN] = s_ignore,
               [ROUTER_GONE] = s_fail_gone,
               [UPSTREAM_GONE] = s_note_gone,
               [GUARD_GONE] = s_lose_guard,
               [CLIENT_GONE] = s_leave,
               [CANCELLED] = s_cancel,
               [EXPIRED] = s_expire,
               [SILENCE] = s_ignore },
    [STREAM] = { [HEAD] = s_nonsense,
                 [DELTA] = s_pass,
                 [END] = s_finish,
                 [ERROR] = s_break,
                 [BROKEN] = s_join,
                 [GAP] = s_nonsense,
                 [STALE] = s_stop,
                 [FENCE] = s_fence_late,
                 [WRITTEN] = s_move_on,
                 [ROUTER_GONE] = s_go_alone,
                 [UPSTREAM_GONE] = s_note_gone,
                 [GUARD_GONE] = s_lose_guard,
                 [CLIENT_GONE] = s_leave,
                 [CANCELLED] = s_cancel,
                 [EXPIRED] = s_expire,
                 [SILENCE] = s_keep },
    [JOIN] = { [HEAD] = s_go_on,
               [DELTA] = s_nonsense,
               [END] = s_nonsense,
               [ERROR] = s_break,
               [BROKEN] = s_nonsense,
               [GAP] = s_nonsense,
               [STALE] = s_stop,
               [FENCE] = s_fence_join,
               [WRITTEN] = s_move_on,
               [ROUTER_GONE] = s_fail_alone,
               [UPSTREAM_GONE] = s_ignore,
               [GUARD_GONE] = s_lose_guard,
               [CLIENT_GONE] = s_leave,
               [CANCELLED] = s_cancel,
               [EXPIRED] = s_expire,
               [SILENCE] = s_keep },
    [ALONE] = { [HEAD] = s_nonsense,
                [DELTA] = s_pass,
                [END] = s_finish,
                [ERROR] = s_break,
                [BROKEN] = s_break_alone,
                [GAP] = s_nonsense,
                [STALE] = s_stop,
                [FENCE] = s_fence_late,
                [WRITTEN] = s_move_on,
                [ROUTER_GONE] = s_ignore,
                [UPSTREAM_GONE] = s_fail_alone,
                [GUARD_GONE] = s_fail_alone,
                [CLIENT_GONE] = s_leave_alone,
                [CANCELLED] = s_cancel,
                [EXPIRED] = s_expire,
                [SILENCE] = s_keep },
    [OVER] = { [HEAD] = s_ignore,
               [DELTA] = s_ignore,
               [END] = s_ignore,
               [ERROR] = s_ignore,
               [BROKEN] = s_ignore,
               [GAP] = s_ignore,
               [STALE] = s_ignore,
               [FENCE] = s_fence_over,
               [WRITTEN] = s_ignore,
               [ROUTER_GONE] = s_ignore,
               [UPSTREAM_GONE] = s_ignore,
               [GUARD_GONE] = s_ignore,
               [CLIENT_GONE] = s_ignore,
               [CANCELLED] = s_ignore,
               [EXPIRED] = s_ignore,
               [SILENCE] = s_ignore },
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
    if (fresh && (self->state == STREAM || self->state == ALONE))
        return event == ERROR && seq == 0 ? ERROR : STALE;
    if (fresh && self->state != OVER) {
        if (self->state == JOIN)
            self->seq = 0;
        else
            s_drop (self);
        self->attempt = attempt;
    }
    if (seq != self->seq)
        return GAP;
    self->seq++;
    return event;
}

static void
s_feed (ingress_call_t *self, event_t event, const word_t *word)
{
    s_table[self->state][event](self, word);
}

static void
s_feed_word (ingress_call_t *self, event_t event, uint64_t seq, const word_t *word)
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
    word_t word = { .attempt = attempt, .fields = head, .body = body };
    s_feed_word (self, HEAD, head->seq, &word);
}

void
ingress_call_delta (ingress_call_t *self, uint32_t attempt,
                    const struct br_reply_delta *delta, br_blob_t *body)
{
    word_t word = { .attempt = attempt, .fields = delta, .body = body };
    s_feed_word (self, DELTA, delta->seq, &word);
}

void
ingress_call_end (ingress_call_t *self, uint32_t attempt, const struct br_reply_end *end)
{
    word_t word = { .attempt = attempt, .fields = end };
    s_feed_word (self, END, end->seq, &word);
}

void
ingress_call_error (ingress_call_t *self, uint32_t attempt,
                    const struct br_reply_error *error, br_blob_t *body)
{
    word_t word = { .attempt = attempt, .fields = error, .body = body };
    s_feed_word (self, ERROR, error->seq, &word);
}

void
ingress_call_broken (ingress_call_t *self, uint32_t attempt,
                     const struct br_reply_broken *broken)
{
    word_t word = { .attempt = attempt, .fields = broken };
    s_feed_word (self, BROKEN, broken->seq, &word);
}

void
ingress_call_fence (ingress_call_t *self, uint32_t attempt)
{
    word_t word = { .attempt = attempt };
    s_feed (self, FENCE, &word);
}

void
ingress_call_written (ingress_call_t *self, uint64_t body_bytes)
{
    word_t word = { .bytes = body_bytes };
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
    word_t word = { .attempt = self->attempt };
    s_feed (self, events[news], &word);
}

bool
ingress_call_is_over (const ingress_call_t *self)
{
    return self->state == OVER;
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
    bool may_follow = self->state == JOIN || self->answer.status == 0;
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
