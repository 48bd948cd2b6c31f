//  metrics_table: how each route does, and each endpoint of it: what GET /admin/metrics
//  tells. In memory alone.

#ifndef BR_METRICS_TABLE_H
#define BR_METRICS_TABLE_H

#include "broker/core/buf.h"
#include "broker/core/verbs.h"

#define METRICS_ROUTES_MAX 512   //  of others nothing is told
#define METRICS_ENDPOINTS_MAX 64 //  of one route

typedef struct _metrics_table_t metrics_table_t;

//  "caller destroys"
metrics_table_t *metrics_table_new (void);
void metrics_table_destroy (metrics_table_t **self_p);

//  A call is over; settled_s is unix time. Cancelled calls are no errors. The time of a
//  stream is that to its first byte, and its tokens are not in the averages.
void metrics_table_add (metrics_table_t *self, const struct br_call_metered *call,
                        uint64_t settled_s);

//  Appends the whole as JSON.
void metrics_table_write (const metrics_table_t *self, uint64_t uptime_s, br_buf_t *out);

#endif
