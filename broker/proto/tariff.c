//  tariff: the price of each model. Rows are sorted by provider and model when they
//  are first looked into; a route's row has no provider.

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/json_iter.h"
#include "broker/core/json_value.h"
#include "broker/proto/tariff.h"

#define ROUTES "" //  the provider of a route's row

typedef struct {
    char *provider;
    char *model;
    br_price_t price;
} row_t;

struct _br_tariff_t {
    row_t *rows;
    size_t size;
    size_t room;
    bool sorted;
    char version[BR_TARIFF_VERSION]; //  "" = not worked out yet
};

//  Part of the JSON text.
typedef struct {
    const uint8_t *bytes;
    size_t size;
} part_t;

static const char *const s_rate_names[BR_PRICE_BUCKETS] = {
    [BR_PRICE_INPUT] = "input",
    [BR_PRICE_CACHE_READ] = "cache_read",
    [BR_PRICE_CACHE_WRITE] = "cache_write",
    [BR_PRICE_CACHE_WRITE_1H] = "cache_write_1h",
    [BR_PRICE_AUDIO_INPUT] = "audio_input",
    [BR_PRICE_OUTPUT] = "output",
    [BR_PRICE_REASONING] = "reasoning",
    [BR_PRICE_AUDIO_OUTPUT] = "audio_output",
};

br_tariff_t *
br_tariff_new (void)
{
    return BR_NEW (br_tariff_t);
}

void
br_tariff_destroy (br_tariff_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_tariff_t *self = *self_p;
    for (size_t i = 0; i < self->size; i++) {
        free (self->rows[i].provider);
        free (self->rows[i].model);
    }
    free (self->rows);
    free (self);
    *self_p = NULL;
}

size_t
br_tariff_size (const br_tariff_t *self)
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
    if (rc || rate < 0 || rate > BR_PRICE_RATE_MAX)
        return br_error_set (reterr, BR_ECONFIG,
                             "%s: give whole nano-USD per million tokens, from 0 to %lld",
                             name, (long long) BR_PRICE_RATE_MAX);
    *ret_rate = rate;
    return 0;
}

static int
s_read_rates (part_t object, br_price_rates_t *rates, br_error_t *reterr)
{
    json_row_t rows[BR_PRICE_BUCKETS];
    for (size_t i = 0; i < BR_PRICE_BUCKETS; i++)
        rows[i] = (json_row_t) { .key = s_rate_names[i] };
    if (json_members (object.bytes, object.size, rows, BR_PRICE_BUCKETS, NULL))
        return br_error_set (reterr, BR_ECONFIG, "a price must be an object of rates");
    for (size_t i = 0; i < BR_PRICE_BUCKETS; i++) {
        if (rows[i].type == JSON_NONE || rows[i].type == JSON_NULL)
            continue;
        part_t value = s_part (object, rows[i].offset, rows[i].size);
        if (s_read_rate (value, s_rate_names[i], &rates->nusd[i], reterr))
            return -1;
    }
    return 0;
}

static int
s_read_tier (part_t object, br_price_tier_t *tier, br_error_t *reterr)
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
s_read_tiers (part_t object, br_price_t *price, br_error_t *reterr)
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
        if (price->tiers_size == BR_PRICE_TIERS_MAX)
            return br_error_set (reterr, BR_ECONFIG, "more than %d context tiers",
                                 BR_PRICE_TIERS_MAX);
        br_price_tier_t *tier = &price->tiers[price->tiers_size++];
        if (s_read_tier (s_part (list, item.offset, item.size), tier, reterr))
            return -1;
    }
    return 0;
}

static int
s_add (br_tariff_t *self, const char *provider, const char *model,
       const br_price_t *price, br_error_t *reterr)
{
    if (self->size == BR_TARIFF_PRICES_MAX)
        return br_error_set (reterr, BR_ECONFIG, "more than %d prices",
                             BR_TARIFF_PRICES_MAX);
    if (self->size == self->room) {
        self->room = self->room ? self->room * 2 : 64;
        self->rows = br_realloc (self->rows, self->room * sizeof (row_t));
    }
    self->rows[self->size++] = (row_t) { br_strdup (provider), br_strdup (model),
                                         *price };
    self->sorted = false;
    self->version[0] = '\0';
    return 0;
}

