//  corpus: recorded traffic of providers, which lies beside the source tree and is not part
//  of it. Tests that read it skip, and say so, where it is absent.

#ifndef BR_TEST_CORPUS_H
#define BR_TEST_CORPUS_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"

typedef void (corpus_fn) (void *arg, const char *file, const uint8_t *bytes, size_t size);

static inline const char *
corpus_top (void)
{
    static const char *const names[] = { "BR_SOURCE_DIR", "top_srcdir", "srcdir" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (getenv (names[i]))
            return getenv (names[i]);
    return ".";
}

static inline uint8_t *
corpus_read (const char *path, size_t *ret_size)
{
    FILE *file = fopen (path, "rb");
    if (!file)
        return NULL;
    size_t room = 16u << 20;
    uint8_t *bytes = br_alloc (1, room);
    *ret_size = fread (bytes, 1, room, file);
    fclose (file);
    return br_realloc (bytes, *ret_size ? *ret_size : 1);
}

//  Calls fn for each file of a folder whose name ends so, in an exact allocation.
//  Returns how many there were; none means that the corpus is not there.
static inline size_t
corpus_each (const char *folder, const char *end, corpus_fn *fn, void *arg)
{
    char *path = br_strf ("%s/../shared/corpus/%s", corpus_top (), folder);
    DIR *dir = opendir (path);
    size_t count = 0;
    for (struct dirent *entry = dir ? readdir (dir) : NULL; entry;
         entry = readdir (dir)) {
        size_t length = strlen (entry->d_name);
        if (length < strlen (end)
            || strcmp (entry->d_name + length - strlen (end), end) != 0)
            continue;
        char *name = br_strf ("%s/%s", path, entry->d_name);
        size_t size = 0;
        uint8_t *bytes = corpus_read (name, &size);
        free (name);
        if (!bytes)
            continue;
        fn (arg, entry->d_name, bytes, size);
        free (bytes);
        count++;
    }
    if (dir)
        closedir (dir);
    if (count == 0)
        printf ("SKIPPED: no recorded traffic (*%s) in %s\n", end, path);
    free (path);
    return count;
}

#endif
