//  ingress_step: a function for each thing that is done, in the order of a call's life.

#include <assert.h>

#include "actors/ingress/ingress_step.h"

//  ---- small parts

//  Forgets what came of the attempt; nothing of it was written.
void
ingress_step_drop (ingress_call_t *self)
{
    assert (self->state == CALL_WAIT || self->state == CALL_HOLD);
    ingress_answer_drop (&self->answer);
    self->seq = 0;
    self->upstream_gone = false;
    self->state = CALL_WAIT;
}

static void
s_commit (ingress_call_t *self, br_blob_t *body, uint64_t upto)
{
    self->state = CALL_STREAM;
    ingress_answer_commit (&self->answer, body, upto);
}

static bool
s_is_committed (const ingress_call_t *self)
{
    return self->state == CALL_STREAM || self->state == CALL_JOIN
           || self->state == CALL_ALONE;
}

//  Ends the answer with an error, in whatever way is still possible.
static void
s_fail (ingress_call_t *self, br_code_t code, const char *text)
{
    bool committed = s_is_committed (self);
    self->state = CALL_OVER;
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
    bool alone = self->state == CALL_ALONE;
    s_fail (self, code, text);
    if (!alone) {
        self->out->cancel (self->arg, BR_OK, text);
        return;
    }
    self->out->stop (self->arg, self->attempt);
    self->out->settle (self->arg, BR_OUTCOME_FAILED, code, NULL);
}

//  The last word has come, of which the guard alone knows that it was.
static void
s_tell_end (ingress_call_t *self, uint32_t attempt, br_code_t code)
{
    if (self->guarded)
        self->out->answered (self->arg, attempt, code);
}

//  ---- what is done in the cells of the table

void
ingress_step_ignore (ingress_call_t *self, const ingress_word_t *word)
{
    (void) self;
    (void) word;
}

void
ingress_step_begin (ingress_call_t *self, const ingress_word_t *word)
{
    const struct br_reply_head *head = word->fields;
    if (ingress_answer_head (&self->answer, word->attempt, head)) {
        s_abort (self, BR_EUPINVALID, "the provider's status is none");
        return;
    }
    self->state = CALL_HOLD;
    if (self->answer.is_sse
        || ingress_answer_hold (&self->answer, word->body, head->upto))
        s_commit (self, word->body, head->upto);
}

void
ingress_step_collect (ingress_call_t *self, const ingress_word_t *word)
{
    const struct br_reply_delta *delta = word->fields;
    if (ingress_answer_hold (&self->answer, word->body, delta->upto))
        s_commit (self, word->body, delta->upto);
}

void
ingress_step_reply (ingress_call_t *self, const ingress_word_t *word)
{
    self->state = CALL_OVER;
    ingress_answer_reply (&self->answer);
    s_tell_end (self, word->attempt, BR_OK);
}

void
ingress_step_pass (ingress_call_t *self, const ingress_word_t *word)
{
    const struct br_reply_delta *delta = word->fields;
    ingress_answer_pass (&self->answer, word->body, delta->upto);
}

void
ingress_step_finish (ingress_call_t *self, const ingress_word_t *word)
{
    bool alone = self->state == CALL_ALONE;
    self->state = CALL_OVER;
    ingress_answer_end (&self->answer);
    if (alone)
        self->out->settle (self->arg, BR_OUTCOME_OK, BR_OK, word->fields);
    else
        s_tell_end (self, word->attempt, BR_OK);
}

//  What the guard refuses no router has seen: nobody else settles it.
void
ingress_step_refuse (ingress_call_t *self, const ingress_word_t *word)
{
    const struct br_reply_error *error = word->fields;
    br_code_t code = ingress_answer_code (error->code);
    self->state = CALL_OVER;
    ingress_answer_error (&self->answer, error, word->body);
    if (!self->guarded || error->attempts) {
        s_tell_end (self, word->attempt, code);
        return;
    }
    self->attempt = 0; //  none was made
    self->out->settle (self->arg, BR_OUTCOME_FAILED, code, NULL);
}

void
ingress_step_break (ingress_call_t *self, const ingress_word_t *word)
{
    const struct br_reply_error *error = word->fields;
    br_code_t code = ingress_answer_code (error->code);
    bool alone = self->state == CALL_ALONE;
    self->state = CALL_OVER;
    ingress_answer_cut (&self->answer, code, error->error);
    if (alone)
        self->out->settle (self->arg, BR_OUTCOME_FAILED, code, NULL);
    else
        s_tell_end (self, word->attempt, code);
}

//  All words of the attempt are here, and no more will come.
void
ingress_step_join (ingress_call_t *self, const ingress_word_t *word)
{
    self->state = CALL_JOIN;
    self->fenced = word->attempt;
    self->out->joined (self->arg, word->attempt);
}

void
ingress_step_break_alone (ingress_call_t *self, const ingress_word_t *word)
{
    const struct br_reply_broken *broken = word->fields;
    br_code_t code = ingress_answer_code (broken->code);
    self->state = CALL_OVER;
    ingress_answer_cut (&self->answer, code, broken->error);
    self->out->settle (self->arg, BR_OUTCOME_FAILED, code, NULL);
}

