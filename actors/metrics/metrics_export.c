//  metrics_export: two lanes, one for spans and one for figures.

#include <stdlib.h>
#include <string.h>

#include "actors/metrics/metrics_export.h"
#include "actors/metrics/metrics_otlp.h"
#include "broker/core/alloc.h"
#include "broker/core/conf_database.h"
#include "broker/net/http_client.h"

#define IDLE_MS 60000     //  how long a connection is kept
#define HEAD_LINES 1      //  of our own
#define LOG_EACH_MS 60000 //  between two lines about a collector that fails

typedef enum {
    LANE_TRACES,
    LANE_METRICS,
    LANES
} lane_kind_t;

typedef struct {
    metrics_export_t *owner;
    lane_kind_t kind;
    br_blob_t *body;           //  on its way, or to be tried again; else NULL
    http_transfer_t *transfer; //  NULL while none runs
    unsigned tries;
    unsigned status; //  of the answer
    uint64_t calls;  //  whose spans are in it
    br_timer_t retry;
} lane_t;

struct _metrics_export_t {
    br_ctx_t *ctx;
    metrics_settings_t *settings;
    const metrics_series_t *series;
    uint64_t start_ms; //  unix time: since when figures are counted
    http_client_t *client;
    const char **headers; //  of a request; texts are those of the settings
    lane_t lanes[LANES];
    br_buf_t spans;
    uint64_t calls; //  whose spans wait
    uint64_t dropped;
    uint64_t sent;
    br_timer_t tick;
    uint64_t logged_us; //  when a failure was logged last; 0 = never
    metrics_export_fn *flushed;
    void *arg;
};

static const char *const s_paths[LANES] = {
    [LANE_TRACES] = "/v1/traces",
    [LANE_METRICS] = "/v1/metrics",
};

//  ---- a lane

static void s_send (lane_t *lane);
static void s_begin (metrics_export_t *self, lane_kind_t kind);

static bool
s_is_idle (const metrics_export_t *self)
{
    return !self->lanes[LANE_TRACES].body && !self->lanes[LANE_METRICS].body;
}

//  What waited while a flush was on its way goes too; then it is over.
static void
s_check_flushed (metrics_export_t *self)
{
    if (!self->flushed || !s_is_idle (self))
        return;
    if (self->spans.size) {
        s_begin (self, LANE_TRACES);
        return;
    }
    metrics_export_fn *fn = self->flushed;
    self->flushed = NULL;
    fn (self->arg);
}

static void
s_end (lane_t *lane, bool taken)
{
    metrics_export_t *self = lane->owner;
    self->sent += taken;
    self->dropped += taken ? 0 : lane->calls;
    br_blob_destroy (&lane->body);
    lane->calls = 0;
    s_check_flushed (self);
}

static void
s_log (metrics_export_t *self, const lane_t *lane, const char *why)
{
    uint64_t now_us = br_ctx_now_us (self->ctx);
    if (self->logged_us && now_us - self->logged_us < LOG_EACH_MS * 1000ull)
        return;
    self->logged_us = now_us;
    char *address = br_conf_database_masked (self->settings->endpoint);
    br_ctx_log (self->ctx, BR_LOG_WARN,
                "%s%s takes no telemetry: %s; it is tried again, and calls go on",
                address, s_paths[lane->kind], why);
    free (address);
}

static void
s_on_retry (void *arg)
{
    s_send (arg);
}

static bool
s_is_passing (const lane_t *lane, const http_result_t *result)
{
    static const unsigned passing[] = { 408, 429, 502, 503, 504 };
    if (result->end != HTTP_END_OK)
        return true;
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
        if (lane->status == passing[i])
            return true;
    return false;
}

static void
s_failed (lane_t *lane, const http_result_t *result)
{
    metrics_export_t *self = lane->owner;
    char *why = result->end == HTTP_END_OK ? br_strf ("HTTP %u", lane->status)
                                           : br_strf ("%s", result->text);
    s_log (self, lane, why);
    free (why);
    if (self->flushed || !s_is_passing (lane, result)
        || ++lane->tries == METRICS_TRIES_MAX) {
        s_end (lane, false);
        return;
    }
    uint64_t delay_ms = (uint64_t) METRICS_RETRY_FIRST_MS << (lane->tries - 1);
    br_timer_set (br_ctx_loop (self->ctx), &lane->retry,
                  delay_ms < METRICS_RETRY_MAX_MS ? delay_ms : METRICS_RETRY_MAX_MS,
                  s_on_retry, lane);
}

static void
s_on_head (void *arg, http_transfer_t *transfer, unsigned status)
{
    (void) transfer;
    lane_t *lane = arg;
    lane->status = status;
}

static void
s_on_data (void *arg, http_transfer_t *transfer, const uint8_t *bytes, size_t size)
{
    (void) arg;
    (void) transfer;
    (void) bytes;
    (void) size;
}

static void
s_on_done (void *arg, http_transfer_t *transfer, const http_result_t *result)
{
    (void) transfer;
    lane_t *lane = arg;
    lane->transfer = NULL;
    if (result->end == HTTP_END_OK && lane->status / 100 == 2)
        s_end (lane, true);
    else
        s_failed (lane, result);
}

static const http_client_handler_t s_handler = { s_on_head, s_on_data, s_on_done };

