//  broker: the actor that knows who is where and what is configured: directory,
//  supervisor, configuration in two steps, event socket and admin door. It is on no
//  call's way.

#ifndef BR_BROKER_H
#define BR_BROKER_H

#include "broker/core/conf.h"
#include "broker/core/member.h"
#include "broker/core/topology.h"

typedef struct _br_broker_t br_broker_t;

extern const br_actor_t br_broker_actor;

typedef struct _br_broker_conf_t {
    br_member_t *member;             //  of the broker's host; borrowed
    void *zmq;                       //  borrowed
    const br_actor_t *const *actors; //  every kind; borrowed
    br_topology_t *topology;         //  borrowed
    br_conf_flags_t flags;           //  for a reload; what it points to is borrowed
    br_conf_t **conf_p;              //  taken
    const char *broker_key;          //  CURVE key of the broker, or NULL
    const br_curve_t *remote;        //  keys for server.remote; borrowed while it opens
    int (*notify) (void);            //  MAY: called once when everything is ready
} br_broker_conf_t;

//  Starts the topology. The actor must have been started on its host as the first one.
//  err: BR_ESYSTEM.
int br_broker_open (br_broker_t *self, const br_broker_conf_t *conf, br_error_t *reterr);

//  As the admin door's reload and stop, for signals.
void br_broker_reload (br_broker_t *self);
void br_broker_stop (br_broker_t *self, uint64_t drain_ms);

//  Hosts that are processes of this machine open their log files again, by SIGUSR1.
void br_broker_reopen_logs (br_broker_t *self);

//  What open calls get to finish when a part or all is stopped, by the configuration. ms
uint64_t br_broker_drain_ms (const br_broker_t *self);

//  Why it ended; BR_OK after a stop that was asked for.
const br_error_t *br_broker_error (const br_broker_t *self);

//  Threads and processes that have not ended. count
unsigned br_broker_running (const br_broker_t *self);

#endif
