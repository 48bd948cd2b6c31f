//  ingress_exchange: from a request to a call, and back.
//
//  A request is walked (in slices when it is large), resolved and opened on the bus. From
//  then on messages and the socket feed the state machine, and this file does what it
//  says. The bus forgets an exchange at the last word; the exchange itself ends when HTTP
//  is done with it too. What a callback of HTTP brings while the machine is at work waits
//  until it has finished.

#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_asked.h"
#include "actors/ingress/ingress_call.h"
#include "actors/ingress/ingress_exchange.h"
#include "actors/ingress/ingress_request.h"
#include "actors/ingress/ingress_resolve.h"
#include "broker/core/alloc.h"
#include "broker/core/slip.h"

struct _ingress_exchange_t {
    ingress_t *self;
    ingress_exchange_t *next; //  of all exchanges
    ingress_exchange_t **prev;
    http_call_t *http; //  NULL when HTTP is done with it
    br_id_t id;
    br_surface_t surface;
    const br_surface_row_t *row; //  of the surface
    br_protocol_t wire;          //  in which the client hears errors
    char request_id[INGRESS_ID_MAX + 1];
    char *origin; //  or NULL
    //  ---- until it is open
    ingress_scan_t *scan; //  of a large body; else NULL
    //  ---- once it is open
    ingress_call_t *call; //  NULL before
    br_addr_t router;
    br_addr_t replier;     //  who sends the words of the newest attempt
    br_addr_t sender;      //  of the word under way
    const br_msg_t *fence; //  the one under way
    char *route;           //  the name that the client asked for
    bool stream;
    uint64_t started_us;
    uint64_t started_ms; //  unix
    uint64_t first_us;   //  when the head was written
    uint64_t wrote_us;   //  when something was written last
    br_timer_t silence;
    //  ---- what waits until the machine has finished
    unsigned busy;
    bool router_gone;
    bool client_gone;
    bool answered;  //  the client got all of an answer, or its end
    bool forgotten; //  by the bus
    uint64_t written;
};

static void
s_destroy (ingress_exchange_t *x)
{
    ingress_t *self = x->self;
    br_timer_cancel (br_ctx_loop (self->ctx), &x->silence);
    ingress_open_remove (self->open, x->id, false);
    *x->prev = x->next;
    if (x->next)
        x->next->prev = x->prev;
    self->exchanges--;
    ingress_call_destroy (&x->call);
    ingress_scans_drop (self->scans, &x->scan);
    free (x->route);
    free (x->origin);
    free (x);
}

static ingress_guest_t
s_guest (const ingress_exchange_t *x)
{
    return (ingress_guest_t) { x->http, x->request_id, x->origin, x->wire };
}

//  ---- around each step of the machine

static void
s_enter (ingress_exchange_t *x)
{
    x->busy++;
}

//  Hands on what waited. False when nothing did.
static bool
s_catch_up (ingress_exchange_t *x)
{
    if (x->router_gone) {
        x->router_gone = false;
        ingress_call_news (x->call, INGRESS_ROUTER_GONE);
    } else if (x->written) {
        uint64_t written = x->written;
        x->written = 0;
        ingress_call_written (x->call, written);
    } else if (x->client_gone) {
        x->client_gone = false;
        ingress_call_news (x->call, INGRESS_CLIENT_GONE);
    } else
        return false;
    return true;
}

static void
s_leave (ingress_exchange_t *x)
{
    if (x->busy > 1) {
        x->busy--;
        return;
    }
    while (x->call && s_catch_up (x))
        continue;
    x->busy--;
    ingress_t *self = x->self;
    bool over = x->call ? ingress_call_is_over (x->call) : !x->scan;
    if (over && !x->forgotten) {
        x->forgotten = true;
        br_timer_cancel (br_ctx_loop (self->ctx), &x->silence);
        ingress_open_remove (self->open, x->id, x->answered);
    }
    if (over && !x->http) {
        s_destroy (x);
        ingress_check_stop (self);
    }
}

