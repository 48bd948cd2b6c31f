//  http_body: the body of one request, in pieces.
//
//  Small bodies are joined: sending them together with the head in one call costs less
//  than the copy. Large ones stay where they are.

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/net/http_body.h"

static const char *
s_bytes (const http_piece_t *piece)
{
    return piece->blob ? (const char *) br_blob_data (piece->blob) + piece->offset
                       : piece->text;
}

static char *
s_copy (char *to, const char *from, size_t size)
{
    if (size)
        memcpy (to, from, size);
    return to + size;
}

static void
s_join (http_body_t *self, const http_piece_t *pieces, size_t pieces_size)
{
    self->copy = br_realloc (NULL, (size_t) self->size);
    char *end = self->copy;
    for (size_t i = 0; i < pieces_size; i++)
        end = s_copy (end, s_bytes (&pieces[i]), pieces[i].size);
    self->pieces[0] = (http_piece_t) { .text = self->copy, .size = (size_t) self->size };
    self->pieces_size = 1;
}

//  Blobs by reference, the texts copied into one block.
static void
s_hold (http_body_t *self, const http_piece_t *pieces, size_t pieces_size)
{
    size_t texts_size = 0;
    for (size_t i = 0; i < pieces_size; i++)
        texts_size += pieces[i].blob ? 0 : pieces[i].size;
    if (texts_size)
        self->copy = br_realloc (NULL, texts_size);
    char *end = self->copy;
    for (size_t i = 0; i < pieces_size; i++) {
        self->pieces[i] = pieces[i];
        br_blob_ref (pieces[i].blob);
        if (pieces[i].blob || !pieces[i].size)
            continue;
        self->pieces[i].text = end;
        end = s_copy (end, pieces[i].text, pieces[i].size);
    }
    self->pieces_size = pieces_size;
}

void
http_body_set (http_body_t *self, const http_piece_t *pieces, size_t pieces_size)
{
    assert (pieces_size <= HTTP_PIECES_MAX);
    http_body_clear (self);
    for (size_t i = 0; i < pieces_size; i++) {
        assert (!pieces[i].blob
                || pieces[i].offset + pieces[i].size <= br_blob_size (pieces[i].blob));
        self->size += pieces[i].size;
    }
    if (!self->size)
        return;
    if (pieces_size > 1 && self->size <= HTTP_BODY_JOIN_MAX)
        s_join (self, pieces, pieces_size);
    else
        s_hold (self, pieces, pieces_size);
    if (self->pieces_size == 1)
        self->flat = s_bytes (&self->pieces[0]);
}

void
http_body_clear (http_body_t *self)
{
    for (size_t i = 0; i < self->pieces_size; i++)
        br_blob_destroy (&self->pieces[i].blob);
    free (self->copy);
    *self = (http_body_t) { .size = 0 };
}

size_t
http_body_read (http_body_t *self, char *to, size_t room)
{
    size_t done = 0;
    while (done < room && self->at_piece < self->pieces_size) {
        const http_piece_t *piece = &self->pieces[self->at_piece];
        size_t part = piece->size - self->at;
        if (part > room - done)
            part = room - done;
        s_copy (to + done, s_bytes (piece) + self->at, part);
        done += part;
        self->at += part;
        if (self->at == piece->size) {
            self->at_piece++;
            self->at = 0;
        }
    }
    return done;
}

int
http_body_seek (http_body_t *self, uint64_t offset)
{
    if (offset > self->size)
        return -1;
    self->at_piece = 0;
    while (self->at_piece < self->pieces_size
           && offset >= self->pieces[self->at_piece].size)
        offset -= self->pieces[self->at_piece++].size;
    self->at = (size_t) offset;
    return 0;
}
