//  http_bank: one multi handle of curl with its connections, all to one origin. Curl looks
//  through every connection to a host for each request; a client therefore has many small
//  banks, and http_banks chooses among them.

#ifndef BR_HTTP_BANK_H
#define BR_HTTP_BANK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <curl/curl.h>

#include "broker/core/error.h"
#include "broker/core/loop.h"
#include "broker/net/http_sockets.h"

typedef struct _http_bank_t http_bank_t;

//  What all banks of a client share; borrowed, lives as long as they. The functions MUST
//  be set.
typedef struct _http_bank_env_t {
    br_loop_t *loop;
    http_sockets_t *sockets;
    void *arg; //  borrowed
    //  Curl has something to do: http_bank_act with the same fd and mask.
    void (*ready) (void *arg, http_bank_t *bank, int fd, int mask);
    void (*changed) (void *arg, http_bank_t *bank); //  its kept connections
} http_bank_env_t;

typedef enum {
    HTTP_BANK_FULL,  //  nothing more may be added
    HTTP_BANK_READY, //  has a kept connection for the next transfer
    HTTP_BANK_ROOMY  //  may open one more
} http_bank_shelf_t;

struct _http_bank_t {
    const http_bank_env_t *env;
    CURLM *multi;             //  owned
    bool closing;             //  its changes are no longer told
    http_sockets_user_t user; //  counts its kept connections
    br_timer_t timer;         //  the one that curl asks for
    long bound;               //  connections that curl keeps, busy ones included
    uint64_t origin;          //  hash of scheme, host and port
    unsigned running;         //  transfers
    unsigned promised;        //  of them, to take a kept connection when curl works next
    http_bank_shelf_t shelf;  //  this and the rest: of http_banks
    LIST_ENTRY (_http_bank_t) on_shelf;
    TAILQ_ENTRY (_http_bank_t) in_set;
    uint64_t rest_ns; //  since when nothing runs
};

//  "caller destroys". err: BR_ESYSTEM.
http_bank_t *http_bank_new (const http_bank_env_t *env, uint64_t origin,
                            br_error_t *reterr);

//  Closes its connections. No transfer may be in it.
void http_bank_destroy (http_bank_t **self_p);

//  Bounds the connections that curl keeps. It looks at it whenever a transfer ends.
void http_bank_bound (http_bank_t *self, unsigned connections);

//  Lets curl work, for fd or, with CURL_SOCKET_TIMEOUT, for its timer.
void http_bank_act (http_bank_t *self, int fd, int mask);

//  A transfer that has ended since the last call, or NULL.
CURL *http_bank_ended (http_bank_t *self, CURLcode *ret_code);

#endif
