//  ingress_held: one block of memory.

#include <stdlib.h>
#include <string.h>

#include "actors/ingress/ingress_held.h"
#include "broker/core/alloc.h"

static const char *
s_copy_text (char **at, const char *text)
{
    size_t size = strlen (text) + 1;
    char *copy = memcpy (*at, text, size);
    *at += size;
    return copy;
}

static br_bytes_t
s_copy_bytes (char **at, br_bytes_t bytes)
{
    br_bytes_t copy = { (const uint8_t *) *at, bytes.size };
    if (bytes.size)
        memcpy (*at, bytes.data, bytes.size);
    *at += bytes.size;
    return copy;
}

ingress_held_t *
ingress_held_new (const ingress_head_t *head, br_bytes_t notes, br_blob_t *body)
{
    ingress_held_t *self = BR_NEW (ingress_held_t);
    size_t size = strlen (head->content_type) + strlen (head->provider)
                  + strlen (head->model) + 3 + head->headers.size + notes.size;
    char *at = self->block = br_realloc (NULL, size);
    self->head = *head;
    self->head.content_type = s_copy_text (&at, head->content_type);
    self->head.provider = s_copy_text (&at, head->provider);
    self->head.model = s_copy_text (&at, head->model);
    self->head.headers = s_copy_bytes (&at, head->headers);
    self->notes = s_copy_bytes (&at, notes);
    self->body = br_blob_ref (body);
    return self;
}

void
ingress_held_destroy (ingress_held_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_blob_destroy (&(*self_p)->body);
    free ((*self_p)->block);
    free (*self_p);
    *self_p = NULL;
}
