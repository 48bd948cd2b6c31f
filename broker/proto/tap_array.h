//  tap_array: a push parser that takes one JSON array in any split and hands on each element
//  when it is there. It tells elements apart and no more: whether one is valid, its reader
//  will see. An element that lies whole inside one push is handed on where it is.

#ifndef BR_TAP_ARRAY_H
#define BR_TAP_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct _tap_array_t tap_array_t;

//  element: valid during the call, which must not call the parser.
typedef void (tap_array_fn) (void *arg, const uint8_t *element, size_t size);

//  in:   element_max, bytes
//  "caller destroys"
tap_array_t *tap_array_new (tap_array_fn *fn, void *arg, size_t element_max);
void tap_array_destroy (tap_array_t **self_p);

//  Takes the next bytes; the first one must be the array's bracket. Bytes behind its end are
//  not looked at.
//  ret:  0, or -1 when it is no array or an element is over the maximum; then for ever
int tap_array_push (tap_array_t *self, const void *bytes, size_t size);

bool tap_array_is_closed (const tap_array_t *self); //  its end came

#endif
