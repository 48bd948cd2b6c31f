//  upstream_request: one request to a provider.

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "broker/core/pairs.h"
#include "broker/core/version.h"
#include "actors/upstream/upstream_request.h"

#define LINES_MAX 128                  //  header lines of a request
#define TEXT_MAX (BR_PAIRS_MAX + 8192) //  bytes of the lines that the client sent
#define URL_MAX 8192                   //  bytes

//  What is written for one request; it lives until the transfer has its copies.
typedef struct {
    const char *lines[LINES_MAX + 1];
    size_t lines_size;
    br_buf_t text;  //  lines that the client sent, each with its end
    br_buf_t url;   //  when there is a query
    br_buf_t model; //  as a JSON string
} draft_t;

//  Of a client, never sent on: credentials, what belongs to a connection, and what is ours
//  to say. Ingress lets none of them pass; this is the second door.
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

static bool
s_is_forbidden (const char *name)
{
    for (size_t i = 0; i < sizeof s_forbidden / sizeof *s_forbidden; i++)
        if (strcasecmp (s_forbidden[i], name) == 0)
            return true;
    return false;
}

static void
s_add_line (draft_t *draft, const char *line)
{
    if (draft->lines_size < LINES_MAX)
        draft->lines[draft->lines_size++] = line;
}

//  Lines that the client sent. The buffer may move while it grows, so that lines are noted
//  only when it is whole.
static void
s_add_passed (draft_t *draft, const upstream_endpoint_t *endpoint, unsigned surface,
              br_bytes_t headers, bool *ret_agent)
{
    size_t cursor = 0;
    const char *name;
    const char *value;
    while (br_pairs_next (headers, &cursor, &name, &value)) {
        if (s_is_forbidden (name) || upstream_endpoint_has_line (endpoint, surface, name)
            || strpbrk (name, " :\t\r\n") || strpbrk (value, "\r\n") || !*name)
            continue;
        if (strcasecmp (name, "user-agent") == 0)
            *ret_agent = true;
        br_buf_addf (&draft->text, "%s: %s", name, value);
        br_buf_addc (&draft->text, 0);
    }
    for (size_t at = 0; at < draft->text.size;) {
        const char *line = (const char *) draft->text.data + at;
        s_add_line (draft, line);
        at += strlen (line) + 1;
    }
}

static void
s_set_lines (draft_t *draft, const upstream_endpoint_t *endpoint,
             const struct br_attempt_start *start)
{
    unsigned surface = (unsigned) start->surface;
    size_t count;
    const char *const *lines = upstream_endpoint_lines (endpoint, surface, &count);
    for (size_t i = 0; i < count; i++)
        s_add_line (draft, lines[i]);
    if (!upstream_endpoint_has_line (endpoint, surface, "accept"))
        s_add_line (draft, start->stream ? "accept: text/event-stream"
                                         : "accept: application/json");
    bool has_agent = upstream_endpoint_has_line (endpoint, surface, "user-agent");
    s_add_passed (draft, endpoint, surface, start->headers, &has_agent);
    if (!has_agent)
        s_add_line (draft, "user-agent: bitrouter/" BR_VERSION);
    draft->lines[draft->lines_size] = NULL;
}

//  The body before the model, the new model, the body behind it.
static int
s_set_pieces (draft_t *draft, http_request_t *request, const br_msg_t *msg,
              br_error_t *reterr)
{
    const struct br_attempt_start *start = br_msg_fields (msg);
    size_t size = br_blob_size (msg->body);
    if (start->model_at > size || start->model_size > size - start->model_at)
        return br_error_set (reterr, BR_EINVALID, "the model is not inside of the body");
    size_t behind = (size_t) (start->model_at + start->model_size);
    size_t model_size = 0;
    if (start->model_size) {
        br_buf_add_json (&draft->model, start->model, strlen (start->model));
        model_size = draft->model.size;
    }
    const http_piece_t pieces[] = {
        { .blob = msg->body, .size = (size_t) start->model_at },
        { .text = (const char *) draft->model.data, .size = model_size },
        { .blob = msg->body, .offset = behind, .size = size - behind },
    };
    for (size_t i = 0; i < 3; i++)
        if (pieces[i].size)
            request->pieces[request->pieces_size++] = pieces[i];
    return 0;
}

static const char *
s_url (draft_t *draft, const char *url, const char *query)
{
    if (!*query)
        return url;
    br_buf_addf (&draft->url, "%s%c%s", url, strchr (url, '?') ? '&' : '?', query);
    return br_buf_text (&draft->url);
}

static void
s_set_bounds (http_request_t *request, const upstream_bounds_t *bounds,
              uint64_t timeout_ms)
{
    request->connect_ms = bounds->connect_ms;
    request->first_byte_ms = bounds->first_byte_ms;
    request->idle_ms = bounds->idle_ms;
    request->total_ms = bounds->total_ms;
    if (timeout_ms && (!request->total_ms || timeout_ms < request->total_ms))
        request->total_ms = timeout_ms;
}

http_transfer_t *
upstream_request_start (http_client_t *client, const upstream_table_t *table,
                        const upstream_endpoint_t *endpoint, const br_msg_t *msg,
                        const http_client_handler_t *handler, void *arg,
                        br_error_t *reterr)
{
    const struct br_attempt_start *start = br_msg_fields (msg);
    draft_t draft;
    draft.lines_size = 0;
    br_buf_init (&draft.text, TEXT_MAX);
    br_buf_init (&draft.url, URL_MAX);
    br_buf_init (&draft.model, URL_MAX);
    http_request_t request = { .method = "POST" };
    const char *url = upstream_endpoint_url (endpoint, (unsigned) start->surface);
    request.url = s_url (&draft, url, start->query);
    request.headers = draft.lines;
    s_set_lines (&draft, endpoint, start);
    s_set_bounds (&request, upstream_table_bounds (table), start->timeout_ms);
    int rc = s_set_pieces (&draft, &request, msg, reterr);
    if (rc == 0 && (draft.url.overflow || draft.model.overflow || draft.text.overflow))
        rc = br_error_set (reterr, BR_EINVALID,
                           "the query, the model or the headers are too "
                           "long");
    http_transfer_t *transfer = NULL;
    if (rc == 0)
        transfer = http_client_start (client, &request, handler, arg, reterr);
    br_buf_free (&draft.text);
    br_buf_free (&draft.url);
    br_buf_free (&draft.model);
    return transfer;
}
