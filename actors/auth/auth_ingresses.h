//  auth_ingresses: every ingress that there is, told once for each change that what it was
//  told of credentials counts no more; one that appears later is told then.

#ifndef BR_AUTH_INGRESSES_H
#define BR_AUTH_INGRESSES_H

#include "broker/core/actor.h"

#define AUTH_INGRESSES_MAX 4096
#define AUTH_LOOK_MS 1000     //  between two looks for new ones
#define AUTH_LOOK_SOON_MS 100 //  at first, and while one could not be told

typedef struct _auth_ingresses_t auth_ingresses_t;

//  ctx is borrowed. "caller destroys"
auth_ingresses_t *auth_ingresses_new (br_ctx_t *ctx);
void auth_ingresses_destroy (auth_ingresses_t **self_p);

//  Tells all of them, and from now on each new one.
void auth_ingresses_tell (auth_ingresses_t *self);

//  One has spoken: it is told unless it was.
void auth_ingresses_know (auth_ingresses_t *self, br_addr_t ingress);

void auth_ingresses_gone (auth_ingresses_t *self, uint32_t host, uint32_t life);
size_t auth_ingresses_size (const auth_ingresses_t *self); //  that were told, count

#endif
