//  conf_slice_router: how often and when attempts are made again, and which providers have
//  limits of ours that must be asked for.

#include "broker/core/conf_default.h"
#include "broker/core/conf_state.h"

static void
s_add_whole (cJSON *object, const char *key, const uint64_t *value, double otherwise)
{
    cJSON_AddNumberToObject (object, key, value ? (double) *value : otherwise);
}

static void
s_add_backoff (cJSON *slice, const br_conf_backoff_t *given)
{
    static const br_conf_backoff_t s_unset = { NULL, NULL, NULL };
    given = given ? given : &s_unset;
    cJSON *backoff = cJSON_AddObjectToObject (slice, "backoff");
    s_add_whole (backoff, "base_ms", given->base_ms, BR_CONF_BACKOFF_BASE_MS);
    s_add_whole (backoff, "max_ms", given->max_ms, BR_CONF_BACKOFF_MAX_MS);
    cJSON_AddNumberToObject (
        backoff, "retry_after_max_ms",
        br_conf_state_ms (given->retry_after_max_secs, BR_CONF_RETRY_AFTER_MAX_SECS));
}

cJSON *
br_conf_slice_router (const br_conf_t *self)
{
    cJSON *slice = cJSON_CreateObject ();
    const br_conf_upstream_t *upstream = self->root->upstream;
    s_add_whole (slice, "attempts_max", upstream ? upstream->attempts_max : NULL,
                 BR_CONF_ATTEMPTS);
    s_add_whole (slice, "retries", upstream ? upstream->retries : NULL, BR_CONF_RETRIES);
    s_add_backoff (slice, upstream ? upstream->backoff : NULL);
    bool is_off = upstream && upstream->affinity && !*upstream->affinity;
    cJSON_AddBoolToObject (slice, "affinity", !is_off);
    cJSON_AddItemToObject (slice, "limited_providers",
                           br_conf_state_provider_limits (self, false));
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
