//  conf_slice_ingress: what ingress needs to answer and to resolve names: addresses,
//  limits, catalogues and routes. It parses what strangers send, so no key is in it.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_default.h"
#include "broker/core/conf_state.h"
#include "broker/core/money.h"

#define BODY_MAX_DEFAULT 33554432 //  bytes
#define HEADER_MAX_DEFAULT 8192   //  bytes

static void
s_add_whole (cJSON *object, const char *key, const uint64_t *value)
{
    if (value)
        cJSON_AddNumberToObject (object, key, (double) *value);
}

//  Money as decimals, exactly.
static void
s_add_money (cJSON *object, const char *key, const int64_t *nusd)
{
    if (!nusd)
        return;
    char text[BR_MONEY_TEXT_MAX];
    br_money_print (*nusd, text);
    cJSON_AddRawToObject (object, key, text);
}

static void
s_add_text (cJSON *object, const char *key, const char *value)
{
    if (value)
        cJSON_AddStringToObject (object, key, value);
}

//  ---- what is known of a model

static void
s_add_rates (cJSON *object, const br_conf_input_price_t *input,
             const br_conf_output_price_t *output)
{
    cJSON *part = input ? cJSON_AddObjectToObject (object, "input_tokens") : NULL;
    if (part) {
        s_add_money (part, "no_cache", input->no_cache);
        s_add_money (part, "cache_read", input->cache_read);
        s_add_money (part, "cache_write", input->cache_write);
        s_add_money (part, "cache_write_1h", input->cache_write_1h);
        s_add_money (part, "audio", input->audio);
    }
    part = output ? cJSON_AddObjectToObject (object, "output_tokens") : NULL;
    if (part) {
        s_add_money (part, "text", output->text);
        s_add_money (part, "reasoning", output->reasoning);
        s_add_money (part, "audio", output->audio);
    }
}

static void
s_add_pricing (cJSON *object, const br_conf_pricing_t *pricing)
{
    if (!pricing)
        return;
    cJSON *out = cJSON_AddObjectToObject (object, "pricing");
    s_add_rates (out, pricing->input_tokens, pricing->output_tokens);
    if (!pricing->context_tiers_count)
        return;
    cJSON *tiers = cJSON_AddArrayToObject (out, "context_tiers");
    for (unsigned i = 0; i < pricing->context_tiers_count; i++) {
        const br_conf_tier_t *tier = &pricing->context_tiers[i];
        cJSON *item = cJSON_CreateObject ();
        s_add_whole (item, "above_input_tokens", &tier->above_input_tokens);
        s_add_rates (item, tier->input_tokens, tier->output_tokens);
        cJSON_AddItemToArray (tiers, item);
    }
}

static void
s_add_modalities (cJSON *object, const char *key, const int *values, unsigned count)
{
    if (!count)
        return;
    cJSON *list = cJSON_AddArrayToObject (object, key);
    for (unsigned i = 0; i < count; i++)
        cJSON_AddItemToArray (list,
                              cJSON_CreateString (BR_CONF_WORD (modality, values[i])));
}

static void
s_add_about (cJSON *object, const br_conf_about_t *about)
{
    s_add_text (object, "name", about->name);
    s_add_text (object, "description", about->description);
    s_add_whole (object, "max_input_tokens", about->max_input_tokens);
    s_add_whole (object, "max_output_tokens", about->max_output_tokens);
    s_add_modalities (object, "input_modalities", about->input_modalities,
                      about->input_modalities_count);
    s_add_modalities (object, "output_modalities", about->output_modalities,
                      about->output_modalities_count);
    s_add_pricing (object, about->pricing);
}

//  ---- providers

//  The protocols of a provider or a model, each once, in their order.
static void
s_add_protocols (cJSON *object, const br_conf_match_t *matches, unsigned count)
{
    cJSON *list = cJSON_AddArrayToObject (object, "protocols");
    unsigned seen = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned bit = 1u << matches[i].protocol;
        if (seen & bit || matches[i].protocol > BR_CONF_ECHO)
            continue;
        seen |= bit;
        const char *word = BR_CONF_WORD (protocol, matches[i].protocol);
        cJSON_AddItemToArray (list, cJSON_CreateString (word));
    }
}

static void
s_add_models (cJSON *object, const br_conf_provider_t *provider)
{
    cJSON *models = cJSON_AddObjectToObject (object, "models");
    for (unsigned i = 0; i < provider->models_count; i++) {
        const br_conf_model_t *model = &provider->models[i];
        cJSON *item = cJSON_AddObjectToObject (models, model->id);
        s_add_about (item, &model->about);
        s_add_text (item, "provider_model_id", model->provider_model_id);
        if (model->api_protocol_count)
            s_add_protocols (item, model->api_protocol, model->api_protocol_count);
        if (model->capabilities)
            cJSON_AddItemToObject (item, "capabilities",
                                   cJSON_Parse (model->capabilities));
    }
}

