//  router_open: one open call as the bus sees it.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/pairs.h"
#include "broker/core/slip.h"
#include "broker/proto/attribution.h"
#include "broker/proto/candidates.h"
#include "actors/router/router_attempt.h"
#include "actors/router/router_events.h"
#include "actors/router/router_open.h"
#include "actors/router/router_order.h"
#include "actors/router/router_tries.h"

#define TRACE_SIZE 56 //  bytes of a traceparent with its end: 00-32-16-01

struct _router_open_t {
    const router_env_t *env; //  borrowed
    br_msg_t *msg;           //  a copy of call.open; its body goes with the commit, but
                             //  stays while another attempt may go on with the answer
    const struct br_call_open *open; //  its fields
    router_call_t *call;
    router_plan_t *plan;      //  NULL until something has failed
    br_addr_t ingress;        //  the last stop down
    br_addr_t down;           //  the first one
    br_addr_t upstream;       //  of the newest attempt
    router_attempt_t attempt; //  the newest one
    router_tries_t tries;     //  all of them
    br_blob_t *resume;        //  what it goes on with; NULL = it starts the answer
    br_blob_t *broken;        //  what the next one will go on with, or NULL
    uint64_t started_ms;      //  unix time
    uint64_t opened_us;
    uint64_t pause_us;     //  when the last back-off began; 0 = it is over
    uint64_t elsewhere_us; //  spent for providers that failed, and in back-offs
    uint64_t answered_us;  //  ... for those that answered, for as long as they did
    br_timer_t timer;      //  of a back-off
    uint16_t endpoints[BR_CANDIDATES_MAX]; //  numbers of those of rows
    unsigned size; //  candidates, in the order in which they are tried
    br_candidate_t rows[];
};

//  ---- what router_call lets us do

//  What is left of the client's own bound; 0 when it has none, -1 when it has passed.
static int64_t
s_left_ms (const router_open_t *self)
{
    if (!self->open->timeout_ms)
        return 0;
    uint64_t spent_ms = (br_ctx_now_us (self->env->ctx) - self->opened_us) / 1000;
    return spent_ms < self->open->timeout_ms
               ? (int64_t) (self->open->timeout_ms - spent_ms)
               : -1;
}

static void
s_send_intent (const router_open_t *self, uint32_t attempt)
{
    struct br_call_intent intent = { .request_id = self->open->request_id };
    intent.route = self->open->model;
    intent.provider = self->attempt.asked->provider;
    intent.model = self->attempt.asked->model;
    intent.started_ms = self->started_ms;
    intent.who = self->open->who;
    router_settle_intent (self->env->settles, self->msg->call, attempt, &intent);
}

//  The traceparent for the provider; "" without a trace.
static void
s_write_trace (const router_open_t *self, char *text)
{
    br_attribution_t who;
    br_attribution_read (&who, self->open->who);
    *text = 0;
    if (strlen (who.trace) == 32 && strlen (who.span) == 16)
        snprintf (text, TRACE_SIZE, "00-%s-%s-%s", who.trace, who.span,
                  who.sampled ? "01" : "00");
}

static int
s_send_start (const router_open_t *self, uint32_t attempt, int64_t left_ms)
{
    const struct br_call_open *open = self->open;
    struct br_attempt_start start = { .slip = open->slip, .surface = open->surface };
    start.generation = open->generation;
    start.stream = open->stream;
    start.request_id = open->request_id;
    start.model = self->attempt.asked->model;
    start.endpoint = self->attempt.asked->endpoint;
    start.model_at = open->model_at;
    start.model_size = open->model_size;
    start.model_bare = open->model_bare;
    start.object = open->object;
    start.content_type = open->content_type;
    start.query = open->query;
    start.headers = open->headers;
    start.timeout_ms = (uint64_t) left_ms;
    start.connect_ms = open->connect_ms;
    start.first_byte_ms = open->first_byte_ms;
    start.idle_ms = open->idle_ms;
    start.elsewhere_us = self->elsewhere_us;
    start.continues = open->continues;
    start.max_output = open->max_output;
    start.guard_said = open->guard_said;
    char trace[TRACE_SIZE];
    s_write_trace (self, trace);
    start.trace = trace;
    start.resume = (br_bytes_t) { br_blob_data (self->resume),
                                  br_blob_size (self->resume) };
    if (!br_addr_is_set (self->upstream))
        return -1;
    return br_ctx_send (self->env->ctx, self->upstream, BR_ATTEMPT_START, self->msg->call,
                        attempt, &start, self->msg->body);
}

