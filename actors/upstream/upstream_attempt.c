//  upstream_attempt: one request to the provider and its answer on the way down the slip.
//
//  The head of a good answer is held back until its first meaningful frame, or, when it
//  is one body, until its end or 64 KB of it: whatever goes wrong before is attempt.fail,
//  and the router may try another provider. From the head on all goes down the slip in
//  sequence, and the router hears attempt.done at the end. What a provider says passes
//  through upstream_answer, which taps it, or translates it where the client speaks
//  another protocol.

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broker/core/alloc.h"
#include "broker/core/pairs.h"
#include "actors/upstream/upstream_answer.h"
#include "actors/upstream/upstream_attempt.h"
#include "actors/upstream/upstream_choice.h"
#include "actors/upstream/upstream_estimate.h"
#include "actors/upstream/upstream_headers.h"
#include "actors/upstream/upstream_refusal.h"
#include "actors/upstream/upstream_request.h"

typedef enum {
    STATE_WAITING,  //  for the head
    STATE_HOLDING,  //  a good status, nothing went down yet
    STATE_FLOWING,  //  reply.head went down
    STATE_DRAINING, //  the same; the provider is done, and bytes wait for credit
    STATE_REFUSED   //  a bad status; its body is collected
} state_t;

struct _upstream_attempt_t {
    upstream_env_t *env; //  borrowed
    br_addr_t router;
    br_addr_t ingress;
    bool router_gone;
    upstream_table_t *table;             //  a reference
    const upstream_endpoint_t *endpoint; //  of table
    http_transfer_t *transfer;           //  NULL once it has ended
    upstream_answer_t *answer;
    upstream_down_t down;
    state_t state;
    unsigned status; //  of the provider
    br_protocol_t client;
    bool paused;
    br_buf_t held; //  bytes for the client; of a refusal, the provider's
    uint64_t started_us;
    uint64_t first_us; //  from the start to the head; 0 = none yet
    char model[];
};

//  ---- ends

static bool
s_has_begun (const upstream_attempt_t *self)
{
    return self->state == STATE_FLOWING || self->state == STATE_DRAINING;
}

static void
s_log (const upstream_attempt_t *self, const char *what)
{
    char call[BR_ID_TEXT];
    br_ctx_log (self->env->ctx, BR_LOG_INFO, "call %s, attempt %u: %s",
                br_id_text (self->down.call, call), self->down.attempt, what);
}

static int
s_tell_router (upstream_attempt_t *self, br_verb_t verb, const void *fields,
               br_blob_t *body)
{
    if (self->router_gone)
        return -1;
    return br_ctx_send (self->env->ctx, self->router, verb, self->down.call,
                        self->down.attempt, fields, body);
}

//  The last message to the router; then nobody needs this attempt.
static void
s_end (upstream_attempt_t *self, br_outcome_t outcome, br_code_t code)
{
    struct br_attempt_done done = { .outcome = outcome, .code = code };
    br_usage_t usage = upstream_answer_usage (self->answer);
    done.status = s_has_begun (self) ? self->status : 0;
    done.usage_known = usage.known;
    done.input_tokens = usage.input;
    done.cache_read_tokens = usage.cache_read;
    done.cache_write_tokens = usage.cache_write;
    done.output_tokens = usage.output;
    done.reasoning_tokens = usage.reasoning;
    done.first_us = self->first_us;
    (void) s_tell_router (self, BR_ATTEMPT_DONE, &done, NULL);
    if (outcome == BR_OUTCOME_FAILED)
        self->env->failures++;
    http_transfer_cancel (&self->transfer);
    self->env->ended (self->env->arg, self);
}

void
upstream_attempt_cancel (upstream_attempt_t *self)
{
    s_end (self, BR_OUTCOME_CANCELLED, BR_ECANCELLED);
}

//  A failure after the head, or one that the router cannot be told.
static void
s_error_down (upstream_attempt_t *self, br_code_t code, const char *text)
{
    (void) upstream_down_error (&self->down, code, text);
    s_end (self, BR_OUTCOME_FAILED, code);
}

