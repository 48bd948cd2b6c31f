//  ingress_identity: a copy with a count.

#include <assert.h>
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_identity.h"
#include "broker/core/alloc.h"

static void
s_free_globs (char **globs)
{
    for (char **glob = globs; glob && *glob; glob++)
        free (*glob);
    free (globs);
}

//  A JSON array of texts, "" for an empty one. NULL when it is none: what cannot be read
//  must not become "all".
static char **
s_globs (const char *json)
{
    cJSON *list = *json ? cJSON_Parse (json) : cJSON_CreateArray ();
    bool sound = cJSON_IsArray (list);
    char **globs = br_alloc (INGRESS_GLOBS_MAX + 1, sizeof *globs);
    size_t count = 0;
    const cJSON *item;
    cJSON_ArrayForEach (item, list)
    {
        sound = sound && cJSON_IsString (item);
        if (sound && count < INGRESS_GLOBS_MAX)
            globs[count++] = br_strdup (item->valuestring);
    }
    cJSON_Delete (list);
    if (sound)
        return br_realloc (globs, (count + 1) * sizeof *globs);
    s_free_globs (globs);
    return NULL;
}

ingress_identity_t *
ingress_identity_new (const struct br_auth_told *told)
{
    char **models = s_globs (told->models);
    if (!models)
        return NULL;
    ingress_identity_t *self = BR_NEW (ingress_identity_t);
    self->refs = 1;
    self->account = br_strdup (told->account);
    self->key = br_strdup (told->key);
    self->caller = br_strf ("%s/%s", told->account, told->key);
    self->is_admin = told->scope == BR_SCOPE_ADMIN;
    self->issued_s = told->issued_s;
    self->expires_s = told->expires_s;
    self->models = models;
    self->budgeted = told->budgeted;
    self->budget_nusd = told->budget_nusd;
    self->budget_scope = told->budget_scope;
    self->budget_range = told->budget_range;
    self->budget_extent = told->budget_extent;
    self->requests_per_minute = told->requests_per_minute;
    self->tokens_per_minute = told->tokens_per_minute;
    self->concurrency = told->concurrency;
    return self;
}

ingress_identity_t *
ingress_identity_ref (ingress_identity_t *self)
{
    if (self)
        self->refs++;
    return self;
}

void
ingress_identity_let_go (ingress_identity_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ingress_identity_t *self = *self_p;
    *self_p = NULL;
    assert (self->refs > 0);
    if (--self->refs)
        return;
    s_free_globs (self->models);
    free (self->caller);
    free (self->key);
    free (self->account);
    free (self);
}

bool
ingress_identity_is_bounded (const ingress_identity_t *self)
{
    return self && *self->models;
}

bool
ingress_identity_has_limits (const ingress_identity_t *self)
{
    return self
           && (self->requests_per_minute || self->tokens_per_minute || self->concurrency);
}
