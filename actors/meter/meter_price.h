//  meter_price: what a call costs. Arithmetic only: it knows no message, file or model.

#ifndef BR_METER_PRICE_H
#define BR_METER_PRICE_H

#include <stddef.h>
#include <stdint.h>

#include "broker/core/verbs.h"
#include "broker/proto/usage.h"

typedef enum {
    METER_INPUT, //  input that no cache had a part in
    METER_CACHE_READ,
    METER_CACHE_WRITE,
    METER_OUTPUT, //  output that was not reasoning
    METER_REASONING,
    METER_BUCKETS
} meter_bucket_t;

#define METER_NO_RATE (-1)              //  the rate is missing, which is not 0
#define METER_UNKNOWN (-1)              //  nobody can tell the cost
#define METER_RATE_MAX 1000000000000000 //  nano-USD per million tokens: a million USD
#define METER_TIERS_MAX 8               //  count for one model

//  By bucket: nano-USD per million tokens, 0..METER_RATE_MAX, or METER_NO_RATE.
typedef struct _meter_rates_t {
    int64_t nusd[METER_BUCKETS];
} meter_rates_t;

//  Other rates for a whole call whose input is over a bound; missing ones are the base's.
typedef struct _meter_tier_t {
    uint64_t above; //  tokens of input, all of them; exclusive
    meter_rates_t rates;
} meter_tier_t;

typedef struct _meter_price_t {
    meter_rates_t base;
    meter_tier_t tiers[METER_TIERS_MAX]; //  in any order
    size_t tiers_size;
} meter_price_t;

typedef struct _meter_cost_t {
    int64_t nusd;          //  what the caller owes, nano-USD, or METER_UNKNOWN
    int64_t operator_nusd; //  what the provider's tokens are worth, or METER_UNKNOWN
} meter_cost_t;

//  A price without any rate.
void meter_price_init (meter_price_t *price);

//  Nano-USD of some tokens, rounded half up once; at most INT64_MAX.
//  in:   price, or NULL for none. A missing cache rate is the input rate, a missing
//        reasoning rate the output rate.
//  ret:  METER_UNKNOWN when there is no rate at all, or none for tokens that were used,
//        or when the usage is not known; but a price of only zeros is 0 in any case.
//        Counts of a usage that is not known are an estimate, and priced.
int64_t meter_price_nusd (const meter_price_t *price, const br_usage_t *usage);

//  The cost of a call by how it ended: a failed one is owed by nobody, and one without an
//  attempt costs nothing.
meter_cost_t meter_price_call (const meter_price_t *price, const br_usage_t *usage,
                               br_outcome_t outcome, uint64_t attempts);

#endif
