//  upstream_request: one request to a provider.

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "broker/core/pairs.h"
#include "broker/core/version.h"
#include "broker/proto/hops.h"
#include "actors/upstream/upstream_near.h"
#include "actors/upstream/upstream_request.h"

#define LINES_MAX 128                  //  header lines of a request
#define TEXT_MAX (BR_PAIRS_MAX + 8192) //  bytes of the lines that the client sent
#define URL_MAX 8192                   //  bytes

//  What is written for one request; it lives until the transfer has its copies.
typedef struct {
    const upstream_ask_t *ask;
    const br_surface_row_t *row; //  of what is asked
    const struct br_attempt_start *start;
    bool translated; //  the client's protocol is another one
    const char *lines[LINES_MAX + 1];
    size_t lines_size;
    br_buf_t text;  //  lines that the client sent, each with its end
    br_buf_t url;   //  with its query
    br_buf_t model; //  as it stands in the body
} draft_t;

//  Of a client, never sent on: credentials, what belongs to a connection, and what is
//  ours to say. Ingress lets none of them pass; this is the second door.
static const char *const s_forbidden[] = {
    "authorization", "proxy-authorization",
    "x-api-key",     "api-key",
    "cookie",        "x-goog-api-key",
    "host",          "content-length",
    "connection",    "transfer-encoding",
    "keep-alive",    "te",
    "trailer",       "upgrade",
    "expect",        "proxy-connection",
    "content-type",  "accept-encoding",
    "accept",
};

#define MESSAGES (1u << BR_PROTOCOL_MESSAGES)
#define GOOGLE (1u << BR_PROTOCOL_GOOGLE)
#define OPENAI (~(MESSAGES | GOOGLE))

//  Of a client whose call was translated: what is of some protocols only. A name that
//  ends with '-' stands for all that begin with it.
static const struct {
    const char *name;
    unsigned protocols; //  of providers that understand it
} s_native[] = {
    { "anthropic-", MESSAGES },
    { "openai-", OPENAI },
    { "x-goog-", GOOGLE },
    { "idempotency-key", OPENAI },
    { "x-client-request-id", OPENAI },
    { "x-stainless-", 0 }, // tells of an SDK of another protocol
};

static bool
s_is_forbidden (const char *name)
{
    for (size_t i = 0; i < sizeof s_forbidden / sizeof *s_forbidden; i++)
        if (strcasecmp (s_forbidden[i], name) == 0)
            return true;
    return false;
}

static bool
s_is_foreign (const draft_t *draft, const char *name)
{
    for (size_t i = 0; draft->translated && i < sizeof s_native / sizeof *s_native; i++) {
        size_t size = strlen (s_native[i].name);
        bool all = s_native[i].name[size - 1] == '-';
        if (strncasecmp (name, s_native[i].name, size) == 0 && (all || !name[size]))
            return !(s_native[i].protocols >> draft->row->wire & 1);
    }
    return false;
}

//  ---- header lines

static void
s_add_line (draft_t *draft, const char *line)
{
    if (draft->lines_size < LINES_MAX)
        draft->lines[draft->lines_size++] = line;
}

static bool
s_has_own (const draft_t *draft, const char *name)
{
    return upstream_endpoint_has_line (draft->ask->endpoint, draft->ask->surface, name);
}

//  The type of a body that passes holds more than our word for it: a boundary.
static void
s_add_own (draft_t *draft)
{
    static const char type[] = "content-type:";
    size_t count;
    const char *const *lines = upstream_endpoint_lines (draft->ask->endpoint,
                                                        draft->ask->surface, &count);
    const char *given = draft->translated ? "" : draft->start->content_type;
    for (size_t i = 0; i < count; i++)
        if (!*given || strncasecmp (lines[i], type, sizeof type - 1) != 0)
            s_add_line (draft, lines[i]);
    if (*given && !strpbrk (given, "\r\n")) {
        br_buf_addf (&draft->text, "content-type: %s", given);
        br_buf_addc (&draft->text, 0);
    } else if (!s_has_own (draft, "content-type")
               && strcmp (draft->row->method, "POST") == 0)
        s_add_line (draft, "content-type: application/json");
}

//  Ours takes the place of the client's.
static bool
s_is_trace (const draft_t *draft, const char *name)
{
    return *draft->start->trace && strcasecmp (name, "traceparent") == 0;
}

