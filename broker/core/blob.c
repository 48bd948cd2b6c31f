//  blob: shared bytes with an atomic count of references.

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/blob.h"

struct _br_blob_t {
    atomic_uint refs;
    const uint8_t *data;      //  own, inline, foreign or inside the parent
    size_t size;              //  bytes
    br_blob_free_fn *free_fn; //  gives data back; NULL when data is inline
    void *hint;               //  for free_fn
    uint8_t bytes[];          //  inline content
};

static br_blob_t *
s_new (size_t inline_bytes)
{
    br_blob_t *self = br_realloc (NULL, sizeof (br_blob_t) + inline_bytes);
    memset (self, 0, sizeof *self);
    atomic_init (&self->refs, 1);
    return self;
}

br_blob_t *
br_blob_new (const void *bytes, size_t size)
{
    br_blob_t *self = s_new (size);
    if (size)
        memcpy (self->bytes, bytes, size);
    self->data = self->bytes;
    self->size = size;
    return self;
}

static void
s_free (void *data, void *hint)
{
    (void) hint;
    free (data);
}

br_blob_t *
br_blob_take (uint8_t *data, size_t size)
{
    return br_blob_wrap (data, size, s_free, NULL);
}

br_blob_t *
br_blob_wrap (void *data, size_t size, br_blob_free_fn *free_fn, void *hint)
{
    br_blob_t *self = s_new (0);
    self->data = data;
    self->size = size;
    self->free_fn = free_fn;
    self->hint = hint;
    return self;
}

static void
s_free_part (void *data, void *hint)
{
    (void) data;
    br_blob_t *whole = hint;
    br_blob_destroy (&whole);
}

br_blob_t *
br_blob_part (br_blob_t *whole, size_t offset, size_t size)
{
    assert (offset <= whole->size && size <= whole->size - offset);
    br_blob_t *self = s_new (0);
    self->data = whole->data + offset;
    self->size = size;
    self->free_fn = s_free_part;
    self->hint = br_blob_ref (whole);
    return self;
}

br_blob_t *
br_blob_ref (br_blob_t *self)
{
    if (self)
        atomic_fetch_add_explicit (&self->refs, 1, memory_order_relaxed);
    return self;
}

void
br_blob_destroy (br_blob_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_blob_t *self = *self_p;
    *self_p = NULL;
    if (atomic_fetch_sub_explicit (&self->refs, 1, memory_order_acq_rel) > 1)
        return;
    if (self->free_fn)
        self->free_fn ((void *) (uintptr_t) self->data, self->hint);
    free (self);
}

const uint8_t *
br_blob_data (const br_blob_t *self)
{
    return self ? self->data : NULL;
}

size_t
br_blob_size (const br_blob_t *self)
{
    return self ? self->size : 0;
}
