//  router_rules: the slice of the router.

#include <fnmatch.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "broker/core/alloc.h"
#include "broker/core/conf.h"
#include "broker/core/conf_default.h"
#include "actors/router/router_rules.h"

#define RETRIES_MOST 32
#define PAUSE_MOST 3600000u //  ms

struct _router_rules_t {
    router_retry_t retry;
    bool affinity;
    cJSON *json; //  owns limited; NULL without a slice
    const cJSON *limited;
};

router_rules_t *
router_rules_new (void)
{
    router_rules_t *self = BR_NEW (router_rules_t);
    self->retry = (router_retry_t) { .attempts_max = BR_CONF_ATTEMPTS,
                                     .retries = BR_CONF_RETRIES,
                                     .base_ms = BR_CONF_BACKOFF_BASE_MS,
                                     .max_ms = BR_CONF_BACKOFF_MAX_MS };
    self->retry.retry_after_max_ms = BR_CONF_RETRY_AFTER_MAX_SECS * 1000;
    self->affinity = true;
    return self;
}

void
router_rules_destroy (router_rules_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    cJSON_Delete ((*self_p)->json);
    free (*self_p);
    *self_p = NULL;
}

//  ---- members

typedef struct {
    const char *name;
    size_t at; //  of an uint64_t in router_retry_t
    uint64_t least;
    uint64_t most;
} number_t;

static const number_t s_numbers[] = {
    { "attempts_max", offsetof (router_retry_t, attempts_max), 1, BR_CONF_ATTEMPTS_MAX },
    { "retries", offsetof (router_retry_t, retries), 0, RETRIES_MOST },
    { .name = NULL },
};

static const number_t s_backoff[] = {
    { "base_ms", offsetof (router_retry_t, base_ms), 0, PAUSE_MOST },
    { "max_ms", offsetof (router_retry_t, max_ms), 0, PAUSE_MOST },
    { "retry_after_max_ms", offsetof (router_retry_t, retry_after_max_ms), 0,
      PAUSE_MOST },
    { .name = NULL },
};

static int
s_read_numbers (router_retry_t *retry, const cJSON *json, const number_t *rows,
                br_error_t *reterr)
{
    for (; rows->name; rows++) {
        const cJSON *node = cJSON_GetObjectItemCaseSensitive (json, rows->name);
        if (!node)
            continue;
        double number = cJSON_IsNumber (node) ? node->valuedouble : -1;
        if (!(number >= (double) rows->least && number <= (double) rows->most))
            return br_error_set (
                reterr, BR_ECONFIG, "%s must be a number from %llu to %llu", rows->name,
                (unsigned long long) rows->least, (unsigned long long) rows->most);
        *(uint64_t *) ((char *) retry + rows->at) = (uint64_t) number;
    }
    return 0;
}

static int
s_read (router_rules_t *self, br_error_t *reterr)
{
    const cJSON *backoff = cJSON_GetObjectItemCaseSensitive (self->json, "backoff");
    const cJSON *affinity = cJSON_GetObjectItemCaseSensitive (self->json, "affinity");
    if (!cJSON_IsObject (self->json))
        return br_error_set (reterr, BR_ECONFIG, "the router's slice is no JSON object");
    if (s_read_numbers (&self->retry, self->json, s_numbers, reterr)
        || s_read_numbers (&self->retry, backoff, s_backoff, reterr))
        return -1;
    self->affinity = !cJSON_IsFalse (affinity);
    self->limited = cJSON_GetObjectItemCaseSensitive (self->json, "limited_providers");
    return 0;
}

router_rules_t *
router_rules_parse (const char *slice, br_error_t *reterr)
{
    router_rules_t *self = router_rules_new ();
    self->json = cJSON_Parse (slice);
    if (s_read (self, reterr))
        router_rules_destroy (&self);
    return self;
}

//  ---- questions

const router_retry_t *
router_rules_retry (const router_rules_t *self)
{
    return &self->retry;
}

bool
router_rules_has_affinity (const router_rules_t *self)
{
    return self->affinity;
}

static const char *
s_text (const cJSON *row, const char *name)
{
    const cJSON *node = cJSON_GetObjectItemCaseSensitive (row, name);
    return cJSON_IsString (node) ? node->valuestring : "";
}

bool
router_rules_is_limited (const router_rules_t *self, const char *provider,
                         const char *model)
{
    const cJSON *row;
    cJSON_ArrayForEach (
        row,
        self->limited) if (strcmp (s_text (row, "provider"), provider) == 0
                           && fnmatch (s_text (row, "glob"), model, 0) == 0) return true;
    return false;
}
