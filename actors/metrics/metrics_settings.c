//  metrics_settings: one function for each kind of member.

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "actors/metrics/metrics_requests.h"
#include "actors/metrics/metrics_series.h"
#include "actors/metrics/metrics_settings.h"
#include "broker/core/alloc.h"

static int
s_number (const cJSON *object, const char *key, uint64_t least, uint64_t most,
          uint64_t *number, br_error_t *reterr)
{
    const cJSON *node = cJSON_GetObjectItemCaseSensitive (object, key);
    if (!node)
        return 0;
    double value = cJSON_GetNumberValue (node);
    if (!(value >= (double) least && value <= (double) most)
        || (double) (uint64_t) value != value)
        return br_error_set (reterr, BR_ECONFIG,
                             "telemetry: %s must be a whole number from %llu to %llu",
                             key, (unsigned long long) least, (unsigned long long) most);
    *number = (uint64_t) value;
    return 0;
}

static void
s_flag (const cJSON *object, const char *key, bool *flag)
{
    const cJSON *node = cJSON_GetObjectItemCaseSensitive (object, key);
    if (cJSON_IsBool (node))
        *flag = cJSON_IsTrue (node);
}

static int
s_headers (metrics_settings_t *self, const cJSON *headers, br_error_t *reterr)
{
    size_t count = 0;
    self->headers = br_alloc (METRICS_HEADERS_MAX + 1, sizeof *self->headers);
    const cJSON *header;
    cJSON_ArrayForEach (header, headers)
    {
        const char *value = cJSON_GetStringValue (header);
        if (!value || count == METRICS_HEADERS_MAX)
            return br_error_set (reterr, BR_ECONFIG,
                                 "telemetry: otlp.headers are at most %d texts",
                                 METRICS_HEADERS_MAX);
        self->headers[count++] = br_strf ("%s: %s", header->string, value);
    }
    return 0;
}

static int
s_endpoint (metrics_settings_t *self, const cJSON *otlp, br_error_t *reterr)
{
    const char *text = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (otlp, "endpoint"));
    if (!text || (strncmp (text, "http://", 7) && strncmp (text, "https://", 8)))
        return br_error_set (reterr, BR_ECONFIG,
                             "telemetry: otlp.endpoint must be a URL, "
                             "http://HOST:4318");
    size_t size = strlen (text);
    while (size && text[size - 1] == '/')
        size--;
    self->endpoint = br_strf ("%.*s", (int) size, text);
    return 0;
}

static int
s_otlp (metrics_settings_t *self, const cJSON *otlp, br_error_t *reterr)
{
    if (!cJSON_IsObject (otlp))
        return 0;
    s_flag (otlp, "traces", &self->traces);
    s_flag (otlp, "metrics", &self->metrics);
    if (s_endpoint (self, otlp, reterr)
        || s_headers (self, cJSON_GetObjectItemCaseSensitive (otlp, "headers"), reterr))
        return -1;
    return s_number (otlp, "interval_ms", METRICS_INTERVAL_LEAST_MS,
                     METRICS_INTERVAL_MOST_MS, &self->interval_ms, reterr);
}

static int
s_requests (metrics_settings_t *self, const cJSON *log, br_error_t *reterr)
{
    if (!cJSON_IsObject (log))
        return 0;
    const char *path = cJSON_GetStringValue (
        cJSON_GetObjectItemCaseSensitive (log, "path"));
    if (!path || *path != '/')
        return br_error_set (reterr, BR_ECONFIG, "request_log: path must be absolute");
    self->requests = br_strdup (path);
    if (s_number (log, "bytes_max", 1, METRICS_REQUESTS_BYTES_MOST, &self->requests_bytes,
                  reterr))
        return -1;
    return s_number (log, "keep", 0, METRICS_REQUESTS_KEEP_MAX, &self->requests_keep,
                     reterr);
}

metrics_settings_t *
metrics_settings_new (const char *slice, br_error_t *reterr)
{
    metrics_settings_t *self = BR_NEW (metrics_settings_t);
    self->labels_max = METRICS_LABELS_MAX;
    self->interval_ms = METRICS_INTERVAL_MS;
    self->traces = self->metrics = true;
    self->requests_bytes = METRICS_REQUESTS_BYTES;
    self->requests_keep = METRICS_REQUESTS_KEEP;
    cJSON *root = cJSON_Parse (slice);
    int rc = 0;
    if (!cJSON_IsObject (root))
        rc = br_error_set (reterr, BR_ECONFIG, "telemetry: the slice is no object");
    if (rc == 0)
        rc = s_number (root, "labels_max", 1, METRICS_LABELS_CEILING, &self->labels_max,
                       reterr);
    if (rc == 0)
        rc = s_otlp (self, cJSON_GetObjectItemCaseSensitive (root, "otlp"), reterr);
    if (rc == 0)
        rc = s_requests (self, cJSON_GetObjectItemCaseSensitive (root, "request_log"),
                         reterr);
    cJSON_Delete (root);
    if (rc)
        metrics_settings_destroy (&self);
    return self;
}

void
metrics_settings_destroy (metrics_settings_t **self_p)
{
    metrics_settings_t *self = *self_p;
    if (!self)
        return;
    for (char **header = self->headers; header && *header; header++)
        free (*header);
    free (self->headers);
    free (self->endpoint);
    free (self->requests);
    free (self);
    *self_p = NULL;
}
