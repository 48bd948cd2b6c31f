//  candidates: the endpoints that may answer a call, in the order of the route, as they
//  travel in call.open. Ingress writes them, router reads them. No credential is in it: an
//  endpoint is named, and only its provider's actor knows its key.

#ifndef BR_CANDIDATES_H
#define BR_CANDIDATES_H

#include "broker/core/buf.h"
#include "broker/core/verbs.h"

#define BR_CANDIDATES_MAX 32

typedef struct _br_candidate_t {
    const char *provider; //  "openai"
    const char *actor;    //  who serves it: "upstream/openai", "echo"
    const char *model;    //  the provider's name of the model
    const char *endpoint; //  which of the provider's endpoints; "" = its own
    unsigned weight;      //  for load_balance; at least 1
} br_candidate_t;

//  Appends one; -1 when it does not fit.
int br_candidates_add (br_buf_t *buf, const br_candidate_t *candidate);

//  Reads up to max rows, whose strings are "owned by bytes". Returns their count, or -1
//  when the bytes are malformed.
int br_candidates_read (br_bytes_t bytes, br_candidate_t *ret_rows, int max);

#endif