//  The transfer may have ended: then its headers are gone too.
static void
s_fail (upstream_attempt_t *self, const upstream_failure_t *failure,
        const http_transfer_t *transfer)
{
    upstream_refused_t refused = { .endpoint = self->endpoint,
                                   .provider = self->env->provider,
                                   .client = self->client,
                                   .transfer = transfer };
    refused.translated = upstream_answer_is_translated (self->answer);
    upstream_refusal_t refusal;
    upstream_refusal_init (&refusal, failure, &refused, &self->held);
    br_code_t code = refusal.fail.code;
    int rc = -1;
    if (!s_has_begun (self))
        rc = s_tell_router (self, BR_ATTEMPT_FAIL, &refusal.fail, refusal.body);
    if (rc) {
        self->router_gone = self->router_gone || !s_has_begun (self);
        s_error_down (self, code, refusal.text.text);
    } else {
        self->env->failures++;
        http_transfer_cancel (&self->transfer);
        self->env->ended (self->env->arg, self);
    }
    upstream_refusal_free (&refusal);
}

static void
s_fail_as (upstream_attempt_t *self, br_code_t code, bool retry, const char *about)
{
    upstream_failure_t failure = { .code = code, .retry = retry, .about = about };
    s_fail (self, &failure, NULL);
}

static void
s_fail_by_error (upstream_attempt_t *self, const http_transfer_t *transfer)
{
    upstream_failure_t failure = upstream_failure_of_error (
        upstream_answer_result (self->answer));
    s_fail (self, &failure, transfer);
}

static void
s_fail_lost (upstream_attempt_t *self)
{
    s_fail_as (self, BR_EUPINVALID, true, "answered with something that makes no sense");
}

void
upstream_attempt_give_up (upstream_attempt_t *self)
{
    s_fail_as (self, BR_EGONE, true, "is no longer asked: its host is stopping");
}

//  ---- down the slip

static void
s_watch_window (upstream_attempt_t *self)
{
    bool is_full = upstream_down_is_full (&self->down);
    if (is_full == self->paused || !self->transfer)
        return;
    self->paused = is_full;
    if (is_full)
        http_transfer_pause (self->transfer);
    else
        http_transfer_resume (self->transfer);
}

//  -1 when the way down is closed: the attempt has ended then.
static int
s_flow (upstream_attempt_t *self)
{
    if (upstream_down_flow (&self->down, &self->held)) {
        upstream_attempt_cancel (self);
        return -1;
    }
    s_watch_window (self);
    return 0;
}

//  The head with all that was held back.
static int
s_send_head (upstream_attempt_t *self, const http_transfer_t *transfer)
{
    br_buf_t headers;
    br_buf_init (&headers, BR_PAIRS_MAX);
    upstream_headers_collect (transfer, &headers);
    const char *warnings = upstream_answer_warnings (self->answer);
    if (*warnings)
        (void) br_pairs_add (&headers, "x-bitrouter-warnings", warnings);
    self->state = STATE_FLOWING;
    struct br_reply_head head = { .status = self->status };
    head.content_type = upstream_answer_type (
        self->answer, http_transfer_header (transfer, "content-type"));
    head.headers = (br_bytes_t) { headers.data, headers.size };
    head.provider = self->env->provider;
    head.model = self->model;
    head.endpoint = upstream_endpoint_name (self->endpoint);
    head.object = upstream_answer_object (self->answer);
    int rc = upstream_down_head (&self->down, &head, &self->held);
    br_buf_free (&headers);
    if (rc == 0)
        return s_flow (self);
    upstream_attempt_cancel (self);
    return -1;
}

//  A stream may be whole and yet tell of an error: its bytes have gone down as they are.
static void
s_send_end (upstream_attempt_t *self)
{
    const tap_result_t *result = upstream_answer_result (self->answer);
    br_usage_t usage = upstream_answer_usage (self->answer);
    if (upstream_down_end (&self->down, &usage))
        upstream_attempt_cancel (self);
    else if (result->error)
        s_end (self, BR_OUTCOME_FAILED, upstream_failure_of_error (result).code);
    else
        s_end (self, BR_OUTCOME_OK, BR_OK);
}

static bool
s_has_more (const upstream_attempt_t *self)
{
    return upstream_down_waits (&self->down) || self->held.size;
}

//  All has come; what the window has no room for follows when it has.
static void
s_finish (upstream_attempt_t *self)
{
    self->state = STATE_DRAINING;
    if (s_flow (self) == 0 && !s_has_more (self))
        s_send_end (self);
}

//  ---- what the provider says

