//  ingress_sse: lets only whole events of a stream through to the client, so that between
//  two writes there is always room for a comment or a clean last event. Bytes are not
//  changed, and an event over the bound goes through in parts.

#ifndef BR_INGRESS_SSE_H
#define BR_INGRESS_SSE_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/core/buf.h"
#include "broker/proto/protocol.h"

#define INGRESS_SSE_HELD_MAX 65536 //  bytes of an unfinished event

typedef void (ingress_sse_write_fn) (void *arg, const void *bytes, size_t size);

typedef struct _ingress_sse_t {
    br_buf_t held;  //  the start of an event whose end has not come
    bool mid_event; //  a part of an event over the bound was let through
    ingress_sse_write_fn *write;
    void *arg; //  borrowed
} ingress_sse_t;

void ingress_sse_init (ingress_sse_t *self, ingress_sse_write_fn *write, void *arg);
void ingress_sse_free (ingress_sse_t *self);

//  Takes the next bytes; writes what ends with a whole event.
void ingress_sse_push (ingress_sse_t *self, const void *bytes, size_t size);

//  The stream is complete: writes what is held, as it is.
void ingress_sse_end (ingress_sse_t *self);

//  The stream is broken: forgets what is held. True when a part of an event was let
//  through, so that blank lines must come before anything else.
bool ingress_sse_break (ingress_sse_t *self);

//  Whether the last byte written ended an event, or none was written.
bool ingress_sse_is_between (const ingress_sse_t *self);

//  What tells a client of the protocol that a silent stream lives: what its own providers
//  send, or a comment without a blank line, which is no event; "" where neither is known.
const char *ingress_sse_alive (br_protocol_t protocol);

//  Bytes that were pushed and not written.
size_t ingress_sse_held (const ingress_sse_t *self);

#endif
