//  metrics_otlp: calls and figures in the words of OpenTelemetry's protocol, as JSON. No word
//  of a prompt or of an answer is in it, and no credential.
//  src:  OTLP 1.x, JSON encoding; semantic conventions for generative AI

#ifndef BR_METRICS_OTLP_H
#define BR_METRICS_OTLP_H

#include "actors/metrics/metrics_series.h"
#include "broker/core/buf.h"
#include "broker/core/msg.h"

//  Random ids, for calls that came with none: any bytes but all zero.
typedef struct _metrics_ids_t {
    uint64_t trace[2];
    uint64_t span;
} metrics_ids_t;

//  Appends the spans of a call: its own and one for each attempt, each an element with a
//  comma in front. Ids of attempts follow from that of the call.
//  in:   msg, call.metered
void metrics_otlp_spans (const br_msg_t *msg, const metrics_ids_t *ids, br_buf_t *out);

//  Writes a request of spans. in: spans, as above, one or more
void metrics_otlp_traces (const br_buf_t *spans, br_buf_t *out);

//  Writes a request of all figures, cumulative.
//  in:   start_ms, now_ms, unix time
void metrics_otlp_metrics (const metrics_series_t *series, uint64_t start_ms,
                           uint64_t now_ms, br_buf_t *out);

#endif
