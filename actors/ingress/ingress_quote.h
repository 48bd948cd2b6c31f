//  ingress_quote: what a call would cost, before it is made: POST /v1/quote.

#ifndef BR_INGRESS_QUOTE_H
#define BR_INGRESS_QUOTE_H

#include "actors/ingress/ingress_identity.h"
#include "actors/ingress/ingress_offers.h"
#include "actors/ingress/ingress_routes.h"
#include "broker/core/blob.h"
#include "broker/core/json_writer.h"

#define INGRESS_QUOTE_MAX 4194304 //  bytes of a body that is looked at

//  All is borrowed.
typedef struct _ingress_quote_ask_t {
    const ingress_routes_t *routes;
    const ingress_offers_t *offers;
    const ingress_identity_t *identity; //  who asks; NULL = nobody we know
    br_buf_t *candidates;               //  scratch
    br_buf_t *allowed;                  //  scratch
} ingress_quote_ask_t;

//  Answers a body {"model": ..., "messages": [...] or "input_tokens": 1000, "max_tokens":
//  500} with JSON: what it is estimated to cost and what it may cost at the worst, at the
//  first endpoint and at each of them. Input is estimated as for limits; output is the
//  maximum. What nobody knows is null.
//  ret:  "caller destroys", or NULL
//  err:  BR_EINVALID the body makes no sense; BR_ETOOBIG; those of ingress_routes_resolve
//        and ingress_permit_filter
br_blob_t *ingress_quote_answer (const ingress_quote_ask_t *ask, const void *body,
                                 size_t size, br_error_t *reterr);

//  Writes the rates of a price as a member, USD per million tokens in exact decimals, by
//  the names of the configuration; null for those that are missing, or without a price.
void ingress_quote_write_pricing (const br_price_t *price, const char *key,
                                  json_writer_t *writer);

#endif
