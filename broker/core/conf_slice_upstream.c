//  conf_slice_upstream: what one provider's actor needs to call it. The only slice that
//  holds the provider's keys.

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_state.h"

#define CONNECT_MS 10000
#define FIRST_BYTE_MS 300000
#define IDLE_MS 120000
#define TOTAL_MS 0 //  none

static void
s_add_text (cJSON *object, const char *key, const char *value)
{
    if (value)
        cJSON_AddStringToObject (object, key, value);
}

//  ---- protocols

static void
s_add_match (cJSON *list, const char *glob, br_conf_protocol_t protocol)
{
    if (protocol >= BR_CONF_ECHO)
        return;
    cJSON *item = cJSON_CreateObject ();
    cJSON_AddStringToObject (item, "glob", glob);
    cJSON_AddStringToObject (item, "protocol", BR_CONF_WORD (protocol, protocol));
    cJSON_AddItemToArray (list, item);
}

//  The provider's globs, and each model that has protocols of its own, by its name.
static void
s_add_protocols (cJSON *slice, const br_conf_provider_t *provider)
{
    cJSON *list = cJSON_AddArrayToObject (slice, "protocols");
    for (unsigned i = 0; i < provider->models_count; i++) {
        const br_conf_model_t *model = &provider->models[i];
        const char *name = model->provider_model_id ? model->provider_model_id
                                                    : model->id;
        for (unsigned j = 0; j < model->api_protocol_count; j++)
            s_add_match (list, name, model->api_protocol[j].protocol);
    }
    for (unsigned i = 0; i < provider->api_protocol_count; i++)
        s_add_match (list, provider->api_protocol[i].glob,
                     provider->api_protocol[i].protocol);
}

//  What the catalogue knows of each model's answers, by the provider's name of it.
static void
s_add_max_output (cJSON *slice, const br_conf_provider_t *provider)
{
    cJSON *list = NULL;
    for (unsigned i = 0; i < provider->models_count; i++) {
        const br_conf_model_t *model = &provider->models[i];
        if (!model->about.max_output_tokens)
            continue;
        if (!list)
            list = cJSON_AddObjectToObject (slice, "max_output_tokens");
        const char *name = model->provider_model_id ? model->provider_model_id
                                                    : model->id;
        cJSON_AddNumberToObject (list, name, (double) *model->about.max_output_tokens);
    }
}

//  ---- credentials

static br_conf_auth_type_t
s_auth_type (const br_conf_provider_t *provider, bool has_any_key)
{
    br_conf_auth_type_t type = provider->auth ? provider->auth->type
                                              : BR_CONF_AUTH_PROTOCOL;
    bool needs_key = type == BR_CONF_AUTH_PROTOCOL || type == BR_CONF_AUTH_BEARER
                     || type == BR_CONF_AUTH_HEADER;
    return needs_key && !has_any_key ? BR_CONF_AUTH_NONE : type;
}

static void
s_add_pairs (cJSON *slice, const char *key, const br_conf_pair_t *pairs, unsigned count)
{
    cJSON *object = cJSON_AddObjectToObject (slice, key);
    for (unsigned i = 0; i < count; i++)
        cJSON_AddStringToObject (object, pairs[i].key,
                                 pairs[i].value ? pairs[i].value : "");
}

//  Where the token is, which the actor reads by itself, and how it is renewed.
static void
s_add_login (const br_conf_t *self, cJSON *auth, const br_conf_provider_t *provider)
{
    cJSON *login = br_conf_slice_login (self, provider);
    if (!login)
        return;
    s_add_pairs (login, "headers", provider->login->headers,
                 provider->login->headers_count);
    //  a new token makes a new slice, so that a reload reaches the actor
    struct stat status;
    const char *file = cJSON_GetStringValue (cJSON_GetObjectItem (login, "file"));
    if (file && stat (file, &status) == 0) {
        char *stamp = br_strf ("%lld.%09ld", (long long) status.st_mtim.tv_sec,
                               status.st_mtim.tv_nsec);
        cJSON_AddStringToObject (login, "stamp", stamp);
        free (stamp);
    }
    cJSON_AddItemToObject (auth, "login", login);
}

