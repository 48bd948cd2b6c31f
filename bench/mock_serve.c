//  mock_serve: one function an action. An embedding is made of its input's place, so that
//  a test knows it without looking: input number n gives [0.5, -0.25, n].

#include <string.h>

#include <cjson/cJSON.h>
#include <openssl/evp.h>

#include "bench/mock_error.h"
#include "bench/mock_serve.h"

#define VALUES 3 //  of an embedding

typedef struct {
    const mock_route_t *route;
    const mock_request_t *request;
    const char *models;
    mock_recall_t *recall;
    int status;
} serve_t;

typedef struct {
    const char *begin;
    const char *before_name;
    const char *after_name;
    const char *end;
} list_row_t;

static const list_row_t s_lists[MOCK_PROTOCOLS] = {
    [MOCK_CHAT] = { "{\"object\":\"list\",\"data\":[", "{\"id\":\"",
                    "\",\"object\":\"model\",\"created\":1700000000,"
                    "\"owned_by\":\"mock\"}",
                    "]}" },
    [MOCK_MESSAGES] = { "{\"data\":[", "{\"type\":\"model\",\"id\":\"",
                        "\",\"display_name\":\"Mock\","
                        "\"created_at\":\"2025-01-01T00:00:00Z\"}",
                        "],\"has_more\":false,\"first_id\":null,\"last_id\":null}" },
    [MOCK_GOOGLE] = { "{\"models\":[", "{\"name\":\"models/",
                      "\",\"version\":\"1\",\"displayName\":\"Mock\","
                      "\"inputTokenLimit\":1000000,\"outputTokenLimit\":65536,"
                      "\"supportedGenerationMethods\":[\"generateContent\","
                      "\"countTokens\"]}",
                      "]}" },
};

static void
s_models (serve_t *self, br_buf_t *out)
{
    const list_row_t *row = &s_lists[self->route->protocol];
    const char *name = self->models ? self->models : "mock";
    br_buf_adds (out, row->begin);
    while (*name) {
        size_t size = strcspn (name, ",");
        br_buf_addf (out, "%s%.*s%s", row->before_name, (int) size, name,
                     row->after_name);
        name += size;
        if (*name == ',' && *++name)
            br_buf_addc (out, ',');
    }
    br_buf_adds (out, row->end);
}

static void
s_count (serve_t *self, br_buf_t *out)
{
    static const char *const forms[MOCK_PROTOCOLS] = {
        [MOCK_CHAT] = "{\"input_tokens\":%d}",
        [MOCK_RESPONSES] = "{\"object\":\"response.input_tokens\",\"input_tokens\":%d}",
        [MOCK_MESSAGES] = "{\"input_tokens\":%d}",
        [MOCK_GOOGLE] = "{\"totalTokens\":%d}",
    };
    br_buf_addf (out, forms[self->route->protocol], MOCK_COUNT_TOKENS);
}

//  The vector of one input, as numbers or as the base64 of little-endian floats.
static void
s_vector (br_buf_t *out, int index, bool is_base64)
{
    float values[VALUES] = { 0.5f, -0.25f, (float) index };
    unsigned char text[4 * (sizeof values / 3 + 1) + 1];
    if (!is_base64) {
        br_buf_addf (out, "[0.5,-0.25,%d]", index);
        return;
    }
    EVP_EncodeBlock (text, (const unsigned char *) values, sizeof values);
    br_buf_addf (out, "\"%s\"", (const char *) text);
}

static void
s_embed_openai (const cJSON *body, br_buf_t *out)
{
    const cJSON *input = cJSON_GetObjectItemCaseSensitive (body, "input");
    const char *encoding = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (body, "encoding_format"));
    int count = cJSON_IsArray (input) ? cJSON_GetArraySize (input) : 1;
    br_buf_adds (out, "{\"object\":\"list\",\"data\":[");
    for (int i = 0; i < count; i++) {
        br_buf_addf (out, "%s{\"object\":\"embedding\",\"index\":%d,\"embedding\":",
                     i ? "," : "", i);
        s_vector (out, i, encoding && !strcmp (encoding, "base64"));
        br_buf_addc (out, '}');
    }
    br_buf_addf (out,
                 "],\"model\":\"mock\",\"usage\":{\"prompt_tokens\":%d,"
                 "\"total_tokens\":%d}}",
                 MOCK_COUNT_TOKENS, MOCK_COUNT_TOKENS);
}

static void
s_embed (serve_t *self, br_buf_t *out)
{
    cJSON *body = cJSON_ParseWithLength ((const char *) self->request->body,
                                         self->request->body_size);
    const cJSON *list = cJSON_GetObjectItemCaseSensitive (body, "requests");
    if (self->route->protocol != MOCK_GOOGLE)
        s_embed_openai (body, out);
    else if (self->route->action == MOCK_EMBED)
        br_buf_adds (out, "{\"embedding\":{\"values\":[0.5,-0.25,0]}}");
    else {
        br_buf_adds (out, "{\"embeddings\":[");
        for (int i = 0; i < cJSON_GetArraySize (list); i++) {
            br_buf_adds (out, i ? ",{\"values\":" : "{\"values\":");
            s_vector (out, i, false);
            br_buf_addc (out, '}');
        }
        br_buf_adds (out, "]}");
    }
    cJSON_Delete (body);
}

static void
s_recalled (serve_t *self, br_buf_t *out)
{
    int rc = 0;
    if (!self->recall)
        rc = -1;
    else if (self->route->action == MOCK_CALLS_LAST)
        rc = mock_recall_last (self->recall, out);
    else if (self->route->action == MOCK_CALLS_ALL)
        mock_recall_all (self->recall, out);
    else {
        mock_recall_forget (self->recall);
        br_buf_adds (out, "{}");
    }
    if (rc == 0)
        return;
    self->status = 404;
    mock_error_body (out, MOCK_CHAT, 404, "mock: nothing is recorded; see --record");
}

typedef void (serve_fn) (serve_t *self, br_buf_t *out);

static serve_fn *const s_serves[] = {
    [MOCK_HEALTH] = s_models,      [MOCK_MODELS] = s_models,
    [MOCK_COUNT] = s_count,        [MOCK_EMBED] = s_embed,
    [MOCK_EMBED_BATCH] = s_embed,  [MOCK_CALLS_LAST] = s_recalled,
    [MOCK_CALLS_ALL] = s_recalled, [MOCK_CALLS_FORGET] = s_recalled,
};

mock_tape_t *
mock_serve_new (const mock_route_t *route, const mock_request_t *request,
                const char *models, mock_recall_t *recall)
{
    serve_fn *serve = s_serves[route->action];
    if (!serve)
        return NULL;
    serve_t self = { .route = route,
                     .request = request,
                     .models = models,
                     .recall = recall,
                     .status = 200 };
    br_buf_t body;
    br_buf_init (&body, MOCK_TAPE_MAX);
    serve (&self, &body);
    mock_tape_t *tape = mock_tape_new (route->protocol, MOCK_PLAIN);
    mock_tape_add (tape, NULL, body.data, body.size);
    mock_tape_set_status (tape, self.status);
    br_buf_free (&body);
    return tape;
}
