//  ingress_entry: one step after the other; each may answer at once or later.

#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_attribution.h"
#include "actors/ingress/ingress_claim.h"
#include "actors/ingress/ingress_entry.h"
#include "actors/ingress/ingress_exchange_self.h"
#include "actors/ingress/ingress_resolve.h"
#include "actors/ingress/ingress_speech.h"
#include "broker/core/alloc.h"
#include "broker/core/json_value.h"
#include "broker/proto/attribution.h"

#define UNGUARDED_TOLD_US 1000000 //  between two events of it

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
    br_attribution_t who;
    br_attribution_read (&who, (br_bytes_t) { x->who.data, x->who.size });
    started.account_id = who.account;
    started.session = who.session;
    started.run = who.run;
    started.agent = who.agent;
    started.step = who.step;
    br_ctx_event (x->self->ctx, BR_EVENT_CALL_STARTED, &started);
}

//  ---- the open

ingress_asker_t
ingress_entry_asker (const ingress_exchange_t *x)
{
    return (ingress_asker_t) { .http = x->http,
                               .id = x->id,
                               .request_id = x->request_id,
                               .surface = x->surface,
                               .started_us = x->started_us,
                               .wishes = &x->wishes,
                               .identity = x->identity,
                               .who = { x->who.data, x->who.size },
                               .request_hash = ingress_exchange_request_hash (x),
                               .max_output = x->max_output,
                               .guard = &x->guard };
}

//  From here on the bus knows the call.
static void
s_open_call (ingress_exchange_t *x, const ingress_opening_t *opening)
{
    ingress_t *self = x->self;
    ingress_asker_t asker = ingress_entry_asker (x);
    x->call = ingress_call_new (x->surface, &ingress_speech, x);
    if (opening->asked.as_array)
        ingress_call_as_array (x->call);
    if (ingress_opening_is_unattended (self, opening))
        ingress_call_finish_unattended (x->call);
    if (x->guard.stands_up)
        ingress_call_pass_guard (x->call);
    x->stream = opening->request.stream;
    x->continues = ingress_opening_continues (opening, x->surface);
    ingress_open_add (self->open, x->id, x);
    if (x->is_hashed)
        x->receipt = ingress_receipts_expect (self->receipts, x->id);
    ingress_claim_under (x);
    s_raise_started (x, &opening->request);
    br_blob_t *body = x->guard.looks_up ? br_blob_ref (http_call_body (x->http)) : NULL;
    int rc = ingress_opening_send (self, &asker, opening, x->router);
    ingress_guard_look_up (&x->guard, self->ctx, x->id, body);
    br_blob_destroy (&body);
    x->unmade = rc != 0;
    if (rc)
        ingress_call_news (x->call, INGRESS_ROUTER_GONE);
}

//  No guard is there for a call that has to pass it. Of one that is refused nothing is kept,
//  as with limits.
//  in/out: count, of those that fared like this one
static void
s_note_unguarded (const ingress_exchange_t *x, uint64_t *count)
{
    ingress_t *self = x->self;
    uint64_t now_us = br_ctx_now_us (self->ctx);
    ++*count;
    if (self->unguarded_us && now_us - self->unguarded_us < UNGUARDED_TOLD_US)
        return;
    self->unguarded_us = now_us;
    struct br_event_guard_away away = { .request_id = x->request_id };
    away.route = x->route;
    away.count = self->unguarded;
    away.unchecked = self->unchecked;
    br_ctx_event (self->ctx, BR_EVENT_GUARD_AWAY, &away);
}

//  Whom the call passes on its way. An answer that a guard reads is not gone on with by
//  another attempt: a match may lie across the seam.
static int
s_find_way (ingress_exchange_t *x, ingress_opening_t *opening, br_error_t *reterr)
{
    ingress_t *self = x->self;
    x->guard = (ingress_guard_t) { .generation = self->generation,
                                   .surface = x->surface };
    if (ingress_guard_choose (&x->guard, self->ctx, self->conf.scope,
                              x->identity ? x->identity->key : "", x->route,
                              opening->target.candidates, reterr)) {
        s_note_unguarded (x, &self->unguarded);
        return -1;
    }
    if (x->guard.has_missed || x->guard.has_missed_answer)
        s_note_unguarded (x, &self->unchecked);
    if (x->guard.stands_down)
        opening->wishes.continues = false;
    x->router = br_ctx_find (self->ctx, "router");
    if (br_addr_is_set (x->router))
        return 0;
    return br_error_set (reterr, BR_EGONE, "no router can be reached; try again");
}

