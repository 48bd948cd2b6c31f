//  request: the few members of a request body that routing needs, in the protocols that name
//  the model in the body (Chat Completions, Responses, Messages). The body is walked once,
//  in slices, and neither parsed nor copied; all its JSON is checked on the way.

#ifndef BR_REQUEST_H
#define BR_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/error.h"
#include "broker/core/json.h"

#define REQUEST_MODEL_MAX 512 //  bytes of a model's name
#define REQUEST_ROWS 5

typedef struct _request_t {
    char model[REQUEST_MODEL_MAX + 1]; //  unescaped, without ANSI CSI codes, trimmed
    size_t model_offset; //  of the value in the body, from its quote on: what to splice
    size_t model_size;   //  bytes of the value, with quotes
    bool stream;         //  false when absent or null
    bool has_max_output; //  a maximum of output tokens was given
    uint64_t max_output; //  tokens; the greatest, if given under several names
} request_t;

//  A walk under way; must not be moved in memory.
typedef struct _request_scan_t {
    json_scan_t scan;
    json_row_t rows[REQUEST_ROWS];
    const uint8_t *bytes; //  borrowed
} request_scan_t;

//  Starts a walk; bytes stay borrowed until it ends. There is nothing to release.
void request_scan_begin (request_scan_t *self, const void *bytes, size_t size);

//  Walks about slice bytes on.
//  in:   slice, bytes, mostly JSON_SLICE
//  ret:  1 = there is more to do, 0 = the end, *ret_request is written, -1 = refused
//  err:  BR_EINVALID no JSON, no object, model missing, twice, no string, empty, too long or
//        with control characters; stream twice or no boolean
int request_scan_step (request_scan_t *self, size_t slice, request_t *ret_request,
                       br_error_t *reterr);

//  The whole walk at once; for small bodies and tests.
int request_scan (const void *bytes, size_t size, request_t *ret_request,
                  br_error_t *reterr);

#endif
