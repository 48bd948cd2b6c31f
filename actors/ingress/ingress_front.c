//  ingress_front: from a request to who answers it.

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_access.h"
#include "actors/ingress/ingress_admin.h"
#include "actors/ingress/ingress_exchange.h"
#include "actors/ingress/ingress_figures.h"
#include "actors/ingress/ingress_front.h"
#include "actors/ingress/ingress_gate.h"
#include "actors/ingress/ingress_openapi.h"
#include "actors/ingress/ingress_owner.h"
#include "actors/ingress/ingress_permit.h"
#include "actors/ingress/ingress_quote.h"
#include "actors/ingress/ingress_request.h"
#include "actors/ingress/ingress_roster.h"
#include "actors/ingress/ingress_tools.h"
#include "broker/core/alloc.h"

#define BODY_MAX 4096 //  bytes of an answer of our own

//  A request, as it is looked at. One that waits to be known is on the heap.
typedef struct _ingress_visit_t {
    ingress_owner_t owner; //  while it waits
    struct _ingress_visit_t *next;
    struct _ingress_visit_t **prev;
    uint64_t waiter; //  its number among who waits to be known
    ingress_t *self;
    const ingress_door_t *door;
    http_call_t *http;
    br_id_t id;
    char request_id[INGRESS_ID_MAX + 1];
    br_surface_t surface; //  BR_SURFACE_NONE: there is none
    bool known;           //  its path exists, maybe with another method
    ingress_guest_t guest;
} visit_t;

//  ---- refusals

static void
s_refuse (const visit_t *visit, const br_error_t *error)
{
    ingress_reply_error (&visit->guest, error, NULL);
}

//  The path exists with other methods.
static void
s_refuse_method (const visit_t *visit)
{
    static const char *const methods[] = { "GET", "POST", "PUT", "DELETE" };
    char allow[32] = "";
    bool known;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (!br_surface_of (methods[i], http_call_path (visit->http), &known))
            continue;
        strcat (allow, *allow ? ", " : "");
        strcat (allow, methods[i]);
    }
    br_error_t error;
    br_error_set (&error, BR_EMETHOD, "this path answers %s only",
                  *allow ? allow : "nothing");
    ingress_reply_error (&visit->guest, &error, *allow ? allow : NULL);
}

//  What one can talk to, and what is answered here.
static void
s_add_surfaces (br_buf_t *text)
{
    unsigned count = 0;
    for (unsigned i = BR_SURFACE_NONE + 1; i < BR_SURFACE_COUNT; i++) {
        const br_surface_row_t *row = br_surface_row (i);
        bool shown = row->kind == BR_SURFACE_TALK || row->kind == BR_SURFACE_OWN;
        if (shown)
            br_buf_addf (text, "%s %s %s", count++ ? "," : "", row->method, row->path);
    }
}

static void
s_refuse_path (const visit_t *visit)
{
    const char *unserved = br_surface_unserved (http_call_path (visit->http));
    br_buf_t text;
    br_buf_init (&text, BR_ERROR_TEXT_MAX);
    if (unserved)
        br_buf_addf (&text, "bitrouter does not serve %s: ask the provider itself",
                     unserved);
    else
        br_buf_adds (&text, "there is nothing at this path; what there is:");
    if (!unserved)
        s_add_surfaces (&text);
    br_error_t error;
    br_error_set (&error, BR_ENOTFOUND, "%s", br_buf_text (&text));
    br_buf_free (&text);
    s_refuse (visit, &error);
}

//  ---- answers of our own

static void
s_answer_text (const visit_t *visit, unsigned status, const char *text)
{
    br_blob_t *body = br_blob_new (text, strlen (text));
    ingress_reply_json (&visit->guest, status, body);
    br_blob_destroy (&body);
}

static void
s_answer_health (const visit_t *visit)
{
    s_answer_text (visit, 200, "{\"status\":\"ok\"}");
}

