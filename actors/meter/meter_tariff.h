//  meter_tariff: the price of each model, as the configuration names them.

#ifndef BR_METER_TARIFF_H
#define BR_METER_TARIFF_H

#include "broker/core/error.h"
#include "actors/meter/meter_price.h"

#define METER_NAME_MAX 512      //  bytes of a provider's or model's name
#define METER_PRICES_MAX 100000 //  count of prices

typedef struct _meter_tariff_t meter_tariff_t;

//  "caller destroys"
meter_tariff_t *meter_tariff_new (void);
void meter_tariff_destroy (meter_tariff_t **self_p);

//  Adds prices from JSON: {"openai": {"gpt-4o": {"input": 2500000000, ...,
//  "context_tiers": [{"above_input_tokens": 200000, "input": ...}]}}}. Rates are whole
//  nano-USD per million tokens; null counts as missing, other members are ignored.
//  err:  BR_ECONFIG, and it is no good any more
int meter_tariff_read (meter_tariff_t *self, const void *json, size_t size,
                       br_error_t *reterr);

//  Adds prices of routes, for models without one of their own: {"fast": {"input": ...}}.
//  err:  BR_ECONFIG, and it is no good any more
int meter_tariff_read_routes (meter_tariff_t *self, const void *json, size_t size,
                              br_error_t *reterr);

size_t meter_tariff_size (const meter_tariff_t *self); //  count of prices

//  The price of a provider's model, else that of the route, else NULL. "owned by self,
//  until next change"
const meter_price_t *meter_tariff_find (meter_tariff_t *self, const char *provider,
                                        const char *model, const char *route);

#endif
