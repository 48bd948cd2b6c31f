//  metrics: what was metered is counted, shown, and sent on as telemetry.

#include <stdlib.h>
#include <string.h>

#include "actors/metrics/metrics.h"
#include "actors/metrics/metrics_export.h"
#include "actors/metrics/metrics_log.h"
#include "actors/metrics/metrics_requests.h"
#include "actors/metrics/metrics_table.h"
#include "actors/metrics/metrics_text.h"
#include "broker/core/alloc.h"

#define ANSWER_MAX (32u << 20) //  bytes
#define LOOK_MS 1000           //  between two looks for the owner of the breakers
#define US_PER_S 1e6

typedef struct _metrics_t {
    br_ctx_t *ctx;
    metrics_table_t *table;
    metrics_series_t *series;
    metrics_hosts_t hosts;
    metrics_breakers_t breakers;
    metrics_findings_t findings;
    br_addr_t breaker;            //  who was asked
    metrics_export_t *exports;    //  NULL when nothing is exported
    metrics_requests_t *requests; //  NULL when no log of requests is written
    metrics_settings_t *tried;
    metrics_requests_t *tried_requests;
    uint64_t started_us;
    uint64_t started_ms; //  unix
    br_addr_t meter;     //  who told the newest row
    uint64_t seq;        //  of that row
    br_timer_t look;
    br_timer_t drain;
} metrics_t;

//  ---- calls

static void
s_log_request (metrics_t *self, const struct br_call_metered *call)
{
    br_error_t error;
    if (self->requests
        && metrics_requests_add (self->requests, call, br_ctx_unix_ms (self->ctx),
                                 &error))
        br_ctx_log (self->ctx, BR_LOG_WARN, "%s", error.text);
}

//  A row whose settle was asked again comes again.
static void
s_on_metered (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    metrics_t *self = state;
    const struct br_call_metered *call = br_msg_fields (msg);
    if (br_addr_is (msg->from, self->meter) && call->seq <= self->seq)
        return;
    self->meter = msg->from;
    self->seq = call->seq;
    metrics_table_add (self->table, call, br_ctx_unix_ms (ctx) / 1000);
    metrics_series_add (self->series, call);
    metrics_log_call (ctx, call);
    s_log_request (self, call);
    if (self->exports)
        metrics_export_call (self->exports, msg);
}

//  ---- what else is watched

static void
s_on_found (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    metrics_t *self = state;
    metrics_findings_add (&self->findings, br_msg_fields (msg));
}

static void
s_on_pulse (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    metrics_t *self = state;
    metrics_hosts_set (&self->hosts, br_msg_fields (msg));
}

static void
s_on_breaker (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    metrics_t *self = state;
    metrics_breakers_set (&self->breakers, br_msg_fields (msg));
}

static void
s_on_told (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) state;
    (void) ctx;
    (void) msg;
}

//  The owner of the breakers may come, go, and come as another one.
static void
s_look (void *arg)
{
    metrics_t *self = arg;
    br_addr_t owner = br_ctx_find (self->ctx, "breaker");
    br_timer_set (br_ctx_loop (self->ctx), &self->look, LOOK_MS, s_look, self);
    if (!br_addr_is_set (owner) || br_addr_is (owner, self->breaker))
        return;
    metrics_breakers_reset (&self->breakers);
    if (br_ctx_send (self->ctx, owner, BR_BREAKER_ASK, (br_id_t) { 0, 0 }, 0, NULL, NULL)
        == 0)
        self->breaker = owner;
}

//  ---- who asks

static void
s_write_json (const metrics_t *self, br_buf_t *out)
{
    uint64_t up_us = br_ctx_now_us (self->ctx) - self->started_us;
    metrics_table_write (self->table, up_us / 1000000, out);
}

static void
s_write_text (const metrics_t *self, br_buf_t *out)
{
    metrics_figures_t figures = { .series = self->series,
                                  .hosts = &self->hosts,
                                  .breakers = &self->breakers,
                                  .findings = &self->findings };
    figures.uptime_s = (double) (br_ctx_now_us (self->ctx) - self->started_us) / US_PER_S;
    metrics_text_write (&figures, out);
}

static void
s_on_ask (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    const metrics_t *self = state;
    const struct br_metrics_ask *ask = br_msg_fields (msg);
    bool is_text = strcmp (ask->form, "prometheus") == 0;
    struct br_metrics_told told = { .ticket = ask->ticket };
    told.content_type = is_text ? METRICS_TEXT_TYPE : "application/json";
    br_buf_t out;
    size_t size;
    br_buf_init (&out, ANSWER_MAX);
    if (is_text)
        s_write_text (self, &out);
    else
        s_write_json (self, &out);
    uint8_t *bytes = br_buf_take (&out, &size);
    br_blob_t *body = br_blob_take (bytes, size);
    (void) br_ctx_reply (ctx, msg, BR_METRICS_TOLD, &told, body);
    br_blob_destroy (&body);
}

