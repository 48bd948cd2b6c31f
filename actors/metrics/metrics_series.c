//  metrics_series: a list of rows. There are few, and calls of one route come in a row.

#include <stdlib.h>
#include <string.h>

#include "actors/metrics/metrics_operation.h"
#include "actors/metrics/metrics_series.h"
#include "broker/core/alloc.h"

#define US_PER_S 1e6
#define CHARACTER_MAX 4 //  bytes of UTF-8

struct _metrics_series_t {
    metrics_row_t *rows;
    size_t size;
    size_t max;
};

//  The buckets that the conventions of OpenTelemetry advise; those of the overhead are ours.
static const metrics_bounds_t s_bounds[METRICS_HISTOGRAMS] = {
    [METRICS_DURATION] = { { 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12,
                             10.24, 20.48, 40.96, 81.92 },
                           14 },
    [METRICS_FIRST] = { { 0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5,
                          0.75, 1, 2.5, 5, 7.5, 10 },
                        16 },
    [METRICS_EACH] = { { 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1,
                         2.5 },
                       13 },
    [METRICS_OVERHEAD] = { { 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                             0.05, 0.1, 0.25, 1 },
                           12 },
    [METRICS_INPUT] = { { 1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576,
                          4194304, 16777216, 67108864 },
                        14 },
    [METRICS_OUTPUT] = { { 1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576,
                           4194304, 16777216, 67108864 },
                         14 },
};

static const char *const s_tokens[METRICS_TOKENS_KINDS] = {
    [METRICS_TOKENS_INPUT] = "input",
    [METRICS_TOKENS_CACHE_READ] = "cache_read",
    [METRICS_TOKENS_CACHE_WRITE] = "cache_write",
    [METRICS_TOKENS_OUTPUT] = "output",
    [METRICS_TOKENS_REASONING] = "reasoning",
};

const metrics_bounds_t *
metrics_bounds (metrics_histogram_kind_t kind)
{
    return &s_bounds[kind];
}

const char *
metrics_tokens_name (metrics_tokens_t kind)
{
    return s_tokens[kind];
}

metrics_series_t *
metrics_series_new (void)
{
    metrics_series_t *self = BR_NEW (metrics_series_t);
    self->max = METRICS_LABELS_MAX;
    return self;
}

void
metrics_series_destroy (metrics_series_t **self_p)
{
    metrics_series_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->size; i++) {
        free (self->rows[i].route);
        free (self->rows[i].provider);
        free (self->rows[i].model);
    }
    free (self->rows);
    free (self);
    *self_p = NULL;
}

void
metrics_series_bound (metrics_series_t *self, size_t max)
{
    self->max = max < METRICS_LABELS_CEILING ? max : METRICS_LABELS_CEILING;
}

//  ---- rows

//  A copy that ends at a character's end.
static char *
s_label (const char *text)
{
    size_t size = strnlen (text, METRICS_LABEL_BYTES + 1);
    if (size > METRICS_LABEL_BYTES)
        for (size = METRICS_LABEL_BYTES; size && ((unsigned char) text[size] >> 6) == 2;)
            size--;
    return br_strf ("%.*s", (int) size, text);
}

//  Whether a text has that label, which may be cut before the last character that fits.
static bool
s_is (const char *label, const char *text)
{
    size_t size = strlen (label);
    return strncmp (label, text, size) == 0
           && (text[size] == 0 || size + CHARACTER_MAX > METRICS_LABEL_BYTES);
}

static metrics_row_t *
s_find (const metrics_series_t *self, const struct br_call_metered *call,
        const char *operation)
{
    for (size_t i = 0; i < self->size; i++) {
        metrics_row_t *row = &self->rows[i];
        if (row->operation == operation && s_is (row->model, call->model)
            && s_is (row->provider, call->provider) && s_is (row->route, call->route))
            return row;
    }
    return NULL;
}

static metrics_row_t *
s_make (metrics_series_t *self, const struct br_call_metered *call, const char *operation)
{
    self->rows = br_realloc (self->rows, (self->size + 1) * sizeof *self->rows);
    metrics_row_t *row = &self->rows[self->size++];
    *row = (metrics_row_t) { .operation = operation };
    row->route = s_label (call->route);
    row->provider = s_label (call->provider);
    row->model = s_label (call->model);
    return row;
}