static void
s_add_auth (const br_conf_t *self, cJSON *slice, const br_conf_provider_t *provider,
            bool has_endpoint_key)
{
    bool has_key = provider->api_key && *provider->api_key;
    br_conf_auth_type_t type = s_auth_type (provider, has_key || has_endpoint_key);
    const br_conf_auth_t *given = provider->auth;
    cJSON *auth = cJSON_AddObjectToObject (slice, "auth");
    cJSON_AddStringToObject (auth, "type", BR_CONF_WORD (auth, type));
    if (given && type == given->type) {
        s_add_text (auth, "header_name", given->header_name);
        s_add_text (auth, "method", given->method);
        if (given->params)
            cJSON_AddItemToObject (auth, "params", cJSON_Parse (given->params));
    }
    if (type == BR_CONF_AUTH_OAUTH)
        s_add_login (self, auth, provider);
    bool sends_key = type == BR_CONF_AUTH_PROTOCOL || type == BR_CONF_AUTH_BEARER
                     || type == BR_CONF_AUTH_HEADER;
    if (has_key && sends_key)
        cJSON_AddStringToObject (auth, "api_key", provider->api_key);
}

static void
s_add_endpoint (cJSON *endpoints, const char *owner, unsigned index, const char *api_key,
                const char *api_base, const br_conf_protocol_t *protocol)
{
    char *name = br_conf_state_endpoint_name (owner, index);
    cJSON *item = cJSON_AddObjectToObject (endpoints, name);
    free (name);
    s_add_text (item, "api_key", api_key);
    s_add_text (item, "api_base", api_base && *api_base ? api_base : NULL);
    if (protocol)
        cJSON_AddStringToObject (item, "protocol", BR_CONF_WORD (protocol, *protocol));
}

//  Adds what overrides the provider: endpoints of model routes, and accounts. Returns
//  whether one of them has a key.
static bool
s_add_endpoints (const br_conf_t *self, cJSON *slice, const br_conf_provider_t *provider)
{
    cJSON *endpoints = cJSON_AddObjectToObject (slice, "endpoints");
    bool has_key = false;
    for (unsigned i = 0; i < self->root->models_count; i++) {
        const br_conf_route_t *route = &self->root->models[i];
        for (unsigned j = 0; j < route->endpoints_count; j++) {
            const br_conf_endpoint_t *endpoint = &route->endpoints[j];
            if (strcmp (endpoint->provider, provider->id) != 0
                || !br_conf_state_is_override (endpoint)
                || !br_conf_state_is_usable (self, endpoint))
                continue;
            s_add_endpoint (endpoints, route->id, j, endpoint->api_key,
                            endpoint->api_base, endpoint->api_protocol);
            has_key = has_key || endpoint->api_key;
        }
    }
    for (unsigned i = 0; i < provider->accounts_count; i++) {
        const br_conf_account_t *account = &provider->accounts[i];
        if (!account->api_key || !*account->api_key)
            continue;
        s_add_endpoint (endpoints, provider->id, i, account->api_key, account->api_base,
                        NULL);
        has_key = true;
    }
    return has_key;
}

//  ---- the connection

static double
s_ms (const double *own, const double *common, double otherwise)
{
    return own ? *own * 1000 : common ? *common * 1000 : otherwise;
}

