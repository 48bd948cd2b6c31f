//  ingress_settings: the members of the slice that are not routes.

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_settings.h"
#include "broker/core/alloc.h"

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

static bool
s_flag (const cJSON *slice, const char *key)
{
    return cJSON_IsTrue (cJSON_GetObjectItemCaseSensitive (slice, key));
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
    cJSON_Delete (root);
    if (!self->listen || !self->cors_origins || !self->hosts || !self->pass_headers)
        ingress_settings_destroy (&self);
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
    s_free_texts ((*self_p)->pass_headers);
    s_free_texts ((*self_p)->hosts);
    s_free_texts ((*self_p)->cors_origins);
    s_free_texts ((*self_p)->listen);
    free (*self_p);
    *self_p = NULL;
}

bool
ingress_settings_listen_alike (const ingress_settings_t *a, const ingress_settings_t *b)
{
    if (a->listen_given != b->listen_given || a->reuse_port != b->reuse_port
        || a->body_max != b->body_max || a->header_max != b->header_max)
        return false;
    size_t i = 0;
    while (a->listen[i] && b->listen[i] && strcmp (a->listen[i], b->listen[i]) == 0)
        i++;
    return !a->listen[i] && !b->listen[i];
}
