//  ingress_asked: what of a request is known before its body is looked at: the model or the
//  object that its path names, the type of its body, and how its answer is to come.

#ifndef BR_INGRESS_ASKED_H
#define BR_INGRESS_ASKED_H

#include "broker/net/http_server.h"
#include "broker/proto/surface.h"

#define INGRESS_ASKED_NAME_MAX 1024 //  bytes of a name in a path, with its end

//  Must not be moved in memory: known points into it.
typedef struct _ingress_asked_t {
    request_known_t known;
    char name[INGRESS_ASKED_NAME_MAX]; //  {model} or {id} of the path, or ""
    const char *alt; //  what the query's `alt` is to be upstream, or NULL
    bool as_array;   //  the stream is to come as one JSON array
} ingress_asked_t;

//  Reads the head of a request. Texts of http are borrowed.
//  err:  BR_EINVALID the name in the path is too long
int ingress_asked_read (ingress_asked_t *self, br_surface_t surface,
                        const http_call_t *http, br_error_t *reterr);

#endif
