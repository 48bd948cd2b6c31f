//  ingress_routes: one configuration's names, resolved ahead. The tree of the slice stays
//  alive as the home of all texts; what a call may ask for is encoded here, so that a
//  look-up is a hash and no more.

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_facts.h"
#include "actors/ingress/ingress_names.h"
#include "actors/ingress/ingress_near.h"
#include "actors/ingress/ingress_routes.h"
#include "broker/core/alloc.h"
#include "broker/core/pairs.h"
#include "broker/proto/candidates.h"

#define TEXT_NAME_MAX 100 //  bytes of a name in an error text

//  A model of a catalogue.
typedef struct _model_t {
    const char *id; //  the provider's own name of it
    ingress_facts_t facts;
} model_t;

typedef struct _provider_t {
    const char *name;
    const char *actor;
    double priority;         //  the lowest comes first
    bool routes_only;        //  without a credential of its own: only for routes
    const char *strategy;    //  over its accounts
    const cJSON *accounts;   //  names of endpoints; NULL for its own one
    bool balances;           //  its accounts take turns
    model_t *rows;           //  the catalogue
    ingress_names_t *models; //  the same by our name of each
    ingress_names_t *by_id;  //  the same by the provider's own
} provider_t;

//  Candidates under way.
typedef struct _list_t {
    br_buf_t *bytes;
    unsigned count;
    unsigned lacks; //  of all of them together
    unsigned pools; //  count
} list_t;

//  A route, or a bare name of the catalogues.
typedef struct _route_t {
    const char *name;
    const char *strategy;
    const cJSON *endpoints; //  of a route; NULL for a bare name
    const char *missing;    //  a provider of it that is not active, or NULL
    bool is_dynamic;        //  it was added while bitrouter runs
    br_buf_t candidates;
    list_t list; //  how many they are, and so on
} route_t;

struct _ingress_routes_t {
    cJSON *slice;
    provider_t *providers; //  by priority, then name
    size_t providers_count;
    ingress_names_t *by_provider; //  providers by name and alias
    ingress_names_t *inactive;    //  how to make them active, by name and alias
    ingress_names_t *routes;      //  route_t
    ingress_names_t *bare;        //  route_t
};

//  ---- reading

static const char *
s_text (const cJSON *node, const char *key, const char *otherwise)
{
    const cJSON *child = cJSON_GetObjectItemCaseSensitive (node, key);
    return cJSON_IsString (child) ? child->valuestring : otherwise;
}

static int
s_compare_providers (const void *a, const void *b)
{
    const provider_t *one = a;
    const provider_t *other = b;
    if (one->priority != other->priority)
        return one->priority < other->priority ? -1 : 1;
    return strcmp (one->name, other->name);
}

static int
s_read_accounts (provider_t *self, const cJSON *node, br_error_t *reterr)
{
    self->balances = strcmp (s_text (node, "account_strategy", ""), "balance") == 0;
    self->strategy = self->balances ? "load_balance" : "priority";
    self->accounts = cJSON_GetObjectItemCaseSensitive (node, "accounts");
    const cJSON *account;
    cJSON_ArrayForEach (account, self->accounts)
    {
        if (!cJSON_IsString (account))
            return br_error_set (reterr, BR_ECONFIG, "an account of '%s' has no name",
                                 node->string);
    }
    return 0;
}

static void
s_read_models (provider_t *self, const cJSON *nodes)
{
    self->models = ingress_names_new ();
    self->by_id = ingress_names_new ();
    self->rows = br_alloc ((size_t) cJSON_GetArraySize (nodes) + 1, sizeof *self->rows);
    model_t *row = self->rows;
    const cJSON *node;
    cJSON_ArrayForEach (node, nodes)
    {
        if (!node->string)
            continue;
        row->id = s_text (node, "provider_model_id", node->string);
        row->facts = ingress_facts_read (node);
        ingress_names_add (self->models, node->string, row);
        ingress_names_add (self->by_id, row->id, row);
        row++;
    }
}

