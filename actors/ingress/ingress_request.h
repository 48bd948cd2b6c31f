//  ingress_request: what of a client's request goes on to a provider, and the id it is
//  known by.

#ifndef BR_INGRESS_REQUEST_H
#define BR_INGRESS_REQUEST_H

#include "broker/core/buf.h"
#include "broker/core/error.h"
#include "broker/core/msg.h"
#include "broker/net/http_server.h"
#include "broker/proto/hops.h"
#include "broker/proto/protocol.h"

#define INGRESS_ID_MAX 128 //  bytes of a request id

//  How often the call came through a bitrouter before, which a bitrouter tells: 0 when nobody
//  does.
//  in:   given, the value of that header, or NULL
//  err:  BR_EINVALID it is no number, or BR_HOPS_MAX: it goes in circles
int ingress_request_hops (const char *given, unsigned *ret_hops, br_error_t *reterr);

//  Headers that are said to us, x-bitrouter- and idempotency-key, may be there once.
//  err:  BR_EINVALID names the first that is there twice
int ingress_request_once (const http_call_t *call, br_error_t *reterr);

//  The id of a request: the client's own, or that of the call.
//  in:   given, the value of x-bitrouter-request-id, or NULL
//  out:  ret_id, always written
//  err:  BR_EINVALID it is empty, too long, or holds anything but visible characters and
//        spaces; then ret_id is that of the call
int ingress_request_id (const char *given, br_id_t call, char ret_id[INGRESS_ID_MAX + 1],
                        br_error_t *reterr);

//  Whether a header of a call of this protocol goes on: what describes the request, never
//  what names or authenticates the client. more: further names, NULL ends the list.
bool ingress_request_passes (br_protocol_t wire, const char *name, char *const *more);

//  Writes the headers that go on into pairs; it is emptied first.
void ingress_request_headers (const http_call_t *call, br_protocol_t wire,
                              char *const *more, br_buf_t *pairs);

//  Writes the query without credentials into text; it is emptied first. query may be NULL.
//  alt: what its parameter `alt` is to be, or NULL to leave it.
void ingress_request_query (const char *query, const char *alt, br_buf_t *text);

//  The value of a parameter of a query, without its escapes. False when it is absent, or
//  longer than room.
bool ingress_request_param (const char *query, const char *name, char *ret_value,
                            size_t room);

#endif
