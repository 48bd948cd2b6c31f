//  upstream_table: one slice of the configuration, read once.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/proto/embeddings.h"
#include "actors/upstream/upstream_table.h"

#define CONNECT_MS 10000 //  when the slice does not say
#define FIRST_BYTE_MS 300000
#define IDLE_MS 120000
#define POOL_IDLE_MS 90000
#define POOL_IDLE_MAX 256       //  idle connections kept
#define MS_MAX (7 * 86400000.0) //  of any deadline

typedef struct {
    char *glob;
    char *protocol;
} match_t;

typedef struct {
    char *model;
    uint32_t tokens;
} limit_t;

struct _upstream_table_t {
    unsigned references; //  of one thread
    upstream_endpoint_t **endpoints;
    size_t endpoints_size;
    match_t *matches;
    size_t matches_size;
    char *only_protocol; //  that of all matches, borrowed; NULL = they differ
    limit_t *limits;
    size_t limits_size;
    upstream_bounds_t bounds;
    http_client_conf_t link; //  its strings are owned
};

static char *
s_text (const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive (object, key);
    return cJSON_IsString (item) && item->valuestring[0] ? br_strdup (item->valuestring)
                                                         : NULL;
}

static uint64_t
s_ms (const cJSON *object, const char *key, uint64_t otherwise)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive (object, key);
    if (!cJSON_IsNumber (item) || item->valuedouble < 0)
        return otherwise;
    return (uint64_t) (item->valuedouble < MS_MAX ? item->valuedouble : MS_MAX);
}

//  ---- parts of the slice

static int
s_add_endpoint (upstream_table_t *self, const char *name, const cJSON *slice,
                const cJSON *own, br_error_t *reterr)
{
    upstream_endpoint_t *endpoint = upstream_endpoint_new (name, slice, own, reterr);
    if (!endpoint)
        return -1;
    self->endpoints[self->endpoints_size++] = endpoint;
    return 0;
}

static int
s_read_endpoints (upstream_table_t *self, const cJSON *slice, br_error_t *reterr)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive (slice, "endpoints");
    self->endpoints = br_alloc ((size_t) cJSON_GetArraySize (list) + 1,
                                sizeof (upstream_endpoint_t *));
    int rc = s_add_endpoint (self, "", slice, NULL, reterr);
    const cJSON *item;
    cJSON_ArrayForEach (item, list)
    {
        if (rc == 0)
            rc = s_add_endpoint (self, item->string, slice, item, reterr);
    }
    return rc;
}

static void
s_read_matches (upstream_table_t *self, const cJSON *slice)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive (slice, "protocols");
    self->matches = br_alloc ((size_t) cJSON_GetArraySize (list) + 1, sizeof (match_t));
    const cJSON *item;
    cJSON_ArrayForEach (item, list)
    {
        match_t match = { s_text (item, "glob"), s_text (item, "protocol") };
        if (match.glob && match.protocol) {
            self->matches[self->matches_size++] = match;
            continue;
        }
        free (match.glob);
        free (match.protocol);
    }
    if (self->matches_size)
        self->only_protocol = self->matches[0].protocol;
    for (size_t i = 0; i < self->matches_size && self->only_protocol; i++)
        if (strcmp (self->matches[i].protocol, self->only_protocol) != 0)
            self->only_protocol = NULL;
}

static void
s_read_limits (upstream_table_t *self, const cJSON *slice)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive (slice, "max_output_tokens");
    self->limits = br_alloc ((size_t) cJSON_GetArraySize (list) + 1, sizeof (limit_t));
    const cJSON *item;
    cJSON_ArrayForEach (item, list)
    {
        if (!cJSON_IsNumber (item) || !item->string || item->valuedouble < 1
            || item->valuedouble > UINT32_MAX)
            continue;
        limit_t limit = { br_strdup (item->string), (uint32_t) item->valuedouble };
        self->limits[self->limits_size++] = limit;
    }
}

static void
s_read_link (upstream_table_t *self, const cJSON *slice)
{
    const cJSON *timeouts = cJSON_GetObjectItemCaseSensitive (slice, "timeouts");
    self->bounds.connect_ms = s_ms (timeouts, "connect_ms", CONNECT_MS);
    self->bounds.first_byte_ms = s_ms (timeouts, "first_byte_ms", FIRST_BYTE_MS);
    self->bounds.idle_ms = s_ms (timeouts, "idle_ms", IDLE_MS);
    self->bounds.total_ms = s_ms (timeouts, "total_ms", 0);
    self->link.idle_max = POOL_IDLE_MAX;
    self->link.idle_ms = s_ms (timeouts, "pool_idle_ms", POOL_IDLE_MS);
    self->link.http2 = cJSON_IsTrue (cJSON_GetObjectItemCaseSensitive (slice, "http2"));
    self->link.proxy = s_text (slice, "proxy");
    self->link.no_proxy = s_text (slice, "no_proxy");
    self->link.ca_file = s_text (slice, "ca_file");
    self->link.cert_file = s_text (slice, "cert_file");
    self->link.key_file = s_text (slice, "key_file");
}

//  ---- life

upstream_table_t *
upstream_table_new (const char *slice, br_error_t *reterr)
{
    cJSON *json = cJSON_Parse (slice);
    if (!cJSON_IsObject (json)) {
        cJSON_Delete (json);
        br_error_set (reterr, BR_ECONFIG, "the slice of the provider is no JSON object");
        return NULL;
    }
    upstream_table_t *self = BR_NEW (upstream_table_t);
    self->references = 1;
    s_read_matches (self, json);
    s_read_limits (self, json);
    s_read_link (self, json);
    int rc = s_read_endpoints (self, json, reterr);
    cJSON_Delete (json);
    if (rc)
        upstream_table_destroy (&self);
    return self;
}