static int
s_read_provider (provider_t *self, const cJSON *node, br_error_t *reterr)
{
    self->name = node->string;
    s_read_models (self, cJSON_GetObjectItemCaseSensitive (node, "models"));
    self->actor = s_text (node, "actor", NULL);
    if (!self->actor)
        return br_error_set (reterr, BR_ECONFIG, "provider '%s' names no actor",
                             node->string);
    const cJSON *priority = cJSON_GetObjectItemCaseSensitive (node, "priority");
    if (cJSON_IsNumber (priority))
        self->priority = priority->valuedouble;
    self->routes_only = cJSON_IsTrue (
        cJSON_GetObjectItemCaseSensitive (node, "routes_only"));
    return s_read_accounts (self, node, reterr);
}

static int
s_read_providers (ingress_routes_t *self, br_error_t *reterr)
{
    const cJSON *nodes = cJSON_GetObjectItemCaseSensitive (self->slice, "providers");
    int count = cJSON_GetArraySize (nodes);
    self->providers = br_alloc ((size_t) count + 1, sizeof (provider_t));
    const cJSON *node;
    cJSON_ArrayForEach (node, nodes)
    {
        int rc = s_read_provider (&self->providers[self->providers_count++], node,
                                  reterr);
        if (rc)
            return -1;
    }
    qsort (self->providers, self->providers_count, sizeof (provider_t),
           s_compare_providers);
    for (size_t i = 0; i < self->providers_count; i++)
        ingress_names_add (self->by_provider, self->providers[i].name,
                           &self->providers[i]);
    return 0;
}

//  Those without a credential, and other names for all.
static void
s_read_others (ingress_routes_t *self)
{
    const cJSON *node;
    cJSON_ArrayForEach (node, cJSON_GetObjectItemCaseSensitive (
                                  self->slice, "inactive")) if (cJSON_IsString (node))
        ingress_names_add (self->inactive, node->string, node->valuestring);
    cJSON_ArrayForEach (node, cJSON_GetObjectItemCaseSensitive (self->slice, "aliases"))
    {
        if (!cJSON_IsString (node))
            continue;
        size_t size = strlen (node->valuestring);
        void *provider = ingress_names_get (self->by_provider, node->valuestring, size);
        void *hint = ingress_names_get (self->inactive, node->valuestring, size);
        if (provider)
            ingress_names_add (self->by_provider, node->string, provider);
        else if (hint)
            ingress_names_add (self->inactive, node->string, hint);
    }
}

//  ---- candidates

//  What they have in common: all but provider and endpoint of a candidate.
static br_candidate_t
s_candidate (const provider_t *provider, const char *model, unsigned weight)
{
    br_candidate_t candidate = { .provider = provider->name,
                                 .actor = provider->actor,
                                 .model = model,
                                 .endpoint = "",
                                 .weight = weight };
    const model_t *row = ingress_names_get (provider->by_id, model, strlen (model));
    if (row) {
        candidate.context = row->facts.context;
        candidate.price_nusd = row->facts.price_nusd;
        candidate.lacks = row->facts.lacks;
    }
    return candidate;
}

static void
s_add_one (list_t *list, const br_candidate_t *candidate)
{
    if (list->count == BR_CANDIDATES_MAX || br_candidates_add (list->bytes, candidate))
        return;
    list->count++;
    list->lacks |= candidate->lacks;
}

//  A model of a provider: a candidate for each of its accounts, as far as there is room.
static void
s_add_model (list_t *list, const provider_t *provider, const char *model, unsigned weight)
{
    br_candidate_t candidate = s_candidate (provider, model, weight);
    int accounts = cJSON_GetArraySize (provider->accounts);
    if (accounts > 1 && provider->balances)
        candidate.pool = ++list->pools;
    if (accounts == 0)
        s_add_one (list, &candidate);
    const cJSON *account;
    cJSON_ArrayForEach (account, provider->accounts)
    {
        candidate.endpoint = account->valuestring;
        s_add_one (list, &candidate);
    }
}

static route_t *
s_route_new (const char *name)
{
    route_t *route = BR_NEW (route_t);
    route->name = name;
    route->strategy = "priority";
    br_buf_init (&route->candidates, BR_PAIRS_MAX);
    route->list.bytes = &route->candidates;
    return route;
}

