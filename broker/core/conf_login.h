//  conf_login: providers that somebody has logged in to. The tokens are files of the folder
//  of keys, which only the provider's own actor and `bitrouter login` read: configuration
//  knows that one is there, and no more.

#ifndef BR_CONF_LOGIN_H
#define BR_CONF_LOGIN_H

#include "broker/core/conf_builtin.h"
#include "broker/core/conf_env.h"
#include "broker/core/conf_node.h"
#include "broker/core/conf_words.h"

#define BR_CONF_LOGIN_FOLDER "login" //  in the folder of keys; NAME.json in it

//  The names of the providers with a token below a folder of keys. "caller destroys"
br_conf_words_t *br_conf_login_list (const char *keys_folder);

//  Gives each of them that is built in a block, so that it is there without being named.
//  in:   logins, or NULL for none; also, one more, or NULL
void br_conf_login_add (br_conf_node_t *tree, const br_conf_builtin_t *builtin,
                        const br_conf_words_t *logins, const char *also);

//  Works on a merged, flattened tree, before keys are settled: one that has a token, a
//  "login" and no key of its own gets the type "oauth"; one of that type without a token is
//  warned of. A client that is not named is {PREFIX}_LOGIN_CLIENT_ID of the environment.
void br_conf_login_settle (br_conf_node_t *tree, const br_conf_builtin_t *builtin,
                           const br_conf_env_t *env, const br_conf_words_t *logins,
                           br_conf_words_t *warnings);

#endif