upstream_table_t *
upstream_table_ref (upstream_table_t *self)
{
    self->references++;
    return self;
}

static void
s_free (upstream_table_t *self)
{
    while (self->endpoints_size)
        upstream_endpoint_destroy (&self->endpoints[--self->endpoints_size]);
    free (self->endpoints);
    while (self->matches_size) {
        free (self->matches[--self->matches_size].glob);
        free (self->matches[self->matches_size].protocol);
    }
    free (self->matches);
    while (self->limits_size)
        free (self->limits[--self->limits_size].model);
    free (self->limits);
    free ((char *) self->link.proxy);
    free ((char *) self->link.no_proxy);
    free ((char *) self->link.ca_file);
    free ((char *) self->link.cert_file);
    free ((char *) self->link.key_file);
    free (self);
}

void
upstream_table_destroy (upstream_table_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    upstream_table_t *self = *self_p;
    *self_p = NULL;
    if (--self->references == 0)
        s_free (self);
}

//  ---- questions

const upstream_endpoint_t *
upstream_table_find (const upstream_table_t *self, const char *name)
{
    for (size_t i = 0; i < self->endpoints_size; i++)
        if (strcmp (upstream_endpoint_name (self->endpoints[i]), name) == 0)
            return self->endpoints[i];
    return NULL;
}

//  How close a glob comes to a name: 0 = not at all.
static size_t
s_closeness (const char *glob, const char *name)
{
    size_t size = strlen (glob);
    if (strcmp (glob, name) == 0)
        return SIZE_MAX;
    if (size && glob[size - 1] == '*' && strncmp (glob, name, size - 1) == 0)
        return size;
    return 0;
}

//  How close the closest glob comes.
static size_t
s_closest (const upstream_table_t *self, const char *model)
{
    size_t closest = 0;
    for (size_t i = 0; i < self->matches_size; i++) {
        size_t closeness = s_closeness (self->matches[i].glob, model);
        closest = closeness > closest ? closeness : closest;
    }
    return closest;
}

bool
upstream_table_speaks (const upstream_table_t *self, const upstream_endpoint_t *endpoint,
                       const char *protocol, const char *model)
{
    const char *own = upstream_endpoint_protocol (endpoint);
    if (own)
        return strcmp (own, protocol) == 0;
    if (self->matches_size == 0)
        return true;
    if (self->only_protocol)
        return strcmp (self->only_protocol, protocol) == 0;
    size_t closest = s_closest (self, model);
    for (size_t i = 0; closest && i < self->matches_size; i++)
        if (s_closeness (self->matches[i].glob, model) == closest
            && strcmp (self->matches[i].protocol, protocol) == 0)
            return true;
    return false;
}

static br_surface_t
s_first_other (const upstream_table_t *self, const char *model, br_surface_kind_t kind,
               bool stream)
{
    size_t closest = s_closest (self, model);
    br_surface_t first = BR_SURFACE_NONE;
    for (size_t i = 0; closest && i < self->matches_size; i++) {
        if (s_closeness (self->matches[i].glob, model) != closest)
            continue;
        br_surface_t other = br_surface_for (self->matches[i].protocol, kind, stream);
        const br_surface_row_t *row = br_surface_row (other);
        if (row && row->kind == kind)
            return other;
        first = other != BR_SURFACE_NONE ? other : first;
    }
    return first;
}

br_surface_t
upstream_table_ask (const upstream_table_t *self, const upstream_endpoint_t *endpoint,
                    br_surface_t surface, const char *model, bool stream)
{
    const br_surface_row_t *row = br_surface_row (surface);
    if (!row || !row->upstream)
        return BR_SURFACE_NONE;
    if (upstream_table_speaks (self, endpoint, row->protocol, model))
        return surface;
    const br_surface_row_t *other = br_surface_row (embeddings_other (surface));
    if (other && upstream_table_speaks (self, endpoint, other->protocol, model))
        return embeddings_other (surface);
    if (row->kind != BR_SURFACE_TALK && row->kind != BR_SURFACE_TOKENS)
        return BR_SURFACE_NONE;
    const char *own = upstream_endpoint_protocol (endpoint);
    return own ? br_surface_for (own, row->kind, stream)
               : s_first_other (self, model, row->kind, stream);
}

uint32_t
upstream_table_max_output (const upstream_table_t *self, const char *model)
{
    for (size_t i = 0; i < self->limits_size; i++)
        if (strcmp (self->limits[i].model, model) == 0)
            return self->limits[i].tokens;
    return 0;
}

const upstream_bounds_t *
upstream_table_bounds (const upstream_table_t *self)
{
    return &self->bounds;
}

const http_client_conf_t *
upstream_table_link (const upstream_table_t *self)
{
    return &self->link;
}

static bool
s_is_same (const char *a, const char *b)
{
    return a && b ? strcmp (a, b) == 0 : a == b;
}

bool
upstream_table_is_linked_as (const upstream_table_t *self, const upstream_table_t *other)
{
    const http_client_conf_t *a = &self->link;
    const http_client_conf_t *b = &other->link;
    return a->idle_ms == b->idle_ms && a->http2 == b->http2
           && s_is_same (a->proxy, b->proxy) && s_is_same (a->no_proxy, b->no_proxy)
           && s_is_same (a->ca_file, b->ca_file) && s_is_same (a->cert_file, b->cert_file)
           && s_is_same (a->key_file, b->key_file);
}