//  The last row stands for all that have no room.
static metrics_row_t *
s_row (metrics_series_t *self, const struct br_call_metered *call)
{
    const char *operation = metrics_operation (call->surface);
    metrics_row_t *row = s_find (self, call, operation);
    if (row)
        return row;
    if (self->size + 1 < self->max)
        return s_make (self, call, operation);
    const struct br_call_metered other = { .route = METRICS_OTHER,
                                           .provider = METRICS_OTHER,
                                           .model = METRICS_OTHER };
    operation = METRICS_OTHER;
    for (size_t i = self->size; i > 0; i--)
        if (strcmp (self->rows[i - 1].operation, METRICS_OTHER) == 0)
            return &self->rows[i - 1];
    return s_make (self, &other, operation);
}

//  ---- a call

static void
s_measure (metrics_row_t *row, metrics_histogram_kind_t kind, double value)
{
    const metrics_bounds_t *bounds = &s_bounds[kind];
    metrics_histogram_t *histogram = &row->histograms[kind];
    size_t i = 0;
    while (i < bounds->count && value > bounds->most[i])
        i++;
    histogram->counts[i]++;
    histogram->count++;
    histogram->sum += value;
}

static void
s_measure_times (metrics_row_t *row, const struct br_call_metered *call)
{
    double whole = (double) call->latency_us / US_PER_S;
    double first = (double) call->first_us / US_PER_S;
    s_measure (row, METRICS_DURATION, whole);
    if (call->outcome != BR_OUTCOME_OK)
        return;
    if (call->first_us)
        s_measure (row, METRICS_FIRST, first);
    if (call->stream && call->first_us && call->output_tokens > 1 && whole > first)
        s_measure (row, METRICS_EACH,
                   (whole - first) / (double) (call->output_tokens - 1));
    if (call->elsewhere_us && call->elsewhere_us <= call->latency_us)
        s_measure (row, METRICS_OVERHEAD,
                   (double) (call->latency_us - call->elsewhere_us) / US_PER_S);
}

static void
s_count_tokens (metrics_row_t *row, const struct br_call_metered *call)
{
    uint64_t cached = call->cache_read_tokens + call->cache_write_tokens;
    uint64_t input = call->input_tokens;
    uint64_t output = call->output_tokens;
    row->tokens[METRICS_TOKENS_INPUT] += input > cached ? input - cached : 0;
    row->tokens[METRICS_TOKENS_CACHE_READ] += call->cache_read_tokens;
    row->tokens[METRICS_TOKENS_CACHE_WRITE] += call->cache_write_tokens;
    row->tokens[METRICS_TOKENS_OUTPUT] += output > call->reasoning_tokens
                                              ? output - call->reasoning_tokens
                                              : 0;
    row->tokens[METRICS_TOKENS_REASONING] += call->reasoning_tokens;
    if (!call->usage_known)
        return;
    s_measure (row, METRICS_INPUT, (double) input);
    s_measure (row, METRICS_OUTPUT, (double) output);
}

//  A sum stays at the greatest there is: a counter never goes back.
static void
s_add_nusd (uint64_t *sum, uint64_t nusd)
{
    *sum = nusd > UINT64_MAX - *sum ? UINT64_MAX : *sum + nusd;
}

void
metrics_series_add (metrics_series_t *self, const struct br_call_metered *call)
{
    metrics_row_t *row = s_row (self, call);
    if (call->outcome < BR_OUTCOME_COUNT)
        row->outcomes[call->outcome]++;
    if (call->code != BR_OK && call->code < BR_ERROR_COUNT)
        row->errors[call->code]++;
    row->attempts += call->attempts;
    s_add_nusd (&row->cost_nusd, call->cost_known ? call->cost_nusd : 0);
    s_add_nusd (&row->operator_nusd, call->operator_nusd);
    row->unpriced += !call->cost_known;
    s_count_tokens (row, call);
    s_measure_times (row, call);
}

size_t
metrics_series_size (const metrics_series_t *self)
{
    return self->size;
}

const metrics_row_t *
metrics_series_at (const metrics_series_t *self, size_t i)
{
    return &self->rows[i];
}
