//  upstream_refusal: an attempt that failed before anything went down, as the router and
//  the client hear of it: the provider's own error where it may pass, or its words in the
//  shape of the client's protocol.

#ifndef BR_UPSTREAM_REFUSAL_H
#define BR_UPSTREAM_REFUSAL_H

#include "broker/core/blob.h"
#include "broker/core/buf.h"
#include "broker/core/verbs.h"
#include "actors/upstream/upstream_endpoint.h"
#include "actors/upstream/upstream_failure.h"

//  Who refused whom. All is borrowed.
typedef struct _upstream_refused_t {
    const upstream_endpoint_t *endpoint;
    const char *provider;
    br_protocol_t client;
    bool translated;                 //  the provider's protocol is another one
    const http_transfer_t *transfer; //  its headers; NULL = there are none any more
    uint64_t waited_us;              //  for the provider
    uint64_t unix_ms;                //  wall clock
} upstream_refused_t;

//  Must not be moved in memory: fail points into it.
typedef struct _upstream_refusal_t {
    struct br_attempt_fail fail;
    br_error_t text;
    br_blob_t *body; //  or NULL
    br_buf_t headers;
} upstream_refusal_t;

//  in:   held, the provider's answer, if there is one; what is passed on is taken from it
void upstream_refusal_init (upstream_refusal_t *self, const upstream_failure_t *failure,
                            const upstream_refused_t *refused, br_buf_t *held);
void upstream_refusal_free (upstream_refusal_t *self);

#endif