//  Nothing stands in the way of the call any more.
static void
s_launch (ingress_exchange_t *x)
{
    ingress_opening_t *opening = x->opening;
    br_error_t error;
    x->opening = NULL;
    if (s_find_way (x, opening, &error)) {
        ingress_budget_drop (&x->budget);
        ingress_speech_refuse (x, &error);
    } else
        s_open_call (x, opening);
    free (opening);
}

static void
s_end_opening (ingress_exchange_t *x)
{
    free (x->opening);
    x->opening = NULL;
}

static void
s_refuse_opening (ingress_exchange_t *x, const br_error_t *error)
{
    s_end_opening (x);
    ingress_speech_refuse (x, error);
}

//  ---- the budget of the caller

static void s_reserve (ingress_exchange_t *x);

//  The part of each of several answers, at least one token.
static uint64_t
s_each (uint64_t tokens, uint64_t choices)
{
    return tokens > choices ? tokens / choices : 1;
}

//  There is room, or not; meanwhile other calls came, and maybe other prices.
static void
s_on_room (void *arg, const ingress_room_t *room)
{
    ingress_exchange_t *x = arg;
    ingress_asker_t asker = ingress_entry_asker (x);
    br_error_t error;
    ingress_exchange_enter (x);
    uint64_t generation = x->opening->generation;
    if (room->refused) {
        x->retry_ms = room->retry_ms;
        ingress_budget_let_go (&x->budget);
        s_refuse_opening (x, room->refused);
    } else if (ingress_opening_renew (x->self, &asker, x->opening, &error)) {
        ingress_budget_drop (&x->budget);
        s_refuse_opening (x, &error);
    } else if (x->opening->generation != generation) {
        ingress_budget_drop (&x->budget);
        s_reserve (x);
    } else {
        bool is_tight = room->output_tokens < x->wanted_output;
        x->max_output = is_tight ? s_each (room->output_tokens, x->choices) : 0;
        s_launch (x);
    }
    ingress_exchange_leave (x);
}

//  Whether the answer comes before the response is made: then nobody here hears what it
//  has used.
static bool
s_is_in_background (const ingress_exchange_t *x)
{
    const br_blob_t *body = http_call_body (x->http);
    json_row_t row = { .key = "background" };
    bool is_on = false;
    if (x->surface != BR_SURFACE_RESPONSES
        || json_members (br_blob_data (body), br_blob_size (body), &row, 1, NULL)
        || row.count == 0)
        return false;
    const uint8_t *value = (const uint8_t *) br_blob_data (body) + row.offset;
    if (row.count > 1 || json_bool (value, row.size, &is_on, NULL))
        return row.count > 1 || row.type != JSON_NULL;
    return is_on;
}

//  What the call may cost at the worst. err: BR_EFORBIDDEN nobody knows, and that counts
static int
s_weigh (const ingress_exchange_t *x, ingress_worst_t *ret_worst, br_error_t *reterr)
{
    const ingress_opening_t *opening = x->opening;
    const ingress_conf_t *conf = &x->self->conf;
    br_blob_t *body = http_call_body (x->http);
    const ingress_worst_ask_t ask = { .surface = x->surface,
                                      .request = &opening->request,
                                      .body = br_blob_data (body),
                                      .body_size = br_blob_size (body),
                                      .candidates = opening->target.candidates };
    if (s_is_in_background (x))
        return br_error_set (reterr, BR_EFORBIDDEN,
                             "nobody counts what a response in the background costs, and "
                             "this credential has a budget: leave `background` out");
    ingress_worst_find (conf->offers, &ask, ret_worst);
    if (!ret_worst->unpriced || conf->settings->allows_unpriced)
        return 0;
    return br_error_set (reterr, BR_EFORBIDDEN,
                         "the price of the model '%.200s' is not known, and this "
                         "credential has a budget: give the model a price, or set "
                         "auth.unpriced to allow",
                         opening->request.model);
}

