//  supervisor: starts the threads and processes of a topology, sees them end, and starts
//  them again after a back-off. It knows nothing of messages: the broker tells it what to
//  start and hears what ended.

#ifndef BR_SUPERVISOR_H
#define BR_SUPERVISOR_H

#include "broker/core/runner.h"
#include "broker/core/topology.h"

#define BR_BACKOFF_FIRST_MS 50
#define BR_BACKOFF_MAX_MS 10000
#define BR_BACKOFF_CALM_MS 30000 //  a life of this length resets the back-off
#define BR_GIVE_UP_CRASHES 10 //  ends in a row, each after a short life: no more starts
#define BR_GIVE_UP_LIFE_MS 10000 //  a life under this length is short

typedef struct _br_supervisor_t br_supervisor_t;

typedef struct _br_supervisor_conf_t {
    const br_actor_t *const *actors; //  every kind, for threads
    br_log_t log;
    void *zmq;              //  shared with threads
    const char *broker;     //  endpoint of the broker's mailbox
    const char *broker_key; //  CURVE, or NULL
    const char *run_dir;    //  mailboxes of ipc hosts are bound below it
    const char *home_dir;   //  passed to processes
    br_bus_t bus;
} br_supervisor_conf_t;

//  A host ended: reason is "exit 1", "signal 9", "thread ended". Whether it comes again
//  br_supervisor_gave_up tells.
typedef void (br_supervisor_ended_fn) (void *arg, const char *name, const char *reason);

//  Strings are copied; zmq, actors and arg are borrowed. "caller destroys"
br_supervisor_t *br_supervisor_new (br_loop_t *loop, const br_supervisor_conf_t *conf,
                                    br_supervisor_ended_fn *ended, void *arg);

//  Ends what still runs: processes by SIGKILL; threads must have been told to end.
void br_supervisor_destroy (br_supervisor_t **self_p);

//  Starts a host and keeps it running. Remote ones are nobody's here: 0.
//  err: BR_ESYSTEM.
int br_supervisor_start (br_supervisor_t *self, const br_topology_host_t *host,
                         br_error_t *reterr);

//  From now on nothing that ends is started again.
void br_supervisor_wind_down (br_supervisor_t *self);

//  Kills a process that has fallen silent; a thread can't be.
bool br_supervisor_kill (br_supervisor_t *self, const char *name);

//  Sends a signal to every process that runs; threads are none.
void br_supervisor_signal (br_supervisor_t *self, int number);

unsigned br_supervisor_running (const br_supervisor_t *self); //  count
unsigned br_supervisor_restarts (const br_supervisor_t *self, const char *name);

//  It crashed again and again, and is not started any more.
bool br_supervisor_gave_up (const br_supervisor_t *self, const char *name);

#endif
