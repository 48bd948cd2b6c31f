//  guard_offers: the tools that a request offers to the model, without those that may not be
//  seen. All other bytes stay as they are.
//
//  A tool that the provider runs itself is judged by its type ("web_search"), or for Google
//  by its key ("googleSearch"). Of a server that the provider calls itself nobody sees the
//  calls: where a rule concerns it, it is offered only when the request lists its tools, all
//  of them may be seen, and none has rules for its arguments.

#ifndef BR_GUARD_OFFERS_H
#define BR_GUARD_OFFERS_H

#include "broker/core/buf.h"
#include "broker/guard/guard_tools.h"
#include "broker/proto/surface.h"

#define GUARD_OFFER_LISTS_MAX 16 //  lists of tools in one request

//  in:     a request's body, complete, of a client's surface
//  in/out: *at, offset of something that no tool is in (the model's value), becomes its
//          offset in the new body; may be NULL
//  out:    the new body, appended, when something had to go
//  ret:    1 = see out, 0 = the body can stay as it is, -1
//  err:    BR_EGUARD the request demands a tool that may not be seen; BR_EINVALID it is no
//          JSON object; BR_ETOOBIG
int guard_offers_write (const guard_tools_t *tools, br_surface_t surface,
                        const void *bytes, size_t size, br_buf_t *out, size_t *at,
                        br_error_t *reterr);

#endif
