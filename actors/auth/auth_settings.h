//  auth_settings: the slice of the owner of identities: where the keys are, and whom else it
//  trusts.

#ifndef BR_AUTH_SETTINGS_H
#define BR_AUTH_SETTINGS_H

#include "broker/core/error.h"

#define AUTH_ISSUERS_MAX 4096

typedef struct _auth_settings_t auth_settings_t;

//  Reads the slice (JSON): keys, older_keys, trusted_issuers. "caller destroys". err: BR_ECONFIG
auth_settings_t *auth_settings_new (const char *slice, br_error_t *reterr);
void auth_settings_destroy (auth_settings_t **self_p);

//  The folder of keys; "" when there is none. "owned by self"
const char *auth_settings_keys (const auth_settings_t *self);

//  An older folder, whose accounts count too; "" when there is none. "owned by self"
const char *auth_settings_older_keys (const auth_settings_t *self);

//  CAIP-10; NULL ends. "owned by self"
char *const *auth_settings_issuers (const auth_settings_t *self);

#endif
