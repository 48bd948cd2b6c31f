//  name_set: an array that is sorted when somebody asks.

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/identity/name_set.h"

#define FIRST_ROOM 16

struct _br_name_set_t {
    char **names;
    size_t count;
    size_t room;
    bool sorted;
};

br_name_set_t *
br_name_set_new (void)
{
    br_name_set_t *self = BR_NEW (br_name_set_t);
    self->sorted = true;
    return self;
}

void
br_name_set_destroy (br_name_set_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    br_name_set_t *self = *self_p;
    for (size_t i = 0; i < self->count; i++)
        free (self->names[i]);
    free (self->names);
    free (self);
    *self_p = NULL;
}

static int
s_compare (const void *a, const void *b)
{
    return strcmp (*(char *const *) a, *(char *const *) b);
}

static void
s_sort (br_name_set_t *self)
{
    if (self->sorted)
        return;
    self->sorted = true;
    qsort (self->names, self->count, sizeof *self->names, s_compare);
    size_t kept = 0;
    for (size_t i = 0; i < self->count; i++) {
        if (kept && strcmp (self->names[kept - 1], self->names[i]) == 0)
            free (self->names[i]);
        else
            self->names[kept++] = self->names[i];
    }
    self->count = kept;
}

int
br_name_set_add (br_name_set_t *self, const char *name)
{
    if (self->count == BR_NAME_SET_MAX)
        return -1;
    if (self->count == self->room) {
        self->room = self->room ? 2 * self->room : FIRST_ROOM;
        self->names = br_realloc (self->names, self->room * sizeof *self->names);
    }
    self->names[self->count++] = br_strdup (name);
    self->sorted = self->count == 1;
    return 0;
}

//  Adds the name of an entry, unless it is not meant.
static int
s_add_entry (br_name_set_t *self, const char *entry, const char *ending)
{
    size_t size = strlen (entry);
    size_t tail = strlen (ending);
    if (*entry == '.' || size <= tail || strcmp (entry + size - tail, ending) != 0)
        return 0;
    char *name = br_strndup (entry, size - tail);
    int rc = br_name_set_add (self, name);
    free (name);
    return rc;
}

int
br_name_set_read (br_name_set_t *self, const char *folder, const char *ending,
                  br_error_t *reterr)
{
    DIR *entries = opendir (folder);
    if (!entries && errno == ENOENT)
        return 0;
    if (!entries)
        return br_error_set (reterr, BR_ESYSTEM, "%s: cannot be read: %s", folder,
                             strerror (errno));
    int rc = 0;
    int code = 0;
    while (rc == 0) {
        errno = 0;
        const struct dirent *entry = readdir (entries);
        code = errno;
        if (!entry)
            break;
        rc = s_add_entry (self, entry->d_name, ending);
    }
    closedir (entries);
    if (rc)
        return br_error_set (reterr, BR_ETOOBIG, "%s: more than %d files", folder,
                             BR_NAME_SET_MAX);
    if (code)
        return br_error_set (reterr, BR_ESYSTEM, "%s: cannot be read: %s", folder,
                             strerror (code));
    return 0;
}

bool
br_name_set_has (br_name_set_t *self, const char *name)
{
    s_sort (self);
    return self->count > 0
           && bsearch (&name, self->names, self->count, sizeof *self->names, s_compare);
}

size_t
br_name_set_count (br_name_set_t *self)
{
    s_sort (self);
    return self->count;
}

static const char *
s_find_index (br_name_set_t *self, const char *id, br_error_t *reterr)
{
    errno = 0;
    unsigned long index = strtoul (id, NULL, 10);
    if (errno == 0 && index < self->count)
        return self->names[index];
    br_error_set (reterr, BR_ENOTFOUND, "Index %.20s out of range (0..%zu)", id,
                  self->count);
    return NULL;
}

const char *
br_name_set_find (br_name_set_t *self, const char *id, const char *noun,
                  br_error_t *reterr)
{
    s_sort (self);
    if (*id && strspn (id, "0123456789") == strlen (id))
        return s_find_index (self, id, reterr);
    if (br_name_set_has (self, id))
        return *(char **) bsearch (&id, self->names, self->count, sizeof *self->names,
                                   s_compare);
    const char *found = NULL;
    size_t count = 0;
    for (size_t i = 0; *id && i < self->count; i++)
        if (strncmp (self->names[i], id, strlen (id)) == 0) {
            found = self->names[i];
            count++;
        }
    if (count == 1)
        return found;
    if (count)
        br_error_set (
            reterr, BR_ENOTFOUND,
            "Ambiguous prefix \"%.80s\" — matches %zu %ss. Use a longer prefix.", id,
            count, noun);
    else
        br_error_set (reterr, BR_ENOTFOUND, "No %s matching prefix \"%.80s\"", noun, id);
    return NULL;
}

const char *
br_name_set_at (br_name_set_t *self, size_t index)
{
    s_sort (self);
    return index < self->count ? self->names[index] : NULL;
}
