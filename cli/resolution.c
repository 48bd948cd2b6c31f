//  resolution: the chain, with what the configuration and the breaker know of each link.
//  Breakers put endpoints last and never leave one out, see actors/router.

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/glob.h"
#include "cli/chain.h"
#include "cli/resolution.h"

static const cJSON *
s_in (const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive (object, name);
}

//  ---- what is known of an endpoint

//  A model of a provider's catalogue, by its name here or at the provider.
static const br_conf_node_t *
s_catalogue_row (const br_conf_node_t *provider, const char *service_id)
{
    const br_conf_node_t *models = br_conf_node_get (provider, "models");
    const br_conf_node_t *row = br_conf_node_get (models, service_id);
    for (size_t i = 0; !row && models && i < models->count; i++) {
        const char *theirs = br_conf_node_get_text (models->items[i],
                                                    "provider_model_id");
        if (theirs && strcmp (theirs, service_id) == 0)
            row = models->items[i];
    }
    return row;
}

static void
s_add_number (cJSON *row, const char *name, const br_conf_node_t *map, const char *key)
{
    const char *text = br_conf_node_get_text (map, key);
    if (text && *text)
        cJSON_AddRawToObject (row, name, text);
    else
        cJSON_AddNullToObject (row, name);
}

static void
s_add_prices (cJSON *row, const br_conf_node_t *model)
{
    const br_conf_node_t *pricing = br_conf_node_get (model, "pricing");
    s_add_number (row, "context", model, "max_input_tokens");
    s_add_number (row, "input_usd", br_conf_node_get (pricing, "input_tokens"),
                  "no_cache");
    s_add_number (row, "output_usd", br_conf_node_get (pricing, "output_tokens"), "text");
}

//  The rule of the longest glob that fits, or NULL.
static const br_conf_node_t *
s_rule (const br_conf_node_t *rules, const char *name)
{
    const br_conf_node_t *best = NULL;
    for (size_t i = 0; rules && i < rules->count; i++) {
        const br_conf_node_t *rule = rules->items[i];
        if (rule->key && br_glob_fits (rule->key, name)
            && (!best || strlen (rule->key) > strlen (best->key)))
            best = rule;
    }
    return best;
}

static void
s_add_limits (cJSON *row, const br_conf_node_t *provider, const br_conf_node_t *model,
              const char *service_id)
{
    static const char *const names[] = { "requests_per_minute", "tokens_per_minute",
                                         "concurrency" };
    const br_conf_node_t *own = br_conf_node_get (model, "rate_limits");
    const br_conf_node_t *rule = s_rule (own, service_id);
    if (!rule)
        rule = s_rule (br_conf_node_get (provider, "rate_limits"), service_id);
    cJSON *limits = cJSON_AddObjectToObject (row, "limits");
    for (size_t i = 0; rule && i < sizeof names / sizeof *names; i++)
        if (br_conf_node_get_text (rule, names[i]))
            s_add_number (limits, names[i], rule, names[i]);
}

//  ---- what the breaker says

static bool
s_is_same (const cJSON *one, const cJSON *other, const char *name)
{
    return strcmp (cli_effective_text (one, name, ""),
                   cli_effective_text (other, name, ""))
           == 0;
}

//  The row that holds for an endpoint: of the model, or of the endpoint as a whole.
static const cJSON *
s_breaker (const cJSON *breakers, const cJSON *row)
{
    const cJSON *whole = NULL;
    const cJSON *state;
    cJSON_ArrayForEach (state, breakers)
    {
        const char *model = cli_effective_text (state, "model", "");
        if (!s_is_same (state, row, "provider") || !s_is_same (state, row, "endpoint"))
            continue;
        if (strcmp (cli_effective_text (state, "state", "closed"), "closed") == 0)
            continue;
        if (strcmp (model, cli_effective_text (row, "service_id", "")) == 0)
            return state;
        if (!*model)
            whole = state;
    }
    return whole;
}