//  Another attempt goes on with the answer.
void
ingress_step_go_on (ingress_call_t *self, const ingress_word_t *word)
{
    const struct br_reply_head *head = word->fields;
    self->upstream_gone = false;
    if (ingress_answer_go_on (&self->answer, word->attempt, head)) {
        s_abort (self, BR_EUPINVALID, "the answer cannot be gone on with");
        return;
    }
    self->state = CALL_STREAM;
    ingress_answer_pass (&self->answer, word->body, head->upto);
    self->out->commit (self->arg, word->attempt);
}

void
ingress_step_nonsense (ingress_call_t *self, const ingress_word_t *word)
{
    (void) word;
    s_abort (self, BR_EUPCUT, "a part of the answer was lost on its way");
}

void
ingress_step_stop (ingress_call_t *self, const ingress_word_t *word)
{
    self->out->stop (self->arg, word->attempt);
}

//  Nothing of the attempt was written, and nothing will be.
void
ingress_step_fence (ingress_call_t *self, const ingress_word_t *word)
{
    if (word->attempt > self->fenced)
        self->fenced = word->attempt;
    if (word->attempt >= self->attempt)
        ingress_step_drop (self);
    self->out->fenced (self->arg, word->attempt, false);
}

void
ingress_step_fence_late (ingress_call_t *self, const ingress_word_t *word)
{
    if (word->attempt < self->attempt) {
        self->out->fenced (self->arg, word->attempt, false);
        return;
    }
    bool alone = self->state == CALL_ALONE;
    s_fail (self, BR_EGONE, "the host that worked on the call is gone");
    self->out->fenced (self->arg, word->attempt, true);
    if (alone)
        self->out->settle (self->arg, BR_OUTCOME_FAILED, BR_EGONE, NULL);
}

//  Nothing of it is here, or all is, and the router will know the next step.
void
ingress_step_fence_join (ingress_call_t *self, const ingress_word_t *word)
{
    if (word->attempt > self->fenced)
        self->fenced = word->attempt;
    self->out->fenced (self->arg, word->attempt, false);
}

void
ingress_step_fence_over (ingress_call_t *self, const ingress_word_t *word)
{
    self->out->fenced (self->arg, word->attempt, self->answer.status != 0);
}

void
ingress_step_move_on (ingress_call_t *self, const ingress_word_t *word)
{
    ingress_answer_written (&self->answer, word->bytes);
}

void
ingress_step_fail_gone (ingress_call_t *self, const ingress_word_t *word)
{
    (void) word;
    s_fail (self, BR_EGONE, "the host that worked on the call is gone");
}

void
ingress_step_fail_alone (ingress_call_t *self, const ingress_word_t *word)
{
    ingress_step_fail_gone (self, word);
    self->out->settle (self->arg, BR_OUTCOME_FAILED, BR_EGONE, NULL);
}

//  A router of which words have come settles it. Otherwise the call may have got as far as
//  that, or not: the first settle wins.
void
ingress_step_lose_guard (ingress_call_t *self, const ingress_word_t *word)
{
    (void) word;
    s_fail (self, BR_EGONE, "the host of the guard is gone");
    self->out->cancel (self->arg, BR_EGONE, "the host of the guard is gone");
    if (!self->attempt)
        self->out->settle_late (self->arg, BR_EGONE);
}

void
ingress_step_go_alone (ingress_call_t *self, const ingress_word_t *word)
{
    self->state = CALL_ALONE;
    if (self->upstream_gone)
        ingress_step_fail_alone (self, word);
}

void
ingress_step_note_gone (ingress_call_t *self, const ingress_word_t *word)
{
    (void) word;
    self->upstream_gone = true; //  the router will fence
}

void
ingress_step_leave (ingress_call_t *self, const ingress_word_t *word)
{
    (void) word;
    if (self->unattended) {
        ingress_answer_deafen (&self->answer);
        return;
    }
    self->state = CALL_OVER;
    self->out->cancel (self->arg, BR_OK, "the client is gone");
}

void
ingress_step_leave_alone (ingress_call_t *self, const ingress_word_t *word)
{
    (void) word;
    if (self->unattended) {
        ingress_answer_deafen (&self->answer);
        return;
    }
    self->state = CALL_OVER;
    self->out->stop (self->arg, self->attempt);
    self->out->settle (self->arg, BR_OUTCOME_CANCELLED, BR_ECANCELLED, NULL);
}

void
ingress_step_cancel (ingress_call_t *self, const ingress_word_t *word)
{
    (void) word;
    s_abort (self, BR_EUNAVAILABLE, "bitrouter is stopping; try again");
}

void
ingress_step_expire (ingress_call_t *self, const ingress_word_t *word)
{
    (void) word;
    s_abort (self, BR_ETIMEOUT, "the time that the client allows has passed");
}

void
ingress_step_keep (ingress_call_t *self, const ingress_word_t *word)
{
    (void) word;
    ingress_answer_keep (&self->answer);
}
