//  ingress_settings: the members of the slice that are not routes.

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_settings.h"
#include "broker/core/alloc.h"
#include "broker/net/http_server.h"

//  A list of texts, at least an empty one. NULL when it is none.
static char **
s_texts (const cJSON *slice, const char *key, br_error_t *reterr)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive (slice, key);
    char **texts = br_alloc ((size_t) cJSON_GetArraySize (list) + 1, sizeof *texts);
    size_t count = 0;
    bool sound = !list || cJSON_IsArray (list);
    const cJSON *item;
    cJSON_ArrayForEach (item, list)
    {
        sound = sound && cJSON_IsString (item);
        if (sound)
            texts[count++] = br_strdup (item->valuestring);
    }
    if (!sound)
        br_error_set (reterr, BR_ECONFIG, "ingress: '%s' is no list of texts", key);
    if (sound)
        return texts;
    while (count)
        free (texts[--count]);
    free (texts);
    return NULL;
}

static size_t
s_size (const cJSON *slice, const char *key, size_t otherwise)
{
    const cJSON *node = cJSON_GetObjectItemCaseSensitive (slice, key);
    return cJSON_IsNumber (node) && node->valuedouble >= 1 ? (size_t) node->valuedouble
                                                           : otherwise;
}

//  Open calls: at least one, and no more than the map of calls is made for.
static size_t
s_calls_max (const cJSON *slice)
{
    size_t count = s_size (slice, "calls_max", INGRESS_CALLS_MAX);
    return count < INGRESS_CALLS_CEILING ? count : INGRESS_CALLS_CEILING;
}

static bool
s_flag (const cJSON *slice, const char *key)
{
    return cJSON_IsTrue (cJSON_GetObjectItemCaseSensitive (slice, key));
}

static const char *
s_text (const cJSON *slice, const char *key)
{
    const char *text = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (slice, key));
    return text ? text : "";
}

static int
s_take_auth (ingress_settings_t *self, const cJSON *slice, br_error_t *reterr)
{
    const cJSON *auth = cJSON_GetObjectItemCaseSensitive (slice, "auth");
    const cJSON *wait_ms = cJSON_GetObjectItemCaseSensitive (auth, "budget_wait_ms");
    const char *unpriced = s_text (auth, "unpriced");
    self->auth_required = s_flag (auth, "required");
    self->allows_unpriced = strcmp (unpriced, "allow") == 0;
    self->budget_wait_ms = INGRESS_BUDGET_WAIT_MS;
    if (cJSON_IsNumber (wait_ms) && wait_ms->valuedouble >= 0
        && wait_ms->valuedouble <= INGRESS_TIMEOUT_CAP_MS)
        self->budget_wait_ms = (uint64_t) wait_ms->valuedouble;
    if (*unpriced && !self->allows_unpriced && strcmp (unpriced, "refuse") != 0)
        return br_error_set (reterr, BR_ECONFIG,
                             "ingress: auth.unpriced is refuse or allow");
    return 0;
}

static int
s_take_tls (ingress_settings_t *self, const cJSON *slice, br_error_t *reterr)
{
    const cJSON *tls = cJSON_GetObjectItemCaseSensitive (slice, "tls");
    const char *cert_file = s_text (tls, "cert_file");
    const char *key_file = s_text (tls, "key_file");
    if (!*cert_file && !*key_file)
        return 0;
    if (!*cert_file || !*key_file)
        return br_error_set (reterr, BR_ECONFIG,
                             "ingress: 'tls' needs both, cert_file and key_file");
    if (http_server_check_tls (cert_file, key_file, reterr))
        return -1;
    self->cert_file = br_strdup (cert_file);
    self->key_file = br_strdup (key_file);
    return 0;
}

ingress_settings_t *
ingress_settings_new (const char *slice, br_error_t *reterr)
{
    cJSON *root = cJSON_Parse (slice);
    if (!cJSON_IsObject (root)) {
        cJSON_Delete (root);
        br_error_set (reterr, BR_ECONFIG, "ingress: the slice is no JSON object");
        return NULL;
    }
    ingress_settings_t *self = BR_NEW (ingress_settings_t);
    self->listen_given = s_flag (root, "listen_given");
    self->reuse_port = s_flag (root, "reuse_port");
    self->skip_auth = s_flag (root, "skip_auth");
    self->body_max = s_size (root, "body_max", INGRESS_BODY_MAX);
    self->header_max = s_size (root, "header_max", INGRESS_HEADER_MAX);
    self->listen = s_texts (root, "listen", reterr);
    self->cors_origins = s_texts (root, "cors_origins", reterr);
    self->hosts = s_texts (root, "hosts", reterr);
    self->pass_headers = s_texts (root, "pass_headers", reterr);
    self->calls_max = s_calls_max (root);
    self->timeout_cap_ms = s_size (root, "timeout_cap_ms", INGRESS_TIMEOUT_CAP_MS);
    self->finish_unattended = s_flag (root, "finish_unattended");
    self->receipts = s_flag (root, "receipts");
    self->drain_notice_ms = s_size (root, "drain_notice_ms", 0);
    const cJSON *limits = cJSON_GetObjectItemCaseSensitive (root, "limits");
    self->limit_callers = s_flag (limits, "callers");
    self->limit_models = s_texts (limits, "models", reterr);
    bool sound = self->listen && self->cors_origins && self->hosts && self->pass_headers
                 && self->limit_models;
    if (!sound || s_take_auth (self, root, reterr) || s_take_tls (self, root, reterr))
        ingress_settings_destroy (&self);
    cJSON_Delete (root);
    return self;
}

static void
s_free_texts (char **texts)
{
    for (char **text = texts; text && *text; text++)
        free (*text);
    free (texts);
}

void
ingress_settings_destroy (ingress_settings_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    s_free_texts ((*self_p)->limit_models);
    s_free_texts ((*self_p)->pass_headers);
    s_free_texts ((*self_p)->hosts);
    s_free_texts ((*self_p)->cors_origins);
    s_free_texts ((*self_p)->listen);
    free ((*self_p)->key_file);
    free ((*self_p)->cert_file);
    free (*self_p);
    *self_p = NULL;
}

bool
ingress_settings_listen_alike (const ingress_settings_t *a, const ingress_settings_t *b)
{
    if (a->listen_given != b->listen_given || a->reuse_port != b->reuse_port
        || a->body_max != b->body_max || a->header_max != b->header_max
        || !a->cert_file != !b->cert_file)
        return false;
    size_t i = 0;
    while (a->listen[i] && b->listen[i] && strcmp (a->listen[i], b->listen[i]) == 0)
        i++;
    return !a->listen[i] && !b->listen[i];
}
