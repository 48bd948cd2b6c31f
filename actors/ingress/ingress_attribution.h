//  ingress_attribution: whose call a request is, and of what it is a part: from its identity
//  and its headers to the bytes that travel with the call (broker/proto/attribution.h).

#ifndef BR_INGRESS_ATTRIBUTION_H
#define BR_INGRESS_ATTRIBUTION_H

#include "actors/ingress/ingress_identity.h"
#include "broker/core/error.h"
#include "broker/net/http_server.h"

//  Random numbers for ids; none of them is a secret.
typedef uint64_t (ingress_random_fn) (void *arg);

//  Writes the attribution of a request.
//  in:   identity, or NULL; random and its arg, for the id of our span
//  out:  *who, a buffer that is emptied first; empty when nothing is known
//  err:  BR_EINVALID x-bitrouter-session, -run, -agent or -step is not 1 to 255 visible
//        characters of ASCII; names it. A traceparent that is none is ignored
int ingress_attribution_read (const http_call_t *http, const ingress_identity_t *identity,
                              ingress_random_fn *random, void *arg, br_buf_t *who,
                              br_error_t *reterr);

//  The client's own name of its conversation, or NULL; "owned by http".
const char *ingress_attribution_session (const http_call_t *http);

#endif
