//  strict_json: JSON where what is said twice is not said at all: of doubles, two readers
//  could each believe another one.

#ifndef BR_STRICT_JSON_H
#define BR_STRICT_JSON_H

#include "broker/core/json_tree.h"

#define BR_STRICT_MEMBERS_MAX 64 //  of one object

//  Reads a text that is an object.
//  ret:  its root, as json_tree_parse
//  err:  BR_EINVALID
const json_node_t *br_strict_parse (json_tree_t *tree, const void *bytes, size_t size,
                                    br_error_t *reterr);

//  Whether a node is an object of at most BR_STRICT_MEMBERS_MAX members, each of another
//  name, however it is spelled.
bool br_strict_is_object (const json_tree_t *tree, const json_node_t *node);

//  A number from 0 on. 0, or -1 when it is none.
int br_strict_count (const json_tree_t *tree, const json_node_t *node,
                     uint64_t *ret_number);

//  A text of 1 to max bytes without control characters. "caller frees", or NULL.
char *br_strict_text (const json_tree_t *tree, const json_node_t *node, size_t max);

#endif
