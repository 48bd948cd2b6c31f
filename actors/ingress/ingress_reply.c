//  ingress_reply: lists of headers.

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "actors/ingress/ingress_reply.h"
#include "broker/core/pairs.h"
#include "broker/proto/error_shape.h"

#define ERROR_MAX 4096 //  bytes of an error

typedef struct _list_t {
    http_header_t rows[INGRESS_HEADERS_MAX];
    size_t size;
    char attempts[16];
} list_t;

static void
s_add (list_t *self, const char *name, const char *value)
{
    if (self->size < INGRESS_HEADERS_MAX)
        self->rows[self->size++] = (http_header_t) { name, value };
}

static void
s_add_ours (list_t *self, const ingress_guest_t *guest)
{
    s_add (self, "x-bitrouter-request-id", guest->request_id);
    if (guest->replayed)
        s_add (self, "x-bitrouter-replayed", "true");
    if (!guest->origin)
        return;
    s_add (self, "access-control-allow-origin", guest->origin);
    s_add (self, "access-control-expose-headers", "*");
    s_add (self, "vary", "origin");
}

//  What a provider says of itself that we say better. What was lost on the way to it, and
//  that nobody was asked, is upstream's to say.
static bool
s_is_ours (const char *name)
{
    if (strcasecmp (name, "x-bitrouter-warnings") == 0
        || strcasecmp (name, "x-bitrouter-estimated") == 0)
        return false;
    return strcasecmp (name, "content-type") == 0
           || strcasecmp (name, "content-length") == 0
           || strncasecmp (name, "x-bitrouter-", 12) == 0
           || strncasecmp (name, "access-control-", 15) == 0;
}

static void
s_add_head (list_t *self, const ingress_head_t *head)
{
    if (*head->content_type)
        s_add (self, "content-type", head->content_type);
    if (*head->provider)
        s_add (self, "x-bitrouter-provider", head->provider);
    if (*head->model)
        s_add (self, "x-bitrouter-model", head->model);
    if (head->attempts) {
        snprintf (self->attempts, sizeof self->attempts, "%u", head->attempts);
        s_add (self, "x-bitrouter-attempts", self->attempts);
    }
    size_t cursor = 0;
    const char *name;
    const char *value;
    while (br_pairs_next (head->headers, &cursor, &name, &value))
        if (!s_is_ours (name))
            s_add (self, name, value);
}

//  What we say ourselves; of limits the provider's word counts.
static void
s_add_notes (list_t *self, const ingress_guest_t *guest, br_bytes_t theirs)
{
    size_t cursor = 0;
    const char *name;
    const char *value;
    while (br_pairs_next (guest->notes, &cursor, &name, &value)) {
        bool is_limit = strstr (name, "ratelimit")
                        || strncmp (name, "retry-after", 11) == 0;
        if (!is_limit || !br_pairs_get (theirs, name))
            s_add (self, name, value);
    }
}

void
ingress_reply_whole (const ingress_guest_t *guest, const ingress_head_t *head,
                     br_blob_t *body)
{
    list_t list;
    list.size = 0;
    s_add_ours (&list, guest);
    s_add_notes (&list, guest, head->headers);
    s_add_head (&list, head);
    http_call_reply (guest->http, head->status, list.rows, list.size, body);
}

void
ingress_reply_open (const ingress_guest_t *guest, const ingress_head_t *head)
{
    list_t list;
    list.size = 0;
    s_add_ours (&list, guest);
    s_add_notes (&list, guest, head->headers);
    s_add_head (&list, head);
    http_call_open (guest->http, head->status, list.rows, list.size);
}

void
ingress_reply_json (const ingress_guest_t *guest, unsigned status, br_blob_t *body)
{
    list_t list;
    list.size = 0;
    s_add_ours (&list, guest);
    s_add (&list, "content-type", "application/json");
    http_call_reply (guest->http, status, list.rows, list.size, body);
}

//  What the client needs to know besides the body.
static const struct {
    br_code_t code;
    const char *name;
    const char *value;
} s_demands[] = {
    { BR_EAUTH, "www-authenticate", "Bearer realm=\"bitrouter\"" },
    { BR_EBUSY, "retry-after", "1" },
    { BR_EGONE, "retry-after", "1" },
    { BR_EUNAVAILABLE, "retry-after", "1" },
    { BR_EBUDGET, "x-should-retry", "false" },
    { BR_EGUARDNEW, "x-should-retry", "false" },
};

void
ingress_reply_error (const ingress_guest_t *guest, const br_error_t *error,
                     const char *allow)
{
    list_t list;
    list.size = 0;
    s_add_ours (&list, guest);
    s_add_notes (&list, guest, (br_bytes_t) { NULL, 0 });
    s_add (&list, "content-type", "application/json");
    if (allow)
        s_add (&list, "allow", allow);
    for (size_t i = 0; i < sizeof s_demands / sizeof *s_demands; i++)
        if (s_demands[i].code == error->code)
            s_add (&list, s_demands[i].name, s_demands[i].value);
    br_buf_t buf;
    br_buf_init (&buf, ERROR_MAX);
    br_error_shape_body (guest->wire, error->code, error->text, &buf);
    size_t size;
    uint8_t *data = br_buf_take (&buf, &size);
    br_blob_t *body = br_blob_take (data, size);
    http_call_reply (guest->http, br_error_shape_status (guest->wire, error->code),
                     list.rows, list.size, body);
    br_blob_destroy (&body);
}

void
ingress_reply_preflight (const ingress_guest_t *guest)
{
    list_t list;
    list.size = 0;
    s_add_ours (&list, guest);
    s_add (&list, "access-control-allow-methods", "GET, POST, PUT, DELETE, OPTIONS");
    const char *wanted = http_call_header (guest->http, "access-control-request-headers");
    if (wanted)
        s_add (&list, "access-control-allow-headers", wanted);
    s_add (&list, "access-control-max-age", "600");
    http_call_reply (guest->http, 204, list.rows, list.size, NULL);
}