//  Whether a call could be made now.
static void
s_answer_ready (const visit_t *visit)
{
    static const char *const needed[] = { "router", "meter" };
    if (visit->self->stopping) {
        s_answer_text (visit, 503, "{\"status\":\"draining\"}");
        return;
    }
    br_buf_t body;
    br_buf_init (&body, BODY_MAX);
    unsigned missing = 0;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (br_addr_is_set (br_ctx_find (visit->self->ctx, needed[i])))
            continue;
        br_buf_addf (&body, "%s\"%s\"",
                     missing++ ? "," : "{\"status\":\"not ready\",\"missing\":[",
                     needed[i]);
    }
    if (missing)
        br_buf_adds (&body, "]}");
    s_answer_text (visit, missing ? 503 : 200,
                   missing ? br_buf_text (&body) : "{\"status\":\"ready\"}");
    br_buf_free (&body);
}

//  Models are listed and shown as the client's protocol does.
static void
s_answer_models (const visit_t *visit)
{
    br_error_t error;
    ingress_permit_t permit = { visit->self->conf.routes, visit->guest.identity };
    bool bounded = ingress_identity_is_bounded (permit.identity);
    br_blob_t *body = ingress_models_list (
        visit->self->conf.models, visit->guest.wire, http_call_query (visit->http),
        bounded ? ingress_permit_shows : NULL, &permit, &error);
    if (!body) {
        s_refuse (visit, &error);
        return;
    }
    ingress_reply_json (&visit->guest, 200, body);
    br_blob_destroy (&body);
}

static void
s_answer_model (const visit_t *visit)
{
    char name[REQUEST_MODEL_MAX + 1];
    br_surface_name (visit->surface, http_call_path (visit->http), name, sizeof name);
    ingress_permit_t permit = { visit->self->conf.routes, visit->guest.identity };
    br_blob_t *body = ingress_models_one (visit->self->conf.models, visit->guest.wire,
                                          name, ingress_permit_shows, &permit);
    if (!body) {
        br_error_t error;
        br_error_set (&error, BR_ENOTFOUND, "there is no model '%.200s'", name);
        s_refuse (visit, &error);
        return;
    }
    ingress_reply_json (&visit->guest, 200, body);
    br_blob_destroy (&body);
}

//  Routes are shown as models are.
static void
s_answer_routes (const visit_t *visit)
{
    ingress_permit_t permit = { visit->self->conf.routes, visit->guest.identity };
    bool bounded = ingress_identity_is_bounded (permit.identity);
    br_blob_t *body = ingress_roster_print (ingress_routes_slice (permit.routes),
                                            bounded ? ingress_permit_shows : NULL,
                                            &permit);
    ingress_reply_json (&visit->guest, 200, body);
    br_blob_destroy (&body);
}

static void
s_answer_openapi (const visit_t *visit)
{
    br_blob_t *body = ingress_openapi_new ();
    ingress_reply_json (&visit->guest, 200, body);
    br_blob_destroy (&body);
}

static void
s_answer_tools (const visit_t *visit)
{
    br_error_t error;
    const char *text = ingress_tools_answer (visit->surface, http_call_path (visit->http),
                                             &error);
    if (text)
        s_answer_text (visit, 200, text);
    else
        s_refuse (visit, &error);
}

static void
s_answer_quote (const visit_t *visit)
{
    ingress_t *self = visit->self;
    const ingress_quote_ask_t ask = { .routes = self->conf.routes,
                                      .offers = self->conf.offers,
                                      .identity = visit->guest.identity,
                                      .candidates = &self->candidates,
                                      .allowed = &self->allowed };
    const br_blob_t *body = http_call_body (visit->http);
    br_error_t error;
    br_blob_t *quote = ingress_quote_answer (&ask, br_blob_data (body),
                                             br_blob_size (body), &error);
    if (!quote) {
        s_refuse (visit, &error);
        return;
    }
    ingress_reply_json (&visit->guest, 200, quote);
    br_blob_destroy (&quote);
}

