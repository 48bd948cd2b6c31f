//  meter: prices each call and keeps it in the spend ledger.
//
//  A settle is priced when it comes, waits in the batch for the tick, and is answered
//  once the commit that holds its row has succeeded. While the disk refuses, everything
//  stays in the batch and is tried again; when the batch is full nothing is answered, and
//  whoever settles asks again. So the money's way has no gap: either the asker keeps the
//  call, or the batch and the asker do, or the disk does.
//
//  The commit blocks this actor's host for the time of a sync, which is why the meter has
//  a host of its own.

#include <stdlib.h>
#include <string.h>

#include "broker/core/alloc.h"
#include "broker/core/json.h"
#include "broker/core/json_value.h"
#include "actors/meter/meter.h"
#include "actors/meter/meter_batch.h"
#include "actors/meter/meter_tariff.h"

#define GRACE_MS 1000     //  for ingress to settle what a router left behind
#define RETRY_FIRST_MS 50 //  after a commit that failed; doubles
#define RETRY_MAX_MS 5000
#define RETRY_DOUBLINGS 7       //  lead past the maximum
#define URL_MAX (PATH_MAX + 64) //  bytes of the database's address

typedef struct _meter_t {
    br_ctx_t *ctx;
    meter_batch_t *batch;
    meter_ledger_t *ledger; //  NULL until a slice was taken
    meter_tariff_t *tariff;
    meter_ledger_t *tried_ledger; //  NULL when the slice keeps the database
    meter_tariff_t *tried_tariff;
    br_timer_t tick;
    br_timer_t grace; //  until intents of the next host that is gone are closed
    br_timer_t drain;
    unsigned failures; //  commits that failed in a row
    bool is_full;      //  the log knows that the batch is full
    bool is_stopping;
} meter_t;

static void *
s_create (br_ctx_t *ctx, br_error_t *reterr)
{
    (void) reterr;
    meter_t *self = BR_NEW (meter_t);
    self->ctx = ctx;
    self->batch = meter_batch_new ();
    return self;
}

static void
s_destroy (void **state_p)
{
    meter_t *self = *state_p;
    if (!self)
        return;
    br_loop_t *loop = br_ctx_loop (self->ctx);
    br_timer_cancel (loop, &self->drain);
    br_timer_cancel (loop, &self->grace);
    br_timer_cancel (loop, &self->tick);
    meter_tariff_destroy (&self->tried_tariff);
    meter_ledger_destroy (&self->tried_ledger);
    meter_tariff_destroy (&self->tariff);
    meter_ledger_destroy (&self->ledger);
    meter_batch_destroy (&self->batch);
    free (self);
    *state_p = NULL;
}

//  ---- a row is on disk

static void
s_raise_settled (br_ctx_t *ctx, const br_msg_t *msg, const meter_cost_t *cost)
{
    const struct br_call_settle *settle = br_msg_fields (msg);
    char call[BR_ID_TEXT];
    struct br_event_call_settled event = { .call = br_id_text (msg->call, call) };
    event.request_id = settle->request_id;
    event.route = settle->route;
    event.provider = settle->provider;
    event.model = settle->model;
    event.account_id = "";
    event.latency_ms = settle->latency_us / 1000;
    event.input_tokens = settle->input_tokens;
    event.output_tokens = settle->output_tokens;
    event.success = settle->outcome == BR_OUTCOME_OK;
    if (settle->code != BR_OK)
        event.error_type = br_code_label ((br_code_t) settle->code);
    if (cost->nusd != METER_UNKNOWN)
        event.cost_nusd = (uint64_t) cost->nusd;
    br_ctx_event (ctx, BR_EVENT_CALL_SETTLED, &event);
}

static void
s_on_row (void *arg, const meter_settle_t *row)
{
    br_ctx_t *ctx = arg;
    //  An answer that cannot be sent is asked for again, or its asker is gone.
    (void) br_ctx_reply (ctx, row->msg, BR_CALL_SETTLED, NULL, NULL);
    if (row->is_first && br_ctx_is_watched (ctx))
        s_raise_settled (ctx, row->msg, &row->cost);
}

//  ---- the tick

static void s_on_tick (void *arg);

static void
s_arm (meter_t *self, uint64_t delay_ms)
{
    if (!br_timer_is_set (&self->tick))
        br_timer_set (br_ctx_loop (self->ctx), &self->tick, delay_ms, s_on_tick, self);
}

static void
s_on_grace (void *arg)
{
    s_arm (arg, 0);
}

static void
s_arm_grace (meter_t *self)
{
    uint64_t due_us = meter_batch_next_due (self->batch);
    uint64_t now_us = br_ctx_now_us (self->ctx);
    if (due_us == UINT64_MAX)
        return;
    uint64_t delay_ms = due_us > now_us ? (due_us - now_us + 999) / 1000 : 0;
    br_timer_set (br_ctx_loop (self->ctx), &self->grace, delay_ms, s_on_grace, self);
}

