//  conf_active: which key each provider ends up with, and whether it can be used at all.

#ifndef BR_CONF_ACTIVE_H
#define BR_CONF_ACTIVE_H

#include "broker/core/conf_builtin.h"
#include "broker/core/conf_env.h"
#include "broker/core/conf_node.h"
#include "broker/core/conf_words.h"
#include "broker/core/error.h"

typedef struct _br_conf_activity_t {
    br_conf_node_t *inactive; //  owned; map of provider to what the user should do
    br_conf_words_t *keyless; //  owned; active ones that have keys in model routes only
} br_conf_activity_t;

//  Works on a merged, flattened tree. Fills keys and bases from {PREFIX}_API_KEY and
//  {PREFIX}_BASE_URL where the user's file leaves a gap, settles each provider's api_key,
//  api_protocol and "active", and notes the inactive ones, built-ins without a block
//  included.
//  err:  BR_ECONFIG: an api_base that is no http or https address
//  "caller destroys with br_conf_active_clear", also after an error
int br_conf_active_apply (br_conf_node_t *tree, const br_conf_builtin_t *builtin,
                          const br_conf_env_t *env, br_conf_words_t *warnings,
                          br_conf_activity_t *ret_activity, br_error_t *reterr);

void br_conf_active_clear (br_conf_activity_t *self);

#endif
