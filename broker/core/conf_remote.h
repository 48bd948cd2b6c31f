//  conf_remote: server.remote, where programs of other machines reach the admin door and the
//  events, see remote.h.

#ifndef BR_CONF_REMOTE_H
#define BR_CONF_REMOTE_H

#include "broker/core/conf_node.h"
#include "broker/core/error.h"

//  Checks that both addresses are given, and are of tcp; drops a section without any.
//  err:  BR_ECONFIG, with file, line and column
int br_conf_remote_settle (br_conf_node_t *tree, br_error_t *reterr);

#endif