static void
s_answer_figures (const visit_t *visit)
{
    bool is_text = visit->surface == BR_SURFACE_METRICS_TEXT;
    ingress_figures_ask (visit->self->ctx, visit->self->questions, &visit->guest,
                         is_text ? "prometheus" : "json");
}

static void
s_answer_admin (const visit_t *visit)
{
    ingress_admin_ask (visit->self->ctx, visit->self->questions, &visit->guest,
                       visit->surface);
}

static void
s_answer_call (const visit_t *visit)
{
    ingress_exchange_begin (visit->self, visit->id, visit->surface, &visit->guest);
}

//  What is answered here; OPEN: without a credential, from anywhere; ADMIN: a credential,
//  where there is one, must be an administrator's; OPERATOR: the same, and without one it
//  must come from this machine. All else is a call.
typedef enum {
    CALLER,
    OPEN,
    ADMIN,
    OPERATOR
} who_t;

static const struct {
    void (*answer) (const visit_t *visit);
    who_t who;
} s_rows[BR_SURFACE_COUNT] = {
    [BR_SURFACE_MODELS] = { s_answer_models, CALLER },
    [BR_SURFACE_MODEL] = { s_answer_model, CALLER },
    [BR_SURFACE_GOOGLE_MODELS] = { s_answer_models, CALLER },
    [BR_SURFACE_GOOGLE_MODEL] = { s_answer_model, CALLER },
    [BR_SURFACE_HEALTH] = { s_answer_health, OPEN },
    [BR_SURFACE_READY] = { s_answer_ready, OPEN },
    [BR_SURFACE_QUOTE] = { s_answer_quote, CALLER },
    [BR_SURFACE_ADMIN_METRICS] = { s_answer_figures, OPERATOR },
    [BR_SURFACE_METRICS] = { s_answer_figures, ADMIN },
    [BR_SURFACE_METRICS_TEXT] = { s_answer_figures, ADMIN },
    [BR_SURFACE_ADMIN_ROUTES] = { s_answer_admin, OPERATOR },
    [BR_SURFACE_ADMIN_ROUTE_ADD] = { s_answer_admin, OPERATOR },
    [BR_SURFACE_ADMIN_ROUTE_REMOVE] = { s_answer_admin, OPERATOR },
    [BR_SURFACE_ADMIN_READ] = { s_answer_admin, OPERATOR },
    [BR_SURFACE_ADMIN_ASK] = { s_answer_admin, OPERATOR },
    [BR_SURFACE_OPENAPI] = { s_answer_openapi, OPEN },
    [BR_SURFACE_ROUTES] = { s_answer_routes, CALLER },
    [BR_SURFACE_TOOLS] = { s_answer_tools, CALLER },
    [BR_SURFACE_ADMIN_TOOLS] = { s_answer_tools, OPERATOR },
    [BR_SURFACE_ADMIN_TOOL_SOURCES] = { s_answer_tools, OPERATOR },
    [BR_SURFACE_ADMIN_AGENTS] = { s_answer_tools, OPERATOR },
    [BR_SURFACE_ADMIN_MCP_TOOLS] = { s_answer_tools, OPERATOR },
    [BR_SURFACE_ADMIN_MCP_SERVERS] = { s_answer_tools, OPERATOR },
    [BR_SURFACE_ADMIN_MCP_FILTER] = { s_answer_tools, OPERATOR },
    [BR_SURFACE_ADMIN_MCP_PARAMS] = { s_answer_tools, OPERATOR },
};

//  ---- who may