//  Since the open, microseconds.
static uint64_t
s_age_us (const router_open_t *self)
{
    return br_ctx_now_us (self->env->ctx) - self->opened_us;
}

static void
s_wake (void *arg)
{
    router_open_t *self = arg;
    self->env->wake (self->env->arg, self);
}

//  0, or -1 and why not.
static int
s_send (router_open_t *self, uint32_t attempt, int64_t left_ms,
        router_failure_t *ret_failure)
{
    self->attempt.since_us = br_ctx_now_us (self->env->ctx);
    self->upstream = br_ctx_find (self->env->ctx, self->attempt.asked->actor);
    if (s_send_start (self, attempt, left_ms)) {
        *ret_failure = (router_failure_t) { .code = BR_EGONE };
        ret_failure->failure = BR_FAILURE_GONE;
        ret_failure->text = "the provider's actor cannot be reached";
        return -1;
    }
    router_attempt_start (&self->attempt, self->env);
    router_tries_start (&self->tries, attempt, self->attempt.asked, s_age_us (self));
    s_send_intent (self, attempt);
    router_events_started (self->env->ctx, self->msg->call, attempt, self->attempt.asked);
    return 0;
}

static int
s_prepare (router_open_t *self, int64_t left_ms, router_failure_t *ret_failure)
{
    if (left_ms >= 0)
        return router_attempt_prepare (&self->attempt, self->env,
                                       self->open->input_tokens, s_wake, self,
                                       ret_failure);
    *ret_failure = (router_failure_t) { .code = BR_ETIMEOUT };
    ret_failure->failure = BR_FAILURE_CLIENT_TIME;
    ret_failure->text = "the time that the client allows has passed";
    return -1;
}

//  Behind an attempt that broke off.
static void
s_take_resume (router_open_t *self)
{
    if (!self->broken)
        return;
    br_blob_destroy (&self->resume);
    self->resume = self->broken;
    self->broken = NULL;
}

//  An attempt that was over before it was sent.
static void
s_note_unsent (router_open_t *self, uint32_t attempt, const router_failure_t *failure)
{
    br_try_t end = { .outcome = BR_OUTCOME_FAILED, .code = failure->code };
    router_tries_start (&self->tries, attempt, self->attempt.asked, s_age_us (self));
    router_tries_end (&self->tries, &end, s_age_us (self));
}

static int
s_start (void *arg, uint32_t attempt, unsigned place, router_failure_t *ret_failure)
{
    router_open_t *self = arg;
    self->attempt.asked = &self->rows[place];
    self->attempt.endpoint = self->endpoints[place];
    s_take_resume (self);
    int64_t left_ms = s_left_ms (self);
    int rc = s_prepare (self, left_ms, ret_failure);
    if (rc == 0)
        rc = s_send (self, attempt, left_ms, ret_failure);
    if (rc >= 0)
        return rc;
    router_attempt_lost (&self->attempt, self->env);
    s_note_unsent (self, attempt, ret_failure);
    router_events_failed (self->env->ctx, self->msg->call, attempt, self->attempt.asked,
                          ret_failure);
    return -1;
}

static uint32_t
s_open_bits (const router_open_t *self)
{
    uint32_t bits = 0;
    for (unsigned i = 0; i < self->size; i++)
        if (router_breaker_is_open (self->env->breaker, self->endpoints[i],
                                    self->rows[i].model))
            bits |= UINT32_C (1) << i;
    return bits;
}

static router_moment_t
s_moment (const router_open_t *self)
{
    int64_t left_ms = s_left_ms (self);
    router_moment_t moment = { .now_ms = br_ctx_now_us (self->env->ctx) / 1000 };
    moment.is_bounded = self->open->timeout_ms != 0;
    moment.left_ms = left_ms > 0 ? (uint64_t) left_ms : 0;
    moment.open = s_open_bits (self);
    return moment;
}

static bool
s_follow (void *arg, unsigned place, const router_failure_t *failure,
          router_step_t *ret_step)
{
    router_open_t *self = arg;
    if (!self->plan)
        self->plan = router_plan_new (router_rules_retry (self->env->rules), self->rows,
                                      self->size, br_ctx_random (self->env->ctx));
    router_lost_t lost = { place, failure->failure, failure->retry_after_ms };
    router_moment_t moment = s_moment (self);
    return router_plan_next (self->plan, &lost, &moment, ret_step);
}

