//  ingress_offers: a tariff, and the limits of each model by provider and both of its
//  names.

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_names.h"
#include "actors/ingress/ingress_offers.h"
#include "broker/core/alloc.h"
#include "broker/core/json.h"
#include "broker/proto/tariff.h"

#define TOKENS_MAX 1e15 //  more is no count of tokens

typedef struct _limits_t {
    char *key; //  "provider\nmodel", or "\nroute"
    uint64_t context;
    uint64_t max_output;
} limits_t;

struct _ingress_offers_t {
    br_tariff_t *tariff;
    ingress_names_t *limits; //  by key; owned
};

//  ---- limits

static uint64_t
s_count (const cJSON *model, const char *key)
{
    const cJSON *count = cJSON_GetObjectItemCaseSensitive (model, key);
    bool is_count = cJSON_IsNumber (count) && count->valuedouble >= 1
                    && count->valuedouble <= TOKENS_MAX;
    return is_count ? (uint64_t) count->valuedouble : 0;
}

static void
s_drop_limits (limits_t *limits)
{
    free (limits->key);
    free (limits);
}

static void
s_add_limits (ingress_offers_t *self, const char *provider, const char *name,
              const cJSON *model)
{
    limits_t *limits = BR_NEW (limits_t);
    limits->key = br_strf ("%s\n%s", provider, name);
    limits->context = s_count (model, "max_input_tokens");
    limits->max_output = s_count (model, "max_output_tokens");
    bool is_known = limits->context || limits->max_output;
    if (!is_known || ingress_names_add (self->limits, limits->key, limits))
        s_drop_limits (limits);
}

//  The provider's own names come first: they are what answers are told by.
static void
s_add_models (ingress_offers_t *self, const cJSON *provider)
{
    const cJSON *models = cJSON_GetObjectItemCaseSensitive (provider, "models");
    const cJSON *model;
    cJSON_ArrayForEach (model, models)
    {
        const cJSON *own = cJSON_GetObjectItemCaseSensitive (model, "provider_model_id");
        if (cJSON_IsString (own))
            s_add_limits (self, provider->string, own->valuestring, model);
    }
    cJSON_ArrayForEach (model, models)
    {
        if (model->string)
            s_add_limits (self, provider->string, model->string, model);
    }
}

static void
s_read_limits (ingress_offers_t *self, const cJSON *slice)
{
    const cJSON *node;
    cJSON_ArrayForEach (node, cJSON_GetObjectItemCaseSensitive (slice, "providers"))
    {
        if (node->string)
            s_add_models (self, node);
    }
    cJSON_ArrayForEach (node, cJSON_GetObjectItemCaseSensitive (slice, "models"))
    {
        if (node->string)
            s_add_limits (self, "", node->string, node);
    }
}

static limits_t
s_limits (const ingress_offers_t *self, const char *provider, const char *name)
{
    char *key = br_strf ("%s\n%s", provider, name);
    const limits_t *limits = ingress_names_get (self->limits, key, strlen (key));
    free (key);
    return limits ? *limits : (limits_t) { .context = 0 };
}

//  ---- prices

enum {
    ROW_PRICES,
    ROW_ROUTES,
    ROWS
};

static int
s_read_tariff (ingress_offers_t *self, const char *slice, br_error_t *reterr)
{
    json_row_t tariff = { .key = "tariff" };
    self->tariff = br_tariff_new ();
    if (json_members (slice, strlen (slice), &tariff, 1, reterr))
        return -1;
    if (tariff.type == JSON_NONE || tariff.type == JSON_NULL)
        return 0;
    const char *text = slice + tariff.offset;
    json_row_t rows[ROWS] = {
        [ROW_PRICES] = { .key = "prices" }, [ROW_ROUTES] = { .key = "routes" }
    };
    if (json_members (text, tariff.size, rows, ROWS, NULL))
        return br_error_set (reterr, BR_ECONFIG, "ingress: tariff must be an object");
    const json_row_t *prices = &rows[ROW_PRICES];
    const json_row_t *routes = &rows[ROW_ROUTES];
    int rc = 0;
    if (prices->type != JSON_NONE)
        rc = br_tariff_read (self->tariff, text + prices->offset, prices->size, reterr);
    if (rc == 0 && routes->type != JSON_NONE)
        rc = br_tariff_read_routes (self->tariff, text + routes->offset, routes->size,
                                    reterr);
    return rc;
}

//  ---- public functions

ingress_offers_t *
ingress_offers_new (const char *slice, br_error_t *reterr)
{
    ingress_offers_t *self = BR_NEW (ingress_offers_t);
    self->limits = ingress_names_new ();
    cJSON *root = cJSON_Parse (slice);
    int rc = 0;
    if (!cJSON_IsObject (root))
        rc = br_error_set (reterr, BR_ECONFIG, "ingress: the slice is no JSON object");
    if (rc == 0)
        rc = s_read_tariff (self, slice, reterr);
    if (rc == 0)
        s_read_limits (self, root);
    else
        ingress_offers_destroy (&self);
    cJSON_Delete (root);
    return self;
}

void
ingress_offers_destroy (ingress_offers_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    ingress_offers_t *self = *self_p;
    void *limits = NULL;
    for (size_t i = 0; ingress_names_at (self->limits, i, &limits); i++)
        s_drop_limits (limits);
    ingress_names_destroy (&self->limits);
    br_tariff_destroy (&self->tariff);
    free (self);
    *self_p = NULL;
}

ingress_offer_t
ingress_offers_find (const ingress_offers_t *self, const char *provider,
                     const char *model, const char *route)
{
    limits_t own = s_limits (self, provider, model);
    limits_t named = s_limits (self, "", route);
    return (ingress_offer_t) {
        .price = br_tariff_find (self->tariff, provider, model, route),
        .context = own.context ? own.context : named.context,
        .max_output = own.max_output ? own.max_output : named.max_output
    };
}

int64_t
ingress_offers_cost (const ingress_offers_t *self, const char *provider,
                     const char *model, const char *route, const br_usage_t *usage)
{
    return br_price_nusd (br_tariff_find (self->tariff, provider, model, route), usage);
}
