//  arena: memory that is given back all at once. What is taken stays where it is. One thread.

#ifndef BR_ARENA_H
#define BR_ARENA_H

#include <stddef.h>

#include "broker/core/text.h"

typedef struct _br_arena_t br_arena_t;

//  "caller destroys"
br_arena_t *br_arena_new (void);
void br_arena_destroy (br_arena_t **self_p);

//  Zeroed and aligned for any type. Never NULL: out of memory aborts, as in alloc.h.
void *br_arena_take (br_arena_t *self, size_t size);

//  A copy, with a zero byte behind it that does not count. Absent stays absent.
br_text_t br_arena_text (br_arena_t *self, br_text_t text);
br_text_t br_arena_textf (br_arena_t *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

size_t br_arena_bytes (const br_arena_t *self); //  taken from the system

//  One zeroed thing of a type.
#define BR_ARENA_NEW(arena, type) ((type *) br_arena_take ((arena), sizeof (type)))

#endif
