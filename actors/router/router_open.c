//  router_open: one open call as the bus sees it.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/slip.h"
#include "broker/proto/candidates.h"
#include "actors/router/router_open.h"

struct _router_open_t {
    const router_env_t *env; //  borrowed
    br_msg_t *msg;           //  a copy of call.open; its body goes with the commit
    const struct br_call_open *open; //  its fields
    router_call_t *call;
    br_addr_t ingress;           //  the last stop down
    br_addr_t down;              //  the first one
    br_addr_t upstream;          //  of the newest attempt
    const br_candidate_t *asked; //  by the newest attempt; NULL before
    uint64_t started_ms;         //  unix time
    uint64_t opened_us;
    uint64_t attempt_us; //  when the newest attempt started
    unsigned size;       //  candidates, in the order in which they are tried
    br_candidate_t rows[];
};

//  ---- events and counts

static void
s_event_started (const router_open_t *self, uint32_t attempt)
{
    if (!br_ctx_is_watched (self->env->ctx))
        return;
    char call[BR_ID_TEXT];
    struct br_event_attempt_started event = { .call = br_id_text (self->msg->call,
                                                                  call) };
    event.attempt = attempt;
    event.provider = self->asked->provider;
    event.model = self->asked->model;
    br_ctx_event (self->env->ctx, BR_EVENT_ATTEMPT_STARTED, &event);
}

static void
s_note_failed (const router_open_t *self, uint32_t attempt,
               const router_failure_t *failure)
{
    router_health_note (self->env->health, self->asked->provider, self->asked->endpoint,
                        !failure->retry);
    if (!br_ctx_is_watched (self->env->ctx))
        return;
    char call[BR_ID_TEXT];
    struct br_event_attempt_failed event = { .call = br_id_text (self->msg->call, call) };
    event.attempt = attempt;
    event.provider = self->asked->provider;
    event.error_type = br_code_label (failure->code);
    event.error = failure->text;
    br_ctx_event (self->env->ctx, BR_EVENT_ATTEMPT_FAILED, &event);
}

static void
s_event_ended (const router_open_t *self, const router_end_t *end,
               const struct br_call_settle *settle)
{
    if (!br_ctx_is_watched (self->env->ctx))
        return;
    char call[BR_ID_TEXT];
    struct br_event_call_ended event = { .call = br_id_text (self->msg->call, call) };
    event.request_id = settle->request_id;
    event.route = settle->route;
    event.provider = settle->provider;
    event.model = settle->model;
    event.outcome = br_outcome_name (end->outcome);
    event.error_type = end->code ? br_code_label (end->code) : "";
    event.attempts = settle->attempts;
    event.latency_ms = settle->latency_us / 1000;
    event.input_tokens = end->usage.input;
    event.output_tokens = end->usage.output;
    br_ctx_event (self->env->ctx, BR_EVENT_CALL_ENDED, &event);
}

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
    intent.provider = self->asked->provider;
    intent.model = self->asked->model;
    intent.started_ms = self->started_ms;
    router_settle_intent (self->env->settles, self->msg->call, attempt, &intent);
}

static int
s_send_start (const router_open_t *self, uint32_t attempt, int64_t left_ms)
{
    const struct br_call_open *open = self->open;
    struct br_attempt_start start = { .slip = open->slip, .surface = open->surface };
    start.stream = open->stream;
    start.request_id = open->request_id;
    start.model = self->asked->model;
    start.endpoint = self->asked->endpoint;
    start.model_at = open->model_at;
    start.model_size = open->model_size;
    start.model_bare = open->model_bare;
    start.object = open->object;
    start.content_type = open->content_type;
    start.query = open->query;
    start.headers = open->headers;
    start.timeout_ms = (uint64_t) left_ms;
    if (!br_addr_is_set (self->upstream))
        return -1;
    return br_ctx_send (self->env->ctx, self->upstream, BR_ATTEMPT_START, self->msg->call,
                        attempt, &start, self->msg->body);
}

