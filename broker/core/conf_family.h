//  conf_family: the families of patterns that guardrails look for by themselves. They are
//  data: the embedded YAML files of conf/guard.

#ifndef BR_CONF_FAMILY_H
#define BR_CONF_FAMILY_H

#include <stdbool.h>

#include "broker/core/conf_node.h"
#include "broker/core/conf_schema.h"
#include "broker/core/error.h"

typedef struct _br_conf_families_t br_conf_families_t;

//  Parses and checks all of the files. "caller destroys"
//  err:  BR_ECONFIG, when an embedded file is broken, which a test would have found
br_conf_families_t *br_conf_families_new (br_error_t *reterr);
void br_conf_families_destroy (br_conf_families_t **self_p);

//  A family by index, from 0, or by its id; NULL when there is none. Its key is the id, its
//  members are those of its file. "owned by self"
const br_conf_node_t *br_conf_families_at (const br_conf_families_t *self, size_t index);
const br_conf_node_t *br_conf_families_get (const br_conf_families_t *self,
                                            const char *id);

//  The patterns of all families, count.
size_t br_conf_families_patterns (const br_conf_families_t *self);

//  The ways in which a family looks when nobody says otherwise, as bits.
br_conf_direction_t br_conf_family_direction (const br_conf_node_t *family);

//  The same for the word of a direction.
br_conf_direction_t br_conf_direction_of (const char *word);

#endif
