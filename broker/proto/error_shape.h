//  error_shape: an error of ours as a client of a protocol expects it: its body, the event
//  that ends a stream, and the HTTP status that goes with it. The words are the codecs'.

#ifndef BR_ERROR_SHAPE_H
#define BR_ERROR_SHAPE_H

#include "broker/core/buf.h"
#include "broker/core/error.h"
#include "broker/proto/protocol.h"

//  The body; its Content-Type is application/json.
void br_error_shape_body (br_protocol_t protocol, br_code_t code, const char *text,
                          br_buf_t *out);

//  The same as the last event of a stream of events that has begun.
void br_error_shape_event (br_protocol_t protocol, br_code_t code, const char *text,
                           br_buf_t *out);

unsigned br_error_shape_status (br_protocol_t protocol, br_code_t code);

#endif