static void
s_on_head (void *arg, http_transfer_t *transfer, unsigned status)
{
    upstream_attempt_t *self = arg;
    uint64_t now_us = br_ctx_now_us (self->env->ctx);
    self->first_us = now_us > self->started_us ? now_us - self->started_us : 1;
    self->status = status;
    self->state = status >= 200 && status <= 299 ? STATE_HOLDING : STATE_REFUSED;
    if (self->state == STATE_REFUSED)
        return;
    const char *type = http_transfer_header (transfer, "content-type");
    upstream_answer_head (self->answer, type);
    if (type && strncasecmp (type, "text/html", 9) == 0)
        s_fail_as (self, BR_EUPINVALID, true, "answered with a web page");
}

static void
s_on_held (upstream_attempt_t *self, const http_transfer_t *transfer, tap_first_t first)
{
    if (self->held.overflow || upstream_answer_is_lost (self->answer))
        s_fail_lost (self);
    else if (first == TAP_ERROR)
        s_fail_by_error (self, transfer);
    else if (first == TAP_DATA || self->held.size >= UPSTREAM_HOLD_BYTES)
        s_send_head (self, transfer);
}

//  A translation that has lost its way tells nothing more; what passes does.
static void
s_on_flowing (upstream_attempt_t *self)
{
    bool translated = upstream_answer_is_translated (self->answer);
    bool lost = translated && upstream_answer_is_lost (self->answer);
    if (s_flow (self) == 0 && (lost || self->held.overflow))
        s_fail_lost (self);
}

static void
s_on_data (void *arg, http_transfer_t *transfer, const uint8_t *bytes, size_t size)
{
    upstream_attempt_t *self = arg;
    if (self->state == STATE_REFUSED) {
        if (self->held.size <= UPSTREAM_HOLD_BYTES)
            br_buf_add (&self->held, bytes, size);
        return;
    }
    tap_first_t first = upstream_answer_push (self->answer, bytes, size, &self->held);
    if (self->state == STATE_HOLDING)
        s_on_held (self, transfer, first);
    else
        s_on_flowing (self);
}

//  The answer is whole as far as HTTP knows, and was good.
static void
s_on_complete (upstream_attempt_t *self, const http_transfer_t *transfer)
{
    tap_first_t first = upstream_answer_end (self->answer, &self->held);
    bool holding = self->state == STATE_HOLDING;
    bool may_be_lost = holding || upstream_answer_is_translated (self->answer);
    if (may_be_lost && upstream_answer_is_lost (self->answer))
        s_fail_lost (self);
    else if (holding && first == TAP_ERROR)
        s_fail_by_error (self, transfer);
    else if (holding && first == TAP_NOTHING)
        s_fail_as (self, BR_EUPINVALID, true, "gave an empty answer");
    else if (!upstream_answer_is_whole (self->answer))
        s_fail_as (self, BR_EUPCUT, true, "ended its answer too early");
    else if (self->held.overflow)
        s_fail_as (self, BR_ETOOBIG, false, "gave an answer that is too long");
    else if (!holding || s_send_head (self, transfer) == 0)
        s_finish (self);
}

static void
s_on_done (void *arg, http_transfer_t *transfer, const http_result_t *result)
{
    upstream_attempt_t *self = arg;
    self->transfer = NULL;
    if (result->end != HTTP_END_OK)
        s_log (self, result->text);
    //  Some providers end a connection badly, but only after the last word of a stream.
    bool whole = result->end == HTTP_END_OK
                 || (self->state == STATE_FLOWING
                     && upstream_answer_is_done (self->answer));
    if (self->state == STATE_REFUSED) {
        upstream_failure_t failure = upstream_failure_of_status (self->status);
        failure.passes_body = failure.passes_body && whole;
        s_fail (self, &failure, transfer);
    } else if (!whole) {
        upstream_failure_t failure = upstream_failure_of_end (result->end);
        s_fail (self, &failure, NULL);
    } else
        s_on_complete (self, transfer);
}

static const http_client_handler_t s_handler = {
    .head = s_on_head,
    .data = s_on_data,
    .done = s_on_done,
};

//  ---- life

static void
s_refuse (upstream_env_t *env, const br_msg_t *msg, const br_error_t *error, bool retry)
{
    struct br_attempt_fail fail = { .code = error->code, .retry = retry };
    fail.error = error->text;
    env->failures++;
    (void) br_ctx_reply (env->ctx, msg, BR_ATTEMPT_FAIL, &fail, NULL);
}

