//  conf_dialect: bitrouter.yaml has been written in more than one way over time; this
//  turns the older and shorter spellings of a section into the one that the schema has.

#ifndef BR_CONF_DIALECT_H
#define BR_CONF_DIALECT_H

#include "broker/core/conf_node.h"
#include "broker/core/conf_schema.h"

//  Rewrites a map that is about to be checked against fields: other names of a key, prices
//  in micro-USD per token, protocols as one word or by glob. What makes no sense is left
//  for the check to find.
void br_conf_dialect_apply (br_conf_node_t *map, const cyaml_schema_field_t *fields);

//  Turns a list of {id: ...}, of {name: ...}, of {key: {...}} or of plain names into a map
//  by that key; anything else is left as it is. Items without a key stay out, and the
//  first of two with the same key wins; how many did not make it is returned.
size_t br_conf_dialect_key_list (br_conf_node_t *list);

//  Another name of a key in a map that has these fields, and the key, by index from 0.
//  Returns false behind the last. "owned by the table"
bool br_conf_dialect_name (const cyaml_schema_field_t *fields, size_t index,
                           const char **ret_from, const char **ret_to);

//  The flat names of prices, by index from 0; NULL behind the last, and in a map that has
//  no prices. "owned by the table"
const char *br_conf_dialect_price (const cyaml_schema_field_t *fields, size_t index);

#endif
