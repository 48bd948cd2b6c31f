//  ingress_offers: what the endpoints of one configuration ask for, and how much they can
//  take: prices of the tariff, windows and maxima of the catalogues. Nothing of it
//  changes once it is made.

#ifndef BR_INGRESS_OFFERS_H
#define BR_INGRESS_OFFERS_H

#include <stdint.h>

#include "broker/core/error.h"
#include "broker/proto/price.h"

typedef struct _ingress_offers_t ingress_offers_t;

typedef struct _ingress_offer_t {
    const br_price_t *price; //  NULL = nobody knows it; borrowed
    uint64_t context;        //  tokens of input at the most; 0 = unknown
    uint64_t max_output;     //  tokens of output at the most; 0 = unknown
} ingress_offer_t;

//  Reads the slice (JSON): its tariff, providers and models. "caller destroys".
//  err:  BR_ECONFIG with what is wrong
ingress_offers_t *ingress_offers_new (const char *slice, br_error_t *reterr);
void ingress_offers_destroy (ingress_offers_t **self_p);

//  What a provider offers; what its catalogue leaves open is that of the route.
//  in:   model, the provider's name of it, or that of the catalogue; route, the name that
//        the client asked for
ingress_offer_t ingress_offers_find (const ingress_offers_t *self, const char *provider,
                                     const char *model, const char *route);

//  Nano-USD of a call, by the provider and model that answered: the same as the meter's.
//  ret:  BR_PRICE_UNKNOWN when nobody can tell
int64_t ingress_offers_cost (const ingress_offers_t *self, const char *provider,
                             const char *model, const char *route,
                             const br_usage_t *usage);

#endif
