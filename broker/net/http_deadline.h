//  http_deadline: the four bounds of one transfer (connect, first byte, idle, total) on
//  one timer. It is armed for the nearest and does not move when bytes come: when it
//  fires it looks whether a bound has truly passed, and sleeps on otherwise.

#ifndef BR_HTTP_DEADLINE_H
#define BR_HTTP_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/core/loop.h"
#include "broker/net/http_client.h"

//  A bound has passed; end says which.
typedef void (http_deadline_fn) (void *arg, http_end_t end);

//  Zeroed is a valid idle one. The moments are of the loop's clock, 0 = not yet.
typedef struct _http_deadline_t {
    br_loop_t *loop; //  borrowed
    br_timer_t timer;
    http_deadline_fn *fn;
    void *arg;           //  borrowed
    uint64_t connect_ms; //  bounds of the request, 0 = none
    uint64_t first_byte_ms;
    uint64_t idle_ms;
    uint64_t total_ms;
    uint64_t start_ns;
    uint64_t connect_ns; //  a connection was ready
    uint64_t first_ns;   //  first byte of the answer
    uint64_t last_ns;    //  last one
    bool paused;
} http_deadline_t;

void http_deadline_start (http_deadline_t *self, br_loop_t *loop,
                          const http_request_t *request, http_deadline_fn *fn, void *arg);
void http_deadline_stop (http_deadline_t *self); //  keeps the moments

void http_deadline_connected (http_deadline_t *self);
void http_deadline_touch (http_deadline_t *self); //  bytes of the answer came
void http_deadline_pause (http_deadline_t *self); //  the idle bound stands still
void http_deadline_resume (http_deadline_t *self);

//  Microseconds from the start to a moment; 0 for a moment that never was.
uint64_t http_deadline_us (const http_deadline_t *self, uint64_t moment_ns);

#endif
