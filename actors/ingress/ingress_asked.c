//  ingress_asked: the head of a request.

#include <string.h>

#include "actors/ingress/ingress_asked.h"
#include "actors/ingress/ingress_request.h"

#define VALUE_MAX 16 //  bytes of a parameter's value

static bool
s_is_param (const http_call_t *http, const char *name, const char *value)
{
    char given[VALUE_MAX];
    return ingress_request_param (http_call_query (http), name, given, sizeof given)
           && strcmp (given, value) == 0;
}

//  Google's SDKs name models as "models/NAME", and the path then says models twice.
static void
s_strip_models (char *name)
{
    static const char top[] = "models/";
    size_t size = sizeof top - 1;
    if (strncmp (name, top, size) == 0 && name[size])
        memmove (name, name + size, strlen (name + size) + 1);
}

//  Google's stream comes as events or as an array; a provider is always asked for events.
static void
s_read_google (ingress_asked_t *self, const http_call_t *http)
{
    self->alt = "sse";
    self->as_array = !s_is_param (http, "alt", "sse")
                     && !s_is_param (http, "$alt", "sse");
}

int
ingress_asked_read (ingress_asked_t *self, br_surface_t surface, const http_call_t *http,
                    br_error_t *reterr)
{
    const br_surface_row_t *row = br_surface_row (surface);
    *self = (ingress_asked_t) { .known.place = row->place, .known.stream = row->stream };
    if (strchr (row->path, '{')
        && br_surface_name (surface, http_call_path (http), self->name,
                            sizeof self->name))
        return br_error_set (reterr, BR_EINVALID, "the name in the path is too long");
    if (row->wire == BR_PROTOCOL_GOOGLE)
        s_strip_models (self->name);
    self->known.model = self->name;
    self->known.content_type = http_call_header (http, "content-type");
    if (row->place == REQUEST_FORM && !form_is (self->known.content_type))
        self->known.place = REQUEST_BODY;
    if (surface == BR_SURFACE_GOOGLE_STREAM)
        s_read_google (self, http);
    if (surface == BR_SURFACE_RESPONSE)
        self->known.stream = s_is_param (http, "stream", "true");
    return 0;
}
