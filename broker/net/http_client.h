//  http_client: HTTP to providers, on libcurl's multi interface inside our own epoll loop.
//  A narrow door: whoever uses it sees requests, bytes and ends, never curl. One thread
//  owns it, the loop's. All deadlines are timers of the loop; curl's own are off.

#ifndef BR_HTTP_CLIENT_H
#define BR_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/core/blob.h"
#include "broker/core/error.h"
#include "broker/core/loop.h"

typedef struct _http_client_t http_client_t;     //  a pool of connections
typedef struct _http_transfer_t http_transfer_t; //  one request under way

typedef struct _http_client_conf_t {
    unsigned idle_max;     //  idle connections kept
    uint64_t idle_ms;      //  how long one is kept; with http2 looked at on its next use
    bool http2;            //  ALPN h2 over TLS; HTTP/1.1 otherwise
    const char *proxy;     //  URL, or NULL for none; never read from the environment here
    const char *no_proxy;  //  comma-separated hosts, or NULL
    const char *ca_file;   //  PEM, or NULL for the system's
    const char *cert_file; //  client certificate, PEM, or NULL
    const char *key_file;  //  its key, PEM, or NULL
} http_client_conf_t;

//  A piece of a body: size bytes at offset of blob, or size bytes at text.
typedef struct _http_piece_t {
    br_blob_t *blob; //  the transfer takes its own reference; or NULL
    size_t offset;
    const char *text; //  used when blob is NULL; copied
    size_t size;
} http_piece_t;

#define HTTP_PIECES_MAX 8

typedef struct _http_request_t {
    const char *method;         //  "POST"
    const char *url;            //  whole
    const char *const *headers; //  "Name: value" lines; NULL ends the list; copied
    http_piece_t pieces[HTTP_PIECES_MAX]; //  the body, sent in order without joining
    size_t pieces_size;
    uint64_t connect_ms;    //  DNS, TCP and TLS; 0 = no bound
    uint64_t first_byte_ms; //  from the start until the first byte of the answer
    uint64_t idle_ms;       //  between bytes of the answer, while not paused
    uint64_t total_ms;      //  the whole transfer
} http_request_t;

//  How a transfer ended. Redirects are answers like any other.
typedef enum {
    HTTP_END_OK,      //  complete, whatever its status
    HTTP_END_DNS,     //  the name has no address
    HTTP_END_CONNECT, //  refused or unreachable; nothing was sent
    HTTP_END_TLS,     //  certificate or handshake; nothing was sent
    HTTP_END_TIMEOUT_CONNECT,
    HTTP_END_TIMEOUT_FIRST,
    HTTP_END_TIMEOUT_IDLE,
    HTTP_END_TIMEOUT_TOTAL,
    HTTP_END_CUT,      //  the answer ended before its length or last chunk
    HTTP_END_RESET,    //  the connection broke before any byte of the answer
    HTTP_END_PROTOCOL, //  the answer is no HTTP, or its coding is broken
    HTTP_END_TOO_BIG,  //  the header block is over its bound
    HTTP_END_OTHER
} http_end_t;

typedef struct _http_result_t {
    http_end_t end;
    char text[256];      //  what happened, for people; without a secret
    bool sent;           //  some of the request may have reached the provider
    bool reused;         //  on a kept connection
    uint64_t connect_us; //  microseconds until connected, 0 when reused
    uint64_t first_byte_us;
    uint64_t total_us;
    uint64_t body_bytes; //  bytes of the answer's body, decoded
} http_result_t;

typedef struct _http_client_handler_t {
    //  The final header block is complete (1xx skipped).
    void (*head) (void *arg, http_transfer_t *transfer, unsigned status);
    //  Bytes of the body, gzip and deflate undone. Called again with the same bytes never:
    //  to slow down call http_transfer_pause, from here or elsewhere; bytes that were
    //  already on their way may still come (at most 64 KB).
    void (*data) (void *arg, http_transfer_t *transfer, const uint8_t *bytes,
                  size_t size);
    //  The end; the transfer may not be used after this returns.
    void (*done) (void *arg, http_transfer_t *transfer, const http_result_t *result);
} http_client_handler_t;

//  "caller destroys". err: BR_ECONFIG (a file that cannot be read), BR_ESYSTEM.
http_client_t *http_client_new (br_loop_t *loop, const http_client_conf_t *conf,
                                br_error_t *reterr);

//  Cancels all transfers without a callback. Not from a callback of its own.
void http_client_destroy (http_client_t **self_p);

//  Starts a request; callbacks come from later turns of the loop, never from here.
//  A request for which a kept connection turns out to be closed before a byte could be
//  sent goes to a new one. When a kept one breaks later, GET and HEAD are sent once more,
//  any other method ends with HTTP_END_RESET, sent and reused: the provider may have
//  begun to work on it, and only the caller knows what a second time costs.
//  "owned by the client until done or cancel". err: BR_EINVALID for a bad URL, method or
//  header line.
http_transfer_t *http_client_start (http_client_t *self, const http_request_t *request,
                                    const http_client_handler_t *handler, void *arg,
                                    br_error_t *reterr);

//  Stops it at once and closes its connection, with http2 its stream alone; no callback
//  comes after it.
void http_transfer_cancel (http_transfer_t **transfer_p);

//  Whether some of the request has left, so that it may have reached the provider.
bool http_transfer_has_sent (const http_transfer_t *transfer);

//  With http2 what comes for a paused transfer is kept, up to 4 MB, and its end too. Where
//  still more comes, the others of its connection wait with it.
void http_transfer_pause (http_transfer_t *transfer);
void http_transfer_resume (http_transfer_t *transfer); //  delivers from a later turn

//  Of the answer, from `head` on. Names without regard to case; NULL when absent.
const char *http_transfer_header (const http_transfer_t *transfer, const char *name);
typedef void (http_client_header_fn) (void *arg, const char *name, const char *value);
void http_transfer_each_header (const http_transfer_t *transfer,
                                http_client_header_fn *fn, void *arg);

unsigned http_client_running (const http_client_t *self); //  transfers under way
unsigned http_client_idle (const http_client_t *self);    //  kept connections

#endif