static void
s_wait (void *arg, uint32_t attempt, uint64_t delay_ms)
{
    router_open_t *self = arg;
    self->pause_us = br_ctx_now_us (self->env->ctx);
    br_timer_set (br_ctx_loop (self->env->ctx), &self->timer, delay_ms, s_wake, self);
    router_events_delayed (self->env->ctx, self->msg->call, attempt, delay_ms);
}

//  What waits for a share of a limit has its place.
static unsigned
s_aim (void *arg, unsigned place)
{
    const router_open_t *self = arg;
    if (self->attempt.hold || !self->plan)
        return place;
    router_moment_t moment = s_moment (self);
    return router_plan_aim (self->plan, place, &moment);
}

static int
s_cancel (void *arg, uint32_t attempt)
{
    const router_open_t *self = arg;
    return br_ctx_send (self->env->ctx, self->upstream, BR_ATTEMPT_CANCEL,
                        self->msg->call, attempt, NULL, NULL);
}

static int
s_fence (void *arg, uint32_t attempt)
{
    const router_open_t *self = arg;
    return br_ctx_send (self->env->ctx, self->ingress, BR_CALL_FENCE, self->msg->call,
                        attempt, NULL, NULL);
}

static int
s_tell (void *arg, uint32_t attempt, const router_failure_t *word)
{
    const router_open_t *self = arg;
    struct br_reply_error error = { .code = word->code, .status = word->status };
    error.error = word->text;
    error.content_type = word->content_type;
    error.headers = word->headers;
    error.attempts = attempt - 1;
    error.elsewhere_us = self->elsewhere_us;
    return br_ctx_send (self->env->ctx, self->down, BR_REPLY_ERROR, self->msg->call,
                        attempt, &error, word->body);
}

static void
s_watch (void *arg)
{
    router_open_t *self = arg;
    br_timer_set (br_ctx_loop (self->env->ctx), &self->timer, ROUTER_ANSWER_MS, s_wake,
                  self);
}

//  What is still under way when the call is over: an attempt, or a back-off.
static void
s_end_rest (router_open_t *self, const router_end_t *end)
{
    br_try_t rest = { .outcome = end->outcome, .code = end->code };
    uint64_t now_us = br_ctx_now_us (self->env->ctx);
    if (self->tries.is_under_way)
        self->answered_us += now_us - self->attempt.since_us;
    router_tries_end (&self->tries, &rest, s_age_us (self));
    if (self->pause_us)
        self->elsewhere_us += now_us - self->pause_us;
    self->pause_us = 0;
}

static void
s_fill_usage (const br_usage_t *usage, struct br_call_settle *settle)
{
    settle->usage_known = usage->known;
    settle->input_tokens = usage->input;
    settle->cache_read_tokens = usage->cache_read;
    settle->cache_write_tokens = usage->cache_write;
    settle->output_tokens = usage->output;
    settle->reasoning_tokens = usage->reasoning;
    settle->cache_write_1h_tokens = usage->cache_write_1h;
    settle->audio_input_tokens = usage->audio_input;
    settle->audio_output_tokens = usage->audio_output;
}

static void
s_settle (void *arg, const router_end_t *end)
{
    router_open_t *self = arg;
    s_end_rest (self, end);
    br_buf_t tries;
    br_buf_init (&tries, BR_PAIRS_MAX);
    router_tries_write (&self->tries, &tries);
    struct br_call_settle settle = { .request_id = self->open->request_id };
    settle.route = self->open->model;
    settle.provider = self->attempt.asked ? self->attempt.asked->provider : "";
    settle.model = self->attempt.asked ? self->attempt.asked->model : "";
    settle.outcome = end->outcome;
    settle.status = end->status;
    settle.code = end->code;
    settle.stream = self->open->stream;
    settle.attempts = router_call_attempts (self->call);
    s_fill_usage (&end->usage, &settle);
    settle.started_ms = self->started_ms;
    settle.latency_us = s_age_us (self);
    settle.elsewhere_us = self->elsewhere_us + self->answered_us;
    settle.surface = self->open->surface;
    settle.who = self->open->who;
    settle.tries = (br_bytes_t) { tries.data, tries.size };
    //  Somebody else may know how a lost one has ended, and that receipt is to count.
    if (self->open->request_hash.size && end->outcome != BR_OUTCOME_LOST) {
        settle.request_hash = self->open->request_hash;
        settle.receipt_to = self->ingress;
    }
    if (end->first_us)
        settle.first_us = self->attempt.since_us - self->opened_us + end->first_us;
    router_settle_add (self->env->settles, self->msg->call, (uint32_t) settle.attempts,
                       &settle);
    router_events_ended (self->env->ctx, self->msg->call, end, &settle);
    br_buf_free (&tries);
}

