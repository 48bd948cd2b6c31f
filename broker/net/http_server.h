//  http_server: HTTP from clients, on libmicrohttpd with an outside epoll. It speaks HTTP
//  and knows nothing of models: it hands over complete requests, and takes answers.
//  One thread owns it, the loop's. Its timers are the loop's.

#ifndef BR_HTTP_SERVER_H
#define BR_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/blob.h"
#include "broker/core/error.h"
#include "broker/core/loop.h"

typedef struct _http_server_t http_server_t;
typedef struct _http_call_t http_call_t; //  one request and its answer

typedef struct _http_header_t {
    const char *name;
    const char *value;
} http_header_t;

typedef struct _http_server_conf_t {
    //  Addresses, NULL ends the list: "127.0.0.1:8787", "[::1]:8787", "localhost:8787" (both
    //  of them; no other names), "[::]:8787" (IPv6 alone). Port 0 picks one.
    const char *const *listen;
    //  PEM files of the certificate (with those between it and the root) and of its key:
    //  all addresses speak TLS 1.2 and 1.3 then, and nothing else. NULL: none does.
    const char *cert_file;
    const char *key_file;
    bool reuse_port;   //  SO_REUSEPORT, one socket for each shard
    size_t body_max;   //  bytes; over it: refuse with BR_ETOOBIG
    size_t header_max; //  bytes of request line and fields; over it: refuse with
                       //  BR_EHEADERS, or with BR_EINVALID that names a field which
                       //  is over it alone. Far over it, while more heads are under
                       //  way, or in the request line, libmicrohttpd answers itself.
                       //  Each connection allocates so much and 4 KB; a stream
                       //  that lasts gives most of it back
    size_t head_extra; //  bytes that heads of answers need besides the usual
    unsigned connections_max; //  connections; some more are accepted, to be refused with
                              //  BR_EBUSY, and others wait in the backlog
    //  Times in ms are kept to a quarter of the shortest; 0 is no limit.
    uint64_t request_ms; //  time for a whole header, and between reads of a body;
                         //  over it: refuse with BR_EINVALID
    uint64_t idle_ms;    //  keep-alive without a request
    uint64_t stall_ms;   //  a client that takes no bytes of an answer for so long
                         //  is gone
} http_server_conf_t;

typedef struct _http_server_handler_t {
    //  A complete request: answer it now or later, or it ends with `gone`.
    void (*request) (void *arg, http_call_t *call);
    //  A request that is refused (malformed, too large, smuggling shapes): answer it now,
    //  with http_call_reply, in the protocol's own error shape. The method, path and
    //  headers are those that could be read; path may be NULL. The connection closes
    //  behind the answer, and no other callback follows for the call.
    void (*refuse) (void *arg, http_call_t *call, const br_error_t *error);
    //  The client is gone before the answer was complete (FIN, RST, stalled), or the answer
    //  held too much. The call may not be used after this returns.
    void (*gone) (void *arg, http_call_t *call);
    //  Bytes of the answer's body that the kernel has taken by now, counted from 0. Of a
    //  single answer it is told once, at its end. Never from inside http_call_write; under
    //  16 KB it may wait for whatever turns the loop next.
    void (*written) (void *arg, http_call_t *call, uint64_t body_bytes);
    //  The answer is complete, or cut by us; the call may not be used after this returns.
    void (*ended) (void *arg, http_call_t *call);
} http_server_handler_t;

//  handler and arg are borrowed for the server's life. "caller destroys"
//  err: BR_ECONFIG for an address that makes no sense or is taken; names the address. Or
//  for a certificate or key that cannot be used, or where TLS is lacking.
http_server_t *http_server_new (br_loop_t *loop, const http_server_conf_t *conf,
                                const http_server_handler_t *handler, void *arg,
                                br_error_t *reterr);

//  Cuts what is open. No callback runs after it. Not to be called from a callback.
void http_server_destroy (http_server_t **self_p);

