//  surface: what a client can ask for, by method and path: one row each. The row names the
//  protocol, and what a provider of the same protocol calls the operation.

#ifndef BR_SURFACE_H
#define BR_SURFACE_H

#include <stdbool.h>

#include "broker/core/error.h"
#include "broker/core/buf.h"

typedef enum {
    BR_SURFACE_NONE,
    BR_SURFACE_CHAT,   //  POST /v1/chat/completions
    BR_SURFACE_MODELS, //  GET /v1/models, answered here
    BR_SURFACE_HEALTH, //  GET /health, answered here
    BR_SURFACE_READY,  //  GET /ready, answered here
    BR_SURFACE_COUNT
} br_surface_t;

typedef struct _br_surface_row_t {
    const char *method;
    const char *path;     //  as clients write it, with /v1 where it has one
    const char *protocol; //  "chat_completions"; NULL when it is answered here
    const char *upstream; //  appended to a provider's api_base: "/chat/completions"
} br_surface_row_t;

//  NULL for BR_SURFACE_NONE and numbers that are none.
const br_surface_row_t *br_surface_row (unsigned surface);

//  The surface of a request; the /v1 may be left out, a trailing slash is ignored.
//  BR_SURFACE_NONE: *ret_known tells whether the path exists with another method.
br_surface_t br_surface_of (const char *method, const char *path, bool *ret_known);

//  An error as a body of the surface's protocol. Content-Type is application/json.
void br_surface_error (br_surface_t surface, br_code_t code, const char *text,
                       br_buf_t *buf);

//  The same as the last event of a stream that has begun.
void br_surface_stream_error (br_surface_t surface, br_code_t code, const char *text,
                              br_buf_t *buf);

#endif