static const router_call_actions_t s_actions = {
    .start = s_start,
    .follow = s_follow,
    .wait = s_wait,
    .aim = s_aim,
    .cancel = s_cancel,
    .fence = s_fence,
    .tell = s_tell,
    .watch = s_watch,
    .settle = s_settle,
};

//  ---- life

static void
s_order (router_open_t *self, const br_candidate_t *rows, size_t count)
{
    const router_env_t *env = self->env;
    router_order_t order = { .health = env->health, .breaker = env->breaker };
    order.endpoints = env->endpoints;
    order.turns = env->turns;
    order.affinity = router_rules_has_affinity (env->rules);
    order.now_us = self->opened_us;
    router_order (&order, self->open, rows, count, self->rows, self->endpoints);
}

router_open_t *
router_open_new (const router_env_t *env, const br_msg_t *msg, br_error_t *reterr)
{
    //  The copy is what the rows will point into.
    br_msg_t *copy = br_msg_new (BR_CALL_OPEN, msg->call, 0, br_msg_fields (msg),
                                 msg->body);
    const struct br_call_open *open = br_msg_fields (copy);
    br_candidate_t rows[BR_CANDIDATES_MAX];
    br_slip_t slip = { .down_size = 0 };
    int count = br_candidates_read (open->candidates, rows, BR_CANDIDATES_MAX);
    int rc = br_slip_decode (open->slip, &slip);
    if (count < 0 || rc || slip.down_size == 0) {
        br_msg_destroy (&copy);
        br_error_set (reterr, BR_EINTERNAL, "%s of the call is malformed",
                      count < 0 ? "the candidate list" : "the routing slip");
        return NULL;
    }
    unsigned size = (unsigned) count;
    router_open_t *self = br_alloc (1, sizeof (router_open_t)
                                           + size * sizeof (br_candidate_t));
    self->env = env;
    self->msg = copy;
    self->open = open;
    self->ingress = slip.down[slip.down_size - 1];
    self->down = br_slip_down (&slip, br_ctx_self (env->ctx));
    self->started_ms = br_ctx_unix_ms (env->ctx);
    self->opened_us = br_ctx_now_us (env->ctx);
    self->size = size;
    s_order (self, rows, (size_t) count);
    bool is_guarded = !br_addr_is (self->down, self->ingress);
    self->call = router_call_new (size, is_guarded, &s_actions, self);
    return self;
}

void
router_open_destroy (router_open_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    router_open_t *self = *self_p;
    br_timer_cancel (br_ctx_loop (self->env->ctx), &self->timer);
    router_attempt_lost (&self->attempt, self->env);
    br_blob_destroy (&self->resume);
    br_blob_destroy (&self->broken);
    router_plan_destroy (&self->plan);
    router_tries_clear (&self->tries);
    router_call_destroy (&self->call);
    br_msg_destroy (&self->msg);
    free (self);
    *self_p = NULL;
}

void
router_open_lose (router_open_t *self)
{
    router_end_t end = { .outcome = BR_OUTCOME_LOST, .code = BR_EGONE };
    if (router_call_attempts (self->call) && !router_open_has_ended (self))
        s_settle (self, &end);
}

//  ---- what happens

//  How an event ends the attempt; false when it does not.
static bool
s_try_end (router_event_t event, const router_news_t *news, br_try_t *ret_end)
{
    *ret_end = (br_try_t) { .outcome = BR_OUTCOME_FAILED };
    switch (event) {
    case ROUTER_FAIL:
        ret_end->code = news->failure->code;
        ret_end->status = news->failure->status;
        return true;
    case ROUTER_DONE:
    case ROUTER_BROKEN:
        ret_end->outcome = news->end->outcome;
        ret_end->code = news->end->code;
        ret_end->status = event == ROUTER_BROKEN ? 200 : news->end->status;
        ret_end->first_us = news->end->first_us;
        ret_end->usage = news->end->usage;
        return true;
    case ROUTER_FENCED:
    case ROUTER_COMMITTED: ret_end->code = BR_EGONE; return true;
    default: return false;
    }
}

