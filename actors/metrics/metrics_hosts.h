//  metrics_hosts: how each host of the bus does, as of its last beat.

#ifndef BR_METRICS_HOSTS_H
#define BR_METRICS_HOSTS_H

#include "broker/core/verbs.h"

#define METRICS_HOSTS_MAX 256 //  of others nothing is kept
#define METRICS_HOST_NAME 128 //  bytes of a name, with its end

typedef struct _metrics_host_t {
    char name[METRICS_HOST_NAME];
    uint64_t handler_us;
    uint64_t p999_us;
    uint64_t slow;
    uint64_t messages;
    uint64_t queued_bytes;
    uint64_t restarts;
} metrics_host_t;

//  All zero is an empty one.
typedef struct _metrics_hosts_t {
    metrics_host_t *rows; //  owned
    size_t size;
} metrics_hosts_t;

void metrics_hosts_free (metrics_hosts_t *self);
void metrics_hosts_set (metrics_hosts_t *self, const struct br_bus_pulse *pulse);

#endif
