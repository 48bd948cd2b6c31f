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
    br_surface_t surface;
    ingress_guest_t guest;
} visit_t;

//  ---- refusals

static void
s_refuse (const visit_t *visit, const br_error_t *error)
{
    ingress_reply_error (&visit->guest, visit->surface, error, NULL);
}

//  The path exists with another method.
static void
s_refuse_method (const visit_t *visit)
{
    static const char *const methods[] = { "GET", "POST", "DELETE" };
    const char *allow = NULL;
    bool known;
    for (size_t i = 0; !allow && i < sizeof methods / sizeof *methods; i++)
        if (br_surface_of (methods[i], http_call_path (visit->http), &known))
            allow = methods[i];
    br_error_t error;
    br_error_set (&error, BR_EMETHOD, "this path answers %s only",
                  allow ? allow : "nothing");
    ingress_reply_error (&visit->guest, BR_SURFACE_NONE, &error, allow);
}

static void
s_refuse_path (const visit_t *visit)
{
    br_buf_t text;
    br_buf_init (&text, BR_ERROR_TEXT_MAX);
    br_buf_adds (&text, "there is nothing at this path; what there is:");
    for (unsigned i = BR_SURFACE_NONE + 1; i < BR_SURFACE_COUNT; i++) {
        const br_surface_row_t *row = br_surface_row (i);
        br_buf_addf (&text, "%s %s %s", i > BR_SURFACE_NONE + 1 ? "," : "", row->method,
                     row->path);
    }
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

static void
s_answer_models (const visit_t *visit)
{
    br_blob_t *body = ingress_models_list (visit->self->conf.models,
                                           http_call_query (visit->http));
    ingress_reply_json (&visit->guest, 200, body);
    br_blob_destroy (&body);
}

static void
s_answer_call (const visit_t *visit)
{
    ingress_exchange_begin (visit->self, visit->id, visit->surface, &visit->guest);
}

//  Who answers what; open: without a credential, from anywhere.
static const struct {
    void (*answer) (const visit_t *visit);
    bool open;
} s_rows[BR_SURFACE_COUNT] = {
    [BR_SURFACE_CHAT] = { s_answer_call, false },
    [BR_SURFACE_MODELS] = { s_answer_models, false },
    [BR_SURFACE_HEALTH] = { s_answer_health, true },
    [BR_SURFACE_READY] = { s_answer_ready, true },
};

//  ---- who may

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
    br_error_t error;
    int rc = s_greet (&visit, &error);
    if (rc) {
        s_refuse (&visit, &error);
        return;
    }
    if (s_is_preflight (&visit)) {
        ingress_reply_preflight (&visit.guest);
        return;
    }
    bool known;
    visit.surface = br_surface_of (http_call_method (http), http_call_path (http),
                                   &known);
    if (!visit.surface && known)
        s_refuse_method (&visit);
    else if (!visit.surface || !s_rows[visit.surface].answer)
        s_refuse_path (&visit);
    else if (s_check_caller (&visit, &error))
        s_refuse (&visit, &error);
    else
        s_rows[visit.surface].answer (&visit);
}

static void
s_on_refuse (void *arg, http_call_t *http, const br_error_t *error)
{
    const ingress_door_t *door = arg;
    visit_t visit = { .self = door->owner, .door = door, .http = http };
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
