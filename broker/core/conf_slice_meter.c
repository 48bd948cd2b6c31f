//  conf_slice_meter: where to keep the books, and what things cost.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_state.h"

static void
s_add_path (const br_conf_t *self, cJSON *slice, const char *key, const char *name)
{
    char *path = br_conf_state_path (self, name);
    cJSON_AddStringToObject (slice, key, path);
    free (path);
}

cJSON *
br_conf_slice_meter (const br_conf_t *self)
{
    cJSON *slice = cJSON_CreateObject ();
    cJSON_AddStringToObject (slice, "database", br_conf_database (self));
    s_add_path (self, slice, "spool", "ledger-spool.db");
    s_add_path (self, slice, "head", "ledger.head");
    char *folder = br_conf_keys_folder (self, NULL);
    char *node_key = br_strf ("%s/node.key", folder);
    cJSON_AddStringToObject (slice, "node_key", node_key);
    free (node_key);
    free (folder);
    br_conf_slice_tariff (self, slice);
    return slice;
}
