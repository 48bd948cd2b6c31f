//  router_call: the attempts of one call.
//
//  Each row of the table below is a state, each column an event; an empty field means that
//  the event changes nothing. An action whose message cannot be sent raises SEND_FAILED in
//  the state that the action belongs to.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "actors/router/router_call.h"

struct _router_call_t {
    router_state_t state;
    uint32_t attempt;                     //  the newest; 0 = none yet
    unsigned candidates;                  //  count
    unsigned place;                       //  of the candidate that is tried, or is next
    const router_call_actions_t *actions; //  borrowed
    void *arg;                            //  borrowed
    router_verdict_t *verdict;
    br_usage_t usage;        //  of an attempt that was cancelled without our asking
    br_usage_t spent;        //  by attempts that broke off
    bool begun;              //  the client has words of one that broke off
    bool guarded;            //  what the client has got is told by ROUTER_ANSWERED
    bool committed;          //  the client has words of the newest one
    bool answered;           //  ingress has its last word, which was
    br_code_t answer;        //  this error, or BR_OK
    bool done;               //  upstream has said how the newest one ended
    router_end_t end;        //  which was so
    br_code_t fault;         //  of ours, for which the call is cancelled; or BR_OK
    bool joined;             //  ingress has all words of the newest one, which broke off
    router_failure_t broken; //  how it did; without its texts
};

typedef void (step_fn) (router_call_t *self, const router_news_t *news);

router_call_t *
router_call_new (unsigned candidates, bool guarded, const router_call_actions_t *actions,
                 void *arg)
{
    router_call_t *self = BR_NEW (router_call_t);
    self->guarded = guarded;
    self->candidates = candidates;
    self->actions = actions;
    self->arg = arg;
    return self;
}

void
router_call_destroy (router_call_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    router_verdict_destroy (&(*self_p)->verdict);
    free (*self_p);
    *self_p = NULL;
}

//  ---- ends

static bool
s_is_nothing (const br_usage_t *usage)
{
    return !usage->known && !usage->input && !usage->output;
}

//  A sum is known when nothing in it is an estimate.
static void
s_add_usage (br_usage_t *self, const br_usage_t *more)
{
    self->known = (self->known || s_is_nothing (self))
                  && (more->known || s_is_nothing (more)) && (self->known || more->known);
    self->input += more->input;
    self->cache_read += more->cache_read;
    self->cache_write += more->cache_write;
    self->output += more->output;
    self->reasoning += more->reasoning;
    self->cache_write_1h += more->cache_write_1h;
    self->audio_input += more->audio_input;
    self->audio_output += more->audio_output;
}

static void
s_settle (router_call_t *self, const router_end_t *end)
{
    router_end_t all = *end;
    s_add_usage (&all.usage, &self->spent);
    self->state = ROUTER_STATE_ENDED;
    self->actions->settle (self->arg, &all);
}

static void s_fence (router_call_t *self, const router_news_t *news);

//  HTTP status that the client got with an error.
static unsigned
s_status (const router_call_t *self, br_code_t code)
{
    return self->committed ? 200 : br_code_status (code);
}

//  Both upstream and ingress have told how a guarded answer ended. What the provider has
//  given was used, whether the client has got it or not.
static void
s_conclude (router_call_t *self)
{
    router_end_t end = self->end;
    if (self->answer != BR_OK && end.outcome != BR_OUTCOME_FAILED) {
        end.outcome = BR_OUTCOME_FAILED;
        end.code = self->answer;
        end.status = s_status (self, self->answer);
    }
    s_settle (self, &end);
}

//  Whether upstream came to its end, or the guard made it: it has told ingress, then.
static bool
s_is_told (const router_end_t *end)
{
    return end->outcome != BR_OUTCOME_CANCELLED || end->code == BR_EUPGUARD
           || end->code == BR_EUPCUT;
}

//  Without the guard the last word may not come to ingress any more, and has to be asked for.
static void
s_await_answer (router_call_t *self)
{
    if (self->fault) {
        s_fence (self, NULL);
        return;
    }
    self->state = ROUTER_STATE_ENDING;
    self->actions->watch (self->arg);
}

//  Of an answer that passes a guard ingress knows the rest. False when nothing is known.
static bool
s_done_guarded (router_call_t *self, const router_end_t *end)
{
    if (!self->guarded || (!self->answered && !s_is_told (end)))
        return false;
    self->done = true;
    self->end = *end;
    self->usage = end->usage;
    if (self->answered)
        s_conclude (self);
    else if (self->state == ROUTER_STATE_TRYING || self->state == ROUTER_STATE_ANSWERING)
        s_await_answer (self);
    return true;
}

static void
s_answered (router_call_t *self, const router_news_t *news)
{
    self->answered = true;
    self->answer = news->code;
    if (self->done)
        s_conclude (self);
}

