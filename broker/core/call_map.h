//  call_map: what an actor keeps of each call, by call id. It grows up to a named count and
//  owns nothing but its own memory.

#ifndef BR_CALL_MAP_H
#define BR_CALL_MAP_H

#include "broker/core/msg.h"

typedef struct _br_call_map_t br_call_map_t;

//  Room for at most max values. "caller destroys"; values are not touched.
br_call_map_t *br_call_map_new (size_t max);
void br_call_map_destroy (br_call_map_t **self_p);

//  Keeps value, not NULL, under an id that is not in the map. 0, or -1 when it is full.
int br_call_map_put (br_call_map_t *self, br_id_t id, void *value);

//  The value, or NULL.
void *br_call_map_get (const br_call_map_t *self, br_id_t id);

//  Forgets an id. Returns its value, or NULL.
void *br_call_map_take (br_call_map_t *self, br_id_t id);

size_t br_call_map_size (const br_call_map_t *self); //  count

//  All values, in no order, for walks that may change the map. "caller frees"
void **br_call_map_values (const br_call_map_t *self, size_t *ret_count);

#endif
