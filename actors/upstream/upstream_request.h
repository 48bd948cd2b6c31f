//  upstream_request: one request to a provider: its URL, its header lines, and a body that
//  is the client's with another model in it, without a copy.

#ifndef BR_UPSTREAM_REQUEST_H
#define BR_UPSTREAM_REQUEST_H

#include "broker/core/msg.h"
#include "broker/net/http_client.h"
#include "actors/upstream/upstream_table.h"

//  Starts it, as http_client_start.
//  in:   msg, attempt.start; endpoint, of table, not refused and with a URL for the surface
//  err:  BR_EINVALID a place of the model outside of the body, or a query that is no URL
http_transfer_t *upstream_request_start (http_client_t *client,
                                         const upstream_table_t *table,
                                         const upstream_endpoint_t *endpoint,
                                         const br_msg_t *msg,
                                         const http_client_handler_t *handler, void *arg,
                                         br_error_t *reterr);

#endif
