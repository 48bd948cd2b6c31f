//  pieces: which file, and which part of it, is decided by hashes of names alone, so that
//  every run over the same packages sees the same.

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "tests/guard/pieces.h"
#include "tests/guard/sample.h"

#define FILES_MAX 40000
#define FILE_MOST (1u << 20) //  bytes that are read of a file

typedef struct {
    char *package; //  owned
    char *path;    //  owned
    uint64_t hash; //  of the path
} file_t;

static int
s_by_package_and_hash (const void *a, const void *b)
{
    const file_t *left = a, *right = b;
    int order = strcmp (left->package, right->package);
    if (order)
        return order;
    return left->hash < right->hash ? -1 : left->hash > right->hash;
}

static size_t
s_read_list (const char *list, file_t *files)
{
    FILE *file = fopen (list, "r");
    if (!file)
        return 0;
    char package[256], path[2048];
    size_t count = 0;
    while (count < FILES_MAX && fscanf (file, "%255s %2047[^\n]", package, path) == 2)
        files[count++] = (file_t) { br_strdup (package), br_strdup (path),
                                    sample_hash (path) };
    fclose (file);
    qsort (files, count, sizeof *files, s_by_package_and_hash);
    return count;
}

//  Bytes of a file, unpacked when its name ends in ".gz".
static size_t
s_read (const char *path, char *text)
{
    size_t length = strlen (path);
    bool packed = length > 3 && strcmp (path + length - 3, ".gz") == 0;
    char command[2200];
    snprintf (command, sizeof command, "gzip -dc '%s' 2>/dev/null", path);
    if (packed && strchr (path, '\''))
        return 0;
    FILE *file = packed ? popen (command, "r") : fopen (path, "rb");
    if (!file)
        return 0;
    size_t size = fread (text, 1, FILE_MOST, file);
    if (packed)
        pclose (file);
    else
        fclose (file);
    return size;
}

//  The part of a text that its name's hash chooses, from a line's begin on.
static piece_t
s_choose (const file_t *file, const char *text, size_t size)
{
    size_t from = 0;
    if (size > PIECE_MAX) {
        from = (size_t) (file->hash >> 8) % (size - PIECE_MAX);
        const char *line = memchr (text + from, '\n', size - from);
        from = line && (size_t) (line - text) + PIECE_LEAST < size
                   ? (size_t) (line - text) + 1
                   : 0;
    }
    size_t most = size - from < PIECE_MAX ? size - from : PIECE_MAX;
    return (piece_t) { file->path, text + from, most, file->hash % 2 != 0 };
}

size_t
pieces_of_packages (const char *list, pieces_fn *fn, void *arg)
{
    file_t *files = br_alloc (FILES_MAX, sizeof *files);
    char *text = br_alloc (1, FILE_MOST);
    size_t count = s_read_list (list, files), told = 0, of_package = 0;
    for (size_t i = 0; i < count; i++) {
        if (i && strcmp (files[i].package, files[i - 1].package) != 0)
            of_package = 0;
        if (of_package == PACKAGE_MOST)
            continue;
        size_t size = s_read (files[i].path, text);
        if (size < PIECE_LEAST || memchr (text, '\0', size))
            continue;
        piece_t piece = s_choose (&files[i], text, size);
        fn (arg, &piece);
        of_package++;
        told++;
    }
    for (size_t i = 0; i < count; i++) {
        free (files[i].package);
        free (files[i].path);
    }
    free (text);
    free (files);
    return told;
}

//  ---- our own

static size_t
s_of_file (const char *folder, const char *name, pieces_fn *fn, void *arg)
{
    char path[4096], label[320];
    snprintf (path, sizeof path, "%s/%s", folder, name);
    char *text = br_alloc (1, FILE_MOST);
    size_t size = s_read (path, text), told = 0;
    for (size_t from = 0; from < size;) {
        const char *end = memmem (text + from, size - from, "\n%%\n", 4);
        size_t to = end ? (size_t) (end - text) + 1 : size;
        snprintf (label, sizeof label, "%s:%zu", name, ++told);
        piece_t piece = { label, text + from, to - from, sample_hash (label) % 2 != 0 };
        fn (arg, &piece);
        from = end ? to + 3 : size;
    }
    free (text);
    return told;
}

size_t
pieces_of_folder (const char *folder, pieces_fn *fn, void *arg)
{
    struct dirent **entries = NULL;
    int count = scandir (folder, &entries, NULL, alphasort);
    size_t told = 0;
    for (int i = 0; i < count; i++) {
        if (strstr (entries[i]->d_name, ".txt"))
            told += s_of_file (folder, entries[i]->d_name, fn, arg);
        free (entries[i]);
    }
    free (entries);
    return told;
}
