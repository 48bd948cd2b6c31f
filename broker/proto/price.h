//  price: what a call costs. Arithmetic only: it knows no message, file or model.

#ifndef BR_PRICE_H
#define BR_PRICE_H

#include <stddef.h>
#include <stdint.h>

#include "broker/core/verbs.h"
#include "broker/proto/usage.h"

typedef enum {
    BR_PRICE_INPUT, //  text of input that no cache had a part in
    BR_PRICE_CACHE_READ,
    BR_PRICE_CACHE_WRITE,    //  kept for five minutes
    BR_PRICE_CACHE_WRITE_1H, //  kept for an hour
    BR_PRICE_AUDIO_INPUT,    //  sound of input that no cache had a part in
    BR_PRICE_OUTPUT,         //  output that was neither reasoning nor sound
    BR_PRICE_REASONING,
    BR_PRICE_AUDIO_OUTPUT,
    BR_PRICE_BUCKETS
} br_price_bucket_t;

#define BR_PRICE_NO_RATE (-1)              //  the rate is missing, which is not 0
#define BR_PRICE_UNKNOWN (-1)              //  nobody can tell the cost
#define BR_PRICE_RATE_MAX 1000000000000000 //  nano-USD per million tokens: a million USD
#define BR_PRICE_TIERS_MAX 8               //  count for one model

//  By bucket: nano-USD per million tokens, 0..BR_PRICE_RATE_MAX, or BR_PRICE_NO_RATE.
typedef struct _br_price_rates_t {
    int64_t nusd[BR_PRICE_BUCKETS];
} br_price_rates_t;

//  Other rates for a whole call whose input is over a bound; missing ones are the base's.
typedef struct _br_price_tier_t {
    uint64_t above; //  tokens of input, all of them; exclusive
    br_price_rates_t rates;
} br_price_tier_t;

typedef struct _br_price_t {
    br_price_rates_t base;
    br_price_tier_t tiers[BR_PRICE_TIERS_MAX]; //  in any order
    size_t tiers_size;
} br_price_t;

typedef struct _br_price_cost_t {
    int64_t nusd;          //  what the caller owes, nano-USD, or BR_PRICE_UNKNOWN
    int64_t operator_nusd; //  what the provider's tokens are worth, or BR_PRICE_UNKNOWN
} br_price_cost_t;

//  A price without any rate.
void br_price_init (br_price_t *price);

//  Nano-USD of some tokens, rounded half up once; at most INT64_MAX.
//  in:   price, or NULL for none. A missing cache_write_1h rate is that of cache_write;
//        any other missing rate of the input is the input rate, of the output the output
//        rate.
//  ret:  BR_PRICE_UNKNOWN when there is no rate at all, or none for tokens that were
//        used, or when the usage is not known; but a price of only zeros is 0 in any
//        case. Counts of a usage that is not known are an estimate, and priced.
int64_t br_price_nusd (const br_price_t *price, const br_usage_t *usage);

//  The cost of a call by how it ended: a failed one is owed by nobody, and one without an
//  attempt costs nothing.
br_price_cost_t br_price_call (const br_price_t *price, const br_usage_t *usage,
                               br_outcome_t outcome, uint64_t attempts);

//  The dearest rate that a token of input can have, in a call with so many at the most:
//  whatever its bucket, in the base and in all tiers that it may come into.
//  in:   price, or NULL for none; tokens, all of the input
//  ret:  nano-USD per million tokens, or BR_PRICE_NO_RATE when one of them has no rate
int64_t br_price_worst_input (const br_price_t *price, uint64_t tokens);

//  Likewise of a token of output; tokens are those of the input.
int64_t br_price_worst_output (const br_price_t *price, uint64_t tokens);

//  Nano-USD of so many tokens at a rate, rounded up: what is held is never too little. At
//  most INT64_MAX; rate is 0..BR_PRICE_RATE_MAX.
int64_t br_price_at_most (int64_t rate, uint64_t tokens);

#endif
