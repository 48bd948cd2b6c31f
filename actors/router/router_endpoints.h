//  router_endpoints: a small number for each endpoint that this router has heard of, so that
//  what is known of endpoints stands in plain arrays. A number stays for life.

#ifndef BR_ROUTER_ENDPOINTS_H
#define BR_ROUTER_ENDPOINTS_H

#define ROUTER_ENDPOINTS_MAX 1024 //  that have a number

typedef struct _router_endpoints_t router_endpoints_t;

//  "caller destroys"
router_endpoints_t *router_endpoints_new (void);
void router_endpoints_destroy (router_endpoints_t **self_p);

//  The number of an endpoint, from 0; ROUTER_ENDPOINTS_MAX when all are taken. name is
//  "" for the provider's own.
unsigned router_endpoints_number (router_endpoints_t *self, const char *provider,
                                  const char *name);

unsigned router_endpoints_size (const router_endpoints_t *self); //  numbers given

//  Of a number that was given. "owned by self"
const char *router_endpoints_provider (const router_endpoints_t *self, unsigned number);
const char *router_endpoints_name (const router_endpoints_t *self, unsigned number);

#endif
