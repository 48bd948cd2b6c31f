//  ingress_speech: functions of the table, in its order.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "actors/ingress/ingress_exchange.h"
#include "actors/ingress/ingress_exchange_self.h"
#include "actors/ingress/ingress_notes.h"
#include "actors/ingress/ingress_speech.h"
#include "broker/core/pairs.h"

#define AGAIN_MS 1000 //  when a host was lost, or we stop: others are there by then

static ingress_guest_t
s_guest (const ingress_exchange_t *x)
{
    return (ingress_guest_t) { .http = x->http,
                               .request_id = x->request_id,
                               .origin = x->origin,
                               .wire = x->wire,
                               .replayed = ingress_idem_is_replay (x->idem) };
}

//  ---- what we say ourselves in a head

//  What came after the head was heard of is the provider's time too: a single answer is
//  held until it is complete.
static void
s_add_times (const ingress_exchange_t *x, uint64_t elsewhere_us)
{
    uint64_t now_us = br_ctx_now_us (x->self->ctx);
    uint64_t since_us = x->heard_us ? now_us - x->heard_us : 0;
    ingress_notes_add_times (&x->self->notes, now_us - x->started_us,
                             elsewhere_us + since_us);
}

static void
s_add_rates (const ingress_exchange_t *x)
{
    br_buf_t *notes = &x->self->notes;
    uint64_t now_ms = br_ctx_unix_ms (x->self->ctx);
    quota_rate_t requests = ingress_limits_requests (x->limits);
    quota_rate_t tokens = ingress_limits_tokens (x->limits);
    uint64_t retry_ms = ingress_limits_retry_ms (x->limits);
    ingress_notes_add_rate (notes, x->wire, "requests", &requests, now_ms);
    ingress_notes_add_rate (notes, x->wire, "tokens", &tokens, now_ms);
    if (retry_ms)
        ingress_notes_add_retry (notes, retry_ms);
}

//  Whom an answer is for, with all that is to be said; it lives until the next use.
static ingress_guest_t
s_noted_guest (const ingress_exchange_t *x, uint64_t elsewhere_us)
{
    br_buf_t *notes = &x->self->notes;
    br_buf_clear (notes);
    if (x->route)
        ingress_notes_add_route (notes, x->route);
    if (elsewhere_us != INGRESS_UNTOLD && !ingress_idem_is_aside (x->idem))
        s_add_times (x, elsewhere_us);
    if (x->limits)
        s_add_rates (x);
    ingress_guest_t guest = s_guest (x);
    guest.notes = (br_bytes_t) { notes->data, notes->size };
    return guest;
}

//  What the answer has cost, or BR_PRICE_UNKNOWN. Who hears an answer again does not pay; of
//  one that was gone on with only the meter knows all parts.
static int64_t
s_cost (const ingress_exchange_t *x, const char *provider, const char *model)
{
    if (!x->usage.known || !x->route || x->is_joined || ingress_idem_is_aside (x->idem))
        return BR_PRICE_UNKNOWN;
    return ingress_offers_cost (x->self->conf.offers, provider, model, x->route,
                                &x->usage);
}

//  ---- what the machine says to the client

//  Whether this is an error of ours that the next try may not meet.
static bool
s_passes_soon (const ingress_head_t *head)
{
    bool is_ours = head->elsewhere_us == INGRESS_UNTOLD;
    return is_ours && (head->status == 503 || head->status == 529);
}

static void
s_reply (void *arg, const ingress_head_t *head, br_blob_t *body)
{
    ingress_exchange_t *x = arg;
    br_buf_t *notes = &x->self->notes;
    ingress_guest_t guest = s_noted_guest (x, head->elsewhere_us);
    if (s_passes_soon (head))
        ingress_notes_add_retry (notes, AGAIN_MS);
    if (head->status < 400)
        ingress_notes_add_cost (notes, s_cost (x, head->provider, head->model));
    guest.notes = (br_bytes_t) { notes->data, notes->size };
    ingress_idem_reply (x->idem, head, body);
    x->answered = true;
    if (x->http)
        ingress_reply_whole (&guest, head, body);
}

