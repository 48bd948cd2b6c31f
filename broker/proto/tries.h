//  tries: the attempts of a call that is over, as they travel in call.settle, one row each.

#ifndef BR_TRIES_H
#define BR_TRIES_H

#include "broker/core/buf.h"
#include "broker/core/verbs.h"
#include "broker/proto/usage.h"

#define BR_TRIES_MAX 32 //  rows; of more the newest are told

typedef struct _br_try_t {
    uint32_t attempt;     //  number, from 1
    const char *provider; //  who was asked
    const char *endpoint; //  which of its endpoints; "" = its own
    const char *model;    //  the provider's name of the model
    unsigned outcome;     //  br_outcome_t
    unsigned code;        //  br_code_t of a failure
    unsigned status;      //  HTTP status of the provider; 0 = none
    uint64_t after_us;    //  from the open of the call to its start
    uint64_t latency_us;  //  from its start to its end
    uint64_t first_us;    //  from its start to its first byte; 0 = none
    br_usage_t usage;
} br_try_t;

//  Appends one; -1 when it does not fit.
int br_tries_add (br_buf_t *buf, const br_try_t *row);

//  Reads up to max rows, whose texts are "owned by bytes". Returns their count, or -1 when
//  the bytes are malformed.
int br_tries_read (br_bytes_t bytes, br_try_t *ret_rows, int max);

#endif
