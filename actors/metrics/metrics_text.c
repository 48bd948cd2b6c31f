//  metrics_text: one family after the other, each with its help, its type and its rows.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "actors/metrics/metrics_text.h"
#include "broker/core/failure.h"
#include "broker/core/version.h"

#define NUSD_PER_USD 1000000000u
#define US_PER_S 1e6

static void
s_family (br_buf_t *out, const char *name, const char *type, const char *help)
{
    br_buf_addf (out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

//  A label's value: backslash, quote and line feed are escaped; bytes of control are not.
static void
s_label (br_buf_t *out, const char *name, const char *value, const char *before)
{
    br_buf_addf (out, "%s%s=\"", before, name);
    for (const char *c = value; *c; c++) {
        if (*c == '\\' || *c == '"')
            br_buf_addc (out, '\\');
        if (*c == '\n')
            br_buf_adds (out, "\\n");
        else
            br_buf_addc (out, *c);
    }
    br_buf_addc (out, '"');
}

//  "{route=...,provider=...,model=..." without its end.
static void
s_begin_own (br_buf_t *out, const char *name, const metrics_row_t *row)
{
    br_buf_adds (out, name);
    s_label (out, "route", row->route, "{");
    s_label (out, "provider", row->provider, ",");
    s_label (out, "model", row->model, ",");
}

static void
s_begin_gen_ai (br_buf_t *out, const char *name, const metrics_row_t *row)
{
    br_buf_adds (out, name);
    s_label (out, "gen_ai_operation_name", row->operation, "{");
    s_label (out, "gen_ai_provider_name", row->provider, ",");
    s_label (out, "gen_ai_request_model", row->route, ",");
    s_label (out, "gen_ai_response_model", row->model, ",");
}

static void
s_end (br_buf_t *out, uint64_t value)
{
    br_buf_addf (out, "} %" PRIu64 "\n", value);
}

//  ---- histograms

typedef void (s_begin_fn) (br_buf_t *out, const char *name, const metrics_row_t *row);

typedef struct {
    const char *name;
    metrics_histogram_kind_t kind;
    s_begin_fn *begin;
    const char *label; //  one more, with its value; NULL = none
    const char *value;
} histogram_t;

static void
s_begin (br_buf_t *out, const histogram_t *what, const char *suffix,
         const metrics_row_t *row)
{
    char name[128];
    snprintf (name, sizeof name, "%s_%s", what->name, suffix);
    what->begin (out, name, row);
    if (what->label)
        s_label (out, what->label, what->value, ",");
}

static void
s_write_histogram (br_buf_t *out, const histogram_t *what, const metrics_row_t *row)
{
    const metrics_histogram_t *histogram = &row->histograms[what->kind];
    const metrics_bounds_t *bounds = metrics_bounds (what->kind);
    if (!histogram->count)
        return;
    uint64_t below = 0;
    for (size_t i = 0; i < bounds->count; i++) {
        below += histogram->counts[i];
        s_begin (out, what, "bucket", row);
        br_buf_addf (out, ",le=\"%.10g\"} %" PRIu64 "\n", bounds->most[i], below);
    }
    s_begin (out, what, "bucket", row);
    br_buf_addf (out, ",le=\"+Inf\"} %" PRIu64 "\n", histogram->count);
    s_begin (out, what, "sum", row);
    br_buf_addf (out, "} %.10g\n", histogram->sum);
    s_begin (out, what, "count", row);
    s_end (out, histogram->count);
}

static const struct {
    histogram_t what;
    const char *help; //  NULL: it goes on with the family before
} s_histograms[] = {
    { { "gen_ai_client_operation_duration_seconds", METRICS_DURATION, s_begin_gen_ai,
        NULL, NULL },
      "Duration of a call, from its request to its last byte." },
    { { "gen_ai_server_time_to_first_token_seconds", METRICS_FIRST, s_begin_gen_ai, NULL,
        NULL },
      "From a request to the first byte of a good answer." },
    { { "gen_ai_server_time_per_output_token_seconds", METRICS_EACH, s_begin_gen_ai, NULL,
        NULL },
      "Time for each token of a stream behind its first one." },
    { { "gen_ai_client_token_usage", METRICS_INPUT, s_begin_gen_ai, "gen_ai_token_type",
        "input" },
      "Tokens of a call, as its provider has counted them." },
    { { "gen_ai_client_token_usage", METRICS_OUTPUT, s_begin_gen_ai, "gen_ai_token_type",
        "output" },
      NULL },
    { { "bitrouter_overhead_seconds", METRICS_OVERHEAD, s_begin_own, NULL, NULL },
      "Time of a call that no provider and no back-off had." },
};

static void
s_write_histograms (const metrics_series_t *series, br_buf_t *out)
{
    for (size_t i = 0; i < sizeof s_histograms / sizeof *s_histograms; i++) {
        const histogram_t *what = &s_histograms[i].what;
        if (s_histograms[i].help)
            s_family (out, what->name, "histogram", s_histograms[i].help);
        for (size_t j = 0; j < metrics_series_size (series); j++)
            s_write_histogram (out, what, metrics_series_at (series, j));
    }
}

//  ---- counters

static void
s_write_outcomes (br_buf_t *out, const metrics_row_t *row)
{
    for (unsigned i = 0; i < BR_OUTCOME_COUNT; i++) {
        if (!row->outcomes[i])
            continue;
        s_begin_own (out, "bitrouter_calls_total", row);
        s_label (out, "outcome", br_outcome_name (i), ",");
        s_end (out, row->outcomes[i]);
    }
}

static void
s_write_attempts (br_buf_t *out, const metrics_row_t *row)
{
    s_begin_own (out, "bitrouter_attempts_total", row);
    s_end (out, row->attempts);
}

static void
s_write_errors (br_buf_t *out, const metrics_row_t *row)
{
    for (unsigned i = 0; i < BR_ERROR_COUNT; i++) {
        if (!row->errors[i])
            continue;
        s_begin_own (out, "bitrouter_errors_total", row);
        s_label (out, "type", br_code_label ((br_code_t) i), ",");
        s_end (out, row->errors[i]);
    }
}

static void
s_write_tokens (br_buf_t *out, const metrics_row_t *row)
{
    for (unsigned i = 0; i < METRICS_TOKENS_KINDS; i++) {
        if (!row->tokens[i])
            continue;
        s_begin_own (out, "bitrouter_tokens_total", row);
        s_label (out, "kind", metrics_tokens_name ((metrics_tokens_t) i), ",");
        s_end (out, row->tokens[i]);
    }
}

//  Exact decimals of USD.
static void
s_end_usd (br_buf_t *out, uint64_t nusd)
{
    br_buf_addf (out, "} %" PRIu64 ".%09" PRIu64 "\n", nusd / NUSD_PER_USD,
                 nusd % NUSD_PER_USD);
}

static void
s_write_cost (br_buf_t *out, const metrics_row_t *row)
{
    s_begin_own (out, "bitrouter_cost_usd_total", row);
    s_end_usd (out, row->cost_nusd);
}

static void
s_write_operator_cost (br_buf_t *out, const metrics_row_t *row)
{
    s_begin_own (out, "bitrouter_operator_cost_usd_total", row);
    s_end_usd (out, row->operator_nusd);
}

static void
s_write_unpriced (br_buf_t *out, const metrics_row_t *row)
{
    s_begin_own (out, "bitrouter_unpriced_calls_total", row);
    s_end (out, row->unpriced);
}

static const struct {
    const char *name;
    const char *help;
    void (*write) (br_buf_t *out, const metrics_row_t *row);
} s_counters[] = {
    { "bitrouter_calls_total", "Calls that are over, by how they ended.",
      s_write_outcomes },
    { "bitrouter_attempts_total", "Attempts at providers.", s_write_attempts },
    { "bitrouter_errors_total", "Calls that failed, by the type of their error.",
      s_write_errors },
    { "bitrouter_tokens_total", "Tokens, counted or estimated.", s_write_tokens },
    { "bitrouter_cost_usd_total", "What callers owe, of calls whose cost is known.",
      s_write_cost },
    { "bitrouter_operator_cost_usd_total", "What the tokens of providers are worth.",
      s_write_operator_cost },
    { "bitrouter_unpriced_calls_total", "Calls whose cost nobody knows.",
      s_write_unpriced },
};

static void
s_write_counters (const metrics_series_t *series, br_buf_t *out)
{
    for (size_t i = 0; i < sizeof s_counters / sizeof *s_counters; i++) {
        s_family (out, s_counters[i].name, "counter", s_counters[i].help);
        for (size_t j = 0; j < metrics_series_size (series); j++)
            s_counters[i].write (out, metrics_series_at (series, j));
    }
}

//  ---- endpoints and hosts

static void
s_write_breakers (const metrics_breakers_t *breakers, br_buf_t *out)
{
    s_family (out, "bitrouter_breaker_state", "gauge",
              "Endpoints that were out of use: 0 in use again, 1 out of use, 2 tried by "
              "one call.");
    for (size_t i = 0; i < breakers->size; i++) {
        const metrics_breaker_t *row = &breakers->rows[i];
        br_buf_adds (out, "bitrouter_breaker_state");
        s_label (out, "provider", row->provider, "{");
        s_label (out, "endpoint", row->endpoint, ",");
        s_label (out, "model", row->model, ",");
        s_end (out, row->state);
    }
}

static void
s_write_finding (br_buf_t *out, const char *name, const metrics_finding_t *row,
                 uint64_t value)
{
    br_buf_adds (out, name);
    s_label (out, "family", row->family, "{");
    s_label (out, "action", row->action, ",");
    s_label (out, "direction", row->direction, ",");
    s_end (out, value);
}

static void
s_write_findings (const metrics_findings_t *findings, br_buf_t *out)
{
    static const char found[] = "bitrouter_guard_findings_total";
    static const char failed[] = "bitrouter_guard_failures_total";
    s_family (out, found, "counter", "What guardrails have found.");
    for (size_t i = 0; i < findings->size; i++)
        s_write_finding (out, found, &findings->rows[i], findings->rows[i].count);
    s_family (out, failed, "counter",
              "Texts that a guardrail could not try to their end.");
    for (size_t i = 0; i < findings->size; i++)
        s_write_finding (out, failed, &findings->rows[i], findings->rows[i].failed);
}

static double
s_queued (const metrics_host_t *host)
{
    return (double) host->queued_bytes;
}

static double
s_messages (const metrics_host_t *host)
{
    return (double) host->messages;
}

static double
s_slow (const metrics_host_t *host)
{
    return (double) host->slow;
}

static double
s_longest (const metrics_host_t *host)
{
    return (double) host->handler_us / US_PER_S;
}

static double
s_restarts (const metrics_host_t *host)
{
    return (double) host->restarts;
}

static const struct {
    const char *name;
    const char *type;
    const char *help;
    double (*value) (const metrics_host_t *host);
} s_host_families[] = {
    { "bitrouter_host_queued_bytes", "gauge", "Bytes in the queues of a host.",
      s_queued },
    { "bitrouter_host_messages_total", "counter", "Messages that a host has handled.",
      s_messages },
    { "bitrouter_host_slow_handlers_total", "counter", "Handlers that took over 5 ms.",
      s_slow },
    { "bitrouter_host_longest_handler_seconds", "gauge",
      "The longest handler since the last beat but one.", s_longest },
    { "bitrouter_host_restarts_total", "counter", "How often a host was started again.",
      s_restarts },
};

static void
s_write_hosts (const metrics_hosts_t *hosts, br_buf_t *out)
{
    for (size_t i = 0; i < sizeof s_host_families / sizeof *s_host_families; i++) {
        s_family (out, s_host_families[i].name, s_host_families[i].type,
                  s_host_families[i].help);
        for (size_t j = 0; j < hosts->size; j++) {
            br_buf_adds (out, s_host_families[i].name);
            s_label (out, "host", hosts->rows[j].name, "{");
            br_buf_addf (out, "} %.15g\n", s_host_families[i].value (&hosts->rows[j]));
        }
    }
}

void
metrics_text_write (const metrics_figures_t *figures, br_buf_t *out)
{
    s_family (out, "bitrouter_build_info", "gauge", "Always 1; the version is a label.");
    br_buf_addf (out, "bitrouter_build_info{version=\"%s\"} 1\n", BR_VERSION);
    s_family (out, "bitrouter_uptime_seconds", "gauge", "Since these figures began.");
    br_buf_addf (out, "bitrouter_uptime_seconds %.10g\n", figures->uptime_s);
    s_write_counters (figures->series, out);
    s_write_histograms (figures->series, out);
    s_write_breakers (figures->breakers, out);
    s_write_findings (figures->findings, out);
    s_write_hosts (figures->hosts, out);
}
