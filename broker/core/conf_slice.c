//  conf_slice: which slice is whose, and the questions that several of them ask.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_state.h"

#define UPSTREAM_PREFIX "upstream/"

//  Slices of actors that there is one kind of.
static const struct {
    const char *actor;
    cJSON *(*make) (const br_conf_t *self);
} s_slices[] = {
    { "ingress", br_conf_slice_ingress }, { "router", br_conf_slice_router },
    { "breaker", br_conf_slice_breaker }, { "limits", br_conf_slice_limits },
    { "meter", br_conf_slice_meter },     { "idempotency", br_conf_slice_idempotency },
    { "auth", br_conf_slice_auth },       { "metrics", br_conf_slice_metrics },
    { "guard", br_conf_slice_guard },
};

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

double
br_conf_state_ms (const double *secs, double otherwise)
{
    return (double) (uint64_t) ((secs ? *secs : otherwise) * 1000 + 0.5);
}

char *
br_conf_state_path (const br_conf_t *self, const char *name)
{
    const char *home = self->home.home;
    return br_strf ("%s/%s", strcmp (home, "/") == 0 ? "" : home, name);
}

void
br_conf_state_add_texts (cJSON *object, const char *key, char *const *texts, size_t count)
{
    cJSON *list = cJSON_AddArrayToObject (object, key);
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray (list, cJSON_CreateString (texts[i]));
}

//  ---- by name

static cJSON *
s_find (const br_conf_t *self, const char *actor_name)
{
    for (size_t i = 0; i < sizeof s_slices / sizeof *s_slices; i++)
        if (strcmp (s_slices[i].actor, actor_name) == 0)
            return s_slices[i].make (self);
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
