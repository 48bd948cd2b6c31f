//  conf_slice_breaker: when an endpoint goes out of use, and for how long.

#include "broker/core/conf_default.h"
#include "broker/core/conf_state.h"

static void
s_add_whole (cJSON *object, const char *key, const uint64_t *value, double otherwise)
{
    cJSON_AddNumberToObject (object, key, value ? (double) *value : otherwise);
}

static void
s_add_ms (cJSON *object, const char *key, const double *secs, double otherwise)
{
    cJSON_AddNumberToObject (object, key, br_conf_state_ms (secs, otherwise));
}

cJSON *
br_conf_slice_breaker (const br_conf_t *self)
{
    static const br_conf_breaker_t s_unset = { NULL, NULL, NULL, NULL, NULL, NULL };
    const br_conf_upstream_t *upstream = self->root->upstream;
    const br_conf_breaker_t *given = upstream && upstream->breaker ? upstream->breaker
                                                                   : &s_unset;
    cJSON *slice = cJSON_CreateObject ();
    s_add_whole (slice, "failures", given->failures, BR_CONF_BREAKER_FAILURES);
    s_add_ms (slice, "window_ms", given->window_secs, BR_CONF_BREAKER_WINDOW_SECS);
    s_add_whole (slice, "window_min", given->window_min, BR_CONF_BREAKER_WINDOW_MIN);
    s_add_whole (slice, "error_percent", given->error_percent,
                 BR_CONF_BREAKER_ERROR_PERCENT);
    s_add_ms (slice, "open_ms", given->open_secs, BR_CONF_BREAKER_OPEN_SECS);
    s_add_ms (slice, "open_max_ms", given->open_max_secs, BR_CONF_BREAKER_OPEN_MAX_SECS);
    return slice;
}
