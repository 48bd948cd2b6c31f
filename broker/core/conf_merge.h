//  conf_merge: lays the built-in providers under the user's own, and flattens "derives".

#ifndef BR_CONF_MERGE_H
#define BR_CONF_MERGE_H

#include "broker/core/conf_builtin.h"
#include "broker/core/conf_env.h"
#include "broker/core/conf_node.h"
#include "broker/core/conf_words.h"
#include "broker/core/error.h"

//  Adds to a checked tree the built-in providers that have a key in the environment or
//  that the tree names, and their tools. A field that the user set stays as it is,
//  wholesale; with "inherit_defaults: false" nothing is added. Other names of a built-in
//  provider become its own name.
int br_conf_merge_builtins (br_conf_node_t *tree, const br_conf_builtin_t *builtin,
                            const br_conf_env_t *env, br_error_t *reterr);

//  Gives every provider with "derives" the fields of its parent that it does not set, the
//  parent's own parent first.
//  err:  BR_ECONFIG: an unknown parent, or a circle, with the whole chain
int br_conf_merge_derives (br_conf_node_t *tree, br_error_t *reterr);

#endif
