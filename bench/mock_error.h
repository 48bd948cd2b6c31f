//  mock_error: what a provider says when it refuses, in each protocol's shape.

#ifndef MOCK_ERROR_H
#define MOCK_ERROR_H

#include "bench/mock_route.h"
#include "bench/mock_script.h"
#include "broker/core/buf.h"

//  Appends the error object of a status (400 to 599). why: text, or "" for the usual one.
void mock_error_body (br_buf_t *out, mock_protocol_t protocol, int status,
                      const char *why);

//  The same of a script: its status, its reason, and when to come back.
void mock_error_scripted (br_buf_t *out, mock_protocol_t protocol,
                          const mock_script_t *script);

//  The same as the payload of a stream's event. number: of the event, from 0.
void mock_error_event (br_buf_t *out, mock_protocol_t protocol, int status,
                       const char *why, int number);

#endif
