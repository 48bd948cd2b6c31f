//  meter_tariff: the price of each model. Rows are sorted by provider and model when they
//  are first looked into; a route's row has no provider.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/json_iter.h"
#include "broker/core/json_value.h"
#include "actors/meter/meter_tariff.h"

#define ROUTES "" //  the provider of a route's row

typedef struct {
    char *provider;
    char *model;
    meter_price_t price;
} row_t;

struct _meter_tariff_t {
    row_t *rows;
    size_t size;
    size_t room;
    bool sorted;
};

//  Part of the JSON text.
typedef struct {
    const uint8_t *bytes;
    size_t size;
} part_t;

static const char *const s_rate_names[METER_BUCKETS] = {
    [METER_INPUT] = "input",
    [METER_CACHE_READ] = "cache_read",
    [METER_CACHE_WRITE] = "cache_write",
    [METER_OUTPUT] = "output",
    [METER_REASONING] = "reasoning",
};

meter_tariff_t *
meter_tariff_new (void)
{
    return BR_NEW (meter_tariff_t);
}

void
meter_tariff_destroy (meter_tariff_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    meter_tariff_t *self = *self_p;
    for (size_t i = 0; i < self->size; i++) {
        free (self->rows[i].provider);
        free (self->rows[i].model);
    }
    free (self->rows);
    free (self);
    *self_p = NULL;
}

size_t
meter_tariff_size (const meter_tariff_t *self)
{
    return self->size;
}

//  ---- reading

static part_t
s_part (part_t whole, size_t offset, size_t size)
{
    return (part_t) { whole.bytes + offset, size };
}

static int
s_read_rate (part_t value, const char *name, int64_t *ret_rate, br_error_t *reterr)
{
    int64_t rate;
    int rc = json_integer (value.bytes, value.size, &rate, NULL);
    if (rc || rate < 0 || rate > METER_RATE_MAX)
        return br_error_set (reterr, BR_ECONFIG,
                             "%s: give whole nano-USD per million tokens, from 0 to %lld",
                             name, (long long) METER_RATE_MAX);
    *ret_rate = rate;
    return 0;
}

static int
s_read_rates (part_t object, meter_rates_t *rates, br_error_t *reterr)
{
    json_row_t rows[METER_BUCKETS];
    for (size_t i = 0; i < METER_BUCKETS; i++)
        rows[i] = (json_row_t) { .key = s_rate_names[i] };
    if (json_members (object.bytes, object.size, rows, METER_BUCKETS, NULL))
        return br_error_set (reterr, BR_ECONFIG, "a price must be an object of rates");
    for (size_t i = 0; i < METER_BUCKETS; i++) {
        if (rows[i].type == JSON_NONE || rows[i].type == JSON_NULL)
            continue;
        part_t value = s_part (object, rows[i].offset, rows[i].size);
        if (s_read_rate (value, s_rate_names[i], &rates->nusd[i], reterr))
            return -1;
    }
    return 0;
}

static int
s_read_tier (part_t object, meter_tier_t *tier, br_error_t *reterr)
{
    if (s_read_rates (object, &tier->rates, reterr))
        return -1;
    json_row_t above = { .key = "above_input_tokens" };
    int64_t tokens = -1;
    if (json_members (object.bytes, object.size, &above, 1, reterr) == 0
        && above.type == JSON_NUMBER)
        (void) json_integer (object.bytes + above.offset, above.size, &tokens, NULL);
    if (tokens < 0)
        return br_error_set (reterr, BR_ECONFIG,
                             "above_input_tokens of a context tier must be a count");
    tier->above = (uint64_t) tokens;
    return 0;
}

static int
s_read_tiers (part_t object, meter_price_t *price, br_error_t *reterr)
{
    json_row_t row = { .key = "context_tiers" };
    if (json_members (object.bytes, object.size, &row, 1, reterr))
        return -1;
    if (row.type == JSON_NONE || row.type == JSON_NULL)
        return 0;
    part_t list = s_part (object, row.offset, row.size);
    json_iter_t iter;
    json_item_t item;
    if (row.type != JSON_ARRAY || json_iter_begin (&iter, list.bytes, list.size, NULL))
        return br_error_set (reterr, BR_ECONFIG, "context_tiers must be an array");
    while (json_iter_next (&iter, &item, NULL) == 1) {
        if (price->tiers_size == METER_TIERS_MAX)
            return br_error_set (reterr, BR_ECONFIG, "more than %d context tiers",
                                 METER_TIERS_MAX);
        meter_tier_t *tier = &price->tiers[price->tiers_size++];
        if (s_read_tier (s_part (list, item.offset, item.size), tier, reterr))
            return -1;
    }
    return 0;
}

