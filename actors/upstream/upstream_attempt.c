//  upstream_attempt: one request to the provider and its answer on the way down the slip.
//
//  The head of a good answer is held back until its first meaningful frame, or, when it is
//  one body, until its end or 64 KB of it: whatever goes wrong before is attempt.fail, and
//  the router may try another provider. From the head on all goes down the slip in
//  sequence, and the router hears attempt.done at the end. A tap reads along for usage.

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broker/core/alloc.h"
#include "broker/core/pairs.h"
#include "broker/core/slip.h"
#include "broker/proto/surface.h"
#include "broker/proto/tap.h"
#include "actors/upstream/upstream_attempt.h"
#include "actors/upstream/upstream_failure.h"
#include "actors/upstream/upstream_headers.h"
#include "actors/upstream/upstream_request.h"

#define HELD_MAX (1u << 20) //  bytes: what is held back, and one more read

typedef enum {
    STATE_WAITING, //  for the head
    STATE_HOLDING, //  a good status, nothing went down yet
    STATE_FLOWING, //  reply.head went down
    STATE_REFUSED  //  a bad status; its body is collected
} state_t;

struct _upstream_attempt_t {
    upstream_env_t *env; //  borrowed
    br_id_t call;
    uint32_t number;
    br_addr_t router;
    br_addr_t ingress;
    br_addr_t down; //  first stop on the way to the client
    bool router_gone;
    upstream_table_t *table;             //  a reference
    const upstream_endpoint_t *endpoint; //  of table
    http_transfer_t *transfer;           //  NULL once it has ended
    tap_t *tap;
    state_t state;
    unsigned status; //  of the provider
    bool stream;     //  was asked for
    bool paused;
    br_buf_t held;   //  bytes of the answer
    uint64_t seq;    //  of the next reply
    uint64_t upto;   //  bytes of the answer that went down
    uint64_t credit; //  up to where they may
    uint64_t started_us;
    uint64_t first_us; //  from the start to the head; 0 = none yet
    char model[];
};

//  ---- ends

static void
s_log (const upstream_attempt_t *self, const char *what)
{
    char call[BR_ID_TEXT];
    br_ctx_log (self->env->ctx, BR_LOG_INFO, "call %s, attempt %u: %s",
                br_id_text (self->call, call), self->number, what);
}