static void
s_add_state (cJSON *row, const cJSON *breakers, bool is_running)
{
    const cJSON *state = s_breaker (breakers, row);
    const char *otherwise = is_running ? "closed" : "unknown";
    cJSON_AddStringToObject (row, "state",
                             cli_effective_text (state, "state", otherwise));
    if (!state)
        return;
    cJSON_AddStringToObject (row, "reason", cli_effective_text (state, "reason", ""));
    const cJSON *for_ms = s_in (state, "for_ms");
    cJSON_AddNumberToObject (row, "for_ms",
                             cJSON_IsNumber (for_ms) ? for_ms->valuedouble : 0);
}

//  ---- order, and reasons

static bool
s_is_open (const cJSON *row)
{
    return strcmp (cli_effective_text (row, "state", ""), "open") == 0;
}

//  USD for a million tokens of each kind; what nobody knows is dearest.
static double
s_price (const cJSON *row)
{
    const cJSON *input = s_in (row, "input_usd");
    const cJSON *output = s_in (row, "output_usd");
    if (!cJSON_IsRaw (input) || !cJSON_IsRaw (output))
        return HUGE_VAL;
    return strtod (input->valuestring, NULL) + strtod (output->valuestring, NULL);
}

//  Whether one is asked before another that stands in front of it.
static bool
s_overtakes (const cJSON *one, const cJSON *other, bool by_price)
{
    if (s_is_open (one) != s_is_open (other))
        return s_is_open (other);
    return by_price && s_price (one) < s_price (other);
}

//  A stable sort of the few there are.
static cJSON *
s_sort (cJSON *rows, bool by_price)
{
    cJSON *sorted = cJSON_CreateArray ();
    cJSON *row;
    while ((row = cJSON_DetachItemFromArray (rows, 0))) {
        int place = cJSON_GetArraySize (sorted);
        while (place > 0
               && s_overtakes (row, cJSON_GetArrayItem (sorted, place - 1), by_price))
            place--;
        cJSON_InsertItemInArray (sorted, place, row);
    }
    cJSON_Delete (rows);
    return sorted;
}

static const struct {
    const char *strategy;
    const char *first; //  why it is first
    const char *other; //  why it is not
} s_reasons[] = {
    { "priority", "first in order", "asked when those before it fail" },
    { "load_balance", "takes its turn by weight", "takes its turn by weight" },
    { "cheapest", "the lowest price", "not the lowest price that is known" },
    { "least_latency", "the shortest time to the first byte comes first",
      "the shortest time to the first byte comes first" },
    { "least_busy", "the fewest attempts under way come first",
      "the fewest attempts under way come first" },
};

static const char *
s_reason (const char *strategy, bool is_first)
{
    for (size_t i = 0; i < sizeof s_reasons / sizeof *s_reasons; i++)
        if (strcmp (s_reasons[i].strategy, strategy) == 0)
            return is_first ? s_reasons[i].first : s_reasons[i].other;
    return "in the order of the route";
}

static void
s_add_why (cJSON *row, const char *strategy, int place, int count)
{
    const char *state = cli_effective_text (row, "state", "");
    const char *why = count == 1 ? "the only one" : s_reason (strategy, place == 0);
    if (s_is_open (row))
        why = "its breaker is open: asked last";
    else if (strcmp (state, "half-open") == 0)
        why = "its breaker lets one call try it";
    cJSON_AddStringToObject (row, "why", why);
}