static int
s_start (void *arg, uint32_t attempt, unsigned place, router_failure_t *ret_failure)
{
    router_open_t *self = arg;
    self->asked = &self->rows[place];
    self->upstream = br_ctx_find (self->env->ctx, self->asked->actor);
    self->attempt_us = br_ctx_now_us (self->env->ctx);
    int64_t left_ms = s_left_ms (self);
    if (left_ms < 0) {
        *ret_failure = (router_failure_t) { .code = BR_ETIMEOUT };
        ret_failure->text = "the time that the client allows has passed";
        return -1;
    }
    int rc = s_send_start (self, attempt, left_ms);
    if (rc) {
        *ret_failure = (router_failure_t) { .code = BR_EGONE, .retry = true };
        ret_failure->text = "the provider's actor cannot be reached";
        s_note_failed (self, attempt, ret_failure);
        return -1;
    }
    s_send_intent (self, attempt);
    s_event_started (self, attempt);
    return 0;
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
    return br_ctx_send (self->env->ctx, self->down, BR_REPLY_ERROR, self->msg->call,
                        attempt, &error, word->body);
}

static void
s_settle (void *arg, const router_end_t *end)
{
    const router_open_t *self = arg;
    struct br_call_settle settle = { .request_id = self->open->request_id };
    settle.route = self->open->model;
    settle.provider = self->asked ? self->asked->provider : "";
    settle.model = self->asked ? self->asked->model : "";
    settle.outcome = end->outcome;
    settle.status = end->status;
    settle.code = end->code;
    settle.stream = self->open->stream;
    settle.attempts = router_call_attempts (self->call);
    settle.usage_known = end->usage.known;
    settle.input_tokens = end->usage.input;
    settle.cache_read_tokens = end->usage.cache_read;
    settle.cache_write_tokens = end->usage.cache_write;
    settle.output_tokens = end->usage.output;
    settle.reasoning_tokens = end->usage.reasoning;
    settle.started_ms = self->started_ms;
    settle.latency_us = br_ctx_now_us (self->env->ctx) - self->opened_us;
    if (end->first_us)
        settle.first_us = self->attempt_us - self->opened_us + end->first_us;
    router_settle_add (self->env->settles, self->msg->call, (uint32_t) settle.attempts,
                       &settle);
    s_event_ended (self, end, &settle);
}

static const router_call_actions_t s_actions = {
    .start = s_start,
    .cancel = s_cancel,
    .fence = s_fence,
    .tell = s_tell,
    .settle = s_settle,
};

//  ---- life

//  Puts rows in the order in which they are tried, and forgets those past the maximum.
static void
s_order (router_open_t *self, const br_candidate_t *rows, size_t count)
{
    uint8_t order[BR_CANDIDATES_MAX] = { 0 };
    unsigned weights[BR_CANDIDATES_MAX];
    uint64_t turn = 0;
    router_strategy_t strategy = router_strategy_of (self->open->strategy);
    for (size_t i = 0; i < count; i++)
        weights[i] = rows[i].weight;
    if (count > 1 && strategy == ROUTER_LOAD_BALANCE)
        turn = router_turns_next (self->env->turns, self->open->model);
    if (count)
        router_choose (strategy, weights, count, turn, order);
    for (unsigned i = 0; i < self->size; i++)
        self->rows[i] = rows[order[i]];
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
    unsigned size = (unsigned) count < env->attempts_max ? (unsigned) count
                                                         : env->attempts_max;
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
    self->call = router_call_new (size, &s_actions, self);
    return self;
}

void
router_open_destroy (router_open_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    router_call_destroy (&(*self_p)->call);
    br_msg_destroy (&(*self_p)->msg);
    free (*self_p);
    *self_p = NULL;
}

//  ---- what happens

void
router_open_handle (router_open_t *self, router_event_t event, const router_news_t *news)
{
    bool newest = news && news->attempt == router_call_attempts (self->call)
                  && self->asked;
    if (newest && event == ROUTER_FAIL)
        s_note_failed (self, news->attempt, news->failure);
    if (newest && event == ROUTER_DONE && news->end->outcome != BR_OUTCOME_CANCELLED)
        router_health_note (self->env->health, self->asked->provider,
                            self->asked->endpoint, news->end->outcome == BR_OUTCOME_OK);
    router_call_handle (self->call, event, news);
    router_state_t state = router_call_state (self->call);
    if (state == ROUTER_STATE_ANSWERING || state == ROUTER_STATE_LOSING)
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
    if (s_is_of (self->ingress, gone))
        router_open_handle (self, ROUTER_INGRESS_GONE, NULL);
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
