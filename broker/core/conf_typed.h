//  conf_typed: a checked tree, as the structs of conf_schema. libcyaml does the filling.

#ifndef BR_CONF_TYPED_H
#define BR_CONF_TYPED_H

#include "broker/core/conf_node.h"
#include "broker/core/conf_schema.h"
#include "broker/core/error.h"

//  Fills the structs. "caller frees with br_conf_typed_destroy"
//  err:  BR_ECONFIG: a text that is not UTF-8, or what libcyaml refuses
br_conf_root_t *br_conf_typed_new (const br_conf_node_t *tree, br_error_t *reterr);
void br_conf_typed_destroy (br_conf_root_t **self_p);

//  A free-form tree as JSON text, numbers and words as they are. "caller frees"; NULL for
//  a text that is not UTF-8, or one over the bound.
char *br_conf_typed_json (const br_conf_node_t *tree);

#endif
