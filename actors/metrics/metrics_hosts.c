//  metrics_hosts: a list by name.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/metrics/metrics_hosts.h"
#include "broker/core/alloc.h"

void
metrics_hosts_free (metrics_hosts_t *self)
{
    free (self->rows);
    *self = (metrics_hosts_t) { .rows = NULL };
}

static metrics_host_t *
s_row (metrics_hosts_t *self, const char *name)
{
    for (size_t i = 0; i < self->size; i++)
        if (strncmp (self->rows[i].name, name, METRICS_HOST_NAME - 1) == 0)
            return &self->rows[i];
    if (self->size == METRICS_HOSTS_MAX)
        return NULL;
    self->rows = br_realloc (self->rows, (self->size + 1) * sizeof *self->rows);
    metrics_host_t *row = &self->rows[self->size++];
    snprintf (row->name, sizeof row->name, "%s", name);
    return row;
}

void
metrics_hosts_set (metrics_hosts_t *self, const struct br_bus_pulse *pulse)
{
    metrics_host_t *row = s_row (self, pulse->host);
    if (!row)
        return;
    row->handler_us = pulse->handler_us;
    row->p999_us = pulse->p999_us;
    row->slow = pulse->slow;
    row->messages = pulse->messages;
    row->queued_bytes = pulse->queued_bytes;
    row->restarts = pulse->restarts;
}