//  ---- what the machine says to the client

static void
s_reply (void *arg, const ingress_head_t *head, br_blob_t *body)
{
    ingress_exchange_t *x = arg;
    ingress_guest_t guest = s_guest (x);
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
    s_enter (x);
    if (x->http && !http_call_pending (x->http))
        ingress_call_news (x->call, INGRESS_SILENCE);
    s_leave (x);
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
    ingress_guest_t guest = s_guest (x);
    x->first_us = x->wrote_us = br_ctx_now_us (x->self->ctx);
    s_set_silence (x, INGRESS_KEEP_ALIVE_MS);
    if (x->http)
        ingress_reply_open (&guest, head);
}

static void
s_write (void *arg, const void *bytes, size_t size)
{
    ingress_exchange_t *x = arg;
    x->wrote_us = br_ctx_now_us (x->self->ctx);
    if (x->http)
        http_call_write (x->http, bytes, size);
}

static void
s_end (void *arg)
{
    ingress_exchange_t *x = arg;
    x->answered = true;
    if (x->http)
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
    bool newest = attempt == ingress_call_attempt (x->call);
    br_ctx_send (x->self->ctx, newest ? x->replier : x->sender, BR_ATTEMPT_CANCEL, x->id,
                 attempt, NULL, NULL);
}

static void
s_settle (void *arg, br_outcome_t outcome, br_code_t code, const struct br_reply_end *end)
{
    ingress_exchange_t *x = arg;
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
    settle.first_us = x->first_us ? x->first_us - x->started_us : 0;
    if (end) {
        settle.usage_known = end->usage_known;
        settle.input_tokens = end->input_tokens;
        settle.cache_read_tokens = end->cache_read_tokens;
        settle.cache_write_tokens = end->cache_write_tokens;
        settle.output_tokens = end->output_tokens;
        settle.reasoning_tokens = end->reasoning_tokens;
    }
    ingress_settles_add (x->self->settles, x->id, attempt, &settle);
}

static const ingress_out_t s_out = {
    .reply = s_reply,
    .open = s_open,
    .write = s_write,
    .end = s_end,
    .cut = s_cut,
    .commit = s_commit,
    .credit = s_credit,
    .fenced = s_fenced,
    .cancel = s_cancel,
    .stop = s_stop,
    .settle = s_settle,
};

//  ---- the open

static void
s_refuse (ingress_exchange_t *x, const br_error_t *error)
{
    ingress_guest_t guest = s_guest (x);
    ingress_reply_error (&guest, error, NULL);
}

static void
s_raise_started (const ingress_exchange_t *x, const request_t *request)
{
    if (!br_ctx_is_watched (x->self->ctx))
        return;
    char id[BR_ID_TEXT];
    struct br_event_call_started started = { .call = br_id_text (x->id, id) };
    started.request_id = x->request_id;
    started.route = request->model;
    started.stream = request->stream;
    br_ctx_event (x->self->ctx, BR_EVENT_CALL_STARTED, &started);
}

static void
s_encode_slip (ingress_t *self, br_addr_t router)
{
    br_slip_t slip = { .up_size = 1, .down_size = 1 };
    slip.up[0] = router;
    slip.down[0] = br_ctx_self (self->ctx);
    br_buf_clear (&self->slip);
    br_slip_encode (&slip, &self->slip);
}

static br_bytes_t
s_bytes (const br_buf_t *buf)
{
    return (br_bytes_t) { buf->data, buf->size };
}

