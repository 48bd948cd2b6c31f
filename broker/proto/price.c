//  price: what a call costs.
//
//  Tokens of a bucket times the bucket's rate, summed up in 128 bits over all buckets,
//  then divided by a million and rounded half up: one rounding a call, so that books
//  balance.

#include <stdbool.h>

#include "broker/proto/price.h"

#define TOKENS_A_RATE 1000000u //  rates are per million tokens

typedef unsigned __int128 s_wide_t;

//  Whose rate a bucket takes when it has none; itself for those that have no stand-in. A
//  stand-in comes before those that it stands in for.
static const br_price_bucket_t s_stand_in[BR_PRICE_BUCKETS] = {
    [BR_PRICE_INPUT] = BR_PRICE_INPUT,
    [BR_PRICE_CACHE_READ] = BR_PRICE_INPUT,
    [BR_PRICE_CACHE_WRITE] = BR_PRICE_INPUT,
    [BR_PRICE_CACHE_WRITE_1H] = BR_PRICE_CACHE_WRITE,
    [BR_PRICE_AUDIO_INPUT] = BR_PRICE_INPUT,
    [BR_PRICE_OUTPUT] = BR_PRICE_OUTPUT,
    [BR_PRICE_REASONING] = BR_PRICE_OUTPUT,
    [BR_PRICE_AUDIO_OUTPUT] = BR_PRICE_OUTPUT,
};

void
br_price_init (br_price_t *price)
{
    *price = (br_price_t) { .tiers_size = 0 };
    for (size_t i = 0; i < BR_PRICE_BUCKETS; i++)
        price->base.nusd[i] = BR_PRICE_NO_RATE;
    for (size_t t = 0; t < BR_PRICE_TIERS_MAX; t++)
        price->tiers[t].rates = price->base;
}

//  The tier with the highest bound that the input is over, or NULL.
static const br_price_tier_t *
s_tier (const br_price_t *price, uint64_t input)
{
    const br_price_tier_t *best = NULL;
    for (size_t i = 0; i < price->tiers_size; i++) {
        const br_price_tier_t *tier = &price->tiers[i];
        if (input > tier->above && (!best || tier->above > best->above))
            best = tier;
    }
    return best;
}

//  The rates of a tier, or of the base when it is NULL; every stand-in in its place.
static br_price_rates_t
s_tier_rates (const br_price_t *price, const br_price_tier_t *tier)
{
    br_price_rates_t rates = price->base;
    for (size_t i = 0; tier && i < BR_PRICE_BUCKETS; i++)
        if (tier->rates.nusd[i] != BR_PRICE_NO_RATE)
            rates.nusd[i] = tier->rates.nusd[i];
    for (size_t i = 0; i < BR_PRICE_BUCKETS; i++)
        if (rates.nusd[i] == BR_PRICE_NO_RATE)
            rates.nusd[i] = rates.nusd[s_stand_in[i]];
    return rates;
}

//  The rates for so much input.
static br_price_rates_t
s_rates (const br_price_t *price, uint64_t input)
{
    return s_tier_rates (price, s_tier (price, input));
}

typedef enum {
    RATES_NONE, //  not one of them is there
    RATES_FREE, //  those that are there are 0
    RATES_PAID
} rates_kind_t;

static rates_kind_t
s_kind (const br_price_rates_t *rates)
{
    rates_kind_t kind = RATES_NONE;
    for (size_t i = 0; i < BR_PRICE_BUCKETS; i++) {
        if (rates->nusd[i] > 0)
            return RATES_PAID;
        if (rates->nusd[i] == 0)
            kind = RATES_FREE;
    }
    return kind;
}