//  One endpoint of a route; -1 when it makes no sense.
static int
s_read_endpoint (ingress_routes_t *self, route_t *route, const cJSON *node,
                 br_error_t *reterr)
{
    const char *name = s_text (node, "provider", "");
    const char *model = s_text (node, "model", "");
    const char *endpoint = s_text (node, "endpoint", "");
    const cJSON *weight = cJSON_GetObjectItemCaseSensitive (node, "weight");
    unsigned times = cJSON_IsNumber (weight) && weight->valueint > 0
                         ? (unsigned) weight->valueint
                         : 1;
    if (!*model)
        return br_error_set (reterr, BR_ECONFIG, "an endpoint of '%s' names no model",
                             route->name);
    const provider_t *provider = ingress_names_get (self->by_provider, name,
                                                    strlen (name));
    if (provider && *endpoint) {
        br_candidate_t candidate = s_candidate (provider, model, times);
        candidate.endpoint = endpoint;
        s_add_one (&route->list, &candidate);
    } else if (provider)
        s_add_model (&route->list, provider, model, times);
    else if (ingress_names_get (self->inactive, name, strlen (name)))
        route->missing = name;
    else
        return br_error_set (reterr, BR_ECONFIG, "route '%s': there is no provider '%s'",
                             route->name, name);
    return 0;
}

static int
s_read_route (ingress_routes_t *self, const cJSON *node, br_error_t *reterr)
{
    route_t *route = s_route_new (node->string);
    route->strategy = s_text (node, "strategy", "priority");
    route->endpoints = cJSON_GetObjectItemCaseSensitive (node, "endpoints");
    route->is_dynamic = cJSON_IsTrue (cJSON_GetObjectItemCaseSensitive (node, "dynamic"));
    int rc = ingress_names_add (self->routes, route->name, route);
    if (rc) {
        free (route);
        return br_error_set (reterr, BR_ECONFIG, "route '%s' stands there twice",
                             node->string);
    }
    const cJSON *endpoint;
    cJSON_ArrayForEach (endpoint, route->endpoints)
    {
        rc = s_read_endpoint (self, route, endpoint, reterr);
        if (rc)
            return -1;
    }
    return 0;
}

static void
s_fill_from (ingress_routes_t *self, const provider_t *provider)
{
    for (size_t i = 0;; i++) {
        void *value;
        const char *name = ingress_names_at (provider->models, i, &value);
        if (!name)
            return;
        const model_t *model = value;
        route_t *route = ingress_names_get (self->bare, name, strlen (name));
        if (!route) {
            route = s_route_new (name);
            route->strategy = provider->strategy;
            ingress_names_add (self->bare, name, route);
        } else
            route->strategy = "priority";
        s_add_model (&route->list, provider, model->id, 1);
    }
}

//  Every provider that has a model of this name, by priority.
static void
s_fill_bare (ingress_routes_t *self)
{
    for (size_t i = 0; i < self->providers_count; i++)
        if (!self->providers[i].routes_only)
            s_fill_from (self, &self->providers[i]);
}

static int
s_read (ingress_routes_t *self, br_error_t *reterr)
{
    int rc = s_read_providers (self, reterr);
    if (rc)
        return -1;
    s_read_others (self);
    const cJSON *node;
    cJSON_ArrayForEach (node, cJSON_GetObjectItemCaseSensitive (self->slice, "models"))
    {
        rc = s_read_route (self, node, reterr);
        if (rc)
            return -1;
    }
    s_fill_bare (self);
    return 0;
}

ingress_routes_t *
ingress_routes_new (const char *slice, br_error_t *reterr)
{
    ingress_routes_t *self = BR_NEW (ingress_routes_t);
    self->by_provider = ingress_names_new ();
    self->inactive = ingress_names_new ();
    self->routes = ingress_names_new ();
    self->bare = ingress_names_new ();
    self->slice = cJSON_Parse (slice);
    int rc = -1;
    if (cJSON_IsObject (self->slice))
        rc = s_read (self, reterr);
    else
        br_error_set (reterr, BR_ECONFIG, "the slice is no JSON object");
    if (rc)
        ingress_routes_destroy (&self);
    return self;
}

static void
s_destroy_routes (ingress_names_t **names_p)
{
    void *value;
    for (size_t i = 0; ingress_names_at (*names_p, i, &value); i++) {
        route_t *route = value;
        br_buf_free (&route->candidates);
        free (route);
    }
    ingress_names_destroy (names_p);
}

