//  conf_slice_auth: where the keys are, and whose signatures count.

#include <stdlib.h>

#include "broker/core/conf_file.h"
#include "broker/core/conf_state.h"

//  The folder of the keys, and the older one: alone where only that is there, and read too
//  where both are.
static void
s_add_keys (const br_conf_t *self, cJSON *slice)
{
    char *keys = br_conf_state_path (self, ".keys");
    char *older = br_conf_state_path (self, "keys");
    bool has_older = br_conf_file_is_dir (older);
    bool is_alone = has_older && !br_conf_file_is_dir (keys);
    cJSON_AddStringToObject (slice, "keys", is_alone ? older : keys);
    if (has_older && !is_alone)
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