//  Cancelled, and not by us: upstream lost its way to ingress, or ingress forgot the call
//  and its cancel is on the way. Ingress knows; if it was asked already, it will tell.
static void
s_done (router_call_t *self, const router_news_t *news)
{
    if (s_done_guarded (self, news->end))
        return;
    if (news->end->outcome != BR_OUTCOME_CANCELLED) {
        s_settle (self, news->end);
        return;
    }
    bool is_asked = self->state != ROUTER_STATE_TRYING
                    && self->state != ROUTER_STATE_ANSWERING
                    && self->state != ROUTER_STATE_JOINING;
    if (self->state != ROUTER_STATE_JOINING)
        self->usage = news->end->usage;
    if (!is_asked)
        s_fence (self, news);
}

static void
s_cancelled (router_call_t *self, const router_news_t *news)
{
    router_end_t end = { .outcome = BR_OUTCOME_CANCELLED, .usage = self->usage };
    if (self->done)
        end = self->end;
    if (news && news->end)
        end = *news->end;
    if (news && news->code)
        self->fault = news->code;
    end.outcome = self->fault ? BR_OUTCOME_FAILED : BR_OUTCOME_CANCELLED;
    end.code = self->fault ? self->fault : BR_ECANCELLED;
    if (self->fault)
        end.status = s_status (self, self->fault);
    s_settle (self, &end);
}

//  Ingress has ended a committed answer with an error already, or has had its last word.
static void
s_cut (router_call_t *self, const router_news_t *news)
{
    (void) news;
    router_end_t end = { .outcome = BR_OUTCOME_FAILED, .code = BR_EGONE, .status = 200 };
    end.usage = self->usage;
    if (self->answered && self->answer)
        end.code = self->answer;
    if (self->fault || (self->answered && self->answer))
        end.status = s_status (self, end.code);
    s_settle (self, &end);
}

//  The last word is ours only now, while no attempt lives. Whether it can be sent changes
//  nothing: without ingress there is nobody to tell.
static void
s_tell (router_call_t *self, const router_failure_t *word)
{
    (void) self->actions->tell (self->arg, self->attempt + 1, word);
    router_end_t end = { .outcome = BR_OUTCOME_FAILED, .code = word->code };
    end.status = word->status ? word->status : br_code_status (word->code);
    if (self->begun)
        end.status = 200;
    s_settle (self, &end);
}

static void
s_note (router_call_t *self, const router_failure_t *failure)
{
    if (!self->verdict)
        self->verdict = router_verdict_new ();
    router_verdict_add (self->verdict, failure);
}

static void
s_give_up (router_call_t *self)
{
    if (!self->verdict)
        self->verdict = router_verdict_new ();
    s_tell (self, router_verdict_word (self->verdict));
}

//  A commit was heard of, then that nothing was sent: whatever the client has, it is over.
static void
s_contradicted (router_call_t *self, const router_news_t *news)
{
    s_note (self, news->failure);
    s_give_up (self);
}

//  ---- attempts

//  Asks the candidate whose turn it is.
static void
s_try (router_call_t *self, const router_news_t *news)
{
    (void) news;
    router_failure_t failure = { .code = BR_EGONE, .failure = BR_FAILURE_GONE };
    int rc = self->actions->start (self->arg, self->attempt + 1, self->place, &failure);
    if (rc > 0) {
        self->state = ROUTER_STATE_WAITING;
        return;
    }
    self->state = ROUTER_STATE_TRYING;
    self->committed = self->done = false;
    self->attempt++;
    if (rc == 0)
        return;
    router_news_t not_sent = { .attempt = self->attempt, .failure = &failure };
    router_call_handle (self, ROUTER_SEND_FAILED, &not_sent);
}

static void
s_resume (router_call_t *self, const router_news_t *news)
{
    self->place = self->actions->aim (self->arg, self->place);
    s_try (self, news);
}

static void
s_begin (router_call_t *self, const router_news_t *news)
{
    if (self->candidates)
        s_try (self, news);
    else
        s_give_up (self);
}

//  The next attempt, at once or later, or the last word. A client that hears an answer does
//  not wait for long.
static void
s_follow (router_call_t *self, const router_failure_t *failure)
{
    router_step_t step = { .place = 0 };
    if (self->fault) {
        s_cut (self, NULL);
        return;
    }
    if (!self->actions->follow (self->arg, self->place, failure, &step)
        || (self->begun && step.delay_ms > ROUTER_PAUSE_MAX_MS)) {
        s_give_up (self);
        return;
    }
    self->place = step.place;
    if (step.delay_ms) {
        self->state = ROUTER_STATE_WAITING;
        self->actions->wait (self->arg, self->attempt + 1, step.delay_ms);
    } else
        s_try (self, NULL);
}

