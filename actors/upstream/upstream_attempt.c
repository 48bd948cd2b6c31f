//  upstream_attempt: one request to the provider and its answer on the way down the slip.
//
//  The head of a good answer is held back until its first meaningful frame, or, when it
//  is one body, until its end or 64 KB of it: whatever goes wrong before is attempt.fail,
//  and the router may try another provider. From the head on all goes down the slip in
//  sequence, and the router hears attempt.done at the end; or attempt.broken, when another
//  attempt may go on with an answer that was cut. What a provider says passes through
//  upstream_answer, which taps it, or translates it where the client speaks another
//  protocol.

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broker/core/alloc.h"
#include "broker/core/pairs.h"
#include "actors/upstream/upstream_answer.h"
#include "actors/upstream/upstream_attempt.h"
#include "actors/upstream/upstream_broken.h"
#include "actors/upstream/upstream_headers.h"
#include "actors/upstream/upstream_open.h"
#include "actors/upstream/upstream_patience.h"
#include "actors/upstream/upstream_refusal.h"
#include "actors/upstream/upstream_request.h"

typedef enum {
    STATE_WAITING,  //  for the head
    STATE_HOLDING,  //  a good status, nothing went down yet
    STATE_FLOWING,  //  reply.head went down
    STATE_DRAINING, //  the same; the provider is done, and bytes wait for credit
    STATE_BREAKING, //  the same; but it failed, and another attempt may go on
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
    bool stream; //  the client wants one
    bool paused;
    bool stopping;             //  there is no time to wait for credit
    upstream_broken_t *broken; //  what the router will be told of it, or NULL
    br_buf_t held;             //  bytes for the client; of a refusal, the provider's
    upstream_patience_t patience;
    br_timer_t first_timer; //  of a stream: until something goes down
    uint64_t started_us;
    uint64_t heard_us;     //  when the provider was heard last, before the head went down
    uint64_t first_us;     //  from the start to the head; 0 = none yet
    uint64_t elsewhere_us; //  what the call had waited when the attempt began
    char model[];
};

//  ---- ends

