//  runner: a host with its seat at the bus, from start to end: what a thread or a process
//  of the topology runs.

#ifndef BR_RUNNER_H
#define BR_RUNNER_H

#include "broker/core/member.h"

typedef struct _br_runner_conf_t {
    const char *name;                //  of the host
    const br_actor_t *const *actors; //  every kind
    br_log_t log;
    br_member_conf_t member;
} br_runner_conf_t;

//  Runs until the broker says the end, or is gone. zmq is borrowed.
//  0, or -1 when the host could not start, was refused, or lost the broker.
int br_runner_run (const br_runner_conf_t *conf, void *zmq, br_error_t *reterr);

#endif
