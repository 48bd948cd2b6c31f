//  metrics_series: counters and histograms of calls, one row for each route, provider, model
//  and operation, as the OpenTelemetry conventions for generative AI want them. They only
//  grow, from the start of the actor on. Rows are bounded: further ones count as "_other".

#ifndef BR_METRICS_SERIES_H
#define BR_METRICS_SERIES_H

#include "broker/core/error.h"
#include "broker/core/verbs.h"

#define METRICS_LABELS_MAX 200       //  rows, unless the slice says otherwise
#define METRICS_LABELS_CEILING 10000 //  the most that it may say
#define METRICS_LABEL_BYTES 200      //  of one text; longer ones are cut
#define METRICS_BOUNDS_MAX 16        //  of one histogram
#define METRICS_OTHER "_other"

//  What is measured as a histogram.
typedef enum {
    METRICS_DURATION, //  seconds, of the whole call
    METRICS_FIRST,    //  seconds, to the first byte
    METRICS_EACH,     //  seconds for each token of output behind the first
    METRICS_OVERHEAD, //  seconds that were bitrouter's own
    METRICS_INPUT,    //  tokens
    METRICS_OUTPUT,   //  tokens
    METRICS_HISTOGRAMS
} metrics_histogram_kind_t;

//  Bounds of the buckets, in the unit of what is measured; each is the most that a value in
//  its bucket may be. What is over all of them has a bucket too.
typedef struct _metrics_bounds_t {
    double most[METRICS_BOUNDS_MAX];
    size_t count;
} metrics_bounds_t;

const metrics_bounds_t *metrics_bounds (metrics_histogram_kind_t kind);

typedef struct _metrics_histogram_t {
    uint64_t counts[METRICS_BOUNDS_MAX + 1]; //  not cumulative
    uint64_t count;
    double sum;
} metrics_histogram_t;

typedef enum {
    METRICS_TOKENS_INPUT, //  that no cache had a part in
    METRICS_TOKENS_CACHE_READ,
    METRICS_TOKENS_CACHE_WRITE,
    METRICS_TOKENS_OUTPUT, //  that were not reasoning
    METRICS_TOKENS_REASONING,
    METRICS_TOKENS_KINDS
} metrics_tokens_t;

const char *metrics_tokens_name (metrics_tokens_t kind); //  "cache_read"

typedef struct _metrics_row_t {
    char *route; //  the name that clients asked for
    char *provider;
    char *model;           //  the provider's name of the model
    const char *operation; //  "chat", "embeddings", ...
    uint64_t outcomes[BR_OUTCOME_COUNT];
    uint64_t errors[BR_ERROR_COUNT];
    uint64_t attempts;
    uint64_t tokens[METRICS_TOKENS_KINDS];
    uint64_t cost_nusd; //  of calls whose cost is known
    uint64_t operator_nusd;
    uint64_t unpriced; //  calls whose cost nobody knows
    metrics_histogram_t histograms[METRICS_HISTOGRAMS];
} metrics_row_t;

typedef struct _metrics_series_t metrics_series_t;

//  "caller destroys"
metrics_series_t *metrics_series_new (void);
void metrics_series_destroy (metrics_series_t **self_p);

//  How many rows there may be. Those that are there stay.
void metrics_series_bound (metrics_series_t *self, size_t max);

void metrics_series_add (metrics_series_t *self, const struct br_call_metered *call);

size_t metrics_series_size (const metrics_series_t *self);
const metrics_row_t *metrics_series_at (const metrics_series_t *self, size_t i);

#endif