static void s_set_silence (ingress_exchange_t *x, uint64_t delay_ms);

static void
s_on_silence (void *arg)
{
    ingress_exchange_t *x = arg;
    uint64_t silent_ms = (br_ctx_now_us (x->self->ctx) - x->wrote_us) / 1000;
    if (silent_ms < INGRESS_KEEP_ALIVE_MS) {
        s_set_silence (x, INGRESS_KEEP_ALIVE_MS - silent_ms);
        return;
    }
    s_set_silence (x, INGRESS_KEEP_ALIVE_MS);
    ingress_exchange_enter (x);
    if (x->http && !http_call_pending (x->http))
        ingress_call_news (x->call, INGRESS_SILENCE);
    ingress_exchange_leave (x);
}

static void
s_set_silence (ingress_exchange_t *x, uint64_t delay_ms)
{
    br_timer_set (br_ctx_loop (x->self->ctx), &x->silence, delay_ms, s_on_silence, x);
}

static void
s_open (void *arg, const ingress_head_t *head)
{
    ingress_exchange_t *x = arg;
    br_buf_t *notes = &x->self->notes;
    ingress_guest_t guest = s_noted_guest (x, head->elsewhere_us);
    if (x->continues)
        br_pairs_add (notes, "x-bitrouter-continue", "on");
    guest.notes = (br_bytes_t) { notes->data, notes->size };
    x->first_us = x->wrote_us = br_ctx_now_us (x->self->ctx);
    x->is_events = strncasecmp (head->content_type, "text/event-stream", 17) == 0;
    x->elsewhere_us = head->elsewhere_us == INGRESS_UNTOLD ? 0 : head->elsewhere_us;
    s_set_silence (x, INGRESS_KEEP_ALIVE_MS);
    ingress_idem_head (x->idem, head);
    if (x->http)
        ingress_reply_open (&guest, head);
}

static void
s_write (void *arg, const void *bytes, size_t size)
{
    ingress_exchange_t *x = arg;
    x->wrote_us = br_ctx_now_us (x->self->ctx);
    ingress_idem_write (x->idem, bytes, size);
    if (x->http)
        http_call_write (x->http, bytes, size);
}

//  A comment between the last event and the end, for who wants it. Google's clients know
//  no comments. It is no part of the answer: who hears it again does not get it.
static void
s_tell_cost (ingress_exchange_t *x)
{
    int64_t nusd = s_cost (x, ingress_call_provider (x->call),
                           ingress_call_model (x->call));
    if (!x->wishes.tells_cost || !x->is_events || x->wire == BR_PROTOCOL_GOOGLE
        || nusd == BR_PRICE_UNKNOWN)
        return;
    char line[64];
    int size = snprintf (line, sizeof line, ": bitrouter cost_nusd=%" PRId64 "\n\n",
                         nusd);
    http_call_write (x->http, line, (size_t) size);
}

static void
s_end (void *arg)
{
    ingress_exchange_t *x = arg;
    ingress_idem_end (x->idem, true);
    x->answered = true;
    if (!x->http)
        return;
    s_tell_cost (x);
    http_call_end (x->http);
}

static void
s_cut (void *arg)
{
    ingress_exchange_t *x = arg;
    x->answered = true;
    if (x->http)
        http_call_cut (x->http);
}

//  ---- what it says to the bus

static void
s_tell_router (ingress_exchange_t *x, br_verb_t verb, uint32_t attempt,
               const void *fields)
{
    if (ingress_idem_is_aside (x->idem))
        return; //  no router knows it; the owner hears of its end
    int rc = br_ctx_send (x->self->ctx, x->router, verb, x->id, attempt, fields, NULL);
    if (rc)
        x->router_gone = true; //  told to the machine when it has finished
}

static void
s_commit (void *arg, uint32_t attempt)
{
    s_tell_router (arg, BR_CALL_COMMIT, attempt, NULL);
}

