//  meter_price: what a call costs.
//
//  Tokens of a bucket times the bucket's rate, summed up in 128 bits over all buckets,
//  then divided by a million and rounded half up: one rounding a call, so that books
//  balance.

#include <stdbool.h>

#include "actors/meter/meter_price.h"

#define TOKENS_A_RATE 1000000u //  rates are per million tokens

typedef unsigned __int128 s_wide_t;

//  Whose rate a bucket takes when it has none; itself for those that have no stand-in.
static const meter_bucket_t s_stand_in[METER_BUCKETS] = {
    [METER_INPUT] = METER_INPUT,       [METER_CACHE_READ] = METER_INPUT,
    [METER_CACHE_WRITE] = METER_INPUT, [METER_OUTPUT] = METER_OUTPUT,
    [METER_REASONING] = METER_OUTPUT,
};

void
meter_price_init (meter_price_t *price)
{
    *price = (meter_price_t) { .tiers_size = 0 };
    for (size_t i = 0; i < METER_BUCKETS; i++)
        price->base.nusd[i] = METER_NO_RATE;
    for (size_t t = 0; t < METER_TIERS_MAX; t++)
        price->tiers[t].rates = price->base;
}

//  The tier with the highest bound that the input is over, or NULL.
static const meter_tier_t *
s_tier (const meter_price_t *price, uint64_t input)
{
    const meter_tier_t *best = NULL;
    for (size_t i = 0; i < price->tiers_size; i++) {
        const meter_tier_t *tier = &price->tiers[i];
        if (input > tier->above && (!best || tier->above > best->above))
            best = tier;
    }
    return best;
}

//  The rates for so much input, every stand-in in its place.
static meter_rates_t
s_rates (const meter_price_t *price, uint64_t input)
{
    meter_rates_t rates = price->base;
    const meter_tier_t *tier = s_tier (price, input);
    for (size_t i = 0; tier && i < METER_BUCKETS; i++)
        if (tier->rates.nusd[i] != METER_NO_RATE)
            rates.nusd[i] = tier->rates.nusd[i];
    for (size_t i = 0; i < METER_BUCKETS; i++)
        if (rates.nusd[i] == METER_NO_RATE)
            rates.nusd[i] = rates.nusd[s_stand_in[i]];
    return rates;
}

typedef enum {
    RATES_NONE, //  not one of them is there
    RATES_FREE, //  those that are there are 0
    RATES_PAID
} rates_kind_t;

static rates_kind_t
s_kind (const meter_rates_t *rates)
{
    rates_kind_t kind = RATES_NONE;
    for (size_t i = 0; i < METER_BUCKETS; i++) {
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
s_tokens (const br_usage_t *usage, uint64_t tokens[METER_BUCKETS])
{
    uint64_t left = usage->input;
    tokens[METER_CACHE_READ] = s_least (usage->cache_read, left);
    left -= tokens[METER_CACHE_READ];
    tokens[METER_CACHE_WRITE] = s_least (usage->cache_write, left);
    tokens[METER_INPUT] = left - tokens[METER_CACHE_WRITE];
    tokens[METER_REASONING] = s_least (usage->reasoning, usage->output);
    tokens[METER_OUTPUT] = usage->output - tokens[METER_REASONING];
}

int64_t
meter_price_nusd (const meter_price_t *price, const br_usage_t *usage)
{
    if (!price)
        return METER_UNKNOWN;
    meter_rates_t rates = s_rates (price, usage->input);
    rates_kind_t kind = s_kind (&rates);
    bool told = usage->known || usage->input || usage->output;
    if (kind == RATES_NONE || (kind == RATES_PAID && !told))
        return METER_UNKNOWN;
    uint64_t tokens[METER_BUCKETS];
    s_tokens (usage, tokens);
    s_wide_t sum = 0;
    for (size_t i = 0; i < METER_BUCKETS; i++) {
        if (tokens[i] == 0)
            continue;
        if (rates.nusd[i] == METER_NO_RATE)
            return METER_UNKNOWN;
        sum += (s_wide_t) tokens[i] * (uint64_t) rates.nusd[i];
    }
    s_wide_t nusd = (sum + TOKENS_A_RATE / 2) / TOKENS_A_RATE;
    return nusd > INT64_MAX ? INT64_MAX : (int64_t) nusd;
}

meter_cost_t
meter_price_call (const meter_price_t *price, const br_usage_t *usage,
                  br_outcome_t outcome, uint64_t attempts)
{
    meter_cost_t cost = { .nusd = 0 };
    if (attempts == 0)
        return cost;
    cost.operator_nusd = meter_price_nusd (price, usage);
    if (outcome != BR_OUTCOME_FAILED)
        cost.nusd = cost.operator_nusd;
    return cost;
}
