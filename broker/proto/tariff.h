//  tariff: the price of each model, as the configuration names them.

#ifndef BR_TARIFF_H
#define BR_TARIFF_H

#include "broker/core/error.h"
#include "broker/proto/price.h"

#define BR_TARIFF_NAME_MAX 512      //  bytes of a provider's or model's name
#define BR_TARIFF_PRICES_MAX 100000 //  count of prices

#define BR_TARIFF_VERSION 17 //  bytes of a version's text, with its end

typedef struct _br_tariff_t br_tariff_t;

//  "caller destroys"
br_tariff_t *br_tariff_new (void);
void br_tariff_destroy (br_tariff_t **self_p);

//  Adds prices from JSON: {"openai": {"gpt-4o": {"input": 2500000000, ...,
//  "context_tiers": [{"above_input_tokens": 200000, "input": ...}]}}}. Rates are whole
//  nano-USD per million tokens; null counts as missing, other members are ignored.
//  err:  BR_ECONFIG, and it is no good any more
int br_tariff_read (br_tariff_t *self, const void *json, size_t size, br_error_t *reterr);

//  Adds prices of routes, for models without one of their own: {"fast": {"input": ...}}.
//  err:  BR_ECONFIG, and it is no good any more
int br_tariff_read_routes (br_tariff_t *self, const void *json, size_t size,
                           br_error_t *reterr);

size_t br_tariff_size (const br_tariff_t *self); //  count of prices

//  The price of a provider's model, else that of the route, else NULL. "owned by self,
//  until next change"
const br_price_t *br_tariff_find (br_tariff_t *self, const char *provider,
                                  const char *model, const char *route);

//  Names all prices, 16 hexadecimal digits: the same prices in any order have the same
//  one. "owned by self, until next change"
const char *br_tariff_version (br_tariff_t *self);

#endif