static int
s_add (meter_tariff_t *self, const char *provider, const char *model,
       const meter_price_t *price, br_error_t *reterr)
{
    if (self->size == METER_PRICES_MAX)
        return br_error_set (reterr, BR_ECONFIG, "more than %d prices", METER_PRICES_MAX);
    if (self->size == self->room) {
        self->room = self->room ? self->room * 2 : 64;
        self->rows = br_realloc (self->rows, self->room * sizeof (row_t));
    }
    self->rows[self->size++] = (row_t) { br_strdup (provider), br_strdup (model),
                                         *price };
    self->sorted = false;
    return 0;
}

static int
s_read_models (meter_tariff_t *self, const char *provider, part_t object,
               br_error_t *reterr)
{
    json_iter_t iter;
    json_item_t item;
    int rc = json_iter_begin (&iter, object.bytes, object.size, NULL);
    if (rc || iter.close != '}')
        return br_error_set (reterr, BR_ECONFIG, "the prices of %s must be an object",
                             *provider ? provider : "routes");
    while (json_iter_next (&iter, &item, NULL) == 1) {
        char model[METER_NAME_MAX];
        if (json_text (object.bytes + item.key_offset, item.key_size, model,
                       sizeof model))
            return br_error_set (reterr, BR_ECONFIG, "a model's name is over %d bytes",
                                 METER_NAME_MAX - 1);
        meter_price_t price;
        meter_price_init (&price);
        part_t rates = s_part (object, item.offset, item.size);
        br_error_t why;
        if (s_read_rates (rates, &price.base, &why) || s_read_tiers (rates, &price, &why))
            return br_error_set (reterr, BR_ECONFIG, "price of %s%s%.128s: %.256s",
                                 provider, *provider ? "/" : "", model, why.text);
        if (s_add (self, provider, model, &price, reterr))
            return -1;
    }
    return iter.broken ? br_error_set (reterr, BR_ECONFIG, "the prices are broken JSON")
                       : 0;
}

int
meter_tariff_read (meter_tariff_t *self, const void *json, size_t size,
                   br_error_t *reterr)
{
    part_t whole = { json, size };
    json_iter_t iter;
    json_item_t item;
    int rc = json_iter_begin (&iter, json, size, NULL);
    if (rc || iter.close != '}')
        return br_error_set (reterr, BR_ECONFIG, "prices must be an object of providers");
    while (json_iter_next (&iter, &item, NULL) == 1) {
        char provider[METER_NAME_MAX];
        rc = json_text (whole.bytes + item.key_offset, item.key_size, provider,
                        sizeof provider);
        if (rc || !*provider)
            return br_error_set (reterr, BR_ECONFIG,
                                 "a provider's name must have 1 to %d bytes",
                                 METER_NAME_MAX - 1);
        part_t models = s_part (whole, item.offset, item.size);
        if (s_read_models (self, provider, models, reterr))
            return -1;
    }
    return iter.broken ? br_error_set (reterr, BR_ECONFIG, "the prices are broken JSON")
                       : 0;
}

int
meter_tariff_read_routes (meter_tariff_t *self, const void *json, size_t size,
                          br_error_t *reterr)
{
    return s_read_models (self, ROUTES, (part_t) { json, size }, reterr);
}

//  ---- looking up

typedef struct {
    const char *provider;
    const char *model;
} name_t;

static int
s_compare_names (const void *a, const void *b)
{
    const name_t *name = a;
    const row_t *row = b;
    int order = strcmp (name->provider, row->provider);
    return order ? order : strcmp (name->model, row->model);
}

static int
s_compare_rows (const void *a, const void *b)
{
    const row_t *row = a;
    name_t name = { row->provider, row->model };
    return s_compare_names (&name, b);
}

static const meter_price_t *
s_find (const meter_tariff_t *self, const char *provider, const char *model)
{
    name_t name = { provider, model };
    const row_t *row = NULL;
    if (self->size)
        row = bsearch (&name, self->rows, self->size, sizeof (row_t), s_compare_names);
    return row ? &row->price : NULL;
}

const meter_price_t *
meter_tariff_find (meter_tariff_t *self, const char *provider, const char *model,
                   const char *route)
{
    if (!self->sorted && self->size)
        qsort (self->rows, self->size, sizeof (row_t), s_compare_rows);
    self->sorted = true;
    const meter_price_t *price = NULL;
    if (*provider)
        price = s_find (self, provider, model);
    return price ? price : s_find (self, ROUTES, route);
}
