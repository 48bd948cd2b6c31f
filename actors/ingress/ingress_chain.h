//  ingress_chain: how a name resolves, for people who ask why a call goes where it goes.

#ifndef BR_INGRESS_CHAIN_H
#define BR_INGRESS_CHAIN_H

#include "actors/ingress/ingress_routes.h"

//  Appends a JSON object: model, and how, strategy and chain (each with provider,
//  service_id, endpoint, weight, context, price_nusd), or error.
//  in:   routes, NULL before there is a configuration; args, JSON object with "model"
void ingress_chain_print (const ingress_routes_t *routes, const char *args,
                          br_buf_t *buf);

#endif
