//  alloc: memory that is there, or an end of the process.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"

static void *
s_must (void *block)
{
    if (!block) {
        fputs ("bitrouter: out of memory\n", stderr);
        abort ();
    }
    return block;
}

void *
br_alloc (size_t count, size_t size)
{
    return s_must (calloc (count ? count : 1, size ? size : 1));
}

void *
br_realloc (void *block, size_t size)
{
    return s_must (realloc (block, size ? size : 1));
}

char *
br_strdup (const char *text)
{
    return text ? s_must (strdup (text)) : NULL;
}

char *
br_strndup (const char *text, size_t length)
{
    return s_must (strndup (text, length));
}

char *
br_strf (const char *format, ...)
{
    va_list args;
    char *text = NULL;
    va_start (args, format);
    int length = vasprintf (&text, format, args);
    va_end (args);
    return s_must (length < 0 ? NULL : text);
}