//  How long it can wait for other calls to settle.
static uint64_t
s_patience_ms (const ingress_exchange_t *x)
{
    ingress_asker_t asker = ingress_entry_asker (x);
    uint64_t wait_ms = x->self->conf.settings->budget_wait_ms;
    uint64_t left_ms = ingress_opening_left_ms (x->self, &asker);
    return left_ms && left_ms < wait_ms ? left_ms : wait_ms;
}

//  Nothing is paid for where only tokens are counted, or for what is made already.
static bool
s_is_paid (const ingress_exchange_t *x)
{
    br_surface_kind_t kind = x->row->kind;
    bool budgeted = x->identity && x->identity->budgeted;
    return budgeted && kind != BR_SURFACE_TOKENS && kind != BR_SURFACE_OBJECT;
}

//  Asks for room in the caller's budget, if it has one.
static void
s_reserve (ingress_exchange_t *x)
{
    if (!s_is_paid (x)) {
        s_launch (x);
        return;
    }
    ingress_worst_t worst = { .choices = 0 };
    br_error_t error;
    //  What is held is the price of one attempt, and each that goes on has its own.
    x->opening->wishes.continues = false;
    int rc = s_weigh (x, &worst, &error);
    x->wanted_output = worst.output_tokens;
    x->choices = worst.choices;
    if (rc == 0)
        x->budget = ingress_budget_ask (x->self->budgets, x->id, x->identity, &worst,
                                        s_patience_ms (x), s_on_room, x, &error);
    if (!x->budget)
        s_refuse_opening (x, &error);
}

//  ---- the limits

//  The limits have answered, maybe later: then other calls came between.
static void
s_on_limits (void *arg, const br_error_t *refused)
{
    ingress_exchange_t *x = arg;
    ingress_asker_t asker = ingress_entry_asker (x);
    br_error_t error;
    ingress_exchange_enter (x);
    if (!refused && ingress_opening_renew (x->self, &asker, x->opening, &error))
        refused = &error;
    if (!refused)
        s_reserve (x);
    else
        s_refuse_opening (x, refused);
    ingress_exchange_leave (x);
}

//  Takes of the limits of caller and model, as far as there are any.
static void
s_take (ingress_exchange_t *x)
{
    ingress_t *self = x->self;
    const ingress_identity_t *identity = x->identity;
    bool is_limited = self->conf.settings->limit_callers
                      || ingress_identity_has_limits (identity);
    const char *name = identity ? identity->caller : x->opening->caller;
    const char *caller = is_limited ? name : NULL;
    const char *model = ingress_opening_limited_model (self, x->opening);
    if (!caller && !model) {
        s_reserve (x);
        return;
    }
    quota_own_t own = { .requests = 0 };
    if (identity)
        own = (quota_own_t) { identity->requests_per_minute, identity->tokens_per_minute,
                              identity->concurrency };
    x->limits = ingress_limits_new (self->quota, caller, &own, model);
    ingress_limits_take (x->limits, ingress_opening_tokens (x->opening), s_on_limits, x);
}

//  Finds out who may answer, or refuses.
static void
s_find_answerers (ingress_exchange_t *x, const request_t *request)
{
    br_error_t error = { .code = BR_OK };
    ingress_asker_t asker = ingress_entry_asker (x);
    x->opening = ingress_opening_new (x->self, &asker, request, &error);
    if (!x->opening) {
        ingress_speech_refuse (x, &error);
        return;
    }
    x->route = br_strdup (x->opening->request.model);
    s_take (x);
}

//  ---- the object that it names

//  Nobody says who made it. What goes on from it is resolved as if there were none; what is
//  about it must not be told that it is not there.
static void
s_go_unknowing (ingress_exchange_t *x, const request_t *request)
{
    if (x->row->kind != BR_SURFACE_OBJECT) {
        s_find_answerers (x, request);
        return;
    }
    br_error_t error;
    br_error_set (&error, BR_EGONE,
                  "who knows the stored responses cannot be reached; try again");
    ingress_speech_refuse (x, &error);
}

