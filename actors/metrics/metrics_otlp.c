//  metrics_otlp: what both kinds of requests have in common, and spans.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "actors/metrics/metrics_operation.h"
#include "actors/metrics/metrics_otlp.h"
#include "actors/metrics/metrics_otlp_parts.h"
#include "broker/core/version.h"
#include "broker/proto/attribution.h"
#include "broker/proto/tries.h"

#define NS_PER_US 1000u
#define NS_PER_MS 1000000u
#define KIND_SERVER 2
#define KIND_CLIENT 3
#define STATUS_OK 1
#define STATUS_ERROR 2
#define SPAN_ID_STEP 0x9e3779b97f4a7c15ull //  from an attempt's id to the next one's

//  ---- parts

void
metrics_otlp_text (json_writer_t *out, const char *key, const char *value)
{
    if (!*value)
        return;
    json_open (out, NULL, '{');
    json_put_string (out, "key", key);
    json_open (out, "value", '{');
    json_put_string (out, "stringValue", value);
    json_close (out, '}');
    json_close (out, '}');
}

void
metrics_otlp_count (json_writer_t *out, const char *key, uint64_t value)
{
    json_open (out, NULL, '{');
    json_put_string (out, "key", key);
    json_open (out, "value", '{');
    metrics_otlp_number (out, "intValue", value);
    json_close (out, '}');
    json_close (out, '}');
}

void
metrics_otlp_number (json_writer_t *out, const char *key, uint64_t value)
{
    char text[24];
    snprintf (text, sizeof text, "%" PRIu64, value);
    json_put_string (out, key, text);
}

void
metrics_otlp_begin (json_writer_t *out, const char *resources, const char *scopes,
                    const char *items)
{
    json_open (out, NULL, '{');
    json_open (out, resources, '[');
    json_open (out, NULL, '{');
    json_open (out, "resource", '{');
    json_open (out, "attributes", '[');
    metrics_otlp_text (out, "service.name", "bitrouter");
    metrics_otlp_text (out, "service.version", BR_VERSION);
    json_close (out, ']');
    json_close (out, '}');
    json_open (out, scopes, '[');
    json_open (out, NULL, '{');
    json_open (out, "scope", '{');
    json_put_string (out, "name", "bitrouter");
    json_put_string (out, "version", BR_VERSION);
    json_close (out, '}');
    json_open (out, items, '[');
}

void
metrics_otlp_end (json_writer_t *out)
{
    static const char brackets[] = "]}]}]}";
    for (const char *bracket = brackets; *bracket; bracket++)
        json_close (out, *bracket);
}

//  ---- spans

typedef struct {
    const struct br_call_metered *call;
    br_attribution_t who;
    char trace[33];
    char span[17];
    uint64_t start_ns;
} traced_t;

static void
s_ids (traced_t *self, const metrics_ids_t *ids)
{
    if (strlen (self->who.trace) == sizeof self->trace - 1)
        memcpy (self->trace, self->who.trace, sizeof self->trace);
    else
        snprintf (self->trace, sizeof self->trace, "%016" PRIx64 "%016" PRIx64,
                  ids->trace[0], ids->trace[1]);
    if (strlen (self->who.span) == sizeof self->span - 1)
        memcpy (self->span, self->who.span, sizeof self->span);
    else
        snprintf (self->span, sizeof self->span, "%016" PRIx64, ids->span);
}

static void
s_begin_span (const traced_t *self, json_writer_t *out, const char *span,
              const char *parent, int kind)
{
    json_open (out, NULL, '{');
    json_put_string (out, "traceId", self->trace);
    json_put_string (out, "spanId", span);
    if (*parent)
        json_put_string (out, "parentSpanId", parent);
    json_put_integer (out, "kind", kind);
}

static void
s_times (json_writer_t *out, uint64_t start_ns, uint64_t latency_us)
{
    metrics_otlp_number (out, "startTimeUnixNano", start_ns);
    metrics_otlp_number (out, "endTimeUnixNano", start_ns + latency_us * NS_PER_US);
}

static void
s_status (json_writer_t *out, uint64_t outcome, uint64_t code)
{
    bool is_failed = outcome == BR_OUTCOME_FAILED || outcome == BR_OUTCOME_LOST;
    json_open (out, "status", '{');
    if (outcome == BR_OUTCOME_OK)
        json_put_integer (out, "code", STATUS_OK);
    else if (is_failed) {
        json_put_integer (out, "code", STATUS_ERROR);
        json_put_string (out, "message", br_code_label ((br_code_t) code));
    }
    json_close (out, '}');
}

static void
s_usage (json_writer_t *out, const br_usage_t *usage)
{
    metrics_otlp_count (out, "gen_ai.usage.input_tokens", usage->input);
    metrics_otlp_count (out, "gen_ai.usage.output_tokens", usage->output);
    if (usage->cache_read)
        metrics_otlp_count (out, "gen_ai.usage.cache_read.input_tokens",
                            usage->cache_read);
    if (usage->cache_write)
        metrics_otlp_count (out, "gen_ai.usage.cache_creation.input_tokens",
                            usage->cache_write);
    if (usage->reasoning)
        metrics_otlp_count (out, "gen_ai.usage.reasoning.output_tokens",
                            usage->reasoning);
}

