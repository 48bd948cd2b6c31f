//  metrics_export: sends spans and figures to a collector, now and then, one request of each
//  kind at a time. What the collector does not take is tried again for a while; what has no
//  room meanwhile is dropped, and counted.
//  src:  OTLP/HTTP, JSON encoding

#ifndef BR_METRICS_EXPORT_H
#define BR_METRICS_EXPORT_H

#include "actors/metrics/metrics_series.h"
#include "actors/metrics/metrics_settings.h"
#include "broker/core/actor.h"

#define METRICS_SPANS_BYTES (4u << 20)    //  that wait
#define METRICS_REQUEST_BYTES (16u << 20) //  of one request
#define METRICS_TRIES_MAX 8               //  of one request
#define METRICS_RETRY_FIRST_MS 500        //  doubles
#define METRICS_RETRY_MAX_MS 30000
#define METRICS_SEND_MS 10000 //  for one request

typedef struct _metrics_export_t metrics_export_t;

//  Begins to export. settings are taken over as they are, with an endpoint; ctx and series
//  are borrowed.
//  "caller destroys". err: those of http_client_new
metrics_export_t *metrics_export_new (br_ctx_t *ctx, metrics_settings_t *settings,
                                      const metrics_series_t *series, uint64_t start_ms,
                                      br_error_t *reterr);
void metrics_export_destroy (metrics_export_t **self_p);

//  A call is over. in: msg, call.metered
void metrics_export_call (metrics_export_t *self, const br_msg_t *msg);

//  Sends what there is, without a further try; then fn is called, maybe at once.
typedef void (metrics_export_fn) (void *arg);
void metrics_export_flush (metrics_export_t *self, metrics_export_fn *fn, void *arg);

uint64_t metrics_export_dropped (const metrics_export_t *self); //  calls, count
uint64_t metrics_export_sent (const metrics_export_t *self);    //  requests taken, count

#endif
