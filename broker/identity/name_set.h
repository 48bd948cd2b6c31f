//  name_set: names in order, each once, as a folder has them.

#ifndef BR_NAME_SET_H
#define BR_NAME_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/core/error.h"

#define BR_NAME_SET_MAX 1000000 //  names

typedef struct _br_name_set_t br_name_set_t;

br_name_set_t *br_name_set_new (void);
void br_name_set_destroy (br_name_set_t **self_p);

//  Adds a copy of a name. 0, or -1 when the set is full; then nothing is added.
int br_name_set_add (br_name_set_t *self, const char *name);

//  Adds the names of what is in a folder, but those that begin with a dot; of those that end
//  with `ending` what is before it, and no others. A folder that is not there is empty.
//  in:   ending, or ""
//  err:  BR_ESYSTEM; BR_ETOOBIG when the set is full. Then some may have been added.
int br_name_set_read (br_name_set_t *self, const char *folder, const char *ending,
                      br_error_t *reterr);

bool br_name_set_has (br_name_set_t *self, const char *name);

size_t br_name_set_count (br_name_set_t *self);

//  The one that somebody means: its place in the order, from 0, its whole name, or the
//  beginning of its name alone.
//  in:   noun, what it is, for the reason: "account"
//  "owned by self, until next change"
//  err:  BR_ENOTFOUND
const char *br_name_set_find (br_name_set_t *self, const char *id, const char *noun,
                              br_error_t *reterr);

//  In the order of their bytes, or NULL. "owned by self, until next change"
const char *br_name_set_at (br_name_set_t *self, size_t index);

#endif
