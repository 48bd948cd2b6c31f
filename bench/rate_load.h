//  rate_load: the load itself: connections, the time table of requests, and what came of
//  them. One thread, one epoll.

#ifndef RATE_LOAD_H
#define RATE_LOAD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/rate_cpu.h"
#include "bench/rate_hist.h"

#define RATE_CONNECTIONS_MAX 16384

typedef struct _rate_plan_t {
    struct sockaddr_in address;
    const char *request; //  borrowed; the whole request, head and body
    size_t request_size; //  bytes
    size_t connections;
    double rate;     //  requests a second; 0 = as fast as each connection goes
    double warmup_s; //  before the window
    double seconds;  //  of the window
    bool holds;      //  one request a connection, opened and held: --open
    bool unread;     //  what is held is not read after its first bytes: --unread
    void (*opened) (void *arg, size_t open, size_t failed); //  all held ones are there
    void *arg;
} rate_plan_t;

//  Counted within the window only, but for the last four.
typedef struct _rate_result_t {
    rate_hist_t latency; //  from the intended time of sending to the last byte
    rate_hist_t first;   //  to the first byte
    rate_hist_t event;   //  age of each event that tells when it was sent
    uint64_t requests;   //  complete and good
    uint64_t errors;     //  refused, cut, or no 200
    uint64_t events;
    uint64_t body_bytes;
    uint64_t unfinished; //  without an answer when all was over; counted as that late
    uint64_t connects;
    uint64_t ended;  //  held streams that ended
    uint64_t failed; //  held streams that never began, or told an error
    uint64_t least;  //  events of the open stream that had the fewest in the window
    double window_s; //  as measured
} rate_result_t;

//  Runs the plan. Memory of the result and of the plan stays the caller's. cpu is read at
//  both ends of the window. *stop ends it early; a held load needs it when seconds is 0.
//  Returns 0, or -1 when nothing could be started.
int rate_load_run (const rate_plan_t *plan, rate_cpu_t *cpu, rate_result_t *ret_result,
                   const volatile int *stop);

#endif
