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
#include "broker/guard/guard_said.h"
#include "broker/ledger/ledger_receipt.h"

#define RECEIPT "x-bitrouter-receipt"
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
static uint64_t
s_elsewhere_us (const ingress_exchange_t *x, uint64_t elsewhere_us)
{
    if (elsewhere_us == INGRESS_UNTOLD || ingress_idem_is_aside (x->idem))
        return INGRESS_UNTOLD;
    uint64_t now_us = br_ctx_now_us (x->self->ctx);
    return elsewhere_us + (x->heard_us ? now_us - x->heard_us : 0);
}

static void
s_add_times (const ingress_exchange_t *x, uint64_t elsewhere_us)
{
    uint64_t took_us = br_ctx_now_us (x->self->ctx) - x->started_us;
    if (elsewhere_us != INGRESS_UNTOLD)
        ingress_notes_add_times (&x->self->notes, took_us, elsewhere_us);
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

//  Whom an answer is for, with what is noted so far; it lives until the next note.
static ingress_guest_t
s_noted_guest (const ingress_exchange_t *x)
{
    const br_buf_t *notes = &x->self->notes;
    ingress_guest_t guest = s_guest (x);
    guest.notes = (br_bytes_t) { notes->data, notes->size };
    return guest;
}

static uint64_t
s_guard_said (const ingress_exchange_t *x)
{
    return x->guard_said | (x->guard.has_missed ? GUARD_SAID_UNCHECKED : 0u)
           | (x->guard.has_missed_answer ? GUARD_SAID_ANSWER_UNCHECKED : 0u);
}

//  Begins the notes of an answer.
static br_buf_t *
s_note (const ingress_exchange_t *x)
{
    br_buf_t *notes = &x->self->notes;
    br_buf_clear (notes);
    if (x->route)
        ingress_notes_add_route (notes, x->route);
    if (x->limits)
        s_add_rates (x);
    ingress_notes_add_guard (notes, s_guard_said (x));
    return notes;
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

//  Says a single answer, with what is noted already.
static void
s_say_whole (ingress_exchange_t *x, const ingress_head_t *head, br_blob_t *body)
{
    const char *receipt = x->receipt ? ingress_receipt_text (x->receipt) : "";
    if (*receipt)
        br_pairs_add (&x->self->notes, RECEIPT, receipt);
    ingress_guest_t guest = s_noted_guest (x);
    ingress_reply_whole (&guest, head, body);
}

static bool s_awaits (ingress_exchange_t *x, ingress_ending_t ending);

static void
s_reply (void *arg, const ingress_head_t *head, br_blob_t *body)
{
    ingress_exchange_t *x = arg;
    br_buf_t *notes = s_note (x);
    ingress_head_t told = *head;
    told.elsewhere_us = s_elsewhere_us (x, head->elsewhere_us);
    s_add_times (x, told.elsewhere_us); //  without the wait for a receipt
    if (s_passes_soon (head))
        ingress_notes_add_retry (notes, AGAIN_MS);
    if (head->status < 400)
        ingress_notes_add_cost (notes, s_cost (x, head->provider, head->model));
    ingress_idem_reply (x->idem, head, s_guard_said (x), body);
    if (head->status < 400)
        ingress_guard_look_down (&x->guard, x->self->ctx, x->id, false, true, body);
    x->answered = true;
    if (s_awaits (x, INGRESS_ENDS_WHOLE))
        x->held = ingress_held_new (&told, s_noted_guest (x).notes, body);
    else if (x->http)
        s_say_whole (x, &told, body);
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

//  A stream of events whose clients know comments; Google's do not.
static bool
s_knows_comments (const ingress_exchange_t *x)
{
    return x->is_events && x->wire != BR_PROTOCOL_GOOGLE;
}

static void
s_open (void *arg, const ingress_head_t *head)
{
    ingress_exchange_t *x = arg;
    br_buf_t *notes = s_note (x);
    s_add_times (x, s_elsewhere_us (x, head->elsewhere_us));
    if (x->continues)
        br_pairs_add (notes, "x-bitrouter-continue", "on");
    x->first_us = x->wrote_us = br_ctx_now_us (x->self->ctx);
    x->is_events = strncasecmp (head->content_type, "text/event-stream", 17) == 0;
    x->elsewhere_us = head->elsewhere_us == INGRESS_UNTOLD ? 0 : head->elsewhere_us;
    s_set_silence (x, INGRESS_KEEP_ALIVE_MS);
    x->guard_told = s_guard_said (x);
    ingress_idem_head (x->idem, head, x->guard_told);
    if (!x->http)
        return;
    if (x->receipt && !s_knows_comments (x))
        http_call_announce_trailer (x->http, RECEIPT);
    else if (x->guard.stands_down)
        http_call_announce_trailer (x->http, GUARD_SAID_NAME);
    ingress_guest_t guest = s_noted_guest (x);
    ingress_reply_open (&guest, head);
}

//  A copy for rules that only warn.
static void
s_look (ingress_exchange_t *x, const void *bytes, size_t size)
{
    if (!x->guard.looks_down)
        return;
    br_blob_t *piece = br_blob_new (bytes, size);
    ingress_guard_look_down (&x->guard, x->self->ctx, x->id, x->is_events, false, piece);
    br_blob_destroy (&piece);
}

static void
s_write (void *arg, const void *bytes, size_t size)
{
    ingress_exchange_t *x = arg;
    x->wrote_us = br_ctx_now_us (x->self->ctx);
    ingress_idem_write (x->idem, bytes, size);
    s_look (x, bytes, size);
    if (x->http)
        http_call_write (x->http, bytes, size);
}

//  ---- the end of an answer

//  Whether there is room for a comment behind the last event.
static bool
s_takes_comment (const ingress_exchange_t *x, ingress_ending_t ending)
{
    return s_knows_comments (x)
           && (ending == INGRESS_ENDS_CUT || ingress_call_is_between (x->call));
}

//  For who wants it. It is no part of the answer: who hears it again does not get it.
static void
s_tell_cost (ingress_exchange_t *x)
{
    int64_t nusd = s_cost (x, ingress_call_provider (x->call),
                           ingress_call_model (x->call));
    if (!x->wishes.tells_cost || !s_takes_comment (x, INGRESS_ENDS_WELL)
        || nusd == BR_PRICE_UNKNOWN)
        return;
    char line[64];
    int size = snprintf (line, sizeof line, ": bitrouter cost_nusd=%" PRId64 "\n\n",
                         nusd);
    http_call_write (x->http, line, (size_t) size);
}

//  What the guard did to a stream is known at its end. There is one trailer: a receipt that
//  has no other place takes it.
static void
s_tell_guard (ingress_exchange_t *x)
{
    br_buf_t words;
    br_buf_init (&words, GUARD_SAID_MAX);
    guard_said_write (s_guard_said (x) & ~x->guard_told, &words);
    if (words.size)
        http_call_set_trailer (x->http, GUARD_SAID_NAME, br_buf_text (&words));
    br_buf_free (&words);
}

//  As a comment where that is known, else as a trailer.
static void
s_tell_receipt (ingress_exchange_t *x)
{
    const char *receipt = x->receipt ? ingress_receipt_text (x->receipt) : "";
    if (!*receipt)
        return;
    if (!s_takes_comment (x, x->ending)) {
        http_call_set_trailer (x->http, RECEIPT, receipt);
        return;
    }
    char line[LEDGER_RECEIPT_MAX + 32];
    int size = snprintf (line, sizeof line, ": bitrouter receipt=%s\n\n", receipt);
    http_call_write (x->http, line, (size_t) size);
}

static void
s_finish (ingress_exchange_t *x)
{
    if (x->ending == INGRESS_ENDS_WHOLE) {
        br_buf_t *notes = &x->self->notes;
        br_buf_clear (notes);
        br_buf_add (notes, x->held->notes.data, x->held->notes.size);
        s_say_whole (x, &x->held->head, x->held->body);
        return;
    }
    s_tell_guard (x);
    s_tell_receipt (x);
    if (x->ending == INGRESS_ENDS_WELL)
        http_call_end (x->http);
    else
        http_call_cut (x->http);
}

//  The receipt is here, or will not come. By now the bus has forgotten the call.
static void
s_on_receipt (void *arg)
{
    ingress_exchange_t *x = arg;
    ingress_exchange_enter (x);
    if (x->http)
        s_finish (x);
    ingress_exchange_leave (x);
}

//  Whether the client could be given one, and somebody will make it: the end of a cut
//  answer has no trailer, and a call that costs nothing since its router is gone no row.
static bool
s_has_place (const ingress_exchange_t *x, ingress_ending_t ending)
{
    if (!x->http || !x->receipt || x->unmade)
        return false;
    return ending == INGRESS_ENDS_WHOLE || s_takes_comment (x, ending)
           || (ending == INGRESS_ENDS_WELL && http_call_takes_trailer (x->http));
}

//  True when the end has to wait for the receipt: s_on_receipt comes then.
static bool
s_awaits (ingress_exchange_t *x, ingress_ending_t ending)
{
    x->ending = ending;
    return s_has_place (x, ending) && ingress_receipt_wait (x->receipt, s_on_receipt, x);
}

static void
s_end (void *arg)
{
    ingress_exchange_t *x = arg;
    ingress_idem_end (x->idem, true);
    ingress_guard_look_down (&x->guard, x->self->ctx, x->id, x->is_events, true, NULL);
    x->answered = true;
    if (!x->http)
        return;
    s_tell_cost (x);
    if (!s_awaits (x, INGRESS_ENDS_WELL))
        s_finish (x);
}

static void
s_cut (void *arg)
{
    ingress_exchange_t *x = arg;
    x->answered = true;
    if (x->http && !s_awaits (x, INGRESS_ENDS_CUT))
        s_finish (x);
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

//  Only where a guard may have changed it on its way: else its sender knows as much.
static void
s_answered (void *arg, uint32_t attempt, br_code_t code)
{
    ingress_exchange_t *x = arg;
    struct br_call_answered answered = { .code = code };
    if (x->guard.stands_down)
        s_tell_router (x, BR_CALL_ANSWERED, attempt, &answered);
}

//  It follows the stops of the open, which it would else overtake: then no router knows the
//  call. But the router is to hear of it before any other word that goes straight to it.
static void
s_cancel (void *arg, br_code_t code, const char *reason)
{
    ingress_exchange_t *x = arg;
    struct br_call_cancel cancel = { .reason = reason, .code = code };
    if (x->guard.stands_up)
        (void) br_ctx_send (x->self->ctx, x->guard.guard, BR_CALL_CANCEL, x->id, 0,
                            &cancel, NULL);
    s_tell_router (x, BR_CALL_CANCEL, 0, &cancel);
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

//  The end of a call that no router settles, or maybe none.
static struct br_call_settle
s_settle_of (const ingress_exchange_t *x, br_outcome_t outcome, br_code_t code)
{
    struct br_call_settle settle = { .request_id = x->request_id, .route = x->route };
    settle.provider = ingress_call_provider (x->call);
    settle.model = ingress_call_model (x->call);
    settle.outcome = outcome;
    settle.status = ingress_call_status (x->call);
    settle.code = code;
    settle.stream = x->stream;
    settle.attempts = ingress_call_attempt (x->call);
    settle.started_ms = x->started_ms;
    settle.latency_us = br_ctx_now_us (x->self->ctx) - x->started_us;
    settle.elsewhere_us = x->elsewhere_us;
    settle.surface = x->surface;
    settle.who = (br_bytes_t) { x->who.data, x->who.size };
    settle.request_hash = ingress_exchange_request_hash (x);
    if (x->receipt)
        settle.receipt_to = br_ctx_self (x->self->ctx);
    settle.first_us = x->first_us ? x->first_us - x->started_us : 0;
    return settle;
}

static void
s_raise_ended (const ingress_exchange_t *x, const struct br_call_settle *settle)
{
    if (!br_ctx_is_watched (x->self->ctx))
        return;
    char id[BR_ID_TEXT];
    struct br_event_call_ended ended = { .call = br_id_text (x->id, id) };
    ended.request_id = settle->request_id;
    ended.route = settle->route;
    ended.provider = settle->provider;
    ended.model = settle->model;
    ended.outcome = br_outcome_name ((unsigned) settle->outcome);
    ended.error_type = settle->code ? br_code_label ((br_code_t) settle->code) : "";
    ended.attempts = settle->attempts;
    ended.latency_ms = settle->latency_us / 1000;
    ended.input_tokens = settle->input_tokens;
    ended.output_tokens = settle->output_tokens;
    br_ctx_event (x->self->ctx, BR_EVENT_CALL_ENDED, &ended);
}

static void
s_settle (void *arg, br_outcome_t outcome, br_code_t code, const struct br_reply_end *end)
{
    ingress_exchange_t *x = arg;
    if (ingress_idem_is_aside (x->idem))
        return; //  who hears an answer again does not pay for it
    struct br_call_settle settle = s_settle_of (x, outcome, code);
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
    s_raise_ended (x, &settle);
    ingress_settles_add (x->self->settles, x->id, (uint32_t) settle.attempts, &settle);
}

static void
s_settle_late (void *arg, br_code_t code)
{
    ingress_exchange_t *x = arg;
    if (ingress_idem_is_aside (x->idem))
        return;
    struct br_call_settle settle = s_settle_of (x, BR_OUTCOME_FAILED, code);
    ingress_settles_add_late (x->self->settles, x->id, (uint32_t) settle.attempts,
                              &settle);
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
    .answered = s_answered,
    .cancel = s_cancel,
    .stop = s_stop,
    .settle = s_settle,
    .settle_late = s_settle_late,
};

//  ---- without the machine

void
ingress_speech_refuse (ingress_exchange_t *x, const br_error_t *error)
{
    br_buf_t *notes = s_note (x);
    if (x->retry_ms)
        ingress_notes_add_retry (notes, x->retry_ms);
    ingress_guest_t guest = s_noted_guest (x);
    ingress_reply_error (&guest, error, NULL);
}
