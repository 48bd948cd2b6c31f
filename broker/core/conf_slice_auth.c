//  conf_slice_auth: where the keys are, and whose signatures count.

#include <stdlib.h>

#include "broker/core/conf_file.h"
#include "broker/core/conf_state.h"

//  The folder of the keys: .keys, or the older keys where only that is there. "caller
//  frees"
static char *
s_keys (const br_conf_t *self)
{
    char *keys = br_conf_state_path (self, ".keys");
    char *older = br_conf_state_path (self, "keys");
    bool is_older = !br_conf_file_is_dir (keys) && br_conf_file_is_dir (older);
    free (is_older ? keys : older);
    return is_older ? older : keys;
}

cJSON *
br_conf_slice_auth (const br_conf_t *self)
{
    const br_conf_auth_rules_t *auth = self->root->auth;
    cJSON *slice = cJSON_CreateObject ();
    char *keys = s_keys (self);
    cJSON_AddStringToObject (slice, "keys", keys);
    free (keys);
    cJSON *issuers = cJSON_AddArrayToObject (slice, "trusted_issuers");
    for (unsigned i = 0; auth && i < auth->trusted_issuers_count; i++)
        cJSON_AddItemToArray (issuers, cJSON_CreateString (auth->trusted_issuers[i]));
    return slice;
}
