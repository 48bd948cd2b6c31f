//  auth_settings: a slice, read. Whether an issuer is one is the keystore's to say.

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "broker/core/alloc.h"
#include "actors/auth/auth_settings.h"

struct _auth_settings_t {
    char *keys;
    char *older;    //  another folder whose accounts count too
    char **issuers; //  NULL ends
};

//  A folder that is named, "" when it is not.
static int
s_read_folder (const cJSON *json, const char *name, char **ret_folder, br_error_t *reterr)
{
    const cJSON *folder = cJSON_GetObjectItemCaseSensitive (json, name);
    if (folder && !cJSON_IsString (folder))
        return br_error_set (reterr, BR_ECONFIG, "auth: %s must be a folder's path",
                             name);
    *ret_folder = br_strdup (folder ? cJSON_GetStringValue (folder) : "");
    return 0;
}

static int
s_read_issuers (auth_settings_t *self, const cJSON *json, br_error_t *reterr)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive (json, "trusted_issuers");
    int count = list ? cJSON_GetArraySize (list) : 0;
    if ((list && !cJSON_IsArray (list)) || count > AUTH_ISSUERS_MAX)
        return br_error_set (reterr, BR_ECONFIG,
                             "auth: trusted_issuers must be a list of at most %d",
                             AUTH_ISSUERS_MAX);
    self->issuers = br_alloc ((size_t) count + 1, sizeof *self->issuers);
    size_t used = 0;
    const cJSON *row;
    cJSON_ArrayForEach (row, list)
    {
        if (!cJSON_IsString (row))
            return br_error_set (reterr, BR_ECONFIG,
                                 "auth: trusted_issuers: each must be a CAIP-10 account, "
                                 "such as solana:CHAIN:ADDRESS");
        self->issuers[used++] = br_strdup (cJSON_GetStringValue (row));
    }
    return 0;
}

auth_settings_t *
auth_settings_new (const char *slice, br_error_t *reterr)
{
    auth_settings_t *self = BR_NEW (auth_settings_t);
    cJSON *json = cJSON_Parse (slice);
    int rc = 0;
    if (!cJSON_IsObject (json))
        rc = br_error_set (reterr, BR_ECONFIG, "auth: the slice is no object");
    if (rc || s_read_folder (json, "keys", &self->keys, reterr)
        || s_read_folder (json, "older_keys", &self->older, reterr)
        || s_read_issuers (self, json, reterr))
        auth_settings_destroy (&self);
    cJSON_Delete (json);
    return self;
}

void
auth_settings_destroy (auth_settings_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    char **issuers = (*self_p)->issuers;
    for (size_t i = 0; issuers && issuers[i]; i++)
        free (issuers[i]);
    free (issuers);
    free ((*self_p)->older);
    free ((*self_p)->keys);
    free (*self_p);
    *self_p = NULL;
}

const char *
auth_settings_keys (const auth_settings_t *self)
{
    return self->keys;
}

const char *
auth_settings_older_keys (const auth_settings_t *self)
{
    return self->older;
}

char *const *
auth_settings_issuers (const auth_settings_t *self)
{
    return self->issuers;
}