static void
s_add_accounts (cJSON *object, const br_conf_provider_t *provider)
{
    if (!provider->accounts_count)
        return;
    cJSON *list = cJSON_AddArrayToObject (object, "accounts");
    for (unsigned i = 0; i < provider->accounts_count; i++) {
        if (!provider->accounts[i].api_key || !*provider->accounts[i].api_key)
            continue;
        char *name = br_conf_state_endpoint_name (provider->id, i);
        cJSON_AddItemToArray (list, cJSON_CreateString (name));
        free (name);
    }
    bool is_balanced = provider->account_strategy && *provider->account_strategy == 1;
    s_add_text (object, "account_strategy", is_balanced ? "balance" : "failover");
}

static void
s_add_provider (const br_conf_t *self, cJSON *providers,
                const br_conf_provider_t *provider)
{
    bool is_echo = br_conf_state_is_echo (provider);
    if (!br_conf_state_is_active (provider)
        || !(is_echo || br_conf_state_is_wire (provider)))
        return;
    cJSON *item = cJSON_AddObjectToObject (providers, provider->id);
    char *actor = br_strf ("upstream/%s", provider->id);
    cJSON_AddStringToObject (item, "actor", is_echo ? "echo" : actor);
    free (actor);
    s_add_protocols (item, provider->api_protocol, provider->api_protocol_count);
    s_add_models (item, provider);
    s_add_accounts (item, provider);
    s_add_text (item, "class", provider->class);
    if (provider->priority)
        cJSON_AddNumberToObject (item, "priority", (double) *provider->priority);
    if (provider->auto_discover && *provider->auto_discover)
        cJSON_AddTrueToObject (item, "auto_discover");
    if (provider->tags_count)
        br_conf_state_add_texts (item, "tags", provider->tags, provider->tags_count);
    if (br_conf_words_has (self->activity.keyless, provider->id))
        cJSON_AddTrueToObject (item, "routes_only");
}

//  ---- routes

static void
s_add_endpoint (const br_conf_t *self, cJSON *list, const br_conf_route_t *route,
                unsigned index)
{
    const br_conf_endpoint_t *endpoint = &route->endpoints[index];
    if (!br_conf_state_is_usable (self, endpoint))
        return;
    const br_conf_provider_t *provider = br_conf_state_provider (self,
                                                                 endpoint->provider);
    const br_conf_model_t *model = br_conf_state_model (provider, endpoint->service_id);
    cJSON *item = cJSON_CreateObject ();
    cJSON_AddStringToObject (item, "provider", provider->id);
    cJSON_AddStringToObject (item, "model",
                             model && model->provider_model_id ? model->provider_model_id
                                                               : endpoint->service_id);
    char *name = br_conf_state_endpoint_name (route->id, index);
    cJSON_AddStringToObject (item, "endpoint",
                             br_conf_state_is_override (endpoint) ? name : "");
    free (name);
    cJSON_AddNumberToObject (item, "weight",
                             endpoint->weight ? (double) *endpoint->weight : 1);
    if (endpoint->api_protocol)
        cJSON_AddStringToObject (item, "protocol",
                                 BR_CONF_WORD (protocol, *endpoint->api_protocol));
    cJSON_AddItemToArray (list, item);
}

static void
s_add_route (const br_conf_t *self, cJSON *models, const br_conf_route_t *route)
{
    cJSON *item = cJSON_AddObjectToObject (models, route->id);
    br_conf_strategy_t strategy = route->strategy ? *route->strategy : BR_CONF_PRIORITY;
    cJSON_AddStringToObject (item, "strategy", BR_CONF_WORD (strategy, strategy));
    cJSON *endpoints = cJSON_AddArrayToObject (item, "endpoints");
    for (unsigned i = 0; i < route->endpoints_count; i++)
        s_add_endpoint (self, endpoints, route, i);
    s_add_about (item, &route->about);
    const br_conf_node_t *routes = br_conf_node_get (self->tree, "models");
    const br_conf_node_t *node = br_conf_node_get (routes, route->id);
    if (node && node->flags & BR_CONF_DYNAMIC)
        cJSON_AddTrueToObject (item, "dynamic");
}

//  ---- the whole

//  What must be asked for before a call begins.
static void
s_add_limits (const br_conf_t *self, cJSON *slice)
{
    const br_conf_limits_t *given = self->root->limits;
    cJSON *limits = cJSON_AddObjectToObject (slice, "limits");
    cJSON_AddBoolToObject (limits, "callers",
                           given && br_conf_state_is_limit (given->callers));
    cJSON *models = cJSON_AddArrayToObject (limits, "models");
    for (unsigned i = 0; given && i < given->models_count; i++)
        if (br_conf_state_is_limit (&given->models[i].rate))
            cJSON_AddItemToArray (models, cJSON_CreateString (given->models[i].id));
}

