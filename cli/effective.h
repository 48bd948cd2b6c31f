//  effective: the configuration that is in use: that of the running server, or what the
//  files say while none runs. Secrets in it are masked.

#ifndef BR_CLI_EFFECTIVE_H
#define BR_CLI_EFFECTIVE_H

#include "broker/core/conf_node.h"
#include "cli/door_client.h"

typedef struct _cli_effective_t cli_effective_t;

//  "caller destroys"
//  err:  BR_ECONFIG the files are wrong; BR_ETIMEOUT and what the admin door says
cli_effective_t *cli_effective_new (const cli_t *cli, br_error_t *reterr);
void cli_effective_destroy (cli_effective_t **self_p);

bool cli_effective_is_running (const cli_effective_t *self);

//  The whole file, as a tree. "owned by self"
const br_conf_node_t *cli_effective_tree (const cli_effective_t *self);

//  What an actor gets by the files; "{}" for a running server. "owned by self"
const cJSON *cli_effective_slice (const cli_effective_t *self);

//  Names of all providers by index, from 0; NULL behind the last. "owned by self"
const char *cli_effective_provider (const cli_effective_t *self, int index);

//  Whether calls can go to a provider; and what to do when not, NULL when they can.
bool cli_effective_is_active (const cli_effective_t *self, const char *provider);
const char *cli_effective_hint (const cli_effective_t *self, const char *provider);

//  Reads what is built in of providers that the configuration does not mention. 0 or -1
int cli_effective_describe (cli_effective_t *self, br_error_t *reterr);

//  Where a provider is described: in the tree, or in the file that is built in, once
//  cli_effective_describe has read it; NULL when nowhere. "owned by self"
const br_conf_node_t *cli_effective_settings (const cli_effective_t *self,
                                              const char *provider);

//  Asks the running server, for args (a JSON object, or NULL). "caller deletes"; NULL when
//  none runs or it does not say.
cJSON *cli_effective_ask (const cli_effective_t *self, const char *command,
                          const cJSON *args);

//  The text of a member of a JSON object, or otherwise. "owned by object"
const char *cli_effective_text (const cJSON *object, const char *name,
                                const char *otherwise);

#endif
