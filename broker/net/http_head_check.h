//  http_head_check: is the head of a request beyond doubt? Everything on which two HTTP
//  implementations might disagree is refused, since a proxy before us may be the other.

#ifndef BR_HTTP_HEAD_CHECK_H
#define BR_HTTP_HEAD_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/error.h"

//  The head as it lies in libmicrohttpd's memory after its parser ran: the parser puts a
//  zero byte for the blank behind the method, the '?', the blank before the version, each
//  ':' behind a field name, and each byte of a line end. All pointers are borrowed.
typedef struct _http_head_t {
    const char *bytes;    //  starts with the method
    size_t size;          //  bytes, up to and with the empty line
    const char *target;   //  path and query; inside bytes
    size_t target_size;   //  bytes as sent, with the query
    bool target_is_clean; //  what http_head_target_is_clean said of it before the parser
    const char *version;  //  "HTTP/1.1"; inside bytes
    size_t field_max;     //  bytes of a name and its value; 0 = not looked at
} http_head_t;

typedef struct _http_head_facts_t {
    bool http_11;        //  HTTP/1.1 or later: chunked answers are understood
    bool chunked;        //  the body is chunked
    bool has_length;     //  Content-Length was sent
    uint64_t length;     //  its value, bytes
    size_t fields;       //  count
    size_t cookie_bytes; //  bytes of the values of Cookie
    const char *large;   //  name of the first field over field_max, or NULL; inside bytes
    size_t large_size;   //  bytes of the name
} http_head_facts_t;

//  No blanks and no control characters. To be asked of a target as it was sent: the
//  parser rewrites the query where it lies.
bool http_head_target_is_clean (const char *target, size_t size);

//  Bytes of the name at the front of a field, as it was sent; 0 when the first size bytes of
//  the line are none, or not all of one line.
size_t http_head_name_size (const char *line, size_t size);

//  err: BR_EINVALID; the text names the fault and never a value.
//  src: RFC 9112, sections 2.2, 3, 5 and 6
int http_head_check (const http_head_t *head, http_head_facts_t *ret_facts,
                     br_error_t *reterr);

#endif
