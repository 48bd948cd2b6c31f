//  guard_glob: a name of tools in a list of rules, in which '*' is any bytes; as it is
//  written, and folded.

#ifndef BR_GUARD_GLOB_H
#define BR_GUARD_GLOB_H

#include "broker/guard/guard_fold.h"

typedef struct _guard_glob_t guard_glob_t;

guard_glob_t *guard_glob_new (const char *text); //  "caller destroys"
void guard_glob_destroy (guard_glob_t **self_p);

//  Byte by byte.
bool guard_glob_fits (const guard_glob_t *self, const char *text);

//  in:   name, folded in this way
bool guard_glob_fits_folded (const guard_glob_t *self, guard_fold_t fold,
                             const char *name);

//  Whether it is of stars alone, and names nothing.
bool guard_glob_is_all (const guard_glob_t *self);

bool guard_glob_has_star (const guard_glob_t *self);

#endif
