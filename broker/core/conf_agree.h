//  conf_agree: numbers that make sense alone, and not together.

#ifndef BR_CONF_AGREE_H
#define BR_CONF_AGREE_H

#include "broker/core/conf_node.h"
#include "broker/core/error.h"

//  Holds those of a checked tree against each other; what is left out is its default.
//  err:  BR_ECONFIG, at the place of one that the file gives
int br_conf_agree (const br_conf_node_t *tree, br_error_t *reterr);

#endif
