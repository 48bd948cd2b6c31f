//  runner: a host with its seat at the bus, from start to end: what a thread or a process
//  of the topology runs. One of another machine lives again and again: its link with the
//  broker may be cut while all is well.

#ifndef BR_RUNNER_H
#define BR_RUNNER_H

#include "broker/core/member.h"

#define BR_REJOIN_MS 600000    //  for so long it tries to join a broker that it has lost
#define BR_REJOIN_PAUSE_MS 100 //  between two lives
#define BR_REJOIN_PAUSE_MAX_MS                                                           \
    10000 //  where the broker ends one short life after the other

typedef struct _br_runner_conf_t {
    const char *name;                //  of the host
    const br_actor_t *const *actors; //  every kind
    br_log_t log;
    br_member_conf_t member; //  join_ms is the runner's own
    uint64_t rejoin_ms; //  BR_REJOIN_MS for a host that joins again; 0 = it ends, who
                        //  started it starts it again
} br_runner_conf_t;

//  Runs until the broker says the end, or is gone. With rejoin_ms a host that has lost the
//  broker, or is told to come again, ends its actors and joins as a new incarnation, with a
//  new mailbox: conf->member.bind is bound again. What the actors keep (br_ctx_keep) is
//  given to those of the next life. zmq is borrowed.
//  0, or -1 when the host could not start, was refused, or lost the broker.
int br_runner_run (const br_runner_conf_t *conf, void *zmq, br_error_t *reterr);

#endif