void
ingress_routes_destroy (ingress_routes_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ingress_routes_t *self = *self_p;
    s_destroy_routes (&self->bare);
    s_destroy_routes (&self->routes);
    ingress_names_destroy (&self->inactive);
    ingress_names_destroy (&self->by_provider);
    for (size_t i = 0; i < self->providers_count; i++) {
        ingress_names_destroy (&self->providers[i].by_id);
        ingress_names_destroy (&self->providers[i].models);
        free (self->providers[i].rows);
    }
    free (self->providers);
    cJSON_Delete (self->slice);
    free (self);
    *self_p = NULL;
}

//  ---- resolving

//  At most TEXT_NAME_MAX bytes of a name, whole characters.
static int
s_shown (const char *name)
{
    size_t size = strlen (name);
    if (size <= TEXT_NAME_MAX)
        return (int) size;
    size = TEXT_NAME_MAX;
    while (size && (name[size] & 0xc0) == 0x80)
        size--;
    return (int) size;
}

static int
s_fail_inactive (const ingress_routes_t *self, const char *provider, size_t size,
                 br_error_t *reterr)
{
    const char *hint = ingress_names_get (self->inactive, provider, size);
    return br_error_set (reterr, BR_ENOTFOUND, "provider '%.*s' is not active: %s",
                         (int) size, provider, hint);
}

static void
s_try_all (ingress_near_t *near, const ingress_names_t *names)
{
    const char *name = ingress_names_at (names, 0, NULL);
    for (size_t i = 1; name; i++) {
        ingress_near_try (near, name);
        name = ingress_names_at (names, i, NULL);
    }
}

//  The provider that a mistyped one in front of ':' may have meant, or NULL.
static const char *
s_near_provider (const ingress_routes_t *self, const char *name, size_t size)
{
    char *prefix = br_strndup (name, size);
    ingress_near_t near;
    ingress_near_init (&near, prefix);
    s_try_all (&near, self->by_provider);
    free (prefix);
    return near.count ? near.found[0] : NULL;
}

static int
s_fail_unknown (const ingress_routes_t *self, const char *name, br_error_t *reterr)
{
    ingress_near_t near;
    ingress_near_init (&near, name);
    s_try_all (&near, self->routes);
    s_try_all (&near, self->bare);
    br_buf_t text;
    br_buf_init (&text, BR_ERROR_TEXT_MAX);
    br_buf_addf (&text, "no active provider has the model '%.*s'", s_shown (name), name);
    size_t colon = strcspn (name, ":");
    const char *provider = name[colon] ? s_near_provider (self, name, colon) : NULL;
    if (provider)
        br_buf_addf (&text, "; near names: '%s%.*s'", provider, s_shown (name + colon),
                     name + colon);
    for (unsigned i = 0; i < near.count; i++)
        br_buf_addf (&text, "%s'%s'",
                     i || provider ? ", " : "; near names: ", near.found[i]);
    br_error_set (reterr, BR_ENOTFOUND, "%s", br_buf_text (&text));
    br_buf_free (&text);
    return -1;
}

static int
s_fail (const ingress_routes_t *self, const char *name, br_error_t *reterr)
{
    for (const char *cut = ":/"; *cut; cut++) {
        const char *at = strchr (name, *cut);
        if (at && ingress_names_get (self->inactive, name, (size_t) (at - name)))
            return s_fail_inactive (self, name, (size_t) (at - name), reterr);
    }
    return s_fail_unknown (self, name, reterr);
}

static void
s_target (const char *strategy, const list_t *list, const char *how,
          ingress_target_t *ret_target)
{
    bool spreads = list->pools || strcmp (strategy, "load_balance") == 0;
    *ret_target = (ingress_target_t) {
        .strategy = strategy,
        .candidates = { list->bytes->data, list->bytes->size },
        .count = list->count,
        .lacks = list->lacks,
        .spreads = list->count > 1 && spreads,
        .how = how,
    };
}

static int
s_use_route (const ingress_routes_t *self, const route_t *route,
             ingress_target_t *ret_target, br_error_t *reterr)
{
    if (!route->list.count && route->missing)
        return s_fail_inactive (self, route->missing, strlen (route->missing), reterr);
    if (!route->list.count)
        return br_error_set (reterr, BR_ENOTFOUND,
                             "no provider of the route '%.*s' is active",
                             s_shown (route->name), route->name);
    const char *how = route->is_dynamic ? "dynamic route" : "route";
    s_target (route->strategy, &route->list, route->endpoints ? how : "catalogue name",
              ret_target);
    return 0;
}