static cJSON *
s_endpoints (const cli_effective_t *effective, const cJSON *chain, const char *strategy)
{
    cJSON *breakers = cli_effective_ask (effective, "breakers", NULL);
    cJSON *rows = cJSON_Duplicate (chain, true);
    cJSON *row;
    cJSON_ArrayForEach (row, rows)
    {
        const char *service_id = cli_effective_text (row, "service_id", "");
        const br_conf_node_t *provider = cli_effective_settings (
            effective, cli_effective_text (row, "provider", ""));
        const br_conf_node_t *model = s_catalogue_row (provider, service_id);
        cJSON_DeleteItemFromObjectCaseSensitive (row, "context");
        cJSON_DeleteItemFromObjectCaseSensitive (row, "price_nusd");
        s_add_prices (row, model);
        s_add_limits (row, provider, model, service_id);
        s_add_state (row, breakers, cli_effective_is_running (effective));
    }
    cJSON_Delete (breakers);
    bool by_price = strcmp (strategy, "cheapest") == 0;
    cJSON *sorted = s_sort (rows, by_price);
    for (int i = 0; i < cJSON_GetArraySize (sorted); i++)
        s_add_why (cJSON_GetArrayItem (sorted, i), strategy, i,
                   cJSON_GetArraySize (sorted));
    return sorted;
}

//  ---- endpoints that are written there and cannot be asked

static void
s_leave_out (cJSON *rows, const cli_effective_t *effective,
             const br_conf_node_t *endpoint)
{
    const char *provider = br_conf_node_get_text (endpoint, "provider");
    const char *service_id = br_conf_node_get_text (endpoint, "service_id");
    const char *key = br_conf_node_get_text (endpoint, "api_key");
    if (!provider || !service_id)
        return;
    const char *hint = cli_effective_hint (effective, provider);
    char *why = NULL;
    if (!cli_effective_is_active (effective, provider))
        why = br_strf ("provider is not active: %s", hint ? hint : "it is not known");
    else if (key && !*key)
        why = br_strdup ("its api_key is empty");
    else
        return;
    cJSON *row = cJSON_CreateObject ();
    cJSON_AddStringToObject (row, "provider", provider);
    cJSON_AddStringToObject (row, "service_id", service_id);
    cJSON_AddStringToObject (row, "why", why);
    cJSON_AddItemToArray (rows, row);
    free (why);
}

static cJSON *
s_left_out (const cli_effective_t *effective, const char *name)
{
    const br_conf_node_t *routes = br_conf_node_get (cli_effective_tree (effective),
                                                     "models");
    const br_conf_node_t *endpoints = br_conf_node_get (br_conf_node_get (routes, name),
                                                        "endpoints");
    cJSON *rows = cJSON_CreateArray ();
    for (size_t i = 0; endpoints && i < endpoints->count; i++)
        s_leave_out (rows, effective, endpoints->items[i]);
    return rows;
}

//  ---- the whole

static cJSON *
s_chain (const cli_effective_t *effective, const char *name, br_error_t *reterr)
{
    if (!cli_effective_is_running (effective))
        return cli_chain_resolve (cli_effective_slice (effective), name);
    cJSON *args = cJSON_CreateObject ();
    cJSON_AddStringToObject (args, "model", name);
    cJSON *answer = cli_effective_ask (effective, "resolve", args);
    cJSON_Delete (args);
    if (!answer)
        br_error_set (reterr, BR_ETIMEOUT, "bitrouter does not say how '%s' resolves",
                      name);
    return answer;
}

cJSON *
cli_resolution_new (const cli_effective_t *effective, const char *name,
                    br_error_t *reterr)
{
    cJSON *answer = s_chain (effective, name, reterr);
    if (!answer)
        return NULL;
    const char *error = cli_effective_text (answer, "error", NULL);
    if (error) {
        br_error_set (reterr, BR_ENOTFOUND, "%s", error);
        cJSON_Delete (answer);
        return NULL;
    }
    cJSON *chain = cJSON_DetachItemFromObjectCaseSensitive (answer, "chain");
    const char *strategy = cli_effective_text (answer, "strategy", "priority");
    cJSON_AddBoolToObject (answer, "running", cli_effective_is_running (effective));
    cJSON_AddItemToObject (answer, "endpoints", s_endpoints (effective, chain, strategy));
    cJSON_AddItemToObject (answer, "left_out", s_left_out (effective, name));
    cJSON_Delete (chain);
    return answer;
}