//  Whether TLS would work with these files.
//  err: BR_ECONFIG; names the file, never what is in it.
int http_server_check_tls (const char *cert_file, const char *key_file,
                           br_error_t *reterr);

//  Reads these files anew, for connections that are to come. Only for a server that was
//  made with TLS. On failure those of before are shown on.
int http_server_set_tls (http_server_t *self, const char *cert_file, const char *key_file,
                         br_error_t *reterr);

//  The same with the files of before, if they have changed since they were read last, well
//  or in vain. Returns 1 when new ones are shown, 0 when nothing has changed (or without
//  TLS), -1 on failure.
int http_server_renew_tls (http_server_t *self, br_error_t *reterr);

//  Ports in the order of conf.listen; 0 past the end.
uint16_t http_server_port (const http_server_t *self, size_t i);

//  Accepts what waits in the backlog (until EAGAIN), then stops to listen; open calls go
//  on, and each connection closes after its answer; one that is idle gets a second for a
//  request that may be on its way. Not to be called from a callback.
void http_server_drain (http_server_t *self);
unsigned http_server_open_calls (const http_server_t *self);
unsigned http_server_open_connections (const http_server_t *self);

//  ---- the request; strings live as long as the call

const char *http_call_method (const http_call_t *call);
const char *http_call_path (const http_call_t *call);  //  as sent, without the query
const char *http_call_query (const http_call_t *call); //  without '?', or NULL
const char *http_call_header (const http_call_t *call, const char *name); //  or NULL
const char *http_call_peer (const http_call_t *call); //  "127.0.0.1:41234"
typedef void (http_header_fn) (void *arg, const char *name, const char *value);
void http_call_each_header (const http_call_t *call, http_header_fn *fn, void *arg);

//  The whole body; NULL when there is none. "owned by the call": take a reference.
br_blob_t *http_call_body (const http_call_t *call);

//  The same, but the call holds it no longer, so that an open answer keeps no request
//  alive. "caller destroys"; NULL from then on.
br_blob_t *http_call_take_body (http_call_t *call);

//  A place for the handler's own pointer.
void http_call_set_owner (http_call_t *call, void *owner);
void *http_call_owner (const http_call_t *call);

//  ---- the answer: one http_call_reply, or open, write*, and end or cut

//  A single answer with Content-Length. Takes a reference on body; NULL for none.
//  headers: size rows, borrowed during the call. HEAD sends no body. Left out are fields
//  about framing and connection, and those whose value is empty or has a line end. A
//  status outside 200..599 becomes 502.
void http_call_reply (http_call_t *call, unsigned status, const http_header_t *headers,
                      size_t size, br_blob_t *body);

//  The head of a streamed answer (chunked; HTTP/1.0: until close). It may leave together
//  with the first write.
void http_call_open (http_call_t *call, unsigned status, const http_header_t *headers,
                     size_t size);

//  Tells in the head of a streamed answer, which is not open yet, that this field may come
//  behind its body. name is borrowed for the life of the call.
void http_call_announce_trailer (http_call_t *call, const char *name);

//  Whether an open answer can end with such a field: in HTTP/1.1, if there is a body.
bool http_call_takes_trailer (const http_call_t *call);

//  Sends it behind the body of an open answer, once that has ended. It is left out where it
//  has no place: in an answer that takes none, or is cut, and where the memory of the
//  connection lacks room for it. name is borrowed for the life of the call.
void http_call_set_trailer (http_call_t *call, const char *name, const char *value);

//  Appends to the answer; never blocks. What the kernel does not take now is kept, and
//  `written` tells of it: the caller bounds it by its credit. Past 8 MB that are held, the
//  call is given up (`gone`).
void http_call_write (http_call_t *call, const void *bytes, size_t size);

//  Ends it with the last chunk, once all is written.
void http_call_end (http_call_t *call);

//  Closes the connection without the last chunk, so that the client sees a cut answer.
//  What was written before still goes out, as far as the client takes it.
void http_call_cut (http_call_t *call);

//  Bytes of the answer that the kernel has not taken.
size_t http_call_pending (const http_call_t *call);

#endif