//  A model of a provider; one that its catalogue does not list is passed on as it is.
static int
s_use_model (const provider_t *provider, const char *name, br_buf_t *scratch,
             ingress_target_t *ret_target)
{
    list_t list = { .bytes = scratch };
    const model_t *model = ingress_names_get (provider->models, name, strlen (name));
    br_buf_clear (scratch);
    s_add_model (&list, provider, model ? model->id : name, 1);
    s_target (provider->strategy, &list, model ? "provider:model" : "unlisted model",
              ret_target);
    return 0;
}

//  The provider in front of the first such character, and the model behind it.
static const provider_t *
s_prefix (const ingress_routes_t *self, const char *name, char cut,
          const char **ret_model)
{
    const char *at = strchr (name, cut);
    if (!at || !at[1])
        return NULL;
    *ret_model = at + 1;
    const provider_t *provider = ingress_names_get (self->by_provider, name,
                                                    (size_t) (at - name));
    return provider && !provider->routes_only ? provider : NULL;
}

int
ingress_routes_resolve (const ingress_routes_t *self, const char *name, br_buf_t *scratch,
                        ingress_target_t *ret_target, br_error_t *reterr)
{
    size_t size = strlen (name);
    const route_t *route = ingress_names_get (self->routes, name, size);
    if (route)
        return s_use_route (self, route, ret_target, reterr);
    const char *model = NULL;
    const provider_t *provider = s_prefix (self, name, ':', &model);
    if (provider)
        return s_use_model (provider, model, scratch, ret_target);
    provider = s_prefix (self, name, '/', &model);
    if (provider && ingress_names_get (provider->models, model, strlen (model)))
        return s_use_model (provider, model, scratch, ret_target);
    route = ingress_names_get (self->bare, name, size);
    if (route)
        return s_use_route (self, route, ret_target, reterr);
    if (provider) //  none lists it: the provider may know better than its catalogue
        return s_use_model (provider, model, scratch, ret_target);
    return s_fail (self, name, reterr);
}

//  ---- showing

static int
s_compare_routes (const void *a, const void *b)
{
    const route_t *const *one = a;
    const route_t *const *other = b;
    return strcmp ((*one)->name, (*other)->name);
}

static void
s_print_route (const route_t *route, br_buf_t *buf)
{
    br_buf_adds (buf, "{\"name\":");
    br_buf_add_json (buf, route->name, strlen (route->name));
    br_buf_adds (buf, ",\"kind\":\"model\",\"strategy\":");
    br_buf_add_json (buf, route->strategy, strlen (route->strategy));
    br_buf_adds (buf, ",\"endpoints\":[");
    const cJSON *endpoint;
    cJSON_ArrayForEach (endpoint, route->endpoints)
    {
        const char *provider = s_text (endpoint, "provider", "");
        const char *model = s_text (endpoint, "model", "");
        bool is_first = endpoint == route->endpoints->child;
        br_buf_adds (buf, is_first ? "{\"provider\":" : ",{\"provider\":");
        br_buf_add_json (buf, provider, strlen (provider));
        br_buf_adds (buf, ",\"service_id\":");
        br_buf_add_json (buf, model, strlen (model));
        br_buf_adds (buf, ",\"model_id\":");
        br_buf_add_json (buf, model, strlen (model));
        br_buf_addc (buf, '}');
    }
    br_buf_addf (buf, "],\"source\":\"%s\"}", route->is_dynamic ? "dynamic" : "config");
}

const cJSON *
ingress_routes_slice (const ingress_routes_t *self)
{
    return self->slice;
}

void
ingress_routes_print (const ingress_routes_t *self, br_buf_t *buf)
{
    size_t count = 0;
    while (ingress_names_at (self->routes, count, NULL))
        count++;
    const route_t **rows = br_alloc (count + 1, sizeof *rows);
    for (size_t i = 0; i < count; i++) {
        void *value;
        ingress_names_at (self->routes, i, &value);
        rows[i] = value;
    }
    qsort (rows, count, sizeof *rows, s_compare_routes);
    br_buf_addc (buf, '[');
    for (size_t i = 0; i < count; i++) {
        if (i)
            br_buf_addc (buf, ',');
        s_print_route (rows[i], buf);
    }
    br_buf_addc (buf, ']');
    free (rows);
}
