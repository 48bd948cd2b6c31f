//  topology: which hosts there are, where each runs, and which actors live in it. A YAML
//  file, conf/topology/*.yaml; the code of the actors never knows.

#ifndef BR_TOPOLOGY_H
#define BR_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/core/actor.h"
#include "broker/core/error.h"

#define BR_TOPOLOGY_HOSTS_MAX 128
#define BR_SHARDS_MAX 16 //  of `count: auto`

typedef enum {
    BR_PLACE_THREAD,  //  of the broker's process
    BR_PLACE_PROCESS, //  of the broker's machine, started by the broker
    BR_PLACE_REMOTE   //  started by somebody else: bitrouter actor NAME --broker ENDPOINT
} br_placement_t;

typedef enum {
    BR_BUS_INPROC,
    BR_BUS_IPC,
    BR_BUS_TCP
} br_bus_t;

//  Where something is written in the file, from 1.
typedef struct _br_topology_mark_t {
    unsigned line;
    unsigned column;
} br_topology_mark_t;

typedef struct _br_topology_host_t {
    char *name; //  "shard"; with count > 1 "shard-1", "shard-2"
    br_placement_t place;
    unsigned count; //  copies; left out 1; auto = one for each processor
    char **actors;  //  "router", "upstream/*"
    unsigned actors_count;
    br_topology_mark_t at;         //  of its row
    br_topology_mark_t *actors_at; //  of each of its actors
    char *bind; //  tcp: where its mailbox is bound, "tcp://10.0.0.2:*"; or NULL
} br_topology_host_t;

typedef struct _br_topology_t {
    char *what; //  its name in errors
    br_bus_t bus;
    char *broker; //  tcp: where the broker is bound, "tcp://10.0.0.1:7700"
    br_topology_host_t *hosts;
    unsigned hosts_count;
} br_topology_t;

//  Reads YAML; what is its name in errors. Counts are resolved: each row is one host
//  afterwards. "caller destroys". err: BR_ECONFIG with line, column and what to do.
br_topology_t *br_topology_parse (const char *yaml, size_t size, const char *what,
                                  br_error_t *reterr);

//  A name of those built in ("one", "processes", "hosts") or a path. err: BR_ECONFIG.
br_topology_t *br_topology_load (const char *name, br_error_t *reterr);
void br_topology_destroy (br_topology_t **self_p);

//  Whether each pattern can match an actor of some kind; kinds ends with NULL.
//  err: BR_ECONFIG with line, column and the nearest name
int br_topology_check_actors (const br_topology_t *self, const br_actor_t *const *kinds,
                              br_error_t *reterr);

//  Whether an actor's name matches one of the host's patterns.
bool br_topology_runs (const br_topology_host_t *host, const char *actor);

#endif