static void
s_failed (router_call_t *self, const router_news_t *news)
{
    s_note (self, news->failure);
    s_follow (self, news->failure);
}

static void
s_fenced (router_call_t *self, const router_news_t *news)
{
    if (self->answered || self->fault) {
        s_cut (self, news);
        return;
    }
    self->usage = (br_usage_t) { .known = false };
    router_failure_t failure = { .code = BR_EGONE, .failure = BR_FAILURE_GONE };
    failure.text = "the host that asked the provider is gone";
    router_news_t gone = { .attempt = news->attempt, .failure = &failure };
    s_failed (self, &gone);
}

static void
s_commit (router_call_t *self, const router_news_t *news)
{
    (void) news;
    self->committed = true;
    if (self->state == ROUTER_STATE_TRYING)
        self->state = ROUTER_STATE_ANSWERING;
    else if (self->state == ROUTER_STATE_FENCING)
        self->state = ROUTER_STATE_LOSING;
}

//  ---- going on with an answer that broke off: both upstream and ingress have to say so

static void
s_go_on (router_call_t *self)
{
    self->begun = true;
    self->joined = false;
    s_follow (self, &self->broken);
}

static void
s_broken_off (router_call_t *self, const router_news_t *news)
{
    s_add_usage (&self->spent, &news->end->usage);
    s_note (self, news->failure);
    self->broken = (router_failure_t) { .code = news->failure->code };
    self->broken.failure = news->failure->failure;
    self->broken.retry_after_ms = news->failure->retry_after_ms;
    self->state = ROUTER_STATE_JOINING;
    if (self->joined)
        s_go_on (self);
}

static void
s_joined (router_call_t *self, const router_news_t *news)
{
    self->joined = true;
    if (self->state == ROUTER_STATE_JOINING)
        s_go_on (self);
    else if (self->state == ROUTER_STATE_TRYING || self->state == ROUTER_STATE_FENCING)
        s_commit (self, news);
}

//  Ingress has all of the words, but what is needed to go on was lost with its host; or it
//  knows no such call any more.
static void
s_unjoined (router_call_t *self, const router_news_t *news)
{
    if (!self->joined) {
        s_cancelled (self, news);
        return;
    }
    router_failure_t failure = { .code = BR_EGONE, .failure = BR_FAILURE_GONE };
    failure.text = "the host that asked the provider is gone";
    self->begun = true;
    s_note (self, &failure);
    s_give_up (self);
}

//  ---- fences and cancels

static void
s_fence (router_call_t *self, const router_news_t *news)
{
    (void) news;
    if (self->state != ROUTER_STATE_JOINING)
        self->state = self->committed ? ROUTER_STATE_LOSING : ROUTER_STATE_FENCING;
    if (self->actions->fence (self->arg, self->attempt))
        router_call_handle (self, ROUTER_SEND_FAILED, NULL);
}

static void
s_cancel (router_call_t *self, const router_news_t *news)
{
    if (news)
        self->fault = news->code;
    self->state = ROUTER_STATE_CANCELLING;
    if (self->actions->cancel (self->arg, self->attempt))
        router_call_handle (self, ROUTER_SEND_FAILED, NULL);
}

//  ---- the guard's host is gone: ingress ends the call itself, unless it has all of the
//  answer. So the attempt is ended, and then ingress is asked.

static void
s_unguarded (router_call_t *self, const router_news_t *news)
{
    (void) news;
    self->fault = BR_EGONE;
    if (self->state == ROUTER_STATE_ENDING)
        s_fence (self, NULL);
    else if (self->state == ROUTER_STATE_WAITING)
        s_cut (self, NULL);
    else if (self->state == ROUTER_STATE_TRYING || self->state == ROUTER_STATE_ANSWERING)
        (void) self->actions->cancel (self->arg, self->attempt);
}

//  ---- the table