static void
s_add_trace (draft_t *draft)
{
    const char *trace = draft->start->trace;
    if (!*trace || strpbrk (trace, " \t\r\n") || s_has_own (draft, "traceparent"))
        return;
    br_buf_addf (&draft->text, "traceparent: %s", trace);
    br_buf_addc (&draft->text, 0);
}

//  How often it was passed on concerns a bitrouter that may stand there, and nobody else.
static bool
s_is_hidden (const draft_t *draft, const char *name)
{
    return strcasecmp (name, BR_HOPS_HEADER) == 0
           && !upstream_near (
               upstream_endpoint_url (draft->ask->endpoint, draft->ask->surface));
}

//  Lines that the client sent. The buffer may move while it grows, so that lines are
//  noted only when it is whole.
static void
s_add_passed (draft_t *draft, bool *ret_agent, bool *ret_version)
{
    size_t cursor = 0;
    const char *name;
    const char *value;
    while (br_pairs_next (draft->start->headers, &cursor, &name, &value)) {
        if (s_is_forbidden (name) || s_is_foreign (draft, name) || s_has_own (draft, name)
            || strpbrk (name, " :\t\r\n") || strpbrk (value, "\r\n") || !*name
            || s_is_trace (draft, name) || s_is_hidden (draft, name))
            continue;
        if (strcasecmp (name, "user-agent") == 0)
            *ret_agent = true;
        if (strcasecmp (name, "anthropic-version") == 0)
            *ret_version = true;
        br_buf_addf (&draft->text, "%s: %s", name, value);
        br_buf_addc (&draft->text, 0);
    }
    for (size_t at = 0; at < draft->text.size;) {
        const char *line = (const char *) draft->text.data + at;
        s_add_line (draft, line);
        at += strlen (line) + 1;
    }
}

static const char *
s_accept (const draft_t *draft)
{
    if (draft->row->kind == BR_SURFACE_PASS)
        return "accept: */*";
    return draft->start->stream ? "accept: text/event-stream"
                                : "accept: application/json";
}

static void
s_set_lines (draft_t *draft)
{
    s_add_own (draft);
    if (!s_has_own (draft, "accept"))
        s_add_line (draft, s_accept (draft));
    bool has_agent = s_has_own (draft, "user-agent");
    bool has_version = s_has_own (draft, "anthropic-version");
    s_add_trace (draft);
    s_add_passed (draft, &has_agent, &has_version);
    if (!has_agent)
        s_add_line (draft, "user-agent: bitrouter/" BR_VERSION);
    if (!has_version && draft->row->wire == BR_PROTOCOL_MESSAGES)
        s_add_line (draft, "anthropic-version: 2023-06-01");
    draft->lines[draft->lines_size] = NULL;
}

//  ---- the body

static void
s_add_piece (http_request_t *request, http_piece_t piece)
{
    if (piece.size)
        request->pieces[request->pieces_size++] = piece;
}

//  The body before the model, the new model, the body behind it.
static int
s_set_pieces (draft_t *draft, http_request_t *request, br_blob_t *body,
              br_error_t *reterr)
{
    const struct br_attempt_start *start = draft->start;
    size_t size = br_blob_size (body);
    if (start->model_at > size || start->model_size > size - start->model_at)
        return br_error_set (reterr, BR_EINVALID, "the model is not inside of the body");
    size_t behind = (size_t) (start->model_at + start->model_size);
    if (start->model_size && start->model_bare)
        br_buf_adds (&draft->model, start->model);
    else if (start->model_size)
        br_buf_add_json (&draft->model, start->model, strlen (start->model));
    s_add_piece (request,
                 (http_piece_t) { .blob = body, .size = (size_t) start->model_at });
    s_add_piece (request, (http_piece_t) { .text = (const char *) draft->model.data,
                                           .size = draft->model.size });
    s_add_piece (request, (http_piece_t) {
                              .blob = body, .offset = behind, .size = size - behind });
    return 0;
}

static int
s_set_body (draft_t *draft, http_request_t *request, const br_msg_t *msg,
            br_error_t *reterr)
{
    br_blob_t *own = draft->ask->body;
    if (!own)
        return s_set_pieces (draft, request, msg->body, reterr);
    s_add_piece (request, (http_piece_t) { .blob = own, .size = br_blob_size (own) });
    return 0;
}

