//  upstream_table: one slice of the configuration, read once: the endpoints of a
//  provider, its protocols, its deadlines, and how its connections are made. Attempts
//  under way hold the table that they started with.

#ifndef BR_UPSTREAM_TABLE_H
#define BR_UPSTREAM_TABLE_H

#include "broker/net/http_client.h"
#include "broker/proto/surface.h"
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

//  In which way the endpoint is asked for what a client asks: the surface itself, if it
//  speaks that protocol for this model; else, where it may be translated, the same of the
//  first other protocol that it speaks, in the configuration's order. A count of tokens
//  is asked of Chat, which has none, only where nothing else is spoken. Embeddings go
//  between OpenAI's words and Google's.
//  in:   stream, the client wants a stream
//  ret:  BR_SURFACE_NONE when it cannot be asked
br_surface_t upstream_table_ask (const upstream_table_t *self,
                                 const upstream_endpoint_t *endpoint,
                                 br_surface_t surface, const char *model, bool stream);

//  Tokens of an answer of this model at the most; 0 = unknown.
uint32_t upstream_table_max_output (const upstream_table_t *self, const char *model);

const upstream_bounds_t *upstream_table_bounds (const upstream_table_t *self);

//  How connections are made. Its strings are "owned by self".
const http_client_conf_t *upstream_table_link (const upstream_table_t *self);
bool upstream_table_is_linked_as (const upstream_table_t *self,
                                  const upstream_table_t *other);

#endif
