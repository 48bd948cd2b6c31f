//  http_sockets: the descriptors of one client. It stands between curl's multi handles,
//  which say what they wait for, and the loop. A connection that curl keeps stays in epoll: it is asked
//  about again soon, and two system calls a request are saved.

#ifndef BR_HTTP_SOCKETS_H
#define BR_HTTP_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>
#include <curl/curl.h>

#include "broker/core/loop.h"

typedef struct _http_sockets_t http_sockets_t;

//  A multi handle that uses them; lives as long as it does.
typedef struct _http_sockets_user_t {
    http_sockets_t *sockets; //  set by http_sockets_serve_multi
    void (*ready) (void *arg, int fd,
                   int mask);    //  one that curl waits for; CURL_CSELECT_*
    void (*changed) (void *arg); //  idle went up or down; often inside curl
    void *arg;                   //  borrowed
    unsigned idle;               //  kept connections
} http_sockets_user_t;

//  idle_ms: how long a kept connection lives. exclusive: a connection serves one transfer
//  at a time (HTTP/1.1); only then can a connection that nobody waits for be closed.
//  "caller destroys", after curl's multi handles are gone.
http_sockets_t *http_sockets_new (br_loop_t *loop, uint64_t idle_ms, bool exclusive);
void http_sockets_destroy (http_sockets_t **self_p);

//  Sets the callbacks that make a handle use self.
void http_sockets_serve_multi (http_sockets_t *self, CURLM *multi,
                               http_sockets_user_t *user);
void http_sockets_serve_easy (http_sockets_t *self, CURL *easy);

//  From now on a removal of a paused transfer's socket does not count as idle, and held
//  tells whether a paused transfer uses a descriptor after all.
typedef bool (http_sockets_busy_fn) (CURL *easy);
typedef bool (http_sockets_held_fn) (void *arg, int fd);
void http_sockets_ask_busy (http_sockets_t *self, http_sockets_busy_fn *busy,
                            http_sockets_held_fn *held, void *arg);

unsigned http_sockets_idle (const http_sockets_t *self); //  kept connections of all

#endif
