//  families: conf/guard/*.yaml as the tests see it: each pattern with its examples, and a
//  slice in which every family and both directions warn.

#ifndef TEST_FAMILIES_H
#define TEST_FAMILIES_H

#include <stddef.h>

#include "broker/core/conf_node.h"

typedef struct _families_t families_t;

//  Reads the files of SOURCE_DIR/conf/guard; ends the program when one cannot be read.
//  "caller destroys"
families_t *families_new (const char *source_dir);
void families_destroy (families_t **self_p);

//  The slice of guard_rules.h. "owned by self"
const char *families_slice (const families_t *self);

//  The same with another action for all. "caller frees"
char *families_slice_all (const families_t *self, const char *action);

//  A slice of one pattern alone, for which both directions have the action. "caller frees"
char *families_slice_of (const br_conf_node_t *pattern, const char *action);

//  Families in the order of the files' names; nodes are "owned by self".
size_t families_count (const families_t *self);
const br_conf_node_t *families_at (const families_t *self, size_t index);

//  The list of patterns of a family, and of examples of a pattern; an empty list is NULL.
const br_conf_node_t *families_patterns (const br_conf_node_t *family);

#endif