static char *
s_admin (void *state, const char *command, const char *args)
{
    (void) args;
    const metrics_t *self = state;
    if (strcmp (command, "metrics") != 0)
        return NULL;
    br_buf_t out;
    br_buf_init (&out, ANSWER_MAX);
    s_write_json (self, &out);
    char *text = br_strdup (br_buf_text (&out));
    br_buf_free (&out);
    return text;
}

//  ---- configuration

static int
s_conf_try (void *state, const char *slice, br_error_t *reterr)
{
    metrics_t *self = state;
    metrics_settings_t *tried = metrics_settings_new (slice, reterr);
    metrics_requests_t *requests = NULL;
    if (tried && tried->requests) {
        requests = metrics_requests_new (tried->requests, tried->requests_bytes,
                                         (unsigned) tried->requests_keep, reterr);
        if (!requests)
            metrics_settings_destroy (&tried);
    }
    if (!tried)
        return -1;
    metrics_requests_destroy (&self->tried_requests);
    metrics_settings_destroy (&self->tried);
    self->tried = tried;
    self->tried_requests = requests;
    return 0;
}

static int
s_conf_take (void *state, uint64_t generation, br_error_t *reterr)
{
    (void) generation;
    metrics_t *self = state;
    if (!self->tried)
        return br_error_set (reterr, BR_ECONFIG, "no slice was tried");
    metrics_export_t *exports = NULL;
    metrics_series_bound (self->series, self->tried->labels_max);
    if (self->tried->endpoint) {
        exports = metrics_export_new (self->ctx, self->tried, self->series,
                                      self->started_ms, reterr);
        if (!exports)
            return -1;
        self->tried = NULL;
    }
    metrics_export_destroy (&self->exports);
    self->exports = exports;
    metrics_requests_destroy (&self->requests);
    self->requests = self->tried_requests;
    self->tried_requests = NULL;
    return 0;
}

//  ---- life

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) reterr;
    metrics_t *self = BR_NEW (metrics_t);
    self->ctx = ctx;
    self->table = metrics_table_new ();
    self->series = metrics_series_new ();
    self->started_us = br_ctx_now_us (ctx);
    self->started_ms = br_ctx_unix_ms (ctx);
    br_timer_set (br_ctx_loop (ctx), &self->look, 0, s_look, self);
    return self;
}

static void
s_destroy (void **state_p)
{
    metrics_t *self = *state_p;
    br_loop_t *loop = br_ctx_loop (self->ctx);
    br_timer_cancel (loop, &self->look);
    br_timer_cancel (loop, &self->drain);
    metrics_export_destroy (&self->exports);
    metrics_requests_destroy (&self->requests);
    metrics_requests_destroy (&self->tried_requests);
    metrics_settings_destroy (&self->tried);
    metrics_series_destroy (&self->series);
    metrics_table_destroy (&self->table);
    metrics_hosts_free (&self->hosts);
    metrics_breakers_free (&self->breakers);
    metrics_findings_free (&self->findings);
    free (self);
    *state_p = NULL;
}

static void
s_on_flushed (void *arg)
{
    metrics_t *self = arg;
    br_timer_cancel (br_ctx_loop (self->ctx), &self->drain);
    br_ctx_stopped (self->ctx);
}

static void
s_on_drained (void *arg)
{
    metrics_t *self = arg;
    br_ctx_log (self->ctx, BR_LOG_WARN, "stopped before the telemetry was taken");
    metrics_export_destroy (&self->exports);
    br_ctx_stopped (self->ctx);
}

static void
s_stop (void *state, uint64_t drain_ms)
{
    metrics_t *self = state;
    if (!self->exports) {
        br_ctx_stopped (self->ctx);
        return;
    }
    br_timer_set (br_ctx_loop (self->ctx), &self->drain, drain_ms, s_on_drained, self);
    metrics_export_flush (self->exports, s_on_flushed, self);
}

static const br_handler_row_t s_handlers[] = {
    { BR_CALL_METERED, s_on_metered },
    { BR_METRICS_ASK, s_on_ask },
    { BR_BREAKER_STATE, s_on_breaker },
    { BR_BREAKER_TOLD, s_on_told },
    { BR_BUS_PULSE, s_on_pulse },
    { BR_GUARD_FOUND, s_on_found },
    { 0, NULL },
};

const br_actor_t br_metrics_actor = {
    .name = "metrics",
    .about = "counts calls, for those who watch",
    .role = BR_ROLE_METRICS,
    .handlers = s_handlers,
    .create = s_create,
    .destroy = s_destroy,
    .conf_try = s_conf_try,
    .conf_take = s_conf_take,
    .admin = s_admin,
    .stop = s_stop,
};
