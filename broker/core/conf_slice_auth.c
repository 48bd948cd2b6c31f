//  conf_slice_auth: where the keys are, and whose signatures count.

#include <stdlib.h>

#include "broker/core/conf_file.h"
#include "broker/core/conf_state.h"

char *
br_conf_keys_folder (const br_conf_t *self, char **ret_older)
{
    char *keys = br_conf_state_path (self, ".keys");
    char *older = br_conf_state_path (self, "keys");
    bool has_older = br_conf_file_is_dir (older);
    bool is_alone = has_older && !br_conf_file_is_dir (keys);
    char *folder = is_alone ? older : keys;
    char *other = is_alone ? keys : older;
    if (ret_older && has_older && !is_alone)
        *ret_older = other;
    else
        free (other);
    return folder;
}

static void
s_add_keys (const br_conf_t *self, cJSON *slice)
{
    char *older = NULL;
    char *keys = br_conf_keys_folder (self, &older);
    cJSON_AddStringToObject (slice, "keys", keys);
    if (older)
        cJSON_AddStringToObject (slice, "older_keys", older);
    free (older);
    free (keys);
}

cJSON *
br_conf_slice_auth (const br_conf_t *self)
{
    const br_conf_auth_rules_t *auth = self->root->auth;
    cJSON *slice = cJSON_CreateObject ();
    s_add_keys (self, slice);
    cJSON *issuers = cJSON_AddArrayToObject (slice, "trusted_issuers");
    for (unsigned i = 0; auth && i < auth->trusted_issuers_count; i++)
        cJSON_AddItemToArray (issuers, cJSON_CreateString (auth->trusted_issuers[i]));
    return slice;
}