static void
s_call_attributes (const traced_t *self, json_writer_t *out)
{
    const struct br_call_metered *call = self->call;
    br_usage_t usage = { .input = call->input_tokens, .output = call->output_tokens };
    usage.cache_read = call->cache_read_tokens;
    usage.cache_write = call->cache_write_tokens;
    usage.reasoning = call->reasoning_tokens;
    metrics_otlp_text (out, "gen_ai.operation.name", metrics_operation (call->surface));
    metrics_otlp_text (out, "gen_ai.request.model", call->route);
    metrics_otlp_text (out, "gen_ai.response.model", call->model);
    metrics_otlp_text (out, "gen_ai.provider.name", call->provider);
    metrics_otlp_text (out, "gen_ai.conversation.id", self->who.session);
    metrics_otlp_text (out, "gen_ai.agent.name", self->who.agent);
    s_usage (out, &usage);
    if (call->code != BR_OK)
        metrics_otlp_text (out, "error.type", br_code_label ((br_code_t) call->code));
    if (call->status)
        metrics_otlp_count (out, "http.response.status_code", call->status);
    metrics_otlp_text (out, "bitrouter.request_id", call->request_id);
    metrics_otlp_text (out, "bitrouter.user_id", self->who.account);
    metrics_otlp_text (out, "bitrouter.run_id", self->who.run);
    metrics_otlp_text (out, "bitrouter.step", self->who.step);
    metrics_otlp_text (out, "bitrouter.outcome",
                       br_outcome_name ((unsigned) call->outcome));
    metrics_otlp_count (out, "bitrouter.retry_count",
                        call->attempts ? call->attempts - 1 : 0);
    metrics_otlp_count (out, "bitrouter.request_duration_ms", call->latency_us / 1000);
    metrics_otlp_count (out, "bitrouter.upstream_duration_ms", call->elsewhere_us / 1000);
    if (call->first_us)
        metrics_otlp_count (out, "bitrouter.ttft_ms", call->first_us / 1000);
    if (call->cost_known)
        metrics_otlp_count (out, "bitrouter.cost_nusd", call->cost_nusd);
}

static void
s_call_span (const traced_t *self, json_writer_t *out)
{
    const struct br_call_metered *call = self->call;
    char name[256];
    snprintf (name, sizeof name, "%s %.200s", metrics_operation (call->surface),
              call->route);
    s_begin_span (self, out, self->span, self->who.parent, KIND_SERVER);
    json_put_string (out, "name", name);
    s_times (out, self->start_ns, call->latency_us);
    json_open (out, "attributes", '[');
    s_call_attributes (self, out);
    json_close (out, ']');
    s_status (out, call->outcome, call->code);
    json_close (out, '}');
}

static void
s_try_span (const traced_t *self, const br_try_t *row, uint64_t id, json_writer_t *out)
{
    char span[17];
    char name[256];
    snprintf (span, sizeof span, "%016" PRIx64, id ? id : 1);
    snprintf (name, sizeof name, "%s %.200s", metrics_operation (self->call->surface),
              row->model);
    s_begin_span (self, out, span, self->span, KIND_CLIENT);
    json_put_string (out, "name", name);
    s_times (out, self->start_ns + row->after_us * NS_PER_US, row->latency_us);
    json_open (out, "attributes", '[');
    metrics_otlp_text (out, "gen_ai.operation.name",
                       metrics_operation (self->call->surface));
    metrics_otlp_text (out, "gen_ai.request.model", row->model);
    metrics_otlp_text (out, "gen_ai.provider.name", row->provider);
    s_usage (out, &row->usage);
    if (row->code != BR_OK)
        metrics_otlp_text (out, "error.type", br_code_label ((br_code_t) row->code));
    if (row->status)
        metrics_otlp_count (out, "http.response.status_code", row->status);
    metrics_otlp_count (out, "bitrouter.attempt", row->attempt);
    metrics_otlp_text (out, "bitrouter.endpoint", row->endpoint);
    json_close (out, ']');
    s_status (out, row->outcome, row->code);
    json_close (out, '}');
}

void
metrics_otlp_spans (const br_msg_t *msg, const metrics_ids_t *ids, br_buf_t *out)
{
    const struct br_call_metered *call = br_msg_fields (msg);
    traced_t traced = { .call = call, .start_ns = call->started_ms * NS_PER_MS };
    br_attribution_read (&traced.who, call->who);
    s_ids (&traced, ids);
    json_writer_t writer = json_writer (out);
    writer.comma = true;
    s_call_span (&traced, &writer);
    br_try_t rows[BR_TRIES_MAX];
    int count = br_tries_read (call->tries, rows, BR_TRIES_MAX);
    for (int i = 0; i < count; i++)
        s_try_span (&traced, &rows[i], ids->span + SPAN_ID_STEP * (uint64_t) (i + 1),
                    &writer);
}

void
metrics_otlp_traces (const br_buf_t *spans, br_buf_t *out)
{
    json_writer_t writer = json_writer (out);
    metrics_otlp_begin (&writer, "resourceSpans", "scopeSpans", "spans");
    br_buf_add (out, spans->data + 1, spans->size - 1);
    metrics_otlp_end (&writer);
}
