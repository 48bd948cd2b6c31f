//  conf_slice: which slice is whose; the questions that several of them ask, and the
//  short slice of the router.

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_state.h"

#define UPSTREAM_PREFIX "upstream/"
#define ATTEMPTS_DEFAULT 8 //  attempts of one call

static const unsigned s_backoff_default_ms[] = { 250, 500, 1000, 2000, 4000, 8000 };

//  ---- questions

const br_conf_provider_t *
br_conf_state_provider (const br_conf_t *self, const char *name)
{
    for (unsigned i = 0; i < self->root->providers_count; i++)
        if (strcmp (self->root->providers[i].id, name) == 0)
            return &self->root->providers[i];
    return NULL;
}

bool
br_conf_state_is_active (const br_conf_provider_t *provider)
{
    return provider && provider->active && *provider->active;
}

bool
br_conf_state_is_wire (const br_conf_provider_t *provider)
{
    for (unsigned i = 0; i < provider->api_protocol_count; i++)
        if (provider->api_protocol[i].protocol < BR_CONF_ECHO)
            return true;
    return false;
}

bool
br_conf_state_is_echo (const br_conf_provider_t *provider)
{
    return provider->api_protocol_count
           && provider->api_protocol[0].protocol == BR_CONF_ECHO;
}

bool
br_conf_state_is_usable (const br_conf_t *self, const br_conf_endpoint_t *endpoint)
{
    const br_conf_provider_t *provider = br_conf_state_provider (self,
                                                                 endpoint->provider);
    if (!br_conf_state_is_active (provider))
        return false;
    if (endpoint->api_key)
        return *endpoint->api_key;
    return !br_conf_words_has (self->activity.keyless, provider->id);
}

bool
br_conf_state_is_override (const br_conf_endpoint_t *endpoint)
{
    return endpoint->api_key || (endpoint->api_base && *endpoint->api_base)
           || endpoint->api_protocol;
}

char *
br_conf_state_endpoint_name (const char *owner, size_t index)
{
    return br_strf ("%s#%zu", owner, index);
}

const br_conf_model_t *
br_conf_state_model (const br_conf_provider_t *provider, const char *name)
{
    for (unsigned i = 0; i < provider->models_count; i++)
        if (strcmp (provider->models[i].id, name) == 0)
            return &provider->models[i];
    return NULL;
}

//  ---- the router

cJSON *
br_conf_slice_router (const br_conf_t *self)
{
    cJSON *slice = cJSON_CreateObject ();
    const br_conf_upstream_t *upstream = self->root->upstream;
    bool has_max = upstream && upstream->attempts_max;
    cJSON_AddNumberToObject (slice, "attempts_max",
                             has_max ? (double) *upstream->attempts_max
                                     : ATTEMPTS_DEFAULT);
    cJSON *backoff = cJSON_AddArrayToObject (slice, "backoff_ms");
    size_t given = upstream ? upstream->fallback_backoff_ms_count : 0;
    size_t count = sizeof s_backoff_default_ms / sizeof *s_backoff_default_ms;
    for (size_t i = 0; i < given; i++)
        cJSON_AddItemToArray (
            backoff, cJSON_CreateNumber ((double) upstream->fallback_backoff_ms[i]));
    for (size_t i = 0; given == 0 && i < count; i++)
        cJSON_AddItemToArray (backoff, cJSON_CreateNumber (s_backoff_default_ms[i]));
    cJSON *models = cJSON_AddObjectToObject (slice, "models");
    for (unsigned i = 0; i < self->root->models_count; i++) {
        const br_conf_route_t *route = &self->root->models[i];
        cJSON *model = cJSON_AddObjectToObject (models, route->id);
        br_conf_strategy_t strategy = route->strategy ? *route->strategy
                                                      : BR_CONF_PRIORITY;
        cJSON_AddStringToObject (model, "strategy", BR_CONF_WORD (strategy, strategy));
    }
    return slice;
}

//  ---- by name

static cJSON *
s_find (const br_conf_t *self, const char *actor_name)
{
    if (strcmp (actor_name, "ingress") == 0)
        return br_conf_slice_ingress (self);
    if (strcmp (actor_name, "router") == 0)
        return br_conf_slice_router (self);
    if (strcmp (actor_name, "meter") == 0)
        return br_conf_slice_meter (self);
    if (strcmp (actor_name, "echo") == 0)
        return cJSON_CreateObject ();
    if (!br_conf_words_has (self->slices, actor_name))
        return NULL;
    const char *name = actor_name + strlen (UPSTREAM_PREFIX);
    return br_conf_slice_upstream (self, br_conf_state_provider (self, name));
}

char *
br_conf_slice (const br_conf_t *self, const char *actor_name)
{
    cJSON *slice = s_find (self, actor_name);
    if (!slice)
        return NULL;
    char *text = cJSON_PrintUnformatted (slice);
    cJSON_Delete (slice);
    return text;
}
