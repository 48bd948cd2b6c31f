//  router_health: how often each endpoint answered and failed. It only counts; what the
//  counts mean is for others to say.

#ifndef BR_ROUTER_HEALTH_H
#define BR_ROUTER_HEALTH_H

#include <stdbool.h>

#define ROUTER_ENDPOINTS_MAX 1024 //  that are counted; others are left out

typedef struct _router_health_t router_health_t;

//  "caller destroys"
router_health_t *router_health_new (void);
void router_health_destroy (router_health_t **self_p);

//  An attempt ended. endpoint is "" for the provider's own.
void router_health_note (router_health_t *self, const char *provider,
                         const char *endpoint, bool ok);

//  [{"provider":"a","endpoint":"","ok":1,"fail":0}]. "caller frees"
char *router_health_json (const router_health_t *self);

#endif