static void
s_failed (meter_t *self, const br_error_t *error)
{
    if (self->failures == 0)
        br_ctx_log (self->ctx, BR_LOG_ERROR,
                    "%s: nothing is lost, calls are kept and tried again", error->text);
    unsigned doublings = self->failures < RETRY_DOUBLINGS ? self->failures
                                                          : RETRY_DOUBLINGS;
    uint64_t delay_ms = (uint64_t) RETRY_FIRST_MS << doublings;
    self->failures++;
    s_arm (self, delay_ms < RETRY_MAX_MS ? delay_ms : RETRY_MAX_MS);
}

static void
s_succeeded (meter_t *self, uint64_t lost)
{
    if (self->failures)
        br_ctx_log (self->ctx, BR_LOG_INFO,
                    "the ledger is written again after %u failures", self->failures);
    if (lost)
        br_ctx_log (self->ctx, BR_LOG_WARN,
                    "%llu open calls of a host that is gone: lost",
                    (unsigned long long) lost);
    self->failures = 0;
    self->is_full = false;
    s_arm_grace (self);
    if (meter_batch_has_work (self->batch, br_ctx_now_us (self->ctx)))
        s_arm (self, 0);
    else if (self->is_stopping)
        br_ctx_stopped (self->ctx);
}

static void
s_on_tick (void *arg)
{
    meter_t *self = arg;
    uint64_t lost = 0;
    br_error_t error;
    int rc = meter_batch_commit (self->batch, self->ledger, br_ctx_now_us (self->ctx),
                                 br_ctx_unix_ms (self->ctx), s_on_row, self->ctx, &lost,
                                 &error);
    if (rc)
        s_failed (self, &error);
    else
        s_succeeded (self, lost);
}

//  ---- messages

static void
s_refused (meter_t *self, const br_error_t *error)
{
    if (self->is_full)
        return;
    self->is_full = true;
    br_ctx_log (self->ctx, BR_LOG_ERROR, "%s: no more are taken, they are asked again",
                error->text);
}

static meter_cost_t
s_cost (const meter_t *self, const struct br_call_settle *settle)
{
    br_usage_t usage = { .known = settle->usage_known != 0 };
    usage.input = settle->input_tokens;
    usage.cache_read = settle->cache_read_tokens;
    usage.cache_write = settle->cache_write_tokens;
    usage.output = settle->output_tokens;
    usage.reasoning = settle->reasoning_tokens;
    const meter_price_t *price = meter_tariff_find (self->tariff, settle->provider,
                                                    settle->model, settle->route);
    return meter_price_call (price, &usage, (br_outcome_t) settle->outcome,
                             settle->attempts);
}

//  Without a database nothing is kept and nothing answered: it is asked again.
static void
s_on_settle (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    meter_t *self = state;
    if (!self->ledger)
        return;
    br_error_t error;
    meter_cost_t cost = s_cost (self, br_msg_fields (msg));
    if (meter_batch_add_settle (self->batch, msg, &cost, br_ctx_unix_ms (ctx), &error))
        s_refused (self, &error);
    s_arm (self, METER_TICK_MS);
}

static void
s_on_intent (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    (void) ctx;
    meter_t *self = state;
    if (!self->ledger)
        return;
    br_error_t error;
    if (meter_batch_add_intent (self->batch, msg, &error))
        s_refused (self, &error);
    s_arm (self, METER_TICK_MS);
}

static void
s_on_gone (void *state, br_ctx_t *ctx, const br_msg_t *msg)
{
    meter_t *self = state;
    const struct br_sys_gone *gone = br_msg_fields (msg);
    if (!self->ledger)
        return;
    br_error_t error;
    uint64_t due_us = br_ctx_now_us (ctx) + GRACE_MS * 1000;
    if (meter_batch_add_gone (self->batch, (uint32_t) gone->host, (uint32_t) gone->life,
                              due_us, &error))
        br_ctx_log (ctx, BR_LOG_WARN, "%s: open calls of host %llu stay open", error.text,
                    (unsigned long long) gone->host);
    s_arm_grace (self);
}

//  ---- configuration

typedef enum {
    SLICE_DATABASE,
    SLICE_PRICES,
    SLICE_ROUTES,
    SLICE_ROWS
} slice_row_t;

static meter_tariff_t *
s_read_tariff (const char *slice, const json_row_t *rows, br_error_t *reterr)
{
    meter_tariff_t *tariff = meter_tariff_new ();
    const json_row_t *prices = &rows[SLICE_PRICES];
    const json_row_t *routes = &rows[SLICE_ROUTES];
    int rc = 0;
    if (prices->type != JSON_NONE)
        rc = meter_tariff_read (tariff, slice + prices->offset, prices->size, reterr);
    if (rc == 0 && routes->type != JSON_NONE)
        rc = meter_tariff_read_routes (tariff, slice + routes->offset, routes->size,
                                       reterr);
    if (rc)
        meter_tariff_destroy (&tariff);
    return tariff;
}

static int
s_read_database (const char *slice, const json_row_t *row, meter_database_t *ret_database,
                 br_error_t *reterr)
{
    char url[URL_MAX];
    if (row->type != JSON_STRING
        || json_text (slice + row->offset, row->size, url, URL_MAX))
        return br_error_set (reterr, BR_ECONFIG,
                             "database: give an address, sqlite://PATH?mode=rwc");
    return meter_database_parse (url, ret_database, reterr);
}