static void
s_go_expired (ingress_exchange_t *x, const request_t *request)
{
    (void) request;
    br_error_t error;
    br_error_set (&error, BR_ETIMEOUT, "the time that the client allows has passed");
    ingress_speech_refuse (x, &error);
}

static void
s_on_searched (void *arg, ingress_search_end_t end)
{
    static void (*const ways[]) (ingress_exchange_t * x, const request_t *request) = {
        [INGRESS_SEARCH_ANSWERED] = s_find_answerers,
        [INGRESS_SEARCH_SILENT] = s_go_unknowing,
        [INGRESS_SEARCH_EXPIRED] = s_go_expired,
    };
    ingress_exchange_t *x = arg;
    ingress_exchange_enter (x);
    request_t request = *ingress_search_request (x->search);
    ingress_search_drop (&x->search);
    ways[end](x, &request);
    ingress_exchange_leave (x);
}

static void
s_search (ingress_exchange_t *x, const char *object, const request_t *request)
{
    ingress_asker_t asker = ingress_entry_asker (x);
    const ingress_search_ask_t ask = { .call = x->id,
                                       .object = object,
                                       .request = request,
                                       .left_ms = ingress_opening_left_ms (x->self,
                                                                           &asker),
                                       .fn = s_on_searched,
                                       .arg = x };
    x->search = ingress_search_new (x->self->searches, &ask);
    if (!x->search)
        s_go_unknowing (x, request);
}

//  The body is walked. Who made an object that it names, and that is not known here, is asked
//  for first.
void
ingress_entry_go (ingress_exchange_t *x, const request_t *request)
{
    bool is_object = x->row->kind == BR_SURFACE_OBJECT;
    ingress_asked_t asked; //  of an object alone
    br_error_t error;
    if (is_object && ingress_asked_read (&asked, x->surface, x->http, &error)) {
        ingress_speech_refuse (x, &error);
        return;
    }
    const char *missing = ingress_resolve_misses (x->self, x->row->kind,
                                                  is_object ? asked.name : "", request);
    if (missing)
        s_search (x, missing, request);
    else
        s_find_answerers (x, request);
}

//  ---- the body

static void
s_on_scan (void *arg, const request_t *request, const br_error_t *error)
{
    ingress_exchange_t *x = arg;
    x->scan = NULL;
    ingress_exchange_enter (x);
    if (!request)
        ingress_speech_refuse (x, error);
    else if (!ingress_claim (x, request))
        ingress_entry_go (x, request);
    ingress_exchange_leave (x);
}

static uint64_t
s_random (void *arg)
{
    return br_ctx_random (arg);
}

//  Reads what the headers want, then the body, as far as there is anything in it to be
//  looked for.
void
ingress_entry_walk (ingress_exchange_t *x)
{
    ingress_asked_t asked;
    br_error_t error = { .code = BR_OK };
    int rc = ingress_asked_read (&asked, x->surface, x->http, &error);
    if (rc == 0)
        rc = ingress_wishes_read (&x->wishes, x->http,
                                  x->self->conf.settings->timeout_cap_ms, &error);
    if (rc == 0)
        rc = ingress_attribution_read (x->http, x->identity, s_random, x->self->ctx,
                                       &x->who, &error);
    if (rc) {
        ingress_speech_refuse (x, &error);
        return;
    }
    br_blob_t *body = http_call_body (x->http);
    x->is_hashed = x->self->conf.settings->receipts && x->self->has_receipt_room;
    const ingress_scan_ask_t ask = { .known = &asked.known,
                                     .bytes = br_blob_data (body),
                                     .size = br_blob_size (body),
                                     .ret_hash = x->is_hashed ? x->request_hash : NULL,
                                     .fn = s_on_scan,
                                     .arg = x };
    x->scan = ingress_scans_add (x->self->scans, &ask);
}

bool
ingress_entry_drop (ingress_exchange_t *x)
{
    bool was_waiting = x->scan || x->search || x->opening;
    ingress_scans_drop (x->self->scans, &x->scan);
    ingress_search_drop (&x->search);
    if (x->opening) {
        ingress_limits_destroy (&x->limits);
        ingress_budget_drop (&x->budget);
    }
    s_end_opening (x);
    return was_waiting;
}
