//  conf_yaml: YAML text to a tree of nodes, with bounds on everything that grows. It knows
//  no key and no meaning; that is conf_check's.

#ifndef BR_CONF_YAML_H
#define BR_CONF_YAML_H

#include "broker/core/conf_node.h"
#include "broker/core/error.h"

#define BR_CONF_TEXT_MAX (1024 * 1024) //  bytes of a configuration file
#define BR_CONF_NODES_MAX 100000       //  nodes of a file, with what aliases repeat

//  Parses one document. A text without one (empty, or comments only) is an empty map.
//  Anchors, aliases and merge keys ("<<") are resolved by copying.
//  in:   file, the name for messages, borrowed as long as the tree lives
//  err:  BR_ECONFIG, with file, line and column: bad syntax, a duplicate key, more than
//        one document, a top level that is no map, or more than the bounds allow
//  "caller destroys"
br_conf_node_t *br_conf_yaml_parse (const char *file, const void *text, size_t size,
                                    br_error_t *reterr);

#endif