static bool
s_has_begun (const upstream_attempt_t *self)
{
    return self->state == STATE_FLOWING || self->state == STATE_DRAINING
           || self->state == STATE_BREAKING;
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

//  Its request has not left, so that nothing can have been used.
static bool
s_is_unsent (const upstream_attempt_t *self)
{
    return !s_has_begun (self) && self->transfer
           && !http_transfer_has_sent (self->transfer);
}

//  What it has cost: an estimate where the provider has not told, but nothing for one that
//  failed without an answer, or was cancelled before it was asked.
static br_usage_t
s_usage (const upstream_attempt_t *self, br_outcome_t outcome)
{
    bool cancelled = outcome == BR_OUTCOME_CANCELLED && self->state != STATE_REFUSED;
    if (cancelled && s_is_unsent (self))
        return (br_usage_t) { .known = true };
    return cancelled || s_has_begun (self) ? upstream_answer_estimate (self->answer)
                                           : upstream_answer_usage (self->answer);
}

//  The last message to the router; then nobody needs this attempt.
static void
s_end (upstream_attempt_t *self, br_outcome_t outcome, br_code_t code,
       br_failure_t failure)
{
    struct br_attempt_done done = { .outcome = outcome, .code = code };
    done.failure = failure;
    br_usage_t usage = s_usage (self, outcome);
    done.status = s_has_begun (self) ? self->status : 0;
    done.usage_known = usage.known;
    done.input_tokens = usage.input;
    done.cache_read_tokens = usage.cache_read;
    done.cache_write_tokens = usage.cache_write;
    done.output_tokens = usage.output;
    done.reasoning_tokens = usage.reasoning;
    done.cache_write_1h_tokens = usage.cache_write_1h;
    done.audio_input_tokens = usage.audio_input;
    done.audio_output_tokens = usage.audio_output;
    done.first_us = self->first_us;
    (void) s_tell_router (self, BR_ATTEMPT_DONE, &done, NULL);
    if (outcome == BR_OUTCOME_FAILED)
        self->env->failures++;
    http_transfer_cancel (&self->transfer);
    self->env->ended (self->env->arg, self);
}

void
upstream_attempt_cancel (upstream_attempt_t *self, br_code_t code)
{
    s_end (self, BR_OUTCOME_CANCELLED, code, BR_FAILURE_NONE);
}

static uint64_t
s_waited_us (const upstream_attempt_t *self)
{
    uint64_t now_us = br_ctx_now_us (self->env->ctx);
    return now_us > self->started_us ? now_us - self->started_us : 0;
}

//  A failure after the head, or one that the router cannot be told.
static void
s_error_down (upstream_attempt_t *self, const upstream_refusal_t *refusal)
{
    (void) upstream_down_error (&self->down, &refusal->text,
                                self->elsewhere_us + refusal->fail.waited_us);
    s_end (self, BR_OUTCOME_FAILED, refusal->text.code,
           (br_failure_t) refusal->fail.failure);
}

static int s_flow (upstream_attempt_t *self);

static bool
s_has_more (const upstream_attempt_t *self)
{
    return upstream_down_waits (&self->down) || self->held.size;
}

//  Ingress hears it in its turn, the router what another attempt needs. If there is no
//  router any more, it is the end.
static void
s_send_broken (upstream_attempt_t *self)
{
    br_usage_t usage = upstream_answer_estimate (self->answer);
    const br_error_t *text = upstream_broken_text (self->broken);
    int rc = -1;
    if (!self->router_gone)
        rc = upstream_broken_send (self->broken, self->env->ctx, self->router,
                                   self->down.call, self->down.attempt, &usage,
                                   self->first_us);
    if (rc) {
        self->router_gone = true;
        (void) upstream_down_error (&self->down, text,
                                    self->elsewhere_us + s_waited_us (self));
        s_end (self, BR_OUTCOME_FAILED, text->code,
               upstream_broken_failure (self->broken));
    } else if (upstream_down_broken (&self->down, text))
        upstream_attempt_cancel (self, BR_ECANCELLED);
    else {
        self->env->failures++;
        self->env->ended (self->env->arg, self);
    }
}

//  What was told goes down before that it broke off.
static void
s_break_off (upstream_attempt_t *self)
{
    if (s_flow (self) == 0 && !s_has_more (self))
        s_send_broken (self);
}

//  Whether another attempt may go on; then it is under way to that.
static bool
s_may_break_off (upstream_attempt_t *self, const upstream_refusal_t *refusal)
{
    bool is_late = self->router_gone || self->broken
                   || (self->stopping && s_has_more (self));
    if (!s_has_begun (self) || is_late)
        return false;
    br_blob_t *state = upstream_answer_resume (self->answer);
    if (!state)
        return false;
    self->broken = upstream_broken_new (refusal, &state);
    self->state = STATE_BREAKING;
    http_transfer_cancel (&self->transfer);
    return true;
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
    refused.waited_us = s_waited_us (self);
    refused.unix_ms = br_ctx_unix_ms (self->env->ctx);
    upstream_refusal_t refusal;
    upstream_refusal_init (&refusal, failure, &refused, &self->held);
    if (s_may_break_off (self, &refusal)) {
        upstream_refusal_free (&refusal);
        s_break_off (self);
        return;
    }
    int rc = -1;
    if (!s_has_begun (self))
        rc = s_tell_router (self, BR_ATTEMPT_FAIL, &refusal.fail, refusal.body);
    if (rc) {
        self->router_gone = self->router_gone || !s_has_begun (self);
        s_error_down (self, &refusal);
    } else {
        self->env->failures++;
        if (refusal.fail.failure == BR_FAILURE_AUTH && self->env->refused)
            self->env->refused (self->env->arg);
        http_transfer_cancel (&self->transfer);
        self->env->ended (self->env->arg, self);
    }
    upstream_refusal_free (&refusal);
}

static void
s_fail_as (upstream_attempt_t *self, br_code_t code, br_failure_t kind, const char *about)
{
    upstream_failure_t failure = { .code = code, .failure = kind, .about = about };
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
s_fail_by_end (upstream_attempt_t *self, http_end_t end)
{
    char about[UPSTREAM_PATIENCE_TEXT];
    upstream_failure_t failure = upstream_failure_of_end (end);
    failure.failure = upstream_patience_failure (&self->patience, end, failure.failure);
    failure.about = upstream_patience_tell (&self->patience, end, self->env->provider,
                                            failure.about, about);
    s_fail (self, &failure, NULL);
}

static void
s_fail_lost (upstream_attempt_t *self)
{
    s_fail_as (self, BR_EUPINVALID, BR_FAILURE_INVALID,
               "answered with something that makes no sense");
}

void
upstream_attempt_give_up (upstream_attempt_t *self)
{
    self->stopping = true;
    s_fail_as (self, BR_EGONE, BR_FAILURE_GONE,
               "is no longer asked: its host is stopping");
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
        upstream_attempt_cancel (self, BR_ECANCELLED);
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
    br_timer_cancel (br_ctx_loop (self->env->ctx), &self->first_timer);
    struct br_reply_head head = { .status = self->status };
    head.content_type = upstream_answer_type (
        self->answer, http_transfer_header (transfer, "content-type"));
    head.headers = (br_bytes_t) { headers.data, headers.size };
    head.provider = self->env->provider;
    head.model = self->model;
    head.endpoint = upstream_endpoint_name (self->endpoint);
    head.object = upstream_answer_object (self->answer);
    head.elsewhere_us = self->elsewhere_us + (self->heard_us - self->started_us);
    int rc = upstream_down_head (&self->down, &head, &self->held);
    br_buf_free (&headers);
    if (rc == 0)
        return s_flow (self);
    upstream_attempt_cancel (self, BR_ECANCELLED);
    return -1;
}

//  A stream may be whole and yet tell of an error: its bytes have gone down as they are.
static void
s_send_end (upstream_attempt_t *self)
{
    const tap_result_t *result = upstream_answer_result (self->answer);
    br_usage_t usage = upstream_answer_estimate (self->answer);
    if (upstream_down_end (&self->down, &usage))
        upstream_attempt_cancel (self, BR_ECANCELLED);
    else if (result->error) {
        upstream_failure_t failure = upstream_failure_of_error (result);
        s_end (self, BR_OUTCOME_FAILED, failure.code, failure.failure);
    } else
        s_end (self, BR_OUTCOME_OK, BR_OK, BR_FAILURE_NONE);
}

//  An error of the provider's behind data, of which the client was not told, since another
//  attempt may go on.
static bool
s_hides_error (const upstream_attempt_t *self)
{
    return upstream_answer_result (self->answer)->error
           && upstream_answer_is_resumable (self->answer);
}

//  All has come; what the window has no room for follows when it has.
static void
s_finish (upstream_attempt_t *self)
{
    if (s_hides_error (self)) {
        s_fail_by_error (self, NULL);
        return;
    }
    self->state = STATE_DRAINING;
    if (s_flow (self) == 0 && !s_has_more (self))
        s_send_end (self);
}

//  ---- what the provider says

static void
s_on_first_late (void *arg)
{
    upstream_attempt_t *self = arg;
    s_fail_by_end (self, HTTP_END_TIMEOUT_FIRST);
}

//  The head of a stream is not its first byte to the client: the same bound goes on until
//  something can go down. Comments and pings keep a connection alive, and are nothing.
static void
s_watch_first (upstream_attempt_t *self)
{
    uint64_t bound_ms = self->patience.bounds.first_byte_ms;
    uint64_t waited_ms = self->first_us / 1000;
    if (!self->stream || !bound_ms)
        return;
    br_timer_set (br_ctx_loop (self->env->ctx), &self->first_timer,
                  bound_ms > waited_ms ? bound_ms - waited_ms : 0, s_on_first_late, self);
}

static void
s_on_head (void *arg, http_transfer_t *transfer, unsigned status)
{
    upstream_attempt_t *self = arg;
    uint64_t waited_us = s_waited_us (self);
    self->first_us = waited_us ? waited_us : 1;
    self->heard_us = self->started_us + waited_us;
    self->status = status;
    self->state = status >= 200 && status <= 299 ? STATE_HOLDING : STATE_REFUSED;
    if (self->state == STATE_REFUSED)
        return;
    const char *type = http_transfer_header (transfer, "content-type");
    upstream_answer_head (self->answer, type);
    if (type && strncasecmp (type, "text/html", 9) == 0)
        s_fail_as (self, BR_EUPINVALID, BR_FAILURE_INVALID, "answered with a web page");
    else
        s_watch_first (self);
}

static void
s_on_held (upstream_attempt_t *self, const http_transfer_t *transfer, tap_first_t first)
{
    if (self->held.overflow || upstream_answer_is_lost (self->answer))
        s_fail_lost (self);
    else if (first == TAP_ERROR)
        s_fail_by_error (self, transfer);
    else if ((first == TAP_DATA || self->held.size >= UPSTREAM_HOLD_BYTES)
             && s_send_head (self, transfer) == 0 && s_hides_error (self))
        s_fail_by_error (self, NULL);
}

//  A translation that has lost its way tells nothing more; what passes does.
static void
s_on_flowing (upstream_attempt_t *self)
{
    bool translated = upstream_answer_is_translated (self->answer);
    bool lost = translated && upstream_answer_is_lost (self->answer);
    if (s_flow (self))
        return;
    if (lost || self->held.overflow)
        s_fail_lost (self);
    else if (s_hides_error (self))
        s_fail_by_error (self, NULL);
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
    if (self->state == STATE_HOLDING)
        self->heard_us = self->started_us + s_waited_us (self);
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
        s_fail_as (self, BR_EUPINVALID, BR_FAILURE_INVALID, "gave an empty answer");
    else if (!upstream_answer_is_whole (self->answer))
        s_fail_as (self, BR_EUPCUT, BR_FAILURE_CUT, "ended its answer too early");
    else if (self->held.overflow)
        s_fail_as (self, BR_ETOOBIG, BR_FAILURE_REQUEST,
                   "gave an answer that is too long");
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
    } else if (!whole)
        s_fail_by_end (self, result->end);
    else
        s_on_complete (self, transfer);
}

static const http_client_handler_t s_handler = {
    .head = s_on_head,
    .data = s_on_data,
    .done = s_on_done,
};

//  ---- life

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
    self->stream = start->stream != 0;
    self->patience = upstream_patience_of (upstream_table_bounds (table), start);
    self->elsewhere_us = start->elsewhere_us;
    self->started_us = self->heard_us = br_ctx_now_us (env->ctx);
    return self;
}