//  Sends the call up the slip.
static void
s_send_open (ingress_exchange_t *x, const request_t *request,
             const ingress_asked_t *asked, const ingress_target_t *target)
{
    ingress_t *self = x->self;
    s_encode_slip (self, x->router);
    ingress_request_headers (x->http, x->wire, self->conf.settings->pass_headers,
                             &self->headers);
    ingress_request_query (http_call_query (x->http), asked->alt, &self->query);
    struct br_call_open open = { .slip = s_bytes (&self->slip) };
    open.generation = self->generation;
    open.surface = x->surface;
    open.stream = request->stream;
    open.request_id = x->request_id;
    open.model = request->model;
    open.model_at = request->model_offset;
    open.model_size = request->model_size;
    open.model_bare = request->model_bare;
    open.object = x->row->kind == BR_SURFACE_OBJECT ? asked->name : "";
    open.content_type = asked->known.place == REQUEST_FORM ? asked->known.content_type
                                                           : "";
    open.query = br_buf_text (&self->query);
    open.headers = s_bytes (&self->headers);
    open.strategy = target->strategy;
    open.candidates = target->candidates;
    br_blob_t *body = http_call_take_body (x->http); //  the message keeps it alive
    int rc = br_ctx_send (self->ctx, x->router, BR_CALL_OPEN, x->id, 0, &open, body);
    br_blob_destroy (&body);
    if (rc)
        ingress_call_news (x->call, INGRESS_ROUTER_GONE);
}

//  The body is walked: finds out who may answer and opens the call, or refuses.
static void
s_go (ingress_exchange_t *x, request_t *request)
{
    ingress_t *self = x->self;
    br_error_t error = { .code = BR_OK };
    ingress_asked_t asked;
    ingress_target_t target;
    int rc = ingress_asked_read (&asked, x->surface, x->http, &error);
    if (rc == 0)
        rc = ingress_resolve (self, x->row->kind, asked.name, request, &target, &error);
    if (rc) {
        s_refuse (x, &error);
        return;
    }
    x->router = br_ctx_find (self->ctx, "router");
    if (!br_addr_is_set (x->router)) {
        br_error_set (&error, BR_EGONE, "no router can be reached; try again");
        s_refuse (x, &error);
        return;
    }
    x->call = ingress_call_new (x->surface, &s_out, x);
    if (asked.as_array)
        ingress_call_as_array (x->call);
    x->route = br_strdup (request->model);
    x->stream = request->stream;
    ingress_open_add (self->open, x->id, x);
    s_raise_started (x, request);
    s_send_open (x, request, &asked, &target);
}

static void
s_on_scan (void *arg, const request_t *request, const br_error_t *error)
{
    ingress_exchange_t *x = arg;
    x->scan = NULL;
    s_enter (x);
    request_t copy;
    if (request) {
        copy = *request;
        s_go (x, &copy);
    } else
        s_refuse (x, error);
    s_leave (x);
}

//  Looks at the body, as far as there is anything in it to be looked for.
static void
s_walk (ingress_exchange_t *x)
{
    ingress_asked_t asked;
    br_error_t error = { .code = BR_OK };
    int rc = ingress_asked_read (&asked, x->surface, x->http, &error);
    if (rc) {
        s_refuse (x, &error);
        return;
    }
    br_blob_t *body = http_call_body (x->http);
    size_t size = asked.known.place == REQUEST_NOWHERE ? 0 : br_blob_size (body);
    x->scan = ingress_scans_add (x->self->scans, &asked.known, br_blob_data (body), size,
                                 s_on_scan, x);
}

//  ---- public functions

void
ingress_exchange_begin (ingress_t *self, br_id_t id, br_surface_t surface,
                        const ingress_guest_t *guest)
{
    br_error_t error;
    if (self->exchanges >= INGRESS_CALLS_MAX) {
        br_error_set (&error, BR_EBUSY, "%u calls are open already; try again",
                      self->exchanges);
        ingress_reply_error (guest, &error, NULL);
        return;
    }
    ingress_exchange_t *x = BR_NEW (ingress_exchange_t);
    x->self = self;
    x->http = guest->http;
    x->id = id;
    x->surface = surface;
    x->row = br_surface_row (surface);
    x->wire = guest->wire;
    strcpy (x->request_id, guest->request_id);
    x->origin = br_strdup (guest->origin);
    x->started_us = br_ctx_now_us (self->ctx);
    x->started_ms = br_ctx_unix_ms (self->ctx);
    x->next = self->first;
    x->prev = &self->first;
    if (x->next)
        x->next->prev = &x->next;
    self->first = x;
    self->exchanges++;
    http_call_set_owner (x->http, x);
    s_enter (x);
    s_walk (x);
    s_leave (x);
}

