//  ingress_tools: what is told of tools, of the servers that have them, and of agents. The
//  actors that would know of any do not exist yet: every list is empty, and no server can
//  be changed.

#ifndef BR_INGRESS_TOOLS_H
#define BR_INGRESS_TOOLS_H

#include "broker/core/error.h"
#include "broker/proto/surface.h"

//  The answer to a surface, JSON, static; NULL with an error.
//  in:   path, that was asked for
//  err:  BR_ENOTFOUND the server that is to be changed is unknown
const char *ingress_tools_answer (br_surface_t surface, const char *path,
                                  br_error_t *reterr);

#endif
