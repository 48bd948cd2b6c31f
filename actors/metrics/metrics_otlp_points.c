//  metrics_otlp_points: figures, each a metric with a point for each row.

#include <stdio.h>

#include "actors/metrics/metrics_otlp.h"
#include "actors/metrics/metrics_otlp_parts.h"

#define NS_PER_MS 1000000u
#define CUMULATIVE 2
#define NUSD_PER_USD 1e9

typedef struct {
    json_writer_t *out;
    const metrics_series_t *series;
    uint64_t start_ns;
    uint64_t now_ns;
} report_t;

//  ---- points

static void
s_begin_point (const report_t *report, const metrics_row_t *row)
{
    json_writer_t *out = report->out;
    json_open (out, NULL, '{');
    metrics_otlp_number (out, "startTimeUnixNano", report->start_ns);
    metrics_otlp_number (out, "timeUnixNano", report->now_ns);
    json_open (out, "attributes", '[');
    metrics_otlp_text (out, "gen_ai.operation.name", row->operation);
    metrics_otlp_text (out, "gen_ai.provider.name", row->provider);
    metrics_otlp_text (out, "gen_ai.request.model", row->route);
    metrics_otlp_text (out, "gen_ai.response.model", row->model);
}

//  With one attribute more, whose key may be NULL.
static void
s_end_attributes (const report_t *report, const char *key, const char *value)
{
    if (key)
        metrics_otlp_text (report->out, key, value);
    json_close (report->out, ']');
}

static void
s_put_double (json_writer_t *out, const char *key, double value)
{
    char text[40];
    snprintf (text, sizeof text, "%.15g", value);
    json_put_raw (out, key, br_text (text));
}

static void
s_put_histogram (const report_t *report, metrics_histogram_kind_t kind,
                 const metrics_row_t *row, const char *key, const char *value)
{
    const metrics_histogram_t *histogram = &row->histograms[kind];
    const metrics_bounds_t *bounds = metrics_bounds (kind);
    json_writer_t *out = report->out;
    if (!histogram->count)
        return;
    s_begin_point (report, row);
    s_end_attributes (report, key, value);
    metrics_otlp_number (out, "count", histogram->count);
    s_put_double (out, "sum", histogram->sum);
    json_open (out, "bucketCounts", '[');
    for (size_t i = 0; i <= bounds->count; i++)
        metrics_otlp_number (out, NULL, histogram->counts[i]);
    json_close (out, ']');
    json_open (out, "explicitBounds", '[');
    for (size_t i = 0; i < bounds->count; i++)
        s_put_double (out, NULL, bounds->most[i]);
    json_close (out, ']');
    json_close (out, '}');
}

//  ---- metrics

static void
s_begin_metric (const report_t *report, const char *name, const char *unit,
                const char *kind, bool is_sum)
{
    json_writer_t *out = report->out;
    json_open (out, NULL, '{');
    json_put_string (out, "name", name);
    json_put_string (out, "unit", unit);
    json_open (out, kind, '{');
    json_put_integer (out, "aggregationTemporality", CUMULATIVE);
    if (is_sum)
        json_put_bool (out, "isMonotonic", true);
    json_open (out, "dataPoints", '[');
}

static void
s_end_metric (const report_t *report)
{
    json_close (report->out, ']');
    json_close (report->out, '}');
    json_close (report->out, '}');
}

static void
s_put_times (const report_t *report)
{
    static const struct {
        const char *name;
        metrics_histogram_kind_t kind;
    } rows[] = {
        { "gen_ai.client.operation.duration", METRICS_DURATION },
        { "gen_ai.server.time_to_first_token", METRICS_FIRST },
        { "gen_ai.server.time_per_output_token", METRICS_EACH },
        { "bitrouter.overhead", METRICS_OVERHEAD },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        s_begin_metric (report, rows[i].name, "s", "histogram", false);
        for (size_t j = 0; j < metrics_series_size (report->series); j++)
            s_put_histogram (report, rows[i].kind, metrics_series_at (report->series, j),
                             NULL, NULL);
        s_end_metric (report);
    }
}

static void
s_put_tokens (const report_t *report)
{
    s_begin_metric (report, "gen_ai.client.token.usage", "{token}", "histogram", false);
    for (size_t i = 0; i < metrics_series_size (report->series); i++) {
        const metrics_row_t *row = metrics_series_at (report->series, i);
        s_put_histogram (report, METRICS_INPUT, row, "gen_ai.token.type", "input");
        s_put_histogram (report, METRICS_OUTPUT, row, "gen_ai.token.type", "output");
    }
    s_end_metric (report);
}

static void
s_put_calls (const report_t *report)
{
    s_begin_metric (report, "bitrouter.requests", "{request}", "sum", true);
    for (size_t i = 0; i < metrics_series_size (report->series); i++) {
        const metrics_row_t *row = metrics_series_at (report->series, i);
        for (unsigned j = 0; j < BR_OUTCOME_COUNT; j++) {
            if (!row->outcomes[j])
                continue;
            s_begin_point (report, row);
            s_end_attributes (report, "bitrouter.outcome", br_outcome_name (j));
            metrics_otlp_number (report->out, "asInt", row->outcomes[j]);
            json_close (report->out, '}');
        }
    }
    s_end_metric (report);
}

static void
s_put_errors (const report_t *report)
{
    s_begin_metric (report, "bitrouter.errors", "{request}", "sum", true);
    for (size_t i = 0; i < metrics_series_size (report->series); i++) {
        const metrics_row_t *row = metrics_series_at (report->series, i);
        for (unsigned j = 0; j < BR_ERROR_COUNT; j++) {
            if (!row->errors[j])
                continue;
            s_begin_point (report, row);
            s_end_attributes (report, "error.type", br_code_label ((br_code_t) j));
            metrics_otlp_number (report->out, "asInt", row->errors[j]);
            json_close (report->out, '}');
        }
    }
    s_end_metric (report);
}

static void
s_put_cost (const report_t *report)
{
    s_begin_metric (report, "bitrouter.cost", "{USD}", "sum", true);
    for (size_t i = 0; i < metrics_series_size (report->series); i++) {
        const metrics_row_t *row = metrics_series_at (report->series, i);
        s_begin_point (report, row);
        s_end_attributes (report, NULL, NULL);
        s_put_double (report->out, "asDouble", (double) row->cost_nusd / NUSD_PER_USD);
        json_close (report->out, '}');
    }
    s_end_metric (report);
}

void
metrics_otlp_metrics (const metrics_series_t *series, uint64_t start_ms, uint64_t now_ms,
                      br_buf_t *out)
{
    json_writer_t writer = json_writer (out);
    report_t report = { .out = &writer,
                        .series = series,
                        .start_ns = start_ms * NS_PER_MS,
                        .now_ns = now_ms * NS_PER_MS };
    metrics_otlp_begin (&writer, "resourceMetrics", "scopeMetrics", "metrics");
    s_put_times (&report);
    s_put_tokens (&report);
    s_put_calls (&report);
    s_put_errors (&report);
    s_put_cost (&report);
    metrics_otlp_end (&writer);
}
