//  conf_state: the inside of a loaded configuration, for the files that make something of
//  it: slices, the display, the public getters. Nobody else includes this.

#ifndef BR_CONF_STATE_H
#define BR_CONF_STATE_H

#include <cjson/cJSON.h>

#include "broker/core/conf.h"
#include "broker/core/conf_active.h"
#include "broker/core/conf_home.h"
#include "broker/core/conf_schema.h"
#include "broker/core/conf_source.h"

struct _br_conf_t {
    br_conf_home_t home;         //  owned
    br_conf_source_t source;     //  owned; texts of its files
    br_conf_node_t *tree;        //  owned; everything, settled
    br_conf_root_t *root;        //  owned; the same, as structs
    br_conf_activity_t activity; //  owned; what is not active, and why
    br_conf_node_t *aliases;     //  owned; map of other names to active providers
    br_conf_words_t *warnings;   //  owned
    br_conf_words_t *listen;     //  owned; addresses
    br_conf_words_t *names;      //  owned; of all providers
    br_conf_words_t *slices;     //  owned; names of upstream slices
    br_conf_words_t *logins;     //  owned; providers with a token, or NULL
    bool listen_is_given;        //
    char *socket;                //  owned; path
    char *https_proxy;           //  owned; of the environment, or NULL
    char *http_proxy;            //  owned
    char *no_proxy;              //  owned
};

//  A provider by name, or NULL.
const br_conf_provider_t *br_conf_state_provider (const br_conf_t *self,
                                                  const char *name);

bool br_conf_state_is_active (const br_conf_provider_t *provider);

//  Whether it speaks a protocol of language models, so that an upstream serves it.
bool br_conf_state_is_wire (const br_conf_provider_t *provider);
bool br_conf_state_is_echo (const br_conf_provider_t *provider);

//  Whether an endpoint of a model route can be used, and whether it differs from its
//  provider, so that the upstream must know it by a name.
bool br_conf_state_is_usable (const br_conf_t *self, const br_conf_endpoint_t *endpoint);
bool br_conf_state_is_override (const br_conf_endpoint_t *endpoint);

//  "smart#0". "caller frees"
char *br_conf_state_endpoint_name (const char *owner, size_t index);

//  A model of a provider's catalogue, or NULL.
const br_conf_model_t *br_conf_state_model (const br_conf_provider_t *provider,
                                            const char *name);

//  Seconds as whole milliseconds; otherwise, in seconds, where they are not given.
double br_conf_state_ms (const double *secs, double otherwise);

//  Whether a rate, which may be NULL, limits anything.
bool br_conf_state_is_limit (const br_conf_rate_t *rate);

//  Rows {provider, glob} of what limits providers; with_rates adds what may be used. Those
//  of one provider begin with the most exact glob. "caller deletes"
cJSON *br_conf_state_provider_limits (const br_conf_t *self, bool with_rates);

//  The path of a name in the home directory. "caller frees"
char *br_conf_state_path (const br_conf_t *self, const char *name);

//  The folder of keys: .keys, or the older keys where only that is there. "caller frees"
//  out:  *ret_older, the older one where both are, else left as it is; "caller frees"; may
//        be NULL
char *br_conf_keys_folder (const br_conf_t *self, char **ret_older);

//  How somebody logs in to a provider, with "file", the path of the token, and without
//  headers; NULL when there is no way. "caller deletes"
cJSON *br_conf_slice_login (const br_conf_t *self, const br_conf_provider_t *provider);

//  Adds the prices of models, by provider, and those of routes: whole nano-USD per million
//  tokens.
void br_conf_slice_tariff (const br_conf_t *self, cJSON *object);

//  Adds a list of texts.
void br_conf_state_add_texts (cJSON *object, const char *key, char *const *texts,
                              size_t count);

//  Adds which calls guardrails concern, and how strictly; nothing when there are none. 0, or
//  -1 when the built-in patterns cannot be read.
int br_conf_slice_guard_scope (const br_conf_t *self, cJSON *object);

//  The slices. "caller deletes"
cJSON *br_conf_slice_auth (const br_conf_t *self);
cJSON *br_conf_slice_breaker (const br_conf_t *self);
cJSON *br_conf_slice_guard (const br_conf_t *self);
cJSON *br_conf_slice_idempotency (const br_conf_t *self);
cJSON *br_conf_slice_ingress (const br_conf_t *self);
cJSON *br_conf_slice_limits (const br_conf_t *self);
cJSON *br_conf_slice_upstream (const br_conf_t *self, const br_conf_provider_t *provider);
cJSON *br_conf_slice_router (const br_conf_t *self);
cJSON *br_conf_slice_meter (const br_conf_t *self);
cJSON *br_conf_slice_metrics (const br_conf_t *self);

#endif
