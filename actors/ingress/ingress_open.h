//  ingress_open: the open calls by their id, and the ids of some that were answered of
//  late, for questions that come after the end.

#ifndef BR_INGRESS_OPEN_H
#define BR_INGRESS_OPEN_H

#include "broker/core/msg.h"

#define INGRESS_ENDED 1024 //  ids of answered calls that are remembered

typedef struct _ingress_open_t ingress_open_t;

//  Room for at most max calls. "caller destroys"; values are borrowed.
ingress_open_t *ingress_open_new (size_t max);
void ingress_open_destroy (ingress_open_t **self_p);

//  The id must not be there, nor be one too many. value: not NULL.
void ingress_open_add (ingress_open_t *self, br_id_t id, void *value);
void *ingress_open_get (const ingress_open_t *self, br_id_t id); //  or NULL

//  Forgets a call; answered: remembers that it was answered. Unknown ids are ignored.
void ingress_open_remove (ingress_open_t *self, br_id_t id, bool answered);
bool ingress_open_was_answered (const ingress_open_t *self, br_id_t id);

#endif
