//  auth_metered: ids of the calls that were metered last, so that what is told late of such a
//  call is known to be late.

#ifndef BR_AUTH_METERED_H
#define BR_AUTH_METERED_H

#include "broker/core/msg.h"

#define AUTH_METERED_MAX 16384 //  ids that are remembered

typedef struct _auth_metered_t auth_metered_t;

auth_metered_t *auth_metered_new (void); //  "caller destroys"
void auth_metered_destroy (auth_metered_t **self_p);

void auth_metered_add (auth_metered_t *self, br_id_t id);
bool auth_metered_has (const auth_metered_t *self, br_id_t id);

#endif
