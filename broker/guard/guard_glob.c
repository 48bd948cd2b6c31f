//  guard_glob: one name of a list, in each of its forms.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/guard/guard_glob.h"

struct _guard_glob_t {
    char *text;                //  owned
    char *folded[GUARD_FOLDS]; //  owned
};

guard_glob_t *
guard_glob_new (const char *text)
{
    guard_glob_t *self = BR_NEW (guard_glob_t);
    self->text = br_strdup (text);
    char *trimmed = br_strdup (text);
    if (!guard_glob_has_star (self)) //  else what is behind the last one must be there
        trimmed[guard_fold_end (text)] = 0;
    for (int i = 0; i < GUARD_FOLDS; i++)
        self->folded[i] = guard_fold_new (trimmed, (guard_fold_t) i, true);
    free (trimmed);
    return self;
}

void
guard_glob_destroy (guard_glob_t **self_p)
{
    if (!self_p || !*self_p)
        return;
    guard_glob_t *self = *self_p;
    for (int i = 0; i < GUARD_FOLDS; i++)
        free (self->folded[i]);
    free (self->text);
    free (self);
    *self_p = NULL;
}

bool
guard_glob_fits (const guard_glob_t *self, const char *text)
{
    return guard_fold_fits (self->text, text, false);
}

bool
guard_glob_fits_folded (const guard_glob_t *self, guard_fold_t fold, const char *name)
{
    return guard_fold_fits (self->folded[fold], name, true);
}

bool
guard_glob_is_all (const guard_glob_t *self)
{
    return self->text[strspn (self->text, "*")] == 0;
}

bool
guard_glob_has_star (const guard_glob_t *self)
{
    return strchr (self->text, '*') != NULL;
}