//  Finds out what is asked for, and in which protocol the answer is expected. What OpenAI
//  and Anthropic have in common is told apart by a header that only one of them has.
static void
s_look (visit_t *visit)
{
    const char *path = http_call_path (visit->http);
    const char *method = http_call_method (visit->http);
    if (path && method)
        visit->surface = br_surface_of (method, path, &visit->known);
    const br_surface_row_t *row = br_surface_row (visit->surface);
    visit->guest.wire = row ? row->wire : br_surface_wire_of (path);
    bool is_common = !row || row->kind == BR_SURFACE_OWN;
    if (is_common && visit->guest.wire == BR_PROTOCOL_CHAT
        && http_call_header (visit->http, "anthropic-version"))
        visit->guest.wire = BR_PROTOCOL_MESSAGES;
}

static ingress_visitor_t
s_visitor (const visit_t *visit)
{
    return (ingress_visitor_t) { .loopback = visit->door->loopback,
                                 .host = http_call_header (visit->http, "host"),
                                 .origin = http_call_header (visit->http, "origin") };
}

//  Names the visit, and lets the pages that may read have the answer.
static int
s_greet (visit_t *visit, br_error_t *reterr)
{
    const ingress_settings_t *settings = visit->self->conf.settings;
    const ingress_visitor_t visitor = s_visitor (visit);
    visit->id = ingress_next_id (visit->self);
    br_error_t bad_id;
    int rc = ingress_request_id (http_call_header (visit->http, "x-bitrouter-request-id"),
                                 visit->id, visit->request_id, &bad_id);
    visit->guest.http = visit->http;
    visit->guest.came_us = br_ctx_now_us (visit->self->ctx);
    visit->guest.request_id = visit->request_id;
    if (visitor.origin && ingress_access_is_listed (settings, visitor.origin))
        visit->guest.origin = visitor.origin;
    if (ingress_access_check (settings, &visitor, reterr))
        return -1;
    if (rc && reterr)
        *reterr = bad_id;
    return rc;
}

//  Who commands without a credential is a program of this machine, and no page.
static int
s_check_operator (const visit_t *visit, br_error_t *reterr)
{
    const ingress_identity_t *identity = visit->guest.identity;
    if (ingress_gate_check_operator (identity, visit->door->loopback, reterr))
        return -1;
    const ingress_visitor_t visitor = s_visitor (visit);
    const char *site = http_call_header (visit->http, "sec-fetch-site");
    return identity ? 0
                    : ingress_access_check_operator (visit->self->conf.settings, &visitor,
                                                     site, reterr);
}

//  What only some may see or do.
static int
s_check_scope (const visit_t *visit, br_error_t *reterr)
{
    const ingress_identity_t *identity = visit->guest.identity;
    who_t who = s_rows[visit->surface].who;
    if (who == OPERATOR)
        return s_check_operator (visit, reterr);
    return who == ADMIN ? ingress_gate_check_admin (identity, reterr) : 0;
}

//  Whoever it is, it has come in.
static void
s_answer (const visit_t *visit)
{
    br_error_t error;
    if (s_check_scope (visit, &error))
        s_refuse (visit, &error);
    else if (s_rows[visit->surface].answer)
        s_rows[visit->surface].answer (visit);
    else
        s_answer_call (visit);
}

//  ---- who waits to be known

static void
s_end_visit (visit_t *visit)
{
    *visit->prev = visit->next;
    if (visit->next)
        visit->next->prev = visit->prev;
    free (visit);
}

static void
s_on_left (ingress_owner_t *owner)
{
    visit_t *visit = (visit_t *) owner;
    ingress_t *self = visit->self;
    ingress_identities_leave (self->identities, visit->waiter);
    s_end_visit (visit);
    ingress_check_stop (self);
}

static void
s_on_known (void *arg, ingress_identity_t *identity, const br_error_t *refused)
{
    visit_t *visit = arg;
    ingress_t *self = visit->self;
    http_call_set_owner (visit->http, NULL);
    visit->guest.identity = identity;
    if (refused)
        s_refuse (visit, refused);
    else
        s_answer (visit);
    s_end_visit (visit);
    ingress_check_stop (self);
}

