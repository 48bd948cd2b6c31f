//  glob: one pass over the text; at a misfit the last star takes one more letter.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/core/glob.h"

bool
br_glob_fits (const char *glob, const char *text)
{
    const char *star = NULL; //  behind the last star
    const char *from = NULL; //  what that star does not cover yet
    while (*text) {
        if (*glob == '*') {
            star = ++glob;
            from = text;
        } else if (*glob == *text) {
            glob++;
            text++;
        } else if (star) {
            glob = star;
            text = ++from;
        } else
            return false;
    }
    while (*glob == '*')
        glob++;
    return !*glob;
}

bool
br_globs_permit (char *const *globs, const char *text)
{
    if (!globs || !*globs)
        return true;
    for (; *globs; globs++)
        if (br_glob_fits (*globs, text))
            return true;
    return false;
}

bool
br_globs_permit_model (char *const *globs, const char *requested, const char *provider,
                       const char *model)
{
    if (!globs || !*globs)
        return true;
    if (requested && br_globs_permit (globs, requested))
        return true;
    if (!provider || !model)
        return false;
    char *name = br_strf ("%s:%s", provider, model);
    bool permitted = br_globs_permit (globs, name);
    free (name);
    name = br_strf ("%s/%s", provider, model);
    permitted = permitted || br_globs_permit (globs, name);
    free (name);
    return permitted;
}
