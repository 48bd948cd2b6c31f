//  upstream_table: one slice of the configuration, read once: the endpoints of a provider,
//  its protocols, its deadlines, and how its connections are made. Attempts under way hold
//  the table that they started with.

#ifndef BR_UPSTREAM_TABLE_H
#define BR_UPSTREAM_TABLE_H

#include "broker/net/http_client.h"
#include "actors/upstream/upstream_endpoint.h"

typedef struct _upstream_table_t upstream_table_t;

//  All in milliseconds, 0 = none.
typedef struct _upstream_bounds_t {
    uint64_t connect_ms;
    uint64_t first_byte_ms;
    uint64_t idle_ms;
    uint64_t total_ms;
} upstream_bounds_t;

//  err:  BR_ECONFIG
//  "caller destroys"
upstream_table_t *upstream_table_new (const char *slice, br_error_t *reterr);

//  One more reference. Returns self.
upstream_table_t *upstream_table_ref (upstream_table_t *self);
void upstream_table_destroy (upstream_table_t **self_p); //  lets one reference go

//  "" is the provider's own. NULL when there is none of this name.
const upstream_endpoint_t *upstream_table_find (const upstream_table_t *self,
                                                const char *name);

//  Whether the endpoint speaks the protocol for this model. The closest match counts: the
//  whole name, then the longest beginning ("gpt-*"), then "*".
bool upstream_table_speaks (const upstream_table_t *self,
                            const upstream_endpoint_t *endpoint, const char *protocol,
                            const char *model);

const upstream_bounds_t *upstream_table_bounds (const upstream_table_t *self);

//  How connections are made. Its strings are "owned by self".
const http_client_conf_t *upstream_table_link (const upstream_table_t *self);
bool upstream_table_is_linked_as (const upstream_table_t *self,
                                  const upstream_table_t *other);

#endif