static void
s_credit (void *arg, uint32_t attempt, uint64_t upto)
{
    ingress_exchange_t *x = arg;
    struct br_reply_credit credit = { .upto = upto };
    br_ctx_send (x->self->ctx, x->replier, BR_REPLY_CREDIT, x->id, attempt, &credit,
                 NULL);
}

static void
s_joined (void *arg, uint32_t attempt)
{
    ingress_exchange_t *x = arg;
    x->is_joined = true;
    s_tell_router (x, BR_CALL_JOINED, attempt, NULL);
}

static void
s_fenced (void *arg, uint32_t attempt, bool committed)
{
    ingress_exchange_t *x = arg;
    br_verb_t verb = committed ? BR_CALL_COMMITTED : BR_CALL_FENCED;
    br_ctx_send (x->self->ctx, x->fence->from, verb, x->id, attempt, NULL, NULL);
}

static void
s_cancel (void *arg, const char *reason)
{
    struct br_call_cancel cancel = { .reason = reason };
    s_tell_router (arg, BR_CALL_CANCEL, 0, &cancel);
}

static void
s_stop (void *arg, uint32_t attempt)
{
    ingress_exchange_t *x = arg;
    if (ingress_idem_is_aside (x->idem))
        return;
    bool newest = attempt == ingress_call_attempt (x->call);
    br_ctx_send (x->self->ctx, newest ? x->replier : x->sender, BR_ATTEMPT_CANCEL, x->id,
                 attempt, NULL, NULL);
}

static void
s_settle (void *arg, br_outcome_t outcome, br_code_t code, const struct br_reply_end *end)
{
    ingress_exchange_t *x = arg;
    if (ingress_idem_is_aside (x->idem))
        return; //  who hears an answer again does not pay for it
    uint32_t attempt = ingress_call_attempt (x->call);
    struct br_call_settle settle = { .request_id = x->request_id, .route = x->route };
    settle.provider = ingress_call_provider (x->call);
    settle.model = ingress_call_model (x->call);
    settle.outcome = outcome;
    settle.status = ingress_call_status (x->call);
    settle.code = code;
    settle.stream = x->stream;
    settle.attempts = attempt;
    settle.started_ms = x->started_ms;
    settle.latency_us = br_ctx_now_us (x->self->ctx) - x->started_us;
    settle.elsewhere_us = x->elsewhere_us;
    settle.surface = x->surface;
    settle.who = (br_bytes_t) { x->who.data, x->who.size };
    settle.first_us = x->first_us ? x->first_us - x->started_us : 0;
    if (end) {
        settle.usage_known = end->usage_known;
        settle.input_tokens = end->input_tokens;
        settle.cache_read_tokens = end->cache_read_tokens;
        settle.cache_write_tokens = end->cache_write_tokens;
        settle.output_tokens = end->output_tokens;
        settle.reasoning_tokens = end->reasoning_tokens;
        settle.cache_write_1h_tokens = end->cache_write_1h_tokens;
        settle.audio_input_tokens = end->audio_input_tokens;
        settle.audio_output_tokens = end->audio_output_tokens;
    }
    ingress_settles_add (x->self->settles, x->id, attempt, &settle);
}

const ingress_out_t ingress_speech = {
    .reply = s_reply,
    .open = s_open,
    .write = s_write,
    .end = s_end,
    .cut = s_cut,
    .commit = s_commit,
    .credit = s_credit,
    .joined = s_joined,
    .fenced = s_fenced,
    .cancel = s_cancel,
    .stop = s_stop,
    .settle = s_settle,
};

//  ---- without the machine

void
ingress_speech_refuse (ingress_exchange_t *x, const br_error_t *error)
{
    ingress_guest_t guest = s_noted_guest (x, INGRESS_UNTOLD);
    br_buf_t *notes = &x->self->notes;
    if (x->retry_ms)
        ingress_notes_add_retry (notes, x->retry_ms);
    guest.notes = (br_bytes_t) { notes->data, notes->size };
    ingress_reply_error (&guest, error, NULL);
}
