//  metrics_table: routes in the order of their names, each with its endpoints.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actors/metrics/metrics_samples.h"
#include "actors/metrics/metrics_table.h"
#include "broker/core/alloc.h"
#include "broker/core/json_writer.h"

#define RATE_TEXT 32 //  bytes of a share as text

typedef struct {
    char *name;
    uint64_t requests;
    uint64_t errors;
    metrics_samples_t latency; //  ms
} figures_t;

typedef struct {
    figures_t figures;
    uint64_t counted; //  calls whose tokens are in the sums
    uint64_t input;   //  tokens
    uint64_t output;
    uint64_t last_s; //  unix
    figures_t *endpoints;
    size_t endpoints_size;
} route_t;

struct _metrics_table_t {
    route_t *routes;
    size_t size;
};

metrics_table_t *
metrics_table_new (void)
{
    return BR_NEW (metrics_table_t);
}

static void
s_free (figures_t *figures)
{
    free (figures->name);
    metrics_samples_free (&figures->latency);
}

void
metrics_table_destroy (metrics_table_t **self_p)
{
    metrics_table_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->size; i++) {
        route_t *route = &self->routes[i];
        for (size_t j = 0; j < route->endpoints_size; j++)
            s_free (&route->endpoints[j]);
        free (route->endpoints);
        s_free (&route->figures);
    }
    free (self->routes);
    free (self);
    *self_p = NULL;
}

//  ---- the row of a name, which is its first member's; made where it is missing

//  Both kinds of rows begin with their figures.
static const figures_t *
s_figures (const void *rows, size_t width, size_t i)
{
    return (const figures_t *) (const void *) ((const char *) rows + i * width);
}

//  Where a name is, or would be.
static size_t
s_place (const void *rows, size_t width, size_t size, const char *name, bool *ret_found)
{
    size_t from = 0;
    size_t to = size;
    *ret_found = false;
    while (from < to) {
        size_t middle = (from + to) / 2;
        int order = strcmp (s_figures (rows, width, middle)->name, name);
        if (order == 0) {
            *ret_found = true;
            return middle;
        }
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

//  Returns the row's place, or -1 when there is no room. *rows_p may move.
static int
s_row (void **rows_p, size_t width, size_t *size, size_t max, const char *name)
{
    bool found;
    size_t at = s_place (*rows_p, width, *size, name, &found);
    if (found)
        return (int) at;
    if (*size == max)
        return -1;
    char *rows = br_realloc (*rows_p, (*size + 1) * width);
    memmove (rows + (at + 1) * width, rows + at * width, (*size - at) * width);
    memset (rows + at * width, 0, width);
    figures_t *figures = (figures_t *) (void *) (rows + at * width);
    figures->name = br_strdup (name);
    *rows_p = rows;
    ++*size;
    return (int) at;
}

static route_t *
s_route (metrics_table_t *self, const char *name)
{
    void *rows = self->routes;
    int at = s_row (&rows, sizeof (route_t), &self->size, METRICS_ROUTES_MAX, name);
    self->routes = rows;
    return at < 0 ? NULL : &self->routes[at];
}

static figures_t *
s_endpoint (route_t *route, const struct br_call_metered *call)
{
    char *name = br_strf ("%s:%s", call->provider, call->model);
    void *rows = route->endpoints;
    int at = s_row (&rows, sizeof (figures_t), &route->endpoints_size,
                    METRICS_ENDPOINTS_MAX, name);
    route->endpoints = rows;
    free (name);
    return at < 0 ? NULL : &route->endpoints[at];
}

//  ---- a call

static void
s_count (figures_t *figures, const struct br_call_metered *call)
{
    bool failed = call->outcome == BR_OUTCOME_FAILED || call->outcome == BR_OUTCOME_LOST;
    uint64_t us = call->stream ? call->first_us : call->latency_us;
    figures->requests++;
    figures->errors += failed;
    if (call->outcome == BR_OUTCOME_OK)
        metrics_samples_add (&figures->latency, us / 1000);
}

void
metrics_table_add (metrics_table_t *self, const struct br_call_metered *call,
                   uint64_t settled_s)
{
    route_t *route = s_route (self, call->route);
    if (!route)
        return;
    s_count (&route->figures, call);
    route->last_s = settled_s;
    if (!call->stream && call->usage_known) {
        route->counted++;
        route->input += call->input_tokens;
        route->output += call->output_tokens;
    }
    figures_t *endpoint = *call->provider ? s_endpoint (route, call) : NULL;
    if (endpoint)
        s_count (endpoint, call);
}

//  ---- the text

static void
s_write_counts (const figures_t *figures, json_writer_t *out)
{
    json_put_integer (out, "total_requests", (int64_t) figures->requests);
    json_put_integer (out, "total_errors", (int64_t) figures->errors);
}

static void
s_write_latency (const figures_t *figures, json_writer_t *out)
{
    if (!figures->latency.size)
        return;
    uint64_t p50 = metrics_samples_percentile (&figures->latency, 50);
    uint64_t p99 = metrics_samples_percentile (&figures->latency, 99);
    json_put_integer (out, "latency_p50_ms", (int64_t) p50);
    json_put_integer (out, "latency_p99_ms", (int64_t) p99);
}

static void
s_write_share (const figures_t *figures, json_writer_t *out)
{
    char text[RATE_TEXT];
    double share = figures->requests
                       ? (double) figures->errors / (double) figures->requests
                       : 0;
    snprintf (text, sizeof text, "%.6g", share);
    json_put_raw (out, "error_rate", br_text (text));
}

static void
s_write_route (const route_t *route, json_writer_t *out)
{
    json_put_key (out, br_text (route->figures.name));
    json_open (out, NULL, '{');
    s_write_counts (&route->figures, out);
    s_write_share (&route->figures, out);
    s_write_latency (&route->figures, out);
    if (route->counted) {
        json_put_integer (out, "avg_input_tokens",
                          (int64_t) (route->input / route->counted));
        json_put_integer (out, "avg_output_tokens",
                          (int64_t) (route->output / route->counted));
    }
    json_put_integer (out, "last_used", (int64_t) route->last_s);
    json_open (out, "by_endpoint", '{');
    for (size_t i = 0; i < route->endpoints_size; i++) {
        json_put_key (out, br_text (route->endpoints[i].name));
        json_open (out, NULL, '{');
        s_write_counts (&route->endpoints[i], out);
        s_write_latency (&route->endpoints[i], out);
        json_close (out, '}');
    }
    json_close (out, '}');
    json_close (out, '}');
}

void
metrics_table_write (const metrics_table_t *self, uint64_t uptime_s, br_buf_t *out)
{
    json_writer_t writer = json_writer (out);
    json_open (&writer, NULL, '{');
    json_put_integer (&writer, "uptime_seconds", (int64_t) uptime_s);
    json_open (&writer, "routes", '{');
    for (size_t i = 0; i < self->size; i++)
        s_write_route (&self->routes[i], &writer);
    json_close (&writer, '}');
    json_close (&writer, '}');
}
