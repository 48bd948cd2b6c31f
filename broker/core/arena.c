//  arena: blocks that double in size, given back together.

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/arena.h"

#define FIRST_BYTES 4096
#define LARGEST_BYTES (1u << 20) //  of a block that is taken in advance

typedef struct _chunk_t {
    struct _chunk_t *next;
    size_t room; //  bytes behind this head
    size_t used;
    max_align_t bytes[];
} chunk_t;

struct _br_arena_t {
    chunk_t *chunks; //  the one in use first
    size_t bytes;
};

br_arena_t *
br_arena_new (void)
{
    return BR_NEW (br_arena_t);
}

void
br_arena_destroy (br_arena_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    while ((*self_p)->chunks) {
        chunk_t *chunk = (*self_p)->chunks;
        (*self_p)->chunks = chunk->next;
        free (chunk);
    }
    free (*self_p);
    *self_p = NULL;
}

static chunk_t *
s_grow (br_arena_t *self, size_t size)
{
    size_t room = self->chunks ? self->chunks->room * 2 : FIRST_BYTES;
    if (room > LARGEST_BYTES)
        room = LARGEST_BYTES;
    if (room < size)
        room = size;
    chunk_t *chunk = br_alloc (1, sizeof (chunk_t) + room);
    chunk->room = room;
    chunk->next = self->chunks;
    self->chunks = chunk;
    self->bytes += sizeof (chunk_t) + room;
    return chunk;
}

static void *
s_take (br_arena_t *self, size_t size, size_t align)
{
    chunk_t *chunk = self->chunks;
    size_t at = chunk ? (chunk->used + align - 1) / align * align : 0;
    if (!chunk || at > chunk->room || chunk->room - at < size) {
        chunk = s_grow (self, size);
        at = 0;
    }
    chunk->used = at + size;
    return (uint8_t *) chunk->bytes + at;
}

//  Chunks are zeroed when they are made, and no byte is given out twice.
void *
br_arena_take (br_arena_t *self, size_t size)
{
    return s_take (self, size, _Alignof(max_align_t));
}

br_text_t
br_arena_text (br_arena_t *self, br_text_t text)
{
    if (!text.at)
        return text;
    char *copy = s_take (self, text.size + 1, 1);
    if (text.size)
        memcpy (copy, text.at, text.size);
    return (br_text_t) { copy, text.size };
}

br_text_t
br_arena_textf (br_arena_t *self, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    int size = vsnprintf (NULL, 0, format, args);
    va_end (args);
    char *copy = s_take (self, (size_t) size + 1, 1);
    va_start (args, format);
    vsnprintf (copy, (size_t) size + 1, format, args);
    va_end (args);
    return (br_text_t) { copy, (size_t) size };
}

size_t
br_arena_bytes (const br_arena_t *self)
{
    return self->bytes;
}
