//  ingress_claim: from a claim to the way of a call, or to the answer of another one.

#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_claim.h"
#include "actors/ingress/ingress_entry.h"
#include "actors/ingress/ingress_exchange_self.h"
#include "actors/ingress/ingress_speech.h"
#include "broker/core/alloc.h"
#include "broker/guard/guard_calls.h"

//  Whether rules hold answers back under these sets.
static bool
s_is_strict (const guard_scope_t *scope, guard_sets_t sets, br_surface_t surface)
{
    return guard_scope_strictest (scope, sets, GUARD_DOWN) >= GUARD_REDACT
           || (guard_calls_concern (surface) && guard_scope_has_tools (scope));
}

//  ---- the claim

//  The owner takes no message any more.
static void
s_on_lost (void *arg)
{
    ingress_exchange_t *x = arg;
    ingress_exchange_enter (x);
    ingress_call_news (x->call, INGRESS_ROUTER_GONE);
    ingress_exchange_leave (x);
}

//  The client waits no longer. Of a call that goes its way the router keeps the time.
static void
s_on_expired (void *arg)
{
    ingress_exchange_t *x = arg;
    ingress_exchange_enter (x);
    ingress_call_news (x->call, INGRESS_EXPIRED);
    ingress_exchange_leave (x);
}

static void
s_watch_time (ingress_exchange_t *x)
{
    ingress_asker_t asker = ingress_entry_asker (x);
    uint64_t left_ms = ingress_opening_left_ms (x->self, &asker);
    if (left_ms)
        br_timer_set (br_ctx_loop (x->self->ctx), &x->expiry, left_ms, s_on_expired, x);
}

bool
ingress_claim (ingress_exchange_t *x, const request_t *request)
{
    ingress_t *self = x->self;
    br_error_t error = { .code = BR_OK };
    ingress_idem_ask_t ask = { .call = x->id, .http = x->http, .request = request };
    if (ingress_idem_key (x->surface, x->http, &ask.key, &error)) {
        ingress_speech_refuse (x, &error);
        return true;
    }
    ask.owner = br_ctx_find (self->ctx, "idempotency");
    if (!ask.key || !br_addr_is_set (ask.owner))
        return false;
    ask.scope = x->identity ? x->identity->caller : "";
    ask.lost = s_on_lost;
    ask.arg = x;
    x->router = x->replier = ask.owner;
    x->route = br_strdup (request->model);
    x->stream = request->stream;
    x->call = ingress_call_new (x->surface, &ingress_speech, x);
    ingress_open_add (self->open, x->id, x);
    s_watch_time (x);
    x->idem = ingress_idem_claim (self->idems, &ask);
    return true;
}

void
ingress_claim_under (ingress_exchange_t *x)
{
    const guard_scope_t *scope = x->self->conf.scope;
    bool is_unguarded = !x->guard.stands_down
                        && s_is_strict (scope, x->guard.sets, x->surface);
    ingress_idem_under (x->idem, is_unguarded ? "" : guard_scope_digest (scope));
}

//  It is claimed no more: it is as if it had just been read.
static void
s_unclaim (ingress_exchange_t *x)
{
    br_timer_cancel (br_ctx_loop (x->self->ctx), &x->expiry);
    x->router = x->replier = (br_addr_t) { .host = 0 };
    free (x->route);
    x->route = NULL;
    ingress_open_remove (x->self->open, x->id, false);
    ingress_call_destroy (&x->call);
}

void
ingress_claim_go (ingress_exchange_t *x, const br_msg_t *msg)
{
    if (!ingress_idem_go (x->idem, br_msg_fields (msg)))
        return;
    ingress_exchange_enter (x);
    s_unclaim (x);
    request_t request = *ingress_idem_request (x->idem);
    if (x->http)
        ingress_entry_go (x, &request);
    ingress_exchange_leave (x);
}

void
ingress_claim_refuse (ingress_exchange_t *x, const br_msg_t *msg)
{
    if (!ingress_idem_refused (x->idem))
        return;
    const struct br_idem_refuse *refuse = br_msg_fields (msg);
    br_error_t error;
    br_error_set (&error, ingress_answer_code (refuse->code), "%s", refuse->error);
    ingress_exchange_enter (x);
    s_unclaim (x);
    if (x->http)
        ingress_speech_refuse (x, &error);
    ingress_exchange_leave (x);
}

//  ---- kept answers

//  Whether a guard would hold back what answers this call, if it were made now. Where nobody
//  may answer it any more all sets count.
static bool
s_is_held_back (ingress_exchange_t *x)
{
    ingress_t *self = x->self;
    const guard_scope_t *scope = self->conf.scope;
    ingress_asker_t asker = ingress_entry_asker (x);
    br_error_t error;
    ingress_opening_t *opening = ingress_opening_new (
        self, &asker, ingress_idem_request (x->idem), &error);
    if (!opening)
        return s_is_strict (scope, ~(guard_sets_t) 0, x->surface);
    ingress_guard_t guard = { .generation = self->generation, .surface = x->surface };
    //  A guard that is not there holds back too, whether or not its rules fail open.
    (void) ingress_guard_choose (
        &guard, self->ctx, scope, x->identity ? x->identity->key : "",
        opening->request.model, opening->target.candidates, &error);
    free (opening);
    return s_is_strict (scope, guard.sets, x->surface);
}

bool
ingress_claim_outdated (ingress_exchange_t *x, const struct br_reply_head *head)
{
    bool is_kept = ingress_idem_is_aside (x->idem);
    bool is_alike = strcmp (head->guard_rules, guard_scope_digest (x->self->conf.scope))
                    == 0;
    if (!is_kept || !x->http || is_alike || !s_is_held_back (x))
        return false;
    br_error_t error;
    br_error_set (&error, BR_EGUARDNEW,
                  "the answer kept under this Idempotency-Key was made under other "
                  "guardrails than those of now; use a new key to make it again");
    ingress_exchange_enter (x);
    ingress_idem_end (x->idem, false);
    s_unclaim (x);
    ingress_speech_refuse (x, &error);
    ingress_exchange_leave (x);
    return true;
}
