//  conf_route: a look over the model routes once everything is settled.

#include <string.h>

#include "broker/core/conf_route.h"

//  Where a route is written, or one of its endpoints.
static const br_conf_node_t *
s_route_node (const br_conf_t *self, const br_conf_route_t *route)
{
    return br_conf_node_get (br_conf_node_get (self->tree, "models"), route->id);
}

static const br_conf_node_t *
s_endpoint_node (const br_conf_t *self, const br_conf_route_t *route, unsigned index)
{
    return br_conf_node_get (s_route_node (self, route), "endpoints")->items[index];
}

static int
s_fail_name (const br_conf_node_t *node, br_error_t *reterr)
{
    return br_error_set (reterr, BR_ECONFIG,
                         "%s:%u:%u: models.%.60s has the name of a provider with "
                         "accounts; give the model another name",
                         node->file, br_conf_node_key_line (node),
                         br_conf_node_key_column (node), node->key);
}

//  Accounts and endpoints with a key of their own are both named OWNER#INDEX.
static int
s_check_names (const br_conf_t *self, const br_conf_route_t *route, br_error_t *reterr)
{
    const br_conf_provider_t *provider = br_conf_state_provider (self, route->id);
    if (!provider || !provider->accounts_count)
        return 0;
    for (unsigned i = 0; i < route->endpoints_count; i++) {
        const br_conf_endpoint_t *endpoint = &route->endpoints[i];
        if (strcmp (endpoint->provider, route->id) == 0
            && br_conf_state_is_override (endpoint))
            return s_fail_name (s_route_node (self, route), reterr);
    }
    return 0;
}

static void
s_review_endpoint (const br_conf_t *self, const br_conf_route_t *route, unsigned index)
{
    const br_conf_endpoint_t *endpoint = &route->endpoints[index];
    const br_conf_node_t *node = s_endpoint_node (self, route, index);
    const br_conf_node_t *provider = br_conf_node_get (node, "provider");
    const br_conf_node_t *key = br_conf_node_get (node, "api_key");
    if (!br_conf_words_has (self->names, endpoint->provider)) {
        const char *nearest = br_conf_words_nearest (self->names, endpoint->provider);
        br_conf_words_addf (self->warnings,
                            "%s:%u:%u: models.%.60s.endpoints.%u: there is no provider "
                            "\"%.60s\"%s%s%s; left out",
                            node->file, provider->line, provider->column, route->id,
                            index, endpoint->provider, nearest ? "; did you mean \"" : "",
                            nearest ? nearest : "", nearest ? "\"?" : "");
    } else if (endpoint->api_key && !*endpoint->api_key)
        br_conf_words_addf (
            self->warnings,
            "%s:%u:%u: models.%.60s.endpoints.%u: its api_key is empty; left out",
            node->file, key->line, key->column, route->id, index);
}

int
br_conf_route_check (const br_conf_t *self, const char *name, br_error_t *reterr)
{
    const br_conf_node_t *route = br_conf_node_get (
        br_conf_node_get (self->tree, "models"), name);
    const br_conf_node_t *endpoints = br_conf_node_get (route, "endpoints");
    const char *hint = NULL;
    bool is_usable = false;
    for (size_t i = 0; endpoints && i < endpoints->count; i++) {
        const char *provider = br_conf_node_get_text (endpoints->items[i], "provider");
        if (!br_conf_words_has (self->names, provider)
            && !br_conf_node_get (self->aliases, provider)) {
            const char *nearest = br_conf_words_nearest (self->names, provider);
            return br_error_set (reterr, BR_EINVALID,
                                 "invalid request: there is no provider \"%.60s\"%s%s%s",
                                 provider, nearest ? "; did you mean \"" : "",
                                 nearest ? nearest : "", nearest ? "\"?" : "");
        }
        const char *why = br_conf_node_get_text (self->activity.inactive, provider);
        is_usable = is_usable || !why;
        hint = hint ? hint : why;
    }
    if (is_usable)
        return 0;
    return br_error_set (reterr, BR_EINVALID,
                         "invalid request: no provider of the route is active: %s",
                         hint ? hint : "it has no endpoint");
}

int
br_conf_route_review (br_conf_t *self, br_error_t *reterr)
{
    for (unsigned i = 0; i < self->root->models_count; i++) {
        const br_conf_route_t *route = &self->root->models[i];
        if (s_check_names (self, route, reterr))
            return -1;
        unsigned usable = 0;
        for (unsigned j = 0; j < route->endpoints_count; j++) {
            s_review_endpoint (self, route, j);
            usable += br_conf_state_is_usable (self, &route->endpoints[j]);
        }
        const br_conf_node_t *node = s_route_node (self, route);
        if (!usable)
            br_conf_words_addf (self->warnings,
                                "%s:%u:%u: models.%.60s: no endpoint of it is active",
                                node->file, br_conf_node_key_line (node),
                                br_conf_node_key_column (node), route->id);
    }
    return 0;
}
