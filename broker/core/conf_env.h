//  conf_env: the variables that configuration may refer to: a .env file, overlaid by the
//  environment of the process. Its values are secrets; no message of it holds one.

#ifndef BR_CONF_ENV_H
#define BR_CONF_ENV_H

#include "broker/core/conf_node.h"
#include "broker/core/conf_words.h"
#include "broker/core/error.h"

#define BR_CONF_ENV_FILE_MAX (256 * 1024) //  bytes of a .env file
#define BR_CONF_VALUE_MAX (64 * 1024)     //  bytes of a value after replacement

typedef struct _br_conf_env_t br_conf_env_t;

//  environ_v is the "NAME=value" list of the process, ended by NULL, borrowed as long as
//  self lives; NULL is an empty one.
br_conf_env_t *br_conf_env_new (const char *const *environ_v);
void br_conf_env_destroy (br_conf_env_t **self_p);

//  Adds the variables of a text in .env form: KEY=VALUE lines, blank ones, # comments,
//  an "export " in front, and one pair of quotes around the value. A line that is none of
//  these is skipped with a warning. Later lines win.
void br_conf_env_parse (br_conf_env_t *self, const char *file, const char *text,
                        size_t size, br_conf_words_t *warnings);

//  Reads a .env file. A missing one is an error only when it must be there.
int br_conf_env_read (br_conf_env_t *self, const char *path, bool must_exist,
                      br_conf_words_t *warnings, br_error_t *reterr);

//  The value of a variable, the process before the file; NULL when it is not set.
const char *br_conf_env_get (const br_conf_env_t *self, const char *name);

//  The same, with NULL for one that is set to nothing.
const char *br_conf_env_get_full (const br_conf_env_t *self, const char *name);

//  Replaces ${NAME} and ${NAME:-default} in every scalar of a tree; keys are not touched.
//  A variable that is not set becomes nothing, with a warning; an unclosed "${" stays.
//  err:  BR_ECONFIG, when a value would grow past its bound
int br_conf_env_replace (const br_conf_env_t *self, br_conf_node_t *tree,
                         br_conf_words_t *warnings, br_error_t *reterr);

#endif
