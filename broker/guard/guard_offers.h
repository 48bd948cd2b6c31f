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

#define GUARD_OFFERS_MAX 4096            //  tools of one request; more are refused
#define GUARD_OFFER_BYTES_MAX (4u << 20) //  of one list of tools; a longer one is refused
#define GUARD_OFFER_MEMBERS_MAX 256      //  of a request that say something of tools

//  Whether requests of a surface can offer tools.
bool guard_offers_concern (br_surface_t surface);

typedef struct _guard_offers_t guard_offers_t;

//  in:   bytes, a request's body, complete, of a client's surface; borrowed, as tools are, as
//        long as self lives
//        mark, offset of something that no tool is in (the model's value); 0 = nothing
//  "caller destroys"
guard_offers_t *guard_offers_new (const guard_tools_t *tools, br_surface_t surface,
                                  const void *bytes, size_t size, size_t mark);
void guard_offers_destroy (guard_offers_t **self_p);

//  Reads about slice bytes on; a list of tools is read at once.
//  ret:  1 = there is more, 0 = all is known, -1
//  err:  BR_EGUARD the request demands a tool that may not be seen; BR_EINVALID it is no
//        JSON object; BR_ETOOBIG it says too much of tools
int guard_offers_step (guard_offers_t *self, size_t slice, br_error_t *reterr);

//  When all is known: whether something has to go; then the new body, appended.
//  out:  *mark, its offset there; may be NULL. err: BR_ETOOBIG
bool guard_offers_is_changed (const guard_offers_t *self);
int guard_offers_put (guard_offers_t *self, br_buf_t *out, size_t *mark,
                      br_error_t *reterr);

//  All of it at once.
//  in/out: *at, the mark; may be NULL
//  ret:    1 = see out, 0 = the body can stay as it is, -1
int guard_offers_write (const guard_tools_t *tools, br_surface_t surface,
                        const void *bytes, size_t size, br_buf_t *out, size_t *at,
                        br_error_t *reterr);

#endif
