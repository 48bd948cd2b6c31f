//  json_iter: the items of one JSON object or array, one after the other, with their byte
//  ranges; for walking into the members that json.h found.

#ifndef BR_JSON_ITER_H
#define BR_JSON_ITER_H

#include "broker/core/json.h"

//  One member of an object or element of an array.
typedef struct _json_item_t {
    size_t key_offset; //  in the buffer, with quotes; members only
    size_t key_size;   //  bytes; 0 for elements
    json_type_t type;
    size_t offset; //  of the value in the buffer
    size_t size;   //  bytes
} json_item_t;

typedef struct _json_iter_t {
    const uint8_t *bytes; //  borrowed
    size_t end;           //  bytes in all
    size_t at;
    size_t count;  //  items so far
    bool broken;   //  an earlier step failed
    uint8_t close; //  what ends it: '}' or ']'; 0 = ended
} json_iter_t;

//  Starts over the items of the object or array that bytes hold; blanks around it are
//  skipped. Offsets of items count from bytes. err: BR_EINVALID for any other value.
int json_iter_begin (json_iter_t *self, const void *bytes, size_t size,
                     br_error_t *reterr);

//  The next item, checked in all its depth.
//  ret:  1 = there is one, 0 = the end, -1 = broken
//  err:  BR_EINVALID
int json_iter_next (json_iter_t *self, json_item_t *ret_item, br_error_t *reterr);

#endif