upstream_attempt_t *
upstream_attempt_new (upstream_env_t *env, upstream_table_t *table, http_client_t *client,
                      const br_msg_t *msg)
{
    br_slip_t slip;
    upstream_ask_t ask;
    env->requests++;
    upstream_answer_t *answer = upstream_open (env, table, msg, &slip, &ask);
    if (!answer)
        return NULL;
    upstream_attempt_t *self = s_new (env, table, msg, &slip);
    self->endpoint = ask.endpoint;
    self->answer = answer;
    br_buf_init (&self->held, upstream_answer_held_max (answer));
    br_error_t error;
    self->transfer = upstream_request_start (client, &self->patience.bounds, &ask, msg,
                                             &s_handler, self, &error);
    if (!self->transfer) {
        upstream_attempt_destroy (&self);
        upstream_refuse (env, msg, &error,
                         error.code == BR_EINVALID ? BR_FAILURE_REQUEST
                                                   : BR_FAILURE_GONE);
    }
    return self;
}

void
upstream_attempt_destroy (upstream_attempt_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    upstream_attempt_t *self = *self_p;
    br_timer_cancel (br_ctx_loop (self->env->ctx), &self->first_timer);
    http_transfer_cancel (&self->transfer);
    upstream_broken_destroy (&self->broken);
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
        upstream_attempt_cancel (self, BR_ECANCELLED);
}

void
upstream_attempt_credit (upstream_attempt_t *self, uint64_t upto)
{
    if (!upstream_down_credit (&self->down, upto))
        return;
    if (self->state == STATE_DRAINING)
        s_finish (self);
    else if (self->state == STATE_BREAKING)
        s_break_off (self);
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
