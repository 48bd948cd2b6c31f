//  ingress_front: from a request to who answers it.

#include <stdio.h>
#include <string.h>

#include "actors/ingress/ingress_access.h"
#include "actors/ingress/ingress_exchange.h"
#include "actors/ingress/ingress_front.h"
#include "actors/ingress/ingress_request.h"

#define BODY_MAX 4096 //  bytes of an answer of our own

//  A request, as it is looked at.
typedef struct _visit_t {
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
    static const char *const methods[] = { "GET", "POST", "DELETE" };
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
    br_blob_t *body = ingress_models_list (visit->self->conf.models, visit->guest.wire,
                                           http_call_query (visit->http), &error);
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
    br_blob_t *body = ingress_models_one (visit->self->conf.models, visit->guest.wire,
                                          name);
    if (!body) {
        br_error_t error;
        br_error_set (&error, BR_ENOTFOUND, "there is no model '%.200s'", name);
        s_refuse (visit, &error);
        return;
    }
    ingress_reply_json (&visit->guest, 200, body);
    br_blob_destroy (&body);
}

static void
s_answer_call (const visit_t *visit)
{
    ingress_exchange_begin (visit->self, visit->id, visit->surface, &visit->guest);
}

//  What is answered here; open: without a credential, from anywhere. All else is a call.
static const struct {
    void (*answer) (const visit_t *visit);
    bool open;
} s_rows[BR_SURFACE_COUNT] = {
    [BR_SURFACE_MODELS] = { s_answer_models, false },
    [BR_SURFACE_MODEL] = { s_answer_model, false },
    [BR_SURFACE_GOOGLE_MODELS] = { s_answer_models, false },
    [BR_SURFACE_GOOGLE_MODEL] = { s_answer_model, false },
    [BR_SURFACE_HEALTH] = { s_answer_health, true },
    [BR_SURFACE_READY] = { s_answer_ready, true },
};

static void
s_answer (const visit_t *visit)
{
    if (s_rows[visit->surface].answer)
        s_rows[visit->surface].answer (visit);
    else
        s_answer_call (visit);
}

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

//  Names the visit, and lets the pages that may read have the answer.
static int
s_greet (visit_t *visit, br_error_t *reterr)
{
    const ingress_settings_t *settings = visit->self->conf.settings;
    ingress_visitor_t visitor = { .loopback = visit->door->loopback };
    visitor.host = http_call_header (visit->http, "host");
    visitor.origin = http_call_header (visit->http, "origin");
    visit->id = ingress_next_id (visit->self);
    br_error_t bad_id;
    int rc = ingress_request_id (http_call_header (visit->http, "x-bitrouter-request-id"),
                                 visit->id, visit->request_id, &bad_id);
    visit->guest.http = visit->http;
    visit->guest.request_id = visit->request_id;
    if (visitor.origin && ingress_access_is_listed (settings, visitor.origin))
        visit->guest.origin = visitor.origin;
    if (ingress_access_check (settings, &visitor, reterr))
        return -1;
    if (rc && reterr)
        *reterr = bad_id;
    return rc;
}

//  An address that can be reached from elsewhere wants to know who calls.
static int
s_check_caller (const visit_t *visit, br_error_t *reterr)
{
    if (visit->door->loopback || visit->self->conf.settings->skip_auth
        || s_rows[visit->surface].open)
        return 0;
    return br_error_set (reterr, BR_EAUTH,
                         "no credential store yet: calls are taken on loopback addresses "
                         "only, unless skip_auth is set");
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
    else if (s_check_caller (&visit, &error))
        s_refuse (&visit, &error);
    else
        s_answer (&visit);
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
    ingress_exchange_t *exchange = http_call_owner (http);
    if (exchange)
        ingress_exchange_over (exchange);
}

static void
s_on_written (void *arg, http_call_t *http, uint64_t body_bytes)
{
    (void) arg;
    ingress_exchange_t *exchange = http_call_owner (http);
    if (exchange)
        ingress_exchange_written (exchange, body_bytes);
}

const http_server_handler_t ingress_front_handler = {
    .request = s_on_request,
    .refuse = s_on_refuse,
    .gone = s_on_over,
    .written = s_on_written,
    .ended = s_on_over,
};