static void
s_note_end (router_open_t *self, router_event_t event, const router_news_t *news)
{
    br_try_t end;
    if (!s_try_end (event, news, &end))
        return;
    router_tries_end (&self->tries, &end, s_age_us (self));
    if (event == ROUTER_DONE || event == ROUTER_BROKEN)
        self->answered_us += br_ctx_now_us (self->env->ctx) - self->attempt.since_us;
}

//  An event ends the attempt, or is its first word, before the machine hears of it.
static void
s_end_attempt (router_open_t *self, router_event_t event, const router_news_t *news)
{
    router_attempt_t *attempt = &self->attempt;
    s_note_end (self, event, news);
    if (event == ROUTER_COMMIT) {
        router_attempt_begun (attempt, self->env);
        router_events_begun (self->env->ctx, self->msg->call, news->attempt,
                             s_age_us (self) / 1000);
    }
    if (event == ROUTER_DONE)
        router_attempt_done (attempt, self->env, news->end);
    if (event == ROUTER_BROKEN) {
        br_blob_destroy (&self->broken);
        self->broken = br_blob_ref (news->state);
        router_attempt_broken (attempt, self->env, news->failure, news->end);
        router_events_failed (self->env->ctx, self->msg->call, news->attempt,
                              attempt->asked, news->failure);
    }
    if (event == ROUTER_FAIL) {
        self->elsewhere_us += news->failure->waited_us;
        router_attempt_failed (attempt, self->env, news->failure);
        router_events_failed (self->env->ctx, self->msg->call, news->attempt,
                              attempt->asked, news->failure);
    }
    if (event == ROUTER_FENCED || event == ROUTER_COMMITTED) {
        self->elsewhere_us += br_ctx_now_us (self->env->ctx) - attempt->since_us;
        router_attempt_lost (attempt, self->env);
    }
}

static void
s_end_pause (router_open_t *self)
{
    if (self->pause_us)
        self->elsewhere_us += br_ctx_now_us (self->env->ctx) - self->pause_us;
    self->pause_us = 0;
}

void
router_open_handle (router_open_t *self, router_event_t event, const router_news_t *news)
{
    bool newest = news && news->attempt == router_call_attempts (self->call);
    if (newest && self->attempt.is_under_way)
        s_end_attempt (self, event, news);
    bool joining = router_call_state (self->call) == ROUTER_STATE_JOINING;
    if (newest && joining && event == ROUTER_FENCED)
        br_blob_destroy (&self->broken); //  its words were lost
    if (event == ROUTER_DELAYED)
        s_end_pause (self);
    router_call_handle (self->call, event, news);
    router_state_t state = router_call_state (self->call);
    bool is_last = state == ROUTER_STATE_ANSWERING || state == ROUTER_STATE_LOSING;
    if (is_last && !self->open->continues)
        br_blob_destroy (&self->msg->body);
}

static bool
s_is_of (br_addr_t addr, const struct br_sys_gone *gone)
{
    return addr.host == gone->host && addr.life == gone->life;
}

void
router_open_gone (router_open_t *self, const struct br_sys_gone *gone)
{
    bool is_guarded = !br_addr_is (self->down, self->ingress);
    if (s_is_of (self->ingress, gone))
        router_open_handle (self, ROUTER_INGRESS_GONE, NULL);
    else if (is_guarded && s_is_of (self->down, gone))
        router_open_handle (self, ROUTER_GUARD_GONE, NULL);
    if (s_is_of (self->upstream, gone))
        router_open_handle (self, ROUTER_UPSTREAM_GONE, NULL);
}

br_id_t
router_open_id (const router_open_t *self)
{
    return self->msg->call;
}

br_addr_t
router_open_ingress (const router_open_t *self)
{
    return self->ingress;
}

br_addr_t
router_open_down (const router_open_t *self)
{
    return self->down;
}

bool
router_open_has_ended (const router_open_t *self)
{
    return router_call_state (self->call) == ROUTER_STATE_ENDED;
}
