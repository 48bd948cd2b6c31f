//  conf_slice_metrics: how much is told about calls, and to whom it is sent.

#include <stdlib.h>

#include "broker/core/alloc.h"
#include "broker/core/conf_default.h"
#include "broker/core/conf_state.h"

#define BYTES_PER_MB 1048576.0

static void
s_add_otlp (cJSON *slice, const br_conf_otlp_t *otlp)
{
    cJSON *part = cJSON_AddObjectToObject (slice, "otlp");
    bool has_endpoint = otlp->endpoint && *otlp->endpoint;
    cJSON_AddStringToObject (part, "endpoint",
                             has_endpoint ? otlp->endpoint : BR_CONF_OTLP_ENDPOINT);
    cJSON *headers = cJSON_AddObjectToObject (part, "headers");
    for (unsigned i = 0; i < otlp->headers_count; i++)
        cJSON_AddStringToObject (headers, otlp->headers[i].key,
                                 otlp->headers[i].value ? otlp->headers[i].value : "");
    cJSON_AddNumberToObject (
        part, "interval_ms",
        br_conf_state_ms (otlp->interval_secs, BR_CONF_OTLP_INTERVAL_SECS));
    cJSON_AddBoolToObject (part, "traces", !otlp->traces || *otlp->traces);
    cJSON_AddBoolToObject (part, "metrics", !otlp->metrics || *otlp->metrics);
}

//  A relative path is in the folder of logs.
static void
s_add_requests (const br_conf_t *self, cJSON *slice)
{
    const br_conf_request_log_t *log = self->root->request_log;
    if (!log || !log->enabled || !*log->enabled)
        return;
    const char *path = log->path && *log->path ? log->path : BR_CONF_REQUEST_LOG;
    char *full = *path == '/' ? br_strdup (path)
                              : br_strf ("%s/%s", self->home.logs_dir, path);
    cJSON *part = cJSON_AddObjectToObject (slice, "request_log");
    cJSON_AddStringToObject (part, "path", full);
    free (full);
    double mb = log->max_mb ? (double) *log->max_mb : BR_CONF_REQUEST_LOG_MB;
    cJSON_AddNumberToObject (part, "bytes_max", mb * BYTES_PER_MB);
    cJSON_AddNumberToObject (part, "keep",
                             log->keep ? (double) *log->keep : BR_CONF_REQUEST_LOG_KEEP);
}

cJSON *
br_conf_slice_metrics (const br_conf_t *self)
{
    const br_conf_telemetry_t *telemetry = self->root->telemetry;
    cJSON *slice = cJSON_CreateObject ();
    bool has_max = telemetry && telemetry->labels_max;
    cJSON_AddNumberToObject (slice, "labels_max",
                             has_max ? (double) *telemetry->labels_max
                                     : BR_CONF_LABELS_MAX);
    if (telemetry && telemetry->otlp)
        s_add_otlp (slice, telemetry->otlp);
    s_add_requests (self, slice);
    return slice;
}