static void
s_add_timeouts (cJSON *slice, const br_conf_timeouts_t *own,
                const br_conf_timeouts_t *common)
{
    static const br_conf_timeouts_t s_unset = {
        NULL, NULL, NULL, NULL, NULL, NULL, NULL
    };
    own = own ? own : &s_unset;
    common = common ? common : &s_unset;
    const double *own_idle = own->idle_secs ? own->idle_secs : own->read_secs;
    const double *common_idle = common->idle_secs ? common->idle_secs : common->read_secs;
    cJSON *out = cJSON_AddObjectToObject (slice, "timeouts");
    cJSON_AddNumberToObject (out, "connect_ms",
                             s_ms (own->connect_secs, common->connect_secs, CONNECT_MS));
    cJSON_AddNumberToObject (
        out, "first_byte_ms",
        s_ms (own->first_byte_secs, common->first_byte_secs, FIRST_BYTE_MS));
    cJSON_AddNumberToObject (out, "idle_ms", s_ms (own_idle, common_idle, IDLE_MS));
    cJSON_AddNumberToObject (out, "total_ms",
                             s_ms (own->total_secs, common->total_secs, TOTAL_MS));
    double pool = s_ms (own->pool_idle_secs, common->pool_idle_secs, -1);
    if (pool >= 0)
        cJSON_AddNumberToObject (out, "pool_idle_ms", pool);
    double keepalive = s_ms (own->tcp_keepalive_secs, common->tcp_keepalive_secs, -1);
    if (keepalive >= 0)
        cJSON_AddNumberToObject (out, "tcp_keepalive_ms", keepalive);
}

//  Adds the path of a file; a relative one is in the home.
static void
s_add_path (const br_conf_t *self, cJSON *slice, const char *key, const char *own,
            const char *common)
{
    const char *path = own ? own : common;
    if (!path || !*path)
        return;
    char *full = *path == '/' ? br_strdup (path)
                              : br_strf ("%s/%s", self->home.home, path);
    cJSON_AddStringToObject (slice, key, full);
    free (full);
}

static void
s_add_link (const br_conf_t *self, cJSON *slice, const br_conf_provider_t *provider)
{
    static const br_conf_link_t s_unset = { NULL, NULL, NULL, NULL, NULL, NULL, NULL };
    const br_conf_upstream_t *upstream = self->root->upstream;
    const br_conf_link_t *common = upstream ? &upstream->link : &s_unset;
    const br_conf_link_t *own = &provider->link;
    s_add_timeouts (slice, own->timeouts, common->timeouts);
    bool is_plain = provider->api_base && strncmp (provider->api_base, "http://", 7) == 0;
    const char *proxy = is_plain ? self->http_proxy : self->https_proxy;
    proxy = common->proxy ? common->proxy : proxy;
    s_add_text (slice, "proxy", own->proxy ? own->proxy : proxy);
    const char *no_proxy = common->no_proxy ? common->no_proxy : self->no_proxy;
    s_add_text (slice, "no_proxy", own->no_proxy ? own->no_proxy : no_proxy);
    s_add_path (self, slice, "ca_file", own->ca_file, common->ca_file);
    s_add_path (self, slice, "cert_file", own->client_cert, common->client_cert);
    s_add_path (self, slice, "key_file", own->client_key, common->client_key);
    const bool *http2 = own->http2 ? own->http2 : common->http2;
    cJSON_AddBoolToObject (slice, "http2", http2 && *http2);
}

cJSON *
br_conf_slice_upstream (const br_conf_t *self, const br_conf_provider_t *provider)
{
    cJSON *slice = cJSON_CreateObject ();
    cJSON_AddStringToObject (slice, "provider", provider->id);
    s_add_text (slice, "api_base", provider->api_base);
    s_add_protocols (slice, provider);
    s_add_max_output (slice, provider);
    if (provider->protocol_endpoints_count)
        s_add_pairs (slice, "protocol_endpoints", provider->protocol_endpoints,
                     provider->protocol_endpoints_count);
    bool has_endpoint_key = s_add_endpoints (self, slice, provider);
    s_add_auth (self, slice, provider, has_endpoint_key);
    if (br_conf_words_has (self->activity.keyless, provider->id))
        cJSON_AddTrueToObject (slice, "routes_only");
    if (provider->auto_discover && *provider->auto_discover)
        cJSON_AddTrueToObject (slice, "auto_discover");
    s_add_pairs (slice, "default_headers", provider->default_headers,
                 provider->default_headers_count);
    s_add_pairs (slice, "default_query", provider->default_query,
                 provider->default_query_count);
    s_add_link (self, slice, provider);
    return slice;
}
