//  http_head: the header block of an answer, gathered line by line. Blocks of 1xx are
//  thrown away; what stays is the final one. Bounded: providers are strangers too.

#ifndef BR_HTTP_HEAD_H
#define BR_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/core/buf.h"
#include "broker/net/http_client.h"

#define HTTP_HEAD_MAX 65536 //  bytes of one header block

typedef struct _http_head_t {
    br_buf_t fields; //  name, 0, value, 0, ...
    unsigned status; //  of the block that is being read, 0 before its first line
    bool complete;   //  the final block has ended
} http_head_t;

typedef enum {
    HTTP_HEAD_MORE,     //  go on
    HTTP_HEAD_COMPLETE, //  this was the end of the final block
    HTTP_HEAD_TOO_BIG,
    HTTP_HEAD_BAD //  not a header line
} http_head_step_t;

void http_head_init (http_head_t *self);
void http_head_clear (http_head_t *self); //  empties, keeps a little memory
void http_head_free (http_head_t *self);

//  One line with its line end, as it came from the wire; an empty one ends the block.
http_head_step_t http_head_add (http_head_t *self, const char *line, size_t size);

//  "owned by self, until next change"; NULL when absent. Names without regard to case.
const char *http_head_find (const http_head_t *self, const char *name);
void http_head_each (const http_head_t *self, http_client_header_fn *fn, void *arg);

#endif
