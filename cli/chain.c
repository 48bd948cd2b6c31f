//  chain: a route of the name; provider:model and provider/model; a bare name in the
//  catalogues. The same order as actors/ingress, of which no part may be linked here: it
//  lives in processes that strangers reach.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "cli/chain.h"
#include "cli/effective.h"

static const cJSON *
s_in (const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive (object, name);
}

static cJSON *
s_answer (const char *name, const char *how, const char *strategy)
{
    cJSON *answer = cJSON_CreateObject ();
    cJSON_AddStringToObject (answer, "model", name);
    cJSON_AddStringToObject (answer, "how", how);
    cJSON_AddStringToObject (answer, "strategy", strategy);
    cJSON_AddArrayToObject (answer, "chain");
    return answer;
}

static cJSON *
s_link (const char *provider, const char *model, double weight)
{
    cJSON *link = cJSON_CreateObject ();
    cJSON_AddStringToObject (link, "provider", provider);
    cJSON_AddStringToObject (link, "service_id", model);
    cJSON_AddNumberToObject (link, "weight", weight);
    return link;
}

//  Appends a model of a provider, once for each of its accounts.
static void
s_add_model (cJSON *answer, const cJSON *provider, const char *model, double weight)
{
    const cJSON *known = s_in (s_in (provider, "models"), model);
    const char *theirs = cli_effective_text (known, "provider_model_id", model);
    const cJSON *accounts = s_in (provider, "accounts");
    cJSON *chain = cJSON_GetObjectItemCaseSensitive (answer, "chain");
    const cJSON *account;
    if (cJSON_GetArraySize (accounts) == 0)
        cJSON_AddItemToArray (chain, s_link (provider->string, theirs, weight));
    cJSON_ArrayForEach (account, accounts)
    {
        cJSON *link = s_link (provider->string, theirs, weight);
        cJSON_AddStringToObject (link, "endpoint", account->valuestring);
        cJSON_AddItemToArray (chain, link);
    }
}

static cJSON *
s_route (const cJSON *slice, const cJSON *route)
{
    cJSON *answer = s_answer (route->string, "route",
                              cli_effective_text (route, "strategy", "priority"));
    const cJSON *endpoint;
    cJSON_ArrayForEach (endpoint, s_in (route, "endpoints"))
    {
        const char *name = cli_effective_text (endpoint, "provider", "");
        const char *model = cli_effective_text (endpoint, "model", "");
        const char *own = cli_effective_text (endpoint, "endpoint", "");
        const cJSON *provider = s_in (s_in (slice, "providers"), name);
        const cJSON *weight = s_in (endpoint, "weight");
        double times = cJSON_IsNumber (weight) ? weight->valuedouble : 1;
        if (!*own && provider) {
            s_add_model (answer, provider, model, times);
            continue;
        }
        cJSON *link = s_link (name, model, times);
        cJSON_AddStringToObject (link, "endpoint", own);
        cJSON_AddItemToArray (cJSON_GetObjectItemCaseSensitive (answer, "chain"), link);
    }
    return answer;
}

//  The provider in front of the first such character; *ret_model is what is behind it.
static const cJSON *
s_prefix (const cJSON *slice, const char *name, char cut, const char **ret_model)
{
    const char *at = strchr (name, cut);
    if (!at || !at[1])
        return NULL;
    char *prefix = br_strndup (name, (size_t) (at - name));
    const char *known = cli_effective_text (s_in (slice, "aliases"), prefix, prefix);
    const cJSON *provider = s_in (s_in (slice, "providers"), known);
    free (prefix);
    *ret_model = at + 1;
    return cJSON_IsTrue (s_in (provider, "routes_only")) ? NULL : provider;
}

static cJSON *
s_model (const char *name, const cJSON *provider, const char *model)
{
    bool is_listed = s_in (s_in (provider, "models"), model);
    const char *how = is_listed ? "provider:model" : "unlisted model";
    bool balances = strcmp (cli_effective_text (provider, "account_strategy", ""),
                            "balance")
                    == 0;
    cJSON *answer = s_answer (name, how, balances ? "load_balance" : "priority");
    s_add_model (answer, provider, model, 1);
    return answer;
}

static double
s_priority (const cJSON *provider)
{
    const cJSON *number = s_in (provider, "priority");
    return cJSON_IsNumber (number) ? number->valuedouble : 0;
}

static bool
s_is_before (const cJSON *one, const cJSON *other)
{
    double mine = s_priority (one), theirs = s_priority (other);
    return mine != theirs ? mine < theirs : strcmp (one->string, other->string) < 0;
}

//  The next provider that has the model, by priority, then by name; NULL behind the last.
static const cJSON *
s_next (const cJSON *slice, const char *model, const cJSON *last)
{
    const cJSON *provider;
    const cJSON *best = NULL;
    cJSON_ArrayForEach (provider, s_in (slice, "providers"))
    {
        if (cJSON_IsTrue (s_in (provider, "routes_only"))
            || !s_in (s_in (provider, "models"), model)
            || (last && !s_is_before (last, provider)))
            continue;
        if (!best || s_is_before (provider, best))
            best = provider;
    }
    return best;
}

static cJSON *
s_catalogue (const cJSON *slice, const char *name)
{
    const cJSON *provider = s_next (slice, name, NULL);
    if (!provider)
        return NULL;
    cJSON *answer = s_answer (name, "catalogue name", "priority");
    for (; provider; provider = s_next (slice, name, provider))
        s_add_model (answer, provider, name, 1);
    return answer;
}

static cJSON *
s_error (const cJSON *slice, const char *name)
{
    cJSON *answer = cJSON_CreateObject ();
    char *prefix = br_strndup (name, strcspn (name, ":/"));
    const char *hint = cli_effective_text (s_in (slice, "inactive"), prefix, NULL);
    char *text = hint && *prefix && name[strlen (prefix)]
                     ? br_strf ("provider '%s' is not active: %s", prefix, hint)
                     : br_strf ("no active provider has the model '%.200s'", name);
    cJSON_AddStringToObject (answer, "error", text);
    free (text);
    free (prefix);
    return answer;
}

cJSON *
cli_chain_resolve (const cJSON *slice, const char *name)
{
    const cJSON *route = s_in (s_in (slice, "models"), name);
    if (route)
        return s_route (slice, route);
    const char *model = NULL;
    const cJSON *provider = s_prefix (slice, name, ':', &model);
    if (provider)
        return s_model (name, provider, model);
    provider = s_prefix (slice, name, '/', &model);
    if (provider && s_in (s_in (provider, "models"), model))
        return s_model (name, provider, model);
    cJSON *answer = s_catalogue (slice, name);
    if (!answer && provider)
        answer = s_model (name, provider, model);
    return answer ? answer : s_error (slice, name);
}
