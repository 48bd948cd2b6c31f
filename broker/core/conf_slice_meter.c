//  conf_slice_meter: where to keep the books, and what things cost.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "broker/core/conf_state.h"

#define NUSD_PER_USD 1e9

//  Adds a price, USD to nano-USD per million tokens, exactly: cJSON's own numbers would
//  go through a double's shortest text.
static void
s_add_price (cJSON *object, const char *key, const double *usd)
{
    if (!usd)
        return;
    char text[32];
    snprintf (text, sizeof text, "%" PRId64, (int64_t) (*usd * NUSD_PER_USD + 0.5));
    cJSON_AddRawToObject (object, key, text);
}

static void
s_add_rates (cJSON *object, const br_conf_input_price_t *input,
             const br_conf_output_price_t *output)
{
    if (input) {
        s_add_price (object, "input", input->no_cache);
        s_add_price (object, "cache_read", input->cache_read);
        s_add_price (object, "cache_write", input->cache_write);
    }
    if (output) {
        s_add_price (object, "output", output->text);
        s_add_price (object, "reasoning", output->reasoning);
    }
}

static void
s_add_pricing (cJSON *object, const char *model, const br_conf_pricing_t *pricing)
{
    if (!pricing || cJSON_GetObjectItemCaseSensitive (object, model))
        return;
    cJSON *item = cJSON_AddObjectToObject (object, model);
    s_add_rates (item, pricing->input_tokens, pricing->output_tokens);
    if (!pricing->context_tiers_count)
        return;
    cJSON *tiers = cJSON_AddArrayToObject (item, "context_tiers");
    for (unsigned i = 0; i < pricing->context_tiers_count; i++) {
        const br_conf_tier_t *tier = &pricing->context_tiers[i];
        cJSON *row = cJSON_CreateObject ();
        cJSON_AddNumberToObject (row, "above_input_tokens",
                                 (double) tier->above_input_tokens);
        s_add_rates (row, tier->input_tokens, tier->output_tokens);
        cJSON_AddItemToArray (tiers, row);
    }
}

cJSON *
br_conf_slice_meter (const br_conf_t *self)
{
    cJSON *slice = cJSON_CreateObject ();
    cJSON_AddStringToObject (slice, "database", br_conf_database (self));
    cJSON *prices = cJSON_AddObjectToObject (slice, "prices");
    for (unsigned i = 0; i < self->root->providers_count; i++) {
        const br_conf_provider_t *provider = &self->root->providers[i];
        if (!br_conf_state_is_active (provider))
            continue;
        cJSON *models = cJSON_AddObjectToObject (prices, provider->id);
        for (unsigned j = 0; j < provider->models_count; j++) {
            const br_conf_model_t *model = &provider->models[j];
            s_add_pricing (models, model->id, model->about.pricing);
        }
    }
    cJSON *routes = cJSON_AddObjectToObject (slice, "routes");
    for (unsigned i = 0; i < self->root->models_count; i++)
        s_add_pricing (routes, self->root->models[i].id,
                       self->root->models[i].about.pricing);
    return slice;
}
