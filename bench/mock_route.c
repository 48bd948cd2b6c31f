//  mock_route: paths are known by their ends, so that any prefix of a base address will
//  do. One table holds them.

#include <string.h>

#include "bench/mock_route.h"

typedef struct {
    const char *method;
    const char *end; //  of the path without its query
    mock_protocol_t protocol;
    mock_action_t action;
} route_row_t;

//  The first row is what benchmarks ask for.
static const route_row_t s_rows[] = {
    { "POST", "/chat/completions", MOCK_CHAT, MOCK_ANSWER },
    { "POST", "/responses", MOCK_RESPONSES, MOCK_ANSWER },
    { "POST", "/responses/input_tokens", MOCK_RESPONSES, MOCK_COUNT },
    { "POST", "/messages", MOCK_MESSAGES, MOCK_ANSWER },
    { "POST", "/messages/count_tokens", MOCK_MESSAGES, MOCK_COUNT },
    { "POST", ":generateContent", MOCK_GOOGLE, MOCK_ANSWER },
    { "POST", ":streamGenerateContent", MOCK_GOOGLE, MOCK_ANSWER },
    { "POST", ":countTokens", MOCK_GOOGLE, MOCK_COUNT },
    { "POST", ":embedContent", MOCK_GOOGLE, MOCK_EMBED },
    { "POST", ":batchEmbedContents", MOCK_GOOGLE, MOCK_EMBED_BATCH },
    { "POST", "/embeddings", MOCK_CHAT, MOCK_EMBED },
    { "GET", "/mock/last", MOCK_CHAT, MOCK_CALLS_LAST },
    { "GET", "/mock/calls", MOCK_CHAT, MOCK_CALLS_ALL },
    { "DELETE", "/mock/calls", MOCK_CHAT, MOCK_CALLS_FORGET },
    { "GET", "/models", MOCK_CHAT, MOCK_MODELS },
    { "GET", "/health", MOCK_CHAT, MOCK_HEALTH },
};

static bool
s_fits (const route_row_t *row, const mock_request_t *request, size_t size)
{
    size_t end = strlen (row->end);
    return size >= end && !memcmp (request->path + size - end, row->end, end)
           && !strcmp (request->method, row->method);
}

//  Paths of nobody's still have a protocol, so that errors have a shape.
static mock_protocol_t
s_guess (const mock_request_t *request)
{
    if (strstr (request->path, "/v1beta/"))
        return MOCK_GOOGLE;
    return request->version[0] ? MOCK_MESSAGES : MOCK_CHAT;
}

static mock_form_t
s_form (const mock_route_t *self, const mock_request_t *request)
{
    if (self->action != MOCK_ANSWER || !request->peek.stream)
        return MOCK_PLAIN;
    if (self->protocol != MOCK_GOOGLE || strstr (request->path, "alt=sse"))
        return MOCK_SSE;
    return MOCK_ARRAY;
}

void
mock_route (mock_route_t *self, const mock_request_t *request)
{
    size_t size = strcspn (request->path, "?");
    *self = (mock_route_t) { .action = MOCK_NOWHERE };
    for (size_t i = 0; i < sizeof s_rows / sizeof s_rows[0]; i++) {
        if (!s_fits (&s_rows[i], request, size))
            continue;
        self->protocol = s_rows[i].protocol;
        self->action = s_rows[i].action;
        break;
    }
    if (self->action == MOCK_NOWHERE || self->action == MOCK_MODELS)
        self->protocol = s_guess (request);
    self->form = s_form (self, request);
}
