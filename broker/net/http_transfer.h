//  http_transfer: one request and its answer, between curl's callbacks and the handler.
//  This is the side that http_client.c sees; users see http_client.h.

#ifndef BR_HTTP_TRANSFER_H
#define BR_HTTP_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <curl/curl.h>

#include "broker/core/loop.h"
#include "broker/net/http_bank.h"
#include "broker/net/http_client.h"
#include "broker/net/http_sockets.h"

typedef enum {
    HTTP_TRANSFER_FREE,   //  waits for a request
    HTTP_TRANSFER_QUEUED, //  has one, curl does not know it yet
    HTTP_TRANSFER_RUNNING,
    HTTP_TRANSFER_DROPPED, //  cancelled inside a callback of curl
    HTTP_TRANSFER_ENDED,   //  curl is through with it, the user has not got all of it
    HTTP_TRANSFER_DONE     //  its end is being told
} http_transfer_state_t;

//  What all transfers of a client share; borrowed, lives as long as the client. The
//  functions MUST be set.
typedef struct _http_transfer_env_t {
    br_loop_t *loop;
    http_sockets_t *sockets;
    CURLSH *share;
    const http_client_conf_t *conf;
    http_client_t *client;
    void (*drop) (http_client_t *client, http_transfer_t *transfer); //  cancelled
    void (*kick) (http_client_t *client, http_transfer_t *transfer); //  start or resume
    void (*expire) (http_client_t *client, http_transfer_t *transfer, http_end_t end);
} http_transfer_env_t;

//  "caller destroys". err: BR_ESYSTEM.
http_transfer_t *http_transfer_new (const http_transfer_env_t *env, br_error_t *reterr);
void http_transfer_destroy (http_transfer_t **self_p);

//  Takes a request and starts the clock. err: BR_EINVALID.
int http_transfer_open (http_transfer_t *self, const http_request_t *request,
                        const http_client_handler_t *handler, void *arg,
                        br_error_t *reterr);

//  Forgets the request; ready for the next one.
void http_transfer_close (http_transfer_t *self);

//  It should not be used again: curl 7.88 counts the retries of a handle over all its
//  transfers, and gives up at each sixth (lib/transfer.c, Curl_retry_request).
bool http_transfer_is_worn (const http_transfer_t *self);

//  Tells the handler how it ended: with end, or, for HTTP_END_OK, with what code means.
void http_transfer_finish (http_transfer_t *self, CURLcode code, http_end_t end);

//  Hands out what has waited, and lets curl go on, as long as the user wants it.
CURLcode http_transfer_unpause (http_transfer_t *self);

//  Curl is through with it: false when its end can be told. true when bytes wait for the
//  user, and the end with them.
bool http_transfer_park (http_transfer_t *self, CURLcode code);

//  Whether its end can be told now. Of one that was parked.
bool http_transfer_is_ready (const http_transfer_t *self, CURLcode *ret_code);

//  Whether curl may keep its connection, if no other transfer is on it.
void http_transfer_set_reuse (http_transfer_t *self, bool reuse);

//  With http2: makes curl send what it holds back of the connection. false when it will
//  not, since this transfer is held.
bool http_transfer_flush (http_transfer_t *self);

//  Calls kick from a later turn of the loop.
void http_transfer_kick (http_transfer_t *self);

CURL *http_transfer_easy (const http_transfer_t *self);
http_transfer_t *http_transfer_of (CURL *easy); //  NULL for a handle of curl's own
http_transfer_state_t http_transfer_state (const http_transfer_t *self);
void http_transfer_set_state (http_transfer_t *self, http_transfer_state_t state);
bool http_transfer_is_held (CURL *easy); //  curl stopped reading since it is paused
int http_transfer_port (const http_transfer_t *self); //  our end of its connection

//  Hash of scheme, host and port; of an open one.
uint64_t http_transfer_origin (const http_transfer_t *self);

//  The bank that it runs in, or NULL; the client's own.
http_bank_t *http_transfer_bank (const http_transfer_t *self);
void http_transfer_set_bank (http_transfer_t *self, http_bank_t *bank);

//  Place in the list of its client; the client's own.
size_t http_transfer_place (const http_transfer_t *self);
void http_transfer_set_place (http_transfer_t *self, size_t place);

#endif
