//  blob: a body of bytes that does not change, shared by reference inside a process and
//  across its threads. The last one to let go frees it.

#ifndef BR_BLOB_H
#define BR_BLOB_H

#include <stddef.h>
#include <stdint.h>

typedef struct _br_blob_t br_blob_t;
typedef void (br_blob_free_fn) (void *data, void *hint);

//  A copy of size bytes.
br_blob_t *br_blob_new (const void *bytes, size_t size);

//  Takes malloc'ed data over.
br_blob_t *br_blob_take (uint8_t *data, size_t size);

//  Wraps bytes that somebody else holds; free_fn (data, hint) runs when the last
//  reference goes, in whichever thread that happens.
br_blob_t *br_blob_wrap (void *data, size_t size, br_blob_free_fn *free_fn, void *hint);

//  A part of another blob, without a copy; holds a reference on it.
//  offset + size <= br_blob_size (whole).
br_blob_t *br_blob_part (br_blob_t *whole, size_t offset, size_t size);

//  One more reference. Returns self; NULL gives NULL.
br_blob_t *br_blob_ref (br_blob_t *self);

//  Lets one reference go.
void br_blob_destroy (br_blob_t **self_p);

const uint8_t *br_blob_data (const br_blob_t *self); //  NULL for NULL
size_t br_blob_size (const br_blob_t *self);         //  bytes; 0 for NULL

#endif
