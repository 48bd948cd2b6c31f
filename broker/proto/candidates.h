//  candidates: the endpoints that may answer a call, in the order of the route, as they
//  travel in call.open. Ingress writes them, router reads them. No credential is in it: an
//  endpoint is named, and only its provider's actor knows its key.

#ifndef BR_CANDIDATES_H
#define BR_CANDIDATES_H

#include "broker/core/buf.h"
#include "broker/core/verbs.h"

#define BR_CANDIDATES_MAX 32

//  What a call may need of a model.
typedef enum {
    BR_NEED_TOOLS = 1,
    BR_NEED_IMAGES = 2,
    BR_NEED_AUDIO = 4,
    BR_NEED_FILES = 8
} br_need_t;

typedef struct _br_candidate_t {
    const char *provider; //  "openai"
    const char *actor;    //  who serves it: "upstream/openai", "echo"
    const char *model;    //  the provider's name of the model
    const char *endpoint; //  which of the provider's endpoints; "" = its own
    unsigned weight;      //  for load_balance; at least 1
    unsigned lacks;       //  bits of br_need_t that the model is known not to have
    unsigned pool;        //  candidates of one number are keys of one provider, and are
                          //  balanced among themselves; 0 = alone
    uint64_t context;     //  tokens of input at the most; 0 = unknown
    uint64_t price_nusd;  //  of a million tokens of input and one of output; 0 = unknown
} br_candidate_t;

//  Appends one; -1 when it does not fit.
int br_candidates_add (br_buf_t *buf, const br_candidate_t *candidate);

//  Reads up to max rows, whose strings are "owned by bytes". Returns their count, or -1
//  when the bytes are malformed.
int br_candidates_read (br_bytes_t bytes, br_candidate_t *ret_rows, int max);

#endif