//  The last message to the router; then nobody needs this attempt.
static void
s_end (upstream_attempt_t *self, br_outcome_t outcome, br_code_t code)
{
    struct br_attempt_done done = { .outcome = outcome, .code = code };
    const br_usage_t *usage = &tap_result (self->tap)->usage;
    done.status = self->state == STATE_FLOWING ? self->status : 0;
    done.usage_known = usage->known;
    done.input_tokens = usage->input;
    done.cache_read_tokens = usage->cache_read;
    done.cache_write_tokens = usage->cache_write;
    done.output_tokens = usage->output;
    done.reasoning_tokens = usage->reasoning;
    done.first_us = self->first_us;
    if (!self->router_gone)
        (void) br_ctx_send (self->env->ctx, self->router, BR_ATTEMPT_DONE, self->call,
                            self->number, &done, NULL);
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
s_error_down (upstream_attempt_t *self, const upstream_failure_t *failure,
              const char *text)
{
    struct br_reply_error error = { .seq = self->seq, .code = failure->code };
    error.error = text;
    error.attempts = self->number;
    (void) br_ctx_send (self->env->ctx, self->down, BR_REPLY_ERROR, self->call,
                        self->number, &error, NULL);
    s_end (self, BR_OUTCOME_FAILED, failure->code);
}

//  A provider's own error as a body to pass on, without our secrets; NULL where it has none
//  that a client of this protocol understands.
static br_blob_t *
s_take_error (upstream_attempt_t *self, bool passes)
{
    br_buf_t *held = &self->held;
    if (!passes || held->overflow || held->size > UPSTREAM_HOLD_BYTES)
        return NULL;
    size_t blank = 0;
    while (blank < held->size && strchr (" \t\r\n", held->data[blank]))
        blank++;
    if (blank == held->size || (held->data[blank] != '{' && held->data[blank] != '['))
        return NULL;
    upstream_endpoint_mask (self->endpoint, held->data, held->size);
    size_t size;
    uint8_t *data = br_buf_take (held, &size);
    return br_blob_take (data, size);
}

//  The transfer may have ended: then its headers are gone too.
static void
s_fail (upstream_attempt_t *self, const upstream_failure_t *failure,
        const http_transfer_t *transfer)
{
    br_ctx_t *ctx = self->env->ctx;
    br_error_t text;
    br_error_set (&text, failure->code, "provider %.100s %s", self->env->provider,
                  failure->about);
    if (self->state == STATE_FLOWING) {
        s_error_down (self, failure, text.text);
        return;
    }
    br_buf_t headers;
    br_buf_init (&headers, BR_PAIRS_MAX);
    struct br_attempt_fail fail = { .code = failure->code, .status = failure->status };
    fail.retry = failure->retry;
    fail.error = text.text;
    fail.content_type = "application/json";
    br_blob_t *body = s_take_error (self, failure->passes_body);
    if (transfer && failure->passes_body)
        upstream_headers_collect (transfer, &headers);
    fail.headers = (br_bytes_t) { headers.data, headers.size };
    int rc = -1;
    if (!self->router_gone)
        rc = br_ctx_send (ctx, self->router, BR_ATTEMPT_FAIL, self->call, self->number,
                          &fail, body);
    br_blob_destroy (&body);
    br_buf_free (&headers);
    if (rc) {
        self->router_gone = true;
        s_error_down (self, failure, text.text);
        return;
    }
    self->env->failures++;
    http_transfer_cancel (&self->transfer);
    self->env->ended (self->env->arg, self);
}

static void
s_fail_as (upstream_attempt_t *self, br_code_t code, bool retry, const char *about)
{
    upstream_failure_t failure = { .code = code, .retry = retry, .about = about };
    s_fail (self, &failure, NULL);
}

void
upstream_attempt_give_up (upstream_attempt_t *self)
{
    s_fail_as (self, BR_EGONE, true, "is no longer asked: its host is stopping");
}

//  ---- down the slip

//  -1 when the way down is closed: the attempt has ended then.
static int
s_send_down (upstream_attempt_t *self, br_verb_t verb, const void *fields,
             br_blob_t *body)
{
    int rc = br_ctx_send (self->env->ctx, self->down, verb, self->call, self->number,
                          fields, body);
    self->seq++;
    if (rc)
        upstream_attempt_cancel (self);
    return rc;
}

static void
s_watch_window (upstream_attempt_t *self)
{
    bool is_full = self->upto >= self->credit;
    if (is_full == self->paused || !self->transfer)
        return;
    self->paused = is_full;
    if (is_full)
        http_transfer_pause (self->transfer);
    else
        http_transfer_resume (self->transfer);
}

//  The head with all that was held back.
static int
s_send_head (upstream_attempt_t *self, const http_transfer_t *transfer)
{
    br_buf_t headers;
    br_buf_init (&headers, BR_PAIRS_MAX);
    upstream_headers_collect (transfer, &headers);
    size_t size;
    uint8_t *data = br_buf_take (&self->held, &size);
    br_blob_t *body = data ? br_blob_take (data, size) : NULL;
    self->upto += size;
    self->state = STATE_FLOWING;
    struct br_reply_head head = { .upto = self->upto, .status = self->status };
    head.content_type = http_transfer_header (transfer, "content-type");
    head.headers = (br_bytes_t) { headers.data, headers.size };
    head.provider = self->env->provider;
    head.model = self->model;
    int rc = s_send_down (self, BR_REPLY_HEAD, &head, body);
    br_blob_destroy (&body);
    br_buf_free (&headers);
    if (rc == 0)
        s_watch_window (self);
    return rc;
}

static void
s_send_delta (upstream_attempt_t *self, const uint8_t *bytes, size_t size)
{
    self->upto += size;
    struct br_reply_delta delta = { .seq = self->seq, .upto = self->upto };
    br_blob_t *body = br_blob_new (bytes, size);
    int rc = s_send_down (self, BR_REPLY_DELTA, &delta, body);
    br_blob_destroy (&body);
    if (rc == 0)
        s_watch_window (self);
}

//  A stream may be whole and yet tell of an error: its bytes have gone down as they are.
static void
s_send_end (upstream_attempt_t *self)
{
    const tap_result_t *result = tap_result (self->tap);
    struct br_reply_end end = { .seq = self->seq, .usage_known = result->usage.known };
    end.input_tokens = result->usage.input;
    end.cache_read_tokens = result->usage.cache_read;
    end.cache_write_tokens = result->usage.cache_write;
    end.output_tokens = result->usage.output;
    end.reasoning_tokens = result->usage.reasoning;
    if (s_send_down (self, BR_REPLY_END, &end, NULL))
        return;
    if (result->error)
        s_end (self, BR_OUTCOME_FAILED, upstream_failure_of_error (result).code);
    else
        s_end (self, BR_OUTCOME_OK, BR_OK);
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
    const char *type = http_transfer_header (transfer, "content-type");
    if (self->state == STATE_HOLDING && type && strncasecmp (type, "text/html", 9) == 0)
        s_fail_as (self, BR_EUPINVALID, true, "answered with a web page");
}

//  What the first byte of a good answer must not be.
static bool
s_makes_no_sense (const upstream_attempt_t *self)
{
    for (size_t i = 0; i < self->held.size; i++) {
        uint8_t byte = self->held.data[i];
        if (strchr (" \t\r\n", byte) && byte)
            continue;
        return byte == '<' || (!self->stream && byte != '{' && byte != '[');
    }
    return false;
}

static void
s_hold (upstream_attempt_t *self, const http_transfer_t *transfer, const uint8_t *bytes,
        size_t size)
{
    br_buf_add (&self->held, bytes, size);
    tap_first_t first = tap_push (self->tap, bytes, size);
    if (self->held.overflow || s_makes_no_sense (self)) {
        s_fail_as (self, BR_EUPINVALID, true,
                   "answered with something that makes no sense");
        return;
    }
    if (first == TAP_ERROR) {
        upstream_failure_t failure = upstream_failure_of_error (tap_result (self->tap));
        s_fail (self, &failure, transfer);
        return;
    }
    if (first == TAP_DATA || self->held.size >= UPSTREAM_HOLD_BYTES)
        s_send_head (self, transfer);
}

static void
s_on_data (void *arg, http_transfer_t *transfer, const uint8_t *bytes, size_t size)
{
    upstream_attempt_t *self = arg;
    if (self->state == STATE_HOLDING)
        s_hold (self, transfer, bytes, size);
    else if (self->state == STATE_REFUSED) {
        if (self->held.size <= UPSTREAM_HOLD_BYTES)
            br_buf_add (&self->held, bytes, size);
    } else {
        tap_push (self->tap, bytes, size);
        s_send_delta (self, bytes, size);
    }
}

//  The answer is whole as far as HTTP knows, and was good.
static void
s_on_complete (upstream_attempt_t *self, const http_transfer_t *transfer)
{
    tap_first_t first = tap_end (self->tap);
    const tap_result_t *result = tap_result (self->tap);
    bool holding = self->state == STATE_HOLDING;
    if (holding && first == TAP_ERROR) {
        upstream_failure_t failure = upstream_failure_of_error (result);
        s_fail (self, &failure, transfer);
        return;
    }
    if (holding && (first == TAP_NOTHING || (!self->stream && result->unknown))) {
        s_fail_as (self, BR_EUPINVALID, true,
                   first == TAP_NOTHING ? "gave an empty answer"
                                        : "answered with something that is no JSON");
        return;
    }
    if (!result->complete && !result->unknown && !result->error) {
        s_fail_as (self, BR_EUPCUT, true, "ended its answer too early");
        return;
    }
    if (holding && s_send_head (self, transfer))
        return;
    s_send_end (self);
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
                 || (self->state == STATE_FLOWING && tap_result (self->tap)->done);
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
s_refuse (upstream_env_t *env, const br_msg_t *msg, br_code_t code, bool retry,
          const char *why)
{
    br_error_t text;
    br_error_set (&text, code, "provider %.100s: %s", env->provider, why);
    struct br_attempt_fail fail = { .code = code, .retry = retry, .error = text.text };
    env->failures++;
    (void) br_ctx_reply (env->ctx, msg, BR_ATTEMPT_FAIL, &fail, NULL);
}

//  Whether the endpoint can be asked for this surface and model; tells the router if not.
static const upstream_endpoint_t *
s_choose (upstream_env_t *env, const upstream_table_t *table, const br_msg_t *msg)
{
    const struct br_attempt_start *start = br_msg_fields (msg);
    const br_surface_row_t *row = br_surface_row ((unsigned) start->surface);
    const upstream_endpoint_t *endpoint = upstream_table_find (table, start->endpoint);
    br_code_t code = BR_EUPBAD;
    const char *why = NULL;
    if (!row || !row->upstream)
        why = "the operation is not one that a provider knows";
    else if (!endpoint)
        why = "the endpoint is not configured any more";
    else if (!upstream_endpoint_url (endpoint, (unsigned) start->surface))
        why = "there is no api_base; nothing was sent";
    else if (!upstream_table_speaks (table, endpoint, row->protocol, start->model))
        why = "it does not speak the client's protocol";
    else if (upstream_endpoint_refusal (endpoint)) {
        why = upstream_endpoint_refusal (endpoint);
        code = BR_EUPAUTH;
    }
    if (!why)
        return endpoint;
    s_refuse (env, msg, code, true, why);
    return NULL;
}

upstream_attempt_t *
upstream_attempt_new (upstream_env_t *env, upstream_table_t *table, http_client_t *client,
                      const br_msg_t *msg)
{
    const struct br_attempt_start *start = br_msg_fields (msg);
    env->requests++;
    br_slip_t slip;
    if (br_slip_decode (start->slip, &slip) || slip.down_size == 0) {
        s_refuse (env, msg, BR_EINTERNAL, false, "the routing slip is malformed");
        return NULL;
    }
    const upstream_endpoint_t *endpoint = s_choose (env, table, msg);
    if (!endpoint)
        return NULL;
    size_t model_size = strlen (start->model) + 1;
    upstream_attempt_t *self = br_alloc (1, sizeof (upstream_attempt_t) + model_size);
    br_error_t error = { .code = BR_OK };
    self->transfer = upstream_request_start (client, table, endpoint, msg, &s_handler,
                                             self, &error);
    if (!self->transfer) {
        free (self);
        s_refuse (env, msg, error.code, false, error.text);
        return NULL;
    }
    memcpy (self->model, start->model, model_size);
    self->env = env;
    self->call = msg->call;
    self->number = msg->attempt;
    self->router = msg->from;
    self->ingress = slip.down[slip.down_size - 1];
    self->down = br_slip_down (&slip, br_ctx_self (env->ctx));
    self->table = upstream_table_ref (table);
    self->endpoint = endpoint;
    self->tap = tap_new (BR_PROTOCOL_CHAT, start->stream != 0);
    self->stream = start->stream != 0;
    self->credit = UPSTREAM_WINDOW;
    self->started_us = br_ctx_now_us (env->ctx);
    br_buf_init (&self->held, HELD_MAX);
    return self;
}

void
upstream_attempt_destroy (upstream_attempt_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    upstream_attempt_t *self = *self_p;
    http_transfer_cancel (&self->transfer);
    tap_destroy (&self->tap);
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
    if (s_is_of (self->ingress, gone) || s_is_of (self->down, gone))
        upstream_attempt_cancel (self);
}

void
upstream_attempt_credit (upstream_attempt_t *self, uint64_t upto)
{
    if (upto <= self->credit)
        return;
    self->credit = upto;
    s_watch_window (self);
}

br_id_t
upstream_attempt_call (const upstream_attempt_t *self)
{
    return self->call;
}

uint32_t
upstream_attempt_number (const upstream_attempt_t *self)
{
    return self->number;
}