static step_fn *const s_steps[ROUTER_STATES][ROUTER_EVENTS] = {
    [ROUTER_STATE_NEW] = {
        [ROUTER_OPEN] = s_begin,
        [ROUTER_CANCEL] = s_cancelled,
        [ROUTER_INGRESS_GONE] = s_cancelled,
    },
    [ROUTER_STATE_WAITING] = {
        [ROUTER_GUARD_GONE] = s_unguarded,
        [ROUTER_DELAYED] = s_resume,
        [ROUTER_CANCEL] = s_cancelled,
        [ROUTER_INGRESS_GONE] = s_cancelled,
    },
    [ROUTER_STATE_TRYING] = {
        [ROUTER_GUARD_GONE] = s_unguarded,
        [ROUTER_FAIL] = s_failed,
        [ROUTER_DONE] = s_done,
        [ROUTER_COMMIT] = s_commit,
        [ROUTER_CANCEL] = s_cancel,
        [ROUTER_UPSTREAM_GONE] = s_fence,
        [ROUTER_INGRESS_GONE] = s_cancel,
        [ROUTER_BROKEN] = s_broken_off,
        [ROUTER_JOINED] = s_joined,
        [ROUTER_ANSWERED] = s_answered,
        [ROUTER_SEND_FAILED] = s_failed, //  attempt.start
    },
    [ROUTER_STATE_ANSWERING] = {
        [ROUTER_GUARD_GONE] = s_unguarded,
        [ROUTER_FAIL] = s_contradicted,
        [ROUTER_DONE] = s_done,
        [ROUTER_CANCEL] = s_cancel,
        [ROUTER_UPSTREAM_GONE] = s_fence,
        [ROUTER_INGRESS_GONE] = s_cancel,
        [ROUTER_BROKEN] = s_broken_off,
        [ROUTER_JOINED] = s_joined,
        [ROUTER_ANSWERED] = s_answered,
    },
    [ROUTER_STATE_JOINING] = {
        [ROUTER_DONE] = s_done, //  upstream has lost its way to ingress
        [ROUTER_FENCED] = s_fenced, //  nothing of this attempt has come to ingress
        [ROUTER_COMMITTED] = s_cut,
        [ROUTER_CANCEL] = s_cancelled,
        [ROUTER_UPSTREAM_GONE] = s_fence, //  maybe with the words
        [ROUTER_INGRESS_GONE] = s_cancelled,
        [ROUTER_JOINED] = s_joined,
        [ROUTER_SEND_FAILED] = s_cancelled,
    },
    [ROUTER_STATE_FENCING] = {
        [ROUTER_GUARD_GONE] = s_unguarded,
        [ROUTER_FAIL] = s_failed, //  it says what the fence was to tell
        [ROUTER_DONE] = s_done,
        [ROUTER_COMMIT] = s_commit,
        [ROUTER_FENCED] = s_fenced,
        [ROUTER_COMMITTED] = s_cut,
        [ROUTER_CANCEL] = s_cancelled,
        [ROUTER_INGRESS_GONE] = s_cancelled,
        [ROUTER_BROKEN] = s_broken_off,
        [ROUTER_JOINED] = s_joined,
        [ROUTER_ANSWERED] = s_answered, //  before it was asked
        [ROUTER_SEND_FAILED] = s_cancelled, //  call.fence: ingress is gone too
    },
    [ROUTER_STATE_LOSING] = {
        [ROUTER_GUARD_GONE] = s_unguarded,
        [ROUTER_FAIL] = s_contradicted,
        [ROUTER_DONE] = s_done,
        [ROUTER_FENCED] = s_unjoined, //  a commit, and now nothing more may be written
        [ROUTER_COMMITTED] = s_cut,
        [ROUTER_CANCEL] = s_cancelled,
        [ROUTER_INGRESS_GONE] = s_cancelled,
        [ROUTER_BROKEN] = s_broken_off,
        [ROUTER_JOINED] = s_joined,
        [ROUTER_ANSWERED] = s_answered,
        [ROUTER_SEND_FAILED] = s_cancelled,
    },
    [ROUTER_STATE_ENDING] = {
        [ROUTER_GUARD_GONE] = s_unguarded,
        [ROUTER_COMMIT] = s_commit,
        [ROUTER_ANSWERED] = s_answered,
        [ROUTER_CANCEL] = s_cancelled,
        [ROUTER_DELAYED] = s_fence,
        [ROUTER_UPSTREAM_GONE] = s_fence, //  maybe with its last words
        [ROUTER_INGRESS_GONE] = s_cancelled,
    },
    [ROUTER_STATE_CANCELLING] = {
        [ROUTER_FAIL] = s_cancelled,
        [ROUTER_DONE] = s_cancelled,
        [ROUTER_BROKEN] = s_cancelled,
        [ROUTER_UPSTREAM_GONE] = s_cancelled,
        [ROUTER_SEND_FAILED] = s_cancelled, //  attempt.cancel
    },
};

static bool
s_is_of_an_attempt (router_event_t event)
{
    return event == ROUTER_FAIL || event == ROUTER_DONE || event == ROUTER_COMMIT
           || event == ROUTER_FENCED || event == ROUTER_COMMITTED
           || event == ROUTER_BROKEN || event == ROUTER_JOINED
           || event == ROUTER_ANSWERED;
}

void
router_call_handle (router_call_t *self, router_event_t event, const router_news_t *news)
{
    if (s_is_of_an_attempt (event) && (!news || news->attempt != self->attempt))
        return;
    step_fn *step = s_steps[self->state][event];
    if (step)
        step (self, news);
}

router_state_t
router_call_state (const router_call_t *self)
{
    return self->state;
}

uint32_t
router_call_attempts (const router_call_t *self)
{
    return self->attempt;
}
