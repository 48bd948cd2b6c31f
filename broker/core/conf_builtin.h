//  conf_builtin: the providers that bitrouter knows by itself, one embedded YAML file each.
//  Only the head of each file is read at the start: what environment variables it answers
//  to, and its other names. The catalogue is parsed when somebody needs it.

#ifndef BR_CONF_BUILTIN_H
#define BR_CONF_BUILTIN_H

#include "broker/core/conf_env.h"
#include "broker/core/conf_node.h"
#include "broker/core/error.h"

typedef struct _br_conf_builtin_t br_conf_builtin_t;

//  Reads the heads. "caller destroys"
//  err:  BR_ECONFIG, when an embedded file is broken, which a test would have found
br_conf_builtin_t *br_conf_builtin_new (br_error_t *reterr);
void br_conf_builtin_destroy (br_conf_builtin_t **self_p);

//  The names by index, from 0, in alphabetical order; NULL behind the last.
const char *br_conf_builtin_name (const br_conf_builtin_t *self, size_t index);

bool br_conf_builtin_has (const br_conf_builtin_t *self, const char *name);

//  The built-in provider that goes by another name too, or NULL.
const char *br_conf_builtin_by_alias (const br_conf_builtin_t *self, const char *alias);

//  The prefix of its variables, like "OPENAI"; NULL for one that needs no key.
const char *br_conf_builtin_prefix (const br_conf_builtin_t *self, const char *name);

//  Whether it is one for people who log in, rather than for keys.
bool br_conf_builtin_wants_login (const br_conf_builtin_t *self, const char *name);

//  Whether its key is set in the environment; true for one that needs none.
bool br_conf_builtin_is_keyed (const br_conf_builtin_t *self, const char *name,
                               const br_conf_env_t *env);

//  Parses and checks the file of a provider, with its tools. "caller destroys"
br_conf_node_t *br_conf_builtin_load (const br_conf_builtin_t *self, const char *name,
                                      br_error_t *reterr);

#endif
