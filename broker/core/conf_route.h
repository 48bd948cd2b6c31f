//  conf_route: a look over the model routes once everything is settled.

#ifndef BR_CONF_ROUTE_H
#define BR_CONF_ROUTE_H

#include "broker/core/conf_state.h"

//  Warns of endpoints that name an unknown provider or have an empty key, and of routes
//  that are left with none.
//  err:  BR_ECONFIG, when a route and a provider's accounts would share a name
int br_conf_route_review (br_conf_t *self, br_error_t *reterr);

#endif
