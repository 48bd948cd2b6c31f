//  upstream_headers: which of a provider's response headers go down to the client.

#ifndef BR_UPSTREAM_HEADERS_H
#define BR_UPSTREAM_HEADERS_H

#include <stdbool.h>

#include "broker/core/buf.h"
#include "broker/net/http_client.h"

//  Request ids, limits and advice on retries; never cookies or what belongs to a connection.
//  The content type is not among them: it travels apart.
bool upstream_headers_allow (const char *name);

//  Appends those of an answer as pairs; what does not fit is left out.
void upstream_headers_collect (const http_transfer_t *transfer, br_buf_t *pairs);

#endif