void
ingress_exchange_written (ingress_exchange_t *x, uint64_t body_bytes)
{
    if (!x->call)
        return;
    x->written = body_bytes;
    if (x->busy)
        return;
    s_enter (x);
    s_leave (x);
}

void
ingress_exchange_over (ingress_exchange_t *x)
{
    x->http = NULL;
    x->client_gone = true; //  which means nothing to a call that is over
    ingress_scans_drop (x->self->scans, &x->scan);
    if (x->busy)
        return;
    s_enter (x);
    s_leave (x);
}

//  Credits and cancels go to who sends the words that count.
static void
s_note_sender (ingress_exchange_t *x, const br_msg_t *msg)
{
    uint32_t newest = ingress_call_attempt (x->call);
    bool counts = msg->attempt == newest
                  || (msg->attempt > newest && !ingress_call_is_committed (x->call));
    x->sender = msg->from;
    if (counts && !br_addr_is (msg->from, x->router))
        x->replier = msg->from;
}

//  A provider that keeps its answer is who is asked about it later.
static void
s_note_made (ingress_exchange_t *x, const struct br_reply_head *head)
{
    const ingress_maker_t maker = { x->route, head->provider, head->endpoint };
    if (x->surface == BR_SURFACE_RESPONSES && *head->object)
        ingress_made_add (x->self->made, head->object, &maker);
}

void
ingress_exchange_reply (ingress_exchange_t *x, const br_msg_t *msg)
{
    const void *fields = br_msg_fields (msg);
    s_note_sender (x, msg);
    s_enter (x);
    switch (msg->verb) {
    case BR_REPLY_HEAD:
        s_note_made (x, fields);
        ingress_call_head (x->call, msg->attempt, fields, msg->body);
        break;
    case BR_REPLY_DELTA:
        ingress_call_delta (x->call, msg->attempt, fields, msg->body);
        break;
    case BR_REPLY_END: ingress_call_end (x->call, msg->attempt, fields); break;
    case BR_REPLY_ERROR:
        ingress_call_error (x->call, msg->attempt, fields, msg->body);
        break;
    default: break;
    }
    s_leave (x);
}

void
ingress_exchange_fence (ingress_exchange_t *x, const br_msg_t *msg)
{
    s_enter (x);
    x->fence = msg;
    ingress_call_fence (x->call, msg->attempt);
    x->fence = NULL;
    s_leave (x);
}

static bool
s_is_on (br_addr_t addr, uint32_t host, uint32_t life)
{
    return addr.host == host && addr.life == life;
}

void
ingress_exchange_host_gone (ingress_t *self, uint32_t host, uint32_t life)
{
    for (ingress_exchange_t *x = self->first; x;) {
        ingress_exchange_t *next = x->next;
        if (x->call) {
            s_enter (x);
            if (s_is_on (x->replier, host, life))
                ingress_call_news (x->call, INGRESS_UPSTREAM_GONE);
            if (s_is_on (x->router, host, life))
                ingress_call_news (x->call, INGRESS_ROUTER_GONE);
            s_leave (x);
        }
        x = next;
    }
}

void
ingress_exchange_cancel_all (ingress_t *self)
{
    br_error_t error;
    br_error_set (&error, BR_EUNAVAILABLE, "bitrouter is stopping; try again");
    for (ingress_exchange_t *x = self->first; x;) {
        ingress_exchange_t *next = x->next;
        s_enter (x);
        if (x->call)
            ingress_call_news (x->call, INGRESS_CANCELLED);
        else if (x->scan) {
            ingress_scans_drop (self->scans, &x->scan);
            s_refuse (x, &error);
        }
        s_leave (x);
        x = next;
    }
}

void
ingress_exchange_destroy_all (ingress_t *self)
{
    while (self->first)
        s_destroy (self->first);
}