//  How many calls there may be, how long, and how they end.
static void
s_add_bounds (const br_conf_t *self, cJSON *slice)
{
    const br_conf_server_t *server = self->root->server;
    const br_conf_upstream_t *upstream = self->root->upstream;
    bool has_calls = server && server->calls_max;
    cJSON_AddNumberToObject (slice, "calls_max",
                             has_calls ? (double) *server->calls_max : BR_CONF_CALLS_MAX);
    cJSON_AddNumberToObject (
        slice, "timeout_cap_ms",
        br_conf_state_ms (upstream ? upstream->timeout_cap_secs : NULL,
                          BR_CONF_TIMEOUT_CAP_SECS));
    cJSON_AddBoolToObject (slice, "finish_unattended",
                           upstream && upstream->finish_unattended
                               && *upstream->finish_unattended);
    cJSON_AddNumberToObject (slice, "drain_notice_ms",
                             br_conf_state_ms (server ? server->drain_notice_secs : NULL,
                                               BR_CONF_DRAIN_NOTICE_SECS));
    if (!server || !server->tls)
        return;
    cJSON *tls = cJSON_AddObjectToObject (slice, "tls");
    s_add_text (tls, "cert_file", server->tls->cert_file);
    s_add_text (tls, "key_file", server->tls->key_file);
}

static void
s_add_server (const br_conf_t *self, cJSON *slice)
{
    const br_conf_server_t *server = self->root->server;
    cJSON *listen = cJSON_AddArrayToObject (slice, "listen");
    const char *address = br_conf_listen (self, 0);
    for (size_t i = 0; address; address = br_conf_listen (self, ++i))
        cJSON_AddItemToArray (listen, cJSON_CreateString (address));
    cJSON_AddBoolToObject (slice, "listen_given", self->listen_is_given);
    bool has_body = server && server->body_max;
    bool has_header = server && server->header_max;
    cJSON_AddNumberToObject (slice, "body_max",
                             has_body ? (double) *server->body_max : BODY_MAX_DEFAULT);
    cJSON_AddNumberToObject (slice, "header_max",
                             has_header ? (double) *server->header_max
                                        : HEADER_MAX_DEFAULT);
    cJSON_AddBoolToObject (slice, "skip_auth",
                           server && server->skip_auth && *server->skip_auth);
    const br_conf_cors_t *cors = server ? server->cors : NULL;
    br_conf_state_add_texts (slice, "cors_origins", cors ? cors->origins : NULL,
                             cors ? cors->origins_count : 0);
    br_conf_state_add_texts (slice, "hosts", server ? server->hosts : NULL,
                             server ? server->hosts_count : 0);
}

//  Who must say who they are, and what becomes of calls under a budget.
static void
s_add_auth (const br_conf_t *self, cJSON *slice)
{
    const br_conf_server_t *server = self->root->server;
    const br_conf_auth_rules_t *auth = self->root->auth;
    cJSON *part = cJSON_AddObjectToObject (slice, "auth");
    cJSON_AddBoolToObject (part, "required",
                           server && server->require_auth && *server->require_auth);
    bool has_word = auth && auth->unpriced;
    cJSON_AddStringToObject (
        part, "unpriced",
        BR_CONF_WORD (unpriced, has_word ? *auth->unpriced : BR_CONF_UNPRICED_REFUSE));
    cJSON_AddNumberToObject (part, "budget_wait_ms",
                             br_conf_state_ms (auth ? auth->budget_wait_secs : NULL,
                                               BR_CONF_BUDGET_WAIT_SECS));
}

static void
s_add_pairs (cJSON *slice, const char *key, const br_conf_node_t *pairs)
{
    cJSON *object = cJSON_AddObjectToObject (slice, key);
    for (size_t i = 0; i < pairs->count; i++)
        cJSON_AddStringToObject (object, pairs->items[i]->key, pairs->items[i]->text);
}

cJSON *
br_conf_slice_ingress (const br_conf_t *self)
{
    cJSON *slice = cJSON_CreateObject ();
    s_add_server (self, slice);
    s_add_limits (self, slice);
    s_add_bounds (self, slice);
    s_add_auth (self, slice);
    cJSON_AddBoolToObject (slice, "receipts",
                           self->root->receipts && *self->root->receipts);
    br_conf_slice_tariff (self, cJSON_AddObjectToObject (slice, "tariff"));
    cJSON *providers = cJSON_AddObjectToObject (slice, "providers");
    for (unsigned i = 0; i < self->root->providers_count; i++)
        s_add_provider (self, providers, &self->root->providers[i]);
    s_add_pairs (slice, "aliases", self->aliases);
    s_add_pairs (slice, "inactive", self->activity.inactive);
    cJSON *models = cJSON_AddObjectToObject (slice, "models");
    for (unsigned i = 0; i < self->root->models_count; i++)
        s_add_route (self, models, &self->root->models[i]);
    if (br_conf_slice_guard_scope (self, slice) == 0)
        return slice;
    cJSON_Delete (slice);
    return NULL;
}
