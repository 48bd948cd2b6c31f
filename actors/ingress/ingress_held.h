//  ingress_held: a single answer that is complete and does not leave yet: copies of what
//  was to be said, which was borrowed.

#ifndef BR_INGRESS_HELD_H
#define BR_INGRESS_HELD_H

#include "actors/ingress/ingress_answer.h"
#include "broker/core/buf.h"

//  Read only.
typedef struct _ingress_held_t {
    ingress_head_t head;
    br_blob_t *body; //  own reference, or NULL
    br_bytes_t notes;
    char *block; //  one block for texts and pairs
} ingress_held_t;

//  notes: pairs, headers of our own. Takes a reference on body. "caller destroys"
ingress_held_t *ingress_held_new (const ingress_head_t *head, br_bytes_t notes,
                                  br_blob_t *body);
void ingress_held_destroy (ingress_held_t **self_p);

#endif
