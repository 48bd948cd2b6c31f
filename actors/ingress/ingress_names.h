//  ingress_names: what stands behind a name. Filled once for a configuration, then only
//  read: one hash and one compare for each look.

#ifndef BR_INGRESS_NAMES_H
#define BR_INGRESS_NAMES_H

#include <stddef.h>

typedef struct _ingress_names_t ingress_names_t;

//  "caller destroys"; values are borrowed.
ingress_names_t *ingress_names_new (void);
void ingress_names_destroy (ingress_names_t **self_p);

//  Adds a name, which is borrowed too. -1 when it is there: then the old value stays.
int ingress_names_add (ingress_names_t *self, const char *name, void *value);

//  The value of the first size bytes of name, or NULL.
void *ingress_names_get (const ingress_names_t *self, const char *name, size_t size);

//  The i-th in the order of addition; NULL past the last. ret_value may be NULL.
const char *ingress_names_at (const ingress_names_t *self, size_t i, void **ret_value);

#endif
