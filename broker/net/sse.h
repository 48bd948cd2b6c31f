//  sse: a push parser of server-sent events, and a writer of them. The parser takes bytes in
//  any split, with LF, CRLF or CR, and hands each event to a callback. An event that lies
//  whole inside one push, with one data line, is handed on where it is; only others are
//  put together in the parser's own memory.
//  src:  WHATWG HTML, section 9.2, "Server-sent events"

#ifndef BR_SSE_H
#define BR_SSE_H

#include <stddef.h>
#include <stdint.h>

#include "broker/core/buf.h"
#include "broker/core/error.h"

#define SSE_EVENT_MAX (16u * 1024 * 1024) //  bytes of an event's data, and of any line
#define SSE_NAME_MAX 128                  //  bytes of an event's name with its end

typedef struct _sse_t sse_t;

//  Callbacks run inside sse_push and sse_end, and must not call the parser. What they are
//  given is valid during the call.
typedef struct _sse_handler_t {
    //  MUST. An event; name is "" without an event line and cut at its maximum; data lines
    //  are joined with LF. Events without a data line are no events.
    void (*event) (void *arg, const char *name, const uint8_t *data, size_t size);
    //  MAY. A comment line, without its colon and one space.
    void (*comment) (void *arg, const uint8_t *text, size_t size);
} sse_handler_t;

//  in:   handler, borrowed until destroy; event_max, bytes, mostly SSE_EVENT_MAX
//  "caller destroys"
sse_t *sse_new (const sse_handler_t *handler, void *arg, size_t event_max);
void sse_destroy (sse_t **self_p);

//  Takes the next bytes of the stream.
//  err:  BR_EUPINVALID an event is over the maximum; from then on each push fails
int sse_push (sse_t *self, const void *bytes, size_t size, br_error_t *reterr);

//  The stream has ended: hands on what a missing last line end or blank line held back,
//  which may be half an event if the stream was cut. err: as sse_push
int sse_end (sse_t *self, br_error_t *reterr);

//  ---- writing

//  Adds one event; name may be NULL. Line ends inside of data become data lines.
//  ret:  0, or -1 past the maximum of out
int sse_write_data (br_buf_t *out, const char *name, const void *data, size_t size);

//  Adds a comment line; text has no line end. No blank line follows, so that it may stand
//  anywhere between two lines.
int sse_write_comment (br_buf_t *out, const char *text);

#endif