static uint64_t
s_least (uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

//  Parts that are greater than their total are cut down to it: no token is priced twice.
static void
s_tokens (const br_usage_t *usage, uint64_t tokens[BR_PRICE_BUCKETS])
{
    uint64_t left = usage->input;
    tokens[BR_PRICE_CACHE_READ] = s_least (usage->cache_read, left);
    left -= tokens[BR_PRICE_CACHE_READ];
    uint64_t written = s_least (usage->cache_write, left);
    left -= written;
    tokens[BR_PRICE_CACHE_WRITE_1H] = s_least (usage->cache_write_1h, written);
    tokens[BR_PRICE_CACHE_WRITE] = written - tokens[BR_PRICE_CACHE_WRITE_1H];
    tokens[BR_PRICE_AUDIO_INPUT] = s_least (usage->audio_input, left);
    tokens[BR_PRICE_INPUT] = left - tokens[BR_PRICE_AUDIO_INPUT];

    left = usage->output;
    tokens[BR_PRICE_REASONING] = s_least (usage->reasoning, left);
    left -= tokens[BR_PRICE_REASONING];
    tokens[BR_PRICE_AUDIO_OUTPUT] = s_least (usage->audio_output, left);
    tokens[BR_PRICE_OUTPUT] = left - tokens[BR_PRICE_AUDIO_OUTPUT];
}

int64_t
br_price_nusd (const br_price_t *price, const br_usage_t *usage)
{
    if (!price)
        return BR_PRICE_UNKNOWN;
    br_price_rates_t rates = s_rates (price, usage->input);
    rates_kind_t kind = s_kind (&rates);
    bool told = usage->known || usage->input || usage->output;
    if (kind == RATES_NONE || (kind == RATES_PAID && !told))
        return BR_PRICE_UNKNOWN;
    uint64_t tokens[BR_PRICE_BUCKETS];
    s_tokens (usage, tokens);
    s_wide_t sum = 0;
    for (size_t i = 0; i < BR_PRICE_BUCKETS; i++) {
        if (tokens[i] == 0)
            continue;
        if (rates.nusd[i] == BR_PRICE_NO_RATE)
            return BR_PRICE_UNKNOWN;
        sum += (s_wide_t) tokens[i] * (uint64_t) rates.nusd[i];
    }
    s_wide_t nusd = (sum + TOKENS_A_RATE / 2) / TOKENS_A_RATE;
    return nusd > INT64_MAX ? INT64_MAX : (int64_t) nusd;
}

br_price_cost_t
br_price_call (const br_price_t *price, const br_usage_t *usage, br_outcome_t outcome,
               uint64_t attempts)
{
    br_price_cost_t cost = { .nusd = 0 };
    if (attempts == 0)
        return cost;
    cost.operator_nusd = br_price_nusd (price, usage);
    if (outcome != BR_OUTCOME_FAILED)
        cost.nusd = cost.operator_nusd;
    return cost;
}

//  The dearest of some buckets; one without a rate makes it BR_PRICE_NO_RATE.
static int64_t
s_dearest (const br_price_rates_t *rates, br_price_bucket_t first, br_price_bucket_t last)
{
    int64_t dearest = 0;
    for (size_t i = first; i <= last; i++) {
        if (rates->nusd[i] == BR_PRICE_NO_RATE)
            return BR_PRICE_NO_RATE;
        if (rates->nusd[i] > dearest)
            dearest = rates->nusd[i];
    }
    return dearest;
}

static int64_t
s_worst (const br_price_t *price, uint64_t tokens, br_price_bucket_t first,
         br_price_bucket_t last)
{
    if (!price)
        return BR_PRICE_NO_RATE;
    br_price_rates_t rates = s_tier_rates (price, NULL);
    int64_t worst = s_dearest (&rates, first, last);
    for (size_t t = 0; t < price->tiers_size && worst != BR_PRICE_NO_RATE; t++) {
        if (tokens <= price->tiers[t].above)
            continue;
        rates = s_tier_rates (price, &price->tiers[t]);
        int64_t dearest = s_dearest (&rates, first, last);
        worst = dearest > worst ? dearest : worst;
    }
    return worst;
}

int64_t
br_price_worst_input (const br_price_t *price, uint64_t tokens)
{
    return s_worst (price, tokens, BR_PRICE_INPUT, BR_PRICE_AUDIO_INPUT);
}

int64_t
br_price_worst_output (const br_price_t *price, uint64_t tokens)
{
    return s_worst (price, tokens, BR_PRICE_OUTPUT, BR_PRICE_AUDIO_OUTPUT);
}

int64_t
br_price_at_most (int64_t rate, uint64_t tokens)
{
    s_wide_t sum = (s_wide_t) tokens * (uint64_t) rate;
    s_wide_t nusd = (sum + TOKENS_A_RATE - 1) / TOKENS_A_RATE;
    return nusd > INT64_MAX ? INT64_MAX : (int64_t) nusd;
}