//  The database of a slice is opened here already: one that cannot be is refused.
static int
s_conf_try (void *state, const char *slice, br_error_t *reterr)
{
    meter_t *self = state;
    meter_tariff_destroy (&self->tried_tariff);
    meter_ledger_destroy (&self->tried_ledger);
    json_row_t rows[SLICE_ROWS] = { [SLICE_DATABASE] = { .key = "database" },
                                    [SLICE_PRICES] = { .key = "prices" },
                                    [SLICE_ROUTES] = { .key = "routes" } };
    if (json_members (slice, strlen (slice), rows, SLICE_ROWS, NULL))
        return br_error_set (reterr, BR_ECONFIG, "the meter's slice is no JSON object");
    meter_database_t database;
    if (s_read_database (slice, &rows[SLICE_DATABASE], &database, reterr))
        return -1;
    self->tried_tariff = s_read_tariff (slice, rows, reterr);
    if (!self->tried_tariff)
        return -1;
    if (self->ledger && strcmp (meter_ledger_path (self->ledger), database.path) == 0)
        return 0;
    self->tried_ledger = meter_ledger_new (&database, reterr);
    return self->tried_ledger ? 0 : -1;
}

//  Intents that a database still has open are of an earlier life.
static int
s_close_earlier (meter_t *self, meter_ledger_t *ledger, br_error_t *reterr)
{
    uint64_t lost = 0;
    int rc = meter_ledger_begin (ledger, reterr);
    if (rc == 0)
        rc = meter_ledger_lose_all (ledger, br_ctx_unix_ms (self->ctx), &lost, reterr);
    if (rc == 0)
        rc = meter_ledger_commit (ledger, reterr);
    if (rc)
        meter_ledger_rollback (ledger);
    else if (lost)
        br_ctx_log (self->ctx, BR_LOG_WARN, "%llu open calls of an earlier life: lost",
                    (unsigned long long) lost);
    return rc;
}

static int
s_conf_take (void *state, uint64_t generation, br_error_t *reterr)
{
    (void) generation;
    meter_t *self = state;
    if (!self->tried_tariff)
        return br_error_set (reterr, BR_ECONFIG, "no slice was tried");
    if (self->tried_ledger) {
        if (s_close_earlier (self, self->tried_ledger, reterr))
            return -1;
        //  What waits goes to the new database.
        meter_ledger_destroy (&self->ledger);
        self->ledger = self->tried_ledger;
        self->tried_ledger = NULL;
    }
    meter_tariff_destroy (&self->tariff);
    self->tariff = self->tried_tariff;
    self->tried_tariff = NULL;
    return 0;
}

//  ---- the rest

static char *
s_admin (void *state, const char *command, const char *args)
{
    (void) args;
    meter_t *self = state;
    if (strcmp (command, "ledger") != 0 || !self->ledger)
        return NULL;
    meter_sums_t sums;
    br_error_t error;
    if (meter_ledger_sums (self->ledger, &sums, &error)) {
        br_ctx_log (self->ctx, BR_LOG_WARN, "%s", error.text);
        return NULL;
    }
    sums.open_intents += meter_batch_intents (self->batch);
    return br_strf (
        "{\"rows\":%llu,\"open_intents\":%llu,\"cost_nusd\":%llu,"
        "\"input_tokens\":%llu,\"output_tokens\":%llu}",
        (unsigned long long) sums.rows, (unsigned long long) sums.open_intents,
        (unsigned long long) sums.cost_nusd, (unsigned long long) sums.input_tokens,
        (unsigned long long) sums.output_tokens);
}

static void
s_on_drained (void *arg)
{
    meter_t *self = arg;
    br_ctx_log (self->ctx, BR_LOG_ERROR, "stopped with %zu settles that are not on disk",
                meter_batch_settles (self->batch));
    br_ctx_stopped (self->ctx);
}

//  What waits is flushed. A disk that refuses is tried again while there is time.
static void
s_stop (void *state, uint64_t drain_ms)
{
    meter_t *self = state;
    self->is_stopping = true;
    if (!meter_batch_has_work (self->batch, br_ctx_now_us (self->ctx))) {
        br_ctx_stopped (self->ctx);
        return;
    }
    br_loop_t *loop = br_ctx_loop (self->ctx);
    br_timer_set (loop, &self->tick, 0, s_on_tick, self);
    br_timer_set (loop, &self->drain, drain_ms, s_on_drained, self);
}

static const br_handler_row_t s_handlers[] = {
    { BR_CALL_INTENT, s_on_intent },
    { BR_CALL_SETTLE, s_on_settle },
    { BR_SYS_GONE, s_on_gone },
    { 0, NULL },
};

const br_actor_t br_meter_actor = {
    .name = "meter",
    .about = "prices each call and keeps it in the spend ledger",
    .role = BR_ROLE_METER,
    .handlers = s_handlers,
    .create = s_create,
    .destroy = s_destroy,
    .conf_try = s_conf_try,
    .conf_take = s_conf_take,
    .admin = s_admin,
    .stop = s_stop,
};