static void
s_send (lane_t *lane)
{
    metrics_export_t *self = lane->owner;
    char *url = br_strf ("%s%s", self->settings->endpoint, s_paths[lane->kind]);
    http_request_t request = { .method = "POST", .url = url, .headers = self->headers };
    request.pieces[0] = (http_piece_t) { .blob = lane->body,
                                         .size = br_blob_size (lane->body) };
    request.pieces_size = 1;
    request.total_ms = METRICS_SEND_MS;
    br_error_t error;
    lane->status = 0;
    lane->transfer = http_client_start (self->client, &request, &s_handler, lane, &error);
    free (url);
    if (lane->transfer)
        return;
    s_log (self, lane, error.text);
    s_end (lane, false);
}

//  ---- what is sent

static void
s_write (metrics_export_t *self, lane_t *lane, br_buf_t *out)
{
    if (lane->kind == LANE_METRICS) {
        metrics_otlp_metrics (self->series, self->start_ms, br_ctx_unix_ms (self->ctx),
                              out);
        return;
    }
    metrics_otlp_traces (&self->spans, out);
    lane->calls = self->calls;
    self->calls = 0;
    br_buf_clear (&self->spans);
}

static void
s_begin (metrics_export_t *self, lane_kind_t kind)
{
    lane_t *lane = &self->lanes[kind];
    br_buf_t out;
    size_t size;
    br_buf_init (&out, METRICS_REQUEST_BYTES);
    s_write (self, lane, &out);
    if (out.overflow) {
        br_buf_free (&out);
        s_end (lane, false);
        return;
    }
    uint8_t *bytes = br_buf_take (&out, &size);
    lane->body = br_blob_take (bytes, size);
    lane->tries = 0;
    s_send (lane);
}

static void
s_export (metrics_export_t *self)
{
    const metrics_settings_t *settings = self->settings;
    if (settings->traces && self->spans.size && !self->lanes[LANE_TRACES].body)
        s_begin (self, LANE_TRACES);
    if (settings->metrics && metrics_series_size (self->series)
        && !self->lanes[LANE_METRICS].body)
        s_begin (self, LANE_METRICS);
}

static void
s_on_tick (void *arg)
{
    metrics_export_t *self = arg;
    br_timer_set (br_ctx_loop (self->ctx), &self->tick, self->settings->interval_ms,
                  s_on_tick, self);
    s_export (self);
}

void
metrics_export_call (metrics_export_t *self, const br_msg_t *msg)
{
    if (!self->settings->traces)
        return;
    metrics_ids_t ids;
    ids.trace[0] = br_ctx_random (self->ctx) | 1;
    ids.trace[1] = br_ctx_random (self->ctx);
    ids.span = br_ctx_random (self->ctx) | 1;
    size_t before = self->spans.size;
    metrics_otlp_spans (msg, &ids, &self->spans);
    self->calls++;
    if (!self->spans.overflow)
        return;
    self->spans.overflow = false;
    self->spans.size = before;
    self->calls--;
    self->dropped++;
}

void
metrics_export_flush (metrics_export_t *self, metrics_export_fn *fn, void *arg)
{
    self->flushed = fn;
    self->arg = arg;
    for (unsigned i = 0; i < LANES; i++) {
        lane_t *lane = &self->lanes[i];
        if (!br_timer_is_set (&lane->retry))
            continue;
        br_timer_cancel (br_ctx_loop (self->ctx), &lane->retry);
        s_send (lane);
    }
    s_export (self);
    s_check_flushed (self);
}

//  ---- life

static void
s_set_headers (metrics_export_t *self)
{
    static const char *const own[HEAD_LINES] = { "Content-Type: application/json" };
    size_t count = 0;
    char **headers = self->settings->headers;
    while (headers && headers[count])
        count++;
    self->headers = br_alloc (count + HEAD_LINES + 1, sizeof *self->headers);
    memcpy (self->headers, own, sizeof own);
    if (count)
        memcpy (self->headers + HEAD_LINES, headers, count * sizeof *headers);
}

metrics_export_t *
metrics_export_new (br_ctx_t *ctx, metrics_settings_t *settings,
                    const metrics_series_t *series, uint64_t start_ms, br_error_t *reterr)
{
    http_client_conf_t conf = { .idle_max = LANES, .idle_ms = IDLE_MS };
    http_client_t *client = http_client_new (br_ctx_loop (ctx), &conf, reterr);
    if (!client)
        return NULL;
    metrics_export_t *self = BR_NEW (metrics_export_t);
    self->ctx = ctx;
    self->settings = settings;
    self->series = series;
    self->start_ms = start_ms;
    self->client = client;
    for (unsigned i = 0; i < LANES; i++)
        self->lanes[i] = (lane_t) { .owner = self, .kind = (lane_kind_t) i };
    br_buf_init (&self->spans, METRICS_SPANS_BYTES);
    s_set_headers (self);
    br_timer_set (br_ctx_loop (ctx), &self->tick, settings->interval_ms, s_on_tick, self);
    return self;
}

void
metrics_export_destroy (metrics_export_t **self_p)
{
    metrics_export_t *self = *self_p;
    if (!self)
        return;
    br_loop_t *loop = br_ctx_loop (self->ctx);
    br_timer_cancel (loop, &self->tick);
    http_client_destroy (&self->client);
    for (unsigned i = 0; i < LANES; i++) {
        br_timer_cancel (loop, &self->lanes[i].retry);
        br_blob_destroy (&self->lanes[i].body);
    }
    br_buf_free (&self->spans);
    metrics_settings_destroy (&self->settings);
    free (self->headers);
    free (self);
    *self_p = NULL;
}

uint64_t
metrics_export_dropped (const metrics_export_t *self)
{
    return self->dropped;
}

uint64_t
metrics_export_sent (const metrics_export_t *self)
{
    return self->sent;
}