//  Asks whose the credential is, which is in the scratch; the visit waits.
static void
s_ask (const visit_t *visit)
{
    ingress_t *self = visit->self;
    br_error_t error;
    visit_t *waiting = BR_NEW (visit_t);
    *waiting = *visit;
    waiting->owner.over = s_on_left;
    waiting->guest.request_id = waiting->request_id;
    waiting->waiter = ingress_identities_ask (
        self->identities, br_buf_text (&self->credential), s_on_known, waiting, &error);
    if (!waiting->waiter) {
        free (waiting);
        s_refuse (visit, &error);
        return;
    }
    waiting->next = self->visits;
    waiting->prev = &self->visits;
    if (waiting->next)
        waiting->next->prev = &waiting->next;
    self->visits = waiting;
    http_call_set_owner (waiting->http, &waiting->owner);
}

//  Lets it in, asks who it is, or refuses. The credential does not outlive this.
static void
s_admit (visit_t *visit)
{
    ingress_t *self = visit->self;
    if (s_rows[visit->surface].who == OPEN) {
        s_answer (visit);
        return;
    }
    const ingress_gate_t gate = { .settings = self->conf.settings,
                                  .identities = self->identities,
                                  .credential = &self->credential,
                                  .loopback = visit->door->loopback };
    br_error_t error;
    ingress_verdict_t verdict = ingress_gate_judge (&gate, visit->http, visit->guest.wire,
                                                    &visit->guest.identity, &error);
    if (verdict == INGRESS_ASK)
        s_ask (visit);
    else if (verdict == INGRESS_REFUSE)
        s_refuse (visit, &error);
    else
        s_answer (visit);
    if (self->credential.size)
        sodium_memzero (self->credential.data, self->credential.size);
    br_buf_clear (&self->credential);
}

static bool
s_is_preflight (const visit_t *visit)
{
    return visit->guest.origin && strcmp (http_call_method (visit->http), "OPTIONS") == 0
           && http_call_header (visit->http, "access-control-request-method");
}

//  ---- callbacks of the server

static void
s_on_request (void *arg, http_call_t *http)
{
    const ingress_door_t *door = arg;
    visit_t visit = { .self = door->owner, .door = door, .http = http };
    s_look (&visit);
    br_error_t error;
    int rc = s_greet (&visit, &error);
    if (rc == 0)
        rc = ingress_request_once (http, &error);
    if (rc) {
        s_refuse (&visit, &error);
        return;
    }
    if (s_is_preflight (&visit)) {
        ingress_reply_preflight (&visit.guest);
        return;
    }
    if (!visit.surface && visit.known)
        s_refuse_method (&visit);
    else if (!visit.surface)
        s_refuse_path (&visit);
    else
        s_admit (&visit);
}

static void
s_on_refuse (void *arg, http_call_t *http, const br_error_t *error)
{
    const ingress_door_t *door = arg;
    visit_t visit = { .self = door->owner, .door = door, .http = http };
    s_look (&visit);
    s_greet (&visit, NULL);
    s_refuse (&visit, error);
}

static void
s_on_over (void *arg, http_call_t *http)
{
    (void) arg;
    ingress_owner_t *owner = http_call_owner (http);
    if (owner)
        owner->over (owner);
}

static void
s_on_written (void *arg, http_call_t *http, uint64_t body_bytes)
{
    (void) arg;
    ingress_owner_t *owner = http_call_owner (http);
    if (owner && owner->written)
        owner->written (owner, body_bytes);
}

const http_server_handler_t ingress_front_handler = {
    .request = s_on_request,
    .refuse = s_on_refuse,
    .gone = s_on_over,
    .written = s_on_written,
    .ended = s_on_over,
};

void
ingress_front_destroy_all (ingress_t *self)
{
    while (self->visits) {
        ingress_identities_leave (self->identities, self->visits->waiter);
        s_end_visit (self->visits);
    }
}
