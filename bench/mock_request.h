//  mock_request: one HTTP/1.x request as the mock provider reads it. A push parser that
//  never looks at the socket; it is lenient, since routers are what is tested, not it.

#ifndef MOCK_REQUEST_H
#define MOCK_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/mock_peek.h"
#include "broker/core/buf.h"

#define MOCK_HEAD_MAX (64 * 1024)        //  bytes of request line and headers
#define MOCK_BODY_MAX (64 * 1024 * 1024) //  bytes of a body

typedef struct _mock_request_t {
    char method[16];
    char path[512];
    char script[512];       //  header x-mock, and x-mock-KEY as KEY=value; or ""
    char version[32];       //  header anthropic-version, or ""
    char authorization[64]; //  masked
    char api_key[64];       //  x-api-key, api-key or x-goog-api-key, masked
    mock_peek_t peek;       //  model and stream
    bool keep_alive;
    bool expects; //  Expect: 100-continue
    bool is_chunked;
    size_t head_size;    //  bytes; 0 = the head is not complete yet
    size_t length;       //  bytes of a body that is not chunked
    size_t chunk_at;     //  place of the next chunk in the input
    br_buf_t decoded;    //  body of a chunked request; owned
    const uint8_t *body; //  in the input or in decoded, once complete
    size_t body_size;
    size_t used; //  bytes of input that belong to this request
} mock_request_t;

void mock_request_init (mock_request_t *self);
void mock_request_free (mock_request_t *self);

//  Looks at all the input so far, which starts with this request.
//  Returns 1 when the request is complete, 0 when more is needed, -1 when it is none.
int mock_request_parse (mock_request_t *self, const br_buf_t *input);

//  "Bearer sk-abcdef123456" becomes "Bearer ***3456"; short ones lose all.
void mock_request_mask (char *ret_masked, size_t size, const char *value);

#endif