static int
s_read_models (br_tariff_t *self, const char *provider, part_t object, br_error_t *reterr)
{
    json_iter_t iter;
    json_item_t item;
    int rc = json_iter_begin (&iter, object.bytes, object.size, NULL);
    if (rc || iter.close != '}')
        return br_error_set (reterr, BR_ECONFIG, "the prices of %s must be an object",
                             *provider ? provider : "routes");
    while (json_iter_next (&iter, &item, NULL) == 1) {
        char model[BR_TARIFF_NAME_MAX];
        if (json_text (object.bytes + item.key_offset, item.key_size, model,
                       sizeof model))
            return br_error_set (reterr, BR_ECONFIG, "a model's name is over %d bytes",
                                 BR_TARIFF_NAME_MAX - 1);
        br_price_t price;
        br_price_init (&price);
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
br_tariff_read (br_tariff_t *self, const void *json, size_t size, br_error_t *reterr)
{
    part_t whole = { json, size };
    json_iter_t iter;
    json_item_t item;
    int rc = json_iter_begin (&iter, json, size, NULL);
    if (rc || iter.close != '}')
        return br_error_set (reterr, BR_ECONFIG, "prices must be an object of providers");
    while (json_iter_next (&iter, &item, NULL) == 1) {
        char provider[BR_TARIFF_NAME_MAX];
        rc = json_text (whole.bytes + item.key_offset, item.key_size, provider,
                        sizeof provider);
        if (rc || !*provider)
            return br_error_set (reterr, BR_ECONFIG,
                                 "a provider's name must have 1 to %d bytes",
                                 BR_TARIFF_NAME_MAX - 1);
        part_t models = s_part (whole, item.offset, item.size);
        if (s_read_models (self, provider, models, reterr))
            return -1;
    }
    return iter.broken ? br_error_set (reterr, BR_ECONFIG, "the prices are broken JSON")
                       : 0;
}

int
br_tariff_read_routes (br_tariff_t *self, const void *json, size_t size,
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

static const br_price_t *
s_find (const br_tariff_t *self, const char *provider, const char *model)
{
    name_t name = { provider, model };
    const row_t *row = NULL;
    if (self->size)
        row = bsearch (&name, self->rows, self->size, sizeof (row_t), s_compare_names);
    return row ? &row->price : NULL;
}

static void
s_sort (br_tariff_t *self)
{
    if (!self->sorted && self->size)
        qsort (self->rows, self->size, sizeof (row_t), s_compare_rows);
    self->sorted = true;
}

const br_price_t *
br_tariff_find (br_tariff_t *self, const char *provider, const char *model,
                const char *route)
{
    s_sort (self);
    const br_price_t *price = NULL;
    if (*provider)
        price = s_find (self, provider, model);
    return price ? price : s_find (self, ROUTES, route);
}

//  ---- version

static void
s_hash_text (crypto_hash_sha256_state *hash, const char *text)
{
    crypto_hash_sha256_update (hash, (const uint8_t *) text, strlen (text) + 1);
}

//  Least byte first, whatever the machine.
static void
s_hash_number (crypto_hash_sha256_state *hash, uint64_t number)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t) (number >> (8 * i));
    crypto_hash_sha256_update (hash, bytes, sizeof bytes);
}

static void
s_hash_rates (crypto_hash_sha256_state *hash, const br_price_rates_t *rates)
{
    for (size_t i = 0; i < BR_PRICE_BUCKETS; i++)
        s_hash_number (hash, (uint64_t) rates->nusd[i]);
}

static void
s_hash_row (crypto_hash_sha256_state *hash, const row_t *row)
{
    s_hash_text (hash, row->provider);
    s_hash_text (hash, row->model);
    s_hash_rates (hash, &row->price.base);
    s_hash_number (hash, row->price.tiers_size);
    for (size_t t = 0; t < row->price.tiers_size; t++) {
        s_hash_number (hash, row->price.tiers[t].above);
        s_hash_rates (hash, &row->price.tiers[t].rates);
    }
}

const char *
br_tariff_version (br_tariff_t *self)
{
    if (self->version[0])
        return self->version;
    s_sort (self);
    crypto_hash_sha256_state hash;
    crypto_hash_sha256_init (&hash);
    for (size_t i = 0; i < self->size; i++)
        s_hash_row (&hash, &self->rows[i]);
    uint8_t digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final (&hash, digest);
    sodium_bin2hex (self->version, sizeof self->version, digest,
                    sizeof self->version / 2);
    return self->version;
}
