//  alloc: memory that is there. Each call aborts the process when memory has run out,
//  so that no caller has to carry code for it. Free with free ().

#ifndef BR_ALLOC_H
#define BR_ALLOC_H

#include <stddef.h>

//  A zeroed block of count * size bytes. "caller frees"
void *br_alloc (size_t count, size_t size);

//  The block grown or shrunk to size bytes; new bytes are not zeroed. "caller frees"
void *br_realloc (void *block, size_t size);

//  A copy of a string, or NULL for NULL. "caller frees"
char *br_strdup (const char *text);

//  A copy of at most length bytes of text, terminated. "caller frees"
char *br_strndup (const char *text, size_t length);

//  A string made with printf's format. "caller frees"
char *br_strf (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

#define BR_NEW(type) ((type *) br_alloc (1, sizeof (type)))

#endif