//  ---- the URL

//  A model in a path: what would be another path is refused.
static int
s_add_model (br_buf_t *url, const char *model, br_error_t *reterr)
{
    static const char top[] = "models/";
    static const char
        *const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                       "0123456789-_.~/";
    if (strncmp (model, top, sizeof top - 1) == 0)
        model += sizeof top - 1;
    for (const char *at = model; *at; at++) {
        size_t dots = strspn (at, ".");
        bool starts = at == model || at[-1] == '/';
        if (starts && (at[dots] == '/' || at[dots] == 0))
            return br_error_set (reterr, BR_EINVALID,
                                 "a model of this name cannot stand in a path");
        if (strchr (plain, *at))
            br_buf_addc (url, *at);
        else
            br_buf_addf (url, "%%%02X", (unsigned) (uint8_t) *at);
    }
    return *model ? 0 : br_error_set (reterr, BR_EINVALID, "there is no model");
}

//  The query of a client says nothing to a provider of another protocol.
static const char *
s_query (const draft_t *draft)
{
    if (!draft->translated)
        return draft->start->query;
    return draft->ask->surface == BR_SURFACE_GOOGLE_STREAM ? "alt=sse" : "";
}

static int
s_set_url (draft_t *draft, br_error_t *reterr)
{
    static const char model[] = "{model}";
    static const char id[] = "{id}";
    const char *at = upstream_endpoint_url (draft->ask->endpoint, draft->ask->surface);
    bool has_query = strchr (at, '?') != NULL;
    while (*at) {
        size_t plain = strcspn (at, "{");
        br_buf_add (&draft->url, at, plain);
        at += plain;
        if (strncmp (at, model, sizeof model - 1) == 0) {
            if (s_add_model (&draft->url, draft->start->model, reterr))
                return -1;
            at += sizeof model - 1;
        } else if (strncmp (at, id, sizeof id - 1) == 0) {
            br_buf_adds (&draft->url, draft->start->object);
            at += sizeof id - 1;
        } else if (*at)
            br_buf_addc (&draft->url, *at++);
    }
    const char *query = s_query (draft);
    if (*query)
        br_buf_addf (&draft->url, "%c%s", has_query ? '&' : '?', query);
    return 0;
}

static void
s_set_bounds (http_request_t *request, const upstream_bounds_t *bounds)
{
    request->connect_ms = bounds->connect_ms;
    request->first_byte_ms = bounds->first_byte_ms;
    request->idle_ms = bounds->idle_ms;
    request->total_ms = bounds->total_ms;
}

static int
s_set_request (draft_t *draft, http_request_t *request, const br_msg_t *msg,
               br_error_t *reterr)
{
    int rc = s_set_url (draft, reterr);
    if (rc == 0)
        rc = s_set_body (draft, request, msg, reterr);
    s_set_lines (draft);
    if (rc == 0 && (draft->url.overflow || draft->model.overflow || draft->text.overflow))
        rc = br_error_set (reterr, BR_EINVALID,
                           "the query, the model or the headers are too "
                           "long");
    request->url = br_buf_text (&draft->url);
    return rc;
}

http_transfer_t *
upstream_request_start (http_client_t *client, const upstream_bounds_t *bounds,
                        const upstream_ask_t *ask, const br_msg_t *msg,
                        const http_client_handler_t *handler, void *arg,
                        br_error_t *reterr)
{
    draft_t draft;
    draft.ask = ask;
    draft.row = br_surface_row (ask->surface);
    draft.start = br_msg_fields (msg);
    draft.translated = br_surface_row ((unsigned) draft.start->surface) != draft.row;
    draft.lines_size = 0;
    br_buf_init (&draft.text, TEXT_MAX);
    br_buf_init (&draft.url, URL_MAX);
    br_buf_init (&draft.model, URL_MAX);
    http_request_t request = { .method = draft.row->method, .headers = draft.lines };
    s_set_bounds (&request, bounds);
    http_transfer_t *transfer = NULL;
    if (s_set_request (&draft, &request, msg, reterr) == 0)
        transfer = http_client_start (client, &request, handler, arg, reterr);
    br_buf_free (&draft.text);
    br_buf_free (&draft.url);
    br_buf_free (&draft.model);
    return transfer;
}
