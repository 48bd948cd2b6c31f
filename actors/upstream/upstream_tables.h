//  upstream_tables: the newest slices of a provider, each as a table with the pool that its
//  connections are in. A call is asked under the slice of the configuration that resolved
//  it, also when a newer one came meanwhile: its endpoint, key and headers belong together.

#ifndef BR_UPSTREAM_TABLES_H
#define BR_UPSTREAM_TABLES_H

#include "actors/upstream/upstream_table.h"

#define UPSTREAM_TABLES_MAX 4 //  slices that are kept, the newest included

typedef struct _upstream_tables_t upstream_tables_t;

//  A table, and the pool for it. "owned by upstream_tables, until the next take"
typedef struct _upstream_way_t {
    uint64_t generation;
    upstream_table_t *table;
    http_client_t *client;
} upstream_way_t;

//  "caller destroys", when no transfer is under way any more
upstream_tables_t *upstream_tables_new (br_loop_t *loop);
void upstream_tables_destroy (upstream_tables_t **self_p);

//  Reads a slice, and keeps it beside those in use until it is taken. One that is the newest
//  itself needs no place: routes may be added and removed as often as one likes, and a call
//  still finds the slice that it was resolved by.
//  err:  BR_ECONFIG
int upstream_tables_try (upstream_tables_t *self, const char *slice, br_error_t *reterr);

//  Uses the slice that was tried last, if any, for calls of this generation on.
//  ret:  false when connections go on as they were: too many pools wait for their end
bool upstream_tables_take (upstream_tables_t *self, uint64_t generation);

//  Uses another table for the newest slice, with the pool that it has: the same slice with
//  another credential. err: BR_ECONFIG, also before the first; then nothing changed
int upstream_tables_replace (upstream_tables_t *self, const char *slice,
                             br_error_t *reterr);

//  What a call of this generation goes by: the newest slice that is not newer, or the
//  oldest that is kept; 0 is the newest. NULL before the first.
const upstream_way_t *upstream_tables_at (const upstream_tables_t *self,
                                          uint64_t generation);

//  Lets pools go that no slice needs and nobody uses. Not from within a transfer.
void upstream_tables_sweep (upstream_tables_t *self);
bool upstream_tables_is_clean (const upstream_tables_t *self); //  no such pool is left

#endif
