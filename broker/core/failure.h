//  failure: why an attempt failed, and what follows from it: for the call, and for the
//  endpoint. The rows live in br_failures.def and nowhere else.

#ifndef BR_FAILURE_H
#define BR_FAILURE_H

typedef enum {
#define BR_FAILURE(id, label, after, mark, doc) BR_FAILURE_##id,
#include "broker/core/br_failures.def"
#undef BR_FAILURE
    BR_FAILURE_COUNT
} br_failure_t;

//  What the router does next.
typedef enum {
    BR_AFTER_AGAIN,
    BR_AFTER_NEXT,
    BR_AFTER_OTHER,
    BR_AFTER_LARGER,
    BR_AFTER_STOP
} br_after_t;

//  What it says of the endpoint.
typedef enum {
    BR_MARK_CLEAN,
    BR_MARK_COUNT,
    BR_MARK_LIMIT,
    BR_MARK_KEY
} br_mark_t;

//  The row of a failure; numbers out of range, which a message may bring, give that of
//  SERVER.
br_failure_t br_failure_of (unsigned long long number);
const char *br_failure_label (br_failure_t failure); //  "rate"
br_after_t br_failure_after (br_failure_t failure);
br_mark_t br_failure_mark (br_failure_t failure);

//  The state of an endpoint, as the breaker tells it.
typedef enum {
    BR_BREAKER_CLOSED,
    BR_BREAKER_OPEN,
    BR_BREAKER_HALF_OPEN
} br_breaker_t;

#endif
