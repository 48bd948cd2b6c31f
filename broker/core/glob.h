//  glob: patterns of names, in which `*` alone is special: it stands for anything, nothing
//  too.

#ifndef BR_GLOB_H
#define BR_GLOB_H

#include <stdbool.h>

bool br_glob_fits (const char *glob, const char *text);

//  Whether a list permits a text. A list that is NULL or empty permits all.
//  in:   globs, NULL ends
bool br_globs_permit (char *const *globs, const char *text);

//  Whether a list of models permits a call: one of its globs must fit the model as it was
//  asked for, PROVIDER:MODEL or PROVIDER/MODEL of where it would go.
//  in:   requested, provider and model may be NULL: not known
bool br_globs_permit_model (char *const *globs, const char *requested,
                            const char *provider, const char *model);

#endif
