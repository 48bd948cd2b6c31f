//  conf_slice_tariff: what things cost, as the slices of all who compute with it have it.

#include <inttypes.h>
#include <stdio.h>

#include "broker/core/conf_state.h"

//  Adds a rate exactly: cJSON's own numbers would go through a double's shortest text.
static void
s_add_rate (cJSON *object, const char *key, const int64_t *nusd)
{
    if (!nusd)
        return;
    char text[32];
    snprintf (text, sizeof text, "%" PRId64, *nusd);
    cJSON_AddRawToObject (object, key, text);
}

static void
s_add_rates (cJSON *object, const br_conf_input_price_t *input,
             const br_conf_output_price_t *output)
{
    if (input) {
        s_add_rate (object, "input", input->no_cache);
        s_add_rate (object, "cache_read", input->cache_read);
        s_add_rate (object, "cache_write", input->cache_write);
        s_add_rate (object, "cache_write_1h", input->cache_write_1h);
        s_add_rate (object, "audio_input", input->audio);
    }
    if (output) {
        s_add_rate (object, "output", output->text);
        s_add_rate (object, "reasoning", output->reasoning);
        s_add_rate (object, "audio_output", output->audio);
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

//  Calls are settled under the provider's own name of a model: where no row has it as its
//  id, the first that stands for it gives its price.
static void
s_add_own_names (cJSON *object, const br_conf_provider_t *provider)
{
    for (unsigned i = 0; i < provider->models_count; i++) {
        const br_conf_model_t *model = &provider->models[i];
        if (model->provider_model_id)
            s_add_pricing (object, model->provider_model_id, model->about.pricing);
    }
}

void
br_conf_slice_tariff (const br_conf_t *self, cJSON *object)
{
    cJSON *prices = cJSON_AddObjectToObject (object, "prices");
    for (unsigned i = 0; i < self->root->providers_count; i++) {
        const br_conf_provider_t *provider = &self->root->providers[i];
        if (!br_conf_state_is_active (provider))
            continue;
        cJSON *models = cJSON_AddObjectToObject (prices, provider->id);
        for (unsigned j = 0; j < provider->models_count; j++)
            s_add_pricing (models, provider->models[j].id,
                           provider->models[j].about.pricing);
        s_add_own_names (models, provider);
    }
    cJSON *routes = cJSON_AddObjectToObject (object, "routes");
    for (unsigned i = 0; i < self->root->models_count; i++)
        s_add_pricing (routes, self->root->models[i].id,
                       self->root->models[i].about.pricing);
}