//  What is read and written of the call; tells the router if it cannot be.
static upstream_answer_t *
s_expect (upstream_env_t *env, const upstream_table_t *table, const br_msg_t *msg,
          const upstream_ask_t *ask)
{
    const struct br_attempt_start *start = br_msg_fields (msg);
    upstream_asked_t asked = { .msg = msg, .surface = ask->surface };
    asked.provider = env->provider;
    asked.max_output = upstream_table_max_output (table, start->model);
    asked.now = br_ctx_unix_ms (env->ctx) / 1000;
    bool retry = false;
    br_error_t error;
    upstream_answer_t *answer = upstream_answer_new (&asked, &retry, &error);
    if (!answer)
        s_refuse (env, msg, &error, retry);
    return answer;
}

static upstream_attempt_t *
s_new (upstream_env_t *env, upstream_table_t *table, const br_msg_t *msg,
       const br_slip_t *slip)
{
    const struct br_attempt_start *start = br_msg_fields (msg);
    size_t model_size = strlen (start->model) + 1;
    upstream_attempt_t *self = br_alloc (1, sizeof (upstream_attempt_t) + model_size);
    memcpy (self->model, start->model, model_size);
    self->env = env;
    self->router = msg->from;
    self->ingress = slip->down[slip->down_size - 1];
    upstream_down_init (&self->down, env->ctx, msg, slip);
    self->table = upstream_table_ref (table);
    self->client = br_surface_row ((unsigned) start->surface)->wire;
    self->started_us = br_ctx_now_us (env->ctx);
    return self;
}

upstream_attempt_t *
upstream_attempt_new (upstream_env_t *env, upstream_table_t *table, http_client_t *client,
                      const br_msg_t *msg)
{
    const struct br_attempt_start *start = br_msg_fields (msg);
    br_error_t error = { BR_EINTERNAL, "the routing slip is malformed" };
    br_slip_t slip;
    upstream_ask_t ask;
    env->requests++;
    bool slip_is_bad = br_slip_decode (start->slip, &slip) || slip.down_size == 0;
    if (slip_is_bad || upstream_choose (table, env->provider, start, &ask, &error)) {
        s_refuse (env, msg, &error, !slip_is_bad);
        return NULL;
    }
    if (upstream_estimate_is_due (msg, ask.surface)) {
        upstream_estimate (env->ctx, env->provider, msg, &slip);
        return NULL;
    }
    upstream_answer_t *answer = s_expect (env, table, msg, &ask);
    if (!answer)
        return NULL;
    upstream_attempt_t *self = s_new (env, table, msg, &slip);
    self->endpoint = ask.endpoint;
    self->answer = answer;
    br_buf_init (&self->held, upstream_answer_held_max (answer));
    ask.body = upstream_answer_request (answer);
    self->transfer = upstream_request_start (client, table, &ask, msg, &s_handler, self,
                                             &error);
    if (!self->transfer) {
        upstream_attempt_destroy (&self);
        s_refuse (env, msg, &error, false);
    }
    return self;
}

void
upstream_attempt_destroy (upstream_attempt_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    upstream_attempt_t *self = *self_p;
    http_transfer_cancel (&self->transfer);
    upstream_answer_destroy (&self->answer);
    upstream_down_free (&self->down);
    br_buf_free (&self->held);
    upstream_table_destroy (&self->table);
    free (self);
    *self_p = NULL;
}

//  ---- what else happens

static bool
s_is_of (br_addr_t addr, const struct br_sys_gone *gone)
{
    return addr.host == gone->host && addr.life == gone->life;
}

void
upstream_attempt_gone (upstream_attempt_t *self, const struct br_sys_gone *gone)
{
    if (s_is_of (self->router, gone))
        self->router_gone = true;
    if (s_is_of (self->ingress, gone) || s_is_of (self->down.to, gone))
        upstream_attempt_cancel (self);
}

void
upstream_attempt_credit (upstream_attempt_t *self, uint64_t upto)
{
    if (!upstream_down_credit (&self->down, upto))
        return;
    if (self->state == STATE_DRAINING)
        s_finish (self);
    else if (self->state == STATE_FLOWING)
        (void) s_flow (self);
}

br_id_t
upstream_attempt_call (const upstream_attempt_t *self)
{
    return self->down.call;
}

uint32_t
upstream_attempt_number (const upstream_attempt_t *self)
{
    return self->down.attempt;
}
