//  metrics_text: the figures as Prometheus reads them.
//  src:  Prometheus text format 0.0.4; names of the OpenTelemetry conventions for generative
//        AI as its exporters write them

#ifndef BR_METRICS_TEXT_H
#define BR_METRICS_TEXT_H

#include "actors/metrics/metrics_breakers.h"
#include "actors/metrics/metrics_findings.h"
#include "actors/metrics/metrics_hosts.h"
#include "actors/metrics/metrics_series.h"
#include "broker/core/buf.h"

#define METRICS_TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"

//  All of it is borrowed.
typedef struct _metrics_figures_t {
    const metrics_series_t *series;
    const metrics_hosts_t *hosts;
    const metrics_breakers_t *breakers;
    const metrics_findings_t *findings;
    double uptime_s;
} metrics_figures_t;

void metrics_text_write (const metrics_figures_t *figures, br_buf_t *out);

#endif
