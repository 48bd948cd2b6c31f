//  upstream_request: one request to a provider: its URL, its header lines, and its body,
//  which is the client's with another model in it, without a copy, or one that was
//  written for the provider.

#ifndef BR_UPSTREAM_REQUEST_H
#define BR_UPSTREAM_REQUEST_H

#include "broker/core/msg.h"
#include "broker/net/http_client.h"
#include "actors/upstream/upstream_table.h"

//  Who is asked, and how.
typedef struct _upstream_ask_t {
    const upstream_endpoint_t *endpoint; //  of the table, not refused, with a URL
    br_surface_t surface; //  in the provider's protocol, which may not be the client's
    br_blob_t *body;      //  written for it; NULL = the client's. Borrowed
} upstream_ask_t;

//  Starts it, as http_client_start.
//  in:   msg, attempt.start
//  err:  BR_EINVALID a place of the model outside of the body, a query that is no URL, or
//        a model that cannot stand in a path
http_transfer_t *upstream_request_start (http_client_t *client,
                                         const upstream_bounds_t *bounds,
                                         const upstream_ask_t *ask, const br_msg_t *msg,
                                         const http_client_handler_t *handler, void *arg,
                                         br_error_t *reterr);

#endif
